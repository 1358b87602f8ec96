/**
 * @file The error map: which components of the model the loss pulls at hardest. One cell for each component holds the
 * smoothed mean of per-sample squared gradient norms and the step at which it was last measured.
 */
import { FineTuneError } from '../errors.ts';
import type { Component } from './components.ts';

/**
 * State of the map after some number of observations; `C` components. Never changed in place.
 *
 * A cell that has never been measured has value 0, weight 0 and measured step -1.
 */
export interface ErrorMap {
  /** Smoothed `E_c` before weights and normalisation, squared gradient norm per sample. (C) */
  readonly values: Float64Array;
  /** Sum of the averaging weights behind each value, in [0, 1): `1 - ema^n` after `n` observations. (C) */
  readonly averagingWeights: Float64Array;
  /** Optimizer step at which each cell was last measured, -1 for never. (C) */
  readonly measuredSteps: Int32Array;
}

/** What one step (or one probe) saw. */
export interface ErrorObservation {
  /** Optimizer step, not below that of the observation before. */
  readonly step: number;
  /** For each component, the sum over the samples of `||grad_{theta_c} L(x_i, y_i)||^2`. (C) */
  readonly sums: ArrayLike<number>;
  /** Samples behind `sums`, at least 1. */
  readonly numSamples: number;
  /** Which components had a gradient; the others keep value and age. (C) @default all */
  readonly measured?: ArrayLike<boolean | number>;
}

export interface ErrorMapOptions {
  /** Share of the old value that an observation leaves standing, in [0, 1). 0 keeps the latest measurement only. */
  readonly ema: number;
}

export interface ScoreOptions {
  /**
   * `none`: the proposals' literal `E_c`, in which large matrices win by size. `parameters`: `E_c` per parameter.
   * @default 'none': at the same budget the literal mask kept more of full fine-tuning's improvement with it, and the
   * cost-aware selection chose the same components with both.
   */
  readonly normalise?: 'none' | 'parameters';
  /** Component weights `w_c >= 0` (proposal B). (C) @default 1 for each */
  readonly weights?: ArrayLike<number>;
  /** Trainable scalars of each component; needed for `parameters`. (C) */
  readonly parameterCounts?: ArrayLike<number>;
}

/** An error map of `count` components of which none has been measured. */
export function createErrorMap(count: number): ErrorMap {
  return {
    values: new Float64Array(count),
    averagingWeights: new Float64Array(count),
    measuredSteps: new Int32Array(count).fill(-1),
  };
}

/**
 * The map after one more observation: for each measured component
 *
 *     x = sums / numSamples                E_c of this step, the mean of the per-sample squared norms
 *     w = ema * w + (1 - ema)
 *     value = value + (1 - ema) / w * (x - value)
 *
 * This is the bias-corrected exponential average (Adam's `m / (1 - ema^n)`, Kingma & Ba 2014) written as a running mean:
 * the first observation enters whole and exactly, and a constant signal stays constant to the last bit. A component
 * that was not measured (masked, so without a gradient) keeps its value, its weight and the step of its last
 * measurement.
 *
 * @throws LOSS_NOT_FINITE for a negative, infinite or NaN sum of a measured component: one would spoil its cell for good.
 * @throws INTERNAL for lengths, steps, sample counts or `ema` out of range.
 */
export function observe(map: ErrorMap, observation: ErrorObservation, { ema }: ErrorMapOptions): ErrorMap {
  const { step, sums, numSamples, measured } = observation;
  const count = map.values.length;
  requireLength('sums', sums, count);
  if (measured) requireLength('measured', measured, count);
  if (!(ema >= 0 && ema < 1)) throw misuse(`ema is ${ema}, expected a number in [0, 1).`, { ema });
  if (!(numSamples >= 1)) throw misuse(`numSamples is ${numSamples}, expected at least 1.`, { numSamples });
  const latestStep = map.measuredSteps.reduce((latest, measuredStep) => Math.max(latest, measuredStep), -1);
  if (!Number.isInteger(step) || step < 0 || step < latestStep) {
    throw misuse(`Step ${step} was observed after step ${latestStep}; steps are whole and do not go back.`, { step });
  }

  const values = map.values.slice();
  const averagingWeights = map.averagingWeights.slice();
  const measuredSteps = map.measuredSteps.slice();
  for (let c = 0; c < count; c++) {
    if (measured && !measured[c]) continue;
    const mean = sums[c] / numSamples;
    if (!(mean >= 0 && mean < Infinity)) {
      throw new FineTuneError(
        'LOSS_NOT_FINITE',
        `The squared gradient norm of component ${c} at step ${step} is ${sums[c]}, expected a finite number from 0 up. Lower the learning rate, or look for broken weights in the base model.`,
        { component: c, step, sum: sums[c] },
      );
    }
    averagingWeights[c] = ema * averagingWeights[c] + (1 - ema);
    values[c] += ((1 - ema) / averagingWeights[c]) * (mean - values[c]);
    measuredSteps[c] = step;
  }
  return { values, averagingWeights, measuredSteps };
}

