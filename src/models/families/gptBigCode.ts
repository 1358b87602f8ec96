/**
 * @file GPT-BigCode (StarCoder, SantaCoder): GPT-2 with ordinary linear layers and, as a rule, one key/value head.
 * `c_attn` holds queries, key, value with multi-query attention; without it, each head's query, key, value in turn.
 */
import { checkedConfig, flag } from './configJson.ts';
import { type Family, type ModuleTable, placeTensors, type RowBlock } from './family.ts';
import { GPT_OUTSIDE, gptConfig, ignoresCausalMasks } from './gpt2.ts';

export const gptBigCode: Family = {
  modelTypes: ['gpt_bigcode'],
  prefix: 'transformer.',
  config(json) {
    const multiQuery = flag(json, 'multi_query', true);
    return checkedConfig(gptConfig(json, { activation: 'gelu_pytorch_tanh', numKvHeads: multiQuery ? 1 : undefined }));
  },
  tensors(config) {
    const { hiddenSize: C, headDim: D, numHeads } = config;
    // One head alone is laid out the same way under both rules.
    const multiQuery = config.numKvHeads === 1;
    const blocks = (part: 0 | 1 | 2): RowBlock[] =>
      multiQuery ? [part === 0 ? [0, C] : [C + (part - 1) * D, D]] : perHeadBlocks(part, numHeads, D);
    const layer: ModuleTable = {
      input_layernorm: 'ln_1',
      'self_attn.q_proj': { source: 'attn.c_attn', rowBlocks: blocks(0) },
      'self_attn.k_proj': { source: 'attn.c_attn', rowBlocks: blocks(1) },
      'self_attn.v_proj': { source: 'attn.c_attn', rowBlocks: blocks(2) },
      'self_attn.o_proj': 'attn.c_proj',
      post_attention_layernorm: 'ln_2',
      'mlp.up_proj': 'mlp.c_fc',
      'mlp.down_proj': 'mlp.c_proj',
    };
    return placeTensors(config, GPT_OUTSIDE, 'transformer.h.', layer);
  },
  ignores: ignoresCausalMasks,
};

/** Rows of query (0), key (1) or value (2) in a fused matrix laid out `(heads, 3, headDim)`. */
export function perHeadBlocks(part: 0 | 1 | 2, numHeads: number, headDim: number): RowBlock[] {
  return Array.from({ length: numHeads }, (_, head) => [(3 * head + part) * headDim, headDim] as const);
}
