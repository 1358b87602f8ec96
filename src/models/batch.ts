/** @file A batch of token sequences as the decoder takes it. */

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

/** (B, 1, T, T): causal, inside equal segments. */
export function attentionMask({ size: B, length: T, segments }: Batch): Float32Array {
  const mask = new Float32Array(B * T * T).fill(MASKED);
  for (let b = 0; b < B; b++) {
    for (let query = 0; query < T; query++) {
      for (let key = 0; key <= query; key++) {
        if (segments[b * T + key] === segments[b * T + query]) mask[(b * T + query) * T + key] = 0;
      }
    }
  }
  return mask;
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
export function totalWeight(batch: Batch): number {
  let sum = 0;
  batch.labels.forEach((label, t) => {
    if (label >= 0) sum += batch.lossWeights?.[t] ?? 1;
  });
  return sum || 1;
}
