/**
 * @file Each family's configuration and mapping against PyTorch: a decoder in plain loops (f64, canonical weights, not
 * the engine) must give the golden logits, loss and, by finite differences, the golden gradient of every weight. A
 * wrong row, a forgotten transposition or a misread key changes at least one of them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { type ModelConfig, weightShapes } from '../../src/models/config.ts';
import { type ConfigJson, putIntoSource, sourceShapes, takeFromSource } from '../../src/models/families/family.ts';
import { familyOf, supportedModelTypes } from '../../src/models/families/registry.ts';
import { goldenFolder, goldenModels, readAllWeights, readGolden } from '../support/golden.ts';
import { plainLogits, plainLoss } from '../support/plainDecoder.ts';

const configOf = (json: ConfigJson): ModelConfig => familyOf(json).config(json);

function goldenConfigJson(name: string): Record<string, unknown> {
  const checkpoint = openCheckpoint(goldenFolder(name));
  checkpoint.close();
  return { ...checkpoint.configJson };
}

for (const name of goldenModels) {
  const golden = readGolden(name);
  const checkpoint = openCheckpoint(golden.folder);
  const { config, family } = checkpoint;
  const weights = readAllWeights(checkpoint);
  checkpoint.close();
  const batch = { inputIds: golden.inputIds, batchSize: golden.batchSize, sequenceLength: golden.sequenceLength };

  test(`${name}: plain loops over the canonical weights give PyTorch's logits and loss`, () => {
    const logits = plainLogits(config, weights, batch);
    // Logits reach 30; 2e-5 is their f32 rounding in PyTorch, summed over two layers.
    for (let i = 0; i < logits.length; i++) {
      assert.ok(Math.abs(logits[i] - golden.logits[i]) < 2e-5, `logit ${i}: ${logits[i]}, PyTorch ${golden.logits[i]}`);
    }
    const loss = plainLoss(config, weights, batch, golden.labels);
    assert.ok(Math.abs(loss - golden.loss) < 2e-6, `${loss}, PyTorch ${golden.loss}`);
    assert.equal(golden.loss, golden.stepLosses[0]);
  });

  test(`${name}: the gradient of every canonical weight is the slope of the loss`, () => {
    for (const [weight, values] of weights) {
      // One direction with every element's sign, so a misplaced row cannot hide: dL = sum(gradient * direction).
      const gradient = golden.gradient(weight);
      assert.equal(gradient.length, values.length);
      const direction = Float64Array.from(values, (_, i) => Math.sin(12.9898 * (i + 1)));
      const step = 1e-5;
      const at = (factor: number) => {
        const moved = Float64Array.from(values, (value, i) => value + factor * direction[i]);
        return plainLoss(config, new Map<string, ArrayLike<number>>(weights).set(weight, moved), batch, golden.labels);
      };
      const slope = (at(step) - at(-step)) / (2 * step);
      const expected = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
      const size = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
      assert.ok(Math.abs(slope - expected) < 1e-4 * size + 1e-6, `${weight}: slope ${slope}, PyTorch ${expected}`);
    }
  });

  test(`${name}: the weights cover every element of every checkpoint tensor exactly once`, () => {
    const places = family.tensors(config);
    assert.deepEqual([...places.keys()], [...weightShapes(config).keys()]);
    const sources = sourceShapes(config, places);
    const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
    const counts = new Map([...sources].map(([source, shape]) => [source, new Float32Array(size(shape))]));
    for (const [weight, shape] of weightShapes(config)) {
      const place = places.get(weight)!;
      const whole = new Float32Array(counts.get(place.source)!.length);
      putIntoSource(place, shape, new Float32Array(size(shape)).fill(1), whole, sources.get(place.source)!);
      for (let i = 0; i < whole.length; i++) counts.get(place.source)![i] += whole[i];
      const numbered = Float32Array.from({ length: whole.length }, (_, i) => i);
      const taken = takeFromSource(place, shape, numbered, sources.get(place.source)!);
      const back = new Float32Array(whole.length);
      putIntoSource(place, shape, taken, back, sources.get(place.source)!);
      for (let i = 0; i < whole.length; i++) assert.equal(back[i], whole[i] * numbered[i], `${weight} ${i}`);
    }
    for (const [source, count] of counts) {
      assert.ok(
        count.every((times) => times === 1),
        source,
      );
    }
  });
}

test('every supported model_type has a golden model', () => {
  const covered = new Set(goldenModels.map((name) => goldenConfigJson(name).model_type));
  assert.deepEqual([...covered].sort(), [...supportedModelTypes].sort());
});

test('fused matrices come apart where the originals split them', () => {
  const rows = (name: (typeof goldenModels)[number], weight: string) => {
    const checkpoint = openCheckpoint(goldenFolder(name));
    checkpoint.close();
    return checkpoint.family.tensors(checkpoint.config).get(`layers.1.self_attn.${weight}`)!;
  };
  // 32 features, 4 heads of 8.
  assert.deepEqual(rows('gpt2', 'k_proj.weight'), {
    source: 'transformer.h.1.attn.c_attn.weight',
    transpose: true,
    rowBlocks: [[32, 32]],
  });
  assert.deepEqual(rows('gpt2', 'v_proj.bias'), { source: 'transformer.h.1.attn.c_attn.bias', rowBlocks: [[64, 32]] });
  assert.deepEqual(rows('gpt-bigcode-multi-query', 'v_proj.weight').rowBlocks, [[40, 8]]);
  const secondOfThree = [8, 32, 56, 80].map((start) => [start, 8]);
  assert.deepEqual(rows('gpt-bigcode-multi-head', 'k_proj.bias').rowBlocks, secondOfThree);
  assert.deepEqual(rows('gpt-neox', 'k_proj.weight').rowBlocks, secondOfThree);
});

test('rotary frequencies equal those of PyTorch to the last bit or the one before', () => {
  for (const name of goldenModels) {
    const expected = readGolden(name).inverseFrequencies;
    if (!expected) continue;
    const found = configOf(goldenConfigJson(name)).rope!.inverseFrequencies;
    assert.equal(found.length, expected.length);
    for (const [i, value] of found.entries()) {
      assert.ok(Math.abs(value - expected[i]) <= expected[i] * 2 ** -23, `${name} ${i}: ${value}, ${expected[i]}`);
    }
  }
});

test('the llama3 rule keeps short wavelengths, stretches long ones eightfold and blends between', () => {
  const { inverseFrequencies } = configOf(goldenConfigJson('llama-rope-llama3')).rope!;
  assert.equal(inverseFrequencies[0], 1);
  const stretchedBy = inverseFrequencies.map((value, i) => 10000 ** (-i / 4) / value);
  assert.ok(stretchedBy[1] > 1.01 && stretchedBy[1] < 7.99, String(stretchedBy[1]));
  for (const i of [2, 3]) assert.ok(Math.abs(stretchedBy[i] - 8) < 1e-5);
});

test('rope_parameters of transformers 5 and rope_theta + rope_scaling give the same rotation', () => {
  const base = goldenConfigJson('llama-rope-llama3');
  const { rope_parameters: parameters, ...rest } = base;
  const { rope_theta: theta, ...scaling } = parameters as Record<string, unknown>;
  const older = { ...rest, rope_theta: theta, rope_scaling: scaling };
  assert.deepEqual(configOf(older), configOf(base));
});

test('the dynamic rule leaves positions within the limit as they are', () => {
  const json = goldenConfigJson('llama-gqa-untied');
  const dynamic = { ...json, rope_scaling: { rope_type: 'dynamic', factor: 2 } };
  assert.deepEqual(configOf(dynamic), configOf(json));
});

test('defaults are those of transformers', () => {
  const llama = configOf({
    model_type: 'llama',
    hidden_size: 64,
    num_attention_heads: 4,
    num_hidden_layers: 1,
    intermediate_size: 10,
    vocab_size: 5,
  });
  assert.equal(llama.numKvHeads, 4);
  assert.equal(llama.headDim, 16);
  assert.equal(llama.maxPositionEmbeddings, 2048);
  assert.equal(llama.normEps, 1e-6);
  assert.equal(llama.activation, 'silu');
  assert.equal(llama.tieWordEmbeddings, false);
  assert.equal(llama.rope!.inverseFrequencies[1], Math.fround(10000 ** -0.125));
  const gpt2 = configOf({ model_type: 'gpt2', n_embd: 8, n_head: 2, n_layer: 1, vocab_size: 5, n_inner: null });
  assert.equal(gpt2.intermediateSize, 32);
  assert.equal(gpt2.activation, 'geluTanh');
  assert.equal(gpt2.tieWordEmbeddings, true);
  const neox = configOf({
    model_type: 'gpt_neox',
    hidden_size: 64,
    num_attention_heads: 2,
    num_hidden_layers: 1,
    intermediate_size: 10,
    vocab_size: 5,
  });
  assert.equal(neox.rope!.rotaryDim, 8);
  assert.equal(neox.activation, 'gelu');
  assert.equal(neox.parallelResidual, true);
  assert.equal(neox.tieWordEmbeddings, false);
});

test('real configurations: SmolLM2-135M, DeepSeek-Coder-1.3B, Qwen2.5-Coder-0.5B, Pythia-70m, StarCoder2-3b', () => {
  const parameters = (json: ConfigJson) =>
    [...weightShapes(configOf(json)).values()].reduce(
      (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
      0,
    );
  const smol = {
    ...{ model_type: 'llama', hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30 },
    ...{ num_attention_heads: 9, num_key_value_heads: 3, vocab_size: 49152, max_position_embeddings: 8192 },
    ...{ rope_theta: 100000, rms_norm_eps: 1e-5, hidden_act: 'silu', tie_word_embeddings: true },
  };
  assert.equal(parameters(smol), 134_515_008);
  const deepseek = {
    ...{ model_type: 'llama', hidden_size: 2048, intermediate_size: 5504, num_hidden_layers: 24 },
    ...{ num_attention_heads: 16, num_key_value_heads: 16, vocab_size: 32256, max_position_embeddings: 16384 },
    ...{ rope_theta: 100000, rope_scaling: { factor: 4, type: 'linear' }, tie_word_embeddings: false },
  };
  assert.equal(parameters(deepseek), 1_346_471_936);
  assert.equal(configOf(deepseek).rope!.inverseFrequencies[0], 0.25);
  const qwen = {
    ...{ model_type: 'qwen2', hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 24 },
    ...{ num_attention_heads: 14, num_key_value_heads: 2, vocab_size: 151936, max_position_embeddings: 32768 },
    ...{ rope_theta: 1000000, sliding_window: 32768, use_sliding_window: false, tie_word_embeddings: true },
  };
  assert.equal(parameters(qwen), 494_032_768);
  const pythia = {
    ...{ model_type: 'gpt_neox', hidden_size: 512, intermediate_size: 2048, num_hidden_layers: 6 },
    ...{ num_attention_heads: 8, vocab_size: 50304, rotary_pct: 0.25, rotary_emb_base: 10000 },
  };
  assert.equal(parameters(pythia), 70_426_624);
  const starcoder = {
    ...{ model_type: 'starcoder2', hidden_size: 3072, intermediate_size: 12288, num_hidden_layers: 30 },
    ...{ num_attention_heads: 24, num_key_value_heads: 2, vocab_size: 49152, max_position_embeddings: 16384 },
    ...{ sliding_window: 4096, rope_theta: 999999.4420358813, use_bias: true },
  };
  assert.equal(parameters(starcoder), 3_030_371_328);
  assert.equal(configOf(starcoder).maxPositionEmbeddings, 4096);
});

test('a sliding window that is switched on limits the length, one that is off does not', () => {
  const json = goldenConfigJson('qwen2');
  assert.equal(configOf(json).maxPositionEmbeddings, 64);
  assert.equal(configOf({ ...json, use_sliding_window: true }).maxPositionEmbeddings, 4);
  assert.equal(configOf({ ...json, layer_types: ['full_attention', 'full_attention'] }).maxPositionEmbeddings, 64);
  const mixed = { ...json, layer_types: ['full_attention', 'sliding_attention'] };
  assert.equal(configOf(mixed).maxPositionEmbeddings, 4);
});

test('end tokens may be one id or a list', () => {
  const json = goldenConfigJson('llama-gqa-untied');
  assert.deepEqual(configOf(json).eosTokenIds, [2]);
  assert.deepEqual(configOf({ ...json, eos_token_id: [3, 4] }).eosTokenIds, [3, 4]);
  assert.deepEqual(configOf({ ...json, eos_token_id: null, bos_token_id: null }).eosTokenIds, []);
  assert.equal(configOf({ ...json, bos_token_id: null }).bosTokenId, undefined);
});

const llamaJson = goldenConfigJson('llama-gqa-untied');
const gpt2Json = goldenConfigJson('gpt2');
const neoxJson = goldenConfigJson('gpt-neox');
const starcoderJson = goldenConfigJson('starcoder2');
const refused: readonly (readonly [claim: string, code: string, json: ConfigJson, message: RegExp])[] = [
  [
    'an unknown model_type',
    'UNSUPPORTED_MODEL',
    { model_type: 'mamba' },
    /"mamba" is not supported; supported are llama, /,
  ],
  ['no model_type', 'CONFIG_INVALID', {}, /model_type is undefined/],
  ['a missing size', 'CONFIG_INVALID', { ...llamaJson, hidden_size: undefined }, /has no hidden_size/],
  [
    'a size that is text',
    'CONFIG_INVALID',
    { ...llamaJson, hidden_size: '32' },
    /hidden_size is "32", expected a positive integer/,
  ],
  ['a size with a fraction', 'CONFIG_INVALID', { ...gpt2Json, n_layer: 1.5 }, /n_layer is 1\.5/],
  ['a negative epsilon', 'CONFIG_INVALID', { ...llamaJson, rms_norm_eps: -1 }, /rms_norm_eps is -1/],
  ['a switch that is a number', 'CONFIG_INVALID', { ...llamaJson, tie_word_embeddings: 1 }, /tie_word_embeddings is 1/],
  [
    'heads that do not divide the hidden size',
    'CONFIG_INVALID',
    { ...llamaJson, num_attention_heads: 5 },
    /32 does not divide into 5/,
  ],
  [
    'kv heads that do not divide the heads',
    'CONFIG_INVALID',
    { ...llamaJson, num_key_value_heads: 3 },
    /4 query heads do not divide into 3/,
  ],
  ['an odd rotation', 'CONFIG_INVALID', { ...neoxJson, rotary_pct: 0.4 }, /3 of 8 features/],
  ['an end token that is text', 'CONFIG_INVALID', { ...llamaJson, eos_token_id: '</s>' }, /eos_token_id is "<\/s>"/],
  [
    'llama3 factors the wrong way round',
    'CONFIG_INVALID',
    {
      ...llamaJson,
      rope_scaling: {
        rope_type: 'llama3',
        factor: 8,
        low_freq_factor: 4,
        high_freq_factor: 1,
        original_max_position_embeddings: 64,
      },
    },
    /high_freq_factor 1 is not above/,
  ],
  [
    'a linear rule without factor',
    'CONFIG_INVALID',
    { ...llamaJson, rope_scaling: { type: 'linear' } },
    /has no factor/,
  ],
  ['an unknown activation', 'UNSUPPORTED_MODEL', { ...llamaJson, hidden_act: 'relu2' }, /hidden_act is "relu2"/],
  [
    'yarn',
    'UNSUPPORTED_MODEL',
    { ...llamaJson, rope_scaling: { type: 'yarn', factor: 4 } },
    /rotary scaling is "yarn"/,
  ],
  [
    'rotary rules for kinds of layers',
    'UNSUPPORTED_MODEL',
    { ...llamaJson, rope_parameters: { full_attention: { rope_theta: 1 } } },
    /differ between kinds/,
  ],
  [
    'a partly rotated Llama',
    'UNSUPPORTED_MODEL',
    { ...llamaJson, partial_rotary_factor: 0.5 },
    /partial_rotary_factor is 0\.5/,
  ],
  [
    'capped attention',
    'UNSUPPORTED_MODEL',
    { ...llamaJson, attn_logit_softcapping: 50 },
    /attn_logit_softcapping is 50/,
  ],
  ['experts', 'UNSUPPORTED_MODEL', { ...llamaJson, num_local_experts: 8 }, /mixture of experts/],
  ['alibi', 'UNSUPPORTED_MODEL', { ...llamaJson, alibi: true }, /ALiBi/],
  ['quantised weights', 'UNSUPPORTED_MODEL', { ...llamaJson, quantization_config: { bits: 4 } }, /quantised/],
  [
    'scaling by layer number',
    'UNSUPPORTED_MODEL',
    { ...gpt2Json, scale_attn_by_inverse_layer_idx: true },
    /scale_attn_by_inverse_layer_idx is true/,
  ],
  [
    'unscaled attention',
    'UNSUPPORTED_MODEL',
    { ...gpt2Json, scale_attn_weights: false },
    /scale_attn_weights is false/,
  ],
  [
    'another norm of StarCoder2',
    'UNSUPPORTED_MODEL',
    { ...starcoderJson, norm_type: 'rms_norm' },
    /norm_type is "rms_norm"/,
  ],
  [
    'linear attention layers',
    'UNSUPPORTED_MODEL',
    { ...goldenConfigJson('qwen3'), layer_types: ['linear_attention'] },
    /layer_types holds "linear_attention"/,
  ],
];

for (const [claim, code, json, message] of refused) {
  test(`refused: ${claim}`, () => {
    assert.throws(
      () => configOf(json),
      (error) => {
        assert.ok(error instanceof FineTuneError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
