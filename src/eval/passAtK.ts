/** @file pass@k without bias, its bootstrap interval, and the paired comparison of two models. Pure. */
import { FineTuneError } from '../errors.ts';
import { createRandom, nextBelow } from '../random.ts';

/** Samples of one problem: how many were drawn and how many passed. */
export interface ProblemCount {
  readonly taskId: string;
  readonly samples: number;
  readonly passed: number;
}

/** A number with a percentile interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Resamplings of the problems. @default 2000 */
  readonly rounds?: number;
  /** @default 0 */
  readonly seed?: number;
  /** Share of the distribution inside the interval. @default 0.95 */
  readonly confidence?: number;
}

/**
 * Probability that at least one of k samples passes, drawn without replacement from n of which c passed: the unbiased
 * estimator 1 - C(n-c, k) / C(n, k) of Chen et al. 2021 (arXiv 2107.03374, equation 1), as a product.
 *
 * @throws USAGE unless 0 <= c <= n and 1 <= k <= n, all whole
 */
export function passAtK(n: number, c: number, k: number): number {
  const whole = [n, c, k].every(Number.isInteger);
  if (!whole || c < 0 || c > n || k < 1 || k > n) {
    throw new FineTuneError(
      'USAGE',
      `pass@${k} of ${c} passed among ${n} samples: expected 1 <= k <= n and 0 <= c <= n. Draw more samples (-n) or ask for a smaller k.`,
      { n, c, k },
    );
  }
  if (n - c < k) return 1;
  let allFail = 1;
  for (let i = n - c + 1; i <= n; i++) allFail *= 1 - k / i;
  return 1 - allFail;
}

/** Mean of pass@k over problems; undefined when a problem has fewer than k samples (the official tool's rule). */
export function meanPassAtK(counts: readonly ProblemCount[], k: number): number | undefined {
  if (counts.length === 0 || counts.some(({ samples }) => samples < k)) return undefined;
  return mean(counts.map(({ samples, passed }) => passAtK(samples, passed, k)));
}

/**
 * Mean pass@k with a percentile bootstrap interval over problems: how the number would move with other problems of the
 * same kind. The samples of a problem are not drawn again; with many samples their part is small.
 */
export function passAtKInterval(
  counts: readonly ProblemCount[],
  k: number,
  options: BootstrapOptions = {},
): Interval | undefined {
  if (meanPassAtK(counts, k) === undefined) return undefined;
  const scores = counts.map(({ samples, passed }) => passAtK(samples, passed, k));
  return bootstrapMean(scores, `pass@${k}`, options);
}

/**
 * pass@k of `second` minus pass@k of `first`, paired by problem: problems are resampled with both scores together, so
 * that what makes a problem hard for both cancels.
 *
 * @throws USAGE when the two sets of problems differ
 */
export function pairedDifference(
  first: readonly ProblemCount[],
  second: readonly ProblemCount[],
  k: number,
  options: BootstrapOptions = {},
): Interval | undefined {
  const secondOf = new Map(second.map((count) => [count.taskId, count]));
  const missing = first.filter(({ taskId }) => !secondOf.has(taskId));
  if (missing.length > 0 || first.length !== second.length) {
    throw new FineTuneError(
      'USAGE',
      `The two results are of ${first.length} and ${second.length} problems${missing.length ? `; ${missing[0].taskId} is only in the first` : ''}. Compare results of the same problems.`,
      { missing: missing.map(({ taskId }) => taskId) },
    );
  }
  if (meanPassAtK(first, k) === undefined || meanPassAtK(second, k) === undefined) return undefined;
  const differences = first.map((count) => {
    const other = secondOf.get(count.taskId)!;
    return passAtK(other.samples, other.passed, k) - passAtK(count.samples, count.passed, k);
  });
  return bootstrapMean(differences, `difference@${k}`, options);
}

function bootstrapMean(values: readonly number[], stream: string, options: BootstrapOptions): Interval {
  const { rounds = 2000, seed = 0, confidence = 0.95 } = options;
  const random = createRandom(seed, 'bootstrap', stream);
  const means = Float64Array.from({ length: rounds }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[nextBelow(random, values.length)];
    return sum / values.length;
  }).sort();
  const tail = (1 - confidence) / 2;
  return { value: mean(values), low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** Linear interpolation between order statistics (numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
