/**
 * @file The operators: one row each, with its shape rule, its gradient rule, and how it is written as ONNX.
 *
 * The table is total: a new operator is a new entry in `OpAttributes`, and the compiler then asks for its row; the
 * gradient test iterates over the rows and fails for one without a case. Operators carry their ONNX names
 * (`FusedMatMul`, `QuickGelu`, `RotaryEmbedding` are com.microsoft's); two rows are ours because a whole formula has
 * a cheaper gradient than its parts: `Attention` and `LinearCrossEntropy`.
 */
import { FineTuneError } from '../errors.ts';
import type { Graph, Node, Shape, TensorType, Value } from './graph.ts';

type None = Record<never, never>;

export interface OpAttributes {
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Neg: None;
  Exp: None;
  Sqrt: None;
  Reciprocal: None;
  Tanh: None;
  Sigmoid: None;
  Erf: None;
  /** x * sigmoid(x), also called SiLU or Swish (alpha = 1). */
  QuickGelu: None;
  Gelu: { readonly approximate: 'none' | 'tanh' };
  /** Matrix product of matrices or of equally batched stacks. @default transA, transB false; alpha 1 */
  FusedMatMul: { readonly transA?: boolean; readonly transB?: boolean; readonly alpha?: number };
  /** op(A)·op(B) + C on matrices. @default transA, transB false */
  Gemm: { readonly transA?: boolean; readonly transB?: boolean };
  /**
   * Inputs a (M, K), b (K, N) int8, scales (N): a·b with column n of b times scales[n]. On the CPU the rows of `a` are
   * rounded to 8 bits of their common range and the product is one of integers; the portable form keeps `a` as it is.
   * No gradient: it is for weights that are not trained, whose input gradients are taken in full precision.
   */
  DynamicQuantizeMatMul: None;
  Reshape: { readonly shape: Shape };
  Transpose: { readonly perm: readonly number[] };
  Slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** Zeros before and after `axis`. */
  Pad: { readonly axis: number; readonly before: number; readonly after: number };
  Concat: { readonly axis: number };
  /** data, indices (n) int64 -> data with `axis` replaced by n. */
  Gather: { readonly axis: number };
  /** data, indices, updates (same rank) -> data with the updates added; the indices' gradient does not exist. */
  ScatterElements: { readonly axis: number };
  Unsqueeze: { readonly axis: number };
  ReduceSum: { readonly axes: readonly number[]; readonly keepdims: boolean };
  ReduceMean: { readonly axes: readonly number[]; readonly keepdims: boolean };
  ReduceSumSquare: { readonly axes: readonly number[]; readonly keepdims: boolean };
  Softmax: None;
  /** Root mean square norm over the last axis: x / sqrt(mean(x²) + epsilon) * gain. Inputs x, gain. */
  SimplifiedLayerNormalization: { readonly epsilon: number };
  /** Inputs x, gain, bias; over the last axis. */
  LayerNormalization: { readonly epsilon: number };
  /** Inputs x (B, T, H·D), positions (B, T) int64, cos (P, R/2), sin (P, R/2), with R rotated features per head. */
  RotaryEmbedding: { readonly numHeads: number };
  /** Inputs q (B, H, T, D), k and v (B, K, S, D), mask (B or 1, 1, T, S) additive; outputs o (B, H, T, D), P (B, H, T, S). */
  Attention: { readonly scale: number };
  /**
   * Inputs x (N, C), weight (V, C), labels (N) int64; outputs loss (N, 1) in nats, P (N, V), and margin (N, 1): the
   * largest logit minus the label's, 0 exactly where the label is the most probable token.
   */
  LinearCrossEntropy: None;
  /** Outputs the `k` largest of a vector (N), largest first, and their places, int64 (k). */
  TopK: { readonly k: number };
}

export type OpType = keyof OpAttributes;

/** One attribute of an ONNX node, with its kind spelled out (ONNX tells `1` from `1.0`). */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

/** What a row needs in order to write itself; implemented in onnx.ts. */
export interface OnnxEmitter {
  /** `portable`: only operators that every execution provider has a kernel for. */
  readonly portable: boolean;
  readonly type: 'float32' | 'float64';
  node(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: string,
  ): void;
  /** A fresh value name. */
  temporary(): string;
  /** Names of constants. */
  int64s(values: readonly number[], shape?: Shape): string;
  floats(values: readonly number[], shape: Shape): string;
}

type MakeGradient = (() => Value) | undefined;

interface OpRule<Op extends OpType> {
  /** Shapes and types of the outputs; throws SHAPE_MISMATCH. */
  infer(inputs: readonly Value[], attributes: OpAttributes[Op], op: OpType): TensorType[];
  /** For each input: how its gradient is appended, or undefined where there is none. Called only for wanted inputs. */
  gradient(graph: Graph, node: Node<Op>, dOutputs: readonly (Value | undefined)[]): readonly MakeGradient[];
  emit(emitter: OnnxEmitter, node: Node<Op>): void;
  /** Multiply-add operations times two, of the products only. @default 0 */
  flops?(node: Node<Op>): number;
}

const MICROSOFT = 'com.microsoft';

function mismatch(op: OpType, inputs: readonly Value[], expected: string): FineTuneError {
  const found = inputs.map((v) => `${v.name} (${v.shape.join(', ')})`).join(', ');
  return new FineTuneError(
    'SHAPE_MISMATCH',
    `${op} got ${found}; expected ${expected}. Check how the graph is built.`,
    {
      op,
      found: inputs.map((v) => v.shape),
      expected,
    },
  );
}

