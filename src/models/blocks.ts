/**
 * @file The forward pass of a decoder, written once for all families: one transformer block and the loss head, as
 * differentiable graphs. Shape letters: B batch, T sequence, M = B·T tokens, C hidden, H query heads, K key/value
 * heads, D head dim, F neurons, V vocabulary.
 */
import { gradients } from '../engine/backward.ts';
import { Graph, type Shape, type Value } from '../engine/graph.ts';
import { layerWeightShapes, type ModelConfig } from './config.ts';
import { productOf } from './sampleNorms.ts';

/** One transformer block with its backward pass. Sessions fetch what they need of it. */
export interface BlockGraph {
  readonly graph: Graph;
  /** Hidden state in and out, (M, C), and the gradient that arrives from above. */
  readonly x: Value;
  readonly y: Value;
  readonly dy: Value;
  /** Weights by their name without the layer prefix. */
  readonly weights: ReadonlyMap<string, Value>;
  /** Keys and values after rotation, (B, K, T, D): what a generation cache holds. */
  readonly keys: Value;
  readonly values: Value;
  /** Intermediate values worth keeping for the backward pass; everything else is cheap to compute again. */
  readonly saved: readonly Value[];
  /** The state between attention and MLP, (M, C), and those of the saved values that lie behind it. */
  readonly h: Value;
  readonly mlpSaved: readonly Value[];
  /** Gradient of the hidden state and of each weight. */
  readonly dx: Value;
  /** With `queries`: the hidden state at their positions, (B·N, C), and its gradient, which belongs to `dx` as well. */
  readonly queries?: { readonly x: Value; readonly dx: Value };
  readonly weightGradients: ReadonlyMap<string, Value>;
}

/** Names of the inputs that all blocks of a batch share. */
export const BLOCK_INPUTS = { x: 'x', dy: 'dy', mask: 'mask', positions: 'positions', cos: 'cos', sin: 'sin' } as const;

/** Names of the inputs of a block with queries at some positions only. */
export const QUERY_INPUTS = { x: 'x.queries', positions: 'positions.queries' } as const;

/**
 * Builds a block for batches of `batch` sequences of `length` tokens.
 *
 * Inputs: x and dy (M, C); mask (B, 1, T, T), added to the attention scores (0 = may attend, very negative = may
 * not); positions (B, T), cos and sin (`tableLength`, R/2) for rotary models; the weights.
 *
 * @param tableLength rows of the cos and sin tables. @default length
 * @param queries positions of each sequence (N) whose output is wanted, in order; the others give keys and values and
 *   nothing else. Then y and dy are (B·N, C), mask is (B, 1, N, T), and the hidden state and the positions of the queries
 *   are inputs of their own (`QUERY_INPUTS`: (B·N, C) and (B, N)). @default every position
 */
export function buildBlock(
  config: ModelConfig,
  batch: number,
  length: number,
  type: 'float32' | 'float64' = 'float32',
  tableLength = length,
  queries?: number,
): BlockGraph {
  const g = new Graph(type);
  const weights = new Map<string, Value>();
  for (const [name, shape] of layerWeightShapes(config)) weights.set(name, g.input(name, shape));
  const sizes = { batch, length, tableLength, queries };
  const forward = buildForward(g, config, sizes, weights, (input, name, residual, label) => {
    const weight = weights.get(`${name}.weight`)!;
    const bias = weights.get(`${name}.bias`);
    const down = weights.get(`${name}.lora_A.weight`);
    // One addend travels inside each product.
    if (!down) {
      if (!bias || !residual) return g.linear(input, weight, bias ?? residual, label);
      return g.add(g.linear(input, weight, bias), residual, label);
    }
    const narrowed = g.mul(g.linear(input, down), g.scalar(config.lora!.scale)); // (M, rank)
    const branch = g.linear(narrowed, weights.get(`${name}.lora_B.weight`)!, bias ?? residual);
    if (!bias || !residual) return g.linear(input, weight, branch, label);
    return g.add(g.linear(input, weight, branch), residual, label);
  });
  const { x, xOfQueries, y, attended, h, mlpSaved } = forward;
  const dy = g.input(BLOCK_INPUTS.dy, y.shape);
  const gradientOf = gradients(g, y, dy, [x, ...(xOfQueries ? [xOfQueries] : []), ...weights.values()]);
  const weightGradients = new Map<string, Value>();
  for (const [name, value] of weights) weightGradients.set(name, gradientOf.get(value)!);
  return {
    graph: g,
    x,
    y,
    dy,
    weights,
    keys: attended[1],
    values: attended[2],
    saved: [...attended, h, ...mlpSaved],
    h,
    mlpSaved,
    dx: gradientOf.get(x)!,
    queries: xOfQueries && { x: xOfQueries, dx: gradientOf.get(xOfQueries)! },
    weightGradients,
  };
}

