/**
 * @file Hugging Face model folders: opens one (config.json, safetensors) as canonical weights, and writes one in the
 * layout that the family's own checkpoints have, so that every other tool can read the result.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { type ModelConfig, weightShapes } from './config.ts';
import {
  type ConfigJson,
  type Family,
  putIntoSource,
  rowBlocksOf,
  sourceShapes,
  type TensorPlace,
  takeTransposedStrip,
} from './families/family.ts';
import { familyOf } from './families/registry.ts';
import {
  describeFileError,
  type FloatDtype,
  floatDtype,
  openSafetensorsFolder,
  type SafetensorsReader,
  storedBytes,
  syncFolder,
  type TensorToWrite,
  writeSafetensors,
} from './safetensors.ts';

/** An open model folder. Weights have the canonical names and shapes of `weightShapes(config)`. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  /** `config.json` as it stands in the folder. */
  readonly configJson: ConfigJson;
  readonly family: Family;
  /** Type that most of the weights' bytes are stored in. */
  readonly dtype: FloatDtype;
  /** Bytes of the stored weights. */
  readonly totalBytes: number;
  /**
   * Reads one weight, exactly, row-major, into the caller's buffer of as many elements as its shape says. Beside the
   * buffer it needs about 1 MiB, or one row of a transposed source.
   *
   * @throws TENSOR_MISSING (no such canonical name), TENSOR_SHAPE (buffer of another length), CHECKPOINT_TRUNCATED
   */
  read(canonicalName: string, into: Float32Array): void;
  /** Releases the files. */
  close(): void;
}

/** Elements of the strip that a transposed matrix is read through. */
const STRIP_ELEMENTS = 1 << 18;

/**
 * Opens a model folder and checks every name, shape and type; reads no weight.
 *
 * @throws MODEL_NOT_FOUND (no folder, no config.json, no safetensors), CONFIG_INVALID, UNSUPPORTED_MODEL,
 * CHECKPOINT_TRUNCATED, CHECKPOINT_INVALID (also: weights that the configuration does not explain), TENSOR_MISSING,
 * TENSOR_SHAPE, TENSOR_DTYPE, NO_PERMISSION
 */
export function openCheckpoint(folder: string): Checkpoint {
  const configJson = readModelConfigJson(folder);
  const family = familyOf(configJson);
  const config = withGenerationConfig(family.config(configJson), folder);
  const reader = openSafetensorsFolder(folder);
  try {
    const places = checkedPlaces(reader, family, config);
    const shapes = weightShapes(config);
    const sources = [...new Set([...places.values()].map((place) => place.source))];
    const bytesOf = (wanted?: string) =>
      sources
        .map((source) => reader.tensors.get(source)!)
        .filter((tensor) => wanted === undefined || tensor.dtype === wanted)
        .reduce((sum, tensor) => sum + tensor.byteLength, 0);
    const dtypes: FloatDtype[] = ['F32', 'F16', 'BF16'];
    return {
      folder,
      config,
      configJson,
      family,
      dtype: dtypes.reduce((best, dtype) => (bytesOf(dtype) > bytesOf(best) ? dtype : best)),
      totalBytes: bytesOf(),
      read: (name, into) => readWeight(reader, places.get(name), name, shapes.get(name), into),
      close: () => reader.close(),
    };
  } catch (error) {
    reader.close();
    throw error;
  }
}

/**
 * Reads `config.json` of a model folder.
 *
 * @throws MODEL_NOT_FOUND, CONFIG_INVALID (no JSON object), NO_PERMISSION
 */
export function readModelConfigJson(folder: string): ConfigJson {
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    throw new FineTuneError(
      'MODEL_NOT_FOUND',
      `${folder} ${stat ? 'is a file' : 'does not exist'}; a folder with config.json and model.safetensors is needed. Check the path.`,
      { folder },
    );
  }
  const json = readJsonObject(path.join(folder, 'config.json'), 'CONFIG_INVALID');
  if (json) return json;
  throw new FineTuneError(
    'MODEL_NOT_FOUND',
    `${folder} has no config.json. Give the folder that holds config.json and model.safetensors.`,
    { folder },
  );
}

/**
 * A JSON object from a file, or undefined where the file does not exist.
 *
 * @throws the given code when the file holds anything else, NO_PERMISSION
 */
