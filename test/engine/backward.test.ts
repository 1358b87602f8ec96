/** @file Reverse-mode differentiation: sums over several uses, what is left out, and a whole decoder block. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/engine/backward.ts';
import { Graph, type Value } from '../../src/engine/graph.ts';
import { extractModel } from '../../src/engine/onnx.ts';
import { createSession, openEngine, type TensorData } from '../../src/engine/session.ts';
import { decoderBlock } from '../support/decoderBlock.ts';
import { assertClose, centralDifferences, evaluate, operatorsFor } from '../support/numeric.ts';

const engine = await openEngine();

async function compute(graph: Graph, value: Value, feeds: Record<string, TensorData>): Promise<number[]> {
  return Array.from((await evaluate(engine, graph, [value], feeds))[value.name] as Float32Array);
}

test('the gradients of all uses of a value are added', async () => {
  // y = x·x + exp(x) - x, y' = 2x + exp(x) - 1
  const graph = new Graph('float64');
  const x = graph.input('x', [2]);
  const y = graph.sub(graph.add(graph.mul(x, x), graph.apply('Exp', [x], {})[0]), x);
  const dx = gradients(graph, y, graph.input('dy', [2]), [x]).get(x)!;
  const found = await compute(graph, dx, { x: Float64Array.of(0, 3), dy: Float64Array.of(1, 10) });
  assertClose(found, [0, 10 * (5 + Math.exp(3))], 1e-13, 'dx');
});

test('a value that is added to itself gets the gradient twice', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const dx = gradients(graph, graph.add(x, x), graph.input('dy', [2]), [x]).get(x)!;
  assert.deepEqual(await compute(graph, dx, { dy: Float32Array.of(1, -3) }), [2, -6]);
});

test('the gradient of a value that is used in between is complete', async () => {
  // h = 2x is wanted itself and feeds two later operators: y = h·h + h, dh = 2h + 1.
  const graph = new Graph();
  const x = graph.input('x', [1]);
  const h = graph.mul(x, graph.scalar(2));
  const found = gradients(graph, graph.add(graph.mul(h, h), h), graph.input('dy', [1]), [h, x]);
  const feeds = { x: Float32Array.of(3), dy: Float32Array.of(1) };
  assert.deepEqual(await compute(graph, found.get(h)!, feeds), [13]);
  assert.deepEqual(await compute(graph, found.get(x)!, feeds), [26]);
});

test('a product takes the sum so far as its addend: two products, no addition, the same value', async () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 2]);
  const a = graph.input('a', [2, 2]);
  const b = graph.input('b', [2, 2]);
  const y = graph.mul(graph.linear(x, a), graph.linear(x, b));
  const dx = gradients(graph, y, graph.input('dy', [1, 2]), [x]).get(x)!;
  const operators = operatorsFor(graph, [dx]);
  assert.equal(operators.filter((op) => op === 'Gemm').length, 4, 'two forward, two backward');
  assert.ok(!operators.includes('Add'), operators.join());
  // xA = (1·1 + 2·2, 1·3 + 2·4) = (5, 11), xB = (5 - 2, 1) = (3, 1); dx = dy∘xB·A + dy∘xA·B with dy = 1
  const found = await compute(graph, dx, {
    x: Float32Array.of(1, 2),
    a: Float32Array.of(1, 2, 3, 4),
    b: Float32Array.of(5, -1, 1, 0),
    dy: Float32Array.of(1, 1),
  });
  assert.deepEqual(found, [3 * 1 + 1 * 3 + 5 * 5 + 11 * 1, 3 * 2 + 1 * 4 + 5 * -1 + 11 * 0]);
});

test('a product that an addition hands on to two values is computed once', async () => {
  // z = x + y; out = z·Wᵀ + x·Vᵀ. dz = dOut·W goes to y as it is, and to x together with dOut·V.
  const graph = new Graph();
  const x = graph.input('x', [1, 2]);
  const y = graph.input('y', [1, 2]);
  const fromZ = graph.linear(graph.add(x, y), graph.input('w', [2, 2]));
  const out = graph.add(fromZ, graph.linear(x, graph.input('v', [2, 2])));
  const found = gradients(graph, out, graph.input('dOut', [1, 2]), [x, y]);
  const outputs = [found.get(x)!, found.get(y)!];
  assert.equal(extractModel(graph, outputs).flops, 2 * (2 * 1 * 2 * 2));
  const feeds = { w: Float32Array.of(1, 2, 3, 4), v: Float32Array.of(5, 6, 7, 8), dOut: Float32Array.of(1, 10) };
  assert.deepEqual(await compute(graph, outputs[0], feeds), [31 + 75, 42 + 86]);
  assert.deepEqual(await compute(graph, outputs[1], feeds), [31, 42]);
});

test('a session executes only what the gradients that it fetches need', () => {
  const [T, C, M] = [3, 4, 5];
  const graph = new Graph();
  const x = graph.input('x', [T, C]);
  const up = graph.input('up', [M, C]);
  const down = graph.input('down', [C, M]);
  const hidden = graph.linear(x, up);
  const y = graph.linear(graph.apply('QuickGelu', [hidden], {})[0], down);
  const found = gradients(graph, y, graph.input('dy', [T, C]), [x, up, down]);
  const product = 2 * T * C * M;
  const cost = (wanted: Value[], given: Value[]) => {
    const { flops, inputs } = extractModel(
      graph,
      wanted.map((value) => found.get(value)!),
      { given },
    );
    return { products: flops / product, inputs: inputs.map((port) => port.name).sort() };
  };
  const silu = hidden.node!.outputs[0];
  assert.deepEqual(cost([x, up, down], [silu]).products, 4);
  // The lower weight needs the gradient through the upper one, but not the gradient of x.
  assert.deepEqual(cost([up], [silu]), { products: 2, inputs: ['Gemm', 'down', 'dy', 'x'] });
  assert.deepEqual(cost([x], [silu]), { products: 2, inputs: ['Gemm', 'down', 'dy', 'up'] });
  assert.deepEqual(cost([down], [silu]), { products: 1, inputs: ['Gemm', 'dy'] });
  // Without the saved activation the forward product is executed again.
  assert.deepEqual(cost([down], []), { products: 2, inputs: ['dy', 'up', 'x'] });
});

test('values that the output does not depend on have no gradient, and none is appended for them', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const other = graph.input('other', [2]);
  const y = graph.apply('Exp', [x], {})[0];
  graph.apply('Exp', [other], {});
  const before = graph.nodes.length;
  const found = gradients(graph, y, graph.input('dy', [2]), [other]);
  assert.equal(found.size, 0);
  assert.equal(graph.nodes.length, before);
});

test('an incoming gradient of another shape is refused', () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  assert.throws(() => gradients(graph, graph.add(x, x), graph.input('dy', [3]), [x]), { code: 'SHAPE_MISMATCH' });
});

test('every gradient of a decoder block with its loss agrees with central differences', async () => {
  const graph = new Graph('float64');
  const sizes = { T: 3, C: 4, H: 2, K: 1, D: 4, M: 5, V: 6 };
  const { loss, parameters, feeds } = decoderBlock(graph, sizes);
  const wanted = [...parameters.values()];
  const dLoss = graph.constant([1], [1, 1]);
  const found = gradients(graph, loss, dLoss, wanted);
  const results = await evaluate(engine, graph, [...found.values()], feeds);

  const session = await createSession(engine, graph, [loss]);
  const lossOf = async (changed: string, data: readonly number[]) => {
    const result = new Float64Array(1);
    await session.run({ ...feeds, [changed]: Float64Array.from(data) }, { [loss.name]: result });
    return result[0];
  };
  for (const [name, value] of parameters) {
    const start = Array.from(feeds[name] as Float64Array);
    const expected = await centralDifferences((data) => lossOf(name, data), start);
    assertClose(results[found.get(value)!.name] as Float64Array, expected, 1e-8, `gradient of ${name}`);
    assert.ok(
      expected.some((slope) => Math.abs(slope) > 1e-3),
      `${name} matters`,
    );
  }
});
