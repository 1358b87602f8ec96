/** @file Qwen3: Llama with an RMS norm on each head's queries and keys, and heads wider than hidden size / heads. */
import { checkedConfig, flag } from './configJson.ts';
import type { Family } from './family.ts';
import { ignoresRotaryTables, llamaLikeConfig, llamaTensors } from './llama.ts';
import { lengthLimit } from './slidingWindow.ts';

export const qwen3: Family = {
  modelTypes: ['qwen3'],
  prefix: 'model.',
  config(json) {
    const common = llamaLikeConfig(json, { defaultMaxPositions: 32768, defaultHeadDim: 128 });
    const attentionBias = flag(json, 'attention_bias', false);
    return checkedConfig({
      ...common,
      maxPositionEmbeddings: lengthLimit(json, common.maxPositionEmbeddings, flag(json, 'use_sliding_window', false)),
      qkNorm: true,
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: false,
    });
  },
  tensors: llamaTensors,
  ignores: ignoresRotaryTables,
};
