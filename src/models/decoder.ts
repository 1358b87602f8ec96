/**
 * @file Runs a decoder block by block: one session per kind of work, shared by all layers, weights passed in. Freezing
 * a layer, ending the backward pass early, recomputing activations or updating four heads of nine are choices of
 * which outputs to fetch.
 */
import { sizeOf, type Value } from '../engine/graph.ts';
import { countFlops } from '../engine/onnx.ts';
import type { ParameterGroup } from '../engine/optimizer.ts';
import type { ParameterStore } from '../engine/parameters.ts';
import { createSession, type Engine, type EngineSession, type TensorData } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { attentionMask, type Batch, countTargets, type TargetRows, targetRows, totalWeight } from './batch.ts';
import {
  type BlockGraph,
  buildBlock,
  buildFrozenBlock,
  buildHead,
  type FrozenBlockGraph,
  type HeadGraph,
  type HeadOptions,
  QUERY_INPUTS,
  quantizedInputs,
  quantizeWeight,
  rotaryTables,
} from './blocks.ts';
import { layerWeightShapes, lmHeadName, type ModelConfig } from './config.ts';
import { blockIndices, type GradientPlan, lengthOf, type Selection, selectionKey, unitsOf } from './gradientPlan.ts';
import { headNorms, holdsHead, isHeadInParts, Observer } from './observer.ts';
import { appendSampleNorms, productOf, type SampleNorms } from './sampleNorms.ts';
import { type PartialVocabulary, writePartialHead } from './vocabulary.ts';

export interface DecoderOptions {
  /**
   * `save` keeps what the backward pass needs of every block; `recompute` keeps only the block's input and computes
   * the rest again (about 0.8 x the speed, much less memory). @default 'save'
   */
  readonly activations?: 'save' | 'recompute';
  /** Targets that the LM head handles at a time; bounds its (rows, V) matrices. @default 128 */
  readonly headRows?: number;
  /**
   * How the forward products of layers without an active component are computed in training steps and prefixes: as they
   * are, or with weights and activations in 8 bits (CPU only). Input gradients, measurements and evaluations stay in
   * full precision. The weights of such layers must then not change behind the decoder's back.
   * @default 'float32'
   */
  readonly frozenProducts?: 'float32' | 'int8';
}

export interface BackwardOptions {
  readonly plan: GradientPlan;
  /** Add to the gradient buffers instead of overwriting them (gradient accumulation). @default false */
  readonly accumulate?: boolean;
  /** The loss is the weighted sum over targets divided by this. @default the batch's sum of weights */
  readonly normaliser?: number;
  /** Also measure the squared gradient norm of each component for each row of the batch. */
  readonly observe?: readonly ParameterGroup[];
  /**
   * What `prefix` gave for these rows and this plan's boundary, (M, C): the layers below it are not run. Not together
   * with `observe`. @default the whole forward pass runs
   */
  readonly prefix?: Float32Array;
  /** Targets that the LM head handles at a time in this step; few targets need no room for many. @default the decoder's */
  readonly headRows?: number;
  /**
   * Most targets that a row of the batch has. The last layer, if it is trained, then computes so many positions of each row
   * and only keys and values of the others, whose output nothing depends on: the same gradients for less work. With `prefix`
   * only. @default the length of a row
   */
  readonly targetsPerRow?: number;
  /**
   * Where an untied LM head is active: only the rows of these ids get a gradient, one after the other at the start of
   * the buffer. @default all rows
   */
  readonly headIds?: HeadIds;
  /**
   * Ids whose logits pass their gradients on one by one, those with the largest of each run of the head; the others do so
   * together (blocks.ts). Losses and the head's own gradient stay exact. Not together with `observe`. @default all
   */
  readonly headColumns?: number;
  /** The LM head on a part of the vocabulary, or what a step on all of it tells about the others. @default the whole */
  readonly vocabulary?: VocabularyUse;
}

/** A part of the vocabulary in a step. With `prefix` only. */
export interface VocabularyUse {
  readonly part: PartialVocabulary;
  /** Each target's b (vocabulary.ts), written when it is measured, else read; other positions do not count. (B, T) */
  readonly offsets: Float32Array;
  /** Measures the offsets, on the whole vocabulary; else every target has to be one of the part's ids. */
  readonly measures: boolean;
}

/** Rows of the LM head, (V, C). */
export interface HeadIds {
  /** Ascending, without repetitions. */
  readonly ids: Int32Array;
  /** Rows that the product has, at least as many as ids; what is left over is computed for nothing. */
  readonly capacity: number;
}

export interface LossResult {
  /** Loss of each position in nats; 0 where there is no target. Shape (B, T). */
  readonly losses: Float32Array;
  /** Targets of each row. */
  readonly targetCounts: Int32Array;
  /**
   * With `observe`: for each row, the squared norm of the gradient of the row's own mean loss with respect to each
   * component. Shape (B, components).
   */
  readonly squaredNorms?: Float64Array;
}

export class Decoder {
  readonly #options: Required<DecoderOptions>;
  readonly #layerWeightNames: readonly string[];
  readonly #blocks = new Map<string, BlockGraph>();
  readonly #sessions = new Map<string, Promise<EngineSession>>();
  readonly #norms = new Map<string, Map<string, SampleNorms>>();
  readonly #buffers = new Map<string, Float32Array>();
  readonly #frozenBlocks = new Map<string, FrozenBlockGraph>();
  #rotary: { readonly length: number; readonly tables: ReturnType<typeof rotaryTables> } | undefined;
  /** Layers in 8 bits; dropped when they are trained. */
  readonly #quantized = new Map<number, Record<string, TensorData>>();

  constructor(
    readonly engine: Engine,
    readonly config: ModelConfig,
    readonly store: ParameterStore,
    options: DecoderOptions = {},
  ) {
    this.#options = { activations: 'save', headRows: 128, frozenProducts: 'float32', ...options };
    this.#layerWeightNames = [...layerWeightShapes(config).keys()];
  }

