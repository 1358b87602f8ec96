/**
 * @file Which weight gradients a step computes, and where they lie: active components -> for each weight all of it,
 * nothing, or some blocks of rows or columns. Pure.
 */
import type { GradientPlace, ParameterGroup, ParameterSlice } from '../engine/optimizer.ts';
import { type ModelConfig, weightShapes } from './config.ts';

/** Part of a weight whose gradient is computed. `blocks` are lengths along one axis, ascending. */
export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'blocks'; readonly axis: 0 | 1; readonly blocks: readonly Block[] };

export interface Block {
  readonly start: number;
  readonly count: number;
}

export interface GradientPlan {
  /** Weights with an active part, by name; a weight that is not listed gets no gradient. */
  readonly selections: ReadonlyMap<string, Selection>;
  /**
   * Where the backward pass ends: the lowest layer with an active component, -1 when the embedding is active,
   * `numLayers` when nothing below the head is.
   */
  readonly lowestLayer: number;
  /**
   * The half of the lowest layer in which the backward pass ends: `mlp` when nothing of its attention and norms is
   * active. Always `attention` where both halves read the same input (parallel residual) and outside the layers.
   */
  readonly lowestHalf: 'attention' | 'mlp';
  /** Place of an active slice in its weight's gradient buffer. */
  readonly place: (slice: ParameterSlice) => GradientPlace;
}

const ALL: Selection = { kind: 'all' };

/**
 * Plans the gradients of the components whose mask is not 0.
 *
 * A compact selection lies at the start of the gradient buffer: rows one after the other, or columns as a narrower
 * matrix. Vectors (biases, gains) are always computed whole: a part would cost as much.
 */
export function planGradients(
  config: ModelConfig,
  components: readonly ParameterGroup[],
  updateMask: ArrayLike<number>,
): GradientPlan {
  const active = new Map<string, ParameterSlice[]>();
  const total = new Map<string, number>();
  components.forEach((component, c) => {
    for (const slice of component.slices) {
      total.set(slice.tensor, (total.get(slice.tensor) ?? 0) + 1);
      if (updateMask[c]) active.set(slice.tensor, [...(active.get(slice.tensor) ?? []), slice]);
    }
  });

  const shapes = weightShapes(config);
  const columnsOf = (tensor: string) => shapes.get(tensor)![1] ?? 1;
  const selections = new Map<string, Selection>();
  let lowestLayer = config.numLayers;
  for (const [tensor, slices] of active) {
    const whole = slices.length === total.get(tensor) || shapes.get(tensor)!.length === 1;
    selections.set(tensor, whole ? ALL : select(slices, slices[0].colCount === columnsOf(tensor)));
    lowestLayer = Math.min(lowestLayer, layerOf(tensor, config.numLayers));
  }
  const ofLowest = [...selections.keys()].filter((tensor) => layerOf(tensor, config.numLayers) === lowestLayer);
  const isMlpOnly = lowestLayer >= 0 && lowestLayer < config.numLayers && !config.parallelResidual;
  const lowestHalf = isMlpOnly && ofLowest.every((tensor) => tensor.includes('.mlp.')) ? 'mlp' : 'attention';
  return {
    selections,
    lowestLayer,
    lowestHalf,
    place: (slice) => {
      const cols = columnsOf(slice.tensor);
      const selection = selections.get(slice.tensor)!;
      if (selection.kind === 'all') return { offset: slice.rowStart * cols + slice.colStart, stride: cols };
      if (selection.axis === 0) return { offset: before(selection.blocks, slice.rowStart) * cols, stride: cols };
      return { offset: before(selection.blocks, slice.colStart), stride: lengthOf(selection) };
    },
  };
}

/** Number of rows or columns that a selection of blocks holds. */
export function lengthOf(selection: Selection & { kind: 'blocks' }): number {
  return selection.blocks.reduce((sum, block) => sum + block.count, 0);
}

function select(slices: readonly ParameterSlice[], byRows: boolean): Selection {
  const blocks = slices
    .map((slice) =>
      byRows ? { start: slice.rowStart, count: slice.rowCount } : { start: slice.colStart, count: slice.colCount },
    )
    .sort((a, b) => a.start - b.start);
  return { kind: 'blocks', axis: byRows ? 0 : 1, blocks };
}

/** Layer of a weight: -1 for the embeddings, `numLayers` for the final norm and the LM head. */
function layerOf(tensor: string, numLayers: number): number {
  const layer = /^layers\.(\d+)\./.exec(tensor);
  if (layer) return Number(layer[1]);
  return tensor.startsWith('embed_') ? -1 : numLayers;
}

function before(blocks: readonly Block[], start: number): number {
  return blocks.reduce((sum, block) => (block.start < start ? sum + block.count : sum), 0);
}

/** Names what a session compiled for a selection can be used for: kind, axis, number and size of the units. */
export function selectionKey(selection: Selection, shape: readonly number[]): string {
  if (selection.kind === 'all') return 'all';
  const { unit, count } = unitsOf(selection, shape[selection.axis]);
  return `${selection.axis}:${count}x${unit}`;
}

/** A selection as equal units: whole blocks where these tile the whole width, else single elements. */
export function unitsOf(selection: Selection & { kind: 'blocks' }, width: number): { unit: number; count: number } {
  const unit = selection.blocks[0].count;
  const regular =
    width % unit === 0 && selection.blocks.every((block) => block.count === unit && block.start % unit === 0);
  return regular ? { unit, count: selection.blocks.length } : { unit: 1, count: lengthOf(selection) };
}

/** The units of a selection by number, for a Gather. */
export function blockIndices(selection: Selection & { kind: 'blocks' }, width: number): BigInt64Array {
  const { unit } = unitsOf(selection, width);
  const indices = selection.blocks.flatMap(({ start, count }) =>
    [...Array(count / unit).keys()].map((i) => BigInt(start / unit + i)),
  );
  return BigInt64Array.from(indices);
}