function broadcast(op: OpType, inputs: readonly Value[]): TensorType {
  if (inputs.some((v) => v.type !== inputs[0].type)) throw mismatch(op, inputs, 'one element type');
  const rank = Math.max(...inputs.map((v) => v.shape.length));
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const lengths = inputs.map((v) => v.shape[axis - rank + v.shape.length] ?? 1);
    const length = Math.max(...lengths);
    if (lengths.some((n) => n !== 1 && n !== length)) throw mismatch(op, inputs, 'shapes that broadcast');
    shape.push(length);
  }
  return { shape, type: inputs[0].type };
}

/** Undoes broadcasting: sums `gradient` down to `shape`. */
function reduceTo(g: Graph, gradient: Value, shape: Shape): Value {
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((n, axis) =>
    axis < extra || (shape[axis - extra] === 1 && n > 1) ? [axis] : [],
  );
  const keepdims = axes.some((axis) => axis >= extra);
  const summed = axes.length === 0 ? gradient : g.reduceSum(gradient, axes, keepdims);
  return sameShape(summed.shape, shape) ? summed : g.reshape(summed, shape);
}

/** Axes are counted from the front only: a negative one would not be found by the shape and gradient rules. */
function checkAxes(op: OpType, inputs: readonly Value[], axes: readonly number[], rank = inputs[0].shape.length): void {
  if (axes.length === 0 || axes.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= rank)) {
    throw mismatch(op, inputs, `axes in 0..${rank - 1}, not (${axes.join(', ')})`);
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

function elementwise<Op extends 'Neg' | 'Exp' | 'Sqrt' | 'Reciprocal' | 'Tanh' | 'Sigmoid' | 'Erf'>(
  op: Op,
  gradient: (g: Graph, x: Value, y: Value, dy: Value) => Value,
): OpRule<Op> {
  return {
    infer: ([x]) => [{ shape: x.shape, type: x.type }],
    gradient: (g, { inputs, outputs }, [dy]) => [() => gradient(g, inputs[0], outputs[0], dy!)],
    emit: (e, node) => e.node(op, names(node.inputs), names(node.outputs)),
  };
}

function arithmetic<Op extends 'Add' | 'Sub' | 'Mul' | 'Div'>(
  op: Op,
  gradient: (g: Graph, a: Value, b: Value, dy: Value) => readonly [() => Value, () => Value],
): OpRule<Op> {
  return {
    infer: (inputs) => [broadcast(op, inputs)],
    gradient: (g, { inputs: [a, b] }, [dy]) => {
      const [dA, dB] = gradient(g, a, b, dy!);
      return [() => reduceTo(g, dA(), a.shape), () => reduceTo(g, dB(), b.shape)];
    },
    emit: (e, node) => e.node(op, names(node.inputs), names(node.outputs)),
  };
}

function reduction<Op extends 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare'>(
  op: Op,
  gradient: (g: Graph, x: Value, dySpread: Value, count: number) => Value,
): OpRule<Op> {
  return {
    infer: ([x], { axes, keepdims }) => {
      checkAxes(op, [x], axes);
      return [
        {
          shape: x.shape.flatMap((n, axis) => (axes.includes(axis) ? (keepdims ? [1] : []) : [n])),
          type: x.type,
        },
      ];
    },
    gradient: (g, { inputs: [x], attributes: { axes } }, [dy]) => [
      () => {
        const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
        const dyKept = sameShape(dy!.shape, kept) ? dy! : g.reshape(dy!, kept);
        const count = axes.reduce((n, axis) => n * x.shape[axis], 1);
        return gradient(g, x, dyKept, count);
      },
    ],
    emit: (e, { inputs, outputs, attributes: { axes, keepdims } }) =>
      e.node(op, [inputs[0].name, e.int64s(axes)], names(outputs), { keepdims: { int: keepdims ? 1 : 0 } }),
  };
}

/** `dy` spread over the shape of `x` (Add broadcasts; x·0 would turn an infinity into NaN, so a constant is used). */
function spread(g: Graph, dy: Value, x: Value): Value {
  if (sameShape(dy.shape, x.shape)) return dy;
  const zeros = g.constant(new Array<number>(x.shape.reduce((a, b) => a * b, 1)).fill(0), x.shape);
  return g.add(zeros, dy);
}

function names(values: readonly Value[]): string[] {
  return values.map((v) => v.name);
}

function onlyFirstOutput(op: OpType): FineTuneError {
  const message = `${op} is differentiated in its first output only, but a gradient arrived at its second. Let nothing that is differentiated use it.`;
  return new FineTuneError('UNSUPPORTED_OPERATOR', message, { op });
}

function swapLast(shape: Shape): number[] {
  const rank = shape.length;
  return [...Array(rank).keys()].map((i) => (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i));
}