export function readJsonObject(file: string, code: 'CONFIG_INVALID' | 'TOKENIZER_INVALID'): ConfigJson | undefined {
  if (!fs.existsSync(file)) return undefined;
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw describeFileError(error, file);
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as ConfigJson;
  } catch (error) {
    throw new FineTuneError(
      code,
      `${file} is no JSON: ${(error as Error).message}. Fetch the file again.`,
      { file },
      { cause: error },
    );
  }
  throw new FineTuneError(code, `${file} holds no JSON object. Fetch the file again.`, { file });
}

/** Chat models list further end tokens in generation_config.json; a text may end at any of them. */
function withGenerationConfig(config: ModelConfig, folder: string): ModelConfig {
  const generation = readJsonObject(path.join(folder, 'generation_config.json'), 'CONFIG_INVALID');
  const listed = generation?.eos_token_id ?? [];
  const more = (Array.isArray(listed) ? listed : [listed]).filter((id) => Number.isSafeInteger(id) && id >= 0);
  return { ...config, eosTokenIds: [...new Set([...config.eosTokenIds, ...more])] };
}

/** The places of all weights under the names this checkpoint really has. */
function checkedPlaces(
  reader: SafetensorsReader,
  family: Family,
  config: ModelConfig,
): ReadonlyMap<string, TensorPlace> {
  const { prefix } = family;
  const usual = family.tensors(config);
  const embedding = usual.get('embed_tokens.weight')!.source;
  const withoutPrefix = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const bare = !reader.tensors.has(embedding) && reader.tensors.has(withoutPrefix(embedding));
  // safetensors.torch.save_model keeps one name of a shared tensor, the first in the alphabet: the head's.
  const head = family.tensors({ ...config, tieWordEmbeddings: false }).get('lm_head.weight')!.source;
  const headOnly = config.tieWordEmbeddings && !bare && !reader.tensors.has(embedding) && reader.tensors.has(head);
  const rename = (name: string) => (bare ? withoutPrefix(name) : headOnly && name === embedding ? head : name);
  const places = new Map([...usual].map(([name, place]) => [name, { ...place, source: rename(place.source) }]));
  const expected = sourceShapes(config, places);
  for (const [name, shape] of expected) checkTensor(reader, name, shape);
  const unexplained = [...reader.tensors.keys()].filter(
    (name) => !expected.has(name) && name !== head && !family.ignores(bare ? prefix + name : name),
  );
  if (unexplained.length > 0) {
    throw new FineTuneError(
      'CHECKPOINT_INVALID',
      `The checkpoint holds ${unexplained.length} tensors that config.json does not explain, e.g. ${unexplained.slice(0, 3).join(', ')}; computing without them would be wrong. Check model_type and the sizes, or merge the adapter first.`,
      { unexplained: unexplained.slice(0, 20), count: unexplained.length },
    );
  }
  return places;
}

function checkTensor(reader: SafetensorsReader, name: string, shape: readonly number[]): void {
  const tensor = reader.tensors.get(name);
  if (!tensor) {
    const near = [...reader.tensors.keys()].slice(0, 3).join(', ');
    throw new FineTuneError(
      'TENSOR_MISSING',
      `The checkpoint has no ${name}, which config.json implies; it has ${reader.tensors.size} tensors (${near}, ...). Check that config.json and the weights belong together${name.includes('lm_head') || name.includes('embed_out') ? ' and tie_word_embeddings' : ''}.`,
      { name, shape },
    );
  }
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw new FineTuneError(
      'TENSOR_SHAPE',
      `${name} is (${tensor.shape.join(', ')}) in the checkpoint, config.json implies (${shape.join(', ')}). Check that config.json and the weights belong together.`,
      { name, found: tensor.shape, expected: shape },
    );
  }
  floatDtype(tensor);
}

