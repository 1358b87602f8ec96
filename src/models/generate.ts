/**
 * @file Text generation with a key/value cache: the prompt is computed once and shared by all samples of a request;
 * each sample adds its own entries.
 *
 * Up to `batchSize` samples decode together. One that ends leaves its place to the next; when none waits, the places
 * are moved together and smaller sessions take over. Sample i depends on the model, the prompt, its options, the seed
 * and i, and on nothing else: see generationGraph.ts for how its logits stay the same to the bit in every company.
 */
import type { ParameterStore } from '../engine/parameters.ts';
import { createSession, type Engine, type EngineSession, type TensorData } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { createRandom, type RandomState } from '../random.ts';
import { buildBlock, rotaryTables } from './blocks.ts';
import { layerWeightShapes, lmHeadName, type ModelConfig } from './config.ts';
import {
  buildGenerationBlock,
  buildGenerationHead,
  CACHE_INPUTS,
  compiledRows,
  type GenerationBlock,
  type GenerationShape,
  layerInput,
  MAX_ROWS,
  maskLength,
  tiledMatrices,
  toTiles,
  type WeightLayout,
} from './generationGraph.ts';
import { checkSampling, logProbability, pickToken, type SamplingOptions } from './sampling.ts';
import { TextStream } from './textStream.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface GeneratorOptions {
  /**
   * Most tokens of prompt and continuation together. @default the model's `maxPositionEmbeddings`, at most 2048 (the
   * caches' memory grows with it)
   */
  readonly contextLength?: number;
  /**
   * Keep a second copy of all matrices in tiles, made at the first request for a single sample and used for such
   * requests: faster where one or two threads do the work, for twice the memory. The weights must not change any more,
   * and the logits differ in their last bits from those of a sample among others. For a model that only completes; one
   * with adapters is never copied.
   * @default false
   */
  readonly tiledCopy?: boolean;
}

export interface GenerationRequest extends SamplingOptions {
  /** Token ids, one at least. Of a prompt that leaves no room, the last tokens are kept: see `keptPrompt`. */
  readonly prompt: readonly number[];
  /** Most tokens of a sample. @default 64 */
  readonly maxTokens?: number;
  /** @default 1 */
  readonly numSamples?: number;
  /** Samples that decode together, 1 … 16; changes the speed and nothing else. @default 16 */
  readonly batchSize?: number;
  /** Sample i draws from a generator of its own, made of the seed and i. @default 0 */
  readonly seed?: number;
  /** Texts that end a sample; its text is cut before the first of them. @default none */
  readonly stop?: readonly string[];
  /**
   * Ids that end a sample. @default the configuration's `eosTokenIds`, the tokenizer's `eos` and `ends`, and where the
   * prompt asks for the middle of a gap, the markers of gaps
   */
  readonly endTokenIds?: readonly number[];
  /** Sum the natural logarithms of the tokens' probabilities at temperature 1. Costs a pass over the vocabulary. @default false */
  readonly logProbabilities?: boolean;
  /** Ends the request after the present step; what there is comes back as `aborted`. */
  readonly signal?: AbortSignal;
  /** Called with each token, the end token included. */
  readonly onToken?: (token: GeneratedToken) => void;
}

export interface GeneratedToken {
  /** Index of the sample. */
  readonly sample: number;
  readonly id: number;
  /** Text that became certain with this token; the pieces make up the result's text. */
  readonly text: string;
  /** With `logProbabilities`: nats. */
  readonly logProbability?: number;
}

export interface GenerationResult {
  /** Tokens of the continuation without the one that ended it; with `stop` up to the one that completed the stop string. */
  readonly ids: readonly number[];
  readonly text: string;
  /** `eos`: an end token; `stop`: a stop string; `length`: the limit of tokens or of the context. */
  readonly finish: 'stop' | 'eos' | 'length' | 'aborted';
  /** With `logProbabilities`: nats, over `ids` and the end token. */
  readonly logProbability?: number;
}

