/** @file Numbers for tests: seeded values, closeness, central differences, and one-shot runs of a graph. */
import assert from 'node:assert/strict';
import { type Graph, sizeOf, type Value } from '../../src/engine/graph.ts';
import { type ExtractOptions, extractModel } from '../../src/engine/onnx.ts';
import { createSession, type Engine, type TensorData } from '../../src/engine/session.ts';
import { createRandom, nextFloat } from '../../src/random.ts';

/** `size` numbers in [low, high), the same for the same seed. */
export function randomNumbers(size: number, seed: number, low = -1, high = 1): number[] {
  const random = createRandom(seed, 'test');
  return Array.from({ length: size }, () => low + (high - low) * nextFloat(random));
}

/** Fails unless every |actual - expected| <= tolerance * max(1, |expected|). */
export function assertClose(
  actual: ArrayLike<number | bigint>,
  expected: ArrayLike<number | bigint>,
  tolerance: number,
  label: string,
): void {
  assert.equal(actual.length, expected.length, `${label}: number of elements`);
  for (let i = 0; i < expected.length; i++) {
    const [found, wanted] = [Number(actual[i]), Number(expected[i])];
    const error = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
    // Written so that NaN fails.
    if (!(error <= tolerance)) {
      assert.fail(`${label}[${i}] is ${actual[i]}, expected ${expected[i]}: error ${error}, allowed ${tolerance}`);
    }
  }
}

/**
 * Largest difference, relative to the largest magnitude of the reference. The floor is for gradients that are zero but
 * for rounding: without rotation a key bias adds the same to all scores of a query, which softmax does not see.
 */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  let worst = 0;
  let scale = 1e-3;
  expected.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - actual[i]));
    scale = Math.max(scale, Math.abs(value));
  });
  return worst / scale;
}

/** The bytes of an array, to compare bit for bit. */
export function bitsOf(data: TensorData): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

/** A zeroed (or filled) buffer as a session wants it for the value. */
export function bufferFor(
  { shape, type }: Pick<Value, 'shape' | 'type'>,
  data: readonly number[] = new Array<number>(sizeOf(shape)).fill(0),
): TensorData {
  if (type === 'int64') return BigInt64Array.from(data.map(BigInt));
  if (type === 'int8') return Int8Array.from(data);
  return type === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
}

/** Compiles, runs once and returns each output by its value's name. */
export async function evaluate(
  engine: Engine,
  graph: Graph,
  outputs: readonly Value[],
  feeds: Readonly<Record<string, TensorData>>,
  options: Omit<ExtractOptions, 'leadingSequence'> = {},
): Promise<Record<string, TensorData>> {
  const session = await createSession(engine, graph, outputs, options);
  const into = Object.fromEntries(outputs.map((value) => [value.name, bufferFor(value)]));
  try {
    await session.run(feeds, into);
  } finally {
    await session.release();
  }
  return into;
}

/**
 * d f / d x[i] for every i by (f(x + h) - f(x - h)) / 2h. The error is h²/6 |f'''| + 1e-16 |f| / h: about 1e-10 for
 * functions of ordinary size at the default step.
 */
export async function centralDifferences(
  f: (x: readonly number[]) => number | Promise<number>,
  x: readonly number[],
  step = 1e-5,
): Promise<number[]> {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const above = await f(x.with(i, x[i] + step));
    const below = await f(x.with(i, x[i] - step));
    slopes.push((above - below) / (2 * step));
  }
  return slopes;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Operators of a written model, in order (reads only the protobuf fields it needs). */
export function operatorsOf(bytes: Uint8Array): string[] {
  const operators: string[] = [];
  for (const graph of fieldsOf(bytes, 7)) {
    for (const node of fieldsOf(graph, 1)) {
      for (const name of fieldsOf(node, 4)) operators.push(new TextDecoder().decode(name));
    }
  }
  return operators;
}

/** Operators of the model that computes `outputs`. */
export function operatorsFor(graph: Graph, outputs: readonly Value[], options: ExtractOptions = {}): string[] {
  return operatorsOf(extractModel(graph, outputs, options).bytes);
}

/** Contents of every occurrence of a length-delimited protobuf field. */
export function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      if (tag >> 3 === wanted) found.push(message.subarray(at, at + length));
      at += length;
    } else assert.fail(`wire type ${wireType} at ${at}`);
  }
  return found;
}
