/** @file Generation: every step equals the full forward pass, and a sample is the same in every company. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParameterStore } from '../../src/engine/parameters.ts';
import { openEngine } from '../../src/engine/session.ts';
import { FineTuneError } from '../../src/errors.ts';
import { LORA_TARGETS, type ModelConfig } from '../../src/models/config.ts';
import { type GenerationRequest, Generator, keptPrompt } from '../../src/models/generate.ts';
import { addAdapters, mergedWeight } from '../../src/models/lora.ts';
import { mostProbable } from '../../src/models/sampling.ts';
import type { SpecialTokens } from '../../src/models/tokenizer.ts';
import { createRandom, nextFloat } from '../../src/random.ts';
import { letterTokenizer, loadGolden, randomModel } from '../support/generation.ts';
import { goldenModels } from '../support/golden.ts';
import { plainLogits } from '../support/plainDecoder.ts';

const engine = await openEngine({ threads: 2 });

function generatorOf({ config, store }: { config: ModelConfig; store: ParameterStore }): Generator {
  return new Generator(engine, config, store, letterTokenizer(config.vocabSize));
}

/** Log-probability of each of `ids` after the prompt, from plain loops over the whole text. */
function plainLogProbabilities(
  { config, store }: { config: ModelConfig; store: ParameterStore },
  prompt: readonly number[],
  ids: readonly number[],
): number[] {
  const inputIds = [...prompt, ...ids];
  const weights = new Map([...store].map(([name, parameter]) => [name, parameter.weights]));
  const logits = plainLogits(config, weights, { inputIds, batchSize: 1, sequenceLength: inputIds.length });
  return ids.map((id, i) => {
    const row = logits.subarray((prompt.length + i - 1) * config.vocabSize, (prompt.length + i) * config.vocabSize);
    const largest = Math.max(...row);
    return row[id] - largest - Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  });
}

const PROMPT = [5, 17, 3, 60, 44, 9, 81];

for (const name of goldenModels) {
  test(`${name}: each step with the cache gives the logits of the full forward pass`, async () => {
    const model = loadGolden(name);
    const generator = generatorOf(model);
    const steps = new Map<number, number[]>();
    const { samples } = await generator.generate({
      prompt: PROMPT,
      maxTokens: 30,
      numSamples: 3,
      temperature: 1.5,
      endTokenIds: [],
      logProbabilities: true,
      onToken: ({ sample, logProbability }) => steps.set(sample, [...(steps.get(sample) ?? []), logProbability!]),
    });
    samples.forEach((sample, i) => {
      assert.equal(sample.ids.length, Math.min(30, model.config.maxPositionEmbeddings - PROMPT.length));
      assert.equal(sample.finish, 'length');
      plainLogProbabilities(model, PROMPT, sample.ids).forEach((expected, t) => {
        const difference = Math.abs(steps.get(i)![t] - expected);
        assert.ok(difference < 2e-5, `sample ${i}, step ${t}: ${difference}`);
      });
    });
    await generator.release();
  });

  test(`${name}: each step with tiled weights gives them too`, async () => {
    const model = loadGolden(name);
    const { config, store } = model;
    const generator = new Generator(engine, config, store, letterTokenizer(config.vocabSize), { tiledCopy: true });
    const request = { prompt: PROMPT, maxTokens: 12, temperature: 1.5, endTokenIds: [], logProbabilities: true };
    const steps: number[] = [];
    const onToken = (token: { logProbability?: number }) => steps.push(token.logProbability!);
    const { samples } = await generator.generate({ ...request, onToken });
    plainLogProbabilities(model, PROMPT, samples[0].ids).forEach((expected, t) => {
      assert.ok(Math.abs(steps[t] - expected) < 2e-5, `step ${t}: ${steps[t]} against ${expected}`);
    });
    // Requests for several samples keep the checkpoint's layout.
    const several = await generator.generate({ ...request, numSamples: 2 });
    const plain = new Generator(engine, config, store, letterTokenizer(config.vocabSize));
    assert.deepEqual(await plain.generate({ ...request, numSamples: 2 }), several);
    await Promise.all([generator.release(), plain.release()]);
  });

  test(`${name}: greedy decoding picks what the full forward pass picks`, async () => {
    const { config, store } = loadGolden(name);
    const generator = generatorOf({ config, store });
    const { samples } = await generator.generate({ prompt: PROMPT, maxTokens: 12, endTokenIds: [] });
    const weights = new Map([...store].map(([key, parameter]) => [key, parameter.weights]));
    const ids: number[] = [];
    while (ids.length < 12) {
      const inputIds = [...PROMPT, ...ids];
      const logits = plainLogits(config, weights, { inputIds, batchSize: 1, sequenceLength: inputIds.length });
      ids.push(mostProbable(Float32Array.from(logits.subarray((inputIds.length - 1) * config.vocabSize))));
    }
    assert.deepEqual(samples[0].ids, ids);
    await generator.release();
  });

  test(`${name}: a sample is the same to the bit alone, among 3 and among 16`, async () => {
    const generator = generatorOf(loadGolden(name));
    const request = { prompt: PROMPT, maxTokens: 20, numSamples: 16, temperature: 1, seed: 3, logProbabilities: true };
    const together = await generator.generate({ ...request, batchSize: 16 });
    assert.ok(new Set(together.samples.map(({ text }) => text)).size > 8, 'the samples differ from each other');
    for (const batchSize of [1, 3]) assert.deepEqual(await generator.generate({ ...request, batchSize }), together);
    await generator.release();
  });
}

