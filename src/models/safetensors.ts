/**
 * @file The safetensors format (https://huggingface.co/docs/safetensors): 8 bytes of header length, a JSON header, then
 * the tensors' bytes without holes. Reading is lazy and positioned, so opening a checkpoint costs its headers only and
 * reading a tensor needs the caller's buffer plus one fixed chunk. Numbers are little-endian, as on every machine that
 * Node's own binaries are built for with this project's engine.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';

/** Number types that the engine can use. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

/** One tensor of a checkpoint, as its header describes it. */
export interface TensorInfo {
  readonly name: string;
  /** `F32`, `F16`, `BF16`, or a type that can be listed but not read (`F64`, `I64`, `BOOL`, ...). */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** File that holds the tensor. */
  readonly file: string;
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
}

interface StoredTensor extends TensorInfo {
  readonly descriptor: number;
  /** First byte of the tensor in its file. */
  readonly position: number;
}

const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8, C64: 8 },
};

/** The reference implementation refuses longer headers too. */
const MAX_HEADER_BYTES = 100_000_000;
/** Size of the one buffer that half-precision tensors pass through. */
const CHUNK_BYTES = 1 << 20;
/** Node refuses single reads of 2 GiB and more. */
const MAX_READ_BYTES = 1 << 28;

const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';

// ---------------------------------------------------------------------------------------------------------- reading

/** An open checkpoint of one or more files. Holds file descriptors until `close()`. */
export class SafetensorsReader {
  readonly #stored: ReadonlyMap<string, StoredTensor>;
  readonly #files: OpenFile[];
  #chunk: Buffer | undefined;

  constructor(
    files: OpenFile[],
    stored: ReadonlyMap<string, StoredTensor>,
    /** `__metadata__` of the (first) file. */
    readonly metadata: Readonly<Record<string, string>>,
  ) {
    this.#files = files;
    this.#stored = stored;
  }

  /** Every tensor by name, in file order. */
  get tensors(): ReadonlyMap<string, TensorInfo> {
    return this.#stored;
  }

  /**
   * Reads elements `firstElement ... firstElement + into.length - 1` (row-major) as f32, exactly.
   *
   * @throws TENSOR_MISSING, TENSOR_DTYPE (no float the engine knows), TENSOR_SHAPE (range outside the tensor),
   * CHECKPOINT_TRUNCATED (the file shrank since it was opened)
   */
  read(name: string, firstElement: number, into: Float32Array): void {
    const tensor = this.#tensor(name);
    const dtype = floatDtype(tensor);
    const width = BYTES_PER_ELEMENT[dtype];
    const elements = tensor.byteLength / width;
    if (firstElement < 0 || firstElement + into.length > elements) {
      throw new FineTuneError(
        'TENSOR_SHAPE',
        `Asked for elements ${firstElement} to ${firstElement + into.length} of ${name}, which has ${elements}. Ask within the tensor.`,
        { name, firstElement, requested: into.length, elements },
      );
    }
    const position = tensor.position + firstElement * width;
    if (dtype === 'F32') {
      this.#readFully(tensor, position, new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
      return;
    }
    this.#chunk ??= Buffer.alloc(CHUNK_BYTES);
    // Integer views: a signalling NaN would lose its bits on the way through a JavaScript number.
    const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
    const halves = new Uint16Array(this.#chunk.buffer, this.#chunk.byteOffset, CHUNK_BYTES / 2);
    for (let done = 0; done < into.length; ) {
      const count = Math.min(halves.length, into.length - done);
      this.#readFully(tensor, position + done * 2, this.#chunk.subarray(0, count * 2));
      if (dtype === 'BF16') for (let i = 0; i < count; i++) bits[done + i] = halves[i] << 16;
      else widenHalves(halves, count, bits, done);
      done += count;
    }
  }

  /**
   * Reads the raw bytes of a tensor of any type. `into` has exactly `byteLength` bytes.
   *
   * @throws TENSOR_MISSING, TENSOR_SHAPE, CHECKPOINT_TRUNCATED
   */
  readBytes(name: string, into: Uint8Array): void {
    const tensor = this.#tensor(name);
    if (into.length !== tensor.byteLength) {
      throw new FineTuneError(
        'TENSOR_SHAPE',
        `${name} has ${tensor.byteLength} bytes, the buffer ${into.length}. Allocate byteLength bytes.`,
        { name, expected: tensor.byteLength, found: into.length },
      );
    }
    this.#readFully(tensor, tensor.position, into);
  }

  /** Releases the files; later reads fail. */
  close(): void {
    for (const file of this.#files.splice(0)) fs.closeSync(file.descriptor);
  }

  #tensor(name: string): StoredTensor {
    const tensor = this.#stored.get(name);
    if (tensor) return tensor;
    throw new FineTuneError(
      'TENSOR_MISSING',
      `The checkpoint has no tensor ${name}; it has ${this.#stored.size} others. Check the model type and the files.`,
      { name },
    );
  }

  #readFully(tensor: StoredTensor, position: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const wanted = Math.min(MAX_READ_BYTES, into.length - done);
      const got = fs.readSync(tensor.descriptor, into, done, wanted, position + done);
      if (got === 0) {
        throw new FineTuneError(
          'CHECKPOINT_TRUNCATED',
          `${tensor.file} ends ${into.length - done} bytes before the end of ${tensor.name}. The file changed since it was opened: fetch it again.`,
          { file: tensor.file, name: tensor.name, missingBytes: into.length - done },
        );
      }
      done += got;
    }
  }
}

