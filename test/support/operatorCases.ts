/**
 * @file For every operator: small cases with a reference written as plain loops over elements (it shares nothing with
 * the engine), and input shapes that the operator must refuse. Used on the CPU and on other devices alike.
 */
import { Graph, type Shape, sizeOf, type Value } from '../../src/engine/graph.ts';
import type { OpAttributes, OpType } from '../../src/engine/ops.ts';
import { randomNumbers } from './numeric.ts';

/** A tensor of a case: row-major numbers. */
export interface PlainTensor {
  readonly shape: Shape;
  readonly data: readonly number[];
  /** @default a floating-point number */
  readonly integer?: 'int64' | 'int8';
}

export interface OperatorCase {
  readonly op: OpType;
  readonly name: string;
  readonly inputs: readonly PlainTensor[];
  readonly attributes: OpAttributes[OpType];
  /** Elements of every output, computed with plain loops in double precision. */
  reference(inputs: readonly (readonly number[])[]): number[][];
  /** Indices of the inputs whose gradient of sum(outputs[0] * random) is checked. @default every floating-point input */
  readonly differentiable: readonly number[];
}

/** Operators whose further outputs have no gradient; the first output of all is differentiated. */
export const FIRST_OUTPUT_ONLY: ReadonlySet<OpType> = new Set(['Attention', 'LinearCrossEntropy', 'TopK']);

/**
 * ONNX Runtime's CPU provider computes the error function in float32 only, so these cases have no double-precision
 * graph.
 */
export function hasDoubleKernels({ op, attributes }: OperatorCase): boolean {
  return (
    op !== 'Erf' &&
    op !== 'DynamicQuantizeMatMul' &&
    !(op === 'Gelu' && (attributes as OpAttributes['Gelu']).approximate === 'none')
  );
}

/** A graph that holds just the operator. */
export function graphOfCase(
  { op, inputs, attributes }: OperatorCase,
  type: 'float32' | 'float64',
): { graph: Graph; inputs: Value[]; outputs: Value[] } {
  const graph = new Graph(type);
  const values = inputs.map((x, i) => graph.input(`x${i}`, x.shape, x.integer ?? type));
  return { graph, inputs: values, outputs: graph.apply(op, values, attributes as never) };
}

let seed = 0;
const uniform = (shape: Shape, low = -1, high = 1): PlainTensor => ({
  shape,
  data: randomNumbers(sizeOf(shape), ++seed, low, high),
});
const numbers = (shape: Shape, data: readonly number[]): PlainTensor => ({ shape, data });
const integers = (shape: Shape, data: readonly number[]): PlainTensor => ({ shape, data, integer: 'int64' });
const bytes = (shape: Shape, data: readonly number[]): PlainTensor => ({ shape, data, integer: 'int8' });

function define<Op extends OpType>(
  op: Op,
  name: string,
  inputs: readonly PlainTensor[],
  attributes: OpAttributes[Op],
  reference: OperatorCase['reference'],
  differentiable = inputs.flatMap((x, i) => (x.integer ? [] : [i])),
): OperatorCase {
  return { op, name, inputs, attributes, reference, differentiable };
}

/** All index vectors of a shape in row-major order. */
function indicesOf(shape: Shape): number[][] {
  let all: number[][] = [[]];
  for (const length of shape) all = all.flatMap((index) => Array.from({ length }, (_, i) => [...index, i]));
  return all;
}

/** Row-major position of an index vector. */
function position(shape: Shape, index: readonly number[]): number {
  let at = 0;
  for (let axis = 0; axis < shape.length; axis++) at = at * shape[axis] + index[axis];
  return at;
}

/** Position in a tensor that broadcasts to the index vector's shape. */
function broadcastPosition(shape: Shape, index: readonly number[]): number {
  const tail = index.slice(index.length - shape.length);
  return position(
    shape,
    tail.map((i, axis) => (shape[axis] === 1 ? 0 : i)),
  );
}

