/**
 * @file Every row of the operator table: values against plain loops, gradients against central differences, as it is
 * written in double precision, for the CPU and for other devices, and the shapes that it refuses.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/engine/backward.ts';
import { Graph, sizeOf, type Value } from '../../src/engine/graph.ts';
import { OPS, type OpType } from '../../src/engine/ops.ts';
import { createSession, openEngine, type TensorData } from '../../src/engine/session.ts';
import { assertClose, bufferFor, centralDifferences, dot, evaluate, randomNumbers } from '../support/numeric.ts';
import {
  FIRST_OUTPUT_ONLY,
  graphOfCase,
  hasDoubleKernels,
  OPERATOR_CASES,
  type OperatorCase,
  REFUSED_CASES,
} from '../support/operatorCases.ts';

const engine = await openEngine();

/** Rounding of a few double-precision operations. */
const DOUBLE = 1e-12;
/** Rounding of a few dozen float32 operations (6e-8 each) on numbers of ordinary size. */
const SINGLE = 5e-6;
/** Error of central differences at step 1e-5: about 1e-10 from the third derivative and as much from rounding. */
const DIFFERENCES = 1e-7;

const operators = Object.keys(OPS) as OpType[];

for (const op of operators) {
  test(`${op} has a case`, () => {
    assert.ok(OPERATOR_CASES[op]?.length > 0);
  });

  for (const operatorCase of OPERATOR_CASES[op] ?? []) {
    test(`${op}, ${operatorCase.name}: values and gradients`, async () => checkCase(operatorCase));
  }

  for (const { why, inputs, attributes } of REFUSED_CASES[op]) {
    test(`${op} refuses ${why}`, () => {
      const graph = new Graph();
      const values = inputs.map((x, i) => graph.input(`x${i}`, x.shape, x.integer ?? 'float32'));
      assert.throws(() => graph.apply(op, values, attributes as never), { code: 'SHAPE_MISMATCH' });
    });
  }
}

async function checkCase(operatorCase: OperatorCase): Promise<void> {
  const { inputs, differentiable } = operatorCase;
  const data = inputs.map((x) => x.data);
  const expectedOutputs = operatorCase.reference(data);
  const weights = randomNumbers(expectedOutputs[0].length, 1000);
  const double = hasDoubleKernels(operatorCase);

  // The slope of sum(first output * weights): of the double-precision graph itself, or of the reference without one.
  const scalar = double ? await firstOutputOf(operatorCase) : (x: typeof data) => operatorCase.reference(x)[0];
  const expectedGradients = new Map<number, number[]>();
  for (const i of differentiable) {
    const along = async (x: readonly number[]) => dot(await scalar(data.with(i, x)), weights);
    expectedGradients.set(i, await centralDifferences(along, data[i]));
  }

  const writings = [
    ...(double
      ? [{ name: 'double', type: 'float64', portable: false, values: DOUBLE, slopes: DIFFERENCES } as const]
      : []),
    { name: 'single', type: 'float32', portable: false, values: SINGLE, slopes: SINGLE } as const,
    { name: 'portable', type: 'float32', portable: true, values: SINGLE, slopes: SINGLE } as const,
  ];
  for (const writing of writings) {
    const { outputs, slopes } = await runCase(operatorCase, writing.type, writing.portable, weights);
    expectedOutputs.forEach((expected, i) => {
      assertClose(outputs[i], expected, writing.values, `${writing.name} output ${i}`);
    });
    for (const i of differentiable) {
      assertClose(slopes.get(i)!, expectedGradients.get(i)!, writing.slopes, `${writing.name} gradient of input ${i}`);
    }
  }
}

/** The first output of the double-precision graph as a function of all inputs. */
async function firstOutputOf(
  operatorCase: OperatorCase,
): Promise<(inputs: readonly (readonly number[])[]) => Promise<ArrayLike<number>>> {
  const { graph, inputs, outputs } = graphOfCase(operatorCase, 'float64');
  const session = await createSession(engine, graph, [outputs[0]]);
  return async (data) => {
    const feeds = Object.fromEntries(inputs.map((x, i) => [x.name, bufferFor(x, data[i])]));
    const y = bufferFor(outputs[0]) as Float64Array;
    await session.run(feeds, { [outputs[0].name]: y });
    return y;
  };
}