/**
 * The float type of `tensor`.
 *
 * @throws TENSOR_DTYPE for anything but F32, F16, BF16
 */
export function floatDtype(tensor: TensorInfo): FloatDtype {
  if (tensor.dtype === 'F32' || tensor.dtype === 'F16' || tensor.dtype === 'BF16') return tensor.dtype;
  throw new FineTuneError(
    'TENSOR_DTYPE',
    `${tensor.name} is stored as ${tensor.dtype}; F32, F16 or BF16 is needed. Use the unquantised checkpoint or convert it.`,
    { name: tensor.name, dtype: tensor.dtype, file: tensor.file },
  );
}

/**
 * Opens `model.safetensors`, or the shards that `model.safetensors.index.json` lists, without reading any tensor.
 *
 * @throws MODEL_NOT_FOUND (no such file in the folder), CHECKPOINT_TRUNCATED (short file, missing shard),
 * CHECKPOINT_INVALID (anything the format forbids)
 */
export function openSafetensorsFolder(folder: string): SafetensorsReader {
  const single = path.join(folder, SINGLE_FILE);
  if (fs.existsSync(single)) return openSafetensors([single]);
  const indexFile = path.join(folder, INDEX_FILE);
  if (!fs.existsSync(indexFile)) throw noWeights(folder);
  const weightMap = readWeightMap(indexFile);
  const shards = [...new Set(weightMap.values())].sort();
  const missing = shards.filter((shard) => !fs.existsSync(path.join(folder, shard)));
  if (missing.length > 0) {
    throw new FineTuneError(
      'CHECKPOINT_TRUNCATED',
      `${INDEX_FILE} lists ${shards.length} files, ${missing.length} of them are not in ${folder}: ${missing.join(', ')}. Fetch the missing files.`,
      { folder, missing, expected: shards.length },
    );
  }
  const reader = openSafetensors(shards.map((shard) => path.join(folder, shard)));
  try {
    checkWeightMap(indexFile, weightMap, reader.tensors);
  } catch (error) {
    reader.close();
    throw error;
  }
  return reader;
}

/**
 * Opens the given files as one checkpoint. A name may occur in one of them only.
 *
 * @throws MODEL_NOT_FOUND, NO_PERMISSION, CHECKPOINT_TRUNCATED, CHECKPOINT_INVALID
 */
export function openSafetensors(files: readonly string[]): SafetensorsReader {
  const opened: OpenFile[] = [];
  const stored = new Map<string, StoredTensor>();
  let metadata: Readonly<Record<string, string>> = {};
  try {
    for (const file of files) {
      const descriptor = openForReading(file);
      opened.push({ path: file, descriptor });
      const header = readHeader(file, descriptor);
      if (opened.length === 1) metadata = header.metadata;
      for (const tensor of header.tensors) {
        const other = stored.get(tensor.name);
        if (other) {
          throw invalid(file, `${tensor.name} is also in ${path.basename(other.file)}`, 'every name once', {
            name: tensor.name,
          });
        }
        stored.set(tensor.name, { ...tensor, descriptor });
      }
    }
  } catch (error) {
    for (const { descriptor } of opened) fs.closeSync(descriptor);
    throw error;
  }
  return new SafetensorsReader(opened, stored, metadata);
}

function openForReading(file: string): number {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    throw describeFileError(error, file);
  }
}

function noWeights(folder: string): FineTuneError {
  const others = fs.readdirSync(folder).filter((name) => /\.(bin|pt|pth|ckpt|gguf|h5|safetensors)$/.test(name));
  const found = others.length > 0 ? `only ${others.slice(0, 3).join(', ')}` : 'no weights at all';
  return new FineTuneError(
    'MODEL_NOT_FOUND',
    `${folder} has ${found}; ${SINGLE_FILE} or ${INDEX_FILE} is needed. Fetch the safetensors version of the model.`,
    { folder, found: others },
  );
}

