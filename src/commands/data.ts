/** @file `rgft data <folder>`: shows what a run would learn from, before it does. Pure report, then its text. */
import { countTargets, packExamples, paddingShare } from '../data/batches.ts';
import {
  countTokens,
  type Example,
  type ExampleOptions,
  makeEvaluationExamples,
  makeExamples,
  requireEnoughCode,
} from '../data/examples.ts';
import { type RejectionReason, rejectionSentence } from '../data/rejection.ts';
import {
  countReasons,
  type Repository,
  type RepositoryOptions,
  requireFiles,
  type SecretReport,
  scanRepository,
} from '../data/repository.ts';
import { splitFiles } from '../data/split.ts';
import { FineTuneError } from '../errors.ts';
import type { Tokenizer } from '../models/tokenizer.ts';

export interface DataCommandOptions {
  readonly folders: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly repository?: RepositoryOptions;
  /** @default 0.1 */
  readonly heldOutShare?: number;
  readonly heldOutFrom?: number;
  /** @default 512 tokens, half of the pieces fill-in-the-middle, seed 0 */
  readonly examples?: Partial<ExampleOptions>;
  /** List every rejected file and not only the first three of each reason. @default false */
  readonly verbose?: boolean;
  /** Examples to print. @default 2 */
  readonly shownExamples?: number;
}

