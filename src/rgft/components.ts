/**
 * @file The units that RGFT scores, steers and masks: attention heads, key/value groups, bands of MLP neurons, norms,
 * embedding and head. Every trainable scalar of a decoder belongs to exactly one of them.
 */
import { FineTuneError } from '../errors.ts';
import type { ModelConfig } from '../models/config.ts';

export type ComponentKind = 'head' | 'kv' | 'mlp' | 'norm' | 'embed' | 'finalNorm' | 'lmHead' | 'lora';

/**
 * A rectangle of one weight. Matrices are `[out, in]` as in checkpoints; a vector of `n` (bias, norm gain) counts as
 * `n` rows of one column, so that a bias is cut by the same rows as the matrix beside it.
 */
export interface ComponentSlice {
  /** Canonical weight name (see `ModelConfig`), for example `layers.0.self_attn.q_proj.weight`. */
  readonly tensor: string;
  readonly rowStart: number;
  readonly rowCount: number;
  readonly colStart: number;
  readonly colCount: number;
}

export interface Component {
  /** `3.head.0`, `3.kv.1`, `3.mlp.2` (`3.mlp` with one band), `3.norm`, `embed`, `finalNorm`, `lmHead`, `3.lora.q_proj`. */
  readonly id: string;
  readonly kind: ComponentKind;
  /** Decoder layer from 0; `null` outside the layers. */
  readonly layer: number | null;
  /** Number of the head, group or band inside its layer; `null` for the kinds of which there is one. */
  readonly index: number | null;
  /** Trainable scalars in `slices`. */
  readonly parameterCount: number;
  readonly slices: readonly ComponentSlice[];
}

export interface ComponentOptions {
  /** Equal bands into which the neurons of each MLP are cut; the first bands take the remainder. @default 4 */
  readonly mlpBands?: number;
}

/**
 * All components of a decoder, in the order of the forward pass: `embed`, then for each layer heads, key/value groups,
 * MLP bands and norm, then `finalNorm` and (untied) `lmHead`.
 *
 * - Query head `h`: its rows of `q_proj` (weight and bias) and its columns of `o_proj.weight`. With one key/value head
 *   for each query head it also takes its rows of `k_proj` and `v_proj`, and there are no `kv` components.
 * - Group `g`: its rows of `k_proj` and `v_proj` (weight and bias), shared by `numHeads / numKvHeads` query heads.
 * - Band `b`: its rows of `gate_proj` and `up_proj` (weight and bias) and its columns of `down_proj.weight`.
 * - `norm`: both norms, the query/key norm gains, and the biases of `o_proj` and `down_proj`. Those two biases add the
 *   same vector to the residual stream whatever the heads and neurons do, so no head or neuron owns them.
 * - `embed`: token embedding and learned positions; tied, it is the LM head too.
 *
 * With adapters (`config.lora`) the model itself is frozen and the components are the adapters, layer by layer.
 *
 * @throws CONFIG_INVALID when `mlpBands` is no whole number from 1 to `intermediateSize`, or the heads do not divide.
 */
export function listComponents(config: ModelConfig, { mlpBands = 4 }: ComponentOptions = {}): Component[] {
  const { hiddenSize, intermediateSize, numHeads, numKvHeads } = config;
  if (!Number.isInteger(mlpBands) || mlpBands < 1 || mlpBands > intermediateSize) {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `mlpBands is ${mlpBands}; an MLP of ${intermediateSize} neurons can be cut into 1 to ${intermediateSize} bands. Use 4, or 1 to treat each MLP as one component.`,
      { mlpBands, intermediateSize },
    );
  }
  if (numHeads % numKvHeads !== 0) {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `${numHeads} query heads cannot share ${numKvHeads} key/value heads evenly. Check num_key_value_heads in config.json.`,
      { numHeads, numKvHeads },
    );
  }

  if (config.lora) return adapterComponents(config);
  const components: Component[] = [];
  const embedSlices = [matrix('embed_tokens.weight', config.vocabSize, hiddenSize)];
  if (!config.rope) embedSlices.push(matrix('embed_positions.weight', config.maxPositionEmbeddings, hiddenSize));
  components.push(component('embed', 'embed', null, null, embedSlices));

  for (let layer = 0; layer < config.numLayers; layer++) {
    for (let head = 0; head < numHeads; head++) components.push(headComponent(config, layer, head));
    if (numKvHeads < numHeads) {
      for (let group = 0; group < numKvHeads; group++) {
        const slices = keyValueSlices(config, layer, group);
        components.push(component(`${layer}.kv.${group}`, 'kv', layer, group, slices));
      }
    }
    for (let band = 0; band < mlpBands; band++) components.push(bandComponent(config, layer, band, mlpBands));
    components.push(component(`${layer}.norm`, 'norm', layer, null, normSlices(config, layer)));
  }

  const finalNorm = [vector('norm.weight', hiddenSize)];
  if (config.norm === 'layer') finalNorm.push(vector('norm.bias', hiddenSize));
  components.push(component('finalNorm', 'finalNorm', null, null, finalNorm));
  if (!config.tieWordEmbeddings) {
    const lmHead = [matrix('lm_head.weight', config.vocabSize, hiddenSize)];
    components.push(component('lmHead', 'lmHead', null, null, lmHead));
  }
  return components;
}