  /** Loss of every target, forward only; `correct` (B, T) is 1 where the label was the most probable token. */
  async loss(batch: Batch): Promise<LossResult & { readonly correct: Uint8Array }> {
    const common = this.#commonFeeds(batch);
    const hidden = await this.#forward(batch, common, this.config.numLayers);
    const losses = new Float32Array(batch.size * batch.length);
    const correct = new Uint8Array(losses.length);
    const chunk = this.#headChunk(batch);
    const { loss: lossValue, margin: marginValue } = this.#headGraph(chunk.rows);
    const session = await this.#headSession(chunk.rows, 'loss', (head) => [head.loss, head.margin]);
    const loss = this.#buffer('head.loss', chunk.rows);
    const margin = this.#buffer('head.margin', chunk.rows);
    for (const rows of chunk.batches) {
      const feeds = this.#headFeeds(batch, hidden, rows, chunk.rows);
      const into = { [lossValue.name]: loss, [marginValue.name]: margin };
      await session.run({ ...this.#headWeights(), ...feeds }, into);
      rows.forEach((row, i) => {
        losses[row] = loss[i];
        correct[row] = margin[i] === 0 ? 1 : 0;
      });
    }
    return { losses, correct, targetCounts: countTargets(batch) };
  }

  /**
   * Loss of every target, and the gradients that the plan asks for, in the parameters' gradient buffers.
   *
   * @throws OUT_OF_MEMORY, ENGINE_FAILED
   */
  async lossAndGradients(batch: Batch, options: BackwardOptions): Promise<LossResult> {
    const { plan, observe, prefix } = options;
    const { numLayers, hiddenSize: C } = this.config;
    const lowest = observe ? -1 : plan.lowestLayer;
    const common = this.#commonFeeds(batch);
    const last = this.#lastLayer(batch, common, options);
    const hidden = prefix
      ? await this.#forwardFrom(batch, common, plan, prefix, last)
      : await this.#forward(batch, common, Math.max(lowest, 0), observe ? undefined : plan);
    const targetCounts = countTargets(batch);
    const observer = observe && new Observer(observe, batch, targetCounts, options.normaliser ?? totalWeight(batch));
    const M = batch.size * batch.length;
    let dy = this.#buffer('gradient.0', M * C);
    let spare = this.#buffer('gradient.1', M * C);
    let top = numLayers - 1;
    let losses: Float32Array;
    if (last) {
      const dyOfTargets = this.#buffer('gradient.targets', last.rows.places.length * C);
      const ofTargets = await this.#head(last.rows, hidden, dyOfTargets, true, options, undefined);
      losses = new Float32Array(M);
      last.rows.places.forEach((place, i) => {
        losses[place] = ofTargets[i];
      });
      const dx = top > lowest ? dy : undefined;
      await this.#blockBackward(last, top, dyOfTargets, dx, options, undefined);
      top--;
    } else losses = await this.#head(batch, hidden, dy, lowest < numLayers, options, observer);

    const every = this.#everyPosition(batch, common);
    for (let layer = top; layer >= Math.max(lowest, 0); layer--) {
      const wantsDx = layer > lowest;
      await this.#blockBackward(every, layer, dy, wantsDx ? spare : undefined, options, observer);
      if (wantsDx) [dy, spare] = [spare, dy];
    }
    if (lowest < 0) {
      if (plan.selections.has('embed_tokens.weight')) this.#embeddingBackward(batch, dy, options.accumulate ?? false);
      observer?.embedding(this.config, batch, dy);
    }
    return { losses, targetCounts, squaredNorms: observer?.squaredNorms };
  }

  /**
   * Sets the gradients that the plan asks for to 0, so that every micro-batch of a step can `accumulate`: with a first one
   * that does not, each session would exist twice, with memory of its own.
   */
  clearGradients(plan: GradientPlan, headIds?: HeadIds): void {
    for (const [name, selection] of plan.selections) {
      const { gradient, shape } = this.#parameter(name);
      // Where rows, or columns, are left out, the others stand together at the start; what lies behind stays untouched.
      const [along, across] =
        selection.kind === 'all' ? [shape[0], shape[0]] : [lengthOf(selection), shape[selection.axis]];
      const rows = headIds && name === lmHeadName(this.config) ? headIds.capacity : along;
      gradient.fill(0, 0, (gradient.length / across) * rows);
    }
  }

  /**
   * The hidden state at the plan's boundary, (M, C): what enters the lowest active layer or, where only its MLP is
   * active, what its attention leaves. It is constant while the boundary stays, so it may be kept and given back as
   * `prefix`.
   */
  async prefix(batch: Batch, plan: GradientPlan): Promise<Float32Array> {
    const { numLayers, hiddenSize: C } = this.config;
    const lowest = plan.lowestLayer;
    if (lowest < 0) {
      throw new FineTuneError('INTERNAL', 'The embedding is trained, so there is no constant prefix to compute.');
    }
    const common = this.#commonFeeds(batch);
    const block = this.#block(batch);
    const length = batch.size * batch.length * C;
    const input = (layer: number) => this.#buffer(`passing.${layer % 2}`, length);
    this.#embed(batch, input(0));
    for (let layer = 0; layer < Math.min(lowest, numLayers); layer++) {
      const into = { [block.y.name]: input(layer + 1) };
      await this.#runLayer(plan, batch, common, layer, input(layer), [block.y], into);
    }
    if (plan.lowestHalf === 'attention') return input(lowest);
    const into = { [block.h.name]: input(lowest + 1) };
    await this.#runBlock(this.#everyPosition(batch, common), lowest, input(lowest), [block.h], into);
    return input(lowest + 1);
  }

  /** Operations of `prefix` on a batch of this shape. */
  prefixFlops(shape: Pick<Batch, 'size' | 'length'>, plan: GradientPlan): number {
    const block = this.#block(shape);
    const whole = Math.max(plan.lowestLayer, 0) * countFlops([block.y]);
    return whole + (plan.lowestHalf === 'mlp' ? countFlops([block.h]) : 0);
  }

  /**
   * Operations of one training step's products on a batch of this shape: the sum over exactly the sessions that
   * `lossAndGradients` would run, without running them.
   *
   * @param given `targets`: how many positions have one, default all; `prefix`: the step is given one; `headCapacity`:
   *   that of the step's `headIds`, default all rows; `headRows`, `targetsPerRow` and `headColumns`: as in the step's options;
   *   `vocabulary`: how many ids the step's part has, or `measured`.
   */
  stepFlops(
    shape: Pick<Batch, 'size' | 'length'>,
    plan: GradientPlan,
    given: {
      readonly targets?: number;
      readonly prefix?: boolean;
      readonly headCapacity?: number;
      readonly vocabulary?: number | 'measured';
    } & Pick<BackwardOptions, 'headRows' | 'targetsPerRow' | 'headColumns'> = {},
  ): number {
    const { numLayers } = this.config;
    const every = this.#block(shape);
    const last = given.prefix ? this.#block(shape, this.#queries(shape, plan, given)) : every;
    const blockOf = (layer: number) => (layer === numLayers - 1 ? last : every);
    let flops = 0;
    for (let layer = given.prefix ? plan.lowestLayer : 0; layer < numLayers; layer++) {
      const block = blockOf(layer);
      const entersAtMlp = given.prefix && layer === plan.lowestLayer && plan.lowestHalf === 'mlp';
      flops += countFlops([block.y], entersAtMlp ? [block.h] : []);
    }
    for (let layer = numLayers - 1; layer >= Math.max(plan.lowestLayer, 0); layer--) {
      const block = blockOf(layer);
      const values = this.#selectionsOf(layer, plan).map(({ name, selection }) =>
        this.#selectedGradient(block, name, selection),
      );
      const outputs = [...(layer > plan.lowestLayer ? inputGradients(block) : []), ...values];
      flops += countFlops(outputs, this.#keptValues(block, layer, plan, given.prefix ?? false));
    }
    const tokens = shape.size * shape.length;
    const headRows = given.headRows ?? this.#options.headRows;
    const { vocabulary, headColumns } = given;
    const head = this.#headGraph(Math.min(headRows, tokens), headOptions(headColumns, vocabulary));
    const headOutputs = [
      head.loss,
      ...(plan.lowestLayer < numLayers ? [head.dx] : []),
      ...[...head.normGradients].flatMap(([name, value]) => (plan.selections.has(name) ? [value] : [])),
      ...(plan.selections.has(lmHeadName(this.config)) ? [headGradient(head, given.headCapacity)] : []),
      ...Object.values(head.others ?? {}),
    ];
    const chunks = this.headChunks(shape, given.targets ?? tokens, headRows);
    return flops + chunks * countFlops(headOutputs);
  }

  /** Runs of the loss head for so many targets of a batch of this shape. */
  headChunks(
    { size, length }: Pick<Batch, 'size' | 'length'>,
    targets: number,
    headRows = this.#options.headRows,
  ): number {
    return Math.max(1, Math.ceil(targets / Math.min(headRows, size * length)));
  }

  /** Operations of observing one row of `length` tokens while no weight gradient is asked for. */
  observationFlops(
    length: number,
    components: readonly ParameterGroup[],
    activations = this.#options.activations,
  ): number {
    const shape = { size: 1, length };
    const block = this.#block(shape);
    const saved = activations === 'save' ? block.saved : [];
    let flops = this.config.numLayers * countFlops([block.y]);
    for (let layer = 0; layer < this.config.numLayers; layer++) {
      const norms = [...this.#layerNorms(shape, block, layer, components).values()].map(({ value }) => value);
      flops += countFlops([block.dx, ...norms], saved);
    }
    if (holdsHead(components) && isHeadInParts(this.config, length, this.#options.headRows)) {
      const head = this.#headGraph(Math.min(this.#options.headRows, length));
      const outputs = [head.loss, head.dx, head.headGradient, ...head.normGradients.values()];
      return flops + this.headChunks(shape, length) * countFlops(outputs);
    }
    const head = this.#headGraph(length);
    const norms = holdsHead(components) ? Object.values(headNorms(head, this.config)) : [];
    const outputs = [head.loss, head.dx, ...norms];
    return flops + countFlops(outputs);
  }

  /** Drops sessions and activation buffers (they come back when they are needed). */
  async release(): Promise<void> {
    const sessions = await Promise.all(this.#sessions.values());
    this.#sessions.clear();
    this.#blocks.clear();
    this.#norms.clear();
    this.#buffers.clear();
    this.#frozenBlocks.clear();
    this.#quantized.clear();
    await Promise.all(sessions.map((session) => session.release()));
  }

  /**
   * Runs the layers; keeps the input of each layer from `keepFrom` on (and, with `save`, its saved values).
   * @param plan says which layers are frozen. @default none is
   * @returns the hidden state before the final norm, (M, C).
   */
  async #forward(
    batch: Batch,
    common: Record<string, TensorData>,
    keepFrom: number,
    plan?: GradientPlan,
  ): Promise<Float32Array> {
    const { numLayers, hiddenSize: C } = this.config;
    const M = batch.size * batch.length;
    const block = this.#block(batch);
    const input = (layer: number) =>
      this.#buffer(layer >= keepFrom ? `hidden.${layer}` : `passing.${layer % 2}`, M * C);
    this.#embed(batch, input(0));
    for (let layer = 0; layer < numLayers; layer++) {
      const save = layer >= keepFrom && this.#options.activations === 'save';
      const into: Record<string, TensorData> = { [block.y.name]: input(layer + 1) };
      if (save) Object.assign(into, this.#savedBuffers(block, layer));
      const outputs = save ? [block.y, ...block.saved] : [block.y];
      await this.#runLayer(plan, batch, common, layer, input(layer), outputs, into);
    }
    return input(numLayers);
  }

  /** The layers above the plan's boundary, on the hidden state there. Every one of them has a backward pass to come. */
  async #forwardFrom(
    batch: Batch,
    common: Record<string, TensorData>,
    plan: GradientPlan,
    prefix: Float32Array,
    last: TargetWork | undefined,
  ): Promise<Float32Array> {
    const { numLayers, hiddenSize: C } = this.config;
    const every = this.#everyPosition(batch, common);
    const isSaved = this.#options.activations === 'save';
    const hidden = (layer: number) => this.#buffer(`hidden.${layer}`, batch.size * batch.length * C);
    const entersAtMlp = plan.lowestHalf === 'mlp';
    if (!entersAtMlp) hidden(plan.lowestLayer).set(prefix);
    for (let layer = plan.lowestLayer; layer < numLayers; layer++) {
      const isLast = layer === numLayers - 1;
      const work = (isLast && last) || every;
      const { block } = work;
      const isEntry = layer === plan.lowestLayer && entersAtMlp;
      const y = isLast && last ? this.#buffer('hidden.targets', sizeOf(block.y.shape)) : hidden(layer + 1);
      const kept = isSaved ? this.#keptValues(block, layer, plan, true).filter((value) => value !== block.h) : [];
      const keptH = isSaved && !isEntry ? [block.h] : [];
      const into: Record<string, TensorData> = { [block.y.name]: y };
      if (isSaved) Object.assign(into, this.#savedBuffers(block, layer, [...kept, ...keptH]));
      const outputs = [block.y, ...kept, ...keptH];
      if (isEntry) {
        const h = this.#buffer(`saved.${layer}.${block.h.name}`, sizeOf(block.h.shape));
        if (work.rows) gatherRows(prefix, work.rows.places, h, C);
        else h.set(prefix);
        await this.#runBlock(work, layer, h, outputs, into, block.h);
      } else if (work.rows) await this.#runBlock(work, layer, hidden(layer), outputs, into);
      else await this.#runLayer(plan, batch, common, layer, hidden(layer), outputs, into);
      if (isLast) return y;
    }
    return hidden(numLayers);
  }

  /** A layer at every position of a batch. */
  #everyPosition(batch: Batch, common: Record<string, TensorData>): LayerWork {
    return { block: this.#block(batch), shape: batch, key: shapeKey(batch), common };
  }

  /** The last layer at the positions of targets, where that is less than every position; undefined elsewhere. */
  #lastLayer(batch: Batch, common: Record<string, TensorData>, options: BackwardOptions): TargetWork | undefined {
    const { plan, prefix, observe } = options;
    const queries = prefix && !observe ? this.#queries(batch, plan, options) : batch.length;
    if (queries === batch.length) return undefined;
    const rows = targetRows(batch, queries);
    const { length: T } = batch;
    const mask = this.#buffer('mask.targets', rows.places.length * T);
    gatherRows(common.mask as Float32Array, rows.places, mask, T);
    const feeds: Record<string, TensorData> = { ...common, mask };
    if (this.config.rope)
      feeds[QUERY_INPUTS.positions] = BigInt64Array.from(rows.places, (place) => BigInt(batch.positions[place]));
    return {
      block: this.#block(batch, queries),
      shape: batch,
      key: `${shapeKey(batch)} of ${queries}`,
      common: feeds,
      rows,
    };
  }

  /** Positions of each row that the last layer computes. */
  #queries(
    { length }: Pick<Batch, 'length'>,
    plan: GradientPlan,
    { targetsPerRow = length }: Pick<BackwardOptions, 'targetsPerRow'>,
  ): number {
    const last = this.config.numLayers - 1;
    const isTrained = plan.lowestLayer <= last && this.#selectionsOf(last, plan).length > 0;
    return isTrained ? Math.min(targetsPerRow, length) : length;
  }

  /** Runs a block forward from its input, in the arithmetic that the plan allows. */
  async #runLayer(
    plan: GradientPlan | undefined,
    batch: Batch,
    common: Record<string, TensorData>,
    layer: number,
    x: Float32Array,
    outputs: readonly Value[],
    into: Record<string, TensorData>,
  ): Promise<void> {
    const isFrozen = plan !== undefined && this.#selectionsOf(layer, plan).length === 0;
    if (!isFrozen) this.#quantized.delete(layer);
    if (!isFrozen || this.#options.frozenProducts !== 'int8') {
      await this.#runBlock(this.#everyPosition(batch, common), layer, x, outputs, into);
      return;
    }
    const block = this.#block(batch);
    const frozen = this.#frozenBlock(batch);
    const counterparts = new Map<Value, Value>([
      [block.y, frozen.y],
      ...block.saved.map((value, i) => [value, frozen.saved[i]] as const),
    ]);
    const wanted = outputs.map((value) => counterparts.get(value)!);
    const key = `${shapeKey(batch)} frozen ${wanted.map(({ name }) => name).join(' ')}`;
    const session = await this.#session(key, () => createSession(this.engine, frozen.graph, wanted));
    const buffers = Object.fromEntries(outputs.map((value, i) => [wanted[i].name, into[value.name]]));
    await session.run({ ...common, ...this.#quantizedWeights(layer), x }, buffers);
  }

  #frozenBlock(batch: Pick<Batch, 'size' | 'length'>): FrozenBlockGraph {
    const key = shapeKey(batch);
    const block = this.#frozenBlocks.get(key) ?? buildFrozenBlock(this.config, batch.size, batch.length);
    this.#frozenBlocks.set(key, block);
    return block;
  }

  /** A frozen layer's weights, the matrices rounded to 8 bits when the layer is first run frozen. */
  #quantizedWeights(layer: number): Record<string, TensorData> {
    const known = this.#quantized.get(layer);
    if (known) return known;
    const feeds: Record<string, TensorData> = {};
    for (const [name, shape] of layerWeightShapes(this.config)) {
      const { weights } = this.#parameter(`layers.${layer}.${name}`);
      if (shape.length === 1) {
        feeds[name] = weights;
        continue;
      }
      const { bytes, scales } = quantizeWeight(weights, shape);
      const inputs = quantizedInputs(name.slice(0, -'.weight'.length));
      feeds[inputs.bytes] = bytes;
      feeds[inputs.scales] = scales;
    }
    this.#quantized.set(layer, feeds);
    return feeds;
  }

  /** Runs a block forward, from its input or from `entry`, a value inside it. */
  async #runBlock(
    { block, key: workKey, common, rows }: LayerWork,
    layer: number,
    x: Float32Array,
    outputs: readonly Value[],
    into: Record<string, TensorData>,
    entry?: Value,
  ): Promise<void> {
    const key = `${workKey} forward ${outputs.map(({ name }) => name).join(' ')} from ${entry?.name}`;
    const session = await this.#session(key, () =>
      createSession(this.engine, block.graph, outputs, entry ? { given: [entry] } : {}),
    );
    const feeds = { ...common, ...this.#layerWeights(layer), [entry?.name ?? 'x']: x };
    await session.run(rows && !entry ? { ...feeds, ...this.#queryFeed(rows, x) } : feeds, into);
  }

  /** The hidden state of a layer at the positions of targets. */
  #queryFeed({ places }: TargetRows, x: Float32Array): Record<string, TensorData> {
    const { hiddenSize: C } = this.config;
    const picked = this.#buffer(QUERY_INPUTS.x, places.length * C);
    gatherRows(x, places, picked, C);
    return { [QUERY_INPUTS.x]: picked };
  }

  /** Values of a layer that its backward pass is given instead of computing them again. */
  #keptValues(block: BlockGraph, layer: number, plan: GradientPlan, hasPrefix: boolean): readonly Value[] {
    const isSaved = this.#options.activations === 'save';
    // Nothing below this point was computed, and nothing below it is asked for.
    if (hasPrefix && layer === plan.lowestLayer && plan.lowestHalf === 'mlp') {
      return isSaved ? [block.h, ...block.mlpSaved] : [block.h];
    }
    return isSaved ? block.saved : [];
  }

  async #blockBackward(
    { block, shape, key: workKey, common, rows }: LayerWork,
    layer: number,
    dy: Float32Array,
    dx: Float32Array | undefined,
    options: BackwardOptions,
    observer: Observer | undefined,
  ): Promise<void> {
    const kept = this.#keptValues(block, layer, options.plan, options.prefix !== undefined);
    const selections = this.#selectionsOf(layer, options.plan);
    const norms = observer && this.#layerNorms(shape, block, layer, observer.components);
    if (!dx && selections.length === 0 && !norms) return;

    const key = `${workKey} backward ${kept.map(({ name }) => name)} ${!!dx} ${!!options.accumulate} ${!!norms} ${selections
      .map(({ name, selection }) => `${name}:${selectionKey(selection, block.weights.get(name)!.shape)}`)
      .join(' ')}`;
    const gradientValues = selections.map(({ name, selection }) => ({
      name,
      value: this.#selectedGradient(block, name, selection),
    }));
    const session = await this.#session(key, () => {
      const accumulate = new Map(
        options.accumulate ? gradientValues.map(({ name, value }) => [value, `sofar.${name}`] as const) : [],
      );
      const outputs = [
        ...(dx ? inputGradients(block) : []),
        ...gradientValues.map(({ value }) => value),
        ...(norms ? [...norms.values()].map(({ value }) => value) : []),
      ];
      return createSession(this.engine, block.graph, outputs, { given: kept, accumulate });
    });

    const x = this.#buffer(`hidden.${layer}`, sizeOf(block.x.shape));
    const feeds: Record<string, TensorData> = { ...common, ...this.#layerWeights(layer), x, dy };
    if (rows) Object.assign(feeds, this.#queryFeed(rows, x));
    Object.assign(feeds, this.#savedBuffers(block, layer, kept));
    const into: Record<string, TensorData> = dx ? { [block.dx.name]: dx } : {};
    const dxOfQueries = dx && block.queries && this.#buffer('gradient.queries', dy.length);
    if (dxOfQueries) into[block.queries!.dx.name] = dxOfQueries;
    selections.forEach(({ name, selection }, i) => {
      const { value } = gradientValues[i];
      const target = this.#parameter(`layers.${layer}.${name}`).gradient.subarray(0, sizeOf(value.shape));
      into[value.name] = target;
      feeds[`sofar.${name}`] = target;
      if (selection.kind === 'blocks') {
        const width = block.weights.get(name)!.shape[selection.axis];
        feeds[indexInputName(selection, value)] = blockIndices(selection, width);
      }
    });
    if (norms) for (const { value } of norms.values()) into[value.name] = this.#normBuffer(value);
    await session.run(feeds, into);
    if (dx && dxOfQueries) addRows(dx, rows!.places, dxOfQueries, this.config.hiddenSize);
    if (norms) {
      for (const [name, { value, slices }] of norms) {
        observer!.add(`layers.${layer}.${name}`, this.#normBuffer(value), value.shape[1], slices);
      }
    }
  }

  /** Loss head over all targets: losses, the hidden state's gradient, gradients of final norm and LM head. */
  async #head(
    batch: HeadBatch,
    hidden: Float32Array,
    dHidden: Float32Array,
    wantsDx: boolean,
    options: BackwardOptions,
    rowObserver: Observer | undefined,
  ): Promise<Float32Array> {
    const { hiddenSize: C } = this.config;
    const { plan } = options;
    const losses = new Float32Array(batch.size * batch.length);
    const headName = lmHeadName(this.config);
    const gainNames = ['norm.weight', 'norm.bias'].filter((name) => plan.selections.has(name));
    const wantsHead = plan.selections.has(headName);
    const observer = rowObserver?.watchesHead ? rowObserver : undefined;
    if (
      observer &&
      !wantsHead &&
      gainNames.length === 0 &&
      isHeadInParts(this.config, batch.length, this.#options.headRows)
    ) {
      return this.#observeHead(batch, hidden, dHidden, options, observer);
    }
    const chunk = rowObserver ? rowsOfSamples(batch) : this.#headChunk(batch, options.headRows);
    const scale = 1 / (options.normaliser ?? totalWeight(batch));
    const { headIds, vocabulary } = options;
    const part = vocabulary && !vocabulary.measures ? vocabulary.part : undefined;
    const howMany = part ? part.ids.length : vocabulary && ('measured' as const);
    const graphOptions = headOptions(options.headColumns, howMany);
    const weights = this.#headWeights();
    if (part) {
      const head = this.#buffer('head.part', (part.ids.length + 1) * (C + 1));
      writePartialHead(part, weights.head as Float32Array, head);
      weights.head = head;
    }
    const N = chunk.rows;
    if (wantsDx) dHidden.fill(0);
    let accumulate = options.accumulate ?? false;
    for (const rows of chunk.batches) {
      const session = await this.#headSession(
        N,
        `backward ${wantsDx} ${wantsHead && (headIds?.capacity ?? 'all')} ${gainNames} ${accumulate} ${!!observer}`,
        (head) => [
          head.loss,
          ...(wantsDx ? [head.dx] : []),
          ...gainNames.map((name) => head.normGradients.get(name)!),
          ...(wantsHead ? [headGradient(head, headIds?.capacity)] : []),
          ...(observer ? Object.values(headNorms(head, this.config)) : []),
          ...Object.values(head.others ?? {}),
        ],
        (head) =>
          accumulate
            ? new Map<Value, string>([
                ...gainNames.map((name) => [head.normGradients.get(name)!, `sofar.${name}`] as const),
                ...(wantsHead ? [[headGradient(head, headIds?.capacity), 'sofar.head'] as const] : []),
              ])
            : new Map(),
        graphOptions,
      );
      const head = this.#headGraph(N, graphOptions);
      const feeds: Record<string, TensorData> = { ...weights, ...this.#headFeeds(batch, hidden, rows, N, scale) };
      const loss = this.#buffer('head.loss', N);
      const dx = this.#buffer('head.dx', N * C);
      const into: Record<string, TensorData> = { [head.loss.name]: loss, [head.dx.name]: dx };
      const placeInBatch = (row: number) => batch.places?.[row] ?? row;
      const share = this.#buffer('head.share', N);
      const offset = this.#buffer('head.offset', N);
      if (vocabulary && head.others) {
        Object.assign(feeds, { isOther: vocabulary.part.isOther, direction: vocabulary.part.direction });
        Object.assign(into, { [head.others.share.name]: share, [head.others.offset.name]: offset });
      } else if (vocabulary) {
        const { placeOf } = vocabulary.part;
        offset.fill(0);
        rows.forEach((row, i) => {
          offset[i] = vocabulary.offsets[placeInBatch(row)];
        });
        feeds.offsets = offset;
        feeds.labels = (feeds.labels as BigInt64Array).map((id, i) =>
          BigInt(i < rows.length ? placeOf[Number(id)] : 0),
        );
      }
      for (const name of gainNames) {
        const target = this.#parameter(name).gradient;
        into[head.normGradients.get(name)!.name] = target;
        feeds[`sofar.${name}`] = target;
      }
      if (wantsHead) {
        const value = headGradient(head, headIds?.capacity);
        const target = this.#parameter(headName).gradient.subarray(0, sizeOf(value.shape));
        into[value.name] = target;
        feeds['sofar.head'] = target;
        if (headIds) {
          const { ids, capacity } = headIds;
          const row = (id: number) => BigInt(part ? part.placeOf[id] : id);
          feeds['head.ids'] = BigInt64Array.from({ length: capacity }, (_, i) => row(ids[i] ?? ids[0] ?? 0));
        }
      }
      if (observer) {
        const row = Math.floor((rows[0] ?? 0) / batch.length);
        feeds['row.ids'] = BigInt64Array.from(batch.inputIds!.subarray(row * N, (row + 1) * N), BigInt);
        for (const value of Object.values(headNorms(head, this.config))) into[value.name] = this.#normBuffer(value);
      }
      await session.run(feeds, into);
      rows.forEach((row, i) => {
        losses[row] = loss[i];
        if (vocabulary && head.others) {
          vocabulary.offsets[placeInBatch(row)] = Math.log(Math.max(share[i], SMALLEST_SHARE)) + offset[i];
        }
        if (wantsDx) dHidden.set(dx.subarray(i * C, (i + 1) * C), row * C);
      });
      if (observer && rows.length > 0) {
        const norms = headNorms(head, this.config);
        observer.head(this.config, Math.floor(rows[0] / batch.length), {
          head: this.#normBuffer(norms.head)[0],
          gains: this.#normBuffer(norms.gains)[0],
          dLogitsAtInputs: norms.dLogitsAtInputs && this.#normBuffer(norms.dLogitsAtInputs).slice(),
          weighted: norms.weighted && this.#normBuffer(norms.weighted).slice(),
        });
      }
      accumulate = true;
    }
    return losses;
  }

  /** Losses, the hidden state's gradient and each sample's squared norms of final norm and LM head; no other gradients. */
  async #observeHead(
    batch: HeadBatch,
    hidden: Float32Array,
    dHidden: Float32Array,
    options: BackwardOptions,
    observer: Observer,
  ): Promise<Float32Array> {
    const { hiddenSize: C } = this.config;
    const N = Math.min(this.#options.headRows, batch.length);
    const head = this.#headGraph(N);
    const values = [head.headGradient, ...head.normGradients.values()];
    const sums = new Map(values.map((value) => [value, this.#normBuffer(value)]));
    const scale = 1 / (options.normaliser ?? totalWeight(batch));
    const losses = new Float32Array(batch.size * batch.length);
    const loss = this.#buffer('head.loss', N);
    const dx = this.#buffer('head.dx', N * C);
    dHidden.fill(0);
    for (const [sample, targets] of rowsOfSamples(batch).batches.entries()) {
      for (let start = 0; start < targets.length; start += N) {
        const rows = targets.slice(start, start + N);
        const adds = start > 0;
        const session = await this.#headSession(
          N,
          `observe ${adds}`,
          () => [head.loss, head.dx, ...values],
          () => new Map(adds ? values.map((value) => [value, `sofar.${value.name}`] as const) : []),
        );
        const feeds = { ...this.#headWeights(), ...this.#headFeeds(batch, hidden, rows, N, scale) };
        const into: Record<string, TensorData> = { [head.loss.name]: loss, [head.dx.name]: dx };
        for (const [value, sum] of sums) {
          into[value.name] = sum;
          if (adds) Object.assign(feeds, { [`sofar.${value.name}`]: sum });
        }
        await session.run(feeds, into);
        rows.forEach((row, i) => {
          losses[row] = loss[i];
          dHidden.set(dx.subarray(i * C, (i + 1) * C), row * C);
        });
      }
      if (targets.length === 0) continue;
      const [ofHead, ...ofGains] = [...sums.values()].map((sum) => sum.reduce((total, x) => total + x * x, 0));
      observer.head(this.config, sample, { head: ofHead, gains: ofGains.reduce((a, b) => a + b) });
    }
    return losses;
  }

  #embed(batch: Batch, x: Float32Array): void {
    const { hiddenSize: C } = this.config;
    const table = this.#parameter('embed_tokens.weight').weights;
    const { inputIds, positions } = batch;
    for (let t = 0; t < inputIds.length; t++) {
      x.set(table.subarray(inputIds[t] * C, (inputIds[t] + 1) * C), t * C);
    }
    if (this.config.rope) return;
    const positionTable = this.#parameter('embed_positions.weight').weights;
    for (let t = 0; t < inputIds.length; t++) {
      for (let i = 0; i < C; i++) x[t * C + i] += positionTable[positions[t] * C + i];
    }
  }

  #embeddingBackward(batch: Batch, dx: Float32Array, accumulate: boolean): void {
    const { hiddenSize: C, tieWordEmbeddings, rope } = this.config;
    // Tied: the LM head has already written its share.
    const tokens = this.#parameter('embed_tokens.weight').gradient;
    if (!accumulate && !tieWordEmbeddings) tokens.fill(0);
    addRows(tokens, batch.inputIds, dx, C);
    if (rope) return;
    const positions = this.#parameter('embed_positions.weight').gradient;
    if (!accumulate) positions.fill(0);
    addRows(positions, batch.positions, dx, C);
  }

  #selectionsOf(layer: number, plan: GradientPlan): { name: string; selection: Selection }[] {
    return this.#layerWeightNames.flatMap((name) => {
      const selection = plan.selections.get(`layers.${layer}.${name}`);
      return selection ? [{ name, selection }] : [];
    });
  }

  /** The gradient of a weight, or of some rows or columns of it. */
  #selectedGradient(block: BlockGraph, name: string, selection: Selection): Value {
    const gradient = block.weightGradients.get(name)!;
    if (selection.kind === 'all') return gradient;
    const key = `${name} ${selectionKey(selection, gradient.shape)}`;
    let selected = selectedGradients.get(block)?.get(key);
    if (selected) return selected;
    const { graph: g } = block;
    const { dy, x } = productOf(gradient);
    const { unit, count } = unitsOf(selection, gradient.shape[selection.axis]);
    const index = g.input(`index.${name}.${count}x${unit}`, [count], 'int64');
    const pick = (value: Value): Value => {
      const [M, width] = value.shape;
      const picked = g.apply('Gather', [g.reshape(value, [M, width / unit, unit]), index], { axis: 1 })[0];
      return g.reshape(picked, [M, count * unit]);
    };
    selected =
      selection.axis === 0
        ? g.gemm(pick(dy), x, undefined, { transA: true })
        : g.gemm(dy, pick(x), undefined, { transA: true });
    const known = selectedGradients.get(block) ?? new Map<string, Value>();
    selectedGradients.set(block, known.set(key, selected));
    return selected;
  }

  #layerNorms(
    batch: Pick<Batch, 'size' | 'length'>,
    block: BlockGraph,
    layer: number,
    components: readonly ParameterGroup[],
  ): Map<string, SampleNorms> {
    const key = shapeKey(batch);
    const prefix = `layers.${layer}.`;
    const slices = components.flatMap((component) => component.slices.filter((s) => s.tensor.startsWith(prefix)));
    let norms = this.#norms.get(key);
    if (!norms) {
      norms = new Map();
      for (const name of this.#layerWeightNames) {
        const own = slices.filter((slice) => slice.tensor === prefix + name);
        if (own.length === 0) continue;
        norms.set(name, appendSampleNorms(block.graph, block.weightGradients.get(name)!, batch.size, own));
      }
      this.#norms.set(key, norms);
    }
    return norms;
  }

  #block(batch: Pick<Batch, 'size' | 'length'>, queries = batch.length): BlockGraph {
    const key = `${shapeKey(batch)} of ${queries}`;
    let block = this.#blocks.get(key);
    if (!block) {
      block = buildBlock(this.config, batch.size, batch.length, 'float32', batch.length, queries);
      this.#blocks.set(key, block);
    }
    return block;
  }

  readonly #heads = new Map<string, HeadGraph>();
  #headGraph(rows: number, options: HeadOptions = {}): HeadGraph {
    const { columns, ids, measuresOthers } = options;
    const ofHead = ids === undefined ? this.config.vocabSize : ids + 1;
    const narrow = columns !== undefined && columns < ofHead ? columns : undefined;
    const key = `${rows} ${narrow} ${ids} ${measuresOthers}`;
    let head = this.#heads.get(key);
    if (!head) {
      head = buildHead(this.config, rows, 'float32', { ...options, columns: narrow });
      this.#heads.set(key, head);
    }
    return head;
  }

  #headSession(
    rows: number,
    key: string,
    outputs: (head: HeadGraph) => Value[],
    accumulate: (head: HeadGraph) => Map<Value, string> = () => new Map(),
    options: HeadOptions = {},
  ): Promise<EngineSession> {
    return this.#session(`head ${rows} ${Object.values(options)} ${key}`, () => {
      const head = this.#headGraph(rows, options);
      return createSession(this.engine, head.graph, outputs(head), { accumulate: accumulate(head) });
    });
  }

  #session(key: string, create: () => Promise<EngineSession>): Promise<EngineSession> {
    let session = this.#sessions.get(key);
    if (!session) {
      session = create();
      this.#sessions.set(key, session);
    }
    return session;
  }

  #buffer(key: string, length: number): Float32Array {
    let buffer = this.#buffers.get(key);
    if (buffer?.length !== length) {
      buffer = new Float32Array(length);
      this.#buffers.set(key, buffer);
    }
    return buffer;
  }

  #normBuffer(value: Value): Float32Array {
    return this.#buffer(`norm.${value.name}`, sizeOf(value.shape));
  }

  #savedBuffers(
    block: BlockGraph,
    layer: number,
    values: readonly Value[] = block.saved,
  ): Record<string, Float32Array> {
    return Object.fromEntries(
      values.map((value) => [value.name, this.#buffer(`saved.${layer}.${value.name}`, sizeOf(value.shape))]),
    );
  }

  #layerWeights(layer: number): Record<string, Float32Array> {
    return Object.fromEntries(
      this.#layerWeightNames.map((name) => [name, this.#parameter(`layers.${layer}.${name}`).weights]),
    );
  }

  #headWeights(): Record<string, Float32Array> {
    const feeds: Record<string, Float32Array> = { head: this.#parameter(lmHeadName(this.config)).weights };
    for (const name of ['norm.weight', 'norm.bias']) {
      const gain = this.store.get(name);
      if (gain) feeds[name] = gain.weights;
    }
    return feeds;
  }

  #parameter(name: string) {
    const parameter = this.store.get(name);
    if (!parameter) throw new FineTuneError('INTERNAL', `The decoder has no weight named ${name}.`);
    return parameter;
  }

  #commonFeeds(batch: Batch): Record<string, TensorData> {
    const { length: T } = batch;
    const { vocabSize, maxPositionEmbeddings, rope } = this.config;
    if (!rope && T > maxPositionEmbeddings) {
      throw new FineTuneError(
        'SHAPE_MISMATCH',
        `The batch has ${T} tokens a row; the model has ${maxPositionEmbeddings} learned positions. Lower --seq-length.`,
      );
    }
    for (const id of batch.inputIds) {
      if (id < 0 || id >= vocabSize) {
        throw new FineTuneError(
          'TOKENIZER_MISMATCH',
          `The batch holds token id ${id}; the model's vocabulary has ${vocabSize}. Use the model's own tokenizer.`,
        );
      }
    }
    const mask = this.#buffer(`mask.${batch.size}`, batch.size * T * T);
    const feeds: Record<string, TensorData> = { mask: attentionMask(batch, mask) };
    if (rope) {
      feeds.positions = BigInt64Array.from(batch.positions, BigInt);
      if (this.#rotary?.length !== T) this.#rotary = { length: T, tables: rotaryTables(this.config, T) };
      Object.assign(feeds, this.#rotary.tables);
    }
    return feeds;
  }

  /** Rows with a target, in chunks. */
  #headChunk(batch: HeadBatch, headRows = this.#options.headRows): HeadChunks {
    const rows = Math.min(headRows, batch.labels.length);
    const all = [...batch.labels.keys()].filter((t) => batch.labels[t] >= 0);
    const batches: number[][] = [];
    for (let i = 0; i < all.length; i += rows) batches.push(all.slice(i, i + rows));
    return { rows, batches: batches.length > 0 ? batches : [[]] };
  }

  #headFeeds(
    batch: HeadBatch,
    hidden: Float32Array,
    rows: readonly number[],
    capacity: number,
    scale = 1,
  ): Record<string, TensorData> {
    const { hiddenSize: C } = this.config;
    const labels = new BigInt64Array(capacity);
    const dLoss = new Float32Array(capacity);
    rows.forEach((row, i) => {
      labels[i] = BigInt(batch.labels[row]);
      dLoss[i] = scale * (batch.lossWeights?.[row] ?? 1);
    });
    // Neighbouring rows need no copy.
    const first = rows[0] ?? 0;
    if (rows.length === capacity && rows[capacity - 1] - first === capacity - 1) {
      return { x: hidden.subarray(first * C, (first + capacity) * C), labels, dLoss };
    }
    const x = this.#buffer('head.x', capacity * C);
    rows.forEach((row, i) => {
      x.set(hidden.subarray(row * C, (row + 1) * C), i * C);
    });
    x.fill(0, rows.length * C);
    return { x, labels, dLoss };
  }
}