/** A block's forward pass with its products in 8 bits. `y`, `h` and `saved` correspond to those of `BlockGraph`. */
export type FrozenBlockGraph = Pick<BlockGraph, 'graph' | 'y' | 'h' | 'saved'>;

/** Names of the inputs that stand for the matrix `<name>.weight` in a frozen block. */
export const quantizedInputs = (name: string) => ({ bytes: `${name}.bytes`, scales: `${name}.scales` });

/**
 * The forward pass of a block that is not trained, its products with weights in 8 bits (`DynamicQuantizeMatMul`). What
 * it saves stands for what `buildBlock` saves, so that the input gradient can be taken there, in full precision.
 *
 * Inputs: as `buildBlock`, without dy, and for each matrix `quantizeWeight`'s two parts, named by `quantizedInputs`.
 */
export function buildFrozenBlock(config: ModelConfig, batch: number, length: number): FrozenBlockGraph {
  const g = new Graph();
  const vectors = new Map<string, Value>();
  for (const [name, shape] of layerWeightShapes(config))
    if (shape.length === 1) vectors.set(name, g.input(name, shape));
  const shapes = layerWeightShapes(config);
  const sizes = { batch, length, tableLength: length };
  const { y, attended, h, mlpSaved } = buildForward(g, config, sizes, vectors, (input, name, residual, label) => {
    const [out, inputs] = shapes.get(`${name}.weight`)!;
    const { bytes, scales } = quantizedInputs(name);
    const parts = [input, g.input(bytes, [inputs, out], 'int8'), g.input(scales, [out])];
    const bias = vectors.get(`${name}.bias`);
    const addends = [...(bias ? [bias] : []), ...(residual ? [residual] : [])];
    const product = g.apply('DynamicQuantizeMatMul', parts, {}, addends.length === 0 ? label : undefined)[0];
    return addends.reduce(
      (sum, addend, i) => g.add(sum, addend, i === addends.length - 1 ? label : undefined),
      product,
    );
  });
  return { graph: g, y, h, saved: [...attended, h, ...mlpSaved] };
}

const LARGEST_BYTE = 63;

/**
 * Rounds a weight (out, in) to integers of at most 63, each output with its own scale: `weight[o][i] ≈ bytes[i][o] ·
 * scales[o]`, off by at most half a scale. Not 127: processors without VNNI add pairs of products in 16 bits and cut off
 * what does not fit, silently, and 2 · 255 · 63 does.
 */
export function quantizeWeight(weight: Float32Array, [out, inputs]: Shape): { bytes: Int8Array; scales: Float32Array } {
  const bytes = new Int8Array(weight.length);
  const scales = new Float32Array(out);
  for (let o = 0; o < out; o++) {
    const row = weight.subarray(o * inputs, (o + 1) * inputs);
    let largest = 0;
    for (let i = 0; i < inputs; i++) largest = Math.max(largest, Math.abs(row[i]));
    scales[o] = largest / LARGEST_BYTE;
    const perUnit = largest > 0 ? LARGEST_BYTE / largest : 0;
    for (let i = 0; i < inputs; i++) bytes[i * out + o] = Math.round(row[i] * perUnit);
  }
  return { bytes, scales };
}

interface Forward {
  readonly x: Value;
  readonly xOfQueries: Value | undefined;
  readonly y: Value;
  readonly h: Value;
  /** q, k, v as heads, then outputs and probabilities of the attention's blocks. */
  readonly attended: readonly Value[];
  readonly mlpSaved: readonly Value[];
}