function arithmeticCases(op: 'Add' | 'Sub' | 'Mul' | 'Div', f: (a: number, b: number) => number): OperatorCase[] {
  const shapes: [string, Shape, Shape, Shape][] = [
    ['equal shapes', [2, 3], [2, 3], [2, 3]],
    ['a row over a matrix', [2, 3], [3], [2, 3]],
    ['a matrix under a stack', [3, 1], [2, 3, 2], [2, 3, 2]],
    ['both sides broadcast', [2, 1, 3], [4, 1], [2, 4, 3]],
    ['a scalar', [2, 2], [], [2, 2]],
    ['a single element of the same rank', [1, 1], [2, 2], [2, 2]],
    ['lengths of one on both sides', [1, 3], [1, 1, 3], [1, 1, 3]],
  ];
  return shapes.map(([name, a, b, y]) =>
    define(op, name, [uniform(a), uniform(b, 0.5, 2)], {}, ([x0, x1]) => [
      indicesOf(y).map((index) => f(x0[broadcastPosition(a, index)], x1[broadcastPosition(b, index)])),
    ]),
  );
}

type Unary = 'Neg' | 'Exp' | 'Sqrt' | 'Reciprocal' | 'Tanh' | 'Sigmoid' | 'Erf' | 'QuickGelu';

function unaryCase(op: Unary, f: (x: number) => number, x: PlainTensor): OperatorCase {
  return define(op, 'element by element', [x], {}, ([data]) => [data.map(f)]);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** erf by its Taylor series, good to 1e-12 for |x| < 3. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Softmax of each run of `width` elements. */
function softmaxRows(x: readonly number[], width: number): number[] {
  const y: number[] = [];
  for (let start = 0; start < x.length; start += width) {
    const row = x.slice(start, start + width);
    const largest = Math.max(...row);
    const powers = row.map((v) => Math.exp(v - largest));
    const total = powers.reduce((a, b) => a + b, 0);
    for (const power of powers) y.push(power / total);
  }
  return y;
}

function matMulCase(
  op: 'FusedMatMul' | 'Gemm',
  batch: Shape,
  [m, k, n]: readonly [number, number, number],
  attributes: OpAttributes['FusedMatMul'],
  addend?: Shape,
): OperatorCase {
  const { transA = false, transB = false, alpha = 1 } = attributes;
  const a = uniform([...batch, ...(transA ? [k, m] : [m, k])]);
  const b = uniform([...batch, ...(transB ? [n, k] : [k, n])]);
  const inputs = addend ? [a, b, uniform(addend)] : [a, b];
  const name = [
    `(${batch.length ? `${batch}, ` : ''}${m}, ${k}) x (${k}, ${n})`,
    transA && 'A transposed',
    transB && 'B transposed',
    alpha !== 1 && `times ${alpha}`,
    addend && `plus (${addend})`,
  ];
  return define(op, name.filter(Boolean).join(', '), inputs, attributes, ([A, B, C]) => {
    const y: number[] = [];
    for (let s = 0; s < sizeOf(batch); s++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) {
            sum += A[s * m * k + (transA ? l * m + i : i * k + l)] * B[s * k * n + (transB ? j * k + l : l * n + j)];
          }
          y.push(alpha * sum + (C ? C[C.length === n && addend!.length === 1 ? j : i * n + j] : 0));
        }
      }
    }
    return [y];
  });
}

const BOTH = [false, true];
const TRANSPOSITIONS = BOTH.flatMap((transA) => BOTH.map((transB) => ({ transA, transB })));

function reductionCases(
  op: 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare',
  finish: (values: readonly number[]) => number,
): OperatorCase[] {
  const cases: [Shape, number[], boolean][] = [
    [[2, 3], [1], true],
    [[2, 3], [0], false],
    [[2, 3, 2], [1], false],
    [[2, 3, 2], [0, 2], true],
    [[2, 3, 2], [0, 2], false],
    [[2, 3], [0, 1], false],
    [[1, 3], [0], true],
  ];
  return cases.map(([shape, axes, keepdims]) =>
    define(op, `(${shape}) over ${axes}${keepdims ? ', kept' : ''}`, [uniform(shape)], { axes, keepdims }, ([x]) => {
      const groups = new Map<string, number[]>();
      for (const index of indicesOf(shape)) {
        const key = index.filter((_, axis) => !axes.includes(axis)).join();
        groups.set(key, [...(groups.get(key) ?? []), x[position(shape, index)]]);
      }
      return [[...groups.values()].map(finish)];
    }),
  );
}

