/** @file What is cut out of a graph and written as ONNX; ONNX Runtime is the judge of the bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/engine/backward.ts';
import { Graph } from '../../src/engine/graph.ts';
import { countFlops, extractModel } from '../../src/engine/onnx.ts';
import { createSession, openEngine } from '../../src/engine/session.ts';
import { evaluate, fieldsOf, operatorsFor } from '../support/numeric.ts';

const engine = await openEngine();

const namesOf = (ports: readonly { name: string }[]) => ports.map((port) => port.name);

test('only the nodes that the outputs need are written', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const y = graph.add(x, graph.input('y', [2]));
  graph.mul(y, graph.input('unused', [2]));
  const model = extractModel(graph, [y]);
  assert.deepEqual(namesOf(model.inputs), ['x', 'y']);
  assert.deepEqual(namesOf(model.outputs), ['Add']);
  assert.equal(model.nodeCount, 1);
});

test('a given value is fed and what it was computed from is cut off', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const h = graph.apply('Exp', [x], {}, 'h')[0];
  const y = graph.mul(h, h);
  const model = extractModel(graph, [y], { given: [h] });
  assert.deepEqual(namesOf(model.inputs), ['h']);
  assert.equal(model.nodeCount, 1);
  const result = await evaluate(engine, graph, [y], { h: Float32Array.of(3, -4) }, { given: [h] });
  assert.deepEqual(result[y.name], Float32Array.of(9, 16));
});

test('one output of an operator can be given while the other is computed', async () => {
  const graph = new Graph();
  const q = graph.input('q', [1, 1, 1, 1]);
  const [o, p] = graph.apply('Attention', [q, q, q, graph.constant([0], [1, 1, 1, 1])], { scale: 1 });
  const sum = graph.add(o, p);
  const result = await evaluate(
    engine,
    graph,
    [sum],
    { q: Float32Array.of(5), [p.name]: Float32Array.of(100) },
    { given: [p] },
  );
  assert.deepEqual(result[sum.name], Float32Array.of(105));
});

test('an output that is an input, given, or a constant is refused', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const y = graph.apply('Exp', [x], {})[0];
  for (const [output, given] of [
    [x, []],
    [graph.scalar(1), []],
    [y, [y]],
  ] as const) {
    assert.throws(() => extractModel(graph, [output], { given }), { code: 'ENGINE_FAILED' });
  }
});

test('a product accumulates in its own addend, in place, run after run', async () => {
  const graph = new Graph();
  const dW = graph.gemm(graph.input('a', [2, 1]), graph.input('b', [1, 2]), undefined, {}, 'dW');
  const options = { accumulate: new Map([[dW, 'sofar']]) };
  assert.deepEqual(operatorsFor(graph, [dW], options), ['Gemm']);
  const session = await createSession(engine, graph, [dW], options);
  assert.deepEqual(namesOf(session.inputs), ['a', 'b', 'sofar']);
  const buffer = Float32Array.of(0.5, 0, 0, 0);
  const feeds = { a: Float32Array.of(1, 2), b: Float32Array.of(10, 20), sofar: buffer };
  await session.run(feeds, { dW: buffer });
  assert.deepEqual(buffer, Float32Array.of(10.5, 20, 20, 40));
  await session.run(feeds, { dW: buffer });
  assert.deepEqual(buffer, Float32Array.of(20.5, 40, 40, 80));
});

test('any other operator accumulates with an addition, in place', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 2]);
  const row = graph.input('row', [2]);
  const outputs = [graph.reduceSum(x, [0], false, 'dBias'), graph.gemm(x, x, row, {}, 'dW')];
  const accumulate = new Map([
    [outputs[0], 'biasSofar'],
    [outputs[1], 'weightSofar'],
  ]);
  const session = await createSession(engine, graph, outputs, { accumulate });
  const bias = Float32Array.of(100, 200);
  const weight = Float32Array.of(1000, 0, 0, 0);
  const feeds = { x: Float32Array.of(1, 2, 3, 4), row: Float32Array.of(0, 1), biasSofar: bias, weightSofar: weight };
  for (let run = 1; run <= 2; run++) {
    await session.run(feeds, { dBias: bias, dW: weight });
    assert.deepEqual(bias, Float32Array.of(100 + 4 * run, 200 + 6 * run));
    assert.deepEqual(weight, Float32Array.of(1000 + 7 * run, 11 * run, 15 * run, 23 * run));
  }
});

test('operators that use an accumulated gradient see it without the sum', async () => {
  // The norm of this step's gradient must not contain the steps before.
  const graph = new Graph();
  const dW = graph.gemm(graph.input('a', [1, 1]), graph.input('b', [1, 1]));
  const [norm] = graph.apply('ReduceSumSquare', [dW], { axes: [0, 1], keepdims: false });
  const buffer = Float32Array.of(1000);
  const session = await createSession(engine, graph, [dW, norm], { accumulate: new Map([[dW, 'sofar']]) });
  const square = new Float32Array(1);
  const feeds = { a: Float32Array.of(2), b: Float32Array.of(3), sofar: buffer };
  await session.run(feeds, { [dW.name]: buffer, [norm.name]: square });
  assert.deepEqual([buffer[0], square[0]], [1006, 36]);
});

test('floating-point operations are counted exactly, products only', () => {
  const graph = new Graph();
  const [B, H, T, S, D, N, C, V] = [2, 4, 3, 5, 2, 3, 7, 11];
  const q = graph.input('q', [B, H, T, D]);
  const k = graph.input('k', [B, 2, S, D]);
  const attention = graph.apply('Attention', [q, k, k, graph.input('mask', [1, 1, T, S])], { scale: 1 });
  const x = graph.input('x', [N, C]);
  const w = graph.input('w', [V, C]);
  const flops = (output: typeof q) => extractModel(graph, [output]).flops;
  assert.equal(flops(attention[0]), 2 * (2 * B * H * T * S * D));
  assert.equal(flops(graph.linear(x, w)), 2 * N * C * V);
  assert.equal(flops(graph.gemm(x, graph.input('y', [N, 2]), undefined, { transA: true })), 2 * C * N * 2);
  assert.equal(flops(graph.matMul(q, k.shape[1] === H ? k : q, { transB: true })), 2 * B * H * T * T * D);
  assert.equal(flops(graph.matMul(q, q, { transA: true, alpha: 3 })), 2 * B * H * D * D * T);
  const [loss] = graph.apply('LinearCrossEntropy', [x, w, graph.input('labels', [N], 'int64')], {});
  assert.equal(flops(loss), 2 * N * C * V);
  assert.equal(flops(graph.apply('Softmax', [graph.add(x, x)], {})[0]), 0);

  // Backward: attention has four products more (dP, dV, dQ, dK), a linear layer two.
  const dO = graph.input('dO', q.shape);
  const backward = [...gradients(graph, attention[0], dO, [q, k]).values()];
  assert.equal(extractModel(graph, backward, { given: attention }).flops, 4 * (2 * B * H * T * S * D));
  assert.equal(countFlops(backward, attention), 4 * (2 * B * H * T * S * D), 'counted without writing the model');
  const dLoss = graph.input('dLoss', [N, 1]);
  const heads = [...gradients(graph, loss, dLoss, [x, w]).values()];
  assert.equal(extractModel(graph, heads, { given: loss.node!.outputs }).flops, 2 * (2 * N * C * V));
});

test('int64 constants keep 64 bits and their sign', async () => {
  const graph = new Graph();
  const big = 2n ** 62n + 1n;
  const picks = graph.constant([-1n, 0n], [2]);
  const lowest = graph.constant([-(2n ** 63n), big], [2]);
  const last = graph.apply('Gather', [graph.input('x', [3]), picks], { axis: 0 })[0];
  const sum = graph.add(lowest, graph.input('zeros', [2], 'int64'));
  const result = await evaluate(engine, graph, [last, sum], {
    x: Float32Array.of(1, 2, 3),
    zeros: new BigInt64Array(2),
  });
  assert.deepEqual(result[last.name], Float32Array.of(3, 1));
  assert.deepEqual(result[sum.name], BigInt64Array.of(-(2n ** 63n), big));
});

test('a model reads as operators named after what they compute, with constants written once', () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  const y = graph.reduceSum(graph.mul(x, graph.scalar(2)), [1], true, 'first');
  const z = graph.reduceSum(graph.mul(x, graph.scalar(2)), [1], true, 'second');
  const [written] = fieldsOf(extractModel(graph, [y, z]).bytes, 7);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const nodeNames = fieldsOf(written, 1).map((node) => text(fieldsOf(node, 3)[0]));
  assert.deepEqual(nodeNames, ['Mul:Mul', 'ReduceSum:first', 'Mul:Mul_1', 'ReduceSum:second']);
  assert.equal(fieldsOf(written, 5).length, 2, 'the scalar 2 and the axes [1]');
});

test('the same graph gives the same bytes', () => {
  const build = () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 2]);
    const y = graph.apply('Softmax', [graph.linear(x, x)], {})[0];
    return extractModel(graph, [...gradients(graph, y, graph.input('dy', [2, 2]), [x]).values()]).bytes;
  };
  assert.deepEqual(build(), build());
});