export interface GenerationResults {
  /** In the order of the samples. */
  readonly samples: readonly GenerationResult[];
  /** Tokens at the beginning of the prompt, behind a BOS that the tokenizer adds, that were left out. */
  readonly droppedPromptTokens: number;
}

/** Capacities that caches are compiled for; above the last, multiples of it. */
const CAPACITIES = [64, 128, 256, 384, 512, 768, 1024];
/** Prompt lengths that the prompt's sessions are compiled for: the steps below each limit. */
const PROMPT_STEPS = [
  [64, 16],
  [256, 32],
  [1024, 128],
  [Number.POSITIVE_INFINITY, 256],
] as const;
/** Compiled sessions that are kept; each has its own threads. */
const MAX_SESSIONS = 24;
const MASKED = -1e9;
const DEFAULT_CONTEXT = 2048;

interface Cache {
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** The prompt's keys and values, (K, P, D) for each layer, and the logits of its last token. */
interface Prompt {
  readonly ids: readonly number[];
  readonly layout: WeightLayout;
  readonly capacity: number;
  readonly layers: readonly Cache[];
  readonly logits: Float32Array;
}

interface Sample {
  readonly index: number;
  readonly random: RandomState;
  readonly stream: TextStream;
  readonly ids: number[];
  logProbability: number;
  finish?: GenerationResult['finish'];
}

/** Places of the samples that decode together: their own caches, (K, R, S, D) for each layer, and the mask. */
interface Places {
  readonly shape: GenerationShape;
  readonly layers: readonly Cache[];
  /** (R, 1, N) */
  readonly mask: Float32Array;
  /** Sample of each place, undefined where it is free, and its number of own entries. */
  readonly samples: (Sample | undefined)[];
  readonly lengths: number[];
}

/**
 * The prompt that is really used: all of it when at least one more token fits into the context. Else the last tokens,
 * so many that `maxTokens` fit behind them, but no less than half of the context.
 *
 * @param bos token that every text of the model begins with: it stays in front, for a model that was trained with it
 *   attends to it at every token
 */
export function keptPrompt(
  prompt: readonly number[],
  maxTokens: number,
  contextLength: number,
  bos?: number,
): readonly number[] {
  if (prompt.length < contextLength) return prompt;
  const kept = contextLength - Math.min(maxTokens, Math.floor(contextLength / 2));
  if (prompt[0] !== bos) return prompt.slice(prompt.length - kept);
  return [bos, ...prompt.slice(prompt.length - (kept - 1))];
}

/** Generates with one model. Requests run one after another; the weights may change between them. */
export class Generator {
  readonly contextLength: number;
  readonly #layerWeightNames: readonly string[];
  readonly #tiledMatrices: ReturnType<typeof tiledMatrices>;
  readonly #tables: { readonly cos: Float32Array; readonly sin: Float32Array };
  readonly #tableLength: number;
  /** Least recently used first. */
  readonly #sessions = new Map<string, Promise<Compiled>>();
  readonly #buffers = new Map<string, Float32Array>();
  /** Matrices in tiles by name, where they are wanted. */
  readonly #tiles: Map<string, Float32Array> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly engine: Engine,
    readonly config: ModelConfig,
    readonly store: ParameterStore,
    readonly tokenizer: Tokenizer,
    options: GeneratorOptions = {},
  ) {
    const longest = config.maxPositionEmbeddings;
    this.contextLength = Math.min(longest, options.contextLength ?? DEFAULT_CONTEXT);
    this.#tiles = options.tiledCopy && !config.lora ? new Map() : undefined;
    this.#tiledMatrices = tiledMatrices(config);
    this.#layerWeightNames = [...layerWeightShapes(config).keys()];
    this.#tableLength = compiledPromptLength(this.contextLength);
    this.#tables = rotaryTables(config, this.#tableLength);
  }

