/**
 * @file A differentiable graph: values with static shapes, made by operators. It is written forward only; backward.ts
 * appends the gradients, onnx.ts cuts the part that a session needs out of it and writes it as ONNX.
 */
import { FineTuneError } from '../errors.ts';
import { OPS, type OpAttributes, type OpType } from './ops.ts';

export type ElementType = 'float32' | 'float64' | 'int64' | 'int8';
export type Shape = readonly number[];

/** The result of an operator, a graph input or a constant. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
  /** Absent for graph inputs and constants. */
  readonly node?: Node;
  /** Contents of a constant. */
  readonly data?: Float32Array | Float64Array | BigInt64Array;
}

export interface Node<Op extends OpType = OpType> {
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly attributes: OpAttributes[Op];
  readonly outputs: readonly Value[];
  /** Position in the order of creation, which is a topological order. */
  readonly index: number;
}

/** Shape and element type of a value that does not exist yet. */
export interface TensorType {
  readonly shape: Shape;
  readonly type: ElementType;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Builder of one graph. Shapes are checked once, when a node is made (SHAPE_MISMATCH). */
export class Graph {
  readonly nodes: Node[] = [];
  readonly #names = new Set<string>();
  readonly #scalars = new Map<number, Value>();

  /** @param type element type of the floating-point values. @default 'float32' ('float64' for gradient checks). */
  constructor(readonly type: 'float32' | 'float64' = 'float32') {}

  input(name: string, shape: Shape, type: ElementType = this.type): Value {
    return { name: this.#unique(name), shape, type };
  }

  /** A constant; numbers become the graph's floating-point type, bigints int64. */
  constant(data: readonly number[] | readonly bigint[], shape: Shape): Value {
    if (data.length !== sizeOf(shape)) {
      throw new FineTuneError('SHAPE_MISMATCH', `A constant of shape (${shape}) got ${data.length} elements.`);
    }
    const name = this.#unique('constant');
    if (typeof data[0] === 'bigint') {
      return { name, shape, type: 'int64', data: BigInt64Array.from(data as readonly bigint[]) };
    }
    const numbers = data as readonly number[];
    return {
      name,
      shape,
      type: this.type,
      data: this.type === 'float64' ? Float64Array.from(numbers) : Float32Array.from(numbers),
    };
  }

  scalar(x: number): Value {
    let value = this.#scalars.get(x);
    if (!value) {
      value = this.constant([x], []);
      this.#scalars.set(x, value);
    }
    return value;
  }

  /** Applies an operator; returns all its outputs. */
  apply<Op extends OpType>(op: Op, inputs: readonly Value[], attributes: OpAttributes[Op], name?: string): Value[] {
    const types = OPS[op].infer(inputs, attributes, op);
    const outputs: Value[] = [];
    const node: Node<Op> = { op, inputs, attributes, outputs, index: this.nodes.length };
    for (const { shape, type } of types) {
      outputs.push({ name: this.#unique(name ?? op), shape, type, node: node as Node });
    }
    this.nodes.push(node as Node);
    return outputs;
  }

  // Shorthand for the operators that are used all the time.
  add = (a: Value, b: Value, name?: string): Value => this.apply('Add', [a, b], {}, name)[0];
  sub = (a: Value, b: Value, name?: string): Value => this.apply('Sub', [a, b], {}, name)[0];
  mul = (a: Value, b: Value, name?: string): Value => this.apply('Mul', [a, b], {}, name)[0];
  div = (a: Value, b: Value, name?: string): Value => this.apply('Div', [a, b], {}, name)[0];
  reshape = (x: Value, shape: Shape, name?: string): Value => this.apply('Reshape', [x], { shape }, name)[0];
  transpose = (x: Value, perm: readonly number[], name?: string): Value =>
    this.apply('Transpose', [x], { perm }, name)[0];
  reduceSum = (x: Value, axes: readonly number[], keepdims = true, name?: string): Value =>
    this.apply('ReduceSum', [x], { axes, keepdims }, name)[0];
  reduceMean = (x: Value, axes: readonly number[]): Value => this.apply('ReduceMean', [x], { axes, keepdims: true })[0];
  sigmoid = (x: Value): Value => this.apply('Sigmoid', [x], {})[0];
  matMul = (a: Value, b: Value, attributes: OpAttributes['FusedMatMul'] = {}, name?: string): Value =>
    this.apply('FusedMatMul', [a, b], attributes, name)[0];
  /** `A·B + C` on matrices; C (optional) may be a full matrix or a row that is broadcast. */
  gemm = (a: Value, b: Value, c?: Value, attributes: OpAttributes['Gemm'] = {}, name?: string): Value =>
    this.apply('Gemm', c ? [a, b, c] : [a, b], attributes, name)[0];
  /** `x·Wᵀ + addend`, `W` of shape (out, in) as checkpoints have it. x (M, in) -> (M, out). */
  linear = (x: Value, weight: Value, addend?: Value, name?: string): Value =>
    this.gemm(x, weight, addend, { transB: true }, name);

  #unique(name: string): string {
    let unique = name;
    for (let i = 1; this.#names.has(unique); i++) unique = `${name}_${i}`;
    this.#names.add(unique);
    return unique;
  }
}
