/**
 * @file Byte-level byte-pair encoding (Sennrich et al. 2016, Radford et al. 2019): training on counted pieces,
 * `tokenizer.json` for the Hugging Face libraries, and an encoder fast enough for bulk tokenisation.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { FineTuneError } from '../errors.ts';
import { hashFraction, readDocuments, readHeldout } from './corpus.ts';

/**
 * How text is cut before any merge, in order: runs of spaces (indentation is one piece of its own, so a prompt that
 * ends after a newline or after the indentation ends at a boundary the model knows), tabs, words (split at case and at
 * underscores, with one leading space or underscore), single digits (arithmetic on digits of equal value is easier to
 * learn), runs of punctuation with the newlines behind them, newlines, other white space. Only constructs that mean
 * the same in ECMAScript and Oniguruma.
 */
export const PIECE_PATTERN =
  ' {2,}|\\t+|[ _]?(?:\\p{Lu}?[\\p{Ll}\\p{Lo}\\p{Lm}\\p{Lt}\\p{M}]+|\\p{Lu}+(?!\\p{Ll}))| ?\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|[\\r\\n]+|[^\\S\\r\\n]';

/** Special tokens, in the order of their ids from 0. */
export const SPECIAL_TOKENS = [
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|fim_suffix|>',
  '<|pad|>',
] as const;
export const SPECIAL_ID = { endOfText: 0, fimPrefix: 1, fimMiddle: 2, fimSuffix: 3, pad: 4 } as const;

const FIRST_BYTE_ID = SPECIAL_TOKENS.length;
const FIRST_MERGE_ID = FIRST_BYTE_ID + 256;
/** Pair keys are `left * PAIR_BASE + right`; ids stay below it. */
const PAIR_BASE = 65_536;

/** One merge: the ids of the left and right part. Merge `i` makes the id `FIRST_MERGE_ID + i`. */
export type Merge = readonly [left: number, right: number];

/** Cuts `text` into the pieces that merges never cross. */
export function splitPieces(text: string): string[] {
  return text.match(new RegExp(PIECE_PATTERN, 'gu')) ?? [];
}

/** Adds the pieces of `text` to `counts`. */
export function countPieces(text: string, counts: Map<string, number>): void {
  for (const piece of splitPieces(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
}

/**
 * Learns merges: repeatedly joins the most frequent pair of neighbours. Ties go to the pair with the smaller ids, so
 * the result depends on the counts alone. A vocabulary of a smaller size is a prefix of this one.
 *
 * @param vocabSize All ids: special tokens, 256 bytes, merges.
 */
export function trainMerges(counts: ReadonlyMap<string, number>, vocabSize: number): Merge[] {
  if (vocabSize < FIRST_MERGE_ID || vocabSize > PAIR_BASE) {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `A vocabulary of ${vocabSize} was asked for; it must lie between ${FIRST_MERGE_ID} and ${PAIR_BASE}.`,
      { vocabSize },
    );
  }
  const words: number[][] = [];
  const weights: number[] = [];
  const pairCounts = new Map<number, number>();
  const pairWords = new Map<number, number[]>();
  const encoder = new TextEncoder();
  for (const [piece, count] of counts) {
    const word = Array.from(encoder.encode(piece), (byte) => FIRST_BYTE_ID + byte);
    if (word.length < 2) continue;
    words.push(word);
    weights.push(count);
    for (let index = 0; index + 1 < word.length; index++) {
      addPair(word[index] * PAIR_BASE + word[index + 1], count, words.length - 1);
    }
  }
  function addPair(key: number, count: number, word: number): void {
    pairCounts.set(key, (pairCounts.get(key) ?? 0) + count);
    const list = pairWords.get(key);
    if (!list) pairWords.set(key, [word]);
    else if (list[list.length - 1] !== word) list.push(word);
  }

  // A heap of (count, pair) whose entries may be stale: an entry counts only while it agrees with pairCounts.
  const heap = new PairHeap();
  for (const [key, count] of pairCounts) heap.push(count, key);
  const merges: Merge[] = [];
  while (merges.length < vocabSize - FIRST_MERGE_ID) {
    const top = heap.pop();
    if (!top) break;
    const [count, key] = top;
    if (pairCounts.get(key) !== count) continue;
    if (count < 2) break;
    const left = Math.floor(key / PAIR_BASE);
    const right = key % PAIR_BASE;
    const merged = FIRST_MERGE_ID + merges.length;
    merges.push([left, right]);
    const touched = new Set<number>();
    const change = (pair: number, delta: number, wordIndex: number) => {
      if (delta > 0) addPair(pair, delta, wordIndex);
      else pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + delta);
      touched.add(pair);
    };
    for (const wordIndex of new Set(pairWords.get(key))) {
      const word = words[wordIndex];
      const weight = weights[wordIndex];
      for (let index = 0; index + 1 < word.length; index++) {
        if (word[index] !== left || word[index + 1] !== right) continue;
        if (index > 0) {
          change(word[index - 1] * PAIR_BASE + left, -weight, wordIndex);
          change(word[index - 1] * PAIR_BASE + merged, weight, wordIndex);
        }
        if (index + 2 < word.length) {
          change(right * PAIR_BASE + word[index + 2], -weight, wordIndex);
          change(merged * PAIR_BASE + word[index + 2], weight, wordIndex);
        }
        word.splice(index, 2, merged);
      }
    }
    pairCounts.delete(key);
    pairWords.delete(key);
    touched.delete(key);
    for (const pair of touched) {
      const total = pairCounts.get(pair) ?? 0;
      if (total > 0) heap.push(total, pair);
    }
  }
  return merges;
}

