/**
 * @file What can be promised about RGFT with SGD steps: the bound of `src/THEORY.md` on the mean squared gradient norm,
 * the conditions under which it holds, and estimates of its constants for a run in which nobody knows them.
 *
 * With a beta-smooth loss, unbiased gradients of variance `sigma_c^2`, rates and masks known before the sample is drawn,
 * rates of active components in `[minRate, maxRate]`, `maxRate <= 1 / beta`, and masked components that carry the share
 * `kappa < 1` of the squared gradient (theorem 1):
 *
 *     (1/T) sum_t E||grad L(theta_t)||^2
 *       <= 1/(1-kappa) * [ 2 (L(theta_0) - L*) / (T * minRate) + beta * maxRate^2 / minRate * sum_c sigma_c^2 ]
 *
 * It bounds how long gradients can stay large. It says nothing about quality on held-out files or at a compute budget.
 */
import { FineTuneError } from '../errors.ts';
import type { LrScaleOptions } from './steering.ts';

/** The numbers of theorem 1. Losses in nats, gradients in nats per unit of weight. */
export interface TheoryConstants {
  /** `L(theta_0) - L*`, with any lower bound of the loss for `L*`. */
  readonly gap: number;
  /** `beta` of the whole parameter vector; constants of single components do not do (THEORY.md, section 4). */
  readonly smoothness: number;
  /** `T`, the number of steps. */
  readonly steps: number;
  /** Lowest rate of an active component: `eta_base` times the lower end of `rateRange`. */
  readonly minRate: number;
  /** Highest rate of an active component. */
  readonly maxRate: number;
  /** `sum_c sigma_c^2`: variance of the gradient that a step uses, summed over the components that can be active. */
  readonly noise: number;
  /** `kappa`: share of the squared gradient in masked components, over the whole run. @default 0 */
  readonly maskedShare?: number;
  /**
   * `kappa * s^2` of theorem 2, where `kappa` comes from a threshold on per-sample scores: such scores hold the variance
   * `s^2` of single samples, so a threshold on them cannot tell a small gradient from a large one among louder ones.
   * @default 0
   */
  readonly maskFloor?: number;
}

/**
 * Right side of theorem 1 (with `maskFloor`: of theorem 2). `Infinity` where it promises nothing: `minRate` 0 (literal
 * steering with `alpha` 0) or everything masked. It is evaluated whether or not `unmetCondition` objects.
 */
export function convergenceBound(constants: TheoryConstants): number {
  const { gap, smoothness, steps, minRate, maxRate, noise, maskedShare = 0, maskFloor = 0 } = constants;
  if (minRate === 0 || maskedShare >= 1) return Infinity;
  const start = (2 * gap) / (steps * minRate);
  const noiseTerm = ((smoothness * maxRate ** 2) / minRate) * noise;
  return (start + noiseTerm + maskFloor) / (1 - maskedShare);
}

/** Why theorem 1 does not apply to these constants, in words; `null` when it does. */
export function unmetCondition(constants: TheoryConstants): string | null {
  const { smoothness, minRate, maxRate, maskedShare = 0 } = constants;
  if (maxRate * smoothness > 1) return `The highest rate is ${maxRate}, above 1 / beta = ${1 / smoothness}.`;
  if (minRate <= 0) return 'The lowest rate of an active component is 0: with alpha = 0 nothing is promised.';
  if (maskedShare >= 1) return 'Masked components may carry the whole gradient.';
  return null;
}

/**
 * Theorem 3, for each single run with probability at least `1 - failureProbability`, instead of on average:
 *
 *     1/(1-kappa) * [ 4 gap / (T minRate) + 8 b^2 maxRate ln(1/delta) / (T minRate) + 2 beta maxRate^2 b^2 / minRate ]
 *
 * @param noiseRadius `b`: no sample's gradient is farther than this from the mean gradient. Takes the place of `noise`.
 */
