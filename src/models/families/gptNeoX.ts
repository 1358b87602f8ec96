/**
 * @file GPT-NeoX (Pythia): attention and MLP in parallel, rotary positions on a part of each head, and one matrix that
 * holds each head's query, key and value in turn.
 */
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
import { type Family, placeTensors } from './family.ts';
import { perHeadBlocks } from './gptBigCode.ts';
import { ropeConfig } from './rope.ts';

export const gptNeoX: Family = {
  modelTypes: ['gpt_neox'],
  prefix: 'gpt_neox.',
  config(json) {
    refuseUnsupportedFeatures(json);
    const hiddenSize = positiveInteger(json, 'hidden_size');
    const numHeads = positiveInteger(json, 'num_attention_heads');
    const headDim = evenHeadDim(hiddenSize, numHeads);
    const attentionBias = flag(json, 'attention_bias', true);
    return checkedConfig({
      modelType: String(json.model_type),
      hiddenSize,
      numLayers: positiveInteger(json, 'num_hidden_layers'),
      numHeads,
      numKvHeads: numHeads,
      headDim,
      intermediateSize: positiveInteger(json, 'intermediate_size'),
      vocabSize: positiveInteger(json, 'vocab_size'),
      maxPositionEmbeddings: positiveInteger(json, 'max_position_embeddings', 2048),
      norm: 'layer',
      normEps: positiveNumber(json, 'layer_norm_eps', 1e-5),
      activation: activation(json, 'hidden_act', 'gelu'),
      gatedMlp: false,
      rope: ropeConfig(json, headDim, 'rotary_emb_base', { key: 'rotary_pct', fallback: 0.25 }),
      parallelResidual: flag(json, 'use_parallel_residual', true),
      qkNorm: false,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: true,
      tieWordEmbeddings: flag(json, 'tie_word_embeddings', false),
      ...tokenIds(json),
    });
  },
  tensors(config) {
    const fused = (part: 0 | 1 | 2) => ({
      source: 'attention.query_key_value',
      rowBlocks: perHeadBlocks(part, config.numHeads, config.headDim),
    });
    return placeTensors(
      config,
      { embed_tokens: 'gpt_neox.embed_in', norm: 'gpt_neox.final_layer_norm', lm_head: 'embed_out' },
      'gpt_neox.layers.',
      {
        input_layernorm: 'input_layernorm',
        'self_attn.q_proj': fused(0),
        'self_attn.k_proj': fused(1),
        'self_attn.v_proj': fused(2),
        'self_attn.o_proj': 'attention.dense',
        post_attention_layernorm: 'post_attention_layernorm',
        'mlp.up_proj': 'mlp.dense_h_to_4h',
        'mlp.down_proj': 'mlp.dense_4h_to_h',
      },
    );
  },
  ignores: (name) => /\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/.test(name),
};
