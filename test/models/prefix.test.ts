/** @file The constant layers below the lowest active half: run once, given back, and no longer paid for. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { loadModel } from '../../src/models/load.ts';
import { type Component, listComponents } from '../../src/rgft/components.ts';
import { goldenModels, loadGoldenModel } from '../support/golden.ts';
import { assertClose, relativeDifference } from '../support/numeric.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel } from '../support/tinyModel.ts';

function batchOf(size: number, length: number, seed = 0): Batch {
  const of = (value: (i: number) => number) => Int32Array.from({ length: size * length }, (_, i) => value(i));
  return {
    size,
    length,
    inputIds: of((i) => (7 * i + seed) % 300),
    labels: of((i) => (i % 5 === 4 ? -100 : (11 * i + seed) % 300)),
    positions: of((i) => i % length),
    segments: of(() => 1),
  };
}

/** Suffixes that begin at each half layer of a model with three layers, and at the head. */
const SUFFIXES: Record<string, (component: Component) => boolean> = {
  'attention 0': ({ id, kind }) => kind !== 'embed' && id !== '0.norm',
  'MLP 0': ({ layer, kind }) => kind !== 'embed' && (layer !== 0 || kind === 'mlp'),
  'attention 1': ({ id, layer, kind }) => kind !== 'embed' && layer !== 0 && id !== '1.norm',
  'MLP 2': ({ layer, kind }) => kind === 'finalNorm' || (layer === 2 && kind === 'mlp'),
  'final norm': ({ kind }) => kind === 'finalNorm',
};

for (const activations of ['save', 'recompute'] as const) {
  test(`a step on a given prefix has the losses and gradients of a whole one, and the planned cost (${activations})`, async (t) => {
    const folder = temporaryFolder(t);
    makeTinyModel(`${folder}/model`, { numLayers: 3 });
    const { config, store } = await loadModel(`${folder}/model`, { trainable: true });
    const engine = await openEngine({ threads: 1 });
    const components = listComponents(config);
    const decoder = new Decoder(engine, config, store, { activations, headRows: 40 });
    const batch = batchOf(2, 32);
    const targets = batch.labels.filter((label) => label >= 0).length;
    for (const [name, isActive] of Object.entries(SUFFIXES)) {
      const plan = planGradients(
        config,
        components,
        components.map((component) => Number(isActive(component))),
      );
      assert.equal(plan.lowestHalf, name.startsWith('MLP') ? 'mlp' : 'attention', name);
      const gradients = () => [...plan.selections.keys()].map((tensor) => store.get(tensor)!.gradient.slice());

      engine.flops = 0;
      const whole = await decoder.lossAndGradients(batch, { plan });
      assert.equal(engine.flops, decoder.stepFlops(batch, plan, { targets }), `${name}: whole step`);
      const wholeGradients = gradients();
      for (const parameter of store.values()) parameter.gradient.fill(Number.NaN);

      engine.flops = 0;
      const prefix = (await decoder.prefix(batch, plan)).slice();
      assert.equal(engine.flops, decoder.prefixFlops(batch, plan), `${name}: prefix`);
      engine.flops = 0;
      const onPrefix = await decoder.lossAndGradients(batch, { plan, prefix });
      assert.equal(engine.flops, decoder.stepFlops(batch, plan, { targets, prefix: true }), `${name}: on the prefix`);
      assert.equal(
        decoder.stepFlops(batch, plan, { prefix: true }) + decoder.prefixFlops(batch, plan),
        decoder.stepFlops(batch, plan) - (activations === 'recompute' && name.startsWith('MLP') ? attention() : 0),
        `${name}: the prefix costs what the step on it saves`,
      );
      assert.deepEqual(onPrefix.losses, whole.losses, name);
      assert.deepEqual(gradients(), wholeGradients, name);

      /** What a step that recomputes saves beside the forward pass: the attention of the layer it enters at its MLP. */
      function attention(): number {
        const upTo = (layer: number) => decoder.prefixFlops(batch, { ...plan, lowestLayer: layer });
        return upTo(1) - (upTo(2) - upTo(1));
      }
    }
    await decoder.release();
  });
}

