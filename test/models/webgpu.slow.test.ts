/** @file Training on the WebGPU provider against the CPU: a software Vulkan driver is enough (see webgpuChild.ts). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Optimizer } from '../../src/engine/optimizer.ts';
import { allocateParameters } from '../../src/engine/parameters.ts';
import { type Engine, openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { weightShapes } from '../../src/models/config.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { listComponents } from '../../src/rgft/components.ts';
import { goldenFolder, readGolden } from '../support/golden.ts';
import { isChild, openWebGpu, runInChild } from '../support/webgpuChild.ts';

const MODELS = ['llama-gqa-untied', 'qwen3', 'gpt2', 'gpt-neox'] as const;

if (isChild) await checkOnDevice();
else test('ten training steps on WebGPU have the losses of the CPU', (t) => runInChild(t, import.meta.url));

async function checkOnDevice(): Promise<void> {
  const cpu = await openEngine();
  const gpu = await openWebGpu();
  if (!gpu) return;
  for (const name of MODELS) {
    test(`${name}: ten steps, every second one masked`, async () => {
      const expected = await tenLosses(cpu, name);
      const found = await tenLosses(gpu, name);
      expected.forEach((loss, i) => {
        assert.ok(Math.abs(found[i] - loss) < 1e-3, `step ${i + 1}: ${found[i]} on WebGPU, ${loss} on the CPU`);
      });
    });
  }
}

async function tenLosses(engine: Engine, name: (typeof MODELS)[number]): Promise<number[]> {
  const { inputIds, labels, batchSize: size, sequenceLength: length } = readGolden(name);
  const batch: Batch = {
    size,
    length,
    inputIds,
    labels: inputIds.map((_, i) => ((i + 1) % length === 0 ? -100 : labels[i + 1])),
    positions: inputIds.map((_, i) => i % length),
    segments: inputIds.map(() => 1),
  };
  const checkpoint = openCheckpoint(goldenFolder(name));
  const { config } = checkpoint;
  const store = allocateParameters(weightShapes(config));
  for (const parameter of store.values()) checkpoint.read(parameter.name, parameter.weights);
  checkpoint.close();
  const components = listComponents(config);
  const decoder = new Decoder(engine, config, store);
  const optimizer = new Optimizer(store, components);
  const lrScale = new Float64Array(components.length).fill(1);
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const updateMask = Uint8Array.from(components, (_, c) => (step % 2 === 0 || c % 3 === 0 ? 1 : 0));
    const plan = planGradients(config, components, updateMask);
    const { losses: perToken } = await decoder.lossAndGradients(batch, { plan });
    losses.push(perToken.reduce((sum, loss) => sum + loss, 0));
    optimizer.step({ learningRate: 1e-3, lrScale, updateMask, place: plan.place, gradientScale: 1 });
  }
  await decoder.release();
  return losses;
}