/** All outputs, and the gradients of sum(first output * weights). */
async function runCase(
  operatorCase: OperatorCase,
  type: 'float32' | 'float64',
  portable: boolean,
  weights: readonly number[],
): Promise<{ outputs: ArrayLike<number>[]; slopes: Map<number, ArrayLike<number>> }> {
  const { graph, inputs, outputs } = graphOfCase(operatorCase, type);
  const dOutput = graph.input('dOutput', outputs[0].shape);
  const wanted = operatorCase.differentiable.map((i) => inputs[i]);
  const found = gradients(graph, outputs[0], dOutput, wanted);
  const feeds = Object.fromEntries(inputs.map((x, i) => [x.name, bufferFor(x, operatorCase.inputs[i].data)]));
  feeds[dOutput.name] = bufferFor(dOutput, weights);
  // The gradient of a sum is the incoming gradient itself, which no session computes.
  const computed = [...outputs, ...found.values()].filter((value) => value.node);
  const results = await evaluate(engine, graph, [...new Set(computed)], feeds, { portable });
  const read = (value: Value) => (results[value.name] ?? feeds[value.name]) as Exclude<TensorData, BigInt64Array>;
  const slopes = new Map<number, ArrayLike<number>>();
  for (const i of operatorCase.differentiable) {
    const gradient = found.get(inputs[i]);
    assert.ok(gradient, `input ${i} has a gradient`);
    assert.deepEqual(gradient.shape, inputs[i].shape);
    slopes.set(i, read(gradient));
  }
  return { outputs: outputs.map(read), slopes };
}

test('a gradient that arrives at an output without a rule is refused, not lost', () => {
  for (const op of FIRST_OUTPUT_ONLY) {
    const { graph, inputs, outputs } = graphOfCase(OPERATOR_CASES[op][0], 'float32');
    assert.ok(outputs.length > 1);
    for (const output of outputs.slice(1)) {
      const ones = graph.constant(new Array<number>(sizeOf(output.shape)).fill(1), output.shape);
      assert.throws(() => gradients(graph, output, ones, [inputs[0]]), { code: 'UNSUPPORTED_OPERATOR' });
    }
  }
});

test('every operator with several outputs says which are differentiated', () => {
  for (const op of operators) {
    const { outputs } = graphOfCase(OPERATOR_CASES[op][0], 'float32');
    assert.equal(outputs.length > 1, FIRST_OUTPUT_ONLY.has(op), op);
  }
});

test('ScatterElements refuses a gradient through its updates, and only then', () => {
  const { graph, inputs, outputs } = graphOfCase(OPERATOR_CASES.ScatterElements[0], 'float32');
  const dy = graph.input('dy', outputs[0].shape);
  assert.equal(gradients(graph, outputs[0], dy, [inputs[0]]).get(inputs[0]), dy);
  assert.throws(() => gradients(graph, outputs[0], dy, [inputs[2]]), { code: 'UNSUPPORTED_OPERATOR' });
});

test('a small loss keeps its digits beside large logits', async () => {
  // Logits 1000 and 990: the loss is log(1 + exp(-10)) = 4.5e-5, far below the rounding of 1000 (6e-5).
  const graph = new Graph();
  const x = graph.input('x', [1, 1]);
  const weight = graph.input('weight', [2, 1]);
  const [loss] = graph.apply('LinearCrossEntropy', [x, weight, graph.input('labels', [1], 'int64')], {});
  const feeds = { x: Float32Array.of(1), weight: Float32Array.of(1000, 990), labels: BigInt64Array.of(0n) };
  const result = (await evaluate(engine, graph, [loss], feeds))[loss.name] as Float32Array;
  assert.ok(Math.abs(result[0] - Math.log1p(Math.exp(-10))) < 1e-7, `loss ${result[0]}`);
});
