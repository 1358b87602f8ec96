/** @file Adapters: their gradients follow from the full one, the merged model is the adapted one, and what is frozen stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Optimizer } from '../../src/engine/optimizer.ts';
import { allocateParameters, type ParameterStore } from '../../src/engine/parameters.ts';
import { openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { LORA_TARGETS, type ModelConfig, weightShapes } from '../../src/models/config.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { loadModel } from '../../src/models/load.ts';
import { adaptersOf, addAdapters, mergedWeight } from '../../src/models/lora.ts';
import { createRandom, nextFloat } from '../../src/random.ts';
import { listComponents } from '../../src/rgft/components.ts';
import { type GoldenModel, goldenFolder } from '../support/golden.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel } from '../support/tinyModel.ts';

const engine = await openEngine({ threads: 1 });
const lora = { rank: 3, scale: 2, targets: LORA_TARGETS };

const batch: Batch = (() => {
  const of = (value: (i: number) => number) => Int32Array.from({ length: 32 }, (_, i) => value(i));
  return {
    size: 2,
    length: 16,
    inputIds: of((i) => (7 * i) % 60),
    labels: of((i) => (i % 5 === 4 ? -100 : (11 * i) % 60)),
    positions: of((i) => i % 16),
    segments: of(() => 1),
  };
})();

function load(name: GoldenModel): { config: ModelConfig; store: ParameterStore } {
  const checkpoint = openCheckpoint(goldenFolder(name));
  const store = allocateParameters(weightShapes(checkpoint.config));
  for (const parameter of store.values()) checkpoint.read(parameter.name, parameter.weights);
  checkpoint.close();
  return { config: checkpoint.config, store };
}

/** Adapters of which both matrices count. */
function adapted(store: ParameterStore, config: ModelConfig): ParameterStore {
  const all = addAdapters(store, config, 0);
  const random = createRandom(1);
  for (const { name, weights } of all.values()) {
    if (!name.includes('.lora_B.')) continue;
    for (let i = 0; i < weights.length; i++) weights[i] = 0.1 * (nextFloat(random) - 0.5);
  }
  return all;
}

function assertClose(actual: Float32Array, expected: ArrayLike<number>, name: string): void {
  let [worst, scale] = [0, 1e-4];
  actual.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  });
  // Two orders of summation in float32.
  assert.ok(worst < 2e-4 * scale, `${name}: off by ${worst} of ${scale}`);
}

// With biases, with grouped queries, with LayerNorm, with a parallel residual.
for (const name of ['llama-biases-tied', 'llama-gqa-untied', 'gpt2', 'gpt-neox'] as const) {
  test(`${name}: the merged model has the losses of the adapted one, and dA = s·Bᵀ·dW, dB = s·dW·Aᵀ`, async () => {
    const { config, store } = load(name);
    const withAdapters = { ...config, lora };
    const all = adapted(store, withAdapters);
    const everything = (c: ModelConfig) =>
      planGradients(
        c,
        listComponents(c),
        listComponents(c).map(() => 1),
      );
    const decoder = new Decoder(engine, withAdapters, all);
    const { losses } = await decoder.lossAndGradients(batch, { plan: everything(withAdapters) });
    await decoder.release();
    const adapters = adaptersOf(all);
    assert.equal(adapters.size, 2 * config.numLayers * (config.gatedMlp ? 7 : 6));

    const merged = allocateParameters(weightShapes(config));
    for (const { name, weights } of merged.values()) weights.set(mergedWeight(all, withAdapters, name));
    const reference = new Decoder(engine, config, merged);
    const { losses: mergedLosses } = await reference.lossAndGradients(batch, { plan: everything(config) });
    await reference.release();
    assertClose(losses, mergedLosses, 'losses');

    const { rank: R, scale } = lora;
    for (const { name: downName, shape, weights: down, gradient } of adapters.values()) {
      if (!downName.includes('.lora_A.')) continue;
      const up = all.get(downName.replace('lora_A', 'lora_B'))!;
      const full = merged.get(downName.replace('.lora_A', ''))!.gradient;
      const [inputs, outputs] = [shape[1], up.shape[0]];
      const dDown = new Float64Array(R * inputs);
      const dUp = new Float64Array(outputs * R);
      for (let o = 0; o < outputs; o++) {
        for (let i = 0; i < inputs; i++) {
          for (let r = 0; r < R; r++) {
            dDown[r * inputs + i] += scale * up.weights[o * R + r] * full[o * inputs + i];
            dUp[o * R + r] += scale * full[o * inputs + i] * down[r * inputs + i];
          }
        }
      }
      assertClose(gradient, dDown, downName);
      assertClose(up.gradient, dUp, up.name);
    }
  });
}