/** What the loss head needs of a batch; `places` where its rows are not all positions of one. */
type HeadBatch = Pick<Batch, 'size' | 'length' | 'labels' | 'lossWeights'> &
  Partial<Pick<Batch, 'inputIds'> & Pick<TargetRows, 'places'>>;

/** What is left of others that rounding has made nothing; its logarithm must stay finite. */
const SMALLEST_SHARE = 1e-30;

/** @param vocabulary how many ids a part of the vocabulary has, or that the others are measured */
function headOptions(columns: number | undefined, vocabulary: number | 'measured' | undefined): HeadOptions {
  return vocabulary === 'measured' ? { columns, measuresOthers: true } : { columns, ids: vocabulary };
}

/** A layer as a batch needs it. */
interface LayerWork {
  readonly block: BlockGraph;
  readonly shape: Pick<Batch, 'size' | 'length'>;
  /** What its sessions are known by. */
  readonly key: string;
  /** Inputs that all layers of this kind share. */
  readonly common: Record<string, TensorData>;
  /** Where the layer's output is computed. @default everywhere */
  readonly rows?: TargetRows;
}

type TargetWork = LayerWork & { readonly rows: TargetRows };

/** The gradients that together are that of a block's input. */
function inputGradients({ dx, queries }: BlockGraph): Value[] {
  return queries ? [dx, queries.dx] : [dx];
}

