/**
 * @file The training stream: documents drawn by weight, decontaminated, some rearranged for fill-in-the-middle,
 * tokenised and shuffled into 16-bit shards that a trainer reads at any offset.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { FineTuneError } from '../errors.ts';
import { createRandom, nextBelow, nextFloat, type RandomState, shuffle } from '../random.ts';
import { type BytePairCodec, readCodec, SPECIAL_ID } from './bpe.ts';
import { type CorpusDocument, readDocuments } from './corpus.ts';
import { type ContaminationReport, createDecontaminator } from './decontaminate.ts';

/** Part of the mixture: documents of one file, restricted to one language where given. */
export interface MixturePart {
  readonly name: string;
  readonly file: string;
  readonly language?: CorpusDocument['language'];
  /** `functions`: only the documented top-level functions of the files, each as a document. @default whole files */
  readonly extract?: 'functions';
  /** Times each document is used; 0.5 uses half of them, 2 uses each twice (rearranged differently). */
  readonly weight: number;
}

export interface TokenManifest {
  readonly seed: number;
  readonly vocabSize: number;
  readonly fimRate: number;
  /** Ids in all shards. */
  readonly length: number;
  readonly shardTokens: number;
  readonly shards: readonly { readonly file: string; readonly tokens: number; readonly sha256: string }[];
  readonly documents: number;
  readonly fimDocuments: number;
  readonly parts: readonly {
    readonly name: string;
    readonly weight: number;
    readonly documents: number;
    readonly bytes: number;
    readonly tokens: number;
  }[];
  readonly decontamination?: ContaminationReport;
}

/** Ids of one shard file. */
const SHARD_TOKENS = 4_194_304;

/** Middle parts longer than this, in characters, are cut: a completion is short. */
const MAX_MIDDLE_CHARACTERS = 1200;

/**
 * Ids of one document, closed by end-of-text. With `random` less than `fimRate` the text is cut at two places and
 * written prefix, suffix, middle (Bavarian et al. 2022, PSM). Half of the cuts fall at line ends, where editors ask.
 */
export function encodeDocument(
  text: string,
  codec: BytePairCodec,
  fimRate: number,
  random: RandomState,
): { readonly ids: number[]; readonly fim: boolean } {
  const ids: number[] = [];
  if (nextFloat(random) >= fimRate || text.length < 40) {
    codec.encodeInto(text, ids);
    ids.push(SPECIAL_ID.endOfText);
    return { ids, fim: false };
  }
  const [start, end] = chooseMiddle(text, random);
  ids.push(SPECIAL_ID.fimPrefix);
  codec.encodeInto(text.slice(0, start), ids);
  ids.push(SPECIAL_ID.fimSuffix);
  codec.encodeInto(text.slice(end), ids);
  ids.push(SPECIAL_ID.fimMiddle);
  codec.encodeInto(text.slice(start, end), ids);
  ids.push(SPECIAL_ID.endOfText);
  return { ids, fim: true };
}

/** Start and end of the middle part, in UTF-16 units, never inside a surrogate pair. */
export function chooseMiddle(text: string, random: RandomState): [start: number, end: number] {
  const position = () => {
    const at = nextBelow(random, text.length + 1);
    const unit = text.charCodeAt(at);
    return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
  };
  if (nextFloat(random) < 0.4) {
    // From anywhere in a line to the end of that line or of one of the next few.
    const start = position();
    let end = start;
    for (let lines = 1 + nextBelow(random, 4); lines > 0; lines--) {
      const next = text.indexOf('\n', end + (end > start ? 1 : 0));
      end = next < 0 ? text.length : next;
    }
    return [start, Math.min(end, start + MAX_MIDDLE_CHARACTERS)];
  }
  const first = position();
  const second = position();
  const start = Math.min(first, second);
  const end = Math.min(Math.max(first, second), start + MAX_MIDDLE_CHARACTERS);
  const unit = text.charCodeAt(end);
  return [start, unit >= 0xdc00 && unit <= 0xdfff ? end - 1 : end];
}

/**
 * Long files become several documents, cut between top-level definitions, so that a context window holds a beginning
 * more often and one package does not fill a whole stretch of the stream.
 */
export function splitLongText(text: string, limit: number): string[] {
  if (text.length <= limit) return [text];
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const window = rest.slice(0, limit);
    const at = Math.max(
      window.lastIndexOf('\n\n\n'),
      window.lastIndexOf('\n\ndef '),
      window.lastIndexOf('\n\nclass '),
      window.lastIndexOf('\n\nexport '),
      window.lastIndexOf('\n\nfunction '),
    );
    const cut = at > limit / 3 ? at : Math.max(window.lastIndexOf('\n'), limit / 3);
    parts.push(`${rest.slice(0, cut).trimEnd()}\n`);
    rest = rest.slice(cut).replace(/^\n+/, '');
  }
  if (rest.trim() !== '') parts.push(rest);
  return parts;
}