for (const name of goldenModels) {
  test(`${name}: with adapters each step gives the logits of the model that they are folded into`, async () => {
    const base = loadGolden(name);
    const config: ModelConfig = { ...base.config, lora: { rank: 3, scale: 2, targets: LORA_TARGETS } };
    const store = addAdapters(base.store, config, 0);
    const random = createRandom(1);
    for (const { name: weight, weights } of store.values()) {
      if (!weight.includes('.lora_B.')) continue;
      for (let i = 0; i < weights.length; i++) weights[i] = 0.2 * (nextFloat(random) - 0.5);
    }
    const merged = new Map(
      [...base.store].map(([weight, parameter]) => [
        weight,
        { ...parameter, weights: mergedWeight(store, config, weight) },
      ]),
    );
    const generator = generatorOf({ config, store });
    for (const numSamples of [1, 3]) {
      const steps: number[][] = Array.from({ length: numSamples }, () => []);
      const { samples } = await generator.generate({
        ...{ prompt: PROMPT, maxTokens: 12, numSamples, temperature: 1.5, endTokenIds: [], logProbabilities: true },
        onToken: ({ sample, logProbability }) => steps[sample].push(logProbability!),
      });
      samples.forEach((sample, i) => {
        const expected = plainLogProbabilities({ config: base.config, store: merged }, PROMPT, sample.ids);
        const without = plainLogProbabilities(base, PROMPT, sample.ids);
        expected.forEach((value, t) => {
          assert.ok(Math.abs(steps[i][t] - value) < 2e-5, `sample ${i}, step ${t}: ${steps[i][t]} against ${value}`);
        });
        assert.ok(
          without.some((value, t) => Math.abs(value - expected[t]) > 1e-3),
          'the adapters change nothing',
        );
      });
    }
    await generator.release();
  });
}

test('a sample keeps its bits while others end, places are refilled, and caches grow', async () => {
  const generator = generatorOf(randomModel());
  const request: GenerationRequest = {
    prompt: Array.from({ length: 300 }, (_, i) => (i * 7919) % 300),
    maxTokens: 140,
    numSamples: 6,
    temperature: 1.2,
    topP: 0.95,
    logProbabilities: true,
    endTokenIds: [11, 12],
  };
  const together = await generator.generate({ ...request, batchSize: 4 });
  const lengths = together.samples.map(({ ids }) => ids.length);
  assert.ok(Math.max(...lengths) > 128 && Math.min(...lengths) < 64, `lengths are ${lengths}`);
  assert.deepEqual(await generator.generate({ ...request, batchSize: 1 }), together);
  await generator.release();
});

test('long caches: after 450 tokens a step still gives the logits of the full forward pass', async () => {
  const model = randomModel();
  const generator = generatorOf(model);
  const prompt = Array.from({ length: 130 }, (_, i) => (i * 31) % 300);
  const steps: number[] = [];
  const { samples } = await generator.generate({
    prompt,
    maxTokens: 320,
    temperature: 1,
    logProbabilities: true,
    onToken: ({ logProbability }) => steps.push(logProbability!),
  });
  plainLogProbabilities(model, prompt, samples[0].ids).forEach((expected, t) => {
    assert.ok(Math.abs(steps[t] - expected) < 5e-5, `step ${t}: ${steps[t]} against ${expected}`);
  });
  await generator.release();
});

