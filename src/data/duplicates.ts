/**
 * @file Finds files that repeat others. Copies in the training set waste compute and teach by heart; a copy that falls
 * into the held-out set makes its loss a lie. So copies go before the split.
 *
 * Near duplicates: two files whose sets of 5-token shingles have a Jaccard similarity of at least 0.85 (the threshold of
 * The Stack, Kocetkov et al. 2022). Candidates come from MinHash (one permutation with optimal densification, Shrivastava
 * 2017) in 32 bands of 8 rows: a pair at the threshold is missed with a probability of about 4e-5, one at 0.95 of about 1e-15.
 * Every candidate is then compared exactly, so no file is called a duplicate by an unlucky estimate.
 */
import { createHash } from 'node:crypto';
import { mix32 } from '../random.ts';

/** Jaccard similarity of 5-token shingles from which two files count as the same. */
export const NEAR_DUPLICATE_THRESHOLD = 0.85;
/** Tokens in one shingle. */
const SHINGLE_LENGTH = 5;
/** Files with fewer distinct shingles are compared exactly only: a few lines are alike by chance. */
export const MIN_SHINGLES = 40;
const NUM_BANDS = 32;
const ROWS_PER_BAND = 8;
const NUM_BINS = NUM_BANDS * ROWS_PER_BAND;
const EMPTY = 0xffffffff;

export interface Duplicate {
  /** Index of the file that repeats. */
  readonly index: number;
  /** Index of the file it repeats, which is kept. Always smaller than `index`. */
  readonly original: number;
  /** 1 for copies that differ in line ends and white space at line ends only. */
  readonly similarity: number;
  readonly exact: boolean;
}

/**
 * The texts that repeat an earlier text, ascending by index. The first of several stays, and a text is compared with
 * texts that stay only, so a chain of small changes does not swallow a whole folder. Deterministic in the order given.
 */
export function findDuplicates(texts: readonly string[]): Duplicate[] {
  const duplicates: Duplicate[] = [];
  const firstWithHash = new Map<string, number>();
  const bands = Array.from({ length: NUM_BANDS }, () => new Map<number, number[]>());
  const shinglesOf = new Map<number, Uint32Array>();
  for (let index = 0; index < texts.length; index++) {
    const hash = contentHash(texts[index]);
    const same = firstWithHash.get(hash);
    if (same !== undefined) {
      duplicates.push({ index, original: same, similarity: 1, exact: true });
      continue;
    }
    const shingles = shingleSet(texts[index]);
    if (shingles.length < MIN_SHINGLES) {
      firstWithHash.set(hash, index);
      continue;
    }
    const keys = bandKeys(minHash(shingles));
    const near = nearest(shingles, candidates(bands, keys), shinglesOf);
    if (near && near.similarity >= NEAR_DUPLICATE_THRESHOLD) {
      duplicates.push({ index, original: near.index, similarity: near.similarity, exact: false });
      continue;
    }
    firstWithHash.set(hash, index);
    shinglesOf.set(index, shingles);
    for (let band = 0; band < NUM_BANDS; band++) {
      const bucket = bands[band].get(keys[band]);
      if (bucket) bucket.push(index);
      else bands[band].set(keys[band], [index]);
    }
  }
  return duplicates;
}

/** Jaccard similarity of the shingle sets of two texts, in [0, 1]. */
export function similarity(a: string, b: string): number {
  return jaccard(shingleSet(a), shingleSet(b));
}

function contentHash(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return createHash('sha256').update(lines.join('\n').trimEnd()).digest('base64');
}

function candidates(bands: readonly Map<number, number[]>[], keys: Uint32Array): Set<number> {
  const found = new Set<number>();
  for (let band = 0; band < NUM_BANDS; band++) {
    for (const index of bands[band].get(keys[band]) ?? []) found.add(index);
  }
  return found;
}