/** The forward pass that all blocks share, whatever their products are. */
function buildForward(
  g: Graph,
  config: ModelConfig,
  {
    batch: B,
    length: T,
    tableLength,
    queries: N = T,
  }: { batch: number; length: number; tableLength: number; queries?: number },
  weights: ReadonlyMap<string, Value>,
  linear: LayerProducts['linear'],
): Forward {
  const { hiddenSize: C, numHeads: H, numKvHeads: K, headDim: D } = config;
  const M = B * T;
  const x = g.input(BLOCK_INPUTS.x, [M, C]);
  const mask = g.input(BLOCK_INPUTS.mask, [B, 1, N, T]);
  const rotary = config.rope && {
    positions: g.input(BLOCK_INPUTS.positions, [B, T], 'int64'),
    cos: g.input(BLOCK_INPUTS.cos, [tableLength, config.rope.rotaryDim / 2]),
    sin: g.input(BLOCK_INPUTS.sin, [tableLength, config.rope.rotaryDim / 2]),
  };
  const queries =
    N < T
      ? {
          x: g.input(QUERY_INPUTS.x, [B * N, C]),
          positions: rotary && g.input(QUERY_INPUTS.positions, [B, N], 'int64'),
        }
      : undefined;
  /** (B·t, n·D) or (B, t, n·D) -> (B, n, t, D) */
  const splitHeads = (input: Value, heads: number, t: number, label: string): Value =>
    g.transpose(g.reshape(input, [B, t, heads, D]), [0, 2, 1, 3], label);
  const attended: Value[] = [];
  const attend = (q: Value, k: Value, v: Value): Value => {
    const heads = [
      splitHeads(q, H, N, 'q_heads'),
      splitHeads(k, K, T, 'k_heads'),
      splitHeads(v, K, T, 'v_heads'),
    ] as const;
    const { outputs, probabilities } = causalAttention(g, ...heads, mask);
    attended.push(...heads, ...outputs, ...probabilities);
    const o = outputs.length === 1 ? outputs[0] : g.apply('Concat', outputs, { axis: 2 })[0]; // (B, H, N, D)
    return g.reshape(g.transpose(o, [0, 2, 1, 3]), [B * N, H * D], 'attention_mixed');
  };
  const products = {
    linear,
    widen: (input: Value, name: string, label: string) => linear(input, name, undefined, label),
    narrow: linear,
    attend,
  };
  const { y, h, up, gate } = transformerLayer(g, config, x, weights, rotary, products, queries);
  return { x, xOfQueries: queries?.x, y, h, attended, mlpSaved: [up, ...(gate ? [gate] : [])] };
}

/** How a layer computes its products. Training and generation differ here and nowhere else. */
export interface LayerProducts {
  /** x·Wᵀ + b + residual, each where it exists: (M, in) -> (M, out). */
  linear(input: Value, name: string, residual?: Value, label?: string): Value;
  /** The MLP's first products, (M, C) -> neurons in the layout that `narrow` takes. */
  widen(input: Value, name: string, label: string): Value;
  /** The MLP's last product plus the residual, neurons -> (M, C). */
  narrow(neurons: Value, name: string, residual: Value, label: string): Value;
  /** Rotated q (B, T, H·D) and k (B, T, K·D), or (M, ·) without rotation, and v (M, K·D) -> (M, H·D). */
  attend(q: Value, k: Value, v: Value): Value;
}

/** Rotary embedding's inputs: positions (B, T), tables (P, R/2). */
export interface RotaryInputs {
  readonly positions: Value;
  readonly cos: Value;
  readonly sin: Value;
}

/**
 * One layer of any family: x (M, C) -> y (M, C). `h` lies between attention and MLP; up and gate are the MLP's products.
 *
 * @param queries the rows of x whose output is wanted, and their positions; y then has these rows. @default all
 */