function readHeader(file: string, descriptor: number) {
  const fileBytes = fs.fstatSync(descriptor).size;
  const prefix = Buffer.alloc(8);
  if (fs.readSync(descriptor, prefix, 0, 8, 0) < 8) throw truncated(file, 8, fileBytes);
  if (prefix.toString('latin1') === 'version ') {
    throw invalid(file, 'it is a Git LFS pointer', 'the weights themselves; run `git lfs pull` in the folder');
  }
  const headerBytes = Number(prefix.readBigUInt64LE());
  if (headerBytes > MAX_HEADER_BYTES) {
    throw invalid(file, `it announces a header of ${headerBytes} bytes`, `at most ${MAX_HEADER_BYTES}`, {
      headerBytes,
    });
  }
  if (8 + headerBytes > fileBytes) throw truncated(file, 8 + headerBytes, fileBytes);
  const text = Buffer.alloc(headerBytes);
  fs.readSync(descriptor, text, 0, headerBytes, 8);
  const header = parseHeader(file, text.toString('utf8'));
  const dataStart = 8 + headerBytes;
  const dataBytes = checkLayout(file, header.tensors);
  if (dataStart + dataBytes > fileBytes) throw truncated(file, dataStart + dataBytes, fileBytes);
  if (dataStart + dataBytes < fileBytes) {
    throw invalid(
      file,
      `${fileBytes - dataStart - dataBytes} bytes follow the last tensor`,
      `a file of ${dataStart + dataBytes} bytes`,
    );
  }
  const tensors = header.tensors.map((tensor) => ({
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    byteLength: tensor.end - tensor.begin,
    position: dataStart + tensor.begin,
    file,
  }));
  return { tensors, metadata: header.metadata };
}

interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function parseHeader(file: string, text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `its header is no JSON (${(error as Error).message})`, 'a JSON object', {}, error);
  }
  if (!isObject(json)) throw invalid(file, 'its header is no JSON object', 'a JSON object');
  const names = topLevelKeys(text);
  if (names.length !== Object.keys(json).length) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    throw invalid(file, `${twice} is listed twice`, 'every name once', { name: twice });
  }
  const tensors: HeaderEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      if (!isObject(value)) throw invalid(file, 'its __metadata__ is no object', 'a map of strings');
      metadata = value as Record<string, string>;
      continue;
    }
    tensors.push(parseEntry(file, name, value));
  }
  return { tensors, metadata };
}

function parseEntry(file: string, name: string, value: unknown): HeaderEntry {
  const entry = isObject(value) ? value : {};
  const { dtype, shape, data_offsets: offsets } = entry;
  const isCount = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  const good =
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isCount) &&
    offsets[0] <= offsets[1];
  if (!good) {
    throw invalid(
      file,
      `the entry of ${name} is ${JSON.stringify(value)}`,
      'dtype, shape and data_offsets [begin, end]',
      {
        name,
      },
    );
  }
  const [begin, end] = offsets as [number, number];
  const width = BYTES_PER_ELEMENT[dtype];
  const expected = width * (shape as number[]).reduce((product, size) => product * size, 1);
  // Types that are unknown here have no width; they may be listed, floatDtype() refuses to read them.
  if (width !== undefined && end - begin !== expected) {
    throw invalid(
      file,
      `${name} takes ${end - begin} bytes`,
      `${expected} bytes for ${dtype} of shape (${(shape as number[]).join(', ')})`,
      { name, found: end - begin, expected },
    );
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

/** The format allows neither overlaps nor holes, so sorted ranges must touch. Returns the bytes they cover. */
function checkLayout(file: string, tensors: readonly HeaderEntry[]): number {
  let covered = 0;
  for (const tensor of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (tensor.begin !== covered) {
      const kind = tensor.begin < covered ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw invalid(file, `${tensor.name} starts at byte ${tensor.begin} and ${kind}`, `byte ${covered}`, {
        name: tensor.name,
        begin: tensor.begin,
        expected: covered,
      });
    }
    covered = tensor.end;
  }
  return covered;
}

/** Keys of the outermost object. JSON.parse drops repeated ones silently, which would hide a broken file. */
function topLevelKeys(json: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const start = at++;
      while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
      if (depth === 1 && /^\s*:/.test(json.slice(at + 1, at + 20))) keys.push(JSON.parse(json.slice(start, at + 1)));
    }
  }
  return keys;
}

