/**
 * @file One decoding step of a few samples as graphs: layers that read cached keys and values, and the LM head.
 *
 * Two facts about ONNX Runtime's products on the CPU shaped it (measured with 1.30.0 on AVX-512, and read in MLAS):
 * - Decoding is bound by reading the weights, and `x·Wᵀ` with 2 to 16 rows of `x` first repacks all of `W`, which costs
 *   as much as the product. `W·xᵀ`, with the samples as columns, reads `W` once where it lies: 16 samples take the time
 *   of one.
 * - A product's last bits depend on its shape: one row or column takes another path than two, and a long sum is cut into
 *   blocks whose length depends on the width (the same for 2 to 16 columns) and on the threads. Therefore every product
 *   with a weight has 2 to 16 columns, and no sum in the attention is longer than one block. A sample's logits are then
 *   the same to the bit, alone or among others, whatever the capacity of the caches (a masked entry adds zero).
 * Head dimensions above 128 would be cut into blocks again; there the bits may depend on the batch. (`x·Wᵀ` keeps its
 * bits over 1 to 16 rows only for weights that are constants of the session, which would be a second copy of the model.)
 *
 * One sample alone can be faster with a second copy of the weights, cut into tiles of 32 outputs, (out/32, in, 32): a
 * batch of `x·tile` reads memory in one line, 1.2 to 1.8 x the speed of `W·xᵀ` on one thread, less where several threads
 * use up the memory's bandwidth anyway.
 *
 * Shape letters: R samples, P prompt capacity, S own capacity, n = H/K query heads that share a key/value head.
 */
import { Graph, type Shape, type Value } from '../engine/graph.ts';
import {
  BLOCK_INPUTS,
  finalNorm,
  HEAD_INPUTS,
  type LayerProducts,
  type RotaryInputs,
  transformerLayer,
} from './blocks.ts';
import { layerWeightShapes, type ModelConfig } from './config.ts';

/** Most samples that decode together: MLAS computes this many columns at a time. */
export const MAX_ROWS = 16;
/** A single column would take another path, with other bits. */
const MIN_COLUMNS = 2;
/** Longest sum of a product of the attention: MLAS never cuts this many terms. */
const BLOCK_TERMS = 128;
/** The score vector is padded to a multiple of this, so that SIMD lanes never hold different terms. */
const LANES = 64;

/**
 * How matrices lie in memory: as in the checkpoint, (out, in), bits independent of the batch; or tiled as `tileShape`
 * says, for a sample alone.
 */
export type WeightLayout = 'checkpoint' | 'tiled';

/** Outputs of a tile. */
const TILE = 32;
/** Beyond this width whole rows of (in, out) are long enough. */
const MAX_TILED_WIDTH = 16384;

/** A matrix (out, in) as tiles, (out/tile, in, tile). A width that does not divide is one tile. */
export function tileShape([out, inputs]: Shape): readonly [number, number, number] {
  const tile = out % TILE === 0 && out <= MAX_TILED_WIDTH ? TILE : out;
  return [out / tile, inputs, tile];
}

/** Weights that multiply the same input stand below each other in the tiled layout: one product instead of two or three. */
const TILED_TOGETHER: readonly (readonly string[])[] = [
  ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  ['mlp.up_proj', 'mlp.gate_proj'],
];

/** A layer's matrices in the tiled layout: each one's members, without `.weight`, by the name of the first. */
export function tiledMatrices(config: ModelConfig): Map<string, { members: readonly string[]; shape: Shape }> {
  const matrices = new Map<string, { members: readonly string[]; shape: Shape }>();
  const shapes = layerWeightShapes(config);
  const joined = TILED_TOGETHER.map((names) => names.filter((name) => shapes.has(`${name}.weight`))).filter((names) =>
    names.every((name) => tileShape(shapes.get(`${name}.weight`)!)[2] === TILE),
  );
  for (const [name, shape] of shapes) {
    if (shape.length !== 2) continue;
    const single = name.slice(0, -'.weight'.length);
    const members = joined.find((names) => names.includes(single)) ?? [single];
    const rows = members.reduce((sum, member) => sum + shapes.get(`${member}.weight`)![0], 0);
    matrices.set(members[0], { members, shape: [rows, shape[1]] });
  }
  return matrices;
}

/** Copies a matrix (out, in) into tiles. */
export function toTiles(matrix: Float32Array, shape: Shape, copy: Float32Array): void {
  const [tiles, inputs, tile] = tileShape(shape);
  for (let t = 0; t < tiles; t++) {
    const first = t * tile * inputs;
    // Eight outputs at a time: the writes of neighbouring outputs meet in the processor's cache.
    for (let start = 0; start < tile; start += 8) {
      const end = Math.min(start + 8, tile);
      for (let i = 0; i < inputs; i++) {
        for (let o = start; o < end; o++) copy[first + i * tile + o] = matrix[first + o * inputs + i];
      }
    }
  }
}

