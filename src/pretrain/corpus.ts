/**
 * @file The training text of the base model: permissively licensed packages, fetched by their managers' ordinary
 * clients, cleaned into documents, with whole packages held out for the bits-per-byte figures.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { checkText, decodeSource } from '../data/rejection.ts';
import { findSecrets } from '../data/secrets.ts';
import { FineTuneError } from '../errors.ts';
import sources from './sources.json' with { type: 'json' };

export type CorpusLanguage = 'python' | 'typescript' | 'javascript';

/** One package of `sources.json`. Held-out packages are never trained on. */
export interface CorpusSource {
  readonly manager: 'apt' | 'npm';
  readonly name: string;
  readonly version: string;
  /** SPDX expression of the package's own code (`PSF-based` is Matplotlib's). */
  readonly license: string;
  readonly role: 'train' | 'heldout';
  readonly language: 'python' | 'typescript';
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
  /** Keep only paths that start with one of these (npm packages ship the same code several times). */
  readonly include?: readonly string[];
  /** Drop paths that contain one of these. */
  readonly exclude?: readonly string[];
  /** Cleaned bytes taken from this package at most. @default 900000 */
  readonly maxBytes?: number;
  /** Keep test files. @default false */
  readonly keepTests?: boolean;
}

export interface CorpusDocument {
  /** Package name, or the name of the generator. */
  readonly source: string;
  readonly path: string;
  readonly language: CorpusLanguage;
  readonly text: string;
}

/** Why a file was left out; the counts are part of the report. */
export type Rejection =
  | 'size'
  | 'encoding'
  | 'generated'
  | 'long-lines'
  | 'data-table'
  | 'non-english'
  | 'secret'
  | 'duplicate'
  | 'near-duplicate'
  | 'package-cap';

const PERMISSIVE = new Set([
  'MIT',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'ISC',
  'PSF-2.0',
  'PSF-based',
  'Unlicense',
  '0BSD',
  'MIT OR Apache-2.0',
  'Apache-2.0 OR BSD-3-Clause',
]);

const DEFAULT_PACKAGE_BYTES = 900_000;
const MIN_FILE_BYTES = 250;
const MAX_FILE_BYTES = 200_000;

/** The committed list of packages. Throws `LICENSE_REFUSED` when one of them is not permissive. */
export function corpusSources(): readonly CorpusSource[] {
  const list = sources as readonly CorpusSource[];
  for (const source of list) {
    if (PERMISSIVE.has(source.license)) continue;
    throw new FineTuneError(
      'LICENSE_REFUSED',
      `${source.name} is under ${source.license}; training text must be permissive. Remove it from sources.json.`,
      { name: source.name, license: source.license },
    );
  }
  return list;
}

/** Fetches the archive of `source` into `cache` unless it is there, checks its hash and returns the unpacked folder. */
export function fetchSource(source: CorpusSource, cache: string): string {
  const folder = join(
    cache,
    'unpacked',
    source.manager,
    `${source.name.replace('/', '-')}-${fileSafe(source.version)}`,
  );
  if (existsSync(folder)) return folder;
  const archives = join(cache, source.manager);
  mkdirSync(archives, { recursive: true });
  const archive = findArchive(source, archives) ?? downloadArchive(source, archives);
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (found !== source.sha256) {
    throw new FineTuneError(
      'SOURCE_UNAVAILABLE',
      `${source.name} ${source.version} has hash ${found}, sources.json says ${source.sha256}. Delete ${archive} and try again, or update sources.json.`,
      { name: source.name, found, expected: source.sha256 },
    );
  }
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  if (source.manager === 'apt') execFileSync('dpkg-deb', ['-x', archive, partial]);
  else execFileSync('tar', ['xzf', archive, '-C', partial, '--strip-components=1']);
  renameSync(partial, folder);
  return folder;
}

function fileSafe(text: string): string {
  return text.replace(/[^\w.+~-]/g, '_');
}

function findArchive(source: CorpusSource, archives: string): string | undefined {
  // apt writes the epoch's colon as %3a.
  const version = source.version.replace(':', '%3a');
  const name =
    source.manager === 'apt'
      ? readdirSync(archives).find((file) => file.startsWith(`${source.name}_${version}_`) && file.endsWith('.deb'))
      : readdirSync(archives).find(
          (file) => file === `${source.name.replace('@', '').replace('/', '-')}-${source.version}.tgz`,
        );
  return name && join(archives, name);
}