/** One component for each adapter: its A (rank, in) and its B (out, rank). */
function adapterComponents(config: ModelConfig): Component[] {
  const { hiddenSize: C, intermediateSize: F, numHeads, numKvHeads, headDim } = config;
  const { rank, targets } = config.lora!;
  const [query, keyValue] = [numHeads * headDim, numKvHeads * headDim];
  const modules = {
    q_proj: { name: 'self_attn.q_proj', inputs: C, outputs: query },
    k_proj: { name: 'self_attn.k_proj', inputs: C, outputs: keyValue },
    v_proj: { name: 'self_attn.v_proj', inputs: C, outputs: keyValue },
    o_proj: { name: 'self_attn.o_proj', inputs: query, outputs: C },
    gate_proj: { name: 'mlp.gate_proj', inputs: C, outputs: F },
    up_proj: { name: 'mlp.up_proj', inputs: C, outputs: F },
    down_proj: { name: 'mlp.down_proj', inputs: F, outputs: C },
  };
  const present = targets.filter((target) => target !== 'gate_proj' || config.gatedMlp);
  return Array.from({ length: config.numLayers }, (_, layer) =>
    present.map((target, index) => {
      const { name, inputs, outputs } = modules[target];
      const slices = [
        matrix(`layers.${layer}.${name}.lora_A.weight`, rank, inputs),
        matrix(`layers.${layer}.${name}.lora_B.weight`, outputs, rank),
      ];
      return component(`${layer}.lora.${target}`, 'lora', layer, index, slices);
    }),
  ).flat();
}

function headComponent(config: ModelConfig, layer: number, head: number): Component {
  const { hiddenSize, headDim } = config;
  const attention = `layers.${layer}.self_attn`;
  const start = head * headDim;
  const slices = [
    rows(`${attention}.q_proj.weight`, start, headDim, hiddenSize),
    columns(`${attention}.o_proj.weight`, start, headDim, hiddenSize),
  ];
  if (config.qkvBias) slices.push(rows(`${attention}.q_proj.bias`, start, headDim, 1));
  if (config.numKvHeads === config.numHeads) slices.push(...keyValueSlices(config, layer, head));
  return component(`${layer}.head.${head}`, 'head', layer, head, slices);
}

function keyValueSlices(config: ModelConfig, layer: number, group: number): ComponentSlice[] {
  const { hiddenSize, headDim } = config;
  const start = group * headDim;
  return ['k_proj', 'v_proj'].flatMap((name) => {
    const tensor = `layers.${layer}.self_attn.${name}`;
    const weight = rows(`${tensor}.weight`, start, headDim, hiddenSize);
    return config.qkvBias ? [weight, rows(`${tensor}.bias`, start, headDim, 1)] : [weight];
  });
}

function bandComponent(config: ModelConfig, layer: number, band: number, mlpBands: number): Component {
  const { hiddenSize, intermediateSize } = config;
  const smallest = Math.floor(intermediateSize / mlpBands);
  const remainder = intermediateSize % mlpBands;
  const start = band * smallest + Math.min(band, remainder);
  const count = band < remainder ? smallest + 1 : smallest;

  const mlp = `layers.${layer}.mlp`;
  const slices: ComponentSlice[] = [];
  for (const name of config.gatedMlp ? ['gate_proj', 'up_proj'] : ['up_proj']) {
    slices.push(rows(`${mlp}.${name}.weight`, start, count, hiddenSize));
    if (config.mlpBias) slices.push(rows(`${mlp}.${name}.bias`, start, count, 1));
  }
  slices.push(columns(`${mlp}.down_proj.weight`, start, count, hiddenSize));
  const id = mlpBands === 1 ? `${layer}.mlp` : `${layer}.mlp.${band}`;
  return component(id, 'mlp', layer, band, slices);
}

function normSlices(config: ModelConfig, layer: number): ComponentSlice[] {
  const { hiddenSize, headDim } = config;
  const prefix = `layers.${layer}`;
  const slices: ComponentSlice[] = [];
  for (const name of ['input_layernorm', 'post_attention_layernorm']) {
    slices.push(vector(`${prefix}.${name}.weight`, hiddenSize));
    if (config.norm === 'layer') slices.push(vector(`${prefix}.${name}.bias`, hiddenSize));
  }
  if (config.qkNorm) {
    slices.push(vector(`${prefix}.self_attn.q_norm.weight`, headDim));
    slices.push(vector(`${prefix}.self_attn.k_norm.weight`, headDim));
  }
  if (config.outputBias) slices.push(vector(`${prefix}.self_attn.o_proj.bias`, hiddenSize));
  if (config.mlpBias) slices.push(vector(`${prefix}.mlp.down_proj.bias`, hiddenSize));
  return slices;
}

function component(
  id: string,
  kind: ComponentKind,
  layer: number | null,
  index: number | null,
  slices: readonly ComponentSlice[],
): Component {
  const parameterCount = slices.reduce((sum, slice) => sum + slice.rowCount * slice.colCount, 0);
  return { id, kind, layer, index, parameterCount, slices };
}

function rows(tensor: string, rowStart: number, rowCount: number, colCount: number): ComponentSlice {
  return { tensor, rowStart, rowCount, colStart: 0, colCount };
}

function columns(tensor: string, colStart: number, colCount: number, rowCount: number): ComponentSlice {
  return { tensor, rowStart: 0, rowCount, colStart, colCount };
}

function matrix(tensor: string, rowCount: number, colCount: number): ComponentSlice {
  return rows(tensor, 0, rowCount, colCount);
}

function vector(tensor: string, length: number): ComponentSlice {
  return rows(tensor, 0, length, 1);
}