interface HeadChunks {
  /** Rows of one run of the head; the last chunk is filled up with rows of weight 0. */
  readonly rows: number;
  readonly batches: readonly (readonly number[])[];
}

/** One chunk for each row of the batch, for per-sample norms. */
function rowsOfSamples(batch: HeadBatch): HeadChunks {
  const batches = Array.from({ length: batch.size }, (_, b) =>
    [...Array(batch.length).keys()].map((t) => b * batch.length + t).filter((t) => batch.labels[t] >= 0),
  );
  return { rows: batch.length, batches };
}

const headGradients = new WeakMap<HeadGraph, Map<number, Value>>();

/**
 * The LM head's gradient: all rows, (V, C), or as many as `capacity` says, (capacity, C), those of the input `head.ids`:
 * ids, or places in a part of the vocabulary.
 */
function headGradient(head: HeadGraph, capacity?: number): Value {
  if (capacity === undefined) return head.headGradient;
  const known = headGradients.get(head) ?? new Map<number, Value>();
  headGradients.set(head, known);
  let rows = known.get(capacity);
  if (!rows) {
    const { graph: g } = head;
    const { dy: dLogits, x: features } = productOf(head.headGradient);
    const C = head.x.shape[1];
    // Without the feature that only the others' row reads.
    const x = features.shape[1] === C ? features : g.apply('Slice', [features], { axis: 1, start: 0, end: C })[0];
    const [ofIds] = g.apply('Gather', [dLogits, g.input('head.ids', [capacity], 'int64')], { axis: 1 });
    rows = g.gemm(ofIds, x, undefined, { transA: true });
    known.set(capacity, rows);
  }
  return rows;
}

const selectedGradients = new WeakMap<BlockGraph, Map<string, Value>>();

function gatherRows(from: Float32Array, places: Int32Array, into: Float32Array, width: number): void {
  places.forEach((place, i) => {
    into.set(from.subarray(place * width, (place + 1) * width), i * width);
  });
}

/** Adds each row to that of its id. */
function addRows(table: Float32Array, ids: Int32Array, rows: Float32Array, width: number): void {
  for (let t = 0; t < ids.length; t++) {
    const target = ids[t] * width;
    for (let i = 0; i < width; i++) table[target + i] += rows[t * width + i];
  }
}

function shapeKey({ size, length }: Pick<Batch, 'size' | 'length'>): string {
  return `${size}x${length}`;
}

/** Name of the index input that a selected gradient depends on. */
function indexInputName(selection: Selection & { kind: 'blocks' }, gradient: Value): string {
  const { dy, x } = productOf(gradient);
  const picked = selection.axis === 0 ? dy : x;
  return picked.node!.inputs[0].node!.inputs[1].name;
}
