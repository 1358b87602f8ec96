/** @file Sessions: the no-copy mode is the public API bit for bit, what is counted, and how failures are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/engine/backward.ts';
import { Graph, type Value } from '../../src/engine/graph.ts';
import { createSession, type Device, type Engine, openEngine, type TensorData } from '../../src/engine/session.ts';
import { bitsOf, bufferFor, evaluate, randomNumbers } from '../support/numeric.ts';
import { graphOfCase, OPERATOR_CASES } from '../support/operatorCases.ts';

const noCopy = await openEngine();
const publicApi = await openEngine({ noCopy: false });

test('the self-test of the no-copy mode passes with the pinned ONNX Runtime', () => {
  assert.equal(noCopy.noCopy, true);
  assert.equal(publicApi.noCopy, false);
});

test('both modes give the same bits for every operator', async () => {
  for (const operatorCase of Object.values(OPERATOR_CASES).flat()) {
    const { graph, inputs, outputs } = graphOfCase(operatorCase, 'float32');
    const feeds = Object.fromEntries(inputs.map((x, i) => [x.name, bufferFor(x, operatorCase.inputs[i].data)]));
    const results = await Promise.all([noCopy, publicApi].map((engine) => evaluate(engine, graph, outputs, feeds)));
    for (const { name } of outputs) {
      assert.equal(bitsOf(results[0][name]), bitsOf(results[1][name]), `${operatorCase.op}, ${operatorCase.name}`);
    }
  }
});

/** Forward and backward of a gated MLP, large enough for several threads. */
function gatedMlp(): { graph: Graph; outputs: Value[]; feeds: Record<string, TensorData> } {
  const [T, C, M] = [67, 96, 130];
  const graph = new Graph();
  const x = graph.input('x', [T, C]);
  const weights = [graph.input('gate', [M, C]), graph.input('up', [M, C]), graph.input('down', [C, M])];
  const gate = graph.apply('QuickGelu', [graph.linear(x, weights[0])], {})[0];
  const y = graph.linear(graph.mul(gate, graph.linear(x, weights[1])), weights[2], x);
  const bias = graph.reduceSum(y, [0], false);
  const dy = graph.input('dy', [T, C]);
  const found = gradients(graph, y, dy, [x, ...weights]);
  const feeds = Object.fromEntries(
    [x, ...weights, dy].map((value, i) => [
      value.name,
      bufferFor(value, randomNumbers(T * C + M * C, i).slice(0, value.shape[0] * value.shape[1])),
    ]),
  );
  return { graph, outputs: [y, bias, ...found.values()], feeds };
}

/** The same buffers inside a WebAssembly memory, each at a multiple of 64 bytes. */
function inWebAssemblyMemory(buffers: Record<string, TensorData>): Record<string, TensorData> {
  const { buffer } = new WebAssembly.Memory({ initial: 64 });
  let at = 64;
  return Object.fromEntries(
    Object.entries(buffers).map(([name, data]) => {
      const copy = new Float32Array(buffer, at, data.length);
      copy.set(data as Float32Array);
      at += Math.ceil(data.byteLength / 64) * 64;
      return [name, copy];
    }),
  );
}

test('results are the same bits in every run, mode, memory and fresh session', async () => {
  const { graph, outputs, feeds } = gatedMlp();
  const bits: string[] = [];
  for (const engine of [noCopy, publicApi, noCopy]) {
    const session = await createSession(engine, graph, outputs);
    for (const place of [(x: Record<string, TensorData>) => x, inWebAssemblyMemory]) {
      for (let run = 0; run < 2; run++) {
        const into = place(Object.fromEntries(outputs.map((value) => [value.name, bufferFor(value)])));
        await session.run(place(feeds), into);
        bits.push(outputs.map((value) => bitsOf(into[value.name])).join());
      }
    }
    await session.release();
  }
  assert.equal(bits.length, 12);
  assert.equal(new Set(bits).size, 1);
});

test('sums are the same bits wherever a buffer begins, in steps of 16 bytes', async () => {
  // ONNX Runtime adds four at a time from the first aligned element on: at other offsets the last bit may differ.
  const graph = new Graph();
  const x = graph.input('x', [5, 83]);
  const sum = graph.reduceSum(x, [1]);
  const session = await createSession(noCopy, graph, [sum]);
  const { buffer } = new WebAssembly.Memory({ initial: 1 });
  const bits = new Set<string>();
  for (let offset = 0; offset < 128; offset += 16) {
    const feed = new Float32Array(buffer, offset, 5 * 83);
    feed.set(randomNumbers(5 * 83, 7));
    const result = new Float32Array(5);
    await session.run({ x: feed }, { [sum.name]: result });
    bits.add(bitsOf(result));
  }
  assert.equal(bits.size, 1);
});

