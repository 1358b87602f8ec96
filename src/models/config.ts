/**
 * @file What a decoder looks like, in the engine's own words. The families (families/*.ts) translate a checkpoint's
 * `config.json` into this; nothing else in the project knows Hugging Face's keys.
 */

/** Rotary position embedding (Su et al. 2021), "rotate half" layout. */
export interface RopeConfig {
  /** Leading features of each head that are rotated; the rest passes through (GPT-NeoX `rotary_pct`). Even. */
  readonly rotaryDim: number;
  /** Angular frequency of each of the `rotaryDim / 2` pairs, radians per position, rope scaling already applied. */
  readonly inverseFrequencies: readonly number[];
}

/** The products of a layer that can have an adapter. */
export const LORA_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/** Low-rank adaptation (Hu et al. 2021): `y = x·Wᵀ + scale·(x·Aᵀ)·Bᵀ`, W frozen. */
export interface LoraConfig {
  /** Rows of A and columns of B. */
  readonly rank: number;
  /** `alpha / rank`. */
  readonly scale: number;
  readonly targets: readonly LoraTarget[];
}

/**
 * A decoder-only transformer. Weights have the names and the `[out, in]` layout of Llama checkpoints without the
 * `model.` prefix, whatever the checkpoint calls them: `embed_tokens.weight`, `embed_positions.weight` (learned
 * positions), `layers.{l}.input_layernorm.weight`, `layers.{l}.self_attn.{q,k,v,o}_proj.weight`,
 * `layers.{l}.self_attn.{q,k}_norm.weight`, `layers.{l}.post_attention_layernorm.weight`,
 * `layers.{l}.mlp.{gate,up,down}_proj.weight` (no gate: `up`, `down`), `norm.weight`, `lm_head.weight` (untied), and
 * `.bias` beside `.weight` where the switches below say so. With `lora`, a target `….q_proj.weight` (out, in) has
 * `….q_proj.lora_A.weight` (rank, in) and `….q_proj.lora_B.weight` (out, rank) beside it.
 */
export interface ModelConfig {
  /** `model_type` of the checkpoint. */
  readonly modelType: string;
  readonly hiddenSize: number;
  readonly numLayers: number;
  /** Query heads. */
  readonly numHeads: number;
  /** Key/value heads; equal to `numHeads` without grouped-query attention. Divides `numHeads`. */
  readonly numKvHeads: number;
  readonly headDim: number;
  /** Neurons of the MLP. */
  readonly intermediateSize: number;
  readonly vocabSize: number;
  /** Longest sequence the model was made for, tokens (a sliding window counts as a limit). */
  readonly maxPositionEmbeddings: number;
  readonly norm: 'rms' | 'layer';
  readonly normEps: number;
  /** `gelu` is exact (erf), `geluTanh` the tanh approximation. */
  readonly activation: 'silu' | 'gelu' | 'geluTanh';
  /** `down(activation(gate(x)) * up(x))` instead of `down(activation(up(x)))`. */
  readonly gatedMlp: boolean;
  /** Absent: learned absolute positions (`embed_positions.weight`). */
  readonly rope?: RopeConfig;
  /** `y = x + attention(norm1(x)) + mlp(norm2(x))` (GPT-NeoX) instead of the usual two residual steps. */
  readonly parallelResidual: boolean;
  /** RMS norm over each head's queries and keys before the rotation (Qwen3). */
  readonly qkNorm: boolean;
  /** Biases of q_proj, k_proj, v_proj. */
  readonly qkvBias: boolean;
  /** Bias of o_proj. */
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  readonly tieWordEmbeddings: boolean;
  /** Low-rank adapters beside frozen weights; no checkpoint has them, a run adds them. */
  readonly lora?: LoraConfig;
  /** Token ids from config.json / generation_config.json; the tokenizer's own take precedence. */
  readonly bosTokenId?: number;
  readonly eosTokenIds: readonly number[];
}

/** The weight, (V, C), that logits are products with: the embedding where the head is tied to it. */
export function lmHeadName({ tieWordEmbeddings }: ModelConfig): string {
  return tieWordEmbeddings ? 'embed_tokens.weight' : 'lm_head.weight';
}

/** Name and shape of every weight of a decoder, in the canonical order. */
export function weightShapes(config: ModelConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const { hiddenSize: C, vocabSize: V } = config;
  shapes.set('embed_tokens.weight', [V, C]);
  if (!config.rope) shapes.set('embed_positions.weight', [config.maxPositionEmbeddings, C]);
  for (let layer = 0; layer < config.numLayers; layer++) {
    for (const [name, shape] of layerWeightShapes(config)) shapes.set(`layers.${layer}.${name}`, shape);
  }
  shapes.set('norm.weight', [C]);
  if (config.norm === 'layer') shapes.set('norm.bias', [C]);
  if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [V, C]);
  return shapes;
}

/** Name (without the `layers.{l}.` prefix) and shape of the weights of one layer. */
export function layerWeightShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { hiddenSize: C, intermediateSize: F } = config;
  const q = config.numHeads * config.headDim;
  const kv = config.numKvHeads * config.headDim;
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, out: number, inputs: number, bias: boolean) => {
    shapes.set(`${name}.weight`, [out, inputs]);
    if (bias) shapes.set(`${name}.bias`, [out]);
    if (!config.lora?.targets.some((target) => name.endsWith(`.${target}`))) return;
    shapes.set(`${name}.lora_A.weight`, [config.lora.rank, inputs]);
    shapes.set(`${name}.lora_B.weight`, [out, config.lora.rank]);
  };
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [C]);
    if (config.norm === 'layer') shapes.set(`${name}.bias`, [C]);
  };
  norm('input_layernorm');
  linear('self_attn.q_proj', q, C, config.qkvBias);
  linear('self_attn.k_proj', kv, C, config.qkvBias);
  linear('self_attn.v_proj', kv, C, config.qkvBias);
  if (config.qkNorm) {
    shapes.set('self_attn.q_norm.weight', [config.headDim]);
    shapes.set('self_attn.k_norm.weight', [config.headDim]);
  }
  linear('self_attn.o_proj', C, q, config.outputBias);
  norm('post_attention_layernorm');
  if (config.gatedMlp) linear('mlp.gate_proj', F, C, config.mlpBias);
  linear('mlp.up_proj', F, C, config.mlpBias);
  linear('mlp.down_proj', C, F, config.mlpBias);
  return shapes;
}