/** Max-heap by count, then by smaller pair key. */
class PairHeap {
  private readonly counts: number[] = [];
  private readonly keys: number[] = [];

  private before(a: number, b: number): boolean {
    return this.counts[a] > this.counts[b] || (this.counts[a] === this.counts[b] && this.keys[a] < this.keys[b]);
  }

  private swap(a: number, b: number): void {
    [this.counts[a], this.counts[b]] = [this.counts[b], this.counts[a]];
    [this.keys[a], this.keys[b]] = [this.keys[b], this.keys[a]];
  }

  push(count: number, key: number): void {
    let at = this.counts.push(count) - 1;
    this.keys.push(key);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  pop(): [count: number, key: number] | undefined {
    if (this.counts.length === 0) return undefined;
    this.swap(0, this.counts.length - 1);
    const top: [number, number] = [this.counts.pop()!, this.keys.pop()!];
    for (let at = 0; ; ) {
      let best = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.counts.length && this.before(child, best)) best = child;
      }
      if (best === at) return top;
      this.swap(at, best);
      at = best;
    }
  }
}

/** Encoder and decoder of a trained vocabulary. Special tokens are never recognised inside text. */
export interface BytePairCodec {
  readonly vocabSize: number;
  encode(text: string): number[];
  /** Appends the ids of `text` to `out`; the fast path of bulk tokenisation. */
  encodeInto(text: string, out: number[]): void;
  decode(ids: ArrayLike<number>): string;
}

/** Longest table of remembered pieces. Code repeats itself: nearly every piece is looked up, not merged. */
const CACHE_PIECES = 500_000;

export function createCodec(merges: readonly Merge[]): BytePairCodec {
  const rank = new Map<number, number>();
  merges.forEach(([left, right], index) => {
    rank.set(left * PAIR_BASE + right, index);
  });
  const bytesOf: Uint8Array[] = [];
  for (let id = 0; id < FIRST_BYTE_ID; id++) bytesOf.push(new Uint8Array(0));
  for (let byte = 0; byte < 256; byte++) bytesOf.push(Uint8Array.of(byte));
  for (const [left, right] of merges) bytesOf.push(Uint8Array.from([...bytesOf[left], ...bytesOf[right]]));
  const cache = new Map<string, readonly number[]>();
  const encoder = new TextEncoder();
  const pattern = new RegExp(PIECE_PATTERN, 'gu');

  function encodePiece(piece: string): readonly number[] {
    const ids = Array.from(encoder.encode(piece), (byte) => FIRST_BYTE_ID + byte);
    while (ids.length > 1) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let index = 0; index + 1 < ids.length; index++) {
        const found = rank.get(ids[index] * PAIR_BASE + ids[index + 1]);
        if (found !== undefined && found < best) {
          best = found;
          at = index;
        }
      }
      if (at < 0) break;
      ids.splice(at, 2, FIRST_MERGE_ID + best);
    }
    return ids;
  }

  function encodeInto(text: string, out: number[]): void {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      let ids = cache.get(match[0]);
      if (!ids) {
        ids = encodePiece(match[0]);
        if (cache.size < CACHE_PIECES) cache.set(match[0], ids);
      }
      for (const id of ids) out.push(id);
    }
  }

  return {
    vocabSize: FIRST_MERGE_ID + merges.length,
    encodeInto,
    encode(text) {
      const out: number[] = [];
      encodeInto(text, out);
      return out;
    },
    decode(ids) {
      const parts: Uint8Array[] = [];
      for (let index = 0; index < ids.length; index++) parts.push(bytesOf[ids[index]] ?? new Uint8Array(0));
      return Buffer.concat(parts).toString('utf8');
    },
  };
}

/** GPT-2's printable stand-in for each byte: the byte itself where it is a visible Latin-1 character. */
export function byteCharacters(): string[] {
  const visible = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(visible(byte) ? byte : next++));
}