test('runs of one session may overlap', async () => {
  const graph = new Graph();
  const y = graph.apply('Exp', [graph.input('x', [1])], {})[0];
  const session = await createSession(noCopy, graph, [y]);
  const results = [0, 1, 2, 3].map(() => new Float32Array(1));
  await Promise.all(results.map((into, i) => session.run({ x: Float32Array.of(i) }, { [y.name]: into })));
  assert.deepEqual(
    results.map(([value]) => value.toFixed(4)),
    ['1.0000', '2.7183', '7.3891', '20.0855'],
  );
});

test('executed operations and runs are counted; a failed run is not', async () => {
  const engine = await openEngine();
  assert.deepEqual([engine.flops, engine.runs], [0, 0], 'the self-test is not counted');
  const graph = new Graph();
  const table = graph.gemm(graph.input('a', [2, 3]), graph.input('b', [3, 4]));
  const y = graph.apply('Gather', [table, graph.input('row', [1], 'int64')], { axis: 0 })[0];
  const session = await createSession(engine, graph, [y]);
  assert.equal(session.flops, 48);
  const feeds = { a: new Float32Array(6), b: new Float32Array(12) };
  const into = { [y.name]: new Float32Array(4) };
  await session.run({ ...feeds, row: BigInt64Array.of(1n) }, into);
  await session.run({ ...feeds, row: BigInt64Array.of(0n) }, into);
  assert.deepEqual([engine.flops, engine.runs], [96, 2]);
  await assert.rejects(session.run({ ...feeds, row: BigInt64Array.of(2n) }, into), { code: 'ENGINE_FAILED' });
  assert.deepEqual([engine.flops, engine.runs], [96, 2]);
});

test('a failure inside ONNX Runtime is told in both modes, with its message', async () => {
  for (const engine of [noCopy, publicApi]) {
    const graph = new Graph();
    const y = graph.apply('Gather', [graph.input('x', [2]), graph.input('row', [1], 'int64')], { axis: 0 })[0];
    const session = await createSession(engine, graph, [y]);
    const run = session.run({ x: new Float32Array(2), row: BigInt64Array.of(9n) }, { [y.name]: new Float32Array(1) });
    await assert.rejects(run, { code: 'ENGINE_FAILED', message: /indices element out of data bounds, idx=9/ });
  }
});

test('a graph that ONNX Runtime has no kernel for fails when it is compiled', async () => {
  const graph = new Graph('float64');
  const y = graph.apply('Erf', [graph.input('x', [1])], {})[0];
  await assert.rejects(createSession(noCopy, graph, [y]), {
    code: 'ENGINE_FAILED',
    message: /failed to compile.*Erf/s,
  });
});

test('a buffer of another length, of another type, or none is refused in both modes', async () => {
  for (const engine of [noCopy, publicApi]) {
    const graph = new Graph();
    const y = graph.apply('Exp', [graph.input('x', [2, 3])], {}, 'y')[0];
    const session = await createSession(engine, graph, [y]);
    const good = new Float32Array(6);
    const refused: [Record<string, TensorData>, Record<string, TensorData>, RegExp][] = [
      [{ x: new Float32Array(5) }, { y: good }, /"x" is a Float32Array of 5 elements.*\(2, 3\).*Float32Array of 6/],
      [{ x: new Float64Array(6) }, { y: good }, /"x" is a Float64Array/],
      [{}, { y: good }, /"x" is missing/],
      [{ x: good }, { y: new Float32Array(7) }, /"y" is a Float32Array of 7/],
      [{ x: good }, {}, /"y" is missing/],
    ];
    for (const [feeds, into, message] of refused) {
      await assert.rejects(session.run(feeds, into), { code: 'SHAPE_MISMATCH', message });
    }
  }
});

test('an unknown device is refused with the devices that exist', async () => {
  await assert.rejects(openEngine({ device: 'abacus' as Device }), (error: { code: string; message: string }) => {
    assert.equal(error.code, 'DEVICE_UNAVAILABLE');
    assert.match(error.message, /"abacus" is not available.*cpu/);
    return true;
  });
});

test('one thread and several give results within rounding', async () => {
  const { graph, outputs, feeds } = gatedMlp();
  const engines: Engine[] = [await openEngine({ threads: 1 }), await openEngine({ threads: 2 })];
  const [one, two] = await Promise.all(engines.map((engine) => evaluate(engine, graph, outputs, feeds)));
  for (const { name } of outputs) {
    const other = two[name] as Float32Array;
    // Sums of up to 130 products of numbers below 20: 130 * 20 * 6e-8.
    (one[name] as Float32Array).forEach((x, i) => {
      assert.ok(Math.abs(x - other[i]) < 2e-4, `${name}[${i}]: ${x} and ${other[i]}`);
    });
  }
});
