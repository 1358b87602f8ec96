/**
 * @file What a model family is: how it reads `config.json` and where its checkpoints keep each canonical weight. This
 * file holds the types and the pure index arithmetic; one short file per family holds the facts.
 */
import { FineTuneError } from '../../errors.ts';
import { type ModelConfig, weightShapes } from '../config.ts';

/** `config.json` as parsed. */
export type ConfigJson = Readonly<Record<string, unknown>>;

/** Rows `start ... start + length - 1`. */
export type RowBlock = readonly [start: number, length: number];

/** Where a checkpoint keeps one canonical weight. Several weights may share one fused source. */
export interface TensorPlace {
  /** Name in the checkpoint, with the family's usual prefix. */
  readonly source: string;
  /** The source is stored `[in, out]` (GPT-2's Conv1D). `rowBlocks` then count its columns. */
  readonly transpose?: boolean;
  /** Rows (output features) of the source that make up the weight, in order. @default all of them */
  readonly rowBlocks?: readonly RowBlock[];
}

export interface Family {
  /** `model_type` values of config.json. */
  readonly modelTypes: readonly string[];
  /** Prefix that the usual checkpoints put before the names of the base model, and some leave out. */
  readonly prefix: string;
  /**
   * Translates `config.json`.
   *
   * @throws CONFIG_INVALID (missing key, wrong type, impossible sizes), UNSUPPORTED_MODEL (a feature not computed here)
   */
  config(json: ConfigJson): ModelConfig;
  /** The place of every weight of `weightShapes(config)`, in that order. */
  tensors(config: ModelConfig): ReadonlyMap<string, TensorPlace>;
  /** Checkpoint tensors (buffers such as masks and rotary tables) that carry no weight. */
  ignores(checkpointName: string): boolean;
}

/** What a layer calls its weights: canonical name without `.weight` or `.bias`, to place without them. */
export type ModuleTable = Readonly<
  Record<string, string | (Omit<TensorPlace, 'source'> & { readonly source: string })>
>;

/**
 * Builds `Family.tensors` from module names: `outside` for the modules around the layers, `layer` for one layer, whose
 * names get `layerPrefix` and the layer number. Weight and bias of a module share their row blocks; a bias is never
 * transposed.
 */
export function placeTensors(
  config: ModelConfig,
  outside: ModuleTable,
  layerPrefix: string,
  layer: ModuleTable,
): Map<string, TensorPlace> {
  const places = new Map<string, TensorPlace>();
  for (const name of weightShapes(config).keys()) {
    const parts = /^(?:layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name)!;
    const [, index, module, kind] = parts;
    const entry = (index === undefined ? outside : layer)[module];
    if (entry === undefined) throw new FineTuneError('INTERNAL', `No place for ${name}. Add it to the family's table.`);
    const place: TensorPlace = typeof entry === 'string' ? { source: entry } : entry;
    const prefix = index === undefined ? '' : `${layerPrefix}${index}.`;
    places.set(name, {
      source: `${prefix}${place.source}.${kind}`,
      ...(place.transpose && kind === 'weight' ? { transpose: true } : {}),
      ...(place.rowBlocks ? { rowBlocks: place.rowBlocks } : {}),
    });
  }
  return places;
}

/** Name and shape of every checkpoint tensor that the weights of `config` are kept in, in canonical order. */
export function sourceShapes(
  config: ModelConfig,
  places: ReadonlyMap<string, TensorPlace>,
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, shape] of weightShapes(config)) {
    const place = places.get(name)!;
    const rows = Math.max(...rowBlocksOf(place, shape).map(([start, length]) => start + length));
    const before = shapes.get(place.source);
    const rowsBefore = before ? (place.transpose ? before[1] : before[0]) : 0;
    const allRows = Math.max(rows, rowsBefore);
    shapes.set(place.source, place.transpose ? [shape[1], allRows] : [allRows, ...shape.slice(1)]);
  }
  return shapes;
}

/** Rows of the source that make up a weight of `shape`. */
export function rowBlocksOf(place: TensorPlace, shape: readonly number[]): readonly RowBlock[] {
  return place.rowBlocks ?? [[0, shape[0]]];
}

/**
 * Picks the canonical tensor (a weight or its gradient) of `shape` out of its whole checkpoint tensor.
 *
 * @param sourceShape shape of the checkpoint tensor
 */
export function takeFromSource(
  place: TensorPlace,
  shape: readonly number[],
  source: Float32Array,
  sourceShape: readonly number[],
): Float32Array {
  const result = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (place.transpose) {
    takeTransposedStrip(place, shape, source, 0, sourceShape[0], sourceShape[1], result);
    return result;
  }
  const width = result.length / shape[0];
  let at = 0;
  for (const [start, length] of rowBlocksOf(place, shape)) {
    result.set(source.subarray(start * width, (start + length) * width), at);
    at += length * width;
  }
  return result;
}

/** The inverse of `takeFromSource`: puts the canonical tensor into its rows of the whole checkpoint tensor. */
export function putIntoSource(
  place: TensorPlace,
  shape: readonly number[],
  values: Float32Array,
  source: Float32Array,
  sourceShape: readonly number[],
): void {
  const width = values.length / shape[0];
  let row = 0;
  for (const [start, length] of rowBlocksOf(place, shape)) {
    if (place.transpose) {
      const stride = sourceShape[1];
      for (let i = 0; i < length; i++)
        for (let j = 0; j < width; j++) source[j * stride + start + i] = values[(row + i) * width + j];
    } else {
      source.set(values.subarray(row * width, (row + length) * width), start * width);
    }
    row += length;
  }
}

/**
 * Scatters source rows `firstRow ... firstRow + numRows - 1` (a strip of a stored `[in, out]` matrix with `stride`
 * columns) into the canonical `[out, in]` tensor, so that a transposed read needs a strip and not a second matrix.
 */
export function takeTransposedStrip(
  place: TensorPlace,
  shape: readonly number[],
  strip: Float32Array,
  firstRow: number,
  numRows: number,
  stride: number,
  into: Float32Array,
): void {
  const width = shape[1];
  let row = 0;
  for (const [start, length] of rowBlocksOf(place, shape)) {
    for (let i = 0; i < length; i++) {
      const target = (row + i) * width + firstRow;
      for (let j = 0; j < numRows; j++) into[target + j] = strip[j * stride + start + i];
    }
    row += length;
  }
}