/** Steps since each cell was measured, seen from `step`; `Infinity` for a cell that never was. (C) */
export function staleness(map: ErrorMap, step: number): Float64Array {
  return Float64Array.from(map.measuredSteps, (measuredStep) => (measuredStep < 0 ? Infinity : step - measuredStep));
}

/**
 * `E_c w_c`, divided by the parameter count when `normalise` says so. (C)
 *
 * A cell that was never measured scores 0: measure every component once before steering by the map.
 *
 * @throws INTERNAL for lengths that differ, negative or non-finite weights, missing or non-positive parameter counts.
 */
export function scores(map: ErrorMap, options: ScoreOptions = {}): Float64Array {
  const { normalise = 'none', weights, parameterCounts } = options;
  const count = map.values.length;
  const result = map.values.slice();
  if (weights) {
    requireLength('weights', weights, count);
    for (let c = 0; c < count; c++) {
      if (!(weights[c] >= 0 && weights[c] < Infinity)) {
        throw misuse(`Weight ${c} is ${weights[c]}, expected a finite number from 0 up.`, { component: c });
      }
      result[c] *= weights[c];
    }
  }
  if (normalise === 'parameters') {
    if (!parameterCounts) throw misuse("normalise is 'parameters', but parameterCounts is missing.");
    requireLength('parameterCounts', parameterCounts, count);
    for (let c = 0; c < count; c++) {
      if (!(parameterCounts[c] > 0)) {
        throw misuse(`Component ${c} has ${parameterCounts[c]} parameters, expected 1 or more.`, { component: c });
      }
      result[c] /= parameterCounts[c];
    }
  }
  return result;
}

/**
 * Shares `Êc = E_c / sum_k E_k`, which sum to 1. (C) An all-zero map says nothing and gives `1 / C` for each.
 *
 * @throws INTERNAL for a negative or non-finite score.
 */
export function shares(componentScores: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(componentScores);
  const largest = result.reduce((max, score) => Math.max(max, score), 0);
  if (!result.every((score) => score >= 0 && score < Infinity)) {
    throw misuse('A score is negative or not finite, so shares are undefined.');
  }
  if (largest === 0) return result.fill(1 / result.length);
  // Dividing by the largest first keeps the sum finite when the scores are near the top of the float64 range.
  let sum = 0;
  for (let c = 0; c < result.length; c++) {
    result[c] /= largest;
    sum += result[c];
  }
  for (let c = 0; c < result.length; c++) result[c] /= sum;
  return result;
}

/** Sum of `values` over the components of each layer; what lies outside the layers is left out. (L) */
export function layerTotals(components: readonly Component[], values: ArrayLike<number>): Float64Array {
  requireLength('values', values, components.length);
  const totals = new Float64Array(layerCount(components));
  components.forEach(({ layer }, c) => {
    if (layer !== null) totals[layer] += values[c];
  });
  return totals;
}

/** Margins of the layer x head grid: query heads only, no key/value groups, MLPs or norms. */
export interface HeadMargins {
  /** Sum over the heads of each layer. (L) */
  readonly byLayer: Float64Array;
  /** Sum over the layers for each head number. (H) */
  readonly byHead: Float64Array;
}

