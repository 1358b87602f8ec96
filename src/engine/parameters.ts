/**
 * @file Where weights, gradients and optimizer state live: WebAssembly memories, so that the optimizer kernels and
 * ONNX Runtime work on the same bytes without a copy.
 *
 * Address space for everything is reserved at once and pages cost memory only when they are first touched: a frozen
 * weight has no gradient and no state that would be paid for.
 */
import { FineTuneError } from '../errors.ts';
import { type Shape, sizeOf } from './graph.ts';
import { KERNELS_WASM_BASE64 } from './kernels.generated.ts';

const PAGE_BYTES = 65536;
/** WebAssembly addresses 4 GiB; one page is left free so that no length overflows 32 bits. */
const MAX_MEMORY_BYTES = 65535 * PAGE_BYTES;
/** Small tensors share a memory up to this size: every memory reserves address space of its own. */
const SHARED_MEMORY_BYTES = 2 ** 30;

/** Exports of kernels.wat; see there for the meaning of the arguments. Addresses in bytes, strides in elements. */
export interface Kernels {
  adamw(
    p: number,
    pStride: number,
    g: number,
    gStride: number,
    m: number,
    v: number,
    rows: number,
    cols: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    rate: number,
    c2: number,
    scale: number,
  ): void;
  sgd(
    p: number,
    pStride: number,
    g: number,
    gStride: number,
    rows: number,
    cols: number,
    decay: number,
    rate: number,
    scale: number,
  ): void;
  sumOfSquares(x: number, stride: number, rows: number, cols: number): number;
}

/** A weight tensor. The four arrays have its size; `gradient`, `first` and `second` are empty when not trainable. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly weights: Float32Array;
  /** Gradient of the present step; a selection of rows or columns lies compactly at its start. */
  readonly gradient: Float32Array;
  /** AdamW's first and second moments. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** The kernels of the memory that holds this parameter; absent when not trainable. */
  readonly kernels?: Kernels;
}

export type ParameterStore = ReadonlyMap<string, Parameter>;

/** Bytes that a tensor takes with gradient and optimizer state: 16 an element, each of the four arrays padded. */
function trainingBytes(elements: number): number {
  return 4 * paddedBytes(elements);
}

/** Whether a tensor of so many elements can be trained at all: with all that belongs to it, it lives in one memory. */
export function fitsTrainingMemory(elements: number): boolean {
  return trainingBytes(elements) <= MAX_MEMORY_BYTES;
}

/**
 * Allocates parameters, all zero.
 *
 * @param trainable reserve room for gradients and optimizer state. @default true
 * @throws OUT_OF_MEMORY when a tensor does not fit, or the system refuses the address space.
 */
export function allocateParameters(shapes: ReadonlyMap<string, Shape>, trainable = true): ParameterStore {
  const store = new Map<string, Parameter>();
  if (!trainable) {
    const none = new Float32Array(0);
    for (const [name, shape] of shapes) {
      store.set(name, {
        name,
        shape,
        weights: allocate(name, 4 * sizeOf(shape), () => new Float32Array(sizeOf(shape))),
        gradient: none,
        first: none,
        second: none,
      });
    }
    return store;
  }
  for (const group of packGroups(shapes)) {
    const bytes = group.reduce((sum, [, shape]) => sum + trainingBytes(sizeOf(shape)), 0);
    const memory = allocate(
      group[0][0],
      bytes,
      () => new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) }),
    );
    const kernels = instantiateKernels(memory);
    let offset = 0;
    for (const [name, shape] of group) {
      const view = () => {
        const array = new Float32Array(memory.buffer, offset, sizeOf(shape));
        offset += paddedBytes(sizeOf(shape));
        return array;
      };
      store.set(name, { name, shape, weights: view(), gradient: view(), first: view(), second: view(), kernels });
    }
  }
  return store;
}

/**
 * Gives back the gradients and the optimizer state of weights that are no longer trained: a WebAssembly memory cannot
 * shrink, so everything moves into new ones, weights and moments of what stays trainable to the bit. Of a store that was
 * allocated without room for them, what is trained moves into such a memory and the rest stays where it is.
 *
 * The entries of the store are replaced. The old arrays live on for whoever still holds them; ask the store again.
 *
 * @throws OUT_OF_MEMORY; the store is then as it was.
 */
export function releaseFrozen(store: ParameterStore, isTrained: (name: string) => boolean): void {
  const shapes = (trained: boolean) =>
    new Map(
      [...store]
        .filter(([name, { kernels }]) => isTrained(name) === trained && (trained || kernels))
        .map(([name, { shape }]) => [name, shape]),
    );
  const moved = new Map([...allocateParameters(shapes(false), false), ...allocateParameters(shapes(true))]);
  for (const [name, { weights, first, second }] of moved) {
    const old = store.get(name)!;
    weights.set(old.weights);
    // Moments that were never touched stay untouched: pages cost memory from the first write on.
    if (first.length > 0 && old.first.some((value) => value !== 0)) {
      first.set(old.first);
      second.set(old.second);
    }
  }
  for (const [name, parameter] of moved) (store as Map<string, Parameter>).set(name, parameter);
}

/** Instantiates the optimizer kernels on a memory. */
export function instantiateKernels(memory: WebAssembly.Memory): Kernels {
  const module = new WebAssembly.Module(Buffer.from(KERNELS_WASM_BASE64, 'base64'));
  return new WebAssembly.Instance(module, { rgft: { memory } }).exports as unknown as Kernels;
}

/** Bytes of so many floats, rounded up to a cache line. */
function paddedBytes(elements: number): number {
  return Math.ceil((4 * elements) / 64) * 64;
}

function packGroups(shapes: ReadonlyMap<string, Shape>): [string, Shape][][] {
  const groups: [string, Shape][][] = [];
  let room = 0;
  for (const [name, shape] of shapes) {
    const bytes = trainingBytes(sizeOf(shape));
    if (!fitsTrainingMemory(sizeOf(shape))) {
      throw new FineTuneError(
        'OUT_OF_MEMORY',
        `${name} (${shape.join(', ')}) needs ${(bytes / 2 ** 30).toFixed(1)} GiB with gradient and optimizer state; one tensor can have 4 GiB. Leave it as it is and train adapters (--method lora or rgft-lora), or choose a model with smaller matrices.`,
        { name, bytes },
      );
    }
    if (bytes > room) {
      groups.push([]);
      room = Math.max(SHARED_MEMORY_BYTES, bytes);
    }
    groups[groups.length - 1].push([name, shape]);
    room -= bytes;
  }
  return groups;
}

function allocate<T>(name: string, bytes: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new FineTuneError(
      'OUT_OF_MEMORY',
      `The system refused ${(bytes / 2 ** 30).toFixed(2)} GiB for ${name}. Close other programs or choose a smaller model.`,
      { name, bytes },
      { cause: error },
    );
  }
}