function readWeight(
  reader: SafetensorsReader,
  place: TensorPlace | undefined,
  name: string,
  shape: readonly number[] | undefined,
  into: Float32Array,
): void {
  if (!place || !shape) {
    throw new FineTuneError('TENSOR_MISSING', `The model has no weight ${name}. Use a name of weightShapes(config).`, {
      name,
    });
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  if (into.length !== elements) {
    throw new FineTuneError(
      'TENSOR_SHAPE',
      `${name} is (${shape.join(', ')}), ${elements} elements; the buffer has ${into.length}. Allocate as many as the shape says.`,
      { name, expected: elements, found: into.length },
    );
  }
  if (place.transpose) {
    const [rows, stride] = reader.tensors.get(place.source)!.shape;
    const rowsPerStrip = Math.min(rows, Math.max(1, Math.floor(STRIP_ELEMENTS / stride)));
    const buffer = new Float32Array(rowsPerStrip * stride);
    for (let row = 0; row < rows; row += rowsPerStrip) {
      const numRows = Math.min(rowsPerStrip, rows - row);
      reader.read(place.source, row * stride, buffer.subarray(0, numRows * stride));
      takeTransposedStrip(place, shape, buffer, row, numRows, stride, into);
    }
    return;
  }
  const width = elements / shape[0];
  let at = 0;
  for (const [start, length] of rowBlocksOf(place, shape)) {
    reader.read(place.source, start * width, into.subarray(at, at + length * width));
    at += length * width;
  }
}

// ----------------------------------------------------------------------------------------------------------- saving

/** What a saved checkpoint takes over from the model it descends from. An open `Checkpoint` is one. */
export interface CheckpointSource {
  /** Where the tokenizer's and generation's files are copied from. */
  readonly folder: string;
  readonly configJson: ConfigJson;
  readonly config: ModelConfig;
  readonly family: Family;
}

export interface SaveOptions {
  /** Stored type, rounded to nearest, ties to even. */
  readonly dtype: FloatDtype;
  /** Shards are cut before they would exceed this. @default 5e9 bytes, as transformers does */
  readonly maxShardBytes?: number;
  /** Replace an existing checkpoint. Never replaces a folder that is not one. @default false */
  readonly replace?: boolean;
}

/** Files beside the weights that belong to the model, copied when the source has them. */
const COMPANION_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'generation_config.json',
  'chat_template.jinja',
  'chat_template.json',
] as const;

/**
 * Writes a model folder: config.json with the stored type, the weights under the family's own names (fused and
 * transposed as its checkpoints are), and copies of the tokenizer's files. Everything is written to
 * `.<name>.partial` beside it, fsynced and renamed, so `folder` is whole or absent (with `replace`: the old one or the
 * new one, the old one aside as `.<name>.replaced` should the machine stop in between).
 *
 * @param read the canonical weight as f32, row-major; called once for each, one checkpoint tensor at a time
 * @throws OUTPUT_EXISTS, DISK_FULL, NO_PERMISSION, TENSOR_SHAPE, TENSOR_DTYPE (too large for F16)
 */
export function saveCheckpoint(
  folder: string,
  source: CheckpointSource,
  read: (canonicalName: string) => Float32Array,
  options: SaveOptions,
): void {
  const target = path.resolve(folder);
  const aside = (suffix: string) => path.join(path.dirname(target), `.${path.basename(target)}.${suffix}`);
  const partial = aside('partial');
  refuseForeignTarget(target, options.replace ?? false);
  try {
    fs.rmSync(partial, { recursive: true, force: true }); // left by an interrupted save
    fs.mkdirSync(partial, { recursive: true });
    writeWeights(partial, source, read, options);
    writeDurably(path.join(partial, 'config.json'), savedConfigJson(source.configJson, options.dtype));
    for (const file of COMPANION_FILES) copyDurably(path.join(source.folder, file), path.join(partial, file));
    copyDurably(path.join(source.folder, 'additional_chat_templates'), path.join(partial, 'additional_chat_templates'));
    syncFolder(partial);
    const replaced = aside('replaced');
    const isReplacing = fs.existsSync(target);
    if (isReplacing) {
      fs.rmSync(replaced, { recursive: true, force: true });
      fs.renameSync(target, replaced);
    }
    fs.renameSync(partial, target);
    syncFolder(path.dirname(target));
    if (isReplacing) fs.rmSync(replaced, { recursive: true, force: true });
  } catch (error) {
    fs.rmSync(partial, { recursive: true, force: true });
    throw describeFileError(error, target);
  }
}

function refuseForeignTarget(target: string, replace: boolean): void {
  const stat = fs.statSync(target, { throwIfNoEntry: false });
  if (!stat) return;
  const entries = stat.isDirectory() ? fs.readdirSync(target) : undefined;
  if (entries?.length === 0) return;
  if (replace && entries?.includes('config.json')) return;
  throw new FineTuneError(
    'OUTPUT_EXISTS',
    `${target} is ${entries ? 'a folder that is not empty' : 'a file'}; a new folder is needed. Choose another name or remove it.`,
    { folder: target },
  );
}