  /**
   * Continues a prompt.
   *
   * @throws USAGE for values out of range; CHECKPOINT_INVALID when the model computes no numbers; OUT_OF_MEMORY,
   *   ENGINE_FAILED
   */
  async generate(request: GenerationRequest): Promise<GenerationResults> {
    const before = this.#queue;
    const run = (async () => {
      await before.catch(() => undefined); // its own caller has been told
      return await this.#run(request);
    })();
    this.#queue = run;
    return await run;
  }

  /** Drops sessions and buffers; they come back when they are needed. Waits for running requests. */
  async release(): Promise<void> {
    await this.#queue.catch(() => undefined);
    const compiled = await Promise.all(this.#sessions.values());
    this.#sessions.clear();
    this.#buffers.clear();
    await Promise.all(compiled.map(({ session }) => session.release()));
  }

  async #run(request: GenerationRequest): Promise<GenerationResults> {
    const { maxTokens = 64, numSamples = 1, batchSize = MAX_ROWS, seed = 0, stop = [], signal } = request;
    checkRequest(request, maxTokens, numSamples, batchSize, stop);
    const { addsBos, special } = this.tokenizer;
    const ids = keptPrompt(request.prompt, maxTokens, this.contextLength, addsBos ? special.bos : undefined);
    const samples = Array.from({ length: numSamples }, (_, index): Sample => {
      const random = createRandom(seed, 'sample', index);
      return { index, random, stream: new TextStream(this.tokenizer, ids, stop), ids: [], logProbability: 0 };
    });
    const limit = Math.min(maxTokens, this.contextLength - ids.length);
    const take = this.#tokenTaker(request, limit);
    const layout = this.#tiles && numSamples === 1 ? 'tiled' : 'checkpoint';
    const prompt = limit > 0 && !signal?.aborted ? await this.#computePrompt(ids, layout, signal) : undefined;
    if (prompt) await this.#decode(prompt, samples, batchSize, take, signal);
    return {
      samples: samples.map((sample) => {
        sample.finish ??= limit > 0 ? 'aborted' : 'length';
        if (sample.finish === 'aborted') sample.stream.finish();
        return {
          ids: sample.ids,
          text: sample.stream.text,
          finish: sample.finish,
          ...(request.logProbabilities && { logProbability: sample.logProbability }),
        };
      }),
      droppedPromptTokens: request.prompt.length - ids.length,
    };
  }

