/** @file Which rows a pass over the data visits, and in which order: the plain order, or without what is learnt. Pure. */
import { createRandom, shuffle } from '../random.ts';
import { skippedRows } from './budget.ts';

export interface VisitOptions {
  readonly seed: number;
  /** Pass over the data, from 0. */
  readonly epoch: number;
  /** Share of the rows that passes after the first leave out: those of the lowest residual. @default 0 */
  readonly skipShare?: number;
  /** Mean loss of each row's targets at its last visit, nats; NaN when there was none. (rows) */
  readonly residuals: ArrayLike<number>;
}

/**
 * Rows of one pass, in order. The first pass takes them as they lie (packing has shuffled them), later ones in a random
 * order of the seed and the pass. Skipping takes rows out of that order and moves nothing else; a row without a
 * residual is never skipped, and of equal residuals the later row is kept.
 */
export function visitOrder({ seed, epoch, skipShare = 0, residuals }: VisitOptions): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: residuals.length }, (_, row) => row);
  if (epoch === 0) return order;
  shuffle(order, createRandom(seed, 'visits', epoch));
  const skipped = new Set(lowestRows(residuals, skippedRows(residuals.length, skipShare)));
  return Int32Array.from(order.filter((row) => !skipped.has(row)));
}

/** The `count` rows of the lowest residual; fewer when fewer have one. */
function lowestRows(residuals: ArrayLike<number>, count: number): number[] {
  return Array.from(residuals)
    .flatMap((residual, row) => (Number.isNaN(residual) ? [] : [row]))
    .sort((a, b) => residuals[a] - residuals[b] || a - b)
    .slice(0, count);
}

/** Mean loss of each row of a batch over its targets, nats; NaN for a row without any. (B) */
export function rowResiduals(losses: ArrayLike<number>, targetCounts: ArrayLike<number>): Float64Array {
  const length = losses.length / targetCounts.length;
  return Float64Array.from(targetCounts, (count, row) => {
    let sum = 0;
    for (let t = row * length; t < (row + 1) * length; t++) sum += losses[t];
    return count > 0 ? sum / count : Number.NaN;
  });
}
