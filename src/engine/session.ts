/**
 * @file Runs graphs on ONNX Runtime. The only importer of onnxruntime-node, and the only place that knows of the
 * no-copy mode.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { FineTuneError } from '../errors.ts';
import { Graph, sizeOf, type Value } from './graph.ts';
import { type ExtractedModel, type ExtractOptions, extractModel, type Port, SEQUENCE_OUTPUT } from './onnx.ts';

export type Device = 'cpu' | 'webgpu' | 'cuda' | 'dml';
export type TensorData = Float32Array | Float64Array | BigInt64Array | Int8Array;

export interface EngineOptions {
  /** @default 'cpu' */
  readonly device?: Device;
  /** Threads of one operator. @default the number of cores ONNX Runtime finds */
  readonly threads?: number;
  /** Allow the no-copy mode where its self-test passes. @default true */
  readonly noCopy?: boolean;
}

/** What all sessions of a process share; counts the work that was executed. */
export interface Engine {
  readonly device: Device;
  readonly threads?: number;
  /** The no-copy mode passed its self-test here and is in use. */
  readonly noCopy: boolean;
  /** Floating-point operations of the products executed so far. */
  flops: number;
  /** Sessions run so far. */
  runs: number;
}

/** Version of the ONNX Runtime binding. */
export function engineVersion(): string {
  return env.versions.node ?? env.versions.common;
}

/**
 * Opens the engine.
 *
 * @throws DEVICE_UNAVAILABLE when the package holds no such execution provider on this platform, or a first product
 *   on it fails (no driver, no GPU).
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { device = 'cpu', threads, noCopy = true } = options;
  const bundled = listSupportedBackends().map((backend) => backend.name);
  if (!bundled.includes(device)) {
    throw new FineTuneError(
      'DEVICE_UNAVAILABLE',
      `Device "${device}" is not available: ONNX Runtime on this platform offers ${bundled.join(', ')}. Choose one of these with --device.`,
      { device, bundled },
    );
  }
  const engine = { device, threads, noCopy: false, flops: 0, runs: 0 };
  if (device !== 'cpu') await checkDevice(engine);
  else if (noCopy) engine.noCopy = await noCopyWorks(engine);
  return engine;
}

/** Computes 2·3 on the device: a bundled provider says nothing of drivers and libraries that it needs. */
async function checkDevice(engine: Engine): Promise<void> {
  const graph = new Graph();
  const product = graph.gemm(graph.input('a', [1, 1]), graph.input('b', [1, 1]));
  const result = new Float32Array(1);
  try {
    const session = await createSession({ ...engine }, graph, [product]);
    await session.run({ a: Float32Array.of(2), b: Float32Array.of(3) }, { [product.name]: result });
    await session.release();
  } catch (error) {
    throw new FineTuneError(
      'DEVICE_UNAVAILABLE',
      `Device "${engine.device}" does not work here: ${(error as Error).message} Install its driver, or choose --device cpu.`,
      { device: engine.device },
      { cause: error },
    );
  }
  if (result[0] !== 6) {
    throw new FineTuneError(
      'DEVICE_UNAVAILABLE',
      `Device "${engine.device}" computes 2·3 = ${result[0]} here. Update its driver, or choose --device cpu.`,
      { device: engine.device },
    );
  }
}

/** A compiled part of a graph. */
export interface EngineSession {
  readonly inputs: readonly Port[];
  /** Floating-point operations of the products of one run. */
  readonly flops: number;
  /**
   * Computes the outputs into the given buffers. A buffer may also be an input (in-place update on the CPU) when only
   * the operator that writes it reads it, as with `accumulate`.
   *
   * @param feeds a buffer for each input, by name; further entries are ignored. Begin them at multiples of 16 bytes:
   *   ONNX Runtime's sums add in an order that depends on the alignment, so the last bit would depend on it.
   * @param into a buffer for each output, by name.
   * @throws SHAPE_MISMATCH for a buffer of another length or type; ENGINE_FAILED; OUT_OF_MEMORY.
   */
  run(feeds: Readonly<Record<string, TensorData>>, into: Readonly<Record<string, TensorData>>): Promise<void>;
  release(): Promise<void>;
}