export interface GenerationShape {
  readonly layout: WeightLayout;
  /** R, 1 … 16; with tiled weights 1. */
  readonly rows: number;
  /** P: entries of the prompt's cache; a multiple of 64, above 128 of 128. */
  readonly promptCapacity: number;
  /** S: entries of each sample's own cache; a multiple of 64, above 128 of 128. */
  readonly ownCapacity: number;
}

export interface GenerationBlock {
  readonly graph: Graph;
  /** (R, C) */
  readonly y: Value;
  /** Key and value of the present token in each layer, (K, R, 1, D): the caller appends them to the caches. */
  readonly layers: readonly { readonly keys: Value; readonly values: Value }[];
}

/** Most layers of one session: every run costs 0.1 ms, every layer 5 ms of compilation. */
const MAX_LAYERS = 8;

/** Layers that one session computes, the same number for each session of a model. */
export function layersOfBlock({ numLayers }: ModelConfig): number {
  for (let layers = MAX_LAYERS; layers > 1; layers--) if (numLayers % layers === 0) return layers;
  return 1;
}

/** Name of an input of the block's layer `layer` (from 0). */
export function layerInput(layer: number, name: string): string {
  return `${layer}/${name}`;
}

/** Inputs of each layer beside its weights. */
export const CACHE_INPUTS = {
  /** (K, P, D), shared by all samples. */
  promptKeys: 'prompt.keys',
  promptValues: 'prompt.values',
  /** (K, R, S, D) */
  ownKeys: 'own.keys',
  ownValues: 'own.values',
} as const;

/** Numbers of samples worth compiling for. One query alone would take the path of a single row, so there it is two. */
export function compiledRows(config: ModelConfig, layout: WeightLayout): readonly number[] {
  if (layout === 'tiled') return [1];
  return config.numHeads === config.numKvHeads ? [2, 4, 8, 16] : [1, 2, 4, 8, 16];
}

/** Length of the score vector of one query: prompt, own entries, the present token, padding. */
export function maskLength({
  promptCapacity: P,
  ownCapacity: S,
}: Pick<GenerationShape, 'promptCapacity' | 'ownCapacity'>): number {
  return P + S + LANES;
}

/**
 * Builds `layersOfBlock` layers for the present token of R samples.
 *
 * Inputs: x (R, C); mask (R, 1, N) with N = `maskLength`, added to the scores in the order prompt, own entries, present
 * token, padding; positions (R, 1), cos and sin (`tableLength`, R/2) for rotary models; for each layer, named by
 * `layerInput`, the caches and the weights.
 */
export function buildGenerationBlock(
  config: ModelConfig,
  shape: GenerationShape,
  tableLength: number,
): GenerationBlock {
  const g = new Graph();
  const R = shape.rows;
  const x = g.input(BLOCK_INPUTS.x, [R, config.hiddenSize]);
  const mask = g.input(BLOCK_INPUTS.mask, [R, 1, maskLength(shape)]);
  const rotary = config.rope && {
    positions: g.input(BLOCK_INPUTS.positions, [R, 1], 'int64'),
    cos: g.input(BLOCK_INPUTS.cos, [tableLength, config.rope.rotaryDim / 2]),
    sin: g.input(BLOCK_INPUTS.sin, [tableLength, config.rope.rotaryDim / 2]),
  };
  const layers: { keys: Value; values: Value }[] = [];
  let y = x;
  for (let layer = 0; layer < layersOfBlock(config); layer++) {
    const built = generationLayer(g, config, shape, y, mask, rotary, (name) => layerInput(layer, name));
    layers.push({ keys: built.keys, values: built.values });
    y = built.y;
  }
  return { graph: g, y, layers };
}