  /** Returns what gives a sample its next token, and ends the sample where it ends. */
  #tokenTaker(request: GenerationRequest, limit: number): (sample: Sample, logits: Float32Array) => void {
    const { eos, fim, ends: familyEnds = [] } = this.tokenizer.special;
    // Behind a filled gap the next one begins. In plain text such a marker is a slip, and the text goes on without it.
    const gapEnds = fim && request.prompt.includes(fim.middle) ? [fim.prefix, fim.suffix, fim.middle] : [];
    const ofModel = [...this.config.eosTokenIds, ...(eos === undefined ? [] : [eos]), ...familyEnds, ...gapEnds];
    const ends = new Set(request.endTokenIds ?? ofModel);
    return (sample, logits) => {
      const id = pickToken(logits, request, sample.random);
      const probability = request.logProbabilities ? { logProbability: logProbability(logits, id) } : undefined;
      sample.logProbability += probability?.logProbability ?? 0;
      const { ids, stream, index } = sample;
      let text = '';
      if (ends.has(id)) {
        sample.finish = 'eos';
      } else {
        ids.push(id);
        text = stream.push(id);
        if (ids.length >= limit) sample.finish = 'length';
      }
      if (sample.finish) text += stream.finish();
      if (stream.stopped) sample.finish = 'stop';
      request.onToken?.({ sample: index, id, text, ...probability });
    };
  }

  async #decode(
    prompt: Prompt,
    samples: readonly Sample[],
    batchSize: number,
    take: (sample: Sample, logits: Float32Array) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const waiting = [...samples];
    /** The next sample that goes on after its first token. */
    const next = (): Sample | undefined => {
      for (let sample = waiting.shift(); sample; sample = waiting.shift()) {
        take(sample, prompt.logits);
        if (!sample.finish) return sample;
      }
      return undefined;
    };
    const first: Sample[] = [];
    for (let sample = next(); sample; sample = first.length < batchSize ? next() : undefined) first.push(sample);
    let places = this.#newPlaces(prompt, first.length, 0);
    first.forEach((sample, row) => {
      places.samples[row] = sample;
    });
    const logits = new Float32Array(this.config.vocabSize);
    while (places.samples.some((sample) => sample)) {
      if (signal?.aborted) return;
      const columns = await this.#step(prompt, places);
      const R = places.shape.rows;
      places.samples.forEach((sample, row) => {
        if (!sample) return;
        for (let id = 0; id < logits.length; id++) logits[id] = columns[id * R + row];
        take(sample, logits);
        if (sample.finish) putSample(places, prompt, row, next());
      });
      places = this.#fitPlaces(prompt, places);
    }
  }

  /** Computes the present token of every place; returns the logits (V, R). */
  async #step(prompt: Prompt, places: Places): Promise<Float32Array> {
    const { hiddenSize: C, numKvHeads: K, headDim: D, numLayers } = this.config;
    const { rows: R, ownCapacity: S, promptCapacity: P } = places.shape;
    const { session, block } = await this.#blockSession(places.shape);
    const positions = places.lengths.map((length) => prompt.ids.length + length);
    const tokens = places.samples.map((sample) => sample?.ids[sample.ids.length - 1]);
    let x = this.#buffer('step.0', R * C);
    let y = this.#buffer('step.1', R * C);
    this.#embed(tokens, positions, x);
    const common: Record<string, TensorData> = {
      mask: places.mask,
      positions: BigInt64Array.from(positions, BigInt),
      ...this.#tables,
    };
    const together = block.layers.length;
    for (let first = 0; first < numLayers; first += together) {
      const feeds: Record<string, TensorData> = { ...common, x };
      const into: Record<string, TensorData> = { [block.y.name]: y };
      block.layers.forEach((outputs, i) => {
        const weights = this.#layerWeights(first + i, places.shape.layout);
        for (const name in weights) feeds[layerInput(i, name)] = weights[name];
        const [own, shared] = [places.layers[first + i], prompt.layers[first + i]];
        feeds[layerInput(i, CACHE_INPUTS.promptKeys)] = shared.keys;
        feeds[layerInput(i, CACHE_INPUTS.promptValues)] = shared.values;
        feeds[layerInput(i, CACHE_INPUTS.ownKeys)] = own.keys;
        feeds[layerInput(i, CACHE_INPUTS.ownValues)] = own.values;
        into[outputs.keys.name] = this.#buffer(`step.keys.${first + i}`, K * R * D);
        into[outputs.values.name] = this.#buffer(`step.values.${first + i}`, K * R * D);
      });
      await session.run(feeds, into);
      [x, y] = [y, x];
    }
    for (const [layer, own] of places.layers.entries()) {
      const keys = this.#buffer(`step.keys.${layer}`, K * R * D);
      const values = this.#buffer(`step.values.${layer}`, K * R * D);
      for (let group = 0; group < K; group++) {
        for (let row = 0; row < R; row++) {
          if (!places.samples[row]) continue;
          const from = (group * R + row) * D;
          const to = ((group * R + row) * S + places.lengths[row]) * D;
          own.keys.set(keys.subarray(from, from + D), to);
          own.values.set(values.subarray(from, from + D), to);
        }
      }
    }
    places.samples.forEach((sample, row) => {
      if (!sample) return;
      places.mask[row * maskLength(places.shape) + P + places.lengths[row]] = 0;
      places.lengths[row]++;
    });
    return await this.#logits(x, R, places.shape.layout);
  }

  async #logits(x: Float32Array, rows: number, layout: WeightLayout): Promise<Float32Array> {
    const { session, output } = await this.#session(`head ${rows} ${layout}`, async () => {
      const { graph, logits } = buildGenerationHead(this.config, rows, layout);
      return { session: await createSession(this.engine, graph, [logits]), output: logits.name };
    });
    const logits = this.#buffer('logits', this.config.vocabSize * rows);
    const head = lmHeadName(this.config);
    const feeds: Record<string, TensorData> = {
      x,
      head: layout === 'tiled' ? this.#inTiles([head]) : this.#weights(head),
    };
    for (const name of ['norm.weight', 'norm.bias']) if (this.store.has(name)) feeds[name] = this.#weights(name);
    await session.run(feeds, { [output!]: logits });
    return logits;
  }

  /** Runs the prompt through the training block, padded to a compiled length. Undefined when aborted. */
  async #computePrompt(
    ids: readonly number[],
    layout: WeightLayout,
    signal: AbortSignal | undefined,
  ): Promise<Prompt | undefined> {
    const { hiddenSize: C, numLayers, numKvHeads: K, headDim: D } = this.config;
    const T = compiledPromptLength(ids.length);
    const capacity = capacityFor(ids.length);
    const { session, prompt: block } = await this.#session(`prompt ${T}`, async () => {
      const graph = buildBlock(this.config, 1, T, 'float32', this.#tableLength);
      const { y, keys, values } = graph;
      return { session: await createSession(this.engine, graph.graph, [y, keys, values]), prompt: graph };
    });
    const positions = Array.from({ length: T }, (_, t) => t);
    const common: Record<string, TensorData> = {
      mask: causalMask(T),
      positions: BigInt64Array.from(positions, BigInt),
      ...this.#tables,
    };
    let x = this.#buffer('prompt.0', T * C);
    let y = this.#buffer('prompt.1', T * C);
    this.#embed(
      positions.map((t) => ids[t]),
      positions,
      x,
    );
    const keys = this.#buffer('prompt.keys', K * T * D);
    const values = this.#buffer('prompt.values', K * T * D);
    const layers: Cache[] = [];
    for (let layer = 0; layer < numLayers; layer++) {
      if (signal?.aborted) return undefined;
      const into = { [block!.y.name]: y, [block!.keys.name]: keys, [block!.values.name]: values };
      await session.run({ ...common, ...this.#layerWeights(layer), x }, into);
      const used = ids.length * D;
      const cache = {
        keys: this.#buffer(`prompt.keys.${layer}`, K * capacity * D),
        values: this.#buffer(`prompt.values.${layer}`, K * capacity * D),
      };
      for (let group = 0; group < K; group++) {
        const [from, to] = [group * T * D, group * capacity * D];
        cache.keys.set(keys.subarray(from, from + used), to);
        cache.values.set(values.subarray(from, from + used), to);
      }
      layers.push(cache);
      [x, y] = [y, x];
    }
    const R = compiledRows(this.config, layout)[0];
    const last = this.#buffer('prompt.last', R * C);
    last.set(x.subarray((ids.length - 1) * C, ids.length * C));
    const columns = await this.#logits(last, R, layout);
    const logits = Float32Array.from({ length: this.config.vocabSize }, (_, id) => columns[id * R]);
    return { ids, layout, capacity, layers, logits };
  }

  /** Token embeddings, with learned positions where the model has them; nothing where there is no token. */
  #embed(ids: readonly (number | undefined)[], positions: readonly number[], into: Float32Array): void {
    const { hiddenSize: C, vocabSize } = this.config;
    const table = this.#weights('embed_tokens.weight');
    const positionTable = this.config.rope ? undefined : this.#weights('embed_positions.weight');
    ids.forEach((id, row) => {
      const target = into.subarray(row * C, (row + 1) * C);
      if (id === undefined) {
        target.fill(0);
        return;
      }
      if (!(id >= 0 && id < vocabSize)) {
        throw new FineTuneError(
          'TOKENIZER_MISMATCH',
          `The prompt holds the id ${id}; the model's vocabulary has ${vocabSize}. Encode it with the model's own tokenizer.`,
          { id, vocabSize },
        );
      }
      target.set(table.subarray(id * C, (id + 1) * C));
      if (!positionTable) return;
      const at = positions[row] * C;
      for (let i = 0; i < C; i++) target[i] += positionTable[at + i];
    });
  }

  /** Room for `count` samples with `length` own entries, all of it free. */
  #newPlaces(prompt: Prompt, count: number, length: number): Places {
    const { numLayers, numKvHeads: K, headDim: D } = this.config;
    const { layout } = prompt;
    const rows = compiledRows(this.config, layout).find((n) => n >= count)!;
    const shape = { layout, rows, promptCapacity: prompt.capacity, ownCapacity: capacityFor(length + 1) };
    const size = K * rows * shape.ownCapacity * D;
    const places: Places = {
      shape,
      layers: Array.from({ length: numLayers }, () => ({
        keys: new Float32Array(size),
        values: new Float32Array(size),
      })),
      mask: new Float32Array(rows * maskLength(shape)),
      samples: new Array<Sample | undefined>(rows).fill(undefined),
      lengths: new Array<number>(rows).fill(0),
    };
    for (let row = 0; row < rows; row++) putSample(places, prompt, row, undefined);
    return places;
  }

  /** The same samples in as few places as are compiled, with room for one more entry each. */
  #fitPlaces(prompt: Prompt, places: Places): Places {
    const used = [...places.samples.keys()].filter((row) => places.samples[row]);
    const longest = Math.max(0, ...used.map((row) => places.lengths[row]));
    const rows = compiledRows(this.config, prompt.layout).find((n) => n >= used.length)!;
    const { ownCapacity: S, rows: R } = places.shape;
    if (used.length === 0 || (longest < S && rows === R)) return places;
    const fitted = this.#newPlaces(prompt, used.length, Math.max(longest, S - 1));
    const { numKvHeads: K, headDim: D } = this.config;
    used.forEach((row, newRow) => {
      const length = places.lengths[row];
      putSample(fitted, prompt, newRow, places.samples[row], length);
      places.layers.forEach((layer, l) => {
        for (let group = 0; group < K; group++) {
          const from = (group * R + row) * S * D;
          const to = (group * fitted.shape.rows + newRow) * fitted.shape.ownCapacity * D;
          fitted.layers[l].keys.set(layer.keys.subarray(from, from + length * D), to);
          fitted.layers[l].values.set(layer.values.subarray(from, from + length * D), to);
        }
      });
    });
    return fitted;
  }

  async #blockSession(shape: GenerationShape): Promise<{ session: EngineSession; block: GenerationBlock }> {
    const key = `block ${shape.layout} ${shape.rows} ${shape.promptCapacity} ${shape.ownCapacity}`;
    const { session, block } = await this.#session(key, async () => {
      const built = buildGenerationBlock(this.config, shape, this.#tableLength);
      const outputs = [built.y, ...built.layers.flatMap(({ keys, values }) => [keys, values])];
      return { session: await createSession(this.engine, built.graph, outputs), block: built };
    });
    return { session, block: block! };
  }

  async #session(key: string, compile: () => Promise<Compiled>): Promise<Compiled> {
    const known = this.#sessions.get(key) ?? compile();
    this.#sessions.delete(key);
    this.#sessions.set(key, known);
    if (this.#sessions.size > MAX_SESSIONS) {
      const [oldest, compiled] = this.#sessions.entries().next().value!;
      this.#sessions.delete(oldest);
      await (await compiled).session.release();
    }
    try {
      return await known;
    } catch (error) {
      this.#sessions.delete(key);
      throw error;
    }
  }

  #layerWeights(layer: number, layout: WeightLayout = 'checkpoint'): Record<string, Float32Array> {
    const feeds: Record<string, Float32Array> = {};
    for (const name of this.#layerWeightNames) feeds[name] = this.#weights(`layers.${layer}.${name}`);
    if (layout === 'checkpoint') return feeds;
    for (const [first, { members }] of this.#tiledMatrices) {
      const names = members.map((member) => `layers.${layer}.${member}.weight`);
      feeds[`${first}.weight`] = this.#inTiles(names);
    }
    return feeds;
  }

  /** Matrices with the same input in tiles, one after another; made when they are first asked for. */
  #inTiles(names: readonly string[]): Float32Array {
    let copy = this.#tiles!.get(names[0]);
    if (copy) return copy;
    const parts = names.map((name) => this.store.get(name)!);
    copy = new Float32Array(parts.reduce((sum, { weights }) => sum + weights.length, 0));
    let start = 0;
    for (const { weights, shape } of parts) {
      toTiles(weights, shape, copy.subarray(start, start + weights.length));
      start += weights.length;
    }
    this.#tiles!.set(names[0], copy);
    return copy;
  }

  #weights(name: string): Float32Array {
    const parameter = this.store.get(name);
    if (parameter) return parameter.weights;
    throw new FineTuneError('TENSOR_MISSING', `The model has no weight ${name}. Load it with loadModel.`, { name });
  }

  /** A buffer that lives between requests; its content is whatever was last in it. */
  #buffer(name: string, size: number): Float32Array {
    let buffer = this.#buffers.get(name);
    if (buffer?.length !== size) {
      buffer = new Float32Array(size);
      this.#buffers.set(name, buffer);
    }
    return buffer;
  }
}

