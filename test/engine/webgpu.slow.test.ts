/**
 * @file Every operator on the WebGPU provider, values and gradients, against the CPU. Runs itself in a process with
 * the environment that a software Vulkan driver needs (SwiftShader, as Chromium ships it) where a machine has no GPU.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { gradients } from '../../src/engine/backward.ts';
import { Graph, sizeOf } from '../../src/engine/graph.ts';
import { type Engine, openEngine } from '../../src/engine/session.ts';
import { decoderBlock } from '../support/decoderBlock.ts';
import { assertClose, bufferFor, evaluate, randomNumbers } from '../support/numeric.ts';
import { graphOfCase, OPERATOR_CASES, type OperatorCase } from '../support/operatorCases.ts';
import { isChild, openWebGpu, runInChild } from '../support/webgpuChild.ts';

/** float32 on both sides; GPUs may contract, reorder and approximate exp and tanh to a few units in the last place. */
const TOLERANCE = 1e-4;

if (isChild) await checkOnDevice();
else {
  test('every operator, forward and backward, agrees with the CPU on WebGPU', (t) => runInChild(t, import.meta.url));

  test('a device without a driver is refused when the engine opens', () => {
    const script = `
      import { openEngine } from ${JSON.stringify(new URL('../../src/engine/session.ts', import.meta.url).href)};
      await openEngine({ device: 'webgpu' }).then(() => console.log('opened'), (error) => console.log(error.code));`;
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      env: { ...process.env, VK_ICD_FILENAMES: '/nonexistent.json', VK_DRIVER_FILES: '/nonexistent.json' },
      encoding: 'utf8',
    });
    // Elsewhere the variables mean nothing and the system's own driver may be found.
    if (process.platform === 'linux') assert.match(child.stdout, /DEVICE_UNAVAILABLE/, child.stderr);
  });
}

async function checkOnDevice(): Promise<void> {
  const cpu = await openEngine();
  const gpu = await openWebGpu();
  if (!gpu) return;
  test('a decoder block of ordinary size', async () => {
    const expected = await blockGradients(cpu);
    const found = await blockGradients(gpu);
    for (const [name, values] of Object.entries(expected)) assertClose(found[name], values, TOLERANCE, name);
  });
  for (const operatorCase of Object.values(OPERATOR_CASES).flat()) {
    test(`${operatorCase.op}, ${operatorCase.name}`, async () => {
      const expected = await outputsAndGradients(cpu, operatorCase);
      const found = await outputsAndGradients(gpu, operatorCase);
      for (const [name, values] of Object.entries(expected)) assertClose(found[name], values, TOLERANCE, name);
    });
  }
}

/** Loss and all gradients of a block that is large enough for the kernels that work in tiles. */
async function blockGradients(engine: Engine): Promise<Record<string, Float32Array>> {
  const graph = new Graph();
  const { loss, parameters, feeds } = decoderBlock(graph, { T: 70, C: 96, H: 6, K: 2, D: 16, M: 130, V: 300 });
  const found = gradients(graph, loss, graph.constant([1], [1, 1]), [...parameters.values()]);
  return (await evaluate(engine, graph, [loss, ...found.values()], feeds)) as Record<string, Float32Array>;
}

/** All outputs and all gradients of sum(first output * random), as one session computes them on the device. */
async function outputsAndGradients(engine: Engine, operatorCase: OperatorCase): Promise<Record<string, Float32Array>> {
  const { graph, inputs, outputs } = graphOfCase(operatorCase, 'float32');
  const dOutput = graph.input('dOutput', outputs[0].shape);
  const wanted = operatorCase.differentiable.map((i) => inputs[i]);
  const found = [...gradients(graph, outputs[0], dOutput, wanted).values()].filter((value) => value.node);
  const feeds = Object.fromEntries(inputs.map((x, i) => [x.name, bufferFor(x, operatorCase.inputs[i].data)]));
  feeds[dOutput.name] = bufferFor(dOutput, randomNumbers(sizeOf(dOutput.shape), 1000));
  return (await evaluate(engine, graph, [...new Set([...outputs, ...found])], feeds)) as Record<string, Float32Array>;
}
