/**
 * @file From the error map to what the optimizer does: a factor on each component's learning rate, and a mask of the
 * components that are updated at all.
 *
 * With shares `Êc` (which sum to 1), `C` components and a base rate `eta_base`:
 *
 *     eta_c = eta_base * (alpha + (1 - alpha) * s_c)           proposal A
 *     eta_c = eta_base * s_c                                   proposal B (alpha = 0; its weights are in Êc already)
 *     theta_c <- theta_c - eta_c * m_c * step_c                step_c: the gradient, or AdamW's direction
 *
 * The proposals write `s_c = Êc`. The shares sum to 1, so their mean is `1 / C`, and the mean rate is
 * `eta_base * (alpha + (1 - alpha) / C)`: with hundreds of components, hardly more than `alpha * eta_base` (and next to
 * nothing with `alpha = 0`). The literal form thus lowers the learning rate as models grow, whatever the map says, and
 * it mixes that up with the question asked, which is how to *divide* the rate. Hence the default `s_c = C * Êc`, whose
 * mean is 1, clipped to a range.
 */
import { FineTuneError } from '../errors.ts';

/** `rgft`: proposal A, mean 1. `rgft-b`: proposal B, mean 1, `alpha` ignored (0). `literal`: A with `s_c = Êc`. */
export type SteeringMode = 'rgft' | 'rgft-b' | 'literal';

export interface LrScaleOptions {
  readonly mode: SteeringMode;
  /**
   * Share of the base rate that every component gets whatever its score, in [0, 1]. 1 is no steering at all. Ignored by
   * `rgft-b`, where it is 0; `literal` with 0 is proposal B to the letter.
   */
  readonly alpha: number;
  /**
   * Lowest and highest `s_c`. The lower end is the floor that keeps proposal B's rates away from 0, which its
   * convergence needs. Ignored by `literal`. @default [0.25, 4]
   */
  readonly clip?: readonly [min: number, max: number];
  /**
   * Exponent `p` on the shares: `s_c = Êc^p / mean_k(Êk^p)`. 1 takes the map at its size, 0 ignores it; the benefit of
   * training a component was seen to grow like about `Êc^0.2`. Ignored by `literal`. @default 1
   */
  readonly temper?: number;
}

/**
 * Factor on the base learning rate of each component. (C)
 *
 *     rgft      alpha + (1 - alpha) * s_c        s_c = clip(Êc^p / mean_k(Êk^p)), which is clip(C * Êc) for p = 1
 *     rgft-b    s_c                              the same with alpha = 0; weights w_c are applied by errorMap.scores
 *     literal   alpha + (1 - alpha) * Êc         neither clipped nor tempered
 *
 * The mean of `s_c` is 1 before clipping; clipping moves it and is not made good. `alpha = 1` gives exactly 1 for each
 * component (`1 + 0 * s`), so the optimizer is then the plain one bit for bit.
 *
 * @param shares `Êc` from `errorMap.shares`. (C)
 * @throws CONFIG_INVALID for `alpha`, `clip` or `temper` out of range.
 */
export function lrScale(shares: ArrayLike<number>, options: LrScaleOptions): Float64Array {
  const { mode, alpha, clip: [min, max] = [0.25, 4], temper = 1 } = options;
  requireOption('alpha', alpha, alpha >= 0 && alpha <= 1, 'a number from 0 to 1');
  requireOption('temper', temper, temper >= 0 && temper < Infinity, 'a finite number from 0 up');
  requireOption('clip', [min, max], min >= 0 && min <= max && max < Infinity, 'two numbers, 0 <= min <= max');
  requireShares(shares);

  if (mode === 'literal') return Float64Array.from(shares, (share) => alpha + (1 - alpha) * share);

  const floor = mode === 'rgft-b' ? 0 : alpha;
  // Relative to the largest, so that a large exponent cannot underflow all of them to 0.
  const largest = largestOf(shares);
  const tempered = Float64Array.from(shares, (share) => (share / largest) ** temper);
  const mean = tempered.reduce((sum, value) => sum + value, 0) / tempered.length;
  return tempered.map((value) => floor + (1 - floor) * Math.min(max, Math.max(min, value / mean)));
}

export interface UpdateMaskOptions {
  /** Threshold on `Êc`; with `relative`, in units of the mean share `1 / C` (1 means "the mean"). From 0 up. */
  readonly tau: number;
  /** @default true */
  readonly relative?: boolean;
  /**
   * Half width of the dead band as a share of the threshold, in [0, 1): a masked component wakes above
   * `threshold * (1 + hysteresis)`, an active one is masked at or below `threshold * (1 - hysteresis)`, and in between
   * each stays as it was. 0 is the proposals' plain `Êc > tau`. @default 0
   */
  readonly hysteresis?: number;
}

/**
 * Which components are updated: `m_c = 1` if `Êc > threshold`, else 0. (C) `threshold` is `tau / C`, or `tau` itself
 * when not relative. Without a previous mask there is no band and the plain comparison decides.
 *
 * At least one component stays active: when none passes, those with the largest share do. A uniform map (every share at
 * the mean) therefore leaves all active rather than one chosen by its number.
 *
 * @param previousMask The mask of the step before, or `null` at the start. (C)
 * @throws CONFIG_INVALID for `tau` or `hysteresis` out of range.
 */
export function updateMask(
  shares: ArrayLike<number>,
  previousMask: Uint8Array | null,
  options: UpdateMaskOptions,
): Uint8Array {
  const { tau, relative = true, hysteresis = 0 } = options;
  requireOption('tau', tau, tau >= 0 && tau < Infinity, 'a finite number from 0 up');
  requireOption('hysteresis', hysteresis, hysteresis >= 0 && hysteresis < 1, 'a number in [0, 1)');
  requireShares(shares);
  const count = shares.length;
  if (previousMask && previousMask.length !== count) {
    throw new FineTuneError(
      'INTERNAL',
      `The previous mask has ${previousMask.length} entries, the map ${count}. This is a fault of the program; please report it.`,
      { found: previousMask.length, expected: count },
    );
  }

  const threshold = relative ? tau / count : tau;
  const mask = new Uint8Array(count);
  for (let c = 0; c < count; c++) {
    const band = previousMask === null ? 1 : previousMask[c] ? 1 - hysteresis : 1 + hysteresis;
    mask[c] = shares[c] > threshold * band ? 1 : 0;
  }
  if (!mask.includes(1)) {
    const largest = largestOf(shares);
    for (let c = 0; c < count; c++) mask[c] = shares[c] === largest ? 1 : 0;
  }
  return mask;
}

function largestOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((max, value) => Math.max(max, value), 0);
}

/** Shares are numbers from 0 to 1 that sum to 1, up to rounding. */
function requireShares(shares: ArrayLike<number>): void {
  const list = Array.from(shares);
  const sum = list.reduce((total, share) => total + share, 0);
  if (list.every((share) => share >= 0 && share <= 1) && Math.abs(sum - 1) < 1e-6) return;
  throw new FineTuneError(
    'INTERNAL',
    `The shares sum to ${sum} and run from ${Math.min(...list)}, expected numbers from 0 that sum to 1. This is a fault of the program; please report it.`,
    { sum },
  );
}

function requireOption(name: string, value: unknown, isValid: boolean, expected: string): void {
  if (isValid) return;
  throw new FineTuneError('CONFIG_INVALID', `${name} is ${String(value)}, expected ${expected}. Change the setting.`, {
    option: name,
    value,
  });
}
