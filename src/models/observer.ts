/**
 * @file Collects the squared gradient norms of single samples by component, from what the decoder's sessions return:
 * slices of the layers' weights directly, embedding and LM head from products that are never materialised.
 */
import { sizeOf, type Value } from '../engine/graph.ts';
import type { ParameterGroup } from '../engine/optimizer.ts';
import { FineTuneError } from '../errors.ts';
import type { Batch } from './batch.ts';
import type { HeadGraph } from './blocks.ts';
import { lmHeadName, type ModelConfig } from './config.ts';
import { productOf, type SampleNorms } from './sampleNorms.ts';

/** Values that the embedding's and head's per-sample norms are made of, for one sample of N rows. */
export interface HeadNorms {
  /** Squared norm of the LM head's gradient, (1). */
  readonly head: Value;
  /** Squared norm of the final norm's gradient, (1). */
  readonly gains: Value;
  /** Tied only: dLogits at the sample's input ids, (N, N), and the weighted normalised states, (N, C). */
  readonly dLogitsAtInputs?: Value;
  readonly weighted?: Value;
}

const headNormsOf = new WeakMap<HeadGraph, HeadNorms & Record<string, Value>>();
/** Appends them to the head's graph, once. */
export function headNorms(head: HeadGraph, config: ModelConfig): HeadNorms & Record<string, Value> {
  let norms = headNormsOf.get(head);
  if (norms) return norms;
  const { graph: g } = head;
  const { dy: dLogits, x: weighted } = productOf(head.headGradient);
  const N = dLogits.shape[0];
  const [V, C] = head.headGradient.shape;
  const squared = (value: Value) =>
    g.apply('ReduceSumSquare', [g.reshape(value, [sizeOf(value.shape)])], { axes: [0], keepdims: true })[0];
  const ghost = isGhost(N, V, C);
  const gram = (value: Value) => g.gemm(value, value, undefined, { transB: true });
  const product = ghost
    ? g.reduceSum(g.reshape(g.mul(gram(dLogits), gram(weighted)), [N * N]), [0])
    : squared(head.headGradient);
  const gains = [...head.normGradients.values()].map(squared).reduce((a, b) => g.add(a, b));
  norms = {
    head: product,
    gains,
    ...(config.tieWordEmbeddings && {
      dLogitsAtInputs: g.apply('Gather', [dLogits, g.input('row.ids', [N], 'int64')], { axis: 1 })[0],
      weighted: g.mul(weighted, g.scalar(1)),
    }),
  };
  headNormsOf.set(head, norms);
  return norms;
}

/**
 * Whether a sample's gradient of the LM head is added up in a matrix (V, C), `headRows` of its `length` targets at a time. A
 * tied head needs the logits of all targets for its product with the embedding's gradient; with a vocabulary that is large
 * against the row the norm takes less without the matrix.
 */
export function isHeadInParts(
  { tieWordEmbeddings, vocabSize: V, hiddenSize: C }: ModelConfig,
  length: number,
  headRows: number,
): boolean {
  return !tieWordEmbeddings && length > headRows && !isGhost(length, V, C);
}

/** Whether |dyᵀ·x|² of N rows takes less from the products of rows with each other than from the matrix (V, C). */
function isGhost(N: number, V: number, C: number): boolean {
  return N * (V + C) < V * C;
}

/** Collects per-sample squared norms by component. */
export class Observer {
  readonly squaredNorms: Float64Array;
  readonly #indexOf = new Map<string, number>();
  readonly #heads = new Map<number, { dLogitsAtInputs?: Float32Array; weighted?: Float32Array }>();
  /** Turns the gradient of the batch's loss into the gradient of the row's own mean loss. */
  readonly #rescale: Float64Array;
  /** False where the components are adapters: embedding, final norm and LM head are then nobody's. */
  readonly watchesHead: boolean;

