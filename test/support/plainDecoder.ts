/**
 * @file The decoder that `ModelConfig` describes, in plain f64 loops over canonical weights: slow, short, and independent
 * of the engine, so that the engine and the families' mappings can be checked against it.
 */
import type { ModelConfig } from '../../src/models/config.ts';

export type PlainWeights = ReadonlyMap<string, ArrayLike<number>>;

export interface PlainBatch {
  /** (B, T) */
  readonly inputIds: ArrayLike<number>;
  readonly batchSize: number;
  readonly sequenceLength: number;
}

/** Logits (B, T, V). */
export function plainLogits(config: ModelConfig, weights: PlainWeights, batch: PlainBatch): Float64Array {
  const { batchSize: B, sequenceLength: T } = batch;
  const V = config.vocabSize;
  const logits = new Float64Array(B * T * V);
  const head = weights.get(config.tieWordEmbeddings ? 'embed_tokens.weight' : 'lm_head.weight')!;
  for (let b = 0; b < B; b++) {
    const ids = Array.from({ length: T }, (_, t) => batch.inputIds[b * T + t]);
    const hidden = hiddenStates(config, weights, ids);
    for (let t = 0; t < T; t++) logits.set(product(hidden[t], head, undefined, V), (b * T + t) * V);
  }
  return logits;
}

/** Mean negative log-likelihood of the labels that are not -100, each scored by the logits one position before it. */
export function plainLoss(
  config: ModelConfig,
  weights: PlainWeights,
  batch: PlainBatch,
  labels: ArrayLike<number>,
): number {
  const { batchSize: B, sequenceLength: T } = batch;
  const V = config.vocabSize;
  const logits = plainLogits(config, weights, batch);
  let sum = 0;
  let targets = 0;
  for (let b = 0; b < B; b++) {
    for (let t = 0; t + 1 < T; t++) {
      const label = labels[b * T + t + 1];
      if (label === -100) continue;
      const row = logits.subarray((b * T + t) * V, (b * T + t + 1) * V);
      const largest = row.reduce((a, c) => Math.max(a, c), -Infinity);
      sum += largest + Math.log(row.reduce((total, value) => total + Math.exp(value - largest), 0)) - row[label];
      targets++;
    }
  }
  return sum / targets;
}

/** Normalised output of the last layer, one vector for each position. */
function hiddenStates(config: ModelConfig, weights: PlainWeights, ids: readonly number[]): Float64Array[] {
  const C = config.hiddenSize;
  const embedding = weights.get('embed_tokens.weight')!;
  const positions = config.rope ? undefined : weights.get('embed_positions.weight')!;
  let x: Float64Array[] = ids.map((id, t) =>
    Float64Array.from({ length: C }, (_, c) => embedding[id * C + c] + (positions ? positions[t * C + c] : 0)),
  );
  for (let layer = 0; layer < config.numLayers; layer++) {
    const prefix = `layers.${layer}.`;
    const attended = attention(
      config,
      weights,
      prefix,
      x.map((row) => norm(config, weights, `${prefix}input_layernorm`, row)),
    );
    const between = x.map((row, t) => add(row, attended[t]));
    const mlpOf = (row: Float64Array) =>
      mlp(config, weights, `${prefix}mlp.`, norm(config, weights, `${prefix}post_attention_layernorm`, row));
    x = between.map((row, t) => add(row, mlpOf(config.parallelResidual ? x[t] : row)));
  }
  return x.map((row) => norm(config, weights, 'norm', row));
}