/**
 * Compiles the part of `graph` that computes `outputs`.
 *
 * @param options.portable @default true on every device but the CPU
 * @throws ENGINE_FAILED with ONNX Runtime's own message.
 */
export async function createSession(
  engine: Engine,
  graph: Graph,
  outputs: readonly Value[],
  options: Omit<ExtractOptions, 'leadingSequence'> = {},
): Promise<EngineSession> {
  const model = extractModel(graph, outputs, {
    portable: engine.device !== 'cpu',
    ...options,
    leadingSequence: engine.noCopy,
  });
  const session = await compile(engine, graph, model);
  if (DEBUG >= 3) describeModel(model);
  const run = engine.noCopy ? runWithoutCopies : engine.device === 'cpu' ? runInPlace : runAndCopyBack;
  return {
    inputs: model.inputs,
    flops: model.flops,
    async run(feeds, into) {
      const tensors = tensorsOf(model.inputs, feeds);
      const fetches = tensorsOf(model.outputs, into);
      try {
        await run(session, tensors, fetches);
      } catch (error) {
        throw engineFailure('run', error, { outputs: model.outputs.map((port) => port.name) });
      }
      engine.flops += model.flops;
      engine.runs++;
    },
    release: () => session.release(),
  };
}

/** DEBUG=3 prints a line for each compiled graph, DEBUG=4 also writes it as .onnx (Netron opens it). */
const DEBUG = Number(process.env.DEBUG) || 0;
let dumped = 0;

function describeModel({ bytes, inputs, outputs, flops, nodeCount }: ExtractedModel): void {
  const shapes = outputs.map(({ name, shape }) => `${name} (${shape.join(', ')})`).join(', ');
  process.stderr.write(`graph: ${nodeCount} nodes, ${inputs.length} inputs, ${flops / 1e6} MFLOP -> ${shapes}\n`);
  if (DEBUG < 4) return;
  const file = path.join(os.tmpdir(), `rgft-${process.pid}-${dumped++}.onnx`);
  writeFileSync(file, bytes);
  process.stderr.write(`  ${file}\n`);
}

type Run = (session: InferenceSession, feeds: Record<string, Tensor>, fetches: Record<string, Tensor>) => Promise<void>;

/** Public API on the CPU: preallocated outputs are written in place, and then also copied by the binding. */
const runInPlace: Run = async (session, feeds, fetches) => {
  await session.run(feeds, fetches);
};

/** Other devices compute into memory of their own. */
const runAndCopyBack: Run = async (session, feeds, fetches) => {
  const results = await session.run(feeds, Object.keys(fetches));
  for (const [name, { data }] of Object.entries(fetches)) (data as TensorData).set(results[name].data as never);
};

const NON_TENSOR_OUTPUT = /Non tensor type/;

/**
 * No-copy mode. The binding (1.30.0) copies every output, preallocated or not, into a fresh ArrayBuffer: 79 ms for
 * 64 MB that take 14 ms to compute. When the first output is a sequence, ONNX Runtime computes everything, writes the
 * preallocated outputs, and the binding then throws exactly one known error *before* it starts to copy. Used only
 * where `noCopyWorks` has seen it work; microsoft/onnxruntime pull request 32346 makes it superfluous.
 */
const runWithoutCopies: Run = async (session, feeds, fetches) => {
  try {
    await session.run(feeds, { [SEQUENCE_OUTPUT]: null, ...fetches });
  } catch (error) {
    if (!NON_TENSOR_OUTPUT.test(String(error))) throw error;
  }
};

function tensorsOf(ports: readonly Port[], buffers: Readonly<Record<string, TensorData>>): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const port of ports) tensors[port.name] = toTensor(port, buffers[port.name]);
  return tensors;
}

