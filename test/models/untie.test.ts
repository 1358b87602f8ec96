/** @file An LM head of its own: the same function as the tied one, and the gradients of some of its rows alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Optimizer } from '../../src/engine/optimizer.ts';
import { openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { openCheckpoint, saveCheckpoint } from '../../src/models/checkpoint.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { untiedSource, untieHead } from '../../src/models/untie.ts';
import { listComponents } from '../../src/rgft/components.ts';
import { goldenFolder, goldenModels, loadGoldenModel } from '../support/golden.ts';
import { assertClose, relativeDifference } from '../support/numeric.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const engine = await openEngine({ threads: 1 });

const batch: Batch = (() => {
  const of = (value: (i: number) => number) => Int32Array.from({ length: 26 }, (_, i) => value(i));
  return {
    size: 2,
    length: 13,
    inputIds: of((i) => (7 * i) % 40),
    labels: of((i) => (i % 4 === 3 ? -100 : (5 * i) % 11)),
    positions: of((i) => i % 13),
    segments: of(() => 1),
    lossWeights: Float32Array.from({ length: 26 }, (_, i) => 1 + (i % 3)),
  };
})();
const ids = Int32Array.from(new Set(batch.labels.filter((label) => label >= 0))).sort();

for (const name of goldenModels) {
  test(`${name}: untied, it has the losses that it had, in memory and from the disk`, async (t) => {
    const { config, store } = loadGoldenModel(name);
    const losses = async (of: typeof config, weights: typeof store) => {
      const decoder = new Decoder(engine, of, weights, { headRows: 7 });
      const result = await decoder.loss(batch);
      await decoder.release();
      return result.losses;
    };
    const tied = await losses(config, store);
    const untied = untieHead(store, config);
    assert.equal(untied.tieWordEmbeddings, false);
    assert.deepEqual(await losses(untied, store), tied);

    const source = openCheckpoint(goldenFolder(name));
    const folder = `${temporaryFolder(t)}/saved`;
    saveCheckpoint(folder, untiedSource(source), (tensor) => store.get(tensor)!.weights, { dtype: 'F32' });
    source.close();
    const saved = openCheckpoint(folder);
    assert.equal(saved.config.tieWordEmbeddings, false);
    for (const { name: tensor, weights } of store.values()) {
      const read = new Float32Array(weights.length);
      saved.read(tensor, read);
      assert.deepEqual(read, weights, tensor);
    }
    saved.close();
  });

  test(`${name}: the gradients of the head's rows of the targets are those of the whole head, for less work`, async () => {
    const { config: tied, store } = loadGoldenModel(name);
    const config = untieHead(store, tied);
    const components = listComponents(config);
    const decoder = new Decoder(engine, config, store, { headRows: 7 });
    const mask = components.map(({ kind }) => Number(kind === 'lmHead' || kind === 'finalNorm'));
    const plan = planGradients(config, components, mask);
    const prefix = (await decoder.prefix(batch, plan)).slice();
    const { gradient } = store.get('lm_head.weight')!;
    await decoder.lossAndGradients(batch, { plan, prefix });
    const whole = gradient.slice();
    const C = config.hiddenSize;

    // More room than ids, and more than one run of the head, which adds to what is there.
    const headIds = { ids, capacity: ids.length + 2 };
    gradient.fill(7);
    engine.flops = 0;
    await decoder.lossAndGradients(batch, { plan, prefix, headIds });
    const targets = batch.labels.filter((label) => label >= 0).length;
    const given = { prefix: true, targets } as const;
    assert.equal(engine.flops, decoder.stepFlops(batch, plan, { ...given, headCapacity: headIds.capacity }));
    assert.ok(engine.flops < decoder.stepFlops(batch, plan, given));
    const expected = Float32Array.from([...ids].flatMap((id) => [...whole.subarray(id * C, (id + 1) * C)]));
    assert.ok(expected.some((value) => Math.abs(value) > 1e-4));
    assert.ok(relativeDifference(gradient.subarray(0, expected.length), expected) < 1e-5);
    const behind = gradient.subarray(headIds.capacity * C);
    assert.ok(
      behind.every((value) => value === 7),
      'nothing is written behind the rows',
    );
    await decoder.release();
  });
}

test('the norms of a head that is observed some targets at a time are those of one that is observed at once', async () => {
  for (const name of ['llama-biases-tied', 'gpt2', 'llama-gqa-untied'] as const) {
    const { config: tied, store } = loadGoldenModel(name);
    const config = untieHead(store, tied);
    const components = listComponents(config);
    const nothing = planGradients(config, components, new Uint8Array(components.length));
    // Long enough for the matrix to be the smaller way.
    const { vocabSize: V, hiddenSize: C } = config;
    const T = Math.ceil((V * C) / (V + C));
    const of = (value: (i: number) => number) => Int32Array.from({ length: 3 * T }, (_, i) => value(i));
    const rows: Batch = {
      size: 3,
      length: T,
      inputIds: of((i) => (7 * i) % 40),
      // The last row has no target, and no row as many as fill the last part.
      labels: of((i) => (i >= 2 * T || i % 4 === 3 ? -100 : (5 * i) % 11)),
      positions: of((i) => i % T),
      segments: of(() => 1),
    };
    const results = [];
    for (const headRows of [T, 7]) {
      const decoder = new Decoder(engine, config, store, { headRows });
      results.push(await decoder.lossAndGradients(rows, { plan: nothing, observe: components }));
      await decoder.release();
    }
    const [atOnce, inParts] = results;
    assertClose(inParts.losses, atOnce.losses, 1e-5, name);
    assert.ok(atOnce.squaredNorms![components.length - 1] > 0);
    assertClose(inParts.squaredNorms!, atOnce.squaredNorms!, 1e-5, name);

    // Cost, of a row that is full of targets.
    const decoder = new Decoder(engine, config, store, { headRows: 7 });
    const whole = new Decoder(engine, config, store, { headRows: T });
    assert.notEqual(
      decoder.observationFlops(T, components),
      whole.observationFlops(T, components),
      'it goes another way',
    );
    const row = { ...rows, size: 1, labels: of((i) => i % 11).slice(0, T) };
    const cut = (array: Int32Array) => array.slice(0, T);
    const single: Batch = {
      ...row,
      inputIds: cut(row.inputIds),
      positions: cut(row.positions),
      segments: cut(row.segments),
    };
    engine.flops = 0;
    await decoder.lossAndGradients(single, { plan: nothing, observe: components });
    assert.equal(engine.flops, decoder.observationFlops(T, components), name);
    await decoder.release();
  }
});

for (const algorithm of ['adamw', 'sgd'] as const) {
  test(`${algorithm} on some rows changes these as it would with all others at rest, and no other`, () => {
    const some = loadGoldenModel('llama-gqa-untied');
    const all = loadGoldenModel('llama-gqa-untied');
    const components = listComponents(some.config);
    const mask = components.map(({ kind }) => Number(kind === 'lmHead'));
    const { place } = planGradients(some.config, components, mask);
    const common = {
      learningRate: 1e-2,
      lrScale: components.map(() => 1),
      updateMask: mask,
      place,
      gradientScale: 0.5,
    };
    const [sparse, dense] = [some, all].map(({ store }) => new Optimizer(store, components, { algorithm }));
    const head = some.store.get('lm_head.weight')!;
    const [V, C] = head.shape;
    const before = head.weights.slice();
    for (let step = 0; step < 3; step++) {
      const gradientOf = (row: number, i: number) => Math.sin(1 + step + 3 * row + 5 * i);
      const whole = all.store.get('lm_head.weight')!.gradient.fill(0);
      ids.forEach((row, at) => {
        for (let i = 0; i < C; i++) {
          head.gradient[at * C + i] = gradientOf(row, i);
          whole[row * C + i] = gradientOf(row, i);
        }
      });
      const rows = new Map([['lm_head.weight', ids]]);
      const [norm, expectedNorm] = [sparse.gradientNorm(mask, place, rows), dense.gradientNorm(mask, place)];
      assert.ok(Math.abs(norm / expectedNorm - 1) < 1e-12);
      sparse.step({ ...common, rows });
      dense.step(common);
    }
    const touched = new Set(ids);
    assert.ok(touched.size < V);
    for (let row = 0; row < V; row++) {
      const of = (array: Float32Array) => array.slice(row * C, (row + 1) * C);
      const expected = touched.has(row) ? of(all.store.get('lm_head.weight')!.weights) : of(before);
      assert.deepEqual(of(head.weights), expected, `row ${row}`);
      if (touched.has(row)) assert.notDeepEqual(of(head.weights), of(before));
    }
  });
}