export function singleRunBound(
  constants: Omit<TheoryConstants, 'noise' | 'maskFloor'>,
  noiseRadius: number,
  failureProbability: number,
): number {
  const { gap, smoothness, steps, minRate, maxRate, maskedShare = 0 } = constants;
  if (minRate === 0 || maskedShare >= 1) return Infinity;
  const start = (4 * gap) / (steps * minRate);
  const luck = (8 * noiseRadius ** 2 * maxRate * Math.log(1 / failureProbability)) / (steps * minRate);
  const noiseTerm = (2 * smoothness * maxRate ** 2 * noiseRadius ** 2) / minRate;
  return (start + luck + noiseTerm) / (1 - maskedShare);
}

/**
 * Theorem 4: what is left at `alpha = 0` (literal steering, proposal B) when every score is exact and fresh. With
 * `B = 2 gap / (T eta) + beta eta sum_c sigma_c^2` the mean squared gradient norm is at most the larger root of
 * `x^2 = C B (x + s^2)`: `C B` without noise, about `sqrt(C B s^2)` with it, where theorem 1 has `B / alpha`.
 *
 * @param numComponents `C`.
 * @param perSampleNoise `s^2`, the variance of a single sample's gradient, which the scores contain.
 */
export function freshScoresBound(
  constants: Pick<TheoryConstants, 'gap' | 'smoothness' | 'steps' | 'maxRate' | 'noise'>,
  numComponents: number,
  perSampleNoise: number,
): number {
  const { gap, smoothness, steps, maxRate, noise } = constants;
  const scaled = numComponents * ((2 * gap) / (steps * maxRate) + smoothness * maxRate * noise);
  return (scaled + Math.sqrt(scaled ** 2 + 4 * scaled * perSampleNoise)) / 2;
}

/** Right side of the proposal's theorem, `2 gap / (T eta) + 3 G^2 / 2`. Its own assumption `E||grad||^2 <= G^2` is stronger. */
export function proposalBound(gap: number, steps: number, rate: number, squaredGradientLimit: number): number {
  return (2 * gap) / (steps * rate) + 1.5 * squaredGradientLimit;
}

/**
 * The rate that makes theorem 1's bound smallest, and that bound: with rates in `[low, high] * eta`,
 *
 *     eta = min( sqrt(2 gap / (T beta noise)), 1 / beta ) / high
 *     bound = 2 (high / low) / (1 - kappa) * sqrt(2 beta gap noise / T)      where the 1/beta does not bind
 */
export function bestRate(
  constants: Pick<TheoryConstants, 'gap' | 'smoothness' | 'steps' | 'noise' | 'maskedShare'>,
  range: RateRange,
): { readonly rate: number; readonly bound: number } {
  const { gap, smoothness, steps, noise } = constants;
  const balanced = Math.sqrt((2 * gap) / (steps * smoothness * noise));
  const rate = Math.min(balanced, 1 / smoothness) / range.high;
  return {
    rate,
    bound: convergenceBound({ ...constants, minRate: rate * range.low, maxRate: rate * range.high }),
  };
}

/** Limits of the factor on the base rate, whatever the map says. */
export interface RateRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Lowest and highest factor that `steering.lrScale` can give with these options: `alpha + (1 - alpha) * clip` for the
 * default, `clip` for `rgft-b`, `[alpha, 1]` for the literal form. `low` is what theorem 1 calls alpha: with the default
 * clip it stays at 0.25 even for `alpha = 0`; in the literal form `alpha = 0` makes it 0 and the theorem says nothing.
 */
export function rateRange({ mode, alpha, clip: [min, max] = [0.25, 4] }: LrScaleOptions): RateRange {
  if (mode === 'literal') return { low: alpha, high: 1 };
  const floor = mode === 'rgft-b' ? 0 : alpha;
  return { low: floor + (1 - floor) * min, high: floor + (1 - floor) * max };
}

