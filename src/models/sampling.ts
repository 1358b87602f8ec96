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
  const largest = logits[best];
  const lowest = largest - NEGLIGIBLE_NATS * temperature;
  const ids: number[] = [];
  const weights: number[] = [];
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] < lowest) continue;
    const weight = Math.exp((logits[id] - largest) / temperature);
    ids.push(id);
    weights.push(weight);
    total += weight;
  }
  const kept = topP < 1 ? nucleus(weights, topP * total) : weights.map((_, i) => i);
  const keptTotal = kept.reduce((sum, i) => sum + weights[i], 0);
  let rest = nextFloat(random) * keptTotal;
  for (const i of kept) {
    rest -= weights[i];
    if (rest < 0) return ids[i];
  }
  return ids[kept[kept.length - 1]];
}

/** Natural logarithm of a token's probability at temperature 1. */
export function logProbability(logits: Float32Array, id: number): number {
  const largest = logits[mostProbable(logits)];
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return logits[id] - largest - Math.log(sum);
}

/**
 * Indices, ascending, of the largest weights whose sum reaches `target`; the earlier one among equals. Weights lie in
 * (0, 1] and the largest is 1, so a histogram of their logarithms finds the edge and only its bin is sorted.
 */
function nucleus(weights: readonly number[], target: number): number[] {
  const binOf = (weight: number) => Math.min(NEGLIGIBLE_NATS, -Math.log(weight)) * BINS_PER_NAT;
  const bins = weights.map((weight) => Math.floor(binOf(weight)));
  const mass = new Float64Array(NEGLIGIBLE_NATS * BINS_PER_NAT + 1);
  weights.forEach((weight, i) => {
    mass[bins[i]] += weight;
  });
  let edge = 0;
  let sum = 0;
  while (edge < mass.length - 1 && sum + mass[edge] < target) sum += mass[edge++];
  const atEdge = [...bins.keys()].filter((i) => bins[i] === edge).sort((a, b) => weights[b] - weights[a] || a - b);
  const chosen = new Set<number>();
  for (const i of atEdge) {
    if (sum >= target && (chosen.size > 0 || edge > 0)) break;
    chosen.add(i);
    sum += weights[i];
  }
  return [...bins.keys()].filter((i) => bins[i] < edge || chosen.has(i));
}
