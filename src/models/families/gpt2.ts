/**
 * @file GPT-2: learned positions, layer norms, and Conv1D modules, which store their weights `[in, out]`; queries, keys
 * and values are one matrix, in this order.
 */
import type { ModelConfig } from '../config.ts';
import {
  activation,
  checkedConfig,
  evenHeadDim,
  flag,
  positiveInteger,
  positiveNumber,
  refuseUnsupportedFeatures,
  requireSetting,
  tokenIds,
} from './configJson.ts';
import { type ConfigJson, type Family, placeTensors } from './family.ts';

export const gpt2: Family = {
  modelTypes: ['gpt2'],
  prefix: 'transformer.',
  config(json) {
    requireSetting(json, 'scale_attn_by_inverse_layer_idx', false);
    return checkedConfig(gptConfig(json, { activation: 'gelu_new', numKvHeads: undefined }));
  },
  tensors(config) {
    const C = config.hiddenSize;
    const rows = (start: number) => ({
      source: 'attn.c_attn',
      transpose: true,
      rowBlocks: [[start, C]] as const,
    });
    return placeTensors(config, GPT_OUTSIDE, 'transformer.h.', {
      input_layernorm: 'ln_1',
      'self_attn.q_proj': rows(0),
      'self_attn.k_proj': rows(C),
      'self_attn.v_proj': rows(2 * C),
      'self_attn.o_proj': { source: 'attn.c_proj', transpose: true },
      post_attention_layernorm: 'ln_2',
      'mlp.up_proj': { source: 'mlp.c_fc', transpose: true },
      'mlp.down_proj': { source: 'mlp.c_proj', transpose: true },
    });
  },
  ignores: ignoresCausalMasks,
};

/** What GPT-2 and GPT-BigCode have in common. Dropout is not applied in training here, whatever the file says. */
export function gptConfig(
  json: ConfigJson,
  defaults: { readonly activation: string; readonly numKvHeads: number | undefined },
): ModelConfig {
  refuseUnsupportedFeatures(json);
  requireSetting(json, 'scale_attn_weights', true);
  requireSetting(json, 'add_cross_attention', false);
  const hiddenSize = positiveInteger(json, 'n_embd');
  const numHeads = positiveInteger(json, 'n_head');
  return {
    modelType: String(json.model_type),
    hiddenSize,
    numLayers: positiveInteger(json, 'n_layer'),
    numHeads,
    numKvHeads: defaults.numKvHeads ?? numHeads,
    headDim: evenHeadDim(hiddenSize, numHeads),
    intermediateSize: positiveInteger(json, 'n_inner', 4 * hiddenSize),
    vocabSize: positiveInteger(json, 'vocab_size'),
    maxPositionEmbeddings: positiveInteger(json, 'n_positions', 1024),
    norm: 'layer',
    normEps: positiveNumber(json, 'layer_norm_epsilon', 1e-5),
    activation: activation(json, 'activation_function', defaults.activation),
    gatedMlp: false,
    parallelResidual: false,
    qkNorm: false,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
    tieWordEmbeddings: flag(json, 'tie_word_embeddings', true),
    ...tokenIds(json),
  };
}

/** Modules around the layers of GPT-2 and GPT-BigCode. */
export const GPT_OUTSIDE = {
  embed_tokens: 'transformer.wte',
  embed_positions: 'transformer.wpe',
  norm: 'transformer.ln_f',
  lm_head: 'lm_head',
} as const;

/** Old checkpoints carry the causal mask as buffers. */
export function ignoresCausalMasks(checkpointName: string): boolean {
  return checkpointName.endsWith('.attn.bias') || checkpointName.endsWith('.attn.masked_bias');
}