/** Share of the map's total in masked components, the estimate of `kappa` that a map gives. In [0, 1]. */
export function maskedShare(shares: ArrayLike<number>, mask: ArrayLike<number>): number {
  requireSameLength(shares, mask);
  let masked = 0;
  for (let c = 0; c < shares.length; c++) if (!mask[c]) masked += shares[c];
  return masked;
}

/** One measurement of all components at one place, from `B >= 2` samples. */
export interface NoiseMeasurement {
  /** Mean over the samples of `||grad_c L_i||^2`: the error map's `E_c`. (C) */
  readonly perSampleSquaredNorms: ArrayLike<number>;
  /** `||mean_i grad_c L_i||^2` over the same samples. (C) */
  readonly batchSquaredNorms: ArrayLike<number>;
  /** `B`. */
  readonly batchSize: number;
}

/**
 * Unbiased estimates for each component, from `E[E_c] = ||grad_c||^2 + s_c^2` and `E||mean||^2 = ||grad_c||^2 + s_c^2/B`
 * (the same pair as in the gradient noise scale, McCandlish et al. 2018, appendix A.1):
 *
 *     s_c^2 = B / (B - 1) * (E_c - ||mean_c||^2)         variance of a single sample; sigma_c^2 = s_c^2 / B
 *     ||grad_c||^2 = (B ||mean_c||^2 - E_c) / (B - 1)    can come out negative: it is not cut off, so means stay unbiased
 *
 * @throws INTERNAL for fewer than two samples, where nothing tells gradient from noise, or lists of unlike length.
 */
export function estimateNoise({ perSampleSquaredNorms, batchSquaredNorms, batchSize }: NoiseMeasurement): {
  /** `s_c^2`. (C) */
  readonly perSampleVariance: Float64Array;
  /** `sigma_c^2` of a step with `B` samples. (C) */
  readonly stepVariance: Float64Array;
  /** `||grad_c L||^2`. (C) */
  readonly squaredGradient: Float64Array;
} {
  requireSameLength(perSampleSquaredNorms, batchSquaredNorms);
  if (!(batchSize >= 2)) {
    throw misuse(`The noise estimate got ${batchSize} samples, expected at least 2.`, { batchSize });
  }
  const perSample = Float64Array.from(perSampleSquaredNorms);
  const perSampleVariance = perSample.map((mean, c) => (batchSize / (batchSize - 1)) * (mean - batchSquaredNorms[c]));
  return {
    perSampleVariance,
    stepVariance: perSampleVariance.map((variance) => variance / batchSize),
    squaredGradient: perSample.map((mean, c) => (batchSize * batchSquaredNorms[c] - mean) / (batchSize - 1)),
  };
}

/** Gradients of the same samples at two places. */
export interface Secant {
  /** `||grad(theta') - grad(theta)||^2`. */
  readonly squaredGradientDifference: number;
  /** `||theta' - theta||^2`, above 0. */
  readonly squaredDistance: number;
}

/**
 * The largest `||grad(theta') - grad(theta)|| / ||theta' - theta||` seen. A lower estimate of `beta`: it knows only the
 * directions that were walked. Both gradients of a pair must come from the same samples, or it measures noise.
 *
 * @throws INTERNAL for an empty list or a distance of 0.
 */
export function estimateSmoothness(secants: readonly Secant[]): number {
  if (secants.length === 0) throw misuse('The smoothness estimate got no secants, expected at least one.');
  return secants.reduce((largest, { squaredGradientDifference, squaredDistance }) => {
    if (!(squaredDistance > 0)) throw misuse(`A secant has squared distance ${squaredDistance}, expected above 0.`);
    return Math.max(largest, Math.sqrt(squaredGradientDifference / squaredDistance));
  }, 0);
}

/**
 * Means of the first 1, 2, …, n values, weighted. (n) Zero weights so far give NaN.
 *
 * @param weights (n) @default 1 for each
 */
