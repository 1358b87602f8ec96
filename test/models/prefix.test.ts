/** @file The constant layers below the lowest active half: run once, given back, and no longer paid for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { loadModel } from '../../src/models/load.ts';
import { type Component, listComponents } from '../../src/rgft/components.ts';
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
