/** @file Reverse-mode differentiation: walks a graph backwards and asks ops.ts for each local gradient. */
import { FineTuneError } from '../errors.ts';
import type { Graph, Node, Value } from './graph.ts';
import { OPS } from './ops.ts';

/**
 * Appends to `graph` the gradients of `sum(output * dOutput)` with respect to each of `wanted`.
 *
 * Everything is appended; a session that fetches only some gradients executes only what these need (onnx.ts), so
 * "input gradients only" or "four heads of nine" are choices of outputs, not other graphs.
 *
 * @param dOutput the gradient that arrives from above, same shape as `output`.
 * @returns the gradient of each wanted value; a value that `output` does not depend on has none.
 * @throws SHAPE_MISMATCH; UNSUPPORTED_OPERATOR when the way leads through an input or output that has no gradient rule.
 */
export function gradients(graph: Graph, output: Value, dOutput: Value, wanted: readonly Value[]): Map<Value, Value> {
  if (output.shape.join() !== dOutput.shape.join()) {
    throw new FineTuneError(
      'SHAPE_MISMATCH',
      `The gradient ${dOutput.name} is (${dOutput.shape.join(', ')}), the output ${output.name} (${output.shape.join(', ')}). They must agree.`,
    );
  }
  const nodes = [...graph.nodes];
  const needed = new Set<Value>(wanted);
  for (const node of nodes) {
    if (node.inputs.some((input) => needed.has(input))) for (const out of node.outputs) needed.add(out);
  }
  const gradientOf = new Map<Value, Value>([[output, dOutput]]);
  for (const node of nodes.reverse()) {
    const dOutputs = node.outputs.map((out) => gradientOf.get(out));
    if (dOutputs.every((d) => d === undefined)) continue;
    const dInputs = OPS[node.op].gradient(graph, node as never, dOutputs);
    node.inputs.forEach((input, i) => {
      const makeGradient = dInputs[i];
      if (!needed.has(input) || !makeGradient) return;
      const sofar = gradientOf.get(input);
      const existing = graph.nodes.length;
      const gradient = makeGradient();
      gradientOf.set(input, sofar ? accumulate(graph, sofar, gradient, existing) : gradient);
    });
  }
  const result = new Map<Value, Value>();
  for (const value of wanted) {
    const gradient = gradientOf.get(value);
    if (gradient) result.set(value, gradient);
  }
  return result;
}

/**
 * `a + b`; a product takes the sum in as its addend, which saves one pass over the tensor. Only a product made just now
 * (at or after `existing`): an older one, handed on by Add, has other users, and would be computed twice.
 */
function accumulate(graph: Graph, a: Value, b: Value, existing: number): Value {
  if (b.node?.op === 'Gemm' && b.node.inputs.length === 2 && b.node.index >= existing) {
    const [left, right] = b.node.inputs;
    return graph.gemm(left, right, a, (b.node as Node<'Gemm'>).attributes);
  }
  return graph.add(a, b);
}