export function transformerLayer(
  g: Graph,
  config: ModelConfig,
  x: Value,
  weights: ReadonlyMap<string, Value>,
  rotary: RotaryInputs | undefined,
  { linear, widen, narrow, attend }: LayerProducts,
  queries?: { readonly x: Value; readonly positions: Value | undefined },
): { y: Value; h: Value; up: Value; gate: Value | undefined } {
  const { numHeads: H, numKvHeads: K, headDim: D } = config;
  const weight = (name: string) => weights.get(name)!;
  const norm = (input: Value, name: string): Value =>
    config.norm === 'rms'
      ? g.apply('SimplifiedLayerNormalization', [input, weight(`${name}.weight`)], { epsilon: config.normEps })[0]
      : g.apply('LayerNormalization', [input, weight(`${name}.weight`), weight(`${name}.bias`)], {
          epsilon: config.normEps,
        })[0];
  const normHeads = (input: Value, heads: number, name: string): Value =>
    g.apply(
      'SimplifiedLayerNormalization',
      [g.reshape(input, [input.shape[0], heads, D]), weight(`self_attn.${name}.weight`)],
      {
        epsilon: config.normEps,
      },
    )[0];
  const rotate = (input: Value, heads: number, positions = rotary?.positions): Value => {
    if (!rotary || !positions) return input;
    const { cos, sin } = rotary;
    const flat = g.reshape(input, [...positions.shape, heads * D]);
    return g.apply('RotaryEmbedding', [flat, positions, cos, sin], { numHeads: heads })[0];
  };

  const xn = norm(x, 'input_layernorm'); // (M, C)
  const ownX = queries?.x ?? x;
  let q = linear(queries ? norm(ownX, 'input_layernorm') : xn, 'self_attn.q_proj'); // (M, H·D)
  let k = linear(xn, 'self_attn.k_proj'); // (M, K·D)
  const v = linear(xn, 'self_attn.v_proj');
  if (config.qkNorm) {
    q = normHeads(q, H, 'q_norm');
    k = normHeads(k, K, 'k_norm');
  }
  const mixed = attend(rotate(q, H, queries?.positions), rotate(k, K), v); // (M, H·D)

  const h = linear(mixed, 'self_attn.o_proj', ownX, 'h'); // (M, C)
  const hn = norm(config.parallelResidual ? ownX : h, 'post_attention_layernorm');
  const up = widen(hn, 'mlp.up_proj', 'up'); // F neurons for each token
  const gate = config.gatedMlp ? widen(hn, 'mlp.gate_proj', 'gate') : undefined;
  const activated =
    config.activation === 'silu'
      ? g.apply('QuickGelu', [gate ?? up], {})[0]
      : g.apply('Gelu', [gate ?? up], { approximate: config.activation === 'gelu' ? 'none' : 'tanh' })[0];
  const neurons = gate ? g.mul(activated, up) : activated;
  const y = narrow(neurons, 'mlp.down_proj', h, 'y'); // (M, C)
  return { y, h, up, gate };
}

/** Queries that share one product; see `causalAttention`. */
const QUERY_BLOCK = 128;

/**
 * Causal attention, queries in blocks: a block sees only the keys up to its own end, so the upper half of the (T, T)
 * scores is mostly never computed (5/8 of the work with four blocks, towards 1/2 with many). With fewer queries (N) than
 * keys, query i of N in order stands at position T - N + i at most.
 *
 * @returns the outputs (B, H, t, D) and probabilities (B, H, t, S) of each block, in order.
 */
function causalAttention(
  g: Graph,
  q: Value,
  k: Value,
  v: Value,
  mask: Value,
): { outputs: Value[]; probabilities: Value[] } {
  const [, , N, D] = q.shape;
  const later = k.shape[2] - N;
  const scale = 1 / Math.sqrt(D);
  const outputs: Value[] = [];
  const probabilities: Value[] = [];
  for (let start = 0; start < N; start += QUERY_BLOCK) {
    const end = Math.min(start + QUERY_BLOCK, N);
    const slice = (x: Value, axis: number, from: number, to: number): Value =>
      from === 0 && to === x.shape[axis] ? x : g.apply('Slice', [x], { axis, start: from, end: to })[0];
    const [o, p] = g.apply(
      'Attention',
      [
        slice(q, 2, start, end),
        slice(k, 2, 0, end + later),
        slice(v, 2, 0, end + later),
        slice(slice(mask, 2, start, end), 3, 0, end + later),
      ],
      { scale },
      'attention',
    );
    outputs.push(o);
    probabilities.push(p);
  }
  return { outputs, probabilities };
}