test('a row has the same prefix alone as in company', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`, { numLayers: 3 });
  const { config, store } = await loadModel(`${folder}/model`, { trainable: true });
  const components = listComponents(config);
  const decoder = new Decoder(await openEngine({ threads: 1 }), config, store);
  const plan = planGradients(
    config,
    components,
    components.map((component) => Number(SUFFIXES['MLP 2'](component))),
  );
  const alone = (await decoder.prefix(batchOf(1, 32), plan)).slice();
  const together = await decoder.prefix(batchOf(2, 32), plan);
  assert.deepEqual(together.slice(0, alone.length), alone);
  await decoder.release();
});

/** Two rows of segments; row 0 has more targets than row 1, and weights. */
function sparseBatch(length: number, vocabSize: number, targetsPerRow: readonly number[]): Batch {
  const size = targetsPerRow.length;
  const of = (value: (t: number, row: number) => number) =>
    Int32Array.from({ length: size * length }, (_, i) => value(i % length, Math.floor(i / length)));
  const isTarget = (t: number, row: number) => (5 * t + row) % length < targetsPerRow[row];
  return {
    size,
    length,
    inputIds: of((t, row) => (7 * t + 3 * row) % vocabSize),
    labels: of((t, row) => (isTarget(t, row) ? (11 * t + row) % vocabSize : -100)),
    positions: of((t) => t % (length - 3)),
    segments: of((t) => Math.floor(t / (length - 3))),
    lossWeights: Float32Array.from({ length: size * length }, (_, i) => 1 + (i % 3)),
  };
}

async function longModel(t: TestContext) {
  const folder = `${temporaryFolder(t)}/model`;
  makeTinyModel(folder, { maxPositionEmbeddings: 256 });
  return loadModel(folder, { trainable: true });
}

const longRow = 'rows of two blocks of queries' as const;
for (const activations of ['save', 'recompute'] as const) {
  for (const name of [...goldenModels, longRow] as const) {
    test(`${name}: the last layer at the targets alone has the same losses and gradients for less work (${activations})`, async (t) => {
      const { config, store } = name === longRow ? await longModel(t) : loadGoldenModel(name);
      const engine = await openEngine({ threads: 1 });
      const decoder = new Decoder(engine, config, store, { activations, headRows: 7 });
      // 13 co-prime to 5, so that every number of targets is met exactly.
      const [length, targetsPerRow, counts] = name === longRow ? [161, 140, [140, 131]] : [13, 8, [8, 3]];
      const batch = sparseBatch(length, config.vocabSize, counts);
      const components = listComponents(config);
      const last = config.numLayers - 1;
      const suffixes: Record<string, (component: Component) => boolean> = {
        'every layer': ({ kind }) => kind !== 'embed',
        'the last layer': ({ layer, kind }) => kind === 'finalNorm' || (layer === last && kind !== 'norm'),
        'its MLP': ({ layer, kind }) => kind === 'finalNorm' || (layer === last && kind === 'mlp'),
        'the layer below': ({ layer, kind }) => layer === last - 1 && kind === 'mlp',
      };
      for (const [suffix, isActive] of Object.entries(suffixes)) {
        const mask = components.map((component) => Number(isActive(component)));
        const plan = planGradients(config, components, mask);
        const gradients = () =>
          new Map([...plan.selections.keys()].map((tensor) => [tensor, store.get(tensor)!.gradient.slice()]));
        const prefix = (await decoder.prefix(batch, plan)).slice();
        engine.flops = 0;
        const atAll = await decoder.lossAndGradients(batch, { plan, prefix });
        const expected = gradients();
        const flopsOfAll = engine.flops;
        for (const parameter of store.values()) parameter.gradient.fill(Number.NaN);

        engine.flops = 0;
        const atTargets = await decoder.lossAndGradients(batch, { plan, prefix, targetsPerRow });
        const targets = counts[0] + counts[1];
        assert.equal(engine.flops, decoder.stepFlops(batch, plan, { prefix: true, targets, targetsPerRow }), suffix);
        if (suffix === 'the layer below') assert.equal(engine.flops, flopsOfAll, 'a frozen layer is run as it was');
        else assert.ok(engine.flops < flopsOfAll, suffix);
        assertClose(atTargets.losses, atAll.losses, 1e-5, `${suffix}: losses`);
        assert.deepEqual(atTargets.targetCounts, atAll.targetCounts);
        for (const [tensor, gradient] of gradients()) {
          const difference = relativeDifference(gradient, expected.get(tensor)!);
          assert.ok(difference < 2e-4, `${suffix}: ${tensor}: ${difference.toExponential(1)}`);
        }
      }
      await decoder.release();
    });
  }
}

test('more targets in a row than were announced are refused', async (t) => {
  const folder = `${temporaryFolder(t)}/model`;
  makeTinyModel(folder);
  const { config, store } = await loadModel(folder, { trainable: true });
  const components = listComponents(config);
  const decoder = new Decoder(await openEngine({ threads: 1 }), config, store);
  const mask = components.map(({ layer, kind }) => Number(layer === 1 && kind !== 'norm'));
  const plan = planGradients(config, components, mask);
  const batch = sparseBatch(13, config.vocabSize, [8, 3]);
  const prefix = (await decoder.prefix(batch, plan)).slice();
  await assert.rejects(decoder.lossAndGradients(batch, { plan, prefix, targetsPerRow: 7 }), /8 targets; at most 7/);
  await decoder.release();
});