function downloadArchive(source: CorpusSource, archives: string): string {
  const [command, args] =
    source.manager === 'apt'
      ? ['apt-get', ['download', `${source.name}=${source.version}`]]
      : ['npm', ['pack', `${source.name}@${source.version}`, '--silent']];
  try {
    execFileSync(command as string, args as string[], { cwd: archives, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    throw new FineTuneError(
      'SOURCE_UNAVAILABLE',
      `${command} could not fetch ${source.name} ${source.version}. Check the network, or choose another version in sources.json.`,
      { name: source.name, version: source.version },
      { cause },
    );
  }
  const archive = findArchive(source, archives);
  if (!archive) {
    throw new FineTuneError('SOURCE_UNAVAILABLE', `${command} left no archive of ${source.name} ${source.version}.`, {
      name: source.name,
    });
  }
  return archive;
}

/** Source files of an unpacked package, relative paths with `/`, sorted. */
export function listSourceFiles(source: CorpusSource, folder: string): string[] {
  const extensions = source.language === 'python' ? /\.pyi?$/ : /\.(ts|mts|cts|tsx|js|mjs)$/;
  const files: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory)) {
      const path = join(directory, entry);
      const status = lstatSync(path);
      if (status.isDirectory()) {
        if (!SKIPPED_FOLDERS.test(entry)) walk(path);
      } else if (status.isFile() && extensions.test(entry) && !/\.d\.[mc]?ts$|\.min\.js$|\.pyi$/.test(entry)) {
        files.push(relative(folder, path).replaceAll('\\', '/'));
      }
    }
  };
  walk(folder);
  const kept = files
    .filter((file) => !source.include || source.include.some((start) => file.startsWith(start)))
    .filter((file) => !source.exclude?.some((part) => `/${file}`.includes(part)))
    .filter((file) => source.keepTests || !TEST_PATH.test(`/${file}`))
    .sort();
  // A package with both ships its JavaScript as a build of its TypeScript.
  const typeScript = kept.filter((file) => /\.[mc]?tsx?$/.test(file));
  return typeScript.length * 4 > kept.length ? typeScript : kept;
}

const SKIPPED_FOLDERS = /^(_?vendor|_vendored?|vendored|extern|externals|node_modules|__pycache__|locale|encodings)$/;
const TEST_PATH =
  /\/(tests?|testing|__tests__|spec|fixtures|benchmarks?)\/|\/(test_|conftest)[^/]*$|[._](test|spec)\.[^/]*$/;

export function languageOfPath(path: string): CorpusLanguage {
  if (path.endsWith('.py')) return 'python';
  return /\.[mc]?tsx?$/.test(path) ? 'typescript' : 'javascript';
}

/**
 * Cleans one file: `\n` line ends, no trailing spaces, no licence header (unless `keepHeader`), no tool directives at
 * the top. Returns the reason instead when the file is not worth learning.
 */
