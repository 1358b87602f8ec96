/** @file A batch of token sequences as the decoder takes it. */
import { FineTuneError } from '../errors.ts';

/** Sequences of equal length, row after row. All arrays have `size * length` elements. */
export interface Batch {
  /** B */
  readonly size: number;
  /** T */
  readonly length: number;
  readonly inputIds: Int32Array;
  /** Target of each position, or a negative number for none. */
  readonly labels: Int32Array;
  /** Position inside its example, for the position embedding. */
  readonly positions: Int32Array;
  /** Attention stays inside equal segments of a row. */
  readonly segments: Int32Array;
  /** Weight of each target's loss. @default 1 everywhere */
  readonly lossWeights?: Float32Array;
}

/** What may attend to what: 0 or this, added to the scores. */
const MASKED = -1e9;

/** (B, 1, T, T), written into `mask`: causal, inside equal segments. */
export function attentionMask({ size: B, length: T, segments }: Batch, mask: Float32Array): Float32Array {
  mask.fill(MASKED);
  for (let b = 0; b < B; b++) {
    for (let query = 0; query < T; query++) {
      for (let key = 0; key <= query; key++) {
        if (segments[b * T + key] === segments[b * T + query]) mask[(b * T + query) * T + key] = 0;
      }
    }
  }
  return mask;
}

/** The positions of a batch that have targets, as a batch of shorter rows for the loss head. */
export interface TargetRows extends Pick<Batch, 'size' | 'length' | 'labels' | 'lossWeights'> {
  /** Where each of them stands in the batch, b·T + t, in order inside each row; the rest of a row are others. (B·N) */
  readonly places: Int32Array;
}

/**
 * @param length N, at least the targets of any row and at most T
 * @throws INTERNAL when a row has more
 */
export function targetRows({ size, length: T, labels, lossWeights }: Batch, length: number): TargetRows {
  const places = new Int32Array(size * length);
  for (let b = 0; b < size; b++) {
    const all = [...labels.subarray(b * T, (b + 1) * T).keys()];
    const targets = all.filter((t) => labels[b * T + t] >= 0);
    if (targets.length > length) {
      throw new FineTuneError('INTERNAL', `A row has ${targets.length} targets; at most ${length} were announced.`);
    }
    const others = all.filter((t) => labels[b * T + t] < 0).slice(0, length - targets.length);
    const chosen = [...targets, ...others].sort((a, b) => a - b);
    places.set(
      chosen.map((t) => b * T + t),
      b * length,
    );
  }
  const at = (place: number) => lossWeights![place];
  return {
    ...{ size, length, places, labels: places.map((place) => labels[place]) },
    lossWeights: lossWeights && Float32Array.from(places, at),
  };
}

/** Targets of each row. */
export function countTargets({ size, length, labels }: Batch): Int32Array {
  const counts = new Int32Array(size);
  labels.forEach((label, t) => {
    if (label >= 0) counts[Math.floor(t / length)]++;
  });
  return counts;
}

/** Sum of the loss weights of a batch's targets: the normaliser that makes the loss their mean. */
export function totalWeight(batch: Pick<Batch, 'labels' | 'lossWeights'>): number {
  let sum = 0;
  batch.labels.forEach((label, t) => {
    if (label >= 0) sum += batch.lossWeights?.[t] ?? 1;
  });
  return sum || 1;
}

/** Ids of the targets of some rows or batches, ascending, without repetitions. */
export function differentTargets(batches: readonly Pick<Batch, 'labels'>[]): Int32Array {
  const ids = new Set<number>();
  for (const { labels } of batches) for (const label of labels) if (label >= 0) ids.add(label);
  return Int32Array.from(ids).sort();
}