test('fresh adapters change no loss by a bit, frozen weights have no gradient, and a step costs what it should', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`, { hiddenSize: 64 });
  const { config, store } = await loadModel(`${folder}/model`);
  const withAdapters = { ...config, lora };
  const all = addAdapters(store, withAdapters, 0);
  const decoder = new Decoder(engine, withAdapters, all);
  const plain = new Decoder(engine, config, store);
  assert.deepEqual((await decoder.loss(batch)).losses, (await plain.loss(batch)).losses);

  const components = listComponents(withAdapters);
  assert.deepEqual(
    components.slice(0, 3).map(({ id }) => id),
    ['0.lora.q_proj', '0.lora.k_proj', '0.lora.v_proj'],
  );
  const plan = planGradients(withAdapters, components, new Uint8Array(components.length).fill(1));
  assert.ok([...store.values()].every(({ gradient, kernels }) => gradient.length === 0 && kernels === undefined));
  engine.flops = 0;
  await decoder.lossAndGradients(batch, { plan });
  const targets = batch.labels.filter((label) => label >= 0).length;
  assert.equal(engine.flops, decoder.stepFlops(batch, plan, { targets }), 'planned as counted');
  const whole = listComponents(config);
  const fullFlops = plain.stepFlops(batch, planGradients(config, whole, new Uint8Array(whole.length).fill(1)));
  const share = decoder.stepFlops(batch, plan) / fullFlops;
  assert.ok(share > 0.6 && share < 0.85, `a step costs ${share} of a full one`);

  // One adapter alone ends the backward pass where it lies.
  const top = planGradients(
    withAdapters,
    components,
    components.map(({ id }) => Number(id === '1.lora.down_proj')),
  );
  assert.deepEqual([top.lowestLayer, top.lowestHalf], [1, 'mlp']);
  assert.ok(decoder.stepFlops(batch, top) < 0.6 * decoder.stepFlops(batch, plan));
  await decoder.release();
});

test('the error map of adapters holds the squared norms of one-sample gradients, at the planned cost', async () => {
  const { config, store } = load('llama-gqa-untied');
  const withAdapters = { ...config, lora };
  const all = adapted(store, withAdapters);
  const components = listComponents(withAdapters);
  const decoder = new Decoder(engine, withAdapters, all);
  const nothing = planGradients(withAdapters, components, new Uint8Array(components.length));
  const everything = new Uint8Array(components.length).fill(1);
  const plan = planGradients(withAdapters, components, everything);
  const optimizer = new Optimizer(all, components);
  engine.flops = 0;
  const { squaredNorms } = await decoder.lossAndGradients(batch, { plan: nothing, observe: components });
  assert.equal(engine.flops, 2 * decoder.observationFlops(batch.length, components));
  for (let row = 0; row < batch.size; row++) {
    const part = (array: Int32Array) => array.slice(row * batch.length, (row + 1) * batch.length);
    const single: Batch = {
      size: 1,
      length: batch.length,
      inputIds: part(batch.inputIds),
      labels: part(batch.labels),
      positions: part(batch.positions),
      segments: part(batch.segments),
    };
    await decoder.lossAndGradients(single, { plan });
    const expected = optimizer.squaredNorms(everything, plan.place);
    components.forEach(({ id }, c) => {
      const actual = squaredNorms![row * components.length + c];
      assert.ok(Math.abs(actual - expected[c]) <= 1e-3 * expected[c], `row ${row} ${id}: ${actual}, ${expected[c]}`);
    });
  }
  await decoder.release();
});