  constructor(
    readonly components: readonly ParameterGroup[],
    batch: Batch,
    targetCounts: Int32Array,
    normaliser: number,
  ) {
    this.squaredNorms = new Float64Array(batch.size * components.length);
    this.watchesHead = holdsHead(components);
    this.#rescale = Float64Array.from(targetCounts, (n) => (n === 0 ? 0 : (normaliser / n) ** 2));
    components.forEach((component, c) => {
      for (const slice of component.slices) this.#indexOf.set(sliceKey(slice), c);
    });
  }

  /** `values` (B, width): squares of one weight's gradient; each slice sums columns `from` to `to`. */
  add(tensor: string, values: Float32Array, width: number, slices: SampleNorms['slices']): void {
    for (const { slice, from, to } of slices) {
      // The slices of every layer have the places of the first one.
      const c = this.#indexOf.get(sliceKey({ ...slice, tensor }))!;
      for (let row = 0; row < this.#rescale.length; row++) {
        let sum = 0;
        for (let i = from; i < to; i++) sum += values[row * width + i];
        this.#accumulate(row, c, sum);
      }
    }
  }

  head(
    config: ModelConfig,
    row: number,
    norms: { head: number; gains: number; dLogitsAtInputs?: Float32Array; weighted?: Float32Array },
  ): void {
    this.#accumulate(row, this.#componentOf('norm.weight'), norms.gains);
    const headTensor = lmHeadName(config);
    this.#accumulate(row, this.#componentOf(headTensor), norms.head);
    this.#heads.set(row, norms);
  }

  /** Embedding rows are sums of `dx` over equal ids; tied, they meet the head's gradient: |a + b|² = a² + 2ab + b². */
  embedding(config: ModelConfig, batch: Batch, dx: Float32Array): void {
    if (!this.watchesHead) return;
    const { hiddenSize: C } = config;
    const T = batch.length;
    const c = this.#componentOf('embed_tokens.weight');
    for (let row = 0; row < batch.size; row++) {
      const part = dx.subarray(row * T * C, (row + 1) * T * C);
      this.#accumulate(row, c, squaredRowSums(batch.inputIds.subarray(row * T, (row + 1) * T), part, C));
      if (!config.rope) {
        const positions = batch.positions.subarray(row * T, (row + 1) * T);
        this.#accumulate(row, this.#componentOf('embed_positions.weight'), squaredRowSums(positions, part, C));
      }
      const head = this.#heads.get(row);
      if (!head?.dLogitsAtInputs || !head.weighted) continue;
      let cross = 0;
      for (let t = 0; t < T; t++) {
        for (let s = 0; s < T; s++) {
          const factor = head.dLogitsAtInputs[t * T + s];
          if (factor === 0) continue;
          let dot = 0;
          for (let i = 0; i < C; i++) dot += head.weighted[t * C + i] * part[s * C + i];
          cross += factor * dot;
        }
      }
      this.#accumulate(row, c, 2 * cross);
    }
  }

  #componentOf(tensor: string): number {
    for (const [key, c] of this.#indexOf) if (key.startsWith(`${tensor} `)) return c;
    throw new FineTuneError('INTERNAL', `No component holds ${tensor}.`);
  }

  #accumulate(row: number, c: number, squared: number): void {
    this.squaredNorms[row * this.components.length + c] += squared * this.#rescale[row];
  }
}

/** Whether components hold embedding, final norm and LM head, as those of a whole model do. */
export function holdsHead(components: readonly ParameterGroup[]): boolean {
  return components.some(({ slices }) => slices.some(({ tensor }) => tensor === 'norm.weight'));
}

function sliceKey(slice: { tensor: string; rowStart: number; colStart: number }): string {
  return `${slice.tensor} ${slice.rowStart} ${slice.colStart}`;
}

/** Sum over ids of the squared norm of the sum of that id's rows. */
function squaredRowSums(ids: Int32Array, rows: Float32Array, width: number): number {
  const sums = new Map<number, Float64Array>();
  ids.forEach((id, t) => {
    let sum = sums.get(id);
    if (!sum) {
      sum = new Float64Array(width);
      sums.set(id, sum);
    }
    for (let i = 0; i < width; i++) sum[i] += rows[t * width + i];
  });
  let total = 0;
  for (const sum of sums.values()) for (const x of sum) total += x * x;
  return total;
}