/** Plain data, fit for JSON. */
export interface DataReport {
  readonly folders: Repository['folders'];
  readonly totals: {
    readonly files: number;
    readonly bytes: number;
    readonly lines: number;
    readonly tokens: number;
    readonly rejected: number;
  };
  /** Most tokens first. */
  readonly languages: readonly {
    readonly language: string;
    readonly files: number;
    readonly lines: number;
    readonly bytes: number;
    readonly tokens: number;
  }[];
  /** Most frequent first, every file listed. */
  readonly rejected: readonly {
    readonly reason: RejectionReason;
    readonly count: number;
    readonly files: readonly { readonly path: string; readonly sentence: string }[];
  }[];
  readonly secrets: readonly SecretReport[];
  readonly duplicates: Repository['duplicates'];
  readonly split: {
    readonly train: { readonly files: number; readonly examples: number; readonly tokens: number };
    readonly heldOut: {
      readonly files: number;
      readonly examples: number;
      readonly tokens: number;
      readonly paths: readonly string[];
    };
  };
  readonly packing: {
    readonly maxSeqLength: number;
    readonly rows: number;
    /** Share of the positions that are padding, in [0, 1]. */
    readonly paddingShare: number;
    readonly targets: number;
    readonly fimExamples: number;
  };
  readonly shown: readonly {
    readonly path: string;
    readonly firstLine: number;
    readonly kind: Example['kind'];
    readonly tokens: number;
    /** Special tokens are visible, e.g. `⟨prefix⟩`. */
    readonly text: string;
  }[];
  readonly notes: readonly string[];
  /** Why a run with this data would be refused; absent when it would start. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/**
 * Reads the folders as a run would and reports. A folder with nothing (or too little) to learn from is reported with a
 * `problem`, for its reasons are what the user came for.
 *
 * @throws FOLDER_NOT_FOUND, NO_PERMISSION, PATTERN_INVALID, USAGE, INTERRUPTED
 */
export async function runDataCommand(options: DataCommandOptions): Promise<{ report: DataReport; text: string }> {
  const repository = await scanRepository(options.folders, options.repository);
  const report = makeDataReport(repository, options);
  return { report, text: renderDataReport(report, { verbose: options.verbose ?? false }) };
}

/** The report on a repository that was read. */
export function makeDataReport(repository: Repository, options: Omit<DataCommandOptions, 'folders'>): DataReport {
  const { tokenizer, shownExamples = 2 } = options;
  const maxSeqLength = options.examples?.maxSeqLength ?? 512;
  const seed = options.examples?.seed ?? 0;
  const split = splitFiles(repository.files, options);
  const train = makeExamples(split.train, tokenizer, { ...options.examples, maxSeqLength });
  const heldOut = makeEvaluationExamples(split.heldOut, tokenizer, { maxSeqLength });
  const rows = packExamples(train, maxSeqLength, seed);
  return {
    folders: repository.folders,
    totals: { ...repository.totals, tokens: countTokens(train) + countTokens(heldOut) },
    languages: languageTable(repository, [...train, ...heldOut]),
    rejected: countReasons(repository.rejected).map(({ reason, count }) => ({
      reason,
      count,
      files: repository.rejected
        .filter((rejection) => rejection.reason === reason)
        .map((rejection) => ({ path: rejection.path, sentence: rejectionSentence(rejection) })),
    })),
    secrets: repository.secrets,
    duplicates: repository.duplicates,
    split: {
      train: { files: split.train.length, examples: train.length, tokens: countTokens(train) },
      heldOut: {
        files: split.heldOut.length,
        examples: heldOut.length,
        tokens: countTokens(heldOut),
        paths: split.heldOut.map((file) => file.path),
      },
    },
    packing: {
      maxSeqLength,
      rows: rows.length,
      paddingShare: paddingShare(rows),
      targets: countTargets(rows),
      fimExamples: train.filter((example) => example.kind === 'fim').length,
    },
    shown: pickExamples(train, shownExamples).map((example) => ({
      path: example.path,
      firstLine: example.firstLine,
      kind: example.kind,
      tokens: example.tokens.length,
      text: visibleText(example.tokens, tokenizer),
    })),
    notes: repository.notes,
    ...problemOf(repository, train),
  };
}

function problemOf(repository: Repository, train: readonly Example[]): Pick<DataReport, 'problem'> {
  try {
    requireFiles(repository);
    requireEnoughCode(train);
    return {};
  } catch (error) {
    if (!(error instanceof FineTuneError)) throw error;
    return { problem: { code: error.code, message: error.message } };
  }
}

function languageTable(repository: Repository, examples: readonly Example[]): DataReport['languages'] {
  const tokensOf = new Map<string, number>();
  for (const { path, tokens } of examples) tokensOf.set(path, (tokensOf.get(path) ?? 0) + tokens.length);
  const rows = new Map<string, { language: string; files: number; lines: number; bytes: number; tokens: number }>();
  for (const { path, language, lines, bytes } of repository.files) {
    const row = rows.get(language) ?? { language, files: 0, lines: 0, bytes: 0, tokens: 0 };
    row.files++;
    row.lines += lines;
    row.bytes += bytes;
    row.tokens += tokensOf.get(path) ?? 0;
    rows.set(language, row);
  }
  return [...rows.values()].sort((a, b) => b.tokens - a.tokens || (a.language < b.language ? -1 : 1));
}

/** One of each kind if there are both, spread over the files. */
function pickExamples(examples: readonly Example[], count: number): Example[] {
  const fim = examples.filter((example) => example.kind === 'fim');
  const causal = examples.filter((example) => example.kind === 'causal');
  const picked: Example[] = [];
  for (let i = 0; picked.length < Math.min(count, examples.length); i++) {
    const [list, other] = i % 2 === 0 ? [causal, fim] : [fim, causal];
    const place = Math.floor(i / 2);
    const step = Math.max(1, Math.floor(list.length / count));
    const example = list[place * step] ?? other.find((candidate) => !picked.includes(candidate));
    if (example && !picked.includes(example)) picked.push(example);
    if (i > 2 * count + 2) break;
  }
  return picked;
}

/** Text of the ids with the special tokens by name. */
export function visibleText(tokens: Int32Array, tokenizer: Tokenizer): string {
  const { bos, eos, fim, all } = tokenizer.special;
  const names = new Map<number | undefined, string>(all.map((id) => [id, `⟨${id}⟩`]));
  for (const [id, name] of [
    [bos, 'begin'],
    [eos, 'end'],
    [fim?.prefix, 'prefix'],
    [fim?.suffix, 'suffix'],
    [fim?.middle, 'middle'],
  ] as const) {
    if (id !== undefined) names.set(id, `⟨${name}⟩`);
  }
  const parts: string[] = [];
  let start = 0;
  for (let t = 0; t <= tokens.length; t++) {
    const name = t < tokens.length ? names.get(tokens[t]) : '';
    if (name === undefined) continue;
    if (t > start) parts.push(tokenizer.decode(tokens.subarray(start, t)));
    parts.push(name);
    start = t + 1;
  }
  return parts.join('');
}

/** The report for a terminal. File names and code cannot send control sequences to it. */
export function renderDataReport(report: DataReport, options: { readonly verbose: boolean }): string {
  const out: string[] = [];
  const { totals, split, packing } = report;
  for (const folder of report.folders) out.push(`${printable(folder.path)} (${folder.source})`);
  out.push(
    `${amount(totals.files)} files, ${amount(totals.lines)} lines, ${size(totals.bytes)}, ${amount(totals.tokens)} tokens`,
  );
  if (report.languages.length > 0) {
    out.push('', 'Languages', row(['language', 'files', 'lines', 'tokens']));
    for (const { language, files, lines, tokens } of report.languages) {
      out.push(row([language, amount(files), amount(lines), amount(tokens)]));
    }
  }
  out.push('', 'Split by file');
  out.push(row(['', 'files', 'examples', 'tokens']));
  for (const side of ['train', 'heldOut'] as const) {
    const { files, examples, tokens } = split[side];
    out.push(row([side === 'train' ? 'training' : 'held out', amount(files), amount(examples), amount(tokens)]));
  }
  for (const path of limited(split.heldOut.paths, options.verbose)) out.push(`    held out: ${path}`);
  out.push(
    '',
    `Packed: ${amount(packing.rows)} rows of ${amount(packing.maxSeqLength)} tokens, ` +
      `${(100 * packing.paddingShare).toFixed(1)} % padding, ${amount(packing.fimExamples)} of ` +
      `${amount(split.train.examples)} examples fill in the middle`,
  );
  out.push('', `Left out: ${amount(totals.rejected)}`);
  for (const { reason, count, files } of report.rejected) {
    out.push(`  ${reason}: ${amount(count)}`);
    const lines = files.map(({ path, sentence }) => `${printable(path)}: ${printable(sentence)}`);
    for (const line of limited(lines, options.verbose)) out.push(`    ${line}`);
  }
  out.push('', `Secrets: ${report.secrets.length === 0 ? 'none found' : amount(report.secrets.length)}`);
  for (const { path, line, kind, action } of report.secrets) {
    const done = action === 'lineLeftOut' ? 'the line is left out' : 'the file is left out';
    out.push(`  ${printable(path)}:${line}: ${kind}, ${done}`);
  }
  for (const { path, firstLine, kind, tokens, text } of report.shown) {
    out.push('', `Example: ${printable(path)}:${firstLine}, ${kind}, ${amount(tokens)} tokens`);
    for (const line of text.split(/\r?\n/).slice(0, options.verbose ? undefined : 20))
      out.push(`  | ${printable(line)}`);
  }
  if (report.notes.length > 0) out.push('', ...report.notes.map((note) => `Note: ${printable(note)}`));
  if (report.problem) out.push('', `${report.problem.code}: ${printable(report.problem.message)}`);
  return `${out.join('\n')}\n`;
}

const FIRST_FEW = 3;

function limited(lines: readonly string[], all: boolean): string[] {
  if (all || lines.length <= FIRST_FEW) return lines.map(printable);
  return [...lines.slice(0, FIRST_FEW).map(printable), `… ${amount(lines.length - FIRST_FEW)} more (--verbose)`];
}

/** Control, direction and line-separator characters as escapes; the rest as it is. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\t' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

function row(cells: readonly string[]): string {
  return `  ${cells[0].padEnd(16)}${cells
    .slice(1)
    .map((cell) => cell.padStart(14))
    .join('')}`;
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
