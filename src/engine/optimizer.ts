/**
 * @file AdamW and plain gradient descent on components: each component has its own rate multiplier, its own mask and
 * its own step count, and optimizer state only while it is active.
 */
import { FineTuneError } from '../errors.ts';
import type { Parameter, ParameterStore } from './parameters.ts';

/** A rectangle of a weight. One-dimensional weights count as columns of one element: `cols` is 1. */
export interface ParameterSlice {
  readonly tensor: string;
  readonly rowStart: number;
  readonly rowCount: number;
  readonly colStart: number;
  readonly colCount: number;
}

/** A set of slices that is scored, steered and masked as one. */
export interface ParameterGroup {
  readonly id: string;
  readonly slices: readonly ParameterSlice[];
}

/** Where the gradient of a slice lies in its parameter's gradient buffer, in elements. */
export interface GradientPlace {
  readonly offset: number;
  readonly stride: number;
}

/**
 * Weights of which only some rows have a gradient, by name: which rows, ascending. Their gradients lie one after the other
 * at the start of the buffer. The other rows and their moments stay as they are, and the step count is that of the
 * component, as in torch.optim.SparseAdam.
 */
export type SparseRows = ReadonlyMap<string, Int32Array>;

export interface OptimizerOptions {
  /** `sgd` is plain gradient descent (the proposals' literal form). @default 'adamw' */
  readonly algorithm?: 'adamw' | 'sgd';
  /** @default 0.9 */
  readonly beta1?: number;
  /** @default 0.95 */
  readonly beta2?: number;
  /** @default 1e-8 */
  readonly epsilon?: number;
  /** Decoupled weight decay per unit of learning rate. @default 0.01 */
  readonly weightDecay?: number;
  /** Which tensors decay. @default matrices only, not gains and biases */
  readonly decays?: (parameter: Parameter) => boolean;
}

export interface OptimizerStep {
  readonly learningRate: number;
  /** Rate multiplier of each component. */
  readonly lrScale: ArrayLike<number>;
  /** 0: the component is not touched, its state is given up. */
  readonly updateMask: ArrayLike<number>;
  /** Place of each active slice's gradient. */
  readonly place: (slice: ParameterSlice) => GradientPlace;
  /** Factor on every gradient (clipping). */
  readonly gradientScale: number;
  /** @default every row of every weight has a gradient */
  readonly rows?: SparseRows;
}

/**
 * The optimizer of one run. Equations and order of operations are those of torch.optim.AdamW (Loshchilov & Hutter
 * 2019): with `lrScale = 1` and `updateMask = 1` everywhere a component is updated bit for bit as any other slicing
 * of the same weights would be.
 */
export class Optimizer {
  /** Steps each component has taken since it became active; 0 means that it has no state. */
  readonly stepCounts: Int32Array;
  readonly #options: Required<OptimizerOptions>;