export function runningMean(values: ArrayLike<number>, weights?: ArrayLike<number>): Float64Array {
  if (weights) requireSameLength(values, weights);
  let sum = 0;
  let total = 0;
  return Float64Array.from(values, (value, i) => {
    const weight = weights ? weights[i] : 1;
    sum += weight * value;
    total += weight;
    return sum / total;
  });
}

/** What the curve needs of one step. */
export interface TheoryStep {
  readonly step: number;
  /** Base rate of this step. */
  readonly learningRate: number;
  /** `||g||^2` of the step's mean gradient over the active components, before clipping. */
  readonly squaredGradientNorm: number;
  /** Lowest and highest factor among the active components. */
  readonly lowestScale: number;
  readonly highestScale: number;
  /** Share of the map in masked components, from `maskedShare`; in [0, 1). */
  readonly maskedShare: number;
  /** `-<g, theta_{t+1} - theta_t>`, with `squaredUpdateNorm`: needed where the step is not SGD's. */
  readonly firstOrderDecrease?: number;
  /** `||theta_{t+1} - theta_t||^2`. */
  readonly squaredUpdateNorm?: number;
}

export interface TheoryCurveOptions {
  /** `sgd` takes theorem 1. `other` (AdamW) takes proposition 5, which needs the two measured fields of each step. */
  readonly optimizer: 'sgd' | 'other';
  /** Loss before the first step, nats. */
  readonly initialLoss: number;
  /** A lower bound of the loss, nats. @default 0, which every cross-entropy obeys */
  readonly lowestLoss?: number;
  /**
   * `beta`, from `estimateSmoothness`. @default 1 / (highest rate so far) for `sgd`, the largest value under which the
   * theorem applies (the bound grows with beta); none for `other`
   */
  readonly smoothness?: number;
  /**
   * `sum_c sigma_c^2` over the active components, from `estimateNoise`. @default the mean of `squaredGradientNorm`, whose
   * expectation is `||grad||^2 + sigma^2` and so not below it
   */
  readonly noise?: number;
}

export interface TheoryPoint {
  readonly step: number;
  /** Weighted running mean of the estimated `||grad L||^2`, masked components included. */
  readonly meanSquaredGradient: number;
  /** The bound with estimated constants, or `null` where `notCovered` says why there is none. */
  readonly bound: number | null;
}

/** To be drawn with the word "estimate" beside it: neither curve is a measurement of what its name says. */
export interface TheoryCurve {
  readonly label: 'estimate';
  readonly points: readonly TheoryPoint[];
  readonly smoothnessFrom: 'estimate' | 'rate condition' | 'none';
  readonly noiseFrom: 'estimate' | 'gradient norms';
  /** Why no bound is drawn, or why theorem 1 does not cover the estimated constants; `null` when it does. */
  readonly notCovered: string | null;
}

/**
 * The running mean of the squared gradient norm beside the bound, after each step, with estimated constants.
 *
 * For `sgd`, theorem 1 in the form for rates that change (a schedule that decays to 0 has no useful lowest rate), with
 * weights `w_t = lowest rate_t * (1 - kappa_t)` and `G_t = (||g_t||^2 - noise) / (1 - kappa_t)`:
 *
 *     sum_t w_t G_t / sum_t w_t  <=  [ 2 gap + beta * noise * sum_t (highest rate_t)^2 ] / sum_t w_t
 *
 * For `other`, proposition 5 with `w_t = 1`, in which neither a rate nor a variance occurs (both curves are then too high
 * by the noise in `||g_t||^2`, and the decrease on a step's own samples flatters the bound):
 *
 *     mean_t G_t  <=  mean_t G_t * [ gap + beta / 2 * sum_t squaredUpdateNorm_t ] / sum_t firstOrderDecrease_t
 *
 * Noise is taken off `G_t` only when `noise` was given; the mean, not each step, is cut off at 0.
 *
 * @throws INTERNAL for an empty list or a masked share outside [0, 1).
 */