interface Compiled {
  readonly session: EngineSession;
  readonly block?: GenerationBlock;
  readonly prompt?: ReturnType<typeof buildBlock>;
  readonly output?: string;
}

/** Puts a sample (or none) at a place and shows it the prompt and its own entries. */
function putSample(places: Places, prompt: Prompt, row: number, sample: Sample | undefined, length = 0): void {
  const { promptCapacity: P, ownCapacity: S } = places.shape;
  const N = maskLength(places.shape);
  places.samples[row] = sample;
  places.lengths[row] = length;
  const mask = places.mask.subarray(row * N, (row + 1) * N);
  mask.fill(MASKED);
  mask.fill(0, 0, prompt.ids.length);
  mask.fill(0, P, P + length);
  mask[P + S] = 0;
}

function capacityFor(length: number): number {
  const largest = CAPACITIES[CAPACITIES.length - 1];
  return CAPACITIES.find((capacity) => capacity >= length) ?? Math.ceil(length / largest) * largest;
}

function compiledPromptLength(length: number): number {
  const [, step] = PROMPT_STEPS.find(([limit]) => length <= limit)!;
  return Math.ceil(length / step) * step;
}

/** (1, 1, T, T) */
function causalMask(T: number): Float32Array {
  const mask = new Float32Array(T * T);
  for (let query = 0; query < T; query++) mask.fill(MASKED, query * T + query + 1, (query + 1) * T);
  return mask;
}

function checkRequest(
  request: GenerationRequest,
  maxTokens: number,
  numSamples: number,
  batchSize: number,
  stop: readonly string[],
): void {
  checkSampling(request);
  const usage = (message: string, details: Record<string, unknown>) => new FineTuneError('USAGE', message, details);
  if (request.prompt.length === 0) {
    throw usage('The prompt has no token; one at least is needed. Begin with the end-of-text token.', {});
  }
  if (!(Number.isSafeInteger(maxTokens) && maxTokens >= 0)) {
    throw usage(`The limit is ${maxTokens} tokens, expected a whole number.`, { maxTokens });
  }
  if (!(Number.isSafeInteger(numSamples) && numSamples >= 1)) {
    throw usage(`${numSamples} samples were asked for, expected one or more.`, { numSamples });
  }
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_ROWS)) {
    throw usage(`The batch size is ${batchSize}, expected 1 to ${MAX_ROWS}.`, { batchSize });
  }
  if (stop.includes('')) throw usage('A stop string is empty; every text would end at once. Leave it out.', {});
}
