/** @file Defaults of a run, and every kind of value that is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { llama } from '../../src/models/families/llama.ts';
import { checkOptions, completeOptions, type FineTuneOptions } from '../../src/trainer/options.ts';

const config = llama.config({
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  vocab_size: 1000,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
});
/** Embedding, attention, MLP, three norms. */
const PARAMETERS = 1000 * 64 + 4 * 64 * 64 + 3 * 64 * 128 + 3 * 64;

function refusal(options: Record<string, unknown>): FineTuneError {
  try {
    completeOptions(options as Partial<FineTuneOptions>, config);
  } catch (error) {
    assert.ok(error instanceof FineTuneError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `${JSON.stringify(options)} was taken` });
}

test('defaults follow the model: its length, and the root of its size', () => {
  const options = completeOptions({}, config);
  assert.equal(options.seqLength, 256);
  assert.equal(options.learningRate, 6e-4 * Math.sqrt(4e6 / PARAMETERS));
  assert.equal(completeOptions({}, { ...config, maxPositionEmbeddings: 4096 }).seqLength, 512);
  const { method, epochs, alpha, tau, literal, maxSteps, microBatch, clipNorm, weightDecay } = options;
  const { beta1, beta2 } = options;
  assert.deepEqual(
    { method, epochs, alpha, tau, literal, maxSteps, microBatch, clipNorm, beta1, beta2, weightDecay },
    {
      ...{ method: 'rgft', epochs: 3, alpha: 1, tau: 0.1, literal: false },
      ...{ maxSteps: null, microBatch: 2, clipNorm: 1, beta1: 0.8, beta2: 0.99, weightDecay: 0.01 },
    },
  );
});

test('what is given stands, and what is given as undefined counts as not given', () => {
  const options = completeOptions({ epochs: 7, seed: undefined, maxSteps: 5, learningRate: 0 }, config);
  assert.deepEqual([options.epochs, options.seed, options.maxSteps, options.learningRate], [7, 0, 5, 0]);
});

test('numbers out of range, fractions where whole numbers are due, and other types are refused by name', () => {
  const cases: [keyof FineTuneOptions, unknown][] = [
    ['epochs', 0],
    ['epochs', 1.5],
    ['learningRate', -1],
    ['learningRate', Number.NaN],
    ['learningRate', Number.POSITIVE_INFINITY],
    ['learningRate', '0.1'],
    ['warmup', 1.1],
    ['seqLength', 8],
    ['microBatch', 0],
    ['gradAccumulation', 2.5],
    ['beta1', 1],
    ['beta2', -0.1],
    ['weightDecay', -0.1],
    ['clipNorm', 0],
    ['fimRate', 2],
    ['heldOutShare', 1],
    ['seed', -1],
    ['seed', 2 ** 32],
    ['alpha', 1.01],
    ['tau', -1],
    ['hysteresis', 1],
    ['temper', -1],
    ['ema', 1],
    ['probeEvery', -1],
    ['probeRows', 0],
    ['evaluateEvery', 0.5],
    ['patience', -1],
    ['checkpointEvery', -1],
    ['threads', 0],
    ['maxSteps', 0],
    ['maxSteps', 2.5],
  ];
  for (const [option, value] of cases) {
    const error = refusal({ [option]: value });
    assert.equal(error.code, 'USAGE', option);
    assert.deepEqual(error.details, { option, value });
    assert.ok(error.message.startsWith(`${option} is ${String(value)}, expected a `), error.message);
  }
});

test('unknown words and unknown options are refused with the known ones', () => {
  const cases: [keyof FineTuneOptions, unknown, RegExp][] = [
    ['method', 'rgtf', /one of full, rgft, rgft-b/],
    ['decay', 'exponential', /cosine, linear, constant/],
    ['optimizer', 'adam', /adamw, sgd/],
    ['normalise', 'size', /none, parameters/],
    ['device', 'gpu', /cpu, webgpu, cuda, dml/],
    ['activations', 'drop', /save, recompute/],
    ['literal', 'yes', /false, true/],
  ];
  for (const [option, value, expected] of cases) {
    const error = refusal({ [option]: value });
    assert.equal(error.code, 'USAGE');
    assert.match(error.message, expected);
  }
  assert.equal(refusal({ learning_rate: 1 }).message, `There is no option "learning_rate".`);
});

test('what a method would pass over without a word is refused', () => {
  const cases: [Partial<FineTuneOptions>, RegExp][] = [
    [{ optimizer: 'sgd', beta1: 0.5 }, /no memory of gradients: leave out --beta1/],
    [{ optimizer: 'sgd', beta2: 0.5 }, /leave out --beta1 and --beta2/],
    [{ method: 'full', frozenProducts: 'int8' }, /8 bits.*with full every layer has one/],
    [{ method: 'rgft-b', frozenProducts: 'int8' }, /8 bits/],
    [{ method: 'lora', budget: 0.3, targetSkipShare: 0.3 }, /--target-skip.*rgft and last-k only, and this is lora\./],
    [{ method: 'random-k', budget: 0.3, skipShare: 0.3 }, /--skip-share.*random-k/],
    [{ method: 'full', headVocabulary: 'folder' }, /--head-vocabulary folder.*this is full without a budget\./],
    [{ method: 'rgft', budget: 0.3, warmStart: 0.1, headVocabulary: 'folder' }, /needs a first pass.*--warm-start/],
    [{ method: 'rgft', skipShare: 0.3 }, /--skip-share.*this is rgft without a budget/],
  ];
  for (const [options, expected] of cases) {
    const error = refusal(options);
    assert.equal(error.code, 'USAGE');
    assert.match(error.message, expected);
  }
  completeOptions({ method: 'last-k', budget: 0.3, targetSkipShare: 0.3, frozenProducts: 'int8' }, config);
});

test('a sequence longer than the model is refused with both lengths; without a model it may be right', () => {
  const { code, message } = refusal({ seqLength: 257 });
  assert.equal(code, 'USAGE');
  assert.match(message, /257.*at most 256.*--seq-length/);
  checkOptions({ seqLength: 257 });
});