/** Final norm, LM head and cross-entropy for `rows` tokens, with their backward pass. */
export interface HeadGraph {
  readonly graph: Graph;
  /** Hidden states (N, C) before the final norm. */
  readonly x: Value;
  /** Loss of each row, (N, 1), nats. */
  readonly loss: Value;
  /** Probabilities (N, V). */
  readonly probabilities: Value;
  /** Largest logit minus the label's, (N, 1): 0 where the label is the most probable token. */
  readonly margin: Value;
  readonly dx: Value;
  /** Gradients of the final norm's gain and bias. */
  readonly normGradients: ReadonlyMap<string, Value>;
  readonly headGradient: Value;
  /** With `measuresOthers`, (N, 1) each: the others' share p of the probability, and the b of vocabulary.ts less ln p. */
  readonly others?: { readonly share: Value; readonly offset: Value };
}

/** Names of the head's inputs beside `norm.weight`, `norm.bias` and `head` (V, C). */
export const HEAD_INPUTS = {
  ...{ x: 'x', labels: 'labels', dLoss: 'dLoss', head: 'head' },
  ...{ offsets: 'offsets', isOther: 'isOther', direction: 'direction' },
} as const;

export interface HeadOptions {
  /**
   * Ids whose logits have a part of their own in `dx` and `normGradients`; the others share one, see `narrowProduct`. Less
   * than the rows of the head. @default all of them: the exact gradients
   */
  readonly columns?: number;
  /**
   * K, the ids of a part of the vocabulary (vocabulary.ts). The head is then (K + 1, C + 1), labels are places among the
   * ids, and `offsets` (N, 1), each row's b, is one more input. @default the whole vocabulary
   */
  readonly ids?: number;
  /** Measures what a part leaves out; two more inputs, `isOther` (V, 1) and `direction` (C, 1). @default false */
  readonly measuresOthers?: boolean;
}

/**
 * Builds the loss head. Inputs: x (N, C), labels (N) int64, dLoss (N, 1) the weight of each row's loss, weights.
 */
export function buildHead(
  config: ModelConfig,
  rows: number,
  type: 'float32' | 'float64' = 'float32',
  { columns, ids, measuresOthers = false }: HeadOptions = {},
): HeadGraph {
  const g = new Graph(type);
  const { hiddenSize: C, vocabSize: V } = config;
  const x = g.input(HEAD_INPUTS.x, [rows, C]);
  const { normalised, gains } = finalNorm(g, config, x);
  const features =
    ids === undefined
      ? normalised
      : g.apply('Concat', [normalised, g.input(HEAD_INPUTS.offsets, [rows, 1])], { axis: 1 })[0];
  const head = g.input(HEAD_INPUTS.head, ids === undefined ? [V, C] : [ids + 1, C + 1]);
  const labels = g.input(HEAD_INPUTS.labels, [rows], 'int64');
  const dLoss = g.input(HEAD_INPUTS.dLoss, [rows, 1]);
  const [loss, probabilities, margin] = g.apply('LinearCrossEntropy', [features, head, labels], {}, 'loss');
  const ofHidden = [x, ...gains.values()];
  const gradientOf = gradients(g, loss, dLoss, columns === undefined ? [head, ...ofHidden] : [head]);
  if (columns !== undefined) {
    const { dy: dLogits } = productOf(gradientOf.get(head)!);
    const dFeatures = narrowProduct(g, { dLogits, head, labels, loss, dLoss }, columns);
    for (const [value, gradient] of gradients(g, features, dFeatures, ofHidden)) gradientOf.set(value, gradient);
  }
  const normGradients = new Map<string, Value>();
  for (const [name, value] of gains) normGradients.set(name, gradientOf.get(value)!);
  return {
    graph: g,
    x,
    loss,
    probabilities,
    margin,
    dx: gradientOf.get(x)!,
    normGradients,
    headGradient: gradientOf.get(head)!,
    others: measuresOthers ? othersOf(g, { normalised, head, labels, loss, probabilities }) : undefined,
  };
}

/** The others' sum is exp(loss + z_label) times their share of the probability. */
function othersOf(
  g: Graph,
  {
    normalised,
    head,
    labels,
    loss,
    probabilities,
  }: Record<'normalised' | 'head' | 'labels' | 'loss' | 'probabilities', Value>,
): NonNullable<HeadGraph['others']> {
  const [V, C] = head.shape;
  const share = g.gemm(probabilities, g.input(HEAD_INPUTS.isOther, [V, 1]));
  const [rowOfLabel] = g.apply('Gather', [head, labels], { axis: 0 });
  const logit = g.reduceSum(g.mul(rowOfLabel, normalised), [1]);
  const along = g.gemm(normalised, g.input(HEAD_INPUTS.direction, [C, 1]));
  return { share, offset: g.sub(g.add(loss, logit), along) };
}