/** Writes op(a)·op(b)·alpha for stacks of matrices. */
function emitMatMul(
  e: OnnxEmitter,
  [a, b]: readonly { readonly name: string; readonly shape: Shape }[],
  output: string,
  { transA = false, transB = false, alpha = 1 }: OpAttributes['FusedMatMul'],
): void {
  const plain = !transA && !transB && alpha === 1;
  if (!plain && !e.portable && e.type === 'float32') {
    const attributes = { transA: { int: +transA }, transB: { int: +transB }, alpha: { float: alpha } };
    e.node('FusedMatMul', [a.name, b.name], [output], attributes, MICROSOFT);
    return;
  }
  const operands = [a, b].map((x, i) => {
    if (!(i === 0 ? transA : transB)) return x.name;
    const swapped = e.temporary();
    e.node('Transpose', [x.name], [swapped], { perm: { ints: swapLast(x.shape) } });
    return swapped;
  });
  const product = alpha === 1 ? output : e.temporary();
  e.node('MatMul', operands, [product]);
  if (alpha !== 1) e.node('Mul', [product, e.floats([alpha], [])], [output]);
}

/** x·sigmoid(x), decomposed. */
function emitSilu(e: OnnxEmitter, x: string, y: string): void {
  const sigmoid = e.temporary();
  e.node('Sigmoid', [x], [sigmoid]);
  e.node('Mul', [x, sigmoid], [y]);
}

/** x/2·(1 + tanh(sqrt(2/pi)·(x + 0.044715x³))), decomposed. */
function emitGeluTanh(e: OnnxEmitter, x: string, y: string): void {
  const [square, cube, small, inner, scaled, tanh, sum, half] = Array.from({ length: 8 }, () => e.temporary());
  e.node('Mul', [x, x], [square]);
  e.node('Mul', [x, square], [cube]);
  e.node('Mul', [cube, e.floats([0.044715], [])], [small]);
  e.node('Add', [x, small], [inner]);
  e.node('Mul', [inner, e.floats([SQRT_2_OVER_PI], [])], [scaled]);
  e.node('Tanh', [scaled], [tanh]);
  e.node('Add', [tanh, e.floats([1], [])], [sum]);
  e.node('Mul', [x, e.floats([0.5], [])], [half]);
  e.node('Mul', [half, sum], [y]);
}

function inverseRms(g: Graph, x: Value, epsilon: number): Value {
  const last = x.shape.length - 1;
  const sumOfSquares = g.apply('ReduceSumSquare', [x], { axes: [last], keepdims: true })[0];
  const meanSquare = g.mul(sumOfSquares, g.scalar(1 / x.shape[last]));
  const rms = g.apply('Sqrt', [g.add(meanSquare, g.scalar(epsilon))], {})[0];
  return g.apply('Reciprocal', [rms], {})[0];
}

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