function generationLayer(
  g: Graph,
  config: ModelConfig,
  shape: GenerationShape,
  x: Value,
  mask: Value,
  rotary: RotaryInputs | undefined,
  inputName: (name: string) => string,
): { y: Value; keys: Value; values: Value } {
  const { numHeads: H, numKvHeads: K, headDim: D } = config;
  const { rows: R, promptCapacity: P, ownCapacity: S } = shape;
  const n = H / K;
  const weights = new Map<string, Value>();
  for (const [name, weightShape] of layerWeightShapes(config)) {
    if (shape.layout === 'tiled' && weightShape.length === 2) continue;
    weights.set(name, g.input(inputName(name), weightShape));
  }
  const promptKeys = g.input(inputName(CACHE_INPUTS.promptKeys), [K, P, D]);
  const promptValues = g.input(inputName(CACHE_INPUTS.promptValues), [K, P, D]);
  const ownKeys = g.input(inputName(CACHE_INPUTS.ownKeys), [K, R, S, D]);
  const ownValues = g.input(inputName(CACHE_INPUTS.ownValues), [K, R, S, D]);
  const products =
    shape.layout === 'tiled' ? tileProducts(g, config, weights, inputName) : columnProducts(g, config, weights);

  let keys: Value | undefined;
  let values: Value | undefined;
  const attend = (qFlat: Value, kFlat: Value, vFlat: Value): Value => {
    /** (R, 1, K·m·D) -> (K, R, m, D) */
    const byGroup = (flat: Value, m: number, label: string): Value =>
      R === 1 ? g.reshape(flat, [K, 1, m, D], label) : g.transpose(g.reshape(flat, [R, K, m, D]), [1, 0, 2, 3], label);
    const q = byGroup(qFlat, n, 'q_heads');
    keys = byGroup(kFlat, 1, 'k_heads');
    values = byGroup(vFlat, 1, 'v_heads');
    const alpha = 1 / Math.sqrt(D);
    // The prompt is shared: the queries of all samples stand in one product.
    const stacked = g.reshape(q, [K, R * n, D]);
    const promptScores = g.reshape(g.matMul(stacked, promptKeys, { transB: true, alpha }), [K, R, n, P]);
    const ownScores = g.matMul(q, ownKeys, { transB: true, alpha }); // (K, R, n, S)
    const presentScore = g.matMul(q, keys, { transB: true, alpha }); // (K, R, n, 1)
    const padding = g.constant(new Array<number>(K * R * n * (LANES - 1)).fill(0), [K, R, n, LANES - 1]);
    const scores = g.apply('Concat', [promptScores, ownScores, presentScore, padding], { axis: 3 })[0];
    const p = g.apply('Softmax', [g.add(scores, mask)], {})[0]; // (K, R, n, N)
    const share = (start: number, end: number): Value => g.apply('Slice', [p], { axis: 3, start, end })[0];
    const fromPrompt = mix(g, g.reshape(share(0, P), [K, R * n, P]), promptValues);
    const fromOwn = mix(g, share(P, P + S), ownValues);
    const fromPresent = g.mul(share(P + S, P + S + 1), values); // (K, R, n, D)
    const o = g.add(g.add(g.reshape(fromPrompt, [K, R, n, D]), fromOwn), fromPresent);
    return g.reshape(R === 1 ? o : g.transpose(o, [1, 0, 2, 3]), [R, H * D], 'attention_mixed');
  };

  const { y } = transformerLayer(g, config, x, weights, rotary, { ...products, attend });
  return { y, keys: keys!, values: values! };
}

/** Final norm and LM head: x (R, C) -> logits (V, R), a column for each sample. The head is (V, C), or tiled. */
export function buildGenerationHead(
  config: ModelConfig,
  rows: number,
  layout: WeightLayout,
): { graph: Graph; logits: Value } {
  const { hiddenSize: C, vocabSize: V } = config;
  const graph = new Graph();
  const x = graph.input(HEAD_INPUTS.x, [rows, C]);
  const { normalised } = finalNorm(graph, config, x);
  if (layout === 'tiled') {
    const head = graph.input(HEAD_INPUTS.head, tileShape([V, C]));
    const product = graph.matMul(forEachTile(graph, normalised, head), head); // (tiles, 1, tile)
    return { graph, logits: graph.reshape(product, [V, 1], 'logits') };
  }
  const columns = graph.matMul(graph.input(HEAD_INPUTS.head, [V, C]), padded(graph, normalised), { transB: true });
  return { graph, logits: usedColumns(graph, columns, rows, 'logits') };
}

type WeightProducts = Omit<LayerProducts, 'attend'>;

/** `x·tile` for one row; products with the same input at once. */
function tileProducts(
  g: Graph,
  config: ModelConfig,
  weights: ReadonlyMap<string, Value>,
  inputName: (name: string) => string,
): WeightProducts {
  const shapes = layerWeightShapes(config);
  const slices = new Map<string, (input: Value) => Value>();
  for (const [first, { members, shape }] of tiledMatrices(config)) {
    const weight = g.input(inputName(`${first}.weight`), tileShape(shape));
    let product: Value | undefined; // (1, out) of all members
    let start = 0;
    for (const member of members) {
      const range = { axis: 1, start, end: start + shapes.get(`${member}.weight`)![0] };
      start = range.end;
      slices.set(member, (input) => {
        product ??= g.reshape(g.matMul(forEachTile(g, input, weight), weight), [1, shape[0]]);
        return members.length === 1 ? product : g.apply('Slice', [product], range)[0];
      });
    }
  }
  const linear = (input: Value, name: string, residual?: Value, label?: string): Value => {
    const product = slices.get(name)!(input);
    const bias = weights.get(`${name}.bias`);
    const biased = bias ? g.add(product, bias) : product;
    return residual ? g.add(biased, residual, label) : biased;
  };
  return { linear, widen: (input, name, label) => linear(input, name, undefined, label), narrow: linear };
}