export function theoryCurve(steps: readonly TheoryStep[], options: TheoryCurveOptions): TheoryCurve {
  const { optimizer, initialLoss, lowestLoss = 0, smoothness, noise } = options;
  if (steps.length === 0) throw misuse('The theory curve got no steps, expected at least one.');
  const isSgd = optimizer === 'sgd';
  const gap = initialLoss - lowestLoss;
  const hasUpdates = steps.every((at) => at.firstOrderDecrease !== undefined && at.squaredUpdateNorm !== undefined);
  const canBound = isSgd || (hasUpdates && smoothness !== undefined);
  const knowsNoise = isSgd && noise !== undefined;

  const points: TheoryPoint[] = [];
  let weightSum = 0;
  let gradientSum = 0;
  let normSum = 0;
  let highestRate = 0;
  let squaredRateSum = 0;
  let decreaseSum = 0;
  let squaredUpdateSum = 0;
  steps.forEach((at, index) => {
    if (!(at.maskedShare >= 0 && at.maskedShare < 1)) {
      throw misuse(`Step ${at.step} has the masked share ${at.maskedShare}, expected a number in [0, 1).`);
    }
    const squaredGradient = (at.squaredGradientNorm - (knowsNoise ? noise : 0)) / (1 - at.maskedShare);
    const weight = isSgd ? at.learningRate * at.lowestScale * (1 - at.maskedShare) : 1;
    weightSum += weight;
    gradientSum += weight * squaredGradient;
    normSum += at.squaredGradientNorm;
    highestRate = Math.max(highestRate, at.learningRate * at.highestScale);
    squaredRateSum += (at.learningRate * at.highestScale) ** 2;
    decreaseSum += at.firstOrderDecrease ?? 0;
    squaredUpdateSum += at.squaredUpdateNorm ?? 0;

    // Before the first rate above 0 (a warm-up) nothing has a weight: the step's own value stands for the mean.
    const mean = Math.max(0, weightSum > 0 ? gradientSum / weightSum : squaredGradient);
    let bound: number | null = null;
    if (isSgd && weightSum > 0) {
      const beta = smoothness ?? 1 / highestRate;
      const stepNoise = knowsNoise ? noise : normSum / (index + 1);
      bound = (2 * gap + beta * stepNoise * squaredRateSum) / weightSum;
    } else if (!isSgd && canBound && decreaseSum > 0) {
      bound = (mean * (gap + (smoothness! / 2) * squaredUpdateSum)) / decreaseSum;
    }
    points.push({ step: at.step, meanSquaredGradient: mean, bound });
  });

  let notCovered: string | null = null;
  if (!canBound) {
    notCovered =
      'Theorem 1 covers SGD steps only; for another optimizer the bound needs the measured updates and an estimate of beta.';
  } else if (isSgd && smoothness !== undefined && highestRate * smoothness > 1) {
    notCovered = `The highest rate is ${highestRate}, above 1 / beta = ${1 / smoothness} as estimated.`;
  } else if (points[points.length - 1].bound === null) {
    notCovered = isSgd
      ? 'The lowest rate of an active component is 0 in every step.'
      : 'The updates went uphill on the samples they were made from.';
  }
  return {
    label: 'estimate',
    points,
    smoothnessFrom: smoothness !== undefined ? 'estimate' : isSgd ? 'rate condition' : 'none',
    noiseFrom: knowsNoise ? 'estimate' : 'gradient norms',
    notCovered,
  };
}

function requireSameLength(left: ArrayLike<number>, right: ArrayLike<number>): void {
  if (left.length === right.length) return;
  throw misuse(`Two lists have ${left.length} and ${right.length} entries, expected the same number.`);
}

function misuse(message: string, details: Readonly<Record<string, unknown>> = {}): FineTuneError {
  return new FineTuneError('INTERNAL', `${message} This is a fault of the program; please report it.`, details);
}