function nearest(
  shingles: Uint32Array,
  among: ReadonlySet<number>,
  shinglesOf: ReadonlyMap<number, Uint32Array>,
): { index: number; similarity: number } | undefined {
  let best: { index: number; similarity: number } | undefined;
  for (const index of [...among].sort((a, b) => a - b)) {
    const other = shinglesOf.get(index)!;
    // |A and B| <= min, |A or B| >= max: sizes that differ too much need no comparison.
    const sizes = [shingles.length, other.length].sort((a, b) => a - b);
    if (sizes[0] < NEAR_DUPLICATE_THRESHOLD * sizes[1]) continue;
    const value = jaccard(shingles, other);
    if (!best || value > best.similarity) best = { index, similarity: value };
  }
  return best;
}

/** Both ascending without repetition. */
function jaccard(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i] < b[j]) i++;
    else j++;
  }
  const union = a.length + b.length - shared;
  return union === 0 ? 1 : shared / union;
}

/**
 * Hashes of the distinct 5-token shingles, ascending. A token is a word, a number or one sign; white space does not
 * count. The comment at the head is left out, or one licence would make small files alike.
 */
function shingleSet(text: string): Uint32Array {
  const tokens = tokenHashes(text, headEnd(text));
  const count = Math.max(0, tokens.length - SHINGLE_LENGTH + 1);
  const hashes = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let hash = 0;
    for (let k = 0; k < SHINGLE_LENGTH; k++) hash = Math.imul(hash ^ tokens[i + k], 0x9e3779b1) ^ (hash >>> 15);
    hashes[i] = mix32(hash);
  }
  hashes.sort();
  let distinct = 0;
  for (let i = 0; i < count; i++) if (i === 0 || hashes[i] !== hashes[i - 1]) hashes[distinct++] = hashes[i];
  return hashes.slice(0, distinct);
}

/** Where the comment and blank lines at the head end. */
function headEnd(text: string): number {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + 80)).trim();
    if (line !== '' && !/^(?:\/\/|#(?!include|define|if|pragma)|\/\*|\*|--|;|%|<!--)/.test(line)) return start;
    start = end + 1;
  }
  return text.length;
}

/** One hash for each token, by hand: a regular expression that makes a string of each token takes three times as long. */
function tokenHashes(text: string, from: number): number[] {
  const hashes: number[] = [];
  let hash = 0;
  let inWord = false;
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isWord =
      (unit >= 97 && unit <= 122) ||
      (unit >= 65 && unit <= 90) ||
      (unit >= 48 && unit <= 57) ||
      unit === 95 ||
      unit > 127;
    if (isWord) {
      hash = inWord ? Math.imul(hash ^ unit, 0x01000193) : Math.imul(0x811c9dc5 ^ unit, 0x01000193);
      inWord = true;
      continue;
    }
    if (inWord) hashes.push(mix32(hash));
    inWord = false;
    if (unit > 32) hashes.push(mix32(unit));
  }
  if (inWord) hashes.push(mix32(hash));
  return hashes;
}

function minHash(shingles: Uint32Array): Uint32Array {
  const bins = new Uint32Array(NUM_BINS).fill(EMPTY);
  for (const shingle of shingles) {
    const bin = shingle % NUM_BINS;
    const value = mix32(shingle + 0x7f4a7c15);
    if (value < bins[bin]) bins[bin] = value;
  }
  const filled = bins.slice();
  for (let bin = 0; bin < NUM_BINS; bin++) {
    for (let attempt = 1; filled[bin] === EMPTY; attempt++)
      filled[bin] = bins[mix32(bin * 65_537 + attempt) % NUM_BINS];
  }
  return filled;
}

function bandKeys(bins: Uint32Array): Uint32Array {
  const keys = new Uint32Array(NUM_BANDS);
  for (let band = 0; band < NUM_BANDS; band++) {
    let key = band;
    for (let row = 0; row < ROWS_PER_BAND; row++) key = mix32(Math.imul(key, 31) ^ bins[band * ROWS_PER_BAND + row]);
    keys[band] = key;
  }
  return keys;
}