function readWeightMap(indexFile: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(fs.readFileSync(indexFile, 'utf8'));
  } catch (error) {
    throw invalid(indexFile, `it is no JSON (${(error as Error).message})`, 'a JSON object', {}, error);
  }
  const weightMap = isObject(json) ? json.weight_map : undefined;
  if (!isObject(weightMap)) throw invalid(indexFile, 'it has no weight_map', 'a map from tensor names to file names');
  const map = new Map<string, string>();
  for (const [name, shard] of Object.entries(weightMap)) {
    // A name with a folder in it could reach outside the model.
    if (typeof shard !== 'string' || path.basename(shard) !== shard || !shard.endsWith('.safetensors')) {
      throw invalid(indexFile, `weight_map puts ${name} in ${JSON.stringify(shard)}`, 'a .safetensors file beside it');
    }
    map.set(name, shard);
  }
  return map;
}

function checkWeightMap(
  indexFile: string,
  weightMap: ReadonlyMap<string, string>,
  tensors: ReadonlyMap<string, TensorInfo>,
): void {
  for (const [name, shard] of weightMap) {
    const tensor = tensors.get(name);
    const found = tensor && path.basename(tensor.file);
    if (found === shard) continue;
    throw invalid(indexFile, `${name} is ${found ? `in ${found}` : 'in none of the files'}`, `it in ${shard}`, {
      name,
    });
  }
}

function truncated(file: string, expectedBytes: number, foundBytes: number): FineTuneError {
  return new FineTuneError(
    'CHECKPOINT_TRUNCATED',
    `${file} has ${foundBytes} bytes, its header asks for at least ${expectedBytes}. The download or copy stopped early: fetch the file again.`,
    { file, expectedBytes, foundBytes },
  );
}

function invalid(
  file: string,
  found: string,
  expected: string,
  details: Record<string, unknown> = {},
  cause?: unknown,
): FineTuneError {
  return new FineTuneError(
    'CHECKPOINT_INVALID',
    `${file}: ${found}; expected ${expected}. Fetch or export the file again.`,
    { file, ...details },
    { cause },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// ------------------------------------------------------------------------------------------------------ conversions

let halfTable: Uint32Array | undefined;

/** f32 bit patterns of all 65,536 halves (256 KiB, built on first use): a look-up is faster than the arithmetic. */
function halfToSingleTable(): Uint32Array {
  if (halfTable) return halfTable;
  halfTable = new Uint32Array(65536);
  for (let half = 0; half < 65536; half++) halfTable[half] = halfToSingleBits(half);
  return halfTable;
}

function halfToSingleBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0; // infinity, NaN with its payload
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0; // bias 15 -> 127
  if (mantissa === 0) return sign >>> 0;
  // Subnormal: mantissa * 2^-24 is a normal f32. Shift its leading one to bit 10, the implicit one.
  const shift = Math.clz32(mantissa) - 21;
  return (sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13)) >>> 0;
}

/** Writes the f32 bit patterns of `count` halves from `offset` on. */
export function widenHalves(halves: Uint16Array, count: number, bits: Uint32Array, offset: number): void {
  const table = halfToSingleTable();
  for (let i = 0; i < count; i++) bits[offset + i] = table[halves[i]];
}

/** Bits of the half nearest to the f32 with these bits, ties to even (IEEE 754). Too large becomes infinity. */
export function singleToHalfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff); // NaN, quiet
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and more
  if (magnitude >= 0x38800000) {
    // Normal half. A carry out of the mantissa moves into the exponent and, at 65520, on to infinity, as it must.
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x33000000) return sign; // below 2^-25: nearer to zero than to 2^-24
  // Subnormal half: multiples of 2^-24.
  const shift = 126 - (magnitude >>> 23); // 14 ... 24
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return sign | (kept + (rest > tie || (rest === tie && (kept & 1) === 1) ? 1 : 0));
}

/** Bits of the bfloat16 nearest to the f32 with these bits, ties to even. */
export function singleToBfloatBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits >>> 16) | 0x40) & 0xffff; // NaN, quiet
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

// ---------------------------------------------------------------------------------------------------------- writing

/** A tensor to write; `data` is called once, when its turn comes, so one tensor is in memory at a time. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: FloatDtype;
  /** Row-major values, as many as the shape says. */
  readonly data: () => Float32Array;
}

/** Bytes of a tensor in the file. */
export function storedBytes(tensor: Pick<TensorToWrite, 'shape' | 'dtype'>): number {
  return BYTES_PER_ELEMENT[tensor.dtype] * tensor.shape.reduce((product, size) => product * size, 1);
}

