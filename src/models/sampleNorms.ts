/**
 * @file Squared gradient norms of single samples, component by component, without computing any weight gradient for
 * the optimizer: what the error map is made of (method: E_c = mean over samples of ||dL_i/dtheta_c||²).
 *
 * For one sample with inputs A (T, in) and output gradients G (T, out) the weight gradient is Gᵀ·A. Its squared norm is
 * either read off that product, or, where T is small against the matrix, it is the sum of (A·Aᵀ)∘(G·Gᵀ) (the "ghost
 * norm"; Goodfellow 2015, Li et al. 2021), which costs T²·(in + out) instead of T·in·out.
 */
import type { Graph, Value } from '../engine/graph.ts';
import type { ParameterSlice } from '../engine/optimizer.ts';

/** Squared norms of the slices of one weight: `value` is (B, n), `slices[i]` sums columns `from` to `to`. */
export interface SampleNorms {
  readonly value: Value;
  readonly slices: readonly { readonly slice: ParameterSlice; readonly from: number; readonly to: number }[];
}

/**
 * Appends the per-sample squared norms of a weight's gradient, cut into slices.
 *
 * @param gradient the gradient of the weight as backward.ts made it: a product Gᵀ·A over all B·T tokens, or, for
 *   vectors, a sum over tokens.
 * @param slices a partition of the weight by rows or by columns (vectors: one slice or several of rows).
 */
export function appendSampleNorms(
  g: Graph,
  gradient: Value,
  batch: number,
  slices: readonly ParameterSlice[],
): SampleNorms {
  if (gradient.shape.length === 1) return vectorNorms(g, gradient, batch, slices);
  const { dy, x } = productOf(gradient);
  const T = dy.shape[0] / batch;
  const [outs, ins] = gradient.shape;
  const byRows = slices[0].colCount === ins;
  const unit = slices.reduce(
    (divisor, s) => gcd(gcd(divisor, byRows ? s.rowStart : s.colStart), byRows ? s.rowCount : s.colCount),
    0,
  );
  const pieces = (byRows ? outs : ins) / unit;
  const ghost = T * (outs + ins) < outs * ins;
  const value = ghost
    ? ghostNorms(g, byRows ? dy : x, byRows ? x : dy, batch, T, pieces)
    : directNorms(g, dy, x, batch, T, pieces, byRows);
  return {
    value,
    slices: slices.map((slice) => {
      const from = (byRows ? slice.rowStart : slice.colStart) / unit;
      return { slice, from, to: from + (byRows ? slice.rowCount : slice.colCount) / unit };
    }),
  };
}

/** `cut` (M, n) is divided into `pieces`, `whole` (M, m) is not. Result (B, pieces). */
function ghostNorms(g: Graph, cut: Value, whole: Value, B: number, T: number, pieces: number): Value {
  const width = cut.shape[1] / pieces;
  const perPiece = g.transpose(g.reshape(cut, [B, T, pieces, width]), [0, 2, 1, 3]); // (B, pieces, T, width)
  const cutGram = g.matMul(perPiece, perPiece, { transB: true }); // (B, pieces, T, T)
  const stacked = g.reshape(whole, [B, 1, T, whole.shape[1]]);
  const wholeGram = g.matMul(stacked, stacked, { transB: true }); // (B, 1, T, T)
  return g.reduceSum(g.mul(cutGram, wholeGram), [2, 3], false);
}

function directNorms(g: Graph, dy: Value, x: Value, B: number, T: number, pieces: number, byRows: boolean): Value {
  const [outs, ins] = [dy.shape[1], x.shape[1]];
  const perSample = g.matMul(g.reshape(dy, [B, T, outs]), g.reshape(x, [B, T, ins]), { transA: true }); // (B, out, in)
  const shape = byRows ? [B, pieces, (outs / pieces) * ins] : [B, outs, pieces, ins / pieces];
  const axes = byRows ? [2] : [1, 3];
  return g.apply('ReduceSumSquare', [g.reshape(perSample, shape)], { axes, keepdims: false })[0];
}

function vectorNorms(g: Graph, gradient: Value, B: number, slices: readonly ParameterSlice[]): SampleNorms {
  const terms = summandsOf(gradient);
  const n = gradient.shape[0];
  const perToken = terms.shape.reduce((p, length) => p * length, 1) / (B * n);
  const perSample = g.reduceSum(g.reshape(terms, [B, perToken, n]), [1], false); // (B, n)
  return {
    value: g.mul(perSample, perSample),
    slices: slices.map((slice) => ({ slice, from: slice.rowStart, to: slice.rowStart + slice.rowCount })),
  };
}

/** The factors of a weight gradient that backward.ts wrote as Gemm(G, A, transA). */
export function productOf(gradient: Value): { dy: Value; x: Value } {
  const node = gradient.node!;
  if (node.op !== 'Gemm') throw new TypeError(`${gradient.name} is made by ${node.op}, not by a product`);
  return { dy: node.inputs[0], x: node.inputs[1] };
}

/** The values that a vector's gradient is the sum of. */
function summandsOf(gradient: Value): Value {
  let value = gradient;
  while (value.node!.op === 'Reshape') value = value.node!.inputs[0];
  if (value.node!.op !== 'ReduceSum')
    throw new TypeError(`${gradient.name} is made by ${value.node!.op}, not by a sum`);
  return value.node!.inputs[0];
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