function normCase(op: 'SimplifiedLayerNormalization' | 'LayerNormalization', shape: Shape): OperatorCase {
  const width = shape[shape.length - 1];
  const epsilon = 2 ** -10; // exact in float32, which is how ONNX holds it
  const centre = op === 'LayerNormalization';
  const inputs = [uniform(shape, -2, 3), uniform([width], 0.5, 1.5), ...(centre ? [uniform([width])] : [])];
  return define(op, `(${shape})`, inputs, { epsilon }, ([x, gain, bias]) => {
    const y: number[] = [];
    for (let start = 0; start < x.length; start += width) {
      const row = x.slice(start, start + width);
      const mean = centre ? row.reduce((a, b) => a + b, 0) / width : 0;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
      row.forEach((v, j) => {
        y.push(((v - mean) / Math.sqrt(variance + epsilon)) * gain[j] + (bias?.[j] ?? 0));
      });
    }
    return [y];
  });
}

function rotaryCase(
  name: string,
  { B, T, H, D, R, P }: { B: number; T: number; H: number; D: number; R: number; P: number },
  positions: readonly number[],
): OperatorCase {
  const angles = Array.from({ length: P * (R / 2) }, (_, i) => Math.floor(i / (R / 2)) / 2 ** (i % (R / 2)));
  const cos = numbers([P, R / 2], angles.map(Math.cos));
  const sin = numbers([P, R / 2], angles.map(Math.sin));
  const inputs = [uniform([B, T, H * D]), integers([B, T], positions), cos, sin];
  return define(
    'RotaryEmbedding',
    name,
    inputs,
    { numHeads: H },
    ([x, rows, c, s]) => {
      const y = [...x];
      for (let token = 0; token < B * T; token++) {
        for (let head = 0; head < H; head++) {
          for (let j = 0; j < R / 2; j++) {
            const first = (token * H + head) * D + j;
            const second = first + R / 2;
            const entry = rows[token] * (R / 2) + j;
            y[first] = x[first] * c[entry] - x[second] * s[entry];
            y[second] = x[second] * c[entry] + x[first] * s[entry];
          }
        }
      }
      return [y];
    },
    [0],
  );
}

function attentionCase(
  name: string,
  { B, H, K, T, S, D }: { B: number; H: number; K: number; T: number; S: number; D: number },
  mask: PlainTensor,
): OperatorCase {
  const scale = 0.7;
  const inputs = [uniform([B, H, T, D], -2, 2), uniform([B, K, S, D], -2, 2), uniform([B, K, S, D]), mask];
  return define(
    'Attention',
    name,
    inputs,
    { scale },
    ([q, k, v, additive]) => {
      const o: number[] = [];
      const p: number[] = [];
      for (let b = 0; b < B; b++) {
        for (let h = 0; h < H; h++) {
          const kv = b * K + Math.floor(h / (H / K));
          for (let t = 0; t < T; t++) {
            const scores: number[] = [];
            for (let s = 0; s < S; s++) {
              let product = 0;
              for (let d = 0; d < D; d++) product += q[((b * H + h) * T + t) * D + d] * k[(kv * S + s) * D + d];
              scores.push(scale * product + additive[((mask.shape[0] === 1 ? 0 : b) * T + t) * S + s]);
            }
            const weights = softmaxRows(scores, S);
            p.push(...weights);
            for (let d = 0; d < D; d++) {
              o.push(weights.reduce((sum, w, s) => sum + w * v[(kv * S + s) * D + d], 0));
            }
          }
        }
      }
      return [o, p];
    },
    [0, 1, 2],
  );
}

const MASKED = -1e9;
const causalMask = (T: number, S: number): PlainTensor =>
  numbers(
    [1, 1, T, S],
    indicesOf([T, S]).map(([t, s]) => (s <= t + S - T ? 0 : MASKED)),
  );