/**
 * w·D·W, the gradient of what enters the LM head, from the gradients of the logits D (N, V), the head W (V, C) and the rows'
 * weights w (N, 1), for `columns`/V + 1/N of that product's operations.
 *
 * The ids with the largest sums of absolute values in w·D have their columns as they are. Of the others' part R of D is
 * kept what each row and each column sums up to, as a matrix of rank one:
 *
 *     R ≈ r·mᵀ / Σm,  r = R·1,  m = Rᵀ·w
 *
 * so a row still moves as much probability as it should, and all rows together take it from the right ids. Leaving R out
 * instead raises targets without lowering what stands against them (DECISIONS.md, 2026-11-29).
 */
function narrowProduct(
  g: Graph,
  { dLogits, head, labels, loss, dLoss }: Record<'dLogits' | 'head' | 'labels' | 'loss' | 'dLoss', Value>,
  columns: number,
): Value {
  const N = dLoss.shape[0];
  const sums = g.gemm(g.reshape(dLoss, [1, N]), dLogits);
  // D is p, and p - 1 at the label: absolute values add up to the sum and 2·(1 - p) for each label of an id. Another pass
  // over (N, V) would take as long as the product that this one makes smaller.
  const [p] = g.apply('Exp', g.apply('Neg', [loss], {}), {});
  const twice = g.mul(g.mul(g.sub(g.scalar(1), p), dLoss), g.scalar(2));
  const [sizes] = g.apply('ScatterElements', [g.reshape(sums, [sums.shape[1]]), labels, g.reshape(twice, [N])], {
    axis: 0,
  });
  const [, ids] = g.apply('TopK', [sizes], { k: columns });
  const [ofIds] = g.apply('Gather', [dLogits, ids], { axis: 1 });
  const [headOfIds] = g.apply('Gather', [head, ids], { axis: 0 });
  // All columns of D sum to zero in each row: the rest's sums are what the kept ones lack.
  const minusR = g.reduceSum(ofIds, [1]);
  const [sumsOfIds] = g.apply('Gather', [sums, ids], { axis: 1 });
  const rest = g.sub(g.gemm(sums, head), g.gemm(sumsOfIds, headOfIds));
  // -Σm. What rounding leaves of a rest that is nothing must not be divided by itself, and weights can all be 0.
  const least = g.add(g.mul(g.reduceSum(dLoss, [0]), g.scalar(1e-5)), g.scalar(1e-30));
  const [direction] = g.apply('Div', [rest, g.sub(g.reduceSum(sumsOfIds, [1]), least)], {});
  return g.mul(g.add(g.gemm(ofIds, headOfIds), g.mul(minusR, direction)), dLoss);
}

/** The norm before the LM head, x (N, C) -> (N, C), with its gain and bias as inputs. */
export function finalNorm(g: Graph, config: ModelConfig, x: Value): { normalised: Value; gains: Map<string, Value> } {
  const C = config.hiddenSize;
  const gains = new Map([['norm.weight', g.input('norm.weight', [C])]]);
  if (config.norm === 'layer') gains.set('norm.bias', g.input('norm.bias', [C]));
  const op = config.norm === 'rms' ? 'SimplifiedLayerNormalization' : 'LayerNormalization';
  return { normalised: g.apply(op, [x, ...gains.values()], { epsilon: config.normEps })[0], gains };
}

/** Tables of the rotary embedding for positions 0 … `length` - 1: (length, R/2) each. */
export function rotaryTables(config: ModelConfig, length: number): { cos: Float32Array; sin: Float32Array } {
  const frequencies = config.rope?.inverseFrequencies ?? [];
  const cos = new Float32Array(length * frequencies.length);
  const sin = new Float32Array(length * frequencies.length);
  for (let position = 0; position < length; position++) {
    frequencies.forEach((frequency, i) => {
      cos[position * frequencies.length + i] = Math.cos(position * frequency);
      sin[position * frequencies.length + i] = Math.sin(position * frequency);
    });
  }
  return { cos, sin };
}