export const OPS: { readonly [Op in OpType]: OpRule<Op> } = {
  Add: arithmetic('Add', (_g, _a, _b, dy) => [() => dy, () => dy]),
  Sub: arithmetic('Sub', (g, _a, _b, dy) => [() => dy, () => g.apply('Neg', [dy], {})[0]]),
  Mul: arithmetic('Mul', (g, a, b, dy) => [() => g.mul(dy, b), () => g.mul(dy, a)]),
  // d(a/b) = da/b - a·db/b²
  Div: arithmetic('Div', (g, a, b, dy) => [
    () => g.div(dy, b),
    () => g.apply('Neg', [g.div(g.mul(dy, a), g.mul(b, b))], {})[0],
  ]),
  Neg: elementwise('Neg', (g, _x, _y, dy) => g.apply('Neg', [dy], {})[0]),
  Exp: elementwise('Exp', (g, _x, y, dy) => g.mul(dy, y)),
  Sqrt: elementwise('Sqrt', (g, _x, y, dy) => g.div(g.mul(dy, g.scalar(0.5)), y)),
  Reciprocal: elementwise('Reciprocal', (g, _x, y, dy) => g.apply('Neg', [g.mul(dy, g.mul(y, y))], {})[0]),
  Tanh: elementwise('Tanh', (g, _x, y, dy) => g.mul(dy, g.sub(g.scalar(1), g.mul(y, y)))),
  Sigmoid: elementwise('Sigmoid', (g, _x, y, dy) => g.mul(dy, g.sub(y, g.mul(y, y)))),
  // erf'(x) = 2/sqrt(pi)·exp(-x²)
  Erf: elementwise('Erf', (g, x, _y, dy) => {
    const gaussian = g.apply('Exp', [g.apply('Neg', [g.mul(x, x)], {})[0]], {})[0];
    return g.mul(dy, g.mul(gaussian, g.scalar(2 / Math.sqrt(Math.PI))));
  }),

  // y = x·s, s = sigmoid(x); dx = dy·(s + y - s·y)
  QuickGelu: {
    infer: ([x]) => [{ shape: x.shape, type: x.type }],
    gradient: (g, { inputs: [x], outputs: [y] }, [dy]) => [
      () => {
        const s = g.sigmoid(x);
        return g.mul(dy!, g.add(s, g.sub(y, g.mul(s, y))));
      },
    ],
    emit: (e, { inputs: [x], outputs: [y] }) => {
      if (e.type === 'float64') return emitSilu(e, x.name, y.name);
      e.node('QuickGelu', [x.name], [y.name], { alpha: { float: 1 } }, MICROSOFT);
    },
  },

  // none: y = x·F(x), dx = dy·(F + x·f) with the normal distribution F and its density f
  // tanh: y = x/2·(1 + t), t = tanh(u), u = sqrt(2/pi)·(x + 0.044715x³); dx = dy·((1 + t)/2 + x/2·(1 - t²)·u')
  Gelu: {
    infer: ([x]) => [{ shape: x.shape, type: x.type }],
    gradient: (g, { inputs: [x], attributes }, [dy]) => [
      () => {
        const half = g.scalar(0.5);
        const one = g.scalar(1);
        const xx = g.mul(x, x);
        if (attributes.approximate === 'none') {
          const erf = g.apply('Erf', [g.mul(x, g.scalar(Math.SQRT1_2))], {})[0];
          const density = g.mul(
            g.apply('Exp', [g.mul(xx, g.scalar(-0.5))], {})[0],
            g.scalar(1 / Math.sqrt(2 * Math.PI)),
          );
          return g.mul(dy!, g.add(g.mul(half, g.add(one, erf)), g.mul(x, density)));
        }
        const cubic = g.mul(x, g.add(one, g.mul(xx, g.scalar(0.044715))));
        const t = g.apply('Tanh', [g.mul(cubic, g.scalar(SQRT_2_OVER_PI))], {})[0];
        const du = g.mul(g.add(one, g.mul(xx, g.scalar(3 * 0.044715))), g.scalar(SQRT_2_OVER_PI));
        const slope = g.mul(g.mul(g.mul(x, half), g.sub(one, g.mul(t, t))), du);
        return g.mul(dy!, g.add(g.mul(half, g.add(one, t)), slope));
      },
    ],
    emit: (e, { inputs, outputs, attributes }) => {
      if (e.type === 'float64' && attributes.approximate === 'tanh') emitGeluTanh(e, inputs[0].name, outputs[0].name);
      else e.node('Gelu', names(inputs), names(outputs), { approximate: { string: attributes.approximate } });
    },
  },

  FusedMatMul: {
    infer: ([a, b], { transA = false, transB = false }, op) => {
      const rank = a.shape.length;
      const batch = a.shape.slice(0, -2);
      const [m, k] = transA ? [a.shape[rank - 1], a.shape[rank - 2]] : [a.shape[rank - 2], a.shape[rank - 1]];
      const [k2, n] = transB ? [b.shape[rank - 1], b.shape[rank - 2]] : [b.shape[rank - 2], b.shape[rank - 1]];
      if (rank < 2 || b.shape.length !== rank || k !== k2 || !sameShape(batch, b.shape.slice(0, -2))) {
        throw mismatch(op, [a, b], 'equal batch axes and equal inner lengths');
      }
      return [{ shape: [...batch, m, n], type: a.type }];
    },
    // Y = A·B: dA = dY·Bᵀ, dB = Aᵀ·dY; a transposed operand swaps the roles.
    gradient: (g, { inputs: [a, b], attributes: { transA = false, transB = false, alpha } }, [dy]) => [
      () =>
        transA
          ? g.matMul(b, dy!, { transA: transB, transB: true, alpha })
          : g.matMul(dy!, b, { transB: !transB, alpha }),
      () =>
        transB
          ? g.matMul(dy!, a, { transA: true, transB: transA, alpha })
          : g.matMul(a, dy!, { transA: !transA, alpha }),
    ],
    emit: (e, { inputs, outputs, attributes }) => emitMatMul(e, inputs, outputs[0].name, attributes),
    flops: ({ inputs: [a], outputs: [y], attributes: { transA } }) =>
      2 * y.shape.reduce((p, n) => p * n, 1) * a.shape[a.shape.length - (transA ? 2 : 1)],
  },

  Gemm: {
    infer: ([a, b, c], { transA = false, transB = false }, op) => {
      const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
      const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
      const addendFits = !c || sameShape(c.shape, [m, n]) || sameShape(c.shape, [n]);
      if (a.shape.length !== 2 || b.shape.length !== 2 || k !== k2 || !addendFits) {
        throw mismatch(op, c ? [a, b, c] : [a, b], 'two matrices with equal inner lengths and a fitting addend');
      }
      return [{ shape: [m, n], type: a.type }];
    },
    gradient: (g, { inputs: [a, b, c], attributes: { transA = false, transB = false } }, [dy]) => [
      () =>
        transA
          ? g.gemm(b, dy!, undefined, { transA: transB, transB: true })
          : g.gemm(dy!, b, undefined, { transB: !transB }),
      () =>
        transB
          ? g.gemm(dy!, a, undefined, { transA: true, transB: transA })
          : g.gemm(a, dy!, undefined, { transA: !transA }),
      c && (() => reduceTo(g, dy!, c.shape)),
    ],
    emit: (e, { inputs, outputs, attributes: { transA = false, transB = false } }) =>
      e.node('Gemm', names(inputs), names(outputs), { transA: { int: +transA }, transB: { int: +transB } }),
    flops: ({ inputs: [a], outputs: [y], attributes: { transA } }) =>
      2 * y.shape[0] * y.shape[1] * a.shape[transA ? 0 : 1],
  },

  DynamicQuantizeMatMul: {
    infer: ([a, b, scales], _, op) => {
      const fits =
        a.shape.length === 2 &&
        b.shape.length === 2 &&
        a.shape[1] === b.shape[0] &&
        b.type === 'int8' &&
        sameShape(scales.shape, [b.shape[1]]);
      if (!fits) throw mismatch(op, [a, b, scales], 'a matrix, an int8 matrix with equal inner length, its scales');
      return [{ shape: [a.shape[0], b.shape[1]], type: a.type }];
    },
    gradient: () => [undefined, undefined, undefined],
    emit: (e, { inputs: [a, b, scales], outputs }) => {
      if (!e.portable) {
        e.node('DynamicQuantizeMatMul', [a.name, b.name, scales.name], names(outputs), {}, MICROSOFT);
        return;
      }
      const [numbers, weights] = [e.temporary(), e.temporary()];
      e.node('Cast', [b.name], [numbers], { to: { int: 1 } });
      e.node('Mul', [numbers, scales.name], [weights]);
      e.node('MatMul', [a.name, weights], names(outputs));
    },
    flops: ({ inputs: [a], outputs: [y] }) => 2 * y.shape[0] * y.shape[1] * a.shape[1],
  },
  Reshape: {
    infer: ([x], { shape }, op) => {
      if (x.shape.reduce((p, n) => p * n, 1) !== shape.reduce((p, n) => p * n, 1)) {
        throw mismatch(op, [x], `as many elements as (${shape.join(', ')})`);
      }
      return [{ shape, type: x.type }];
    },
    gradient: (g, { inputs: [x] }, [dy]) => [() => g.reshape(dy!, x.shape)],
    emit: (e, { inputs: [x], outputs, attributes }) =>
      e.node('Reshape', [x.name, e.int64s(attributes.shape)], names(outputs)),
  },
  Transpose: {
    infer: ([x], { perm }, op) => {
      if (perm.length !== x.shape.length || x.shape.some((_, axis) => !perm.includes(axis))) {
        throw mismatch(op, [x], `a permutation of its axes, not (${perm.join(', ')})`);
      }
      return [{ shape: perm.map((axis) => x.shape[axis]), type: x.type }];
    },
    gradient: (g, { attributes: { perm } }, [dy]) => [
      () =>
        g.transpose(
          dy!,
          perm.map((_, axis) => perm.indexOf(axis)),
        ),
    ],
    emit: (e, { inputs, outputs, attributes }) =>
      e.node('Transpose', names(inputs), names(outputs), { perm: { ints: attributes.perm } }),
  },
  Slice: {
    infer: ([x], { axis, start, end }, op) => {
      checkAxes(op, [x], [axis]);
      if (start < 0 || end > x.shape[axis] || start >= end)
        throw mismatch(op, [x], `axis ${axis} to hold ${start}..${end}`);
      return [{ shape: x.shape.map((n, i) => (i === axis ? end - start : n)), type: x.type }];
    },
    // The gradient is zero outside the slice.
    gradient: (g, { inputs: [x], attributes: { axis, start, end } }, [dy]) => [
      () => {
        const after = x.shape[axis] - end;
        return start === 0 && after === 0 ? dy! : g.apply('Pad', [dy!], { axis, before: start, after })[0];
      },
    ],
    emit: (e, { inputs: [x], outputs, attributes: { axis, start, end } }) =>
      e.node('Slice', [x.name, e.int64s([start]), e.int64s([end]), e.int64s([axis])], names(outputs)),
  },
  Pad: {
    infer: ([x], { axis, before, after }, op) => {
      checkAxes(op, [x], [axis]);
      if (before < 0 || after < 0) throw mismatch(op, [x], `no negative padding, not ${before} and ${after}`);
      return [{ shape: x.shape.map((n, i) => (i === axis ? before + n + after : n)), type: x.type }];
    },
    gradient: (g, { inputs: [x], attributes: { axis, before } }, [dy]) => [
      () => g.apply('Slice', [dy!], { axis, start: before, end: before + x.shape[axis] })[0],
    ],
    emit: (e, { inputs: [x], outputs, attributes: { axis, before, after } }) => {
      const pads = [before, after].flatMap((length) => x.shape.map((_, i) => (i === axis ? length : 0)));
      e.node('Pad', [x.name, e.int64s(pads)], names(outputs), { mode: { string: 'constant' } });
    },
  },
  Concat: {
    infer: (inputs, { axis }, op) => {
      const [first] = inputs;
      checkAxes(op, inputs, [axis]);
      const rank = first.shape.length;
      if (inputs.some((v) => v.shape.length !== rank || v.shape.some((n, i) => i !== axis && n !== first.shape[i]))) {
        throw mismatch(op, inputs, `shapes that differ on axis ${axis} only`);
      }
      const length = inputs.reduce((sum, v) => sum + v.shape[axis], 0);
      return [{ shape: first.shape.map((n, i) => (i === axis ? length : n)), type: first.type }];
    },
    gradient: (g, { inputs, attributes: { axis } }, [dy]) => {
      let start = 0;
      return inputs.map((input) => {
        const from = start;
        start += input.shape[axis];
        return () => g.apply('Slice', [dy!], { axis, start: from, end: from + input.shape[axis] })[0];
      });
    },
    emit: (e, { inputs, outputs, attributes }) =>
      e.node('Concat', names(inputs), names(outputs), { axis: { int: attributes.axis } }),
  },
  Gather: {
    infer: ([x, indices], { axis }, op) => {
      checkAxes(op, [x, indices], [axis]);
      if (indices.shape.length !== 1 || indices.type !== 'int64')
        throw mismatch(op, [x, indices], 'a vector of indices');
      return [{ shape: x.shape.map((n, i) => (i === axis ? indices.shape[0] : n)), type: x.type }];
    },
    // dx[.., indices[i], ..] += dy[.., i, ..], with the indices spread over the shape of dy.
    gradient: (g, { inputs: [x, indices], attributes: { axis } }, [dy]) => [
      () => {
        const zeros = g.constant(new Array<number>(x.shape.reduce((p, n) => p * n, 1)).fill(0), x.shape);
        const column = g.reshape(
          indices,
          dy!.shape.map((_, i) => (i === axis ? indices.shape[0] : 1)),
        );
        const ones = g.constant(new Array<bigint>(dy!.shape.reduce((p, n) => p * n, 1)).fill(1n), dy!.shape);
        return g.apply('ScatterElements', [zeros, g.mul(column, ones), dy!], { axis })[0];
      },
      undefined,
    ],
    emit: (e, { inputs, outputs, attributes }) =>
      e.node('Gather', names(inputs), names(outputs), { axis: { int: attributes.axis } }),
  },
  ScatterElements: {
    infer: ([data, indices, updates], { axis }, op) => {
      checkAxes(op, [data, indices, updates], [axis]);
      if (!sameShape(indices.shape, updates.shape) || data.shape.length !== indices.shape.length) {
        throw mismatch(op, [data, indices, updates], 'indices and updates of one shape and the rank of the data');
      }
      return [{ shape: data.shape, type: data.type }];
    },
    gradient: (_g, _node, [dy]) => [
      () => dy!,
      undefined,
      () => {
        throw new FineTuneError(
          'UNSUPPORTED_OPERATOR',
          'ScatterElements is differentiated in its data only, but a gradient through its updates was asked for.',
        );
      },
    ],
    emit: (e, { inputs, outputs, attributes }) =>
      e.node('ScatterElements', names(inputs), names(outputs), {
        axis: { int: attributes.axis },
        reduction: { string: 'add' },
      }),
  },
  Unsqueeze: {
    infer: ([x], { axis }, op) => {
      checkAxes(op, [x], [axis], x.shape.length + 1);
      return [{ shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)], type: x.type }];
    },
    gradient: (g, { inputs: [x] }, [dy]) => [() => g.reshape(dy!, x.shape)],
    emit: (e, { inputs: [x], outputs, attributes }) =>
      e.node('Unsqueeze', [x.name, e.int64s([attributes.axis])], names(outputs)),
  },
  ReduceSum: reduction('ReduceSum', (g, x, dy) => spread(g, dy, x)),
  ReduceMean: reduction('ReduceMean', (g, x, dy, count) => g.mul(spread(g, dy, x), g.scalar(1 / count))),
  ReduceSumSquare: reduction('ReduceSumSquare', (g, x, dy) => g.mul(g.mul(x, g.scalar(2)), dy)),

  // dx = y·(dy - sum(dy·y))
  Softmax: {
    infer: ([x]) => [{ shape: x.shape, type: x.type }],
    gradient: (g, { inputs: [x], outputs: [y] }, [dy]) => [
      () => g.mul(y, g.sub(dy!, g.reduceSum(g.mul(dy!, y), [x.shape.length - 1]))),
    ],
    emit: (e, { inputs, outputs }) => e.node('Softmax', names(inputs), names(outputs), { axis: { int: -1 } }),
  },

  // x̂ = x/rms(x), y = x̂·gain; dx = (dy·gain - x̂·mean(dy·gain·x̂))/rms, dGain = sum(dy·x̂).
  // The operator's own second output, 1/rms, is silently wrong on the WebGPU provider, so it is computed again.
  SimplifiedLayerNormalization: {
    infer: ([x, gain], _attributes, op) => {
      if (!sameShape(gain.shape, [x.shape[x.shape.length - 1]])) throw mismatch(op, [x, gain], 'one gain per feature');
      return [{ shape: x.shape, type: x.type }];
    },
    gradient: (g, { inputs: [x, gain], attributes: { epsilon } }, [dy]) => {
      const inverse = inverseRms(g, x, epsilon);
      const normalised = g.mul(x, inverse);
      return [
        () => {
          const scaled = g.mul(dy!, gain);
          const mean = g.reduceMean(g.mul(scaled, normalised), [x.shape.length - 1]);
          return g.mul(g.sub(scaled, g.mul(normalised, mean)), inverse);
        },
        () => reduceTo(g, g.mul(dy!, normalised), gain.shape),
      ];
    },
    emit: (e, { inputs, outputs, attributes }) =>
      e.node('SimplifiedLayerNormalization', names(inputs), names(outputs), {
        axis: { int: -1 },
        epsilon: { float: attributes.epsilon },
        stash_type: { int: 1 },
      }),
  },

  // x̂ = (x - mean)/std; dx = (dy·gain - mean(dy·gain) - x̂·mean(dy·gain·x̂))/std
  LayerNormalization: {
    infer: ([x, gain, bias], _attributes, op) => {
      const features = [x.shape[x.shape.length - 1]];
      if (!sameShape(gain.shape, features) || !sameShape(bias.shape, features)) {
        throw mismatch(op, [x, gain, bias], 'one gain and one bias per feature');
      }
      return [{ shape: x.shape, type: x.type }];
    },
    gradient: (g, { inputs: [x, gain], attributes: { epsilon } }, [dy]) => {
      const last = [x.shape.length - 1];
      const centred = g.sub(x, g.reduceMean(x, last));
      const inverse = inverseRms(g, centred, epsilon);
      const normalised = g.mul(centred, inverse);
      return [
        () => {
          const scaled = g.mul(dy!, gain);
          const mean = g.reduceMean(g.mul(scaled, normalised), last);
          return g.mul(g.sub(g.sub(scaled, g.reduceMean(scaled, last)), g.mul(normalised, mean)), inverse);
        },
        () => reduceTo(g, g.mul(dy!, normalised), gain.shape),
        () => reduceTo(g, dy!, gain.shape),
      ];
    },
    emit: (e, { inputs, outputs, attributes }) =>
      e.node('LayerNormalization', names(inputs), names(outputs), {
        axis: { int: -1 },
        epsilon: { float: attributes.epsilon },
      }),
  },

  // A rotation is undone by the opposite angle: dx = rotate(dy, -angle).
  RotaryEmbedding: {
    infer: ([x, positions, cos, sin], { numHeads }, op) => {
      const [B, T, features] = x.shape;
      const tables = cos.shape.length === 2 && sameShape(cos.shape, sin.shape) && T <= cos.shape[0];
      const fits = x.shape.length === 3 && sameShape(positions.shape, [B, T]) && tables;
      if (!fits || features % numHeads !== 0 || 2 * cos.shape[1] > features / numHeads) {
        throw mismatch(op, [x, positions, cos, sin], '(B, T, H·D), (B, T), (P, R/2), (P, R/2) with R <= D and T <= P');
      }
      return [{ shape: x.shape, type: x.type }];
    },
    gradient: (g, { inputs: [, positions, cos, sin], attributes }, [dy]) => [
      () => g.apply('RotaryEmbedding', [dy!, positions, cos, g.apply('Neg', [sin], {})[0]], attributes)[0],
      undefined,
      undefined,
      undefined,
    ],
    emit: emitRotaryEmbedding,
  },

  // S = scale·QKᵀ + mask, P = softmax(S), O = PV (Vaswani et al. 2017; query heads that share a key/value head are
  // stacked along the sequence, so shared keys need no copies).
  // dV = PᵀdO, dP = dO·Vᵀ, dS = P∘(dP - rowsum(dO∘O)), dQ = scale·dS·K, dK = scale·dSᵀ·Q (Dao et al. 2022, B.2).
  Attention: {
    infer: ([q, k, v, mask], _attributes, op) => {
      const [B, H, T, D] = q.shape;
      const [, K, S] = k.shape;
      const fits =
        q.shape.length === 4 && sameShape(k.shape, [B, K, S, D]) && sameShape(v.shape, k.shape) && H % K === 0;
      if (!fits || !(sameShape(mask.shape, [B, 1, T, S]) || sameShape(mask.shape, [1, 1, T, S]))) {
        throw mismatch(op, [q, k, v, mask], '(B, H, T, D), (B, K, S, D), (B, K, S, D), (B or 1, 1, T, S)');
      }
      return [
        { shape: q.shape, type: q.type },
        { shape: [B, H, T, S], type: q.type },
      ];
    },
    gradient: (g, { op, inputs: [q, k, v], outputs: [o, p], attributes: { scale } }, [dO, dP]) => {
      if (!dO || dP) throw onlyFirstOutput(op);
      const [B, H, T, D] = q.shape;
      const [, K, S] = k.shape;
      const stacked = (x: Value, width: number) => g.reshape(x, [B, K, (H / K) * T, width]);
      const dStack = stacked(dO, D);
      let dScores: Value | undefined;
      const dS = () => {
        dScores ??= (() => {
          const dWeights = g.reshape(g.matMul(dStack, v, { transB: true }), [B, H, T, S]);
          const rowSum = g.reduceSum(g.mul(dO, o), [3]);
          return stacked(g.mul(p, g.sub(dWeights, rowSum)), S);
        })();
        return dScores;
      };
      return [
        () => g.reshape(g.matMul(dS(), k, { alpha: scale }), q.shape),
        () => g.matMul(dS(), stacked(q, D), { transA: true, alpha: scale }),
        () => g.matMul(stacked(p, S), dStack, { transA: true }),
        undefined,
      ];
    },
    emit: (e, { inputs: [q, k, v, mask], outputs: [o, p], attributes: { scale } }) => {
      const [B, H, T, D] = q.shape;
      const [, K, S] = k.shape;
      const reshape = (name: string, shape: Shape, output = e.temporary()) => {
        e.node('Reshape', [name, e.int64s(shape)], [output]);
        return { name: output, shape };
      };
      const scores = e.temporary();
      const stackedQ = reshape(q.name, [B, K, (H / K) * T, D]);
      emitMatMul(e, [stackedQ, k], scores, { transB: true, alpha: scale });
      const masked = e.temporary();
      e.node('Add', [reshape(scores, [B, H, T, S]).name, mask.name], [masked]);
      e.node('Softmax', [masked], [p.name], { axis: { int: -1 } });
      const mixed = e.temporary();
      emitMatMul(e, [reshape(p.name, [B, K, (H / K) * T, S]), v], mixed, {});
      reshape(mixed, o.shape, o.name);
    },
    flops: ({ inputs: [q], outputs: [, p] }) => 4 * p.shape.reduce((n, m) => n * m, 1) * q.shape[3],
  },

  // loss = logsumexp(x·Wᵀ) - (x·Wᵀ)[label]; dLogits = (P - onehot)·dLoss. The one-hot part is subtracted in place, and
  // the per-row factor is applied to the (N, C) side of each product rather than to the (N, V) side.
  LinearCrossEntropy: {
    infer: ([x, weight, labels], _attributes, op) => {
      const [N, C] = x.shape;
      const matrices = x.shape.length === 2 && weight.shape.length === 2;
      if (!matrices || weight.shape[1] !== C || !sameShape(labels.shape, [N]))
        throw mismatch(op, [x, weight, labels], '(N, C), (V, C), (N)');
      return [
        { shape: [N, 1], type: x.type },
        { shape: [N, weight.shape[0]], type: x.type },
        { shape: [N, 1], type: x.type },
      ];
    },
    gradient: (g, { op, inputs: [x, weight, labels], outputs: [, p] }, [dLoss, dP, dMargin]) => {
      if (!dLoss || dP || dMargin) throw onlyFirstOutput(op);
      const N = x.shape[0];
      const column = g.apply('Unsqueeze', [labels], { axis: 1 })[0];
      const minusOnes = g.constant(new Array<number>(N).fill(-1), [N, 1]);
      const dLogits = g.apply('ScatterElements', [p, column, minusOnes], { axis: 1 })[0];
      return [
        () => g.mul(g.gemm(dLogits, weight), dLoss),
        () => g.gemm(dLogits, g.mul(x, dLoss), undefined, { transA: true }),
        undefined,
      ];
    },
    emit: (e, { inputs: [x, weight, labels], outputs: [loss, p, margin] }) => {
      const logits = e.temporary();
      e.node('Gemm', [x.name, weight.name], [logits], { transB: { int: 1 } });
      e.node('Softmax', [logits], [p.name], { axis: { int: -1 } });
      // logsumexp = max(logits) - log(max(P)), both of which are one pass and never overflow. The target is subtracted
      // before the logarithm, so that a small loss does not drown in the rounding of large logits.
      const last = e.int64s([-1]);
      const [maxLogit, maxP, logMaxP, column, target] = [0, 1, 2, 3, 4].map(() => e.temporary());
      e.node('ReduceMax', [logits, last], [maxLogit], { keepdims: { int: 1 } });
      e.node('ReduceMax', [p.name, last], [maxP], { keepdims: { int: 1 } });
      e.node('Log', [maxP], [logMaxP]);
      e.node('Unsqueeze', [labels.name, e.int64s([1])], [column]);
      e.node('GatherElements', [logits, column], [target], { axis: { int: 1 } });
      e.node('Sub', [maxLogit, target], [margin.name]);
      e.node('Sub', [margin.name, logMaxP], [loss.name]);
    },
    flops: ({ inputs: [x], outputs: [, p] }) => 2 * p.shape[0] * p.shape[1] * x.shape[1],
  },

  TopK: {
    infer: ([x], { k }, op) => {
      const isVector = x.shape.length === 1 && x.type !== 'int64';
      if (!isVector || !(Number.isInteger(k) && k >= 1 && k <= x.shape[0])) {
        throw mismatch(op, [x], `a vector of at least ${k} numbers`);
      }
      return [
        { shape: [k], type: x.type },
        { shape: [k], type: 'int64' },
      ];
    },
    gradient: (g, { op, inputs: [x], outputs: [, places] }, [dy]) => {
      if (!dy) throw onlyFirstOutput(op);
      const zeros = g.constant(new Array<number>(x.shape[0]).fill(0), x.shape);
      return [() => g.apply('ScatterElements', [zeros, places, dy], { axis: 0 })[0]];
    },
    emit: (e, { inputs: [x], outputs, attributes: { k } }) => e.node('TopK', [x.name, e.int64s([k])], names(outputs)),
  },
};

