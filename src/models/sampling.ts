/** @file Picks the next token from logits. Pure: randomness comes in as a generator's state. */
import { FineTuneError } from '../errors.ts';
import { nextFloat, type RandomState } from '../random.ts';

export interface SamplingOptions {
  /** Logits are divided by it; 0 takes the most probable token. @default 0 */
  readonly temperature?: number;
  /**
   * Nucleus sampling (Holtzman et al. 2020): draws from the smallest set of most probable tokens whose probabilities,
   * after the temperature, sum to at least this. In (0, 1]. @default 1
   */
  readonly topP?: number;
}

/** A token this many nats below the most probable one, after the temperature, is never drawn (1e-11 of it). */
const NEGLIGIBLE_NATS = 25;
/** Bins per nat of the search for the nucleus' edge. */
const BINS_PER_NAT = 4;

/** @throws USAGE for values out of range */
export function checkSampling({ temperature = 0, topP = 1 }: SamplingOptions): void {
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new FineTuneError('USAGE', `The temperature is ${temperature}, expected 0 or more.`, { temperature });
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new FineTuneError('USAGE', `top-p is ${topP}, expected a number above 0 and at most 1.`, { topP });
  }
}

/**
 * The most probable token; the lowest id among equals.
 *
 * @throws CHECKPOINT_INVALID when a logit is not a number
 */
export function mostProbable(logits: Float32Array): number {
  let best = 0;
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    sum += logit;
    if (logit > largest) {
      largest = logit;
      best = id;
    }
  }
  if (Number.isNaN(sum) || !Number.isFinite(largest)) {
    throw new FineTuneError(
      'CHECKPOINT_INVALID',
      'The model computes logits that are no numbers; finite ones are expected. Its weights are damaged, or the training diverged: use an earlier checkpoint.',
    );
  }
  return best;
}

/**
 * Draws a token. With temperature 0 no randomness is used up; else one number is.
 *
 * @throws CHECKPOINT_INVALID when a logit is not a number
 */
export function pickToken(logits: Float32Array, options: SamplingOptions, random: RandomState): number {
  const { temperature = 0, topP = 1 } = options;
  const best = mostProbable(logits);
  if (temperature === 0) return best;
  /** Nats below the most probable token. */
  const depth = (id: number) => (logits[best] - logits[id]) / temperature;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    const nats = depth(id);
    if (nats <= NEGLIGIBLE_NATS) total += weights[id] = Math.exp(-nats);
  }
  if (topP < 1) total = keepNucleus(weights, topP * total, depth);
  let rest = nextFloat(random) * total;
  let last = best;
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue;
    rest -= weights[id];
    if (rest < 0) return id;
    last = id;
  }
  return last; // rounding left a crumb
}

/**
 * Sets to zero all but the largest weights whose sum reaches `target`; among equals the lower id stays. A histogram
 * over the depths finds the edge, and only the bin that it lies in is sorted.
 *
 * @returns the sum of what is left
 */
function keepNucleus(weights: Float64Array, target: number, depth: (id: number) => number): number {
  const binOf = (id: number) => Math.floor(depth(id) * BINS_PER_NAT);
  const mass = new Float64Array(NEGLIGIBLE_NATS * BINS_PER_NAT + 1);
  for (let id = 0; id < weights.length; id++) if (weights[id] > 0) mass[binOf(id)] += weights[id];
  let edge = 0;
  let sum = 0;
  while (edge < mass.length - 1 && sum + mass[edge] < target) sum += mass[edge++];
  const atEdge: number[] = [];
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue;
    const bin = binOf(id);
    if (bin === edge) atEdge.push(id);
    else if (bin > edge) weights[id] = 0;
  }
  atEdge.sort((a, b) => weights[b] - weights[a] || a - b);
  for (const id of atEdge) {
    if (sum >= target) weights[id] = 0;
    else sum += weights[id];
  }
  return weights.reduce((left, weight) => left + weight, 0);
}

/** Natural logarithm of a token's probability at temperature 1. */
export function logProbability(logits: Float32Array, id: number): number {
  const largest = logits[mostProbable(logits)];
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return logits[id] - largest - Math.log(sum);
}
