/** @file A sample does not depend on its company, whatever the shape of the model and the number of threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEngine } from '../../src/engine/session.ts';
import type { ModelConfig } from '../../src/models/config.ts';
import { type GenerationRequest, Generator } from '../../src/models/generate.ts';
import { letterTokenizer, randomModel } from '../support/generation.ts';

const SHAPES: Readonly<Record<string, Partial<ModelConfig>>> = {
  'grouped-query': {},
  'multi-head': { numKvHeads: 6 },
  'multi-query': { numKvHeads: 1 },
  'head dimension 128': { numHeads: 3, numKvHeads: 1, headDim: 128 },
};
for (const [shape, changes] of Object.entries(SHAPES)) {
  for (const threads of [1, 2, 8]) {
    test(`${shape}, ${threads} threads: bits do not depend on batch size, other samples' lengths or capacities`, async () => {
      const { config, store } = randomModel(changes);
      const tokenizer = letterTokenizer(config.vocabSize);
      const generator = new Generator(await openEngine({ threads }), config, store, tokenizer);
      const prompt = Array.from({ length: 300 }, (_, i) => (i * 7919) % 300);
      // 20 samples in 16 places that end at different times: places are refilled, grow and move together.
      const request: GenerationRequest = {
        prompt,
        maxTokens: 150,
        numSamples: 20,
        temperature: 1.2,
        topP: 0.95,
        logProbabilities: true,
        endTokenIds: [11, 12],
      };
      const together = await generator.generate({ ...request, batchSize: 16 });
      const lengths = together.samples.map(({ ids }) => ids.length);
      assert.ok(Math.max(...lengths) > 128 && Math.min(...lengths) < 64, `lengths are ${lengths}`);
      for (const batchSize of [1, 5]) assert.deepEqual(await generator.generate({ ...request, batchSize }), together);
      await generator.release();
    });
  }
}