function attention(config: ModelConfig, weights: PlainWeights, prefix: string, x: Float64Array[]): Float64Array[] {
  const { numHeads: H, numKvHeads: K, headDim: D } = config;
  const project = (name: string, heads: number, turned: boolean, normed: boolean) =>
    x.map((row, t) => {
      const whole = linear(weights, `${prefix}self_attn.${name}_proj`, row, heads * D);
      return Array.from({ length: heads }, (_, head) => {
        let part: Float64Array = whole.slice(head * D, (head + 1) * D);
        if (normed && config.qkNorm)
          part = rms(part, weights.get(`${prefix}self_attn.${name}_norm.weight`)!, config.normEps);
        return turned ? rotate(config, part, t) : part;
      });
    });
  const q = project('q', H, true, true);
  const k = project('k', K, true, true);
  const v = project('v', K, false, false);
  return x.map((_, t) => {
    const mixed = new Float64Array(H * D);
    for (let head = 0; head < H; head++) {
      const group = Math.floor(head / (H / K));
      const scores = Array.from({ length: t + 1 }, (_, s) => dot(q[t][head], k[s][group]) / Math.sqrt(D));
      const largest = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - largest));
      const total = shares.reduce((a, c) => a + c, 0);
      for (let s = 0; s <= t; s++)
        for (let d = 0; d < D; d++) mixed[head * D + d] += (shares[s] / total) * v[s][group][d];
    }
    return linear(weights, `${prefix}self_attn.o_proj`, mixed, config.hiddenSize);
  });
}

/** "Rotate half": feature i turns with feature i + rotaryDim / 2. */
function rotate(config: ModelConfig, part: Float64Array, position: number): Float64Array {
  if (!config.rope) return part;
  const result = part.slice();
  const half = config.rope.rotaryDim / 2;
  for (let i = 0; i < half; i++) {
    const angle = position * config.rope.inverseFrequencies[i];
    result[i] = part[i] * Math.cos(angle) - part[i + half] * Math.sin(angle);
    result[i + half] = part[i + half] * Math.cos(angle) + part[i] * Math.sin(angle);
  }
  return result;
}

function mlp(config: ModelConfig, weights: PlainWeights, prefix: string, x: Float64Array): Float64Array {
  const F = config.intermediateSize;
  const up = linear(weights, `${prefix}up_proj`, x, F);
  const activate = ACTIVATIONS[config.activation];
  const inner = config.gatedMlp
    ? linear(weights, `${prefix}gate_proj`, x, F).map((value, i) => activate(value) * up[i])
    : up.map(activate);
  return linear(weights, `${prefix}down_proj`, inner, config.hiddenSize);
}

const ACTIVATIONS: Readonly<Record<ModelConfig['activation'], (x: number) => number>> = {
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * (1 + errorFunction(x / Math.SQRT2)),
  geluTanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** erf(x) = 2/sqrt(pi) * exp(-x^2) * sum_n 2^n x^(2n+1) / (2n+1)!!, all terms of one sign, so nothing cancels. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function norm(config: ModelConfig, weights: PlainWeights, name: string, x: Float64Array): Float64Array {
  const weight = weights.get(`${name}.weight`)!;
  if (config.norm === 'rms') return rms(x, weight, config.normEps);
  const bias = weights.get(`${name}.bias`)!;
  const mean = x.reduce((a, c) => a + c, 0) / x.length;
  const variance = x.reduce((a, c) => a + (c - mean) ** 2, 0) / x.length;
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + config.normEps)) * weight[i] + bias[i]);
}

function rms(x: Float64Array, weight: ArrayLike<number>, eps: number): Float64Array {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + eps);
  return x.map((value, i) => value * scale * weight[i]);
}

function linear(weights: PlainWeights, name: string, x: Float64Array, outputs: number): Float64Array {
  return product(x, weights.get(`${name}.weight`)!, weights.get(`${name}.bias`), outputs);
}

/** weight (out, in) times x, plus bias. */
function product(
  x: Float64Array,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  outputs: number,
): Float64Array {
  const result = new Float64Array(outputs);
  for (let out = 0; out < outputs; out++) {
    let sum = bias ? bias[out] : 0;
    for (let i = 0; i < x.length; i++) sum += weight[out * x.length + i] * x[i];
    result[out] = sum;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]);
}
