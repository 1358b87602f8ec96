/** @file StarCoder2: Llama's attention with layer norms, biases everywhere and an MLP without a gate. */
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
import { type Family, placeTensors } from './family.ts';
import { ignoresRotaryTables, LLAMA_LAYER_MODULES } from './llama.ts';
import { ropeConfig } from './rope.ts';
import { lengthLimit } from './slidingWindow.ts';

export const starcoder2: Family = {
  modelTypes: ['starcoder2'],
  prefix: 'model.',
  config(json) {
    refuseUnsupportedFeatures(json);
    requireSetting(json, 'norm_type', 'layer_norm');
    requireSetting(json, 'mlp_type', 'default');
    const hiddenSize = positiveInteger(json, 'hidden_size');
    const numHeads = positiveInteger(json, 'num_attention_heads');
    const headDim = json.head_dim != null ? positiveInteger(json, 'head_dim') : evenHeadDim(hiddenSize, numHeads);
    const useBias = flag(json, 'use_bias', true);
    const maxPositions = positiveInteger(json, 'max_position_embeddings', 4096);
    return checkedConfig({
      modelType: String(json.model_type),
      hiddenSize,
      numLayers: positiveInteger(json, 'num_hidden_layers'),
      numHeads,
      numKvHeads: positiveInteger(json, 'num_key_value_heads', 2),
      headDim,
      intermediateSize: positiveInteger(json, 'intermediate_size'),
      vocabSize: positiveInteger(json, 'vocab_size'),
      maxPositionEmbeddings: lengthLimit(json, maxPositions, true),
      norm: 'layer',
      normEps: positiveNumber(json, 'norm_epsilon', 1e-5),
      activation: activation(json, 'hidden_act', 'gelu_pytorch_tanh'),
      gatedMlp: false,
      rope: ropeConfig(json, headDim),
      parallelResidual: false,
      qkNorm: false,
      qkvBias: useBias,
      outputBias: useBias,
      mlpBias: useBias,
      tieWordEmbeddings: flag(json, 'tie_word_embeddings', true),
      ...tokenIds(json),
    });
  },
  tensors: (config) =>
    placeTensors(
      config,
      { embed_tokens: 'model.embed_tokens', norm: 'model.norm', lm_head: 'lm_head' },
      'model.layers.',
      {
        ...Object.fromEntries(LLAMA_LAYER_MODULES.map((module) => [module, module])),
        'mlp.up_proj': 'mlp.c_fc',
        'mlp.down_proj': 'mlp.c_proj',
      },
    ),
  ignores: ignoresRotaryTables,
};
