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

/** Mean of a row's known losses, nats; NaN when none is known. */
export function rowResidual(losses: ArrayLike<number>): number {
  let [sum, count] = [0, 0];
  for (let t = 0; t < losses.length; t++) {
    if (Number.isNaN(losses[t])) continue;
    sum += losses[t];
    count++;
  }
  return count > 0 ? sum / count : Number.NaN;
}

/** Targets that a pass keeps of a row with so many; at least one. */
export function keptTargets(numTargets: number, skipShare: number): number {
  return numTargets - Math.min(Math.floor(skipShare * numTargets), Math.max(numTargets - 1, 0));
}

/**
 * A row's labels without its share of targets that are learnt best: the LM head, dear where vocabularies are large, then
 * has fewer rows. What is left out has next to no gradient (`p - y` is small where the loss is).
 *
 * @param losses loss of each position at its last visit, nats; NaN for never, which is kept. (T)
 * @param ignored label of a position without a target
 */
export function hardTargets(
  labels: Int32Array,
  losses: ArrayLike<number>,
  skipShare: number,
  ignored: number,
): Int32Array {
  const targets = [...labels.keys()].filter((t) => labels[t] !== ignored);
  const numSkipped = targets.length - keptTargets(targets.length, skipShare);
  const hard = labels.slice();
  const known = targets.filter((t) => !Number.isNaN(losses[t])).sort((a, b) => losses[a] - losses[b] || a - b);
  for (const t of known.slice(0, numSkipped)) hard[t] = ignored;
  return hard;
}