/** Row and column sums of `values` over the query heads. */
export function headMargins(components: readonly Component[], values: ArrayLike<number>): HeadMargins {
  requireLength('values', values, components.length);
  const numHeads = components.reduce((n, c) => (c.kind === 'head' ? Math.max(n, c.index! + 1) : n), 0);
  const byLayer = new Float64Array(layerCount(components));
  const byHead = new Float64Array(numHeads);
  components.forEach(({ kind, layer, index }, c) => {
    if (kind !== 'head') return;
    byLayer[layer!] += values[c];
    byHead[index!] += values[c];
  });
  return { byLayer, byHead };
}

/**
 * Spearman's rank correlation in [-1, 1] (Pearson correlation of the ranks, ties share their mean rank): how far two
 * maps agree on the order of the components. NaN when either side is constant or has fewer than two entries, where no
 * order exists.
 *
 * @throws INTERNAL when the lengths differ.
 */
export function spearman(left: ArrayLike<number>, right: ArrayLike<number>): number {
  requireLength('right', right, left.length);
  const leftRanks = ranks(left);
  const rightRanks = ranks(right);
  const meanRank = (left.length + 1) / 2;
  let covariance = 0;
  let leftVariance = 0;
  let rightVariance = 0;
  for (let i = 0; i < left.length; i++) {
    const dLeft = leftRanks[i] - meanRank;
    const dRight = rightRanks[i] - meanRank;
    covariance += dLeft * dRight;
    leftVariance += dLeft * dLeft;
    rightVariance += dRight * dRight;
  }
  return covariance / Math.sqrt(leftVariance * rightVariance);
}

/** Ranks from 1, the mean rank for ties. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) result[order[i]] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

/** The map as plain JSON values; `errorMapFromJson` gives the same bits back. */
export interface ErrorMapJson {
  readonly values: readonly number[];
  readonly averagingWeights: readonly number[];
  readonly measuredSteps: readonly number[];
}

/** For checkpoints and events. Float64 numbers survive JSON exactly, and all of the map's are finite. */
export function errorMapToJson(map: ErrorMap): ErrorMapJson {
  return {
    values: Array.from(map.values),
    averagingWeights: Array.from(map.averagingWeights),
    measuredSteps: Array.from(map.measuredSteps),
  };
}

/**
 * The map that `errorMapToJson` wrote.
 *
 * @param count Components of the model at hand.
 * @throws CHECKPOINT_CORRUPT when the lists are missing, of another length, or hold impossible numbers.
 */
export function errorMapFromJson(json: unknown, count: number): ErrorMap {
  const { values, averagingWeights, measuredSteps } = (json ?? {}) as Partial<Record<keyof ErrorMapJson, unknown>>;
  const lists: readonly [string, unknown, (n: unknown) => boolean][] = [
    ['values', values, (n) => Number.isFinite(n) && (n as number) >= 0],
    ['averagingWeights', averagingWeights, (n) => Number.isFinite(n) && (n as number) >= 0 && (n as number) <= 1],
    ['measuredSteps', measuredSteps, (n) => Number.isInteger(n) && (n as number) >= -1],
  ];
  for (const [name, list, isValid] of lists) {
    if (Array.isArray(list) && list.length === count && list.every(isValid)) continue;
    const found = Array.isArray(list) ? `${list.length} entries or numbers out of range` : 'no list';
    throw new FineTuneError(
      'CHECKPOINT_CORRUPT',
      `The stored error map has ${found} in "${name}", expected ${count} valid numbers, one for each component. Resume from an older checkpoint, or start the run anew.`,
      { list: name, expected: count },
    );
  }
  return {
    values: Float64Array.from(values as number[]),
    averagingWeights: Float64Array.from(averagingWeights as number[]),
    measuredSteps: Int32Array.from(measuredSteps as number[]),
  };
}

function layerCount(components: readonly Component[]): number {
  return components.reduce((count, { layer }) => Math.max(count, (layer ?? -1) + 1), 0);
}

function requireLength(name: string, list: ArrayLike<unknown>, count: number): void {
  if (list.length === count) return;
  throw misuse(`${name} has ${list.length} entries, expected ${count}.`, { name, found: list.length, expected: count });
}

function misuse(message: string, details: Readonly<Record<string, unknown>> = {}): FineTuneError {
  return new FineTuneError('INTERNAL', `${message} This is a fault of the program; please report it.`, details);
}