function emitRotaryEmbedding(e: OnnxEmitter, node: Node<'RotaryEmbedding'>): void {
  const [x, positions, cos, sin] = node.inputs;
  const [y] = node.outputs;
  const { numHeads } = node.attributes;
  const [B, T, features] = x.shape;
  const headDim = features / numHeads;
  const half = cos.shape[1];
  if (e.type === 'float32') {
    e.node(
      'RotaryEmbedding',
      names(node.inputs),
      [y.name],
      {
        num_heads: { int: numHeads },
        interleaved: { int: 0 },
        ...(2 * half < headDim && { rotary_embedding_dim: { int: 2 * half } }),
      },
      MICROSOFT,
    );
    return;
  }
  // Double precision (gradient checks): [a, b] -> [a·cos - b·sin, b·cos + a·sin] on the two halves of the rotated part.
  const table = (source: string) => {
    const [rows, spreadOverHeads] = [e.temporary(), e.temporary()];
    e.node('Gather', [source, positions.name], [rows], { axis: { int: 0 } });
    e.node('Reshape', [rows, e.int64s([B, T, 1, half])], [spreadOverHeads]);
    return spreadOverHeads;
  };
  const binary = (op: string, a: string, b: string) => {
    const out = e.temporary();
    e.node(op, [a, b], [out]);
    return out;
  };
  const heads = e.temporary();
  e.node('Reshape', [x.name, e.int64s([B, T, numHeads, headDim])], [heads]);
  const slice = (from: number, to: number) => {
    const out = e.temporary();
    e.node('Slice', [heads, e.int64s([from]), e.int64s([to]), e.int64s([3])], [out]);
    return out;
  };
  const [a, b, c, s] = [slice(0, half), slice(half, 2 * half), table(cos.name), table(sin.name)];
  const parts = [
    binary('Sub', binary('Mul', a, c), binary('Mul', b, s)),
    binary('Add', binary('Mul', b, c), binary('Mul', a, s)),
  ];
  if (2 * half < headDim) parts.push(slice(2 * half, headDim));
  const joined = e.temporary();
  e.node('Concat', parts, [joined], { axis: { int: 3 } });
  e.node('Reshape', [joined, e.int64s([B, T, features])], [y.name]);
}