function writeWeights(
  folder: string,
  source: CheckpointSource,
  read: (canonicalName: string) => Float32Array,
  options: SaveOptions,
): void {
  const places = source.family.tensors(source.config);
  const shapes = weightShapes(source.config);
  const partsOf = groupBySource(places);
  const tensors: TensorToWrite[] = [...sourceShapes(source.config, places)].map(([name, shape]) => ({
    name,
    shape,
    dtype: options.dtype,
    data: () => fuse(partsOf.get(name)!, shapes, shape, read),
  }));
  const shards = splitIntoShards(tensors, options.maxShardBytes ?? 5e9);
  if (shards.length === 1) {
    writeSafetensors(path.join(folder, 'model.safetensors'), shards[0]);
    return;
  }
  const digits = (count: number) => String(count).padStart(5, '0');
  const weightMap: Record<string, string> = {};
  for (const [index, shard] of shards.entries()) {
    const file = `model-${digits(index + 1)}-of-${digits(shards.length)}.safetensors`;
    writeSafetensors(path.join(folder, file), shard);
    for (const tensor of shard) weightMap[tensor.name] = file;
  }
  const totalSize = tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0);
  const index = { metadata: { total_size: totalSize }, weight_map: sortedByKey(weightMap) };
  writeDurably(path.join(folder, 'model.safetensors.index.json'), `${JSON.stringify(index, null, 2)}\n`);
}

function groupBySource(places: ReadonlyMap<string, TensorPlace>): Map<string, [string, TensorPlace][]> {
  const groups = new Map<string, [string, TensorPlace][]>();
  for (const entry of places) {
    const group = groups.get(entry[1].source);
    if (group) group.push(entry);
    else groups.set(entry[1].source, [entry]);
  }
  return groups;
}

function fuse(
  parts: readonly (readonly [string, TensorPlace])[],
  shapes: ReadonlyMap<string, readonly number[]>,
  sourceShape: readonly number[],
  read: (canonicalName: string) => Float32Array,
): Float32Array {
  const checked = (name: string) => {
    const values = read(name);
    const shape = shapes.get(name)!;
    const expected = shape.reduce((product, size) => product * size, 1);
    if (values.length === expected) return values;
    throw new FineTuneError(
      'TENSOR_SHAPE',
      `${name} has ${values.length} values, its shape (${shape.join(', ')}) ${expected}. Give the whole weight.`,
      { name, found: values.length, expected },
    );
  };
  const [firstName, firstPlace] = parts[0];
  if (parts.length === 1 && !firstPlace.transpose && !firstPlace.rowBlocks) return checked(firstName);
  const whole = new Float32Array(sourceShape.reduce((product, size) => product * size, 1));
  for (const [name, place] of parts) putIntoSource(place, shapes.get(name)!, checked(name), whole, sourceShape);
  return whole;
}

/** In canonical order, greedily, a tensor never split: what transformers does. */
function splitIntoShards(tensors: readonly TensorToWrite[], maxShardBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    const size = storedBytes(tensor);
    if (bytes > 0 && bytes + size > maxShardBytes) {
      shards.push([]);
      bytes = 0;
    }
    shards[shards.length - 1].push(tensor);
    bytes += size;
  }
  return shards;
}

const TORCH_DTYPE: Readonly<Record<FloatDtype, string>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** transformers 4 writes `torch_dtype`, 5 writes `dtype`: the key that is there keeps its name. */
function savedConfigJson(configJson: ConfigJson, dtype: FloatDtype): string {
  const keys = ['torch_dtype', 'dtype'].filter((key) => key in configJson);
  const changed = Object.fromEntries(
    (keys.length > 0 ? keys : ['torch_dtype']).map((key) => [key, TORCH_DTYPE[dtype]]),
  );
  return `${JSON.stringify({ ...configJson, ...changed }, null, 2)}\n`;
}

function sortedByKey(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function writeDurably(file: string, content: string | Uint8Array): void {
  const descriptor = fs.openSync(file, 'w');
  try {
    fs.writeFileSync(descriptor, content);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Copies a file, or a flat folder of files; nothing where the source does not exist. */
function copyDurably(from: string, to: string): void {
  const stat = fs.statSync(from, { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isDirectory()) {
    fs.mkdirSync(to);
    for (const name of fs.readdirSync(from)) copyDurably(path.join(from, name), path.join(to, name));
    syncFolder(to);
    return;
  }
  writeDurably(to, fs.readFileSync(from)); // not copyFile, which would keep a read-only mode
}