  constructor(
    readonly store: ParameterStore,
    readonly components: readonly ParameterGroup[],
    options: OptimizerOptions = {},
  ) {
    this.#options = {
      algorithm: 'adamw',
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0.01,
      decays: (parameter) => parameter.shape.length > 1,
      ...options,
    };
    this.stepCounts = new Int32Array(components.length);
  }

  /** Euclidean norm of the gradient over the active components (before clipping). */
  gradientNorm(updateMask: ArrayLike<number>, place: OptimizerStep['place'], rows?: SparseRows): number {
    let sum = 0;
    this.components.forEach((component, c) => {
      if (updateMask[c]) sum += this.#sumOfSquares(component, place, rows);
    });
    return Math.sqrt(sum);
  }

  /** Squared norm of the gradient of each active component; 0 for the others. */
  squaredNorms(updateMask: ArrayLike<number>, place: OptimizerStep['place']): Float64Array {
    return Float64Array.from(this.components, (component, c) =>
      updateMask[c] ? this.#sumOfSquares(component, place) : 0,
    );
  }

  step({ learningRate, lrScale, updateMask, place, gradientScale, rows: sparseRows }: OptimizerStep): void {
    const { algorithm, beta1, beta2, epsilon, weightDecay, decays } = this.#options;
    this.components.forEach((component, c) => {
      if (!updateMask[c]) {
        this.#releaseState(c);
        return;
      }
      const t = ++this.stepCounts[c];
      const rate = learningRate * lrScale[c];
      for (const slice of component.slices) {
        const parameter = parameterOf(this.store, slice);
        const decay = decays(parameter) ? 1 - rate * weightDecay : 1;
        const kernels = parameter.kernels!;
        // The kernel works with the float32 values of the betas; so must their powers.
        const corrected = rate / (1 - Math.fround(beta1) ** t);
        const c2 = 1 / (1 - Math.fround(beta2) ** t);
        for (const part of partsOf(parameter, slice, place(slice), sparseRows?.get(slice.tensor))) {
          const { p, g, m, v, rows, cols, pStride, gStride } = part;
          if (algorithm === 'sgd') {
            kernels.sgd(p, pStride, g, gStride, rows, cols, decay, rate, gradientScale);
            continue;
          }
          kernels.adamw(
            p,
            pStride,
            g,
            gStride,
            m,
            v,
            rows,
            cols,
            beta1,
            beta2,
            epsilon,
            decay,
            corrected,
            c2,
            gradientScale,
          );
        }
      }
    });
  }

  /** The optimizer state of a component: its moments, slice after slice. Empty when it has none. */
  moments(c: number): Float32Array[] {
    if (this.stepCounts[c] === 0 || this.#options.algorithm === 'sgd') return [];
    return this.components[c].slices.flatMap((slice) => {
      const parameter = parameterOf(this.store, slice);
      const start = stateOffset(parameter, slice);
      const end = start + slice.rowCount * slice.colCount;
      return [parameter.first.subarray(start, end), parameter.second.subarray(start, end)];
    });
  }

  /** Gives up the state of the components that are masked. */
  release(updateMask: ArrayLike<number>): void {
    this.components.forEach((_, c) => {
      if (!updateMask[c]) this.#releaseState(c);
    });
  }

  #sumOfSquares(component: ParameterGroup, place: OptimizerStep['place'], sparseRows?: SparseRows): number {
    let sum = 0;
    for (const slice of component.slices) {
      const parameter = parameterOf(this.store, slice);
      for (const part of partsOf(parameter, slice, place(slice), sparseRows?.get(slice.tensor))) {
        sum += parameter.kernels!.sumOfSquares(part.g, part.gStride, part.rows, part.cols);
      }
    }
    return sum;
  }

  #releaseState(c: number): void {
    for (const moment of this.moments(c)) moment.fill(0);
    this.stepCounts[c] = 0;
  }
}

function parameterOf(store: ParameterStore, slice: ParameterSlice): Parameter {
  const parameter = store.get(slice.tensor);
  if (!parameter?.kernels) {
    throw new FineTuneError('INTERNAL', `Component slice names ${slice.tensor}, which is not a trainable parameter.`);
  }
  return parameter;
}

/** Number of columns of a parameter as slices count them. */
export function columnsOf(parameter: Parameter): number {
  return parameter.shape.length === 1 ? 1 : parameter.shape[1];
}

/**
 * Where the moments of a slice begin. The slices of a tensor partition it either by rows or by columns, so a slice
 * owns the contiguous block that begins after all rows above it, or all columns left of it.
 */
function stateOffset(parameter: Parameter, slice: ParameterSlice): number {
  const rows = parameter.shape[0];
  return slice.colCount === columnsOf(parameter) ? slice.rowStart * slice.colCount : slice.colStart * rows;
}

/** What the kernels go through: the whole slice, or the given rows of it one by one. */
function partsOf(parameter: Parameter, slice: ParameterSlice, place: GradientPlace, rows: Int32Array | undefined) {
  if (!rows) return [addresses(parameter, slice, place)];
  const cols = columnsOf(parameter);
  return Array.from(rows, (row, i) =>
    addresses(
      parameter,
      { ...slice, rowStart: row, rowCount: 1 },
      { offset: place.offset + i * cols, stride: place.stride },
    ),
  );
}

function addresses(parameter: Parameter, slice: ParameterSlice, place: GradientPlace) {
  const cols = columnsOf(parameter);
  const byteOf = (array: Float32Array, element: number) => array.byteOffset + 4 * element;
  const at = {
    p: byteOf(parameter.weights, slice.rowStart * cols + slice.colStart),
    g: byteOf(parameter.gradient, place.offset),
    m: byteOf(parameter.first, stateOffset(parameter, slice)),
    v: byteOf(parameter.second, stateOffset(parameter, slice)),
  };
  // Whole rows are one long row: fewer, longer loops.
  if (slice.colCount === cols && place.stride === cols) {
    return { ...at, rows: 1, cols: slice.rowCount * cols, pStride: 0, gStride: 0 };
  }
  return { ...at, rows: slice.rowCount, cols: slice.colCount, pStride: cols, gStride: place.stride };
}