/**
 * Writes one safetensors file: to `<file>.partial`, fsynced, then renamed, so that `file` is whole or absent. Tensors
 * are laid out as the reference implementation does (wider types first, then by name); halves are rounded to nearest,
 * ties to even.
 *
 * @param metadata @default { format: 'pt' }, which transformers asks for
 * @throws DISK_FULL, NO_PERMISSION, TENSOR_SHAPE (a tensor's data has another length than its shape),
 * TENSOR_DTYPE (a finite value is too large for F16), CHECKPOINT_INVALID (a name twice)
 */
export function writeSafetensors(
  file: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): void {
  const ordered = [...tensors].sort(
    (a, b) =>
      BYTES_PER_ELEMENT[b.dtype] - BYTES_PER_ELEMENT[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, dtype } of ordered) {
    if (name in header) throw invalid(file, `${name} is given twice`, 'every name once', { name });
    const begin = end;
    end += storedBytes({ shape, dtype });
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const paddedBytes = Math.ceil(json.length / 8) * 8; // keeps the tensors aligned
  const head = Buffer.alloc(8 + paddedBytes, ' ');
  head.writeBigUInt64LE(BigInt(paddedBytes));
  json.copy(head, 8);

  const partial = `${file}.partial`;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(partial, 'w');
    writeFully(descriptor, head);
    for (const tensor of ordered) writeTensor(descriptor, tensor);
    fs.fsyncSync(descriptor);
    fs.closeSync(descriptor);
    descriptor = undefined;
    fs.renameSync(partial, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    fs.rmSync(partial, { force: true });
    throw describeFileError(error, file);
  }
}

function writeTensor(descriptor: number, tensor: TensorToWrite): void {
  const values = tensor.data();
  const expected = storedBytes({ shape: tensor.shape, dtype: 'F32' }) / 4;
  if (values.length !== expected) {
    throw new FineTuneError(
      'TENSOR_SHAPE',
      `${tensor.name} has ${values.length} values, its shape (${tensor.shape.join(', ')}) ${expected}. Give as many values as the shape says.`,
      { name: tensor.name, found: values.length, expected },
    );
  }
  if (tensor.dtype === 'F32') {
    writeFully(descriptor, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return;
  }
  const narrow = tensor.dtype === 'BF16' ? singleToBfloatBits : singleToHalfBits;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(Math.min(CHUNK_BYTES / 2, values.length));
  for (let done = 0; done < values.length; ) {
    const count = Math.min(halves.length, values.length - done);
    for (let i = 0; i < count; i++) halves[i] = narrow(bits[done + i]);
    if (tensor.dtype === 'F16') refuseOverflow(tensor.name, values, halves, done, count);
    writeFully(descriptor, new Uint8Array(halves.buffer, 0, count * 2));
    done += count;
  }
}

function refuseOverflow(name: string, values: Float32Array, halves: Uint16Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) {
    if ((halves[i] & 0x7fff) !== 0x7c00 || !Number.isFinite(values[offset + i])) continue;
    throw new FineTuneError(
      'TENSOR_DTYPE',
      `${name} holds ${values[offset + i]}, F16 ends at 65504. Save as BF16 or F32.`,
      { name, value: values[offset + i] },
    );
  }
}

function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += fs.writeSync(descriptor, bytes, done, Math.min(MAX_READ_BYTES, bytes.length - done));
  }
}

/** Makes a rename in `folder` durable. Windows cannot open folders, and journals renames by itself. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A system error with a code and a remedy; anything else comes back unchanged. */
export function describeFileError(error: unknown, file: string): unknown {
  const systemCode = (error as NodeJS.ErrnoException | undefined)?.code;
  const details = { file, systemCode };
  const cause = { cause: error };
  if (error instanceof FineTuneError) return error;
  if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT') {
    return new FineTuneError(
      'DISK_FULL',
      `${file}: the disk is full. Free space or choose another folder.`,
      details,
      cause,
    );
  }
  if (systemCode === 'EACCES' || systemCode === 'EPERM' || systemCode === 'EROFS') {
    const message = `${file}: access was denied (${systemCode}). Change the permissions or choose another folder.`;
    return new FineTuneError('NO_PERMISSION', message, details, cause);
  }
  if (systemCode === 'ENOENT' || systemCode === 'ENOTDIR' || systemCode === 'EISDIR') {
    const message = `${file} was not found as a file (${systemCode}). Check the path.`;
    return new FineTuneError('MODEL_NOT_FOUND', message, details, cause);
  }
  return error;
}
