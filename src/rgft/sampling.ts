/** @file Which rows a pass over the data visits, and in which order: the plain order, or without what is learnt. Pure. */
import { createRandom, nextFloat, type RandomState, shuffle } from '../random.ts';
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

/** What is drawn of a row's targets: the labels of the others are `ignored`, their weights 0. (T) */
export interface DrawnTargets {
  readonly labels: Int32Array;
  readonly weights: Float32Array;
}

/** What a target's chance has beside its loss, as a share of the row's mean loss: none is left out for good. */
const CHANCE_FLOOR = 0.25;

/**
 * Draws `keptTargets` of a row's targets, those of high loss more likely, and weights each by the inverse of its chance,
 * so that the gradient is an unbiased estimate of that of the whole row:
 *
 *     p_t = min(1, a·(loss_t + 0.25·mean)), sum p = kept; weight 1 / p_t
 *
 * A target's gradient is about as large as its loss, so these chances are near the best (importance sampling). To keep
 * just the hardest instead forgets the easy ones: a quarter of the gain in accuracy was lost. One random number serves a
 * row (systematic sampling), so their number is exact.
 *
 * @param losses loss of each position at its last visit, nats; NaN for never, which counts as the mean; `null` gives every
 *   target the same chance. (T)
 * @param ignored label of a position without a target
 */
export function drawTargets(
  labels: Int32Array,
  losses: ArrayLike<number> | null,
  skipShare: number,
  ignored: number,
  random: RandomState,
): DrawnTargets {
  const targets = [...labels.keys()].filter((t) => labels[t] !== ignored);
  const numKept = keptTargets(targets.length, skipShare);
  const known = targets.map((t) => losses?.[t] ?? Number.NaN);
  const mean = rowResidual(known) || 1;
  const worths = known.map((loss) => (Number.isNaN(loss) ? mean : loss) + CHANCE_FLOOR * mean);
  const chances = chancesOf(worths, numKept);
  const drawn = labels.slice().fill(ignored);
  const weights = new Float32Array(labels.length);
  let mark = nextFloat(random);
  let count = 0;
  targets.forEach((t, i) => {
    mark += chances[i];
    // The last one makes up for rounding.
    const isDrawn = count < numKept && (mark >= 1 || targets.length - i <= numKept - count);
    if (mark >= 1) mark -= 1;
    if (!isDrawn) return;
    drawn[t] = labels[t];
    weights[t] = 1 / chances[i];
    count++;
  });
  return { labels: drawn, weights };
}

/** Chances in proportion to `worths` (above 0), at most 1, whose sum is `count`. */
function chancesOf(worths: readonly number[], count: number): number[] {
  const certain = new Set<number>();
  for (;;) {
    const rest = worths.reduce((sum, worth, i) => (certain.has(i) ? sum : sum + worth), 0);
    const scale = rest > 0 ? (count - certain.size) / rest : 0;
    const above = worths.flatMap((worth, i) => (!certain.has(i) && scale * worth >= 1 ? [i] : []));
    if (above.length === 0) return worths.map((worth, i) => (certain.has(i) ? 1 : scale * worth));
    for (const i of above) certain.add(i);
  }
}
