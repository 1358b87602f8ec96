/** @file A run ends on the straight way from the weights that its model came with, as far out as it was told. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { loadModel } from '../../src/models/load.ts';
import { untieHead } from '../../src/models/untie.ts';
import { readEvents } from '../../src/trainer/events.ts';
import { interpolateFromStart } from '../../src/trainer/interpolation.ts';
import type { FineTuneOptions } from '../../src/trainer/options.ts';
import { fineTune } from '../../src/trainer/run.ts';
import { weightsDigest } from '../../src/trainer/trainingState.ts';
import { addFiles, temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

test('a weight ends at its share of the way, an LM head of its own began as the embedding', async (t) => {
  const folder = `${temporaryFolder(t)}/model`;
  makeTinyModel(folder);
  const { config, store } = await loadModel(folder);
  const start = { folder, config, digest: weightsDigest(store) };
  untieHead(store, config);
  const before = new Map([...store.values()].map(({ name, weights }) => [name, weights.slice()]));
  store.get('lm_head.weight')!.weights[5] += 8;
  store.get('norm.weight')!.weights[3] = -3;
  interpolateFromStart(store, start, 0.75);
  // Gains are 1 at first.
  assert.equal(store.get('norm.weight')!.weights[3], 1 + 0.75 * (-3 - 1));
  const moved = store.get('lm_head.weight')!.weights[5] - before.get('embed_tokens.weight')![5];
  assert.ok(Math.abs(moved - 6) < 1e-6, `${moved}`);
  store.get('lm_head.weight')!.weights[5] = before.get('lm_head.weight')![5];
  store.get('norm.weight')!.weights[3] = 1;
  for (const { name, weights } of store.values()) assert.deepEqual(weights, before.get(name), name);
});

test('without the model that it began with a run cannot end, and keeps what it has', async (t) => {
  const folder = `${temporaryFolder(t)}/model`;
  makeTinyModel(folder);
  const { config, store } = await loadModel(folder);
  const start = { folder, config, digest: weightsDigest(store) };
  store.get('norm.weight')!.weights[0] = 9;
  rmSync(folder, { recursive: true });
  makeTinyModel(folder, { seed: 1 });
  assert.throws(
    () => interpolateFromStart(store, start, 0.5),
    (error) => error instanceof FineTuneError && error.code === 'RUN_MISMATCH' && error.message.includes(folder),
  );
  assert.equal(store.get('norm.weight')!.weights[0], 9);
});

test('it changes where a run ends and not how it gets there', async (t) => {
  const work = temporaryFolder(t);
  const [model, code] = [path.join(work, 'model'), path.join(work, 'code')];
  makeTinyModel(model, { seed: 1 });
  addFiles(code, pythonFiles(4));
  const train = async (name: string, options: Partial<FineTuneOptions>) => {
    const small = { seqLength: 64, threads: 1, learningRate: 2e-3, maxSteps: 6, evaluateEvery: 6, ...options };
    const runPath = path.join(work, name);
    const { modelFolder, after } = await fineTune({ folders: [code], model, runPath, options: small });
    const { events } = readEvents(path.join(runPath, 'events.jsonl'));
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
    const measured = events.flatMap((event) =>
      event.type === 'evaluation' ? [[event.step, event.interpolation]] : [],
    );
    return { store: (await loadModel(modelFolder)).store, after, steps, measured };
  };
  const { store: start } = await loadModel(model);
  const whole = await train('whole', { method: 'full' });
  const half = await train('half', { method: 'full', interpolation: 0.5 });
  assert.equal(half.steps.length, 6);
  assert.deepEqual(half.steps, whole.steps);
  assert.notEqual(half.after.loss, whole.after.loss, 'the model that is kept is the one that was measured');
  // A reader of the curve is told which point is of other weights.
  assert.deepEqual(half.measured, [
    [0, undefined],
    [6, 0.5],
  ]);
  assert.deepEqual(whole.measured, [
    [0, undefined],
    [6, undefined],
  ]);
  for (const { name, weights } of half.store.values()) {
    const [from, to] = [start.get(name)!.weights, whole.store.get(name)!.weights];
    assert.deepEqual(
      weights,
      from.map((value, i) => value + 0.5 * (to[i] - value)),
      name,
    );
    assert.notDeepEqual(weights, to, name);
  }

  await assert.rejects(
    train('adapters', { method: 'lora', interpolation: 0.5 }),
    (error) => error instanceof FineTuneError && error.code === 'USAGE' && error.message.includes('--interpolation'),
  );
});
