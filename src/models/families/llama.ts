/** @file Llama (SmolLM2, DeepSeek-Coder, Llama 3.x): the canonical names are Llama's, behind `model.`. */
import type { ModelConfig } from '../config.ts';
import {
  activation,
  checkedConfig,
  evenHeadDim,
  flag,
  positiveInteger,
  positiveNumber,
  refuseUnsupportedFeatures,
  tokenIds,
} from './configJson.ts';
import { type ConfigJson, type Family, placeTensors, type TensorPlace } from './family.ts';
import { ropeConfig } from './rope.ts';

export const llama: Family = {
  modelTypes: ['llama'],
  prefix: 'model.',
  config(json) {
    const attentionBias = flag(json, 'attention_bias', false);
    const mlpBias = flag(json, 'mlp_bias', false);
    return checkedConfig({
      ...llamaLikeConfig(json, { defaultMaxPositions: 2048 }),
      qkNorm: false,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias,
    });
  },
  tensors: llamaTensors,
  ignores: ignoresRotaryTables,
};

/** What Llama, Qwen2 and Qwen3 have in common. */
export function llamaLikeConfig(
  json: ConfigJson,
  defaults: { readonly defaultMaxPositions: number; readonly defaultHeadDim?: number },
): Omit<ModelConfig, 'qkNorm' | 'qkvBias' | 'outputBias' | 'mlpBias'> {
  refuseUnsupportedFeatures(json);
  const hiddenSize = positiveInteger(json, 'hidden_size');
  const numHeads = positiveInteger(json, 'num_attention_heads');
  const headDim =
    json.head_dim != null
      ? positiveInteger(json, 'head_dim')
      : (defaults.defaultHeadDim ?? evenHeadDim(hiddenSize, numHeads));
  return {
    modelType: String(json.model_type),
    hiddenSize,
    numLayers: positiveInteger(json, 'num_hidden_layers'),
    numHeads,
    numKvHeads: positiveInteger(json, 'num_key_value_heads', numHeads),
    headDim,
    intermediateSize: positiveInteger(json, 'intermediate_size'),
    vocabSize: positiveInteger(json, 'vocab_size'),
    maxPositionEmbeddings: positiveInteger(json, 'max_position_embeddings', defaults.defaultMaxPositions),
    norm: 'rms',
    normEps: positiveNumber(json, 'rms_norm_eps', 1e-6),
    activation: activation(json, 'hidden_act', 'silu'),
    gatedMlp: true,
    rope: ropeConfig(json, headDim),
    parallelResidual: false,
    tieWordEmbeddings: flag(json, 'tie_word_embeddings', false),
    ...tokenIds(json),
  };
}

/** Canonical names behind `model.`; the head stands outside. */
export function llamaTensors(config: ModelConfig): ReadonlyMap<string, TensorPlace> {
  return placeTensors(
    config,
    { embed_tokens: 'model.embed_tokens', norm: 'model.norm', lm_head: 'lm_head' },
    'model.layers.',
    Object.fromEntries(LLAMA_LAYER_MODULES.map((module) => [module, module])),
  );
}

/** Modules of a layer whose checkpoint names are the canonical ones. */
export const LLAMA_LAYER_MODULES = [
  'input_layernorm',
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.q_norm',
  'self_attn.k_norm',
  'self_attn.o_proj',
  'post_attention_layernorm',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
] as const;

/** Old checkpoints carry the rotary frequencies as a buffer. */
export function ignoresRotaryTables(checkpointName: string): boolean {
  return checkpointName.endsWith('rotary_emb.inv_freq');
}