/**
 * The tensor that was last made of a buffer. Weights and caches are passed again and again, and making a tensor costs as
 * much as handing it over: 1.5 ms of a 25 ms token for a model of 30 layers.
 */
const tensorOf = new WeakMap<TensorData, Tensor>();

function toTensor({ name, shape, type }: Port, data: TensorData | undefined): Tensor {
  const known = data && tensorOf.get(data);
  if (known?.type === type && isSameShape(known.dims, shape)) return known;
  if (data?.length !== sizeOf(shape) || !(data instanceof ARRAY_OF_TYPE[type])) {
    const found = data === undefined ? 'is missing' : `is a ${data.constructor.name} of ${data.length} elements`;
    throw new FineTuneError(
      'SHAPE_MISMATCH',
      `Buffer "${name}" ${found}; its shape (${shape.join(', ')}) needs a ${ARRAY_OF_TYPE[type].name} of ${sizeOf(shape)}.`,
      { name, shape, type },
    );
  }
  const tensor = new Tensor(type, data, shape);
  tensorOf.set(data, tensor);
  return tensor;
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((length, axis) => length === b[axis]));
}

const ARRAY_OF_TYPE = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int8: Int8Array } as const;

async function compile(engine: Engine, graph: Graph, model: ExtractedModel): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model.bytes, {
      executionProviders: engine.device === 'cpu' ? ['cpu'] : [engine.device, 'cpu'],
      ...(engine.threads && { intraOpNumThreads: engine.threads }),
      interOpNumThreads: 1,
      // A fusion would make a float-only operator of a double-precision graph.
      graphOptimizationLevel: graph.type === 'float64' ? 'basic' : 'all',
      // Costs no speed with static shapes. (The arena itself stays on: it keeps a session's peak of temporaries, but
      // without it every run touches fresh pages, 8 x slower for a 64 MB temporary.)
      enableMemPattern: false,
      logSeverityLevel: 3,
      // Idle threads of one session must not spin against the other sessions' work (up to 1.8 x).
      extra: { session: { force_spinning_stop: '1' } },
    });
  } catch (error) {
    throw engineFailure('compile', error, { nodes: model.nodeCount });
  }
}

function engineFailure(action: string, error: unknown, details: Record<string, unknown>): FineTuneError {
  if (error instanceof FineTuneError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/bad_alloc|out of memory|Failed to allocate/i.test(message)) {
    return new FineTuneError(
      'OUT_OF_MEMORY',
      `ONNX Runtime could not allocate memory (${message}). Use a shorter --seq-length, a smaller --micro-batch or --activations recompute.`,
      details,
      { cause: error },
    );
  }
  return new FineTuneError('ENGINE_FAILED', `ONNX Runtime failed to ${action} a graph: ${message}`, details, {
    cause: error,
  });
}

/** y += a·b, twice, in place in WebAssembly memory, checked to the bit. */
async function noCopyWorks(engine: Engine): Promise<boolean> {
  const memory = new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer);
  const graph = new Graph();
  const product = graph.gemm(graph.input('a', [2, 2]), graph.input('b', [2, 2]));
  const a = memory.subarray(0, 4);
  const b = memory.subarray(4, 8);
  const y = memory.subarray(8, 12);
  a.set([1, 2, 3, 4]);
  b.set([5, 6, 7, 8]);
  y.set([1, 1, 1, 1]);
  const accumulate = new Map([[product, 'before']]);
  const model = extractModel(graph, [product], { accumulate, leadingSequence: true });
  let session: InferenceSession | undefined;
  try {
    session = await compile(engine, graph, model);
    for (let i = 0; i < 2; i++) {
      const feeds = tensorsOf(model.inputs, { a, b, before: y });
      await runWithoutCopies(session, feeds, tensorsOf(model.outputs, { [product.name]: y }));
    }
    return [39, 45, 87, 101].every((expected, i) => y[i] === expected);
  } catch {
    // Any other behaviour of the binding means: use the public API.
    return false;
  } finally {
    await session?.release();
  }
}
