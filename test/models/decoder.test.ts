import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Optimizer } from '../../src/engine/optimizer.ts';
import { openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { listComponents } from '../../src/rgft/components.ts';
import { batchOf, goldenModels, loadGoldenModel, readGolden } from '../support/golden.ts';
import { relativeDifference } from '../support/numeric.ts';

const engine = await openEngine({ threads: 2 });

function meanLoss(losses: Float32Array, batch: Batch): number {
  return losses.reduce((sum, loss) => sum + loss, 0) / batch.labels.filter((label) => label >= 0).length;
}

for (const name of goldenModels) {
  for (const activations of ['save', 'recompute'] as const) {
    test(`${name}: loss and every gradient match PyTorch (${activations})`, async () => {
      const golden = readGolden(name);
      const { config, store } = loadGoldenModel(name);
      const decoder = new Decoder(engine, config, store, { activations, headRows: 7 });
      const batch = batchOf(golden);
      const components = listComponents(config);
      const plan = planGradients(
        config,
        components,
        components.map(() => 1),
      );

      const { losses } = await decoder.lossAndGradients(batch, { plan });
      assert.ok(Math.abs(meanLoss(losses, batch) - golden.loss) < 1e-4 * golden.loss, 'loss');
      for (const parameter of store.values()) {
        const difference = relativeDifference(parameter.gradient, golden.gradient(parameter.name));
        assert.ok(difference < 1e-4, `${parameter.name}: ${difference.toExponential(1)}`);
      }
      const forwardOnly = await decoder.loss(batch);
      assert.deepEqual(forwardOnly.losses, losses);
      await decoder.release();
    });
  }

  test(`${name}: ten AdamW steps match PyTorch`, async () => {
    const golden = readGolden(name);
    const { config, store } = loadGoldenModel(name);
    const decoder = new Decoder(engine, config, store);
    const batch = batchOf(golden);
    const components = listComponents(config, { mlpBands: 3 });
    const updateMask = new Uint8Array(components.length).fill(1);
    const plan = planGradients(config, components, updateMask);
    const optimizer = new Optimizer(store, components, {
      beta1: golden.adamw.betas[0],
      beta2: golden.adamw.betas[1],
      epsilon: golden.adamw.eps,
      weightDecay: golden.adamw.weight_decay,
      decays: () => true,
    });
    const lrScale = new Float64Array(components.length).fill(1);
    for (const expected of [...golden.stepLosses, golden.lossAfterSteps]) {
      const { losses } = await decoder.lossAndGradients(batch, { plan });
      assert.ok(Math.abs(meanLoss(losses, batch) - expected) < 1e-4, `${meanLoss(losses, batch)} is not ${expected}`);
      const step = { learningRate: golden.adamw.lr, lrScale, updateMask, place: plan.place, gradientScale: 1 };
      optimizer.step(step);
    }
    await decoder.release();
  });
}

test('per-sample squared norms are those of one-sample gradients, for every component', async () => {
  for (const name of ['llama-gqa-untied', 'llama-biases-tied', 'gpt2', 'qwen3'] as const) {
    const { config, store } = loadGoldenModel(name);
    const components = listComponents(config, { mlpBands: 3 });
    const decoder = new Decoder(engine, config, store);
    const batch = batchOf(readGolden(name));
    const everything = new Uint8Array(components.length).fill(1);
    const plan = planGradients(config, components, everything);
    const optimizer = new Optimizer(store, components);
    const nothing = planGradients(config, components, new Uint8Array(components.length));
    const { squaredNorms } = await decoder.lossAndGradients(batch, { plan: nothing, observe: components });
    for (let row = 0; row < batch.size; row++) {
      const part = <A extends Int32Array>(array: A) => array.slice(row * batch.length, (row + 1) * batch.length);
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
      components.forEach((component, c) => {
        const actual = squaredNorms![row * components.length + c];
        const error = Math.abs(actual - expected[c]) / Math.max(expected[c], 1e-9);
        assert.ok(error < 1e-3, `${name} row ${row} ${component.id}: ${actual} is not ${expected[c]}`);
      });
    }
    await decoder.release();
  }
});

test('observing does not change a gradient by a bit', async () => {
  const { config, store } = loadGoldenModel('llama-gqa-untied');
  const components = listComponents(config, { mlpBands: 2 });
  const batch = batchOf(readGolden('llama-gqa-untied'));
  const plan = planGradients(config, components, new Uint8Array(components.length).fill(1));
  const decoder = new Decoder(engine, config, store, { headRows: batch.length });
  await decoder.lossAndGradients(batch, { plan });
  const plain = new Map([...store].map(([name, { gradient }]) => [name, gradient.slice()]));
  await decoder.lossAndGradients(batch, { plan, observe: components });
  for (const [name, { gradient }] of store) {
    if (name.startsWith('layers.')) assert.deepEqual(gradient, plain.get(name), name);
  }
  await decoder.release();
});

test('a masked step computes the active components only, equal to the full gradient there', async () => {
  const { config, store } = loadGoldenModel('llama-gqa-untied');
  const components = listComponents(config, { mlpBands: 4 });
  const batch = batchOf(readGolden('llama-gqa-untied'));
  const decoder = new Decoder(engine, config, store);
  const full = planGradients(config, components, new Uint8Array(components.length).fill(1));
  engine.flops = 0;
  await decoder.lossAndGradients(batch, { plan: full });
  const fullFlops = engine.flops;
  const expected = new Map([...store].map(([name, { gradient }]) => [name, gradient.slice()]));

  for (const ids of [['1.head.0', '1.head.3', '1.mlp.2'], ['0.kv.1'], ['1.mlp.0', '1.mlp.1', '1.norm'], ['lmHead']]) {
    const updateMask = components.map(({ id }) => (ids.includes(id) ? 1 : 0));
    const plan = planGradients(config, components, updateMask);
    engine.flops = 0;
    await decoder.lossAndGradients(batch, { plan });
    assert.ok(engine.flops < fullFlops, `${ids}: ${engine.flops} of ${fullFlops}`);
    for (const component of components.filter(({ id }) => ids.includes(id))) {
      for (const slice of component.slices) {
        const { gradient, shape } = store.get(slice.tensor)!;
        const reference = expected.get(slice.tensor)!;
        const { offset, stride } = plan.place(slice);
        for (let row = 0; row < slice.rowCount; row++) {
          for (let col = 0; col < slice.colCount; col++) {
            const whole = reference[(slice.rowStart + row) * (shape[1] ?? 1) + slice.colStart + col];
            const part = gradient[offset + row * stride + col];
            assert.ok(Math.abs(whole - part) < 1e-6, `${component.id} ${slice.tensor} ${row} ${col}`);
          }
        }
      }
    }
  }
  await decoder.release();
});

test('four accumulated micro-batches of one row equal one batch of four', async () => {
  const { config, store } = loadGoldenModel('llama-biases-tied');
  const components = listComponents(config);
  const golden = readGolden('llama-biases-tied');
  const two = batchOf(golden);
  const four: Batch = {
    ...two,
    size: 4,
    ...Object.fromEntries(
      (['inputIds', 'labels', 'positions', 'segments'] as const).map((key) => [
        key,
        Int32Array.from([...two[key], ...two[key].toReversed()]),
      ]),
    ),
  };
  four.positions.set(two.positions, two.positions.length);
  const plan = planGradients(config, components, new Uint8Array(components.length).fill(1));
  const decoder = new Decoder(engine, config, store);
  await decoder.lossAndGradients(four, { plan });
  const expected = new Map([...store].map(([name, { gradient }]) => [name, gradient.slice()]));
  const normaliser = four.labels.filter((label) => label >= 0).length;
  for (let row = 0; row < 4; row++) {
    const part = (array: Int32Array) => array.slice(row * four.length, (row + 1) * four.length);
    const single = {
      size: 1,
      length: four.length,
      inputIds: part(four.inputIds),
      labels: part(four.labels),
      positions: part(four.positions),
      segments: part(four.segments),
    };
    await decoder.lossAndGradients(single, { plan, normaliser, accumulate: row > 0 });
  }
  for (const [name, { gradient }] of store) {
    assert.ok(relativeDifference(gradient, expected.get(name)!) < 1e-5, name);
  }
  await decoder.release();
});

test('no gradient flows between two examples packed into one row', async () => {
  const { config, store } = loadGoldenModel('llama-gqa-untied');
  const decoder = new Decoder(engine, config, store);
  const first = [5, 9, 13, 2];
  const second = [7, 1, 30];
  const alone = (ids: number[]): Batch => ({
    size: 1,
    length: ids.length,
    inputIds: Int32Array.from(ids),
    labels: Int32Array.from([...ids.slice(1), -100]),
    positions: Int32Array.from(ids.keys()),
    segments: Int32Array.from(ids, () => 1),
  });
  const packed: Batch = {
    size: 1,
    length: 8,
    inputIds: Int32Array.from([...first, ...second, 0]),
    labels: Int32Array.from([9, 13, 2, -100, 1, 30, -100, -100]),
    positions: Int32Array.from([0, 1, 2, 3, 0, 1, 2, 0]),
    segments: Int32Array.from([1, 1, 1, 1, 2, 2, 2, 0]),
  };
  const { losses } = await decoder.loss(packed);
  const expected = [...(await decoder.loss(alone(first))).losses, ...(await decoder.loss(alone(second))).losses, 0];
  expected.forEach((loss, i) => {
    assert.ok(Math.abs(loss - losses[i]) < 1e-5, `position ${i}: ${losses[i]} is not ${loss}`);
  });
  await decoder.release();
});

test('a token id beyond the vocabulary is refused with both numbers', async () => {
  const { config, store } = loadGoldenModel('llama-gqa-untied');
  const decoder = new Decoder(engine, config, store);
  const one = Int32Array.of(config.vocabSize);
  const batch = {
    size: 1,
    length: 1,
    inputIds: one,
    labels: one,
    positions: Int32Array.of(0),
    segments: Int32Array.of(1),
  };
  await assert.rejects(decoder.loss(batch), { code: 'TOKENIZER_MISMATCH', message: new RegExp(`${config.vocabSize}`) });
});

test('frozen layers in 8 bits: nearly the same losses and gradients, and the newest weights', async () => {
  const golden = readGolden('llama-biases-tied');
  const batch = batchOf(golden);
  const { config, store } = loadGoldenModel('llama-biases-tied');
  const components = listComponents(config);
  const top = config.numLayers - 1;
  const everything = new Uint8Array(components.length).fill(1);
  const topOnly = planGradients(
    config,
    components,
    Uint8Array.from(components, ({ layer }) => (layer === top ? 1 : 0)),
  );
  const name = `layers.${top}.mlp.down_proj.weight`;
  const run = async (
    frozenProducts: 'float32' | 'int8',
    decoder = new Decoder(engine, config, store, { frozenProducts }),
  ) => {
    const { losses } = await decoder.lossAndGradients(batch, { plan: topOnly });
    return { decoder, losses: losses.slice(), gradient: store.get(name)!.gradient.slice() };
  };
  const exact = await run('float32');
  const rounded = await run('int8');
  const difference = relativeDifference(rounded.losses, exact.losses);
  // Weights are off by up to 1/126 of the largest of their row.
  assert.ok(difference > 0 && difference < 0.02, `${difference}`);
  const gradientDifference = relativeDifference(rounded.gradient, exact.gradient);
  assert.ok(gradientDifference > 0 && gradientDifference < 0.15, `${gradientDifference}`);

  // A prefix that was kept gives the same bits as running the layers.
  const prefix = (await rounded.decoder.prefix(batch, topOnly)).slice();
  const { losses } = await rounded.decoder.lossAndGradients(batch, { plan: topOnly, prefix });
  assert.deepEqual(losses, rounded.losses);

  // A step that trains the lower layers changes them; afterwards they are rounded anew.
  const full = planGradients(config, components, everything);
  const optimizer = new Optimizer(store, components);
  await rounded.decoder.lossAndGradients(batch, { plan: full });
  const lrScale = new Float64Array(components.length).fill(1);
  optimizer.step({ learningRate: 0.01, lrScale, updateMask: everything, place: full.place, gradientScale: 1 });
  const again = await run('int8', rounded.decoder);
  assert.notDeepEqual(again.losses, rounded.losses);
  assert.deepEqual(again.losses, (await run('int8')).losses);
});