function crossEntropyCase(name: string, x: PlainTensor, weight: PlainTensor, labels: readonly number[]): OperatorCase {
  const [N, C] = x.shape;
  const [V] = weight.shape;
  const inputs = [x, weight, integers([N], labels)];
  return define('LinearCrossEntropy', name, inputs, {}, ([X, W, y]) => {
    const losses: number[] = [];
    const probabilities: number[] = [];
    const margins: number[] = [];
    for (let n = 0; n < N; n++) {
      const logits: number[] = [];
      for (let v = 0; v < V; v++) {
        let logit = 0;
        for (let c = 0; c < C; c++) logit += X[n * C + c] * W[v * C + c];
        logits.push(logit);
      }
      const largest = Math.max(...logits);
      const others = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
      losses.push(Math.log(others) + largest - logits[y[n]]);
      probabilities.push(...softmaxRows(logits, V));
      margins.push(largest - logits[y[n]]);
    }
    return [losses, probabilities, margins];
  });
}

function sliceCase(name: string, shape: Shape, attributes: OpAttributes['Slice']): OperatorCase {
  const { axis, start, end } = attributes;
  return define('Slice', name, [uniform(shape)], attributes, ([x]) => [
    indicesOf(shape)
      .filter((index) => index[axis] >= start && index[axis] < end)
      .map((index) => x[position(shape, index)]),
  ]);
}

function padCase(name: string, shape: Shape, attributes: OpAttributes['Pad']): OperatorCase {
  const { axis, before, after } = attributes;
  const padded = shape.with(axis, before + shape[axis] + after);
  return define('Pad', name, [uniform(shape)], attributes, ([x]) => [
    indicesOf(padded).map((index) => {
      const source = index.with(axis, index[axis] - before);
      return source[axis] >= 0 && source[axis] < shape[axis] ? x[position(shape, source)] : 0;
    }),
  ]);
}

function concatCase(shapes: readonly Shape[], axis: number): OperatorCase {
  const name = `${shapes.map((shape) => `(${shape})`).join(' and ')} on axis ${axis}`;
  const length = shapes.reduce((sum, shape) => sum + shape[axis], 0);
  return define(
    'Concat',
    name,
    shapes.map((shape) => uniform(shape)),
    { axis },
    (parts) => [
      indicesOf(shapes[0].with(axis, length)).map((index) => {
        let i = index[axis];
        let part = 0;
        while (i >= shapes[part][axis]) i -= shapes[part++][axis];
        return parts[part][position(shapes[part], index.with(axis, i))];
      }),
    ],
  );
}

function gatherCase(shape: Shape, axis: number, picks: readonly number[]): OperatorCase {
  const name = `${picks} of (${shape}) on axis ${axis}`;
  return define('Gather', name, [uniform(shape), integers([picks.length], picks)], { axis }, ([x, rows]) => [
    indicesOf(shape.with(axis, picks.length)).map((index) => x[position(shape, index.with(axis, rows[index[axis]]))]),
  ]);
}

function scatterCase(shape: Shape, axis: number, places: PlainTensor): OperatorCase {
  return define(
    'ScatterElements',
    `(${places.shape}) into (${shape}) on axis ${axis}`,
    [uniform(shape), places, uniform(places.shape)],
    { axis },
    ([x, at, updates]) => {
      const y = [...x];
      indicesOf(places.shape).forEach((index, i) => {
        y[position(shape, index.with(axis, at[i]))] += updates[i];
      });
      return [y];
    },
    [0],
  );
}

const spreadOut = numbers([2, 5], [-30, -4, -1.5, -0.5, -1e-3, 0, 0.25, 1, 3, 30]);