for (const changes of [
  {},
  { qkvBias: true, mlpBias: true, qkNorm: true },
  { gatedMlp: false, tieWordEmbeddings: false },
]) {
  test(`tiled weights that are joined give the full forward pass: ${JSON.stringify(changes)}`, async () => {
    const model = randomModel(changes);
    const { config, store } = model;
    const generator = new Generator(engine, config, store, letterTokenizer(config.vocabSize), { tiledCopy: true });
    const steps: number[] = [];
    const { samples } = await generator.generate({
      prompt: PROMPT,
      maxTokens: 20,
      temperature: 1,
      logProbabilities: true,
      onToken: ({ logProbability }) => steps.push(logProbability!),
    });
    plainLogProbabilities(model, PROMPT, samples[0].ids).forEach((expected, t) => {
      assert.ok(Math.abs(steps[t] - expected) < 2e-5, `step ${t}: ${steps[t]} against ${expected}`);
    });
    await generator.release();
  });
}

test('samples of one prompt equal those of separate requests; another seed gives others', async () => {
  const generator = generatorOf(loadGolden('qwen2'));
  const request = { prompt: PROMPT, maxTokens: 10, temperature: 1, seed: 8 };
  const { samples } = await generator.generate({ ...request, numSamples: 4 });
  const [alone, again] = await Promise.all([
    generator.generate(request),
    generator.generate({ ...request, numSamples: 4 }),
  ]);
  assert.deepEqual(alone.samples[0], samples[0]);
  assert.deepEqual(again.samples, samples);
  const other = await generator.generate({ ...request, seed: 9 });
  assert.notDeepEqual(other.samples[0].ids, samples[0].ids);
  await generator.release();
});

test('an end token, a stop string, the limit and the context end a sample, each under its name', async () => {
  const generator = generatorOf(loadGolden('llama-gqa-untied'));
  const request = { prompt: PROMPT, maxTokens: 8, endTokenIds: [] };
  const { samples } = await generator.generate(request);
  const { ids, text } = samples[0];
  assert.equal(samples[0].finish, 'length');
  assert.equal(new Set(ids.slice(0, 4)).size, 4, 'the test needs different tokens');
  const one = async (changes: Partial<GenerationRequest>) =>
    (await generator.generate({ ...request, ...changes })).samples[0];

  const ended = await one({ endTokenIds: [ids[3]] });
  assert.deepEqual(ended, { ids: ids.slice(0, 3), text: text.slice(0, 3), finish: 'eos' });
  // The stop string spans two tokens; the text ends before it, the ids with it.
  const stopped = await one({ stop: ['never', text.slice(2, 4)] });
  assert.deepEqual(stopped, { ids: ids.slice(0, 4), text: text.slice(0, 2), finish: 'stop' });
  assert.deepEqual(await one({ maxTokens: 0 }), { ids: [], text: '', finish: 'length' });
  // The context holds 64 tokens.
  const full = await one({ maxTokens: 100 });
  assert.equal(full.ids.length, 64 - PROMPT.length);
  assert.equal(full.finish, 'length');
  await generator.release();
});

test('a marker of the family ends a sample as the end of text does; a marker of gaps ends a gap alone', async () => {
  const golden = loadGolden('llama-gqa-untied');
  const config = { ...golden.config, eosTokenIds: [] };
  const tokenizer = letterTokenizer(config.vocabSize);
  const free = new Generator(engine, config, golden.store, tokenizer);
  const request = { prompt: PROMPT, maxTokens: 8 };
  const [{ ids, text }] = (await free.generate(request)).samples;
  assert.equal(ids.indexOf(ids[3]), 3, 'the test needs different tokens');
  const whole = { ids, text, finish: 'length' };
  const cut = { ids: ids.slice(0, 3), text: text.slice(0, 3), finish: 'eos' };
  const sampleOf = async (special: Partial<SpecialTokens>, endTokenIds?: number[]) => {
    const markers = { ...tokenizer, special: { all: [], ...special } };
    const generator = new Generator(engine, config, golden.store, markers);
    const { samples } = await generator.generate({ ...request, endTokenIds });
    await generator.release();
    return samples[0];
  };
  assert.deepEqual(await sampleOf({ ends: [ids[3]] }), cut);
  assert.deepEqual(await sampleOf({ ends: [ids[3]] }, []), whole);
  const unused = config.vocabSize + 1;
  const gap = { prefix: unused, suffix: ids[3], middle: PROMPT.at(-1)! };
  assert.deepEqual(await sampleOf({ fim: gap }), cut);
  assert.deepEqual(await sampleOf({ fim: { ...gap, middle: unused } }), whole);
  await free.release();
});

test('the pieces of the stream make up the text, and nothing of a stop string is ever shown', async () => {
  const generator = generatorOf(loadGolden('llama-gqa-untied'));
  const request = { prompt: PROMPT, maxTokens: 8, endTokenIds: [] };
  const { text } = (await generator.generate(request)).samples[0];
  const pieces: string[] = [];
  const { samples } = await generator.generate({
    ...request,
    stop: [text.slice(4, 6), `${text[1]}?`],
    onToken: (token) => pieces.push(token.text),
  });
  assert.equal(samples[0].text, text.slice(0, 4));
  assert.deepEqual(pieces, [text[0], '', text.slice(1, 3), text[3], '', '']);
  await generator.release();
});

