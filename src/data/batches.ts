/**
 * @file Packs examples of different lengths into rows of one length, so that little is computed for nothing. Attention
 * stays within an example: `segments` says which positions may see each other and `positions` restart with each one, so a
 * packed example gives the loss that it gives alone.
 */
import { FineTuneError } from '../errors.ts';
import { createRandom, shuffle } from '../random.ts';
import type { Example } from './examples.ts';

/** Label of a position whose prediction does not count. */
export const IGNORE_INDEX = -100;

/** One row, `T` = maxSeqLength. */
export interface PackedSequence {
  /** (T) token ids; 0 in the padding. */
  readonly inputIds: Int32Array;
  /** (T) the token to be predicted at each position, i.e. the next one, or `IGNORE_INDEX`. Never crosses a segment. */
  readonly labels: Int32Array;
  /** (T) place within the example, from 0; 0 in the padding. */
  readonly positions: Int32Array;
  /** (T) 0 for padding, which is at the end, and 1, 2, … for the examples. Equal numbers may attend to each other. */
  readonly segments: Int32Array;
  /** (T) weight of each label's loss. @default 1 everywhere */
  readonly lossWeights?: Float32Array;
  /** Index in `examples` of segment 1, 2, …. */
  readonly exampleIndices: readonly number[];
}

/** Examples that are sorted by length together. Larger packs tighter, smaller mixes better. */
const PACKING_WINDOW = 1024;

/**
 * Packs the examples in seeded random order, every example exactly once.
 *
 * The shuffled examples are taken in windows of 1024; within a window the longest goes first and each into the fullest
 * row it still fits (best fit, decreasing), then the rows are shuffled. Same input, same seed: same rows.
 *
 * @param maxSeqLength tokens in one row
 */
export function packExamples(examples: readonly Example[], maxSeqLength: number, seed: number): PackedSequence[] {
  const order = epochOrder(examples.length, seed, 0);
  const packed: PackedSequence[] = [];
  for (let start = 0; start < order.length; start += PACKING_WINDOW) {
    const window = [...order.subarray(start, start + PACKING_WINDOW)];
    const lengths = window.map((index) => examples[index].tokens.length);
    const rows = bestFitDecreasing(lengths, maxSeqLength).map((row) => row.map((place) => window[place]));
    for (const row of shuffle(rows, createRandom(seed, 'rows', start)))
      packed.push(packRow(examples, row, maxSeqLength));
  }
  return packed;
}

/** A random permutation of 0 … count-1 for one epoch; the same for the same seed and epoch. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return shuffle(
    Int32Array.from({ length: count }, (_, index) => index),
    createRandom(seed, 'order', epoch),
  );
}

/** Share of the positions that are padding, in [0, 1]. */
export function paddingShare(rows: readonly PackedSequence[]): number {
  let padding = 0;
  let all = 0;
  for (const { segments } of rows) {
    all += segments.length;
    for (let t = segments.length - 1; t >= 0 && segments[t] === 0; t--) padding++;
  }
  return all === 0 ? 0 : padding / all;
}

/** Number of labels that count. */
export function countTargets(rows: readonly PackedSequence[]): number {
  let targets = 0;
  for (const { labels } of rows) for (const label of labels) if (label !== IGNORE_INDEX) targets++;
  return targets;
}

/**
 * Distributes items over as few bins as best fit decreasing finds (at most 11/9 of the optimum, plus one).
 *
 * @returns for each bin the indices of its items, longest first; equal lengths keep their order
 */
export function bestFitDecreasing(lengths: readonly number[], capacity: number): number[][] {
  const bins: number[][] = [];
  const binsByRoom: number[][] = Array.from({ length: capacity + 1 }, () => []);
  const descending = lengths.map((_, index) => index).sort((a, b) => lengths[b] - lengths[a] || a - b);
  for (const index of descending) {
    const length = lengths[index];
    if (length > capacity) {
      const message = `An example has ${length} tokens and a row ${capacity}. Make examples and rows of one length.`;
      throw new FineTuneError('SHAPE_MISMATCH', message, { length, capacity });
    }
    let room = length;
    while (room <= capacity && binsByRoom[room].length === 0) room++;
    let bin: number;
    if (room <= capacity) bin = binsByRoom[room].pop()!;
    else {
      bin = bins.push([]) - 1;
      room = capacity;
    }
    bins[bin].push(index);
    binsByRoom[room - length].push(bin);
  }
  return bins;
}

function packRow(examples: readonly Example[], indices: readonly number[], maxSeqLength: number): PackedSequence {
  const inputIds = new Int32Array(maxSeqLength);
  const labels = new Int32Array(maxSeqLength).fill(IGNORE_INDEX);
  const positions = new Int32Array(maxSeqLength);
  const segments = new Int32Array(maxSeqLength);
  let start = 0;
  indices.forEach((exampleIndex, place) => {
    const { tokens, firstTarget } = examples[exampleIndex];
    inputIds.set(tokens, start);
    for (let t = 0; t < tokens.length; t++) {
      positions[start + t] = t;
      segments[start + t] = place + 1;
      if (t + 1 < tokens.length && t + 1 >= firstTarget) labels[start + t] = tokens[t + 1];
    }
    start += tokens.length;
  });
  return { inputIds, labels, positions, segments, exampleIndices: [...indices] };
}