const gelu = {
  none: (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  tanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** The cases of each operator. */
export const OPERATOR_CASES: { readonly [Op in OpType]: readonly OperatorCase[] } = {
  Add: arithmeticCases('Add', (a, b) => a + b),
  Sub: arithmeticCases('Sub', (a, b) => a - b),
  Mul: arithmeticCases('Mul', (a, b) => a * b),
  Div: arithmeticCases('Div', (a, b) => a / b),
  Neg: [unaryCase('Neg', (x) => -x, uniform([2, 3]))],
  Exp: [unaryCase('Exp', Math.exp, uniform([2, 3], -3, 2))],
  Sqrt: [unaryCase('Sqrt', Math.sqrt, uniform([2, 3], 0.25, 4))],
  Reciprocal: [unaryCase('Reciprocal', (x) => 1 / x, uniform([2, 3], 0.5, 2))],
  Tanh: [unaryCase('Tanh', Math.tanh, spreadOut)],
  Sigmoid: [unaryCase('Sigmoid', sigmoid, spreadOut)],
  Erf: [unaryCase('Erf', erf, numbers([7], [-2.5, -1, -0.1, 0, 0.3, 1.2, 2.8]))],
  QuickGelu: [unaryCase('QuickGelu', (x) => x * sigmoid(x), spreadOut)],
  Gelu: (['none', 'tanh'] as const).map((approximate) =>
    define('Gelu', approximate, [numbers([9], [-4, -2, -1, -0.1, 0, 0.3, 1.2, 2.8, 4])], { approximate }, ([x]) => [
      x.map(gelu[approximate]),
    ]),
  ),
  FusedMatMul: [
    matMulCase('FusedMatMul', [], [2, 3, 4], {}),
    ...TRANSPOSITIONS.map((trans) => matMulCase('FusedMatMul', [2], [2, 3, 4], { ...trans, alpha: 0.5 })),
    ...TRANSPOSITIONS.map((trans) => matMulCase('FusedMatMul', [2, 2], [1, 3, 2], trans)),
  ],
  Gemm: [
    ...TRANSPOSITIONS.map((trans) => matMulCase('Gemm', [], [2, 3, 4], trans)),
    ...TRANSPOSITIONS.map((trans) => matMulCase('Gemm', [], [2, 3, 4], trans, [2, 4])),
    matMulCase('Gemm', [], [2, 3, 4], { transB: true }, [4]),
    matMulCase('Gemm', [], [3, 2, 3], {}, [3]),
  ],
  Reshape: [define('Reshape', '(2, 3, 2) as (4, 3)', [uniform([2, 3, 2])], { shape: [4, 3] }, ([x]) => [[...x]])],
  Transpose: [
    [2, 0, 1],
    [1, 2, 0],
    [0, 2, 1],
  ].map((perm) =>
    define('Transpose', `(2, 3, 4) by ${perm}`, [uniform([2, 3, 4])], { perm }, ([x]) => [
      indicesOf(perm.map((axis) => [2, 3, 4][axis])).map((index) => {
        const source = [0, 0, 0];
        perm.forEach((axis, i) => {
          source[axis] = index[i];
        });
        return x[position([2, 3, 4], source)];
      }),
    ]),
  ),
  Slice: [
    sliceCase('the start', [2, 4], { axis: 1, start: 0, end: 2 }),
    sliceCase('the middle', [4, 2, 2], { axis: 0, start: 1, end: 3 }),
    sliceCase('the end', [2, 3, 2], { axis: 1, start: 1, end: 3 }),
    sliceCase('all', [2, 3], { axis: 1, start: 0, end: 3 }),
  ],
  Pad: [
    padCase('before', [2, 2], { axis: 0, before: 2, after: 0 }),
    padCase('after', [2, 3], { axis: 1, before: 0, after: 1 }),
    padCase('both sides of the middle axis', [2, 2, 2], { axis: 1, before: 1, after: 2 }),
  ],
  Concat: [
    concatCase(
      [
        [2, 2],
        [1, 2],
        [3, 2],
      ],
      0,
    ),
    concatCase(
      [
        [2, 1, 2],
        [2, 3, 2],
      ],
      1,
    ),
    concatCase([[2, 3]], 1),
  ],
  DynamicQuantizeMatMul: [
    define(
      'DynamicQuantizeMatMul',
      'numbers that it holds exactly on any processor: 0 to 255, and weights up to 63',
      [
        numbers([3, 4], [0, 255, 17, 3, 255, 255, 255, 255, 1, 2, 3, 4]),
        bytes([4, 2], [63, -63, 63, -63, -1, 5, 63, -63]),
        numbers([2], [0.5, 0.25]),
      ],
      {},
      ([a, b, scales]) => [
        indicesOf([3, 2]).map(([row, column]) =>
          [0, 1, 2, 3].reduce((sum, k) => sum + a[row * 4 + k] * b[k * 2 + column] * scales[column], 0),
        ),
      ],
      [],
    ),
  ],
  Gather: [gatherCase([4, 2], 0, [3, 1, 1]), gatherCase([2, 3, 2], 1, [0, 2]), gatherCase([2, 3], 1, [1, 1, 0, 2])],
  ScatterElements: [
    scatterCase([3, 4], 1, integers([3, 1], [0, 3, 2])),
    scatterCase([3, 2], 0, integers([4, 2], [0, 1, 0, 0, 2, 2, 0, 1])),
  ],
  TopK: [
    define('TopK', '3 of 5', [numbers([5], [0.5, -2, 3, 1, 0.75])], { k: 3 }, ([x]) => [
      [x[2], x[3], x[4]],
      [2, 3, 4],
    ]),
    define('TopK', 'all', [numbers([3], [-1, 2, 0])], { k: 3 }, ([x]) => [
      [x[1], x[2], x[0]],
      [1, 2, 0],
    ]),
  ],
  Unsqueeze: [0, 1, 2].map((axis) =>
    define('Unsqueeze', `(2, 3) at ${axis}`, [uniform([2, 3])], { axis }, ([x]) => [[...x]]),
  ),
  ReduceSum: reductionCases('ReduceSum', (values) => values.reduce((a, b) => a + b, 0)),
  ReduceMean: reductionCases('ReduceMean', (values) => values.reduce((a, b) => a + b, 0) / values.length),
  ReduceSumSquare: reductionCases('ReduceSumSquare', (values) => values.reduce((sum, x) => sum + x * x, 0)),
  Softmax: [
    define('Softmax', 'rows', [uniform([2, 3], -3, 3)], {}, ([x]) => [softmaxRows(x, 3)]),
    define('Softmax', 'three axes', [uniform([2, 2, 4], -3, 3)], {}, ([x]) => [softmaxRows(x, 4)]),
    define('Softmax', 'masked and large', [numbers([2, 3], [80, 81, MASKED, MASKED, -90, -91])], {}, ([x]) => [
      softmaxRows(x, 3),
    ]),
  ],
  SimplifiedLayerNormalization: [[2, 4], [2, 2, 3], [5]].map((s) => normCase('SimplifiedLayerNormalization', s)),
  LayerNormalization: [[2, 4], [2, 2, 3], [5]].map((shape) => normCase('LayerNormalization', shape)),
  RotaryEmbedding: [
    rotaryCase('whole heads', { B: 1, T: 3, H: 2, D: 4, R: 4, P: 3 }, [0, 1, 2]),
    rotaryCase('half of each head', { B: 1, T: 2, H: 2, D: 8, R: 4, P: 4 }, [1, 3]),
    rotaryCase('other positions in each sequence', { B: 2, T: 2, H: 1, D: 4, R: 4, P: 5 }, [4, 0, 2, 2]),
    rotaryCase('partial, several sequences and heads', { B: 2, T: 2, H: 3, D: 6, R: 4, P: 5 }, [3, 4, 1, 2]),
  ],
  Attention: [
    attentionCase('causal, two sequences', { B: 2, H: 2, K: 2, T: 3, S: 3, D: 2 }, causalMask(3, 3)),
    attentionCase('grouped queries', { B: 2, H: 4, K: 2, T: 2, S: 2, D: 2 }, causalMask(2, 2)),
    attentionCase('all queries share one key head', { B: 1, H: 3, K: 1, T: 2, S: 2, D: 3 }, causalMask(2, 2)),
    attentionCase('fewer queries than keys', { B: 1, H: 2, K: 1, T: 2, S: 4, D: 2 }, causalMask(2, 4)),
    attentionCase(
      'a mask for each sequence',
      { B: 2, H: 1, K: 1, T: 2, S: 3, D: 2 },
      numbers([2, 1, 2, 3], [0, MASKED, 0.5, -1, 0, MASKED, 0, 0, 0, MASKED, MASKED, 0]),
    ),
  ],
  LinearCrossEntropy: [
    crossEntropyCase('several tokens', uniform([3, 2], -2, 2), uniform([5, 2], -2, 2), [4, 0, 4]),
    crossEntropyCase('one token', uniform([1, 3]), uniform([4, 3]), [2]),
    crossEntropyCase('large logits', uniform([2, 2], 5, 9), uniform([3, 2], -5, 5), [0, 1]),
  ],
};

/** Input shapes and attributes that must be refused with SHAPE_MISMATCH. */
export interface RefusedCase {
  readonly why: string;
  readonly inputs: readonly PlainTensor[];
  readonly attributes: OpAttributes[OpType];
}

function refuse<Op extends OpType>(
  _op: Op,
  why: string,
  shapes: readonly (Shape | PlainTensor)[],
  attributes: OpAttributes[Op],
): RefusedCase {
  const isShape = (x: Shape | PlainTensor): x is Shape => Array.isArray(x);
  return { why, attributes, inputs: shapes.map((x) => (isShape(x) ? numbers(x, []) : x)) };
}

const ids = (...shape: number[]): PlainTensor => integers(shape, []);

function refusedReductions(op: 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare'): RefusedCase[] {
  return [
    refuse(op, 'no such axis', [[2, 3]], { axes: [2], keepdims: true }),
    refuse(op, 'a negative axis', [[2, 3]], { axes: [-1], keepdims: true }),
    refuse(op, 'no axis', [[2, 3]], { axes: [], keepdims: true }),
  ];
}

/** Operators of one operand that is taken as it is have nothing to refuse. */
export const REFUSED_CASES: { readonly [Op in OpType]: readonly RefusedCase[] } = {
  Add: [refuse('Add', 'lengths differ', [[2, 3], [2]], {}), refuse('Add', 'element types differ', [[2], ids(2)], {})],
  Sub: [
    refuse(
      'Sub',
      'lengths differ',
      [
        [2, 3],
        [4, 3],
      ],
      {},
    ),
  ],
  Mul: [
    refuse(
      'Mul',
      'lengths differ',
      [
        [2, 3],
        [3, 2],
      ],
      {},
    ),
  ],
  Div: [refuse('Div', 'lengths differ', [[3], [2]], {})],
  Neg: [],
  Exp: [],
  Sqrt: [],
  Reciprocal: [],
  Tanh: [],
  Sigmoid: [],
  Erf: [],
  QuickGelu: [],
  Gelu: [],
  FusedMatMul: [
    refuse(
      'FusedMatMul',
      'inner lengths differ',
      [
        [2, 3],
        [4, 3],
      ],
      {},
    ),
    refuse(
      'FusedMatMul',
      'inner lengths differ when transposed',
      [
        [2, 3],
        [3, 4],
      ],
      { transB: true },
    ),
    refuse(
      'FusedMatMul',
      'batch lengths differ',
      [
        [2, 2, 3],
        [3, 3, 4],
      ],
      {},
    ),
    refuse(
      'FusedMatMul',
      'ranks differ',
      [
        [2, 2, 3],
        [3, 4],
      ],
      {},
    ),
    refuse('FusedMatMul', 'vectors', [[3], [3]], {}),
  ],
  Gemm: [
    refuse(
      'Gemm',
      'inner lengths differ',
      [
        [2, 3],
        [4, 3],
      ],
      {},
    ),
    refuse(
      'Gemm',
      'a stack',
      [
        [1, 2, 3],
        [3, 4],
      ],
      {},
    ),
    refuse('Gemm', 'an addend of another shape', [[2, 3], [3, 4], [2]], {}),
  ],
  Reshape: [refuse('Reshape', 'another number of elements', [[2, 3]], { shape: [5] })],
  Transpose: [
    refuse('Transpose', 'too few axes', [[2, 3]], { perm: [0] }),
    refuse('Transpose', 'an axis twice', [[2, 3]], { perm: [0, 0] }),
  ],
  Pad: [
    refuse('Pad', 'negative', [[2, 3]], { axis: 1, before: -1, after: 1 }),
    refuse('Pad', 'no such axis', [[2, 3]], { axis: 2, before: 0, after: 1 }),
  ],
  Slice: [
    refuse('Slice', 'past the end', [[2, 3]], { axis: 1, start: 1, end: 4 }),
    refuse('Slice', 'empty', [[2, 3]], { axis: 1, start: 1, end: 1 }),
    refuse('Slice', 'no such axis', [[2, 3]], { axis: 2, start: 0, end: 1 }),
  ],
  Concat: [
    refuse(
      'Concat',
      'other lengths differ',
      [
        [2, 3],
        [2, 4],
      ],
      { axis: 0 },
    ),
    refuse('Concat', 'ranks differ', [[2, 3], [2]], { axis: 1 }),
  ],
  DynamicQuantizeMatMul: [refuse('DynamicQuantizeMatMul', 'weights that are no bytes', [[2, 3], [3, 4], [4]], {})],
  Gather: [
    refuse('Gather', 'a matrix of indices', [[2, 3], ids(1, 2)], { axis: 0 }),
    refuse('Gather', 'indices that are no integers', [[2, 3], [2]], { axis: 0 }),
    refuse('Gather', 'no such axis', [[2, 3], ids(2)], { axis: 2 }),
  ],
  ScatterElements: [
    refuse('ScatterElements', 'another number of updates', [[2, 3], ids(2, 1), [2, 2]], { axis: 1 }),
    refuse('ScatterElements', 'another rank', [[2, 3], ids(2), [2]], { axis: 1 }),
  ],
  TopK: [
    refuse('TopK', 'more than there are', [[3]], { k: 4 }),
    refuse('TopK', 'none', [[3]], { k: 0 }),
    refuse('TopK', 'a matrix', [[2, 3]], { k: 1 }),
    refuse('TopK', 'ids', [ids(3)], { k: 1 }),
  ],
  Unsqueeze: [refuse('Unsqueeze', 'no such place', [[2, 3]], { axis: 3 })],
  ReduceSum: refusedReductions('ReduceSum'),
  ReduceMean: refusedReductions('ReduceMean'),
  ReduceSumSquare: refusedReductions('ReduceSumSquare'),
  Softmax: [],
  SimplifiedLayerNormalization: [
    refuse('SimplifiedLayerNormalization', 'a gain of another length', [[2, 3], [2]], { epsilon: 1e-6 }),
  ],
  LayerNormalization: [
    refuse('LayerNormalization', 'a gain of another length', [[2, 3], [2], [3]], { epsilon: 1e-6 }),
    refuse('LayerNormalization', 'a bias of another length', [[2, 3], [3], [2]], { epsilon: 1e-6 }),
  ],
  RotaryEmbedding: [
    refuse('RotaryEmbedding', 'other positions', [[1, 2, 4], ids(1, 3), [2, 2], [2, 2]], { numHeads: 1 }),
    refuse('RotaryEmbedding', 'heads that do not divide', [[1, 2, 4], ids(1, 2), [2, 1], [2, 1]], { numHeads: 3 }),
    refuse('RotaryEmbedding', 'more angles than features', [[1, 2, 4], ids(1, 2), [2, 2], [2, 2]], { numHeads: 2 }),
    refuse('RotaryEmbedding', 'tables that differ', [[1, 2, 4], ids(1, 2), [2, 2], [2, 1]], { numHeads: 1 }),
    refuse('RotaryEmbedding', 'fewer angles than tokens', [[1, 3, 4], ids(1, 3), [2, 2], [2, 2]], { numHeads: 1 }),
  ],
  Attention: [
    refuse(
      'Attention',
      'heads that do not divide',
      [
        [1, 3, 2, 2],
        [1, 2, 2, 2],
        [1, 2, 2, 2],
        [1, 1, 2, 2],
      ],
      { scale: 1 },
    ),
    refuse(
      'Attention',
      'other values',
      [
        [1, 2, 2, 2],
        [1, 2, 2, 2],
        [1, 2, 3, 2],
        [1, 1, 2, 2],
      ],
      { scale: 1 },
    ),
    refuse(
      'Attention',
      'a mask of another length',
      [
        [1, 2, 2, 2],
        [1, 2, 2, 2],
        [1, 2, 2, 2],
        [1, 1, 2, 3],
      ],
      { scale: 1 },
    ),
    refuse(
      'Attention',
      'other features',
      [
        [1, 2, 2, 3],
        [1, 2, 2, 2],
        [1, 2, 2, 2],
        [1, 1, 2, 2],
      ],
      { scale: 1 },
    ),
  ],
  LinearCrossEntropy: [
    refuse('LinearCrossEntropy', 'other features', [[2, 3], [5, 2], ids(2)], {}),
    refuse('LinearCrossEntropy', 'another number of labels', [[2, 3], [5, 3], ids(3)], {}),
    refuse('LinearCrossEntropy', 'a stack', [[1, 2, 3], [5, 3], ids(1)], {}),
  ],
};