/** Writes `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json` into `folder`. */
export function writeTokenizer(folder: string, merges: readonly Merge[], maxLength = 1024): void {
  const characters = byteCharacters();
  const tokens: string[] = [...SPECIAL_TOKENS, ...characters];
  for (const [left, right] of merges) tokens.push(tokens[left] + tokens[right]);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  if (Object.keys(vocab).length !== tokens.length) {
    throw new FineTuneError(
      'TOKENIZER_INVALID',
      'Two merges make the same token; the merges are not those of a trainer.',
    );
  }
  const added = SPECIAL_TOKENS.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: PIECE_PATTERN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: merges.map(([left, right]) => [tokens[left], tokens[right]]),
    },
  };
  const eos = SPECIAL_TOKENS[SPECIAL_ID.endOfText];
  const pad = SPECIAL_TOKENS[SPECIAL_ID.pad];
  const others = SPECIAL_TOKENS.slice(1, 4);
  const configuration = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: false,
    add_eos_token: false,
    bos_token: null,
    eos_token: eos,
    pad_token: pad,
    unk_token: null,
    additional_special_tokens: others,
    clean_up_tokenization_spaces: false,
    model_max_length: maxLength,
    added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [String(id), token])),
  };
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 1) + '\n');
  write('tokenizer.json', tokenizer);
  write('tokenizer_config.json', configuration);
  write('special_tokens_map.json', { eos_token: eos, pad_token: pad, additional_special_tokens: others });
}

/** Codec of a `tokenizer.json` written by {@link writeTokenizer}. Throws `TOKENIZER_INVALID` for any other. */
export function readCodec(folder: string): BytePairCodec {
  const path = join(folder, 'tokenizer.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    pre_tokenizer?: { pretokenizers?: { pattern?: { Regex?: string } }[] };
    model: { vocab: Record<string, number>; merges: [string, string][] };
  };
  const { vocab, merges } = file.model;
  if (
    file.pre_tokenizer?.pretokenizers?.[0]?.pattern?.Regex !== PIECE_PATTERN ||
    SPECIAL_TOKENS.some((token, id) => vocab[token] !== id)
  ) {
    throw new FineTuneError(
      'TOKENIZER_INVALID',
      `${path} was not written by this trainer: its pattern or special tokens differ. Train it again.`,
      { path },
    );
  }
  return createCodec(merges.map(([left, right]) => [vocab[left], vocab[right]]));
}

/** Bytes of UTF-8 per token over `texts`. */
export function bytesPerToken(codec: BytePairCodec, texts: Iterable<string>): number {
  let bytes = 0;
  let tokens = 0;
  for (const text of texts) {
    bytes += Buffer.byteLength(text);
    tokens += codec.encode(text).length;
  }
  return bytes / tokens;
}

/** Counts the pieces of a seeded share of the documents in `files`, each file with its weight. */
export function countCorpus(
  files: readonly { readonly path: string; readonly share: number }[],
  seed: number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, share } of files) {
    let index = 0;
    for (const document of readDocuments(path)) {
      if (hashFraction(`${seed}:bpe:${index++}:${document.source}`) < share) countPieces(document.text, counts);
    }
  }
  return counts;
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      corpus: { type: 'string', default: '.rgft/corpus' },
      out: { type: 'string', default: '.rgft/tokenizer' },
      vocab: { type: 'string', default: '4096' },
      share: { type: 'string', default: '0.5' },
      seed: { type: 'string', default: '1' },
    },
  });
  const corpus = resolve(values.corpus);
  const files = positionals.length > 0 ? positionals : ['train.jsonl'];
  const sizes = values.vocab.split(',').map(Number);
  const started = performance.now();
  const counts = countCorpus(
    files.map((file) => {
      const [name, share] = file.split('=');
      return { path: join(corpus, name), share: Number(share ?? values.share) };
    }),
    Number(values.seed),
  );
  const counted = performance.now();
  const merges = trainMerges(counts, Math.max(...sizes));
  const seconds = (from: number) => Number(((performance.now() - from) / 1000).toFixed(1));
  const report = { pieces: counts.size, countSeconds: (counted - started) / 1000, mergeSeconds: seconds(counted) };
  const heldout = readHeldout(corpus);
  const rows = sizes.map((vocabSize) => {
    const own = merges.slice(0, vocabSize - FIRST_MERGE_ID);
    writeTokenizer(sizes.length > 1 ? join(values.out, String(vocabSize)) : values.out, own);
    const codec = createCodec(own);
    const texts = (language: string) => heldout.filter((one) => one.language === language).map((one) => one.text);
    return {
      vocabSize: codec.vocabSize,
      pythonBytesPerToken: bytesPerToken(codec, texts('python')),
      typescriptBytesPerToken: bytesPerToken(codec, texts('typescript')),
    };
  });
  process.stdout.write(JSON.stringify({ ...report, rows }, null, 1) + '\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.title = basename(process.argv[1]);
  main();
}
