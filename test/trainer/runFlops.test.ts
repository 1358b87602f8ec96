/** @file The cost of a step that is planned is the cost that is counted when it runs, and masking really lowers it. */
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

/** Every position is a target. */
function fullBatch(size: number, length: number): Batch {
  const count = size * length;
  const of = (value: (i: number) => number) => Int32Array.from({ length: count }, (_, i) => value(i));
  return {
    size,
    length,
    inputIds: of((i) => (7 * i) % 300),
    labels: of((i) => (11 * i) % 300),
    positions: of((i) => i % length),
    segments: of(() => 1),
  };
}

const MASKS: Record<string, (component: Component) => boolean> = {
  full: () => true,
  'one head above': ({ id }) => id === '1.head.2',
  'one band below': ({ id }) => id === '0.mlp.3',
  'two heads and a band': ({ id }) => ['0.head.1', '0.head.3', '1.mlp.0'].includes(id),
  'all of the upper layer': ({ layer }) => layer === 1,
  'norms only': ({ kind }) => kind === 'norm',
  'final norm only': ({ kind }) => kind === 'finalNorm',
  'head and embedding only': ({ kind }) => kind === 'embed' || kind === 'lmHead',
  nothing: () => false,
};

for (const activations of ['save', 'recompute'] as const) {
  test(`the planned operations of a step are those that run (${activations})`, async (t) => {
    const folder = temporaryFolder(t);
    makeTinyModel(`${folder}/model`);
    const { config, store } = await loadModel(`${folder}/model`, { trainable: true });
    const engine = await openEngine({ threads: 1 });
    const components = listComponents(config);
    // The last chunk of the head is filled up: 96 targets in chunks of 40.
    const decoder = new Decoder(engine, config, store, { activations, headRows: 40 });
    const batch = fullBatch(3, 32);
    const cost: Record<string, number> = {};
    for (const [name, isActive] of Object.entries(MASKS)) {
      const plan = planGradients(
        config,
        components,
        components.map((component) => Number(isActive(component))),
      );
      const planned = decoder.stepFlops(batch, plan);
      for (const accumulate of [false, true]) {
        engine.flops = 0;
        await decoder.lossAndGradients(batch, { plan, accumulate });
        assert.equal(engine.flops, planned, `${name}, accumulate ${accumulate}`);
      }
      cost[name] = planned;
    }
    await decoder.release();

    engine.flops = 0;
    await decoder.loss(batch);
    assert.equal(cost.nothing, engine.flops, 'with nothing to train a step is a forward pass');
    await decoder.release();
    for (const [name, flops] of Object.entries(cost)) {
      if (name !== 'full' && name !== 'nothing') assert.ok(flops < cost.full && flops > cost.nothing, name);
    }
    assert.ok(cost['one head above'] < cost['all of the upper layer']);
    assert.ok(cost['one head above'] < cost['one band below'], 'no gradient goes further down than it has to');
    // Forward, input gradients and weight gradients of products cost the same; attention and softmax aside.
    const ratio = cost.full / cost.nothing;
    const recomputed = activations === 'recompute' ? 1 : 0;
    assert.ok(ratio > 2.5 && ratio < 3.1 + recomputed, `a full step costs ${ratio} forward passes`);
  });
}