/** x (1, in) once for each tile of a weight (tiles, in, tile): (tiles, 1, in) */
function forEachTile(g: Graph, x: Value, weight: Value): Value {
  const [tiles, inputs] = weight.shape;
  const row = g.reshape(x, [1, 1, inputs]);
  return tiles === 1 ? row : g.add(row, g.constant(new Array<number>(tiles).fill(0), [tiles, 1, 1]));
}

/**
 * `W·xᵀ`: the samples, or two where there is one, are columns. The MLP's neurons stay columns, (F, columns). An adapter
 * adds `s·B·(A·xᵀ)`.
 */
function columnProducts(g: Graph, config: ModelConfig, weights: ReadonlyMap<string, Value>): WeightProducts {
  const paddedOf = new Map<Value, Value>();
  /** Of `x` (columns, in) with `transB`, else of (in, columns). */
  const product = (name: string, x: Value, layout: { transB: boolean }): Value => {
    // A MatMul, for ONNX Runtime turns a Gemm that is followed by Transpose around again.
    const columns = g.matMul(weights.get(`${name}.weight`)!, x, layout);
    const down = weights.get(`${name}.lora_A.weight`);
    if (!down) return columns;
    const narrowed = g.mul(g.matMul(down, x, layout), g.scalar(config.lora!.scale)); // (rank, columns)
    return g.add(columns, g.matMul(weights.get(`${name}.lora_B.weight`)!, narrowed));
  };
  const columnsOf = (input: Value, name: string): Value => {
    const full = paddedOf.get(input) ?? padded(g, input);
    paddedOf.set(input, full);
    return product(name, full, { transB: true });
  };
  /** (out, columns) -> (R, out), plus bias and residual. */
  const finish = (columns: Value, R: number, name: string, residual?: Value, label?: string): Value => {
    const used = usedColumns(g, columns, R);
    const rows = R === 1 ? g.reshape(used, [1, columns.shape[0]]) : g.transpose(used, [1, 0]);
    const bias = weights.get(`${name}.bias`);
    const biased = bias ? g.add(rows, bias) : rows;
    return residual ? g.add(biased, residual, label) : biased;
  };
  return {
    linear: (input, name, residual, label) => finish(columnsOf(input, name), input.shape[0], name, residual, label),
    widen: (input, name, label) => {
      const bias = weights.get(`${name}.bias`);
      const columns = columnsOf(input, name);
      return bias ? g.add(columns, g.reshape(bias, [bias.shape[0], 1]), label) : columns;
    },
    narrow: (neurons, name, residual, label) =>
      finish(product(name, neurons, { transB: false }), residual.shape[0], name, residual, label),
  };
}

/** x (R, width) with rows of zeros up to the least number of columns. */
function padded(g: Graph, x: Value): Value {
  const [R, width] = x.shape;
  const missing = MIN_COLUMNS - R;
  if (missing <= 0) return x;
  const zeros = g.constant(new Array<number>(missing * width).fill(0), [missing, width]);
  return g.apply('Concat', [x, zeros], { axis: 0 })[0];
}

function usedColumns(g: Graph, columns: Value, R: number, name?: string): Value {
  return columns.shape[1] === R ? columns : g.apply('Slice', [columns], { axis: 1, start: 0, end: R }, name)[0];
}

/** p·v in blocks of the sum: p (…, m, S), v (…, S, D) -> (…, m, D). */
function mix(g: Graph, p: Value, v: Value): Value {
  const rank = p.shape.length;
  const batch = p.shape.slice(0, -2);
  const m = p.shape[rank - 2];
  const [S, D] = v.shape.slice(-2);
  const blocks = Math.ceil(S / BLOCK_TERMS);
  if (blocks === 1) return g.matMul(p, v);
  const terms = S / blocks;
  const order = [...batch.keys(), rank - 1, rank - 2, rank]; // (…, m, blocks, terms) -> (…, blocks, m, terms)
  const pBlocks = g.transpose(g.reshape(p, [...batch, m, blocks, terms]), order);
  const parts = g.matMul(pBlocks, g.reshape(v, [...batch, blocks, terms, D])); // (…, blocks, m, D)
  return g.reduceSum(parts, [rank - 2], false);
}
