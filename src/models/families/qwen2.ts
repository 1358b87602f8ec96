/** @file Qwen2 and Qwen2.5(-Coder): Llama with biases on queries, keys and values. */
import { checkedConfig, flag } from './configJson.ts';
import type { Family } from './family.ts';
import { ignoresRotaryTables, llamaLikeConfig, llamaTensors } from './llama.ts';
import { lengthLimit } from './slidingWindow.ts';

export const qwen2: Family = {
  modelTypes: ['qwen2'],
  prefix: 'model.',
  config(json) {
    const common = llamaLikeConfig(json, { defaultMaxPositions: 32768 });
    return checkedConfig({
      ...common,
      maxPositionEmbeddings: lengthLimit(json, common.maxPositionEmbeddings, flag(json, 'use_sliding_window', false)),
      qkNorm: false,
      qkvBias: true,
      outputBias: false,
      mlpBias: false,
    });
  },
  tensors: llamaTensors,
  ignores: ignoresRotaryTables,
};