export function cleanFile(
  bytes: Uint8Array,
  language: CorpusLanguage,
  keepHeader = false,
): { readonly text: string } | { readonly rejected: Rejection } {
  if (bytes.length < MIN_FILE_BYTES || bytes.length > MAX_FILE_BYTES) return { rejected: 'size' };
  const decoded = decodeSource(bytes);
  if (!('text' in decoded)) return { rejected: 'encoding' };
  let { text } = decoded;
  if (checkText(text)) return { rejected: 'generated' };
  text = text
    .replaceAll('\r\n', '\n')
    .replaceAll('\f', '')
    .replace(/[ \t]+$/gm, '');
  if (/generated (by|from|file|automatically)|auto-?generated|do not (edit|modify)/i.test(text.slice(0, 1500))) {
    return { rejected: 'generated' };
  }
  if (!keepHeader) text = stripHeader(text, language);
  text = text
    .replace(/\n{4,}/g, '\n\n\n')
    .replace(/^\/\/# sourceMappingURL=.*\n?/gm, '')
    .trim();
  if (text.length < MIN_FILE_BYTES) return { rejected: 'size' };
  const reason = qualityRejection(text) ?? (findSecrets(text, language).length > 0 ? 'secret' : undefined);
  return reason ? { rejected: reason } : { text: text + '\n' };
}

/** Removes the shebang, the coding line and leading comments that speak of copyright. Doc comments stay. */
export function stripHeader(text: string, language: CorpusLanguage): string {
  let rest = text.replace(/^\uFEFF/, '').replace(/^#!.*\n/, '');
  const legal = /copyright|licen[sc]ed?\b|spdx|all rights reserved|\(c\) (19|20)\d\d/i;
  if (language === 'python') {
    rest = rest.replace(/^(\s*#.*coding[:=].*\n|\s*# -\*-.*\n|\s*# vim?:.*\n)+/i, '');
    const comment = /^(?:[ \t]*(?:#.*)?\n)+/.exec(rest)?.[0];
    if (comment && legal.test(comment)) rest = rest.slice(comment.length);
    const docstring = /^\s*[rR]?("""|''')[\s\S]*?\1\s*\n/.exec(rest)?.[0];
    if (docstring && legal.test(docstring)) {
      rest = rest.slice(docstring.length);
    }
    return rest.trimStart();
  }
  for (;;) {
    const comment = /^\s*(?:\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(rest)?.[0];
    if (comment && legal.test(comment)) rest = rest.slice(comment.length);
    else return rest.trimStart();
  }
}

function qualityRejection(text: string): Rejection | undefined {
  const lines = text.split('\n');
  let longLines = 0;
  let tableLines = 0;
  let fullLines = 0;
  for (const line of lines) {
    if (line.length > 400) return 'long-lines';
    if (line.length > 140) longLines++;
    const content = line.trim();
    if (content.length < 2) continue;
    fullLines++;
    if (/^[[({]?\s*['"\-+\d([{].*[,\])}]+;?$/.test(content)) tableLines++;
  }
  if (longLines > 3 + lines.length / 50) return 'long-lines';
  if (tableLines > fullLines * 0.4) return 'data-table';
  let digits = 0;
  let letters = 0;
  let foreign = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 126) foreign++;
    else if (unit >= 48 && unit <= 57) digits++;
    else if ((unit | 32) >= 97 && (unit | 32) <= 122) letters++;
  }
  if (foreign > text.length * 0.01) return 'non-english';
  if (digits > text.length * 0.09 || letters < text.length * 0.35) return 'data-table';
  if (/[A-Za-z0-9+/=]{140,}/.test(text) || /(\\x[0-9a-f]{2}){20,}|(0x[0-9a-f]+,\s*){24,}/i.test(text))
    return 'data-table';
  return undefined;
}

/** Lines already seen, to drop files that are mostly copies of earlier ones. */
export interface DuplicateIndex {
  readonly files: Set<string>;
  readonly lines: Set<string>;
}

export function newDuplicateIndex(): DuplicateIndex {
  return { files: new Set(), lines: new Set() };
}

/** Adds `text` to the index, or says why it is a copy: equal up to spaces, or 60 % of its longer lines seen before. */
export function rejectDuplicate(text: string, index: DuplicateIndex): Rejection | undefined {
  const key = createHash('sha1').update(text.replace(/\s+/g, ' ')).digest('base64');
  if (index.files.has(key)) return 'duplicate';
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= 20 && !/^(import|from|export \*)\b/.test(line));
  const seen = lines.reduce((count, line) => count + (index.lines.has(line) ? 1 : 0), 0);
  if (lines.length >= 5 && seen > lines.length * 0.6) return 'near-duplicate';
  index.files.add(key);
  for (const line of lines) index.lines.add(line);
  return undefined;
}

/** What one package gave; sizes in bytes of cleaned UTF-8. */
export interface SourceReport {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly role: 'train' | 'heldout';
  readonly files: number;
  readonly bytes: number;
  readonly bytesByLanguage: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
}

/** Deterministic number in [0, 1) of a text. */
export function hashFraction(text: string): number {
  return createHash('sha1').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * Cleaned documents of one package. Training files are drawn in a seeded order up to the package's cap; held-out files
 * keep their exact bytes and are filtered by the same rules, so that the figures speak of code, not of tables.
 */
export function collectSource(
  source: CorpusSource,
  folder: string,
  duplicates: DuplicateIndex,
  seed: number,
): { documents: CorpusDocument[]; report: SourceReport } {
  const rejected: Record<string, number> = {};
  const bytesByLanguage: Record<string, number> = {};
  const documents: CorpusDocument[] = [];
  const cap = source.maxBytes ?? DEFAULT_PACKAGE_BYTES;
  let bytes = 0;
  const order = (path: string) => hashFraction(`${seed}:${source.name}:${path}`);
  const paths = listSourceFiles(source, folder).sort((a, b) => order(a) - order(b));
  for (const path of paths) {
    const language = languageOfPath(path);
    const raw = readFileSync(join(folder, path));
    // A few headers stay, so that the model is not surprised by a file that opens with one.
    const cleaned = cleanFile(raw, language, order(`${path}#header`) < 0.06);
    let reason = 'rejected' in cleaned ? cleaned.rejected : undefined;
    if (!reason && bytes >= cap) reason = 'package-cap';
    if (!reason && 'text' in cleaned) reason = rejectDuplicate(cleaned.text, duplicates);
    if (reason || !('text' in cleaned)) {
      rejected[reason ?? 'size'] = (rejected[reason ?? 'size'] ?? 0) + 1;
      continue;
    }
    const text = source.role === 'heldout' ? raw.toString('utf8') : cleaned.text;
    const size = Buffer.byteLength(text);
    bytes += size;
    bytesByLanguage[language] = (bytesByLanguage[language] ?? 0) + size;
    documents.push({ source: source.name, path, language, text });
  }
  const { name, version, license, role } = source;
  return {
    documents,
    report: { name, version, license, role, files: documents.length, bytes, bytesByLanguage, rejected },
  };
}

export interface CorpusReport {
  readonly seed: number;
  readonly trainBytes: number;
  readonly heldoutBytes: number;
  readonly bytesByLanguage: Readonly<Record<string, number>>;
  readonly sources: readonly SourceReport[];
}

/**
 * Writes `train.jsonl` (one `CorpusDocument` a line), `heldout/<language>/<package>/…` (exact bytes) and `corpus.json`
 * (the report) under `out`. Held-out packages go first, so that a training file that copies one is dropped.
 */
export async function buildCorpus(options: {
  readonly out: string;
  readonly cache: string;
  readonly seed?: number;
  readonly log?: (line: string) => void;
}): Promise<CorpusReport> {
  const { out, cache, seed = 1, log = () => {} } = options;
  mkdirSync(out, { recursive: true });
  rmSync(join(out, 'heldout'), { recursive: true, force: true });
  const duplicates = newDuplicateIndex();
  const reports: SourceReport[] = [];
  const stream = createWriteStream(join(out, 'train.jsonl'));
  const ordered = [...corpusSources()].sort((a, b) => Number(a.role === 'train') - Number(b.role === 'train'));
  const bytesByLanguage: Record<string, number> = {};
  for (const source of ordered) {
    const { documents, report } = collectSource(source, fetchSource(source, cache), duplicates, seed);
    reports.push(report);
    log(
      `${source.role} ${source.name} ${source.version}: ${report.files} files, ${(report.bytes / 1e3).toFixed(0)} kB`,
    );
    for (const document of documents) {
      if (source.role === 'heldout') {
        const name = document.path.replace(/^usr\/(lib|share)\/python3\/dist-packages\//, '').replaceAll('/', '__');
        const path = join(out, 'heldout', document.language, source.name.replace('/', '-'), name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, document.text);
      } else {
        stream.write(JSON.stringify(document) + '\n');
        bytesByLanguage[document.language] =
          (bytesByLanguage[document.language] ?? 0) + Buffer.byteLength(document.text);
      }
    }
  }
  await new Promise<void>((done, fail) => {
    stream.on('error', fail);
    stream.end(done);
  });
  const total = (role: string) => reports.filter((one) => one.role === role).reduce((sum, one) => sum + one.bytes, 0);
  const report: CorpusReport = {
    seed,
    trainBytes: total('train'),
    heldoutBytes: total('heldout'),
    bytesByLanguage,
    sources: reports,
  };
  writeFileSync(join(out, 'corpus.json'), JSON.stringify(report, null, 1) + '\n');
  return report;
}

/** Documents of a JSON Lines file, in order. */
export function* readDocuments(path: string): Generator<CorpusDocument> {
  // Files of up to a few hundred MB: read as bytes, since one string may hold at most 512 MB.
  const bytes = readFileSync(path);
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    const stop = end < 0 ? bytes.length : end;
    if (stop > start) yield JSON.parse(bytes.toString('utf8', start, stop)) as CorpusDocument;
    start = stop + 1;
  }
}

/** Held-out files under `folder/heldout`, exact text. */
export function readHeldout(folder: string): CorpusDocument[] {
  const documents: CorpusDocument[] = [];
  for (const language of readdirSync(join(folder, 'heldout')).sort()) {
    for (const source of readdirSync(join(folder, 'heldout', language)).sort()) {
      const directory = join(folder, 'heldout', language, source);
      for (const path of readdirSync(directory).sort()) {
        const text = readFileSync(join(directory, path), 'utf8');
        documents.push({ source, path, language: language as CorpusLanguage, text });
      }
    }
  }
  return documents;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: '.rgft/corpus' },
      cache: { type: 'string', default: '.rgft/cache' },
      seed: { type: 'string', default: '1' },
    },
  });
  const report = await buildCorpus({
    out: resolve(values.out),
    cache: resolve(values.cache),
    seed: Number(values.seed),
    log: (line) => process.stderr.write(line + '\n'),
  });
  const { sources: _, ...summary } = report;
  process.stdout.write(JSON.stringify(summary) + '\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.title = basename(process.argv[1]);
  await main();
}