test('an abort ends every sample where it stands', async () => {
  const generator = generatorOf(loadGolden('llama-gqa-untied'));
  const controller = new AbortController();
  const request = { prompt: PROMPT, maxTokens: 20, numSamples: 3, batchSize: 2, endTokenIds: [] };
  const { samples } = await generator.generate({
    ...request,
    signal: controller.signal,
    onToken: ({ sample }) => sample === 1 && controller.abort(),
  });
  assert.deepEqual(
    samples.map(({ finish, ids, text }) => [finish, ids.length, text.length]),
    [
      ['aborted', 1, 1],
      ['aborted', 1, 1],
      ['aborted', 0, 0],
    ],
  );
  const late = await generator.generate({ ...request, signal: controller.signal });
  assert.ok(late.samples.every(({ finish, ids }) => finish === 'aborted' && ids.length === 0));
  const { samples: after } = await generator.generate(request);
  assert.ok(after.every(({ finish }) => finish === 'length'));
  await generator.release();
});

test('a prompt that leaves no room keeps its last tokens and says how many were dropped', async () => {
  const prompt = Array.from({ length: 100 }, (_, i) => i);
  assert.deepEqual(keptPrompt(prompt, 16, 101), prompt);
  assert.deepEqual(keptPrompt(prompt, 16, 100), prompt.slice(16));
  assert.deepEqual(keptPrompt(prompt, 500, 64), prompt.slice(68), 'half of the context at least');
  assert.deepEqual(keptPrompt(prompt, 16, 101, 0), prompt);
  assert.deepEqual(keptPrompt(prompt, 16, 100, 0), [0, ...prompt.slice(17)], 'BOS stays in front');
  assert.deepEqual(keptPrompt(prompt, 16, 100, 7), prompt.slice(16), 'no BOS where the prompt has none');
  const generator = generatorOf(loadGolden('llama-gqa-untied'));
  const long = prompt.map((id) => id % 96);
  const cut = await generator.generate({ prompt: long, maxTokens: 4, endTokenIds: [] });
  const same = await generator.generate({ prompt: long.slice(40), maxTokens: 4, endTokenIds: [] });
  assert.equal(cut.droppedPromptTokens, 40);
  assert.deepEqual(cut.samples, same.samples);
  await generator.release();

  const { config, store } = loadGolden('llama-gqa-untied');
  const tokenizer = { ...letterTokenizer(config.vocabSize), special: { bos: 0, all: [0] }, addsBos: true };
  const withBos = new Generator(engine, config, store, tokenizer);
  const begun = await withBos.generate({ prompt: long, maxTokens: 4, endTokenIds: [] });
  const kept = await withBos.generate({ prompt: [0, ...long.slice(41)], maxTokens: 4, endTokenIds: [] });
  assert.equal(begun.droppedPromptTokens, 40);
  assert.deepEqual(begun.samples, kept.samples);
  assert.notDeepEqual(begun.samples, cut.samples);
  await withBos.release();
});

test('values out of range are refused by code, and the generator goes on', async () => {
  const generator = generatorOf(loadGolden('llama-gqa-untied'));
  const refused = (changes: Partial<GenerationRequest>, code: string) =>
    assert.rejects(
      generator.generate({ prompt: PROMPT, ...changes }),
      (error) => error instanceof FineTuneError && error.code === code,
    );
  await refused({ prompt: [] }, 'USAGE');
  await refused({ maxTokens: -1 }, 'USAGE');
  await refused({ numSamples: 0 }, 'USAGE');
  await refused({ batchSize: 17 }, 'USAGE');
  await refused({ temperature: Number.NaN }, 'USAGE');
  await refused({ topP: 0 }, 'USAGE');
  await refused({ stop: [''] }, 'USAGE');
  await refused({ prompt: [96] }, 'TOKENIZER_MISMATCH');
  assert.equal((await generator.generate({ prompt: PROMPT, maxTokens: 3 })).samples.length, 1);
  await generator.release();
});

test('weights that are no numbers are reported instead of sampled from', async () => {
  const model = loadGolden('llama-gqa-untied');
  model.store.get('norm.weight')!.weights[0] = Number.NaN;
  const generator = generatorOf(model);
  await assert.rejects(
    generator.generate({ prompt: PROMPT }),
    (error) => error instanceof FineTuneError && error.code === 'CHECKPOINT_INVALID',
  );
  await generator.release();
});