/** Longer functions are not extracted, in lines. */
const MAX_FUNCTION_LINES = 40;

/** Top-level Python functions that begin with a docstring, as they stand in `text`. */
export function documentedFunctions(text: string): string[] {
  const lines = text.split('\n');
  const functions: string[] = [];
  for (let start = 0; start < lines.length; start++) {
    if (!lines[start].startsWith('def ')) continue;
    let body = start;
    while (body < lines.length - 1 && !/:\s*(#.*)?$/.test(lines[body])) body++;
    let end = body + 1;
    while (end < lines.length && (lines[end].trim() === '' || /^\s/.test(lines[end]))) end++;
    if (/^\s+[ru]?("{3}|'{3})/.test(lines[body + 1] ?? '')) {
      const own = lines.slice(start, end).join('\n').trimEnd();
      if (own.split('\n').length <= MAX_FUNCTION_LINES) functions.push(`${own}\n`);
    }
    start = end - 1;
  }
  return functions;
}

const MAX_DOCUMENT_CHARACTERS = 16_000;

/**
 * Writes `shard-NNN.bin` (little-endian uint16) and `manifest.json` into `out`, and copies the held-out files beside
 * them. Every part is shuffled into one order; nothing depends on the clock or on the machine.
 */
export function writeTokenShards(options: {
  readonly corpus: string;
  readonly tokenizer: string;
  readonly out: string;
  readonly parts: readonly MixturePart[];
  /** @default 1 */
  readonly seed?: number;
  /** Share of documents rearranged for fill-in-the-middle. @default 0.3 */
  readonly fimRate?: number;
  /** Problem files (HumanEval's format) that must not be learnt. @default [] */
  readonly problems?: readonly string[];
  readonly log?: (line: string) => void;
}): TokenManifest {
  const { corpus, tokenizer, out, parts, seed = 1, fimRate = 0.3, problems = [], log = () => {} } = options;
  const codec = readCodec(tokenizer);
  const filter = problems.length > 0 ? createDecontaminator(problems) : undefined;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // Documents as one buffer of ids and their offsets: 100 million tokens take 200 MB.
  const pieces: Uint16Array[] = [];
  const order: number[] = [];
  const rows: { name: string; weight: number; documents: number; bytes: number; tokens: number }[] = [];
  let fimDocuments = 0;
  const accepted = new Map<string, CorpusDocument[]>();
  for (const part of parts) {
    const random = createRandom(seed, 'tokens', part.name);
    let documents = accepted.get(part.file);
    if (!documents) {
      documents = [];
      for (const document of readDocuments(join(corpus, part.file)))
        if (!filter || filter.accept(document)) documents.push(document);
      accepted.set(part.file, documents);
    }
    const row = { name: part.name, weight: part.weight, documents: 0, bytes: 0, tokens: 0 };
    for (const document of documents) {
      if (part.language && document.language !== part.language) continue;
      const texts =
        part.extract === 'functions'
          ? documentedFunctions(document.text)
          : splitLongText(document.text, MAX_DOCUMENT_CHARACTERS);
      for (const text of texts) {
        const copies = Math.floor(part.weight) + (nextFloat(random) < part.weight % 1 ? 1 : 0);
        for (let copy = 0; copy < copies; copy++) {
          const { ids, fim } = encodeDocument(text, codec, fimRate, random);
          order.push(pieces.length);
          pieces.push(Uint16Array.from(ids));
          if (fim) fimDocuments++;
          row.documents++;
          row.bytes += Buffer.byteLength(text);
          row.tokens += ids.length;
        }
      }
    }
    rows.push(row);
    log(
      `${part.name}: ${row.documents} documents, ${(row.tokens / 1e6).toFixed(2)} M tokens, ${(row.bytes / row.tokens).toFixed(2)} bytes per token`,
    );
  }
  shuffle(order, createRandom(seed, 'tokens', 'order'));

  const shards: { file: string; tokens: number; sha256: string }[] = [];
  let shard = new Uint16Array(SHARD_TOKENS);
  let used = 0;
  const flush = () => {
    if (used === 0) return;
    const bytes = Buffer.from(shard.buffer, 0, used * 2);
    const file = `shard-${String(shards.length).padStart(3, '0')}.bin`;
    const descriptor = openSync(join(out, file), 'w');
    writeSync(descriptor, bytes);
    closeSync(descriptor);
    shards.push({ file, tokens: used, sha256: createHash('sha256').update(bytes).digest('hex') });
    shard = new Uint16Array(SHARD_TOKENS);
    used = 0;
  };
  for (const index of order) {
    for (let piece = pieces[index]; piece.length > 0; ) {
      const room = Math.min(piece.length, SHARD_TOKENS - used);
      shard.set(piece.subarray(0, room), used);
      used += room;
      piece = piece.subarray(room);
      if (used === SHARD_TOKENS) flush();
    }
  }
  flush();
  const manifest: TokenManifest = {
    seed,
    vocabSize: codec.vocabSize,
    fimRate,
    length: shards.reduce((sum, one) => sum + one.tokens, 0),
    shardTokens: SHARD_TOKENS,
    shards,
    documents: order.length,
    fimDocuments,
    parts: rows,
    decontamination: filter?.report(),
  };
  writeFileSync(join(out, 'manifest.json'), JSON.stringify(manifest, null, 1) + '\n');
  const heldout = join(corpus, 'heldout');
  if (existsSync(heldout)) cpSync(heldout, join(out, 'heldout'), { recursive: true });
  return manifest;
}

/** The training stream on disk. */
export interface TokenStream {
  /** Ids in the stream. */
  readonly length: number;
  readonly manifest: TokenManifest;
  /** `count` ids from `offset`; the stream starts again at its end. */
  read(offset: number, count: number): Uint16Array;
  close(): void;
}

/** Opens what {@link writeTokenShards} wrote. Throws `FOLDER_NOT_FOUND` where there is no manifest. */
export function openTokenShards(folder: string): TokenStream {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) {
    throw new FineTuneError('FOLDER_NOT_FOUND', `${folder} holds no manifest.json. Write the token shards first.`, {
      folder,
    });
  }
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as TokenManifest;
  const descriptors = manifest.shards.map(({ file }) => openSync(join(folder, file), 'r'));
  return {
    length: manifest.length,
    manifest,
    read(offset, count) {
      const out = new Uint16Array(count);
      const bytes = new Uint8Array(out.buffer);
      for (let done = 0; done < count; ) {
        const at = (offset + done) % manifest.length;
        const shard = Math.floor(at / manifest.shardTokens);
        const within = at % manifest.shardTokens;
        const wanted = Math.min(count - done, manifest.shards[shard].tokens - within);
        const got = readSync(descriptors[shard], bytes, done * 2, wanted * 2, within * 2);
        if (got !== wanted * 2) {
          throw new FineTuneError(
            'CHECKPOINT_TRUNCATED',
            `${manifest.shards[shard].file} is shorter than its manifest says (${got} of ${wanted * 2} bytes). Write the token shards again.`,
            { folder },
          );
        }
        done += wanted;
      }
      return out;
    },
    close() {
      for (const descriptor of descriptors) closeSync(descriptor);
    },
  };
}

/** The mixture of the base model. Weights were chosen so that generated functions are about 40 % of the stream. */
export const DEFAULT_MIXTURE: readonly MixturePart[] = [
  { name: 'python', file: 'train.jsonl', language: 'python', weight: 1 },
  { name: 'typescript', file: 'train.jsonl', language: 'typescript', weight: 1 },
  { name: 'javascript', file: 'train.jsonl', language: 'javascript', weight: 0.6 },
  { name: 'documented', file: 'train.jsonl', language: 'python', extract: 'functions', weight: 1 },
  { name: 'functions', file: 'functions.jsonl', weight: 1 },
];

/** `--weight name=0.5` overrides. */
function applyWeights(parts: readonly MixturePart[], overrides: readonly string[]): MixturePart[] {
  const weights = new Map(overrides.map((one) => one.split('=') as [string, string]));
  for (const name of weights.keys()) {
    if (parts.some((part) => part.name === name)) continue;
    throw new FineTuneError(
      'USAGE',
      `No part of the mixture is called "${name}"; there are ${parts.map((part) => part.name).join(', ')}.`,
    );
  }
  return parts.map((part) => ({ ...part, weight: Number(weights.get(part.name) ?? part.weight) }));
}

function main(): void {
  const { values } = parseArgs({
    options: {
      corpus: { type: 'string', default: '.rgft/corpus' },
      tokenizer: { type: 'string', default: '.rgft/tokenizer' },
      out: { type: 'string', default: '.rgft/tokens' },
      seed: { type: 'string', default: '1' },
      fim: { type: 'string', default: '0.3' },
      problems: { type: 'string', multiple: true, default: [] },
      weight: { type: 'string', multiple: true, default: [] },
    },
  });
  const corpus = resolve(values.corpus);
  const present = new Set(readdirSync(corpus));
  const manifest = writeTokenShards({
    corpus,
    tokenizer: resolve(values.tokenizer),
    out: resolve(values.out),
    parts: applyWeights(DEFAULT_MIXTURE, values.weight).filter((part) => present.has(part.file) && part.weight > 0),
    seed: Number(values.seed),
    fimRate: Number(values.fim),
    problems: values.problems.map((path) => resolve(path)),
    log: (line) => process.stderr.write(line + '\n'),
  });
  const { shards, ...summary } = manifest;
  process.stdout.write(JSON.stringify({ ...summary, shards: shards.length }, null, 1) + '\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
