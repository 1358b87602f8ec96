/**
 * @file Fine-tuning, from a folder of code to a better model: one flat function, to be read from top to bottom. The run
 * directory is the only thing it changes, and everything in there is either complete or absent.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { IGNORE_INDEX, type PackedSequence, packExamples } from '../data/batches.ts';
import { type Example, makeExamples, requireEnoughCode } from '../data/examples.ts';
import { type Repository, type RepositoryOptions, readRepository } from '../data/repository.ts';
import { type Split, splitFiles } from '../data/split.ts';
import { Optimizer } from '../engine/optimizer.ts';
import { fitsTrainingMemory, releaseFrozen } from '../engine/parameters.ts';
import { openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { type Batch, differentTargets, totalWeight } from '../models/batch.ts';
import { locateModel } from '../models/builtIn.ts';
import { saveCheckpoint } from '../models/checkpoint.ts';
import { lmHeadName, type ModelConfig } from '../models/config.ts';
import { Decoder, type VocabularyUse } from '../models/decoder.ts';
import { Generator } from '../models/generate.ts';
import { type GradientPlan, planGradients } from '../models/gradientPlan.ts';
import { loadModel } from '../models/load.ts';
import { adaptersOf, addAdapters, mergedWeight } from '../models/lora.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { untiedSource, untieHead } from '../models/untie.ts';
import { type PartialVocabulary, partOfVocabulary } from '../models/vocabulary.ts';
import { createRandom } from '../random.ts';
import { depthRate, temperedScores } from '../rgft/budget.ts';
import { type Component, listComponents } from '../rgft/components.ts';
import { createErrorMap, type ErrorMap, observe, scores, shares as sharesOf } from '../rgft/errorMap.ts';
import { type DrawnTargets, drawTargets, rowResidual, visitOrder } from '../rgft/sampling.ts';
import { updateMask as steeredMask, lrScale as steeredRates } from '../rgft/steering.ts';
import type { RunEvent, StartedEvent } from '../runEvents.ts';
import {
  type ComputePlan,
  chooseComponents,
  drawComponents,
  headColumnsOf,
  passOf,
  planCompute,
  trainsHead,
} from './compute.ts';
import { writeFileAtomically } from './disk.ts';
import { describeMachine, describeVersions, gitCommit } from './environment.ts';
import { type Evaluation, evaluate, makeEvaluationSet, stackRows, tokenLosses, watchedExamples } from './evaluate.ts';
import { fromJsonText, toJsonText } from './events.ts';
import { faultsFile, faultVariants, faultWeights } from './faultWeights.ts';
import { interpolateFromStart } from './interpolation.ts';
import { ADAPTER_METHODS, checkOptions, completeOptions, type FineTuneOptions, SHOWN_MAP_METHODS } from './options.ts';
import { diskRoom, fromHalves, openPrefixCache, type PrefixCache, toHalves } from './prefixCache.ts';
import { estimateNeeds, type PartialTraining, requireRoom } from './preflight.ts';
import {
  appendEvent,
  type Checkpoint,
  checkpointAt,
  closeRun,
  createRun,
  openRun,
  type Run,
  readRunDescription,
  runPaths,
  writeCheckpoint,
} from './runDirectory.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import {
  brokenWeight,
  requireFiniteWeights,
  restoreTrainingState,
  restoreWeights,
  trainingStateBlobs,
  weightsDigest,
} from './trainingState.ts';

export interface FineTuneRequest {
  /** Folders with code; several make one data set. Ignored when resuming, as are model, options and repository. */
  readonly folders: readonly string[];
  /** Model folder, or a finished run. */
  readonly model: string;
  /** Run directory: new or empty; with `resume`, an interrupted run to go on with, or a finished one to look at. */
  readonly runPath: string;
  readonly resume?: boolean;
  readonly options?: Partial<FineTuneOptions>;
  readonly repository?: Pick<RepositoryOptions, 'include' | 'exclude' | 'keep' | 'maxFileBytes' | 'extraExtensions'>;
  /** Stops at the next step, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Sees every event after it is written, and what happens before the first step. */
  readonly onEvent?: (event: RunEvent) => void;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a run is doing, for a progress line. */
export interface Progress {
  readonly phase: 'reading' | 'loading' | 'evaluating' | 'measuring' | 'training' | 'saving';
  readonly step: number;
  readonly totalSteps: number;
  /** Tokens per second over the last steps, padding included. */
  readonly tokensPerSecond?: number;
  readonly remainingMs?: number;
  readonly loss?: number;
}

export interface FineTuneResult {
  readonly runPath: string;
  /** Folder of the fine-tuned model. */
  readonly modelFolder: string;
  readonly steps: number;
  /** The step whose weights are in the model: the last one, or the one of the lowest held-out loss. */
  readonly keptStep: number;
  readonly before: Evaluation;
  readonly after: Evaluation;
  /** Operations of training: measurements of a map that steers included, evaluations not. */
  readonly flops: number;
  /** Operations of full fine-tuning over the same passes; `null` for a run of an older version. */
  readonly referenceFlops: number | null;
  readonly elapsedMs: number;
  readonly reason: 'completed' | 'stoppedEarly';
}

/** The small part of a checkpoint. */
interface RunState {
  readonly stepCounts: readonly number[];
  readonly errorMap: { values: number[]; averagingWeights: number[]; measuredSteps: number[] };
  readonly mask: readonly number[];
  readonly lrScale: readonly number[];
  readonly flops: number;
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly skippedSteps: number;
  readonly before: Evaluation | null;
  /** The latest evaluation. */
  readonly after: Evaluation | null;
  readonly best: { readonly step: number; readonly loss: number } | null;
  readonly evaluationsSinceBest: number;
  /** With a suffix: rows of this pass in order, and for which the prefix was paid. */
  readonly visits: { order: number[]; paid: number[] } | null;
}

/** At each evaluation the model continues the beginning of a held-out file, greedily. */
const SAMPLE_PROMPT_TOKENS = 96;
const SAMPLE_TOKENS = 48;

/** Steps in a row whose gradient was not finite after which a run gives up. */
const MAX_SKIPPED_STEPS = 3;

/**
 * Fine-tunes a model on folders of code.
 *
 * Deterministic: the same request on the same machine gives the same bits, and a run that was killed and resumed gives
 * the bits it would have given anyway. Resuming a finished run changes nothing and returns its result.
 *
 * @throws the errors of reading (FOLDER_EMPTY, TOO_LITTLE_CODE …), loading (MODEL_NOT_FOUND, TENSOR_MISSING …), room
 *   (NOT_ENOUGH_MEMORY, DISK_FULL), RUN_EXISTS, RUN_LOCKED, RUN_MISMATCH, LOSS_NOT_FINITE, INTERRUPTED (resumable).
 */
export async function fineTune(request: FineTuneRequest): Promise<FineTuneResult> {
  const { runPath, signal, onProgress = () => {}, onEvent = () => {} } = request;
  const known = request.resume ? readRunDescription(runPath) : undefined;
  const finished = known && finishedResult(runPath);
  if (finished) return finished;
  checkOptions(request.options ?? {});
  const requested = known ? (known.options as unknown as StoredOptions) : undefined;
  const folders = requested?.folders ?? request.folders.map((folder) => path.resolve(folder));
  const modelPath = locateModel(requested?.model ?? path.resolve(request.model));

  onProgress({ phase: 'reading', step: 0, totalSteps: 0 });
  const repositoryOptions = requested?.repository ?? request.repository ?? {};
  const repository = await readRepository(folders, { ...repositoryOptions, signal });

  onProgress({ phase: 'loading', step: 0, totalSteps: 0 });
  const method = requested?.training.method ?? request.options?.method ?? 'rgft';
  const hasAdapters = ADAPTER_METHODS.includes(method);
  // A run that begins with a suffix makes room for gradients and moments when it knows which.
  const { budget = null, warmStart = 0 } = requested?.training ?? request.options ?? {};
  const beginsWithSuffix = budget !== null && (method === 'last-k' || (method === 'rgft' && warmStart === 0));
  const model = await loadModel(modelPath, { trainable: !hasAdapters && !beginsWithSuffix });
  const { tokenizer } = model;
  const given = requested?.training ?? roomForCache(completeOptions(request.options ?? {}, model.config), runPath);
  requireFiniteWeights(model.store, modelPath);
  const baseDigest = weightsDigest(model.store);
  const hasOwnHead = trainsHead(given);
  const headElements = model.config.vocabSize * model.config.hiddenSize;
  if (hasOwnHead && !fitsTrainingMemory(headElements)) {
    throw new FineTuneError(
      'OUT_OF_MEMORY',
      `The LM head has ${headElements.toLocaleString('en')} weights, more than can be trained in one piece (4 GiB with gradient and optimizer state). Leave it as it is with --head-rate 0, or take --method last-k.`,
      { headElements },
    );
  }
  const untied = hasOwnHead ? untieHead(model.store, model.config) : model.config;
  const config = hasAdapters ? withAdapters(untied, given) : untied;
  const store = hasAdapters ? addAdapters(model.store, config, given.seed) : model.store;
  // What changes, and what a checkpoint therefore holds.
  const trainedStore = hasAdapters ? adaptersOf(store) : store;

  const split = splitFiles(repository.files, given);
  // With fait: what each target counts, known when the model can be asked.
  let weigh = (row: PackedSequence): PackedSequence => row;
  const epochRows = (epoch: number): PackedSequence[] => {
    const examples = makeExamples(split.train, tokenizer, {
      maxSeqLength: given.seqLength,
      fimRate: given.fimRate,
      seed: given.seed,
      epoch,
    });
    if (epoch === 0) requireEnoughCode(examples);
    return packExamples(examples, given.seqLength, given.seed + epoch).map(weigh);
  };
  let rows = epochRows(0);
  const heldOut = makeEvaluationSet(split.heldOut, tokenizer, given.seqLength);
  const watched = watchedExamples(heldOut);
  const samplePrompt = beginningOf(heldOut.examples[0], tokenizer);

  const components = listComponents(config);
  const engine = await openEngine({ device: given.device, threads: given.threads });
  if (given.frozenProducts === 'int8' && given.device !== 'cpu') {
    throw new FineTuneError(
      'DEVICE_UNAVAILABLE',
      `Products in 8 bits are made on the CPU only, and the device is ${given.device}. Leave out --frozen-products int8.`,
      { device: given.device },
    );
  }
  const { activations, frozenProducts } = given;
  const decoder = new Decoder(engine, config, store, { activations, frozenProducts });
  const batchRows = given.microBatch * given.gradAccumulation;
  const base = config === model.config ? decoder : new Decoder(engine, model.config, model.store, { activations });
  const compute = planCompute(decoder, components, rows, given, base);
  const { totalSteps } = compute;
  const tenth = Math.max(1, Math.round(totalSteps / 10));
  const options: FineTuneOptions = {
    ...given,
    probeEvery: given.probeEvery || tenth,
    evaluateEvery: given.evaluateEvery || tenth,
    checkpointEvery: given.checkpointEvery || given.evaluateEvery || tenth,
  };
  const schedule: Schedule = {
    learningRate: options.learningRate,
    warmupSteps: Math.round(options.warmup * totalSteps),
    totalSteps,
    decay: options.decay,
  };

  const needs = estimateNeeds(config, options, trainedPart(components, compute));
  const fingerprint = fingerprintOf(split);
  const generator = new Generator(engine, config, store, tokenizer, { contextLength: options.seqLength });
  // Missing in runs of older versions, which took these.
  const { beta1 = 0.9, beta2 = 0.95 } = options;
  const { optimizer: algorithm, weightDecay } = options;
  const optimizer = new Optimizer(store, components, { algorithm, beta1, beta2, weightDecay });

  let run: Run;
  let checkpoint: Checkpoint | null = null;
  let openWarnings: readonly FineTuneError[] = [];
  if (known) {
    if (requested!.fingerprint !== fingerprint) {
      throw new FineTuneError(
        'RUN_MISMATCH',
        `The files in ${folders.join(', ')} are not those this run began with, so it cannot go on as if nothing had happened. Start a new run.`,
        { expected: requested!.fingerprint, found: fingerprint },
      );
    }
    // Missing in runs of older versions.
    const { weightsSha256 = baseDigest } = known.model;
    if (weightsSha256 !== baseDigest) {
      throw new FineTuneError(
        'RUN_MISMATCH',
        `The weights of the base model in ${modelPath} are not those this run began with, so it cannot go on as if nothing had happened. Put the former model back, or start a new run.`,
        { model: modelPath, expected: weightsSha256, found: baseDigest },
      );
    }
    const opened = await openRun(runPath);
    run = opened.run;
    checkpoint = opened.checkpoint;
    openWarnings = opened.warnings;
  } else {
    requireRoom(needs, path.dirname(path.resolve(runPath)));
    const stored: StoredOptions = {
      folders,
      model: modelPath,
      repository: repositoryOptions,
      training: given,
      fingerprint,
    };
    run = createRun(runPath, {
      createdAtMs: Date.now(),
      method: options.method,
      seed: options.seed,
      options: stored as unknown as Record<string, unknown>,
      model: {
        folder: modelPath,
        modelType: config.modelType,
        parameters: needs.parameters,
        weightsSha256: baseDigest,
      },
      workspace: describeWorkspace(repository, split),
      versions: describeVersions(),
      machine: describeMachine(options.device, options.threads),
    });
  }
  function record(event: RunEvent): void {
    appendEvent(run, event);
    onEvent(event);
  }

  // Everything that changes from step to step; a checkpoint holds all of it.
  let step = 0;
  let errorMap = createErrorMap(components.length);
  let mask = new Uint8Array(components.length).fill(1);
  let rates = new Float64Array(components.length).fill(1);
  let flops = 0;
  let elapsedMs = 0;
  let cpuMs = 0;
  let skippedSteps = 0;
  let before: Evaluation | null = null;
  let after: Evaluation | null = null;
  let best: RunState['best'] = null;
  let evaluationsSinceBest = 0;
  let plan: GradientPlan = planGradients(config, components, mask);
  const shape = { size: options.microBatch, length: options.seqLength };
  let order = Int32Array.from(rows, (_, row) => row);
  // Loss of each target of the training rows at its last visit, (rows, T); needed where rows stay what they are.
  const T = options.seqLength;
  const residuals = compute.suffix && new Float32Array(rows.length * T).fill(Number.NaN);
  const residualsOf = (row: number) => residuals!.subarray(row * T, (row + 1) * T);
  // And, where later passes run on a part of the vocabulary, what the rest of it amounts to there.
  const offsets = compute.vocabulary && new Float32Array(rows.length * T).fill(Number.NaN);
  let part: PartialVocabulary | null = null;
  const ofTargets = { ...(residuals && { residuals }), ...(offsets && { offsets }) };
  const paid = new Uint8Array(rows.length);
  const prefixes = openPrefixCache({
    ...compute.cache,
    rowElements: options.seqLength * config.hiddenSize,
    file: path.join(runPath, 'prefix-cache.bin'),
    onWarning: (warning) => record(warningEvent(step, warning)),
  });
  const prefixBuffer = new Float32Array(compute.suffix ? options.microBatch * T * config.hiddenSize : 0);
  const filled = new Set<number>();

  try {
    if (method === 'fait') {
      const { folders: roots } = repository;
      const source = { files: split.train, folders: roots, engine, generator, tokenizer, seed: options.seed };
      const variants = await faultVariants(faultsFile(runPath), source);
      flops += variants.flops;
      weigh = faultWeights(variants, tokenizer, options.faultWeight);
      rows = rows.map(weigh);
    }
    if (checkpoint) {
      const state = checkpoint.state as RunState;
      const trained = planGradients(config, components, state.mask);
      if (compute.suffix && trained.lowestLayer >= 0) releaseFrozen(store, (name) => trained.selections.has(name));
      await restoreTrainingState(checkpoint, trainedStore, optimizer, state.stepCounts, ofTargets);
      step = checkpoint.step;
      errorMap = {
        values: Float64Array.from(state.errorMap.values),
        averagingWeights: Float64Array.from(state.errorMap.averagingWeights),
        measuredSteps: Int32Array.from(state.errorMap.measuredSteps),
      };
      mask = Uint8Array.from(state.mask);
      rates = Float64Array.from(state.lrScale);
      ({ flops, elapsedMs, cpuMs, skippedSteps, before, after, best, evaluationsSinceBest } = state);
      plan = planGradients(config, components, mask);
      if (state.visits) {
        order = Int32Array.from(state.visits.order);
        paid.set(state.visits.paid);
      }
      for (const warning of openWarnings) record(warningEvent(step, warning));
    } else {
      record({
        type: 'started',
        step: 0,
        atMs: run.description.createdAtMs,
        method: options.method,
        totalSteps,
        components: components.map(({ id }) => id),
        ...(options.budget !== null && { budget: describeBudget(options.budget, compute) }),
      });
    }
    // Missing in runs of older versions.
    const { interpolation = 1 } = options;
    const startedMs = performance.now();
    const runningMs = () => elapsedMs + performance.now() - startedMs;
    const startedCpuMs = processorMs();
    const spentCpuMs = () => cpuMs + processorMs() - startedCpuMs;
    const stateNow = (): RunState => ({
      stepCounts: [...optimizer.stepCounts],
      errorMap: {
        values: [...errorMap.values],
        averagingWeights: [...errorMap.averagingWeights],
        measuredSteps: [...errorMap.measuredSteps],
      },
      mask: [...mask],
      lrScale: [...rates],
      flops,
      elapsedMs: runningMs(),
      cpuMs: spentCpuMs(),
      skippedSteps,
      before,
      after,
      best,
      evaluationsSinceBest,
      visits: compute.suffix && { order: [...order], paid: [...paid] },
    });
    let savedStep = checkpoint?.step ?? -1;
    const save = async (): Promise<void> => {
      if (savedStep === step) return;
      onProgress({ phase: 'saving', step, totalSteps });
      const broken = brokenWeight(store);
      if (broken) {
        throw new FineTuneError(
          'LOSS_NOT_FINITE',
          `After step ${step} the weight ${broken} holds numbers that are not finite. Lower --lr (now ${options.learningRate}); the last checkpoint is kept.`,
          { step, tensor: broken },
        );
      }
      const metric = best?.step === step ? best.loss : null;
      const blobs = trainingStateBlobs(trainedStore, optimizer, ofTargets);
      const { checkpoint: saved, warnings } = await writeCheckpoint(run, step, blobs, stateNow(), { metric });
      savedStep = step;
      const bytes = saved.files.reduce((sum, file) => sum + file.bytes, 0);
      onEvent({ type: 'checkpoint', step, bytes, metric });
      for (const warning of warnings) record(warningEvent(step, warning));
    };
    /** With a budget memory is to go down as well: what trains, evaluates, writes and measures does not wait beside each other. */
    const makeRoom = async (): Promise<void> => {
      if (!compute.suffix) return;
      await decoder.release();
      await generator.release();
    };
    /** `null`, and a warning, for one that is damaged: the run has another model to end with. */
    const intactCheckpoint = async (at: number): Promise<Checkpoint | null> => {
      try {
        return await checkpointAt(runPath, at);
      } catch (error) {
        if (!(error instanceof FineTuneError && error.code === 'CHECKPOINT_CORRUPT')) throw error;
        record(warningEvent(step, error));
        return null;
      }
    };
    let evaluationFlops = 0;
    let evaluationMs = 0;
    /** @param wayShare of the weights that are measured: how far on the way from the start to the trained ones */
    const evaluateNow = async (wayShare = 1): Promise<Evaluation> => {
      onProgress({ phase: 'evaluating', step, totalSteps });
      const counted = engine.flops;
      await makeRoom();
      const evaluationStartedMs = performance.now();
      const evaluation = await evaluate(decoder, heldOut, options.microBatch, watched);
      evaluationMs = performance.now() - evaluationStartedMs;
      evaluationFlops = engine.flops - counted;
      const { loss, accuracy, tokens } = evaluation;
      record({
        ...{ type: 'evaluation', step, loss, accuracy, tokens, elapsedMs: runningMs(), cpuMs: spentCpuMs() },
        ...(wayShare < 1 && { interpolation: wayShare }),
      });
      writeEvaluation(runPath, step, evaluation);
      const texts = tokenLosses(step, heldOut, watched, tokenizer);
      writeFileAtomically(path.join(runPaths(runPath).evaluation, `tokens-${step}.json`), `${toJsonText(texts)}\n`);
      // A model that has come apart writes nothing; the steps that follow say what becomes of the run.
      if (Number.isFinite(loss)) {
        await makeRoom();
        const prompt = { prompt: samplePrompt.ids, maxTokens: SAMPLE_TOKENS, temperature: 0 };
        const { samples } = await generator.generate(prompt);
        const { name, text } = samplePrompt;
        record({ type: 'sample', step, name, prompt: text, completion: samples[0].text });
      }
      engine.flops = counted;
      await makeRoom();
      return evaluation;
    };
    // A measurement goes through all layers; with a budget it is not what memory has to be large for.
    const observer = compute.suffix ? new Decoder(engine, config, store, { activations: 'recompute' }) : decoder;
    const { probeRows } = compute;
    const howToMeasure = { ...options, probeRows, microBatch: compute.suffix ? 1 : options.microBatch };
    /** Gives back sessions and buffers, and gradients and moments of what is trained no more. */
    const freeze = async (trained: ArrayLike<number>): Promise<void> => {
      await decoder.release();
      optimizer.release(trained);
      const { selections } = planGradients(config, components, trained);
      releaseFrozen(store, (name) => selections.has(name));
    };

    // Held-out loss of the model as it came, and what its speed says about the run.
    if (!before && heldOut.rows.length > 0) {
      const startedEvaluationMs = performance.now();
      engine.flops = 0;
      before = after = await evaluateNow();
      best = { step: 0, loss: before.loss };
      // With its sample and what is written.
      const wholeEvaluationMs = performance.now() - startedEvaluationMs;
      const trainingMs = (compute.plannedFlops * evaluationMs) / evaluationFlops;
      const evaluations = Math.ceil(totalSteps / options.evaluateEvery);
      record({
        type: 'estimate',
        step,
        durationMs: trainingMs + evaluations * wholeEvaluationMs,
        peakMemoryBytes: needs.peakBytes,
        diskBytes: needs.diskBytes,
      });
    }

    let { epoch } = passOf(Math.max(1, step), compute.passes);
    if (epoch > 0 && !compute.suffix) {
      rows = epochRows(epoch);
      // Not every pass has as many rows: cuts for fill-in-the-middle and the packing differ.
      order = Int32Array.from(rows, (_, row) => row);
    }
    const isStalled = () => options.patience > 0 && evaluationsSinceBest >= options.patience;
    /** Whether a step belongs to a pass in which targets have residuals. */
    const isLater = (at: number) => hasPrefix(compute, at - 1) && passOf(at, compute.passes).epoch > 0;
    /** What the cost of a step depends on beside its plan. */
    const givenTo = (prefix: boolean) =>
      prefix ? { prefix, headCapacity: compute.lmHead?.capacity, headColumns: headColumnsOf(options) } : { prefix };
    /** The LM head of a micro-batch: on the folder's part of the vocabulary once it is known what the rest amounts to. */
    const vocabularyOf = (batch: Batch, ofRows: readonly number[]): VocabularyUse | undefined => {
      if (!compute.vocabulary || !offsets) return undefined;
      const head = store.get(lmHeadName(config))!;
      part ??= partOfVocabulary(compute.vocabulary, head.weights, config.vocabSize);
      const ofBatch = new Float32Array(batch.labels.length);
      for (const [r, row] of ofRows.entries()) ofBatch.set(offsets.subarray(row * T, (row + 1) * T), r * T);
      return { part, offsets: ofBatch, measures: !isLater(step) };
    };
    /** Whether the next step could cost more than is left. */
    const isSpent = (): boolean => {
      if (compute.budgetFlops === null || step === 0 || step === totalSteps) return false;
      const prefix = hasPrefix(compute, step);
      // After the last warm step the plan is still the old one.
      const nextPlan = prefix && plan.lowestLayer < 0 ? planGradients(config, components, compute.suffix!.mask) : plan;
      const isNextLater = isLater(step + 1);
      const ids = compute.vocabulary?.length;
      let next =
        options.gradAccumulation *
        decoder.stepFlops(shape, nextPlan, {
          ...givenTo(prefix),
          ...(isNextLater && compute.later),
          vocabulary: prefix && ids !== undefined ? (isNextLater ? ids : 'measured') : undefined,
        });
      if (prefix) {
        const unpaid = paid.reduce((count, bit) => count - bit, rows.length);
        next += Math.min(batchRows, unpaid) * decoder.prefixFlops({ size: 1, length: shape.length }, nextPlan);
      }
      return flops + next > compute.budgetFlops;
    };
    let reason: FineTuneResult['reason'] = isStalled() || isSpent() ? 'stoppedEarly' : 'completed';
    const recent: number[] = [];
    while (step < totalSteps && reason === 'completed') {
      if (signal?.aborted) {
        await save();
        record({ type: 'interrupted', step, reason: String(signal.reason ?? 'stopped') });
        throw new FineTuneError(
          'INTERRUPTED',
          `Stopped at step ${step} of ${totalSteps}; everything up to there is kept. Go on with: rgft finetune --resume --out ${runPath}`,
          { step, totalSteps, runPath },
        );
      }
      const stepStartedMs = performance.now();
      engine.flops = 0;

      // Once in a while: where do the errors come from? Rates and masks follow the map of the steps before.
      const startsSuffix = compute.suffix !== null && step === compute.warmSteps;
      const drawsAgain = compute.random !== null && step % compute.random.redrawEvery === 0;
      const isScheduled = step === 0 || (options.probeEvery > 0 && step % options.probeEvery === 0);
      const isShownOnly = SHOWN_MAP_METHODS.includes(method);
      const isOff = isShownOnly && options.probeEvery > totalSteps;
      const measures = compute.suffix
        ? startsSuffix && method === 'rgft'
        : isScheduled && !compute.random && method !== 'lora' && !isOff;
      // A suffix is known without the measurement, which needs room itself.
      const isKnown = options.selection === 'suffix' || method !== 'rgft';
      if (startsSuffix && isKnown) await freeze(compute.suffix!.mask);
      if (measures) {
        onProgress({ phase: 'measuring', step, totalSteps });
        try {
          errorMap = await measure(observer, components, rows, step, errorMap, howToMeasure);
        } catch (error) {
          // Squares overflow before losses do. With a map to go on with, the steps themselves decide what becomes of it.
          if (!(error instanceof FineTuneError && error.code === 'LOSS_NOT_FINITE') || step === 0) throw error;
          record(warningEvent(step, error));
        }
        if (observer !== decoder) await observer.release();
        // For `full` the map is there to be looked at and changes nothing, so its cost is not the method's.
        if (isShownOnly) engine.flops = 0;
      }
      if (measures || step === 0 || startsSuffix || drawsAgain) {
        const choose = (worths: Float64Array) => chooseComponents(decoder, components, rows, options, compute, worths);
        const steering = steer(errorMap, components, mask, options, compute, step, choose);
        if (measures) {
          record({
            type: 'errorMap',
            step,
            shares: [...steering.shares],
            measuredSteps: [...errorMap.measuredSteps],
          });
        }
        if (step === 0 || !sameNumbers(mask, steering.mask) || !sameNumbers(rates, steering.rates)) {
          ({ mask, rates } = steering);
          plan = planGradients(config, components, mask);
          if (startsSuffix && !isKnown) await freeze(mask);
          // Sessions are made for a mask; those of the masks before would add up.
          else if (step > 0) await decoder.release();
          const prefix = hasPrefix(compute, step);
          record({
            type: 'mask',
            step,
            mask: [...mask],
            lrScale: [...rates],
            computeShare: decoder.stepFlops(shape, plan, givenTo(prefix)) / compute.fullBatchFlops,
          });
        }
      }

      step++;
      const { epoch: newEpoch, stepOfEpoch } = passOf(step, compute.passes);
      if (newEpoch !== epoch) {
        epoch = newEpoch;
        // Later passes have sessions of their own.
        if (epoch === 1 && compute.later) await decoder.release();
        // A prefix is only constant if its rows are: with a suffix every pass has those of the first, FIM cuts included.
        if (compute.suffix) {
          const rowMeans = rows.map((_, row) => rowResidual(residualsOf(row)));
          order = visitOrder({ seed: options.seed, epoch, ...compute.passes, residuals: rowMeans });
        } else {
          rows = epochRows(epoch);
          order = Int32Array.from(rows, (_, row) => row);
        }
      }
      const firstRow = stepOfEpoch * batchRows;
      const rowsOfBatches = Array.from({ length: options.gradAccumulation }, (_, i) =>
        Array.from(
          { length: options.microBatch },
          (_, r) => order[(firstRow + i * options.microBatch + r) % order.length],
        ),
      );
      const later = isLater(step) ? compute.later : null;
      const drawn = new Map<number, DrawnTargets>();
      const visited = (row: number): PackedSequence => {
        if (!later) return rows[row];
        if (!drawn.has(row)) {
          const random = createRandom(options.seed, 'targets', epoch, row);
          const losses = options.targetDraw === 'uniform' ? null : residualsOf(row);
          drawn.set(row, drawTargets(rows[row].labels, losses, options.targetSkipShare, IGNORE_INDEX, random));
        }
        return { ...rows[row], labels: drawn.get(row)!.labels };
      };
      const batches = rowsOfBatches.map((batch): Batch => {
        const stacked = stackRows(batch.map(visited));
        return later
          ? { ...stacked, lossWeights: Float32Array.from(batch.flatMap((row) => [...drawn.get(row)!.weights])) }
          : stacked;
      });
      const numTargets = batches.reduce(
        (sum, { labels }) => labels.reduce((n, label) => n + (label >= 0 ? 1 : 0), sum),
        0,
      );
      const normaliser = batches.reduce((sum, batch) => sum + totalWeight(batch), 0);
      // The LM head's rows of this step's targets: the others would cost much and, moved as far by AdamW, learn little.
      const headIds =
        hasPrefix(compute, step - 1) && compute.lmHead
          ? { ids: differentTargets(batches), capacity: compute.lmHead.capacity }
          : undefined;
      const sparseRows = headIds && new Map([['lm_head.weight', headIds.ids]]);
      let totalLoss = 0;
      if (options.gradAccumulation > 1) decoder.clearGradients(plan, headIds);
      for (const [i, batch] of batches.entries()) {
        const prefix = hasPrefix(compute, step - 1)
          ? await prefixOf(decoder, plan, rows, rowsOfBatches[i], prefixes, { paid, filled, into: prefixBuffer })
          : undefined;
        const vocabulary = prefix && vocabularyOf(batch, rowsOfBatches[i]);
        const result = await decoder.lossAndGradients(batch, {
          ...{ plan, normaliser, prefix, headIds, headRows: later?.headRows, targetsPerRow: later?.targetsPerRow },
          ...{ headColumns: prefix && headColumnsOf(options), vocabulary },
          accumulate: options.gradAccumulation > 1,
        });
        if (vocabulary?.measures) {
          for (const [r, row] of rowsOfBatches[i].entries()) {
            offsets!.set(vocabulary.offsets.subarray(r * T, (r + 1) * T), row * T);
          }
        }
        totalLoss += result.losses.reduce((sum, loss, at) => sum + loss * (batch.lossWeights?.[at] ?? 1), 0);
        if (residuals) {
          batch.labels.forEach((label, at) => {
            if (label >= 0) residualsOf(rowsOfBatches[i][Math.floor(at / T)])[at % T] = result.losses[at];
          });
        }
      }
      const loss = totalLoss / normaliser;
      const gradNorm = optimizer.gradientNorm(mask, plan.place, sparseRows);
      const learningRate = learningRateAt(step, schedule);

      if (Number.isFinite(loss) && Number.isFinite(gradNorm)) {
        skippedSteps = 0;
        const gradientScale = Math.min(1, options.clipNorm / Math.max(gradNorm, 1e-12));
        optimizer.step({
          learningRate,
          lrScale: rates,
          updateMask: mask,
          place: plan.place,
          gradientScale,
          rows: sparseRows,
        });
      } else {
        skippedSteps++;
        const message = `Step ${step}: the loss is ${loss} and the gradient norm ${gradNorm}; the step was skipped, the weights are those of step ${step - 1}.`;
        if (skippedSteps >= MAX_SKIPPED_STEPS) {
          throw new FineTuneError(
            'LOSS_NOT_FINITE',
            `${message} It is the ${skippedSteps}rd in a row. Lower --lr (now ${options.learningRate}); the last checkpoint is kept.`,
            { step, loss, gradNorm },
          );
        }
        record({ type: 'warning', step, code: 'LOSS_NOT_FINITE', message });
      }

      flops += engine.flops;
      record({
        type: 'step',
        step,
        epoch,
        loss,
        learningRate,
        gradNorm,
        tokens: numTargets,
        elapsedMs: runningMs(),
        flops,
        cpuMs: spentCpuMs(),
        memoryBytes: process.memoryUsage.rss(),
      });
      recent.push(performance.now() - stepStartedMs);
      if (recent.length > 20) recent.shift();
      const stepMs = recent.reduce((sum, ms) => sum + ms, 0) / recent.length;
      onProgress({
        phase: 'training',
        step,
        totalSteps,
        loss,
        tokensPerSecond: (batchRows * options.seqLength * 1000) / stepMs,
        remainingMs: (totalSteps - step) * stepMs,
      });

      const spent = isSpent();
      // A checkpoint from before is trained on; this is the last one, and what is measured and kept.
      const isDrawnBack = (step === totalSteps || spent) && interpolation < 1;
      if (isDrawnBack) {
        await makeRoom();
        interpolateFromStart(store, { folder: model.folder, config: model.config, digest: baseDigest }, interpolation);
      }

      // Once in a while: how good is it on files it does not learn from?
      if (heldOut.rows.length > 0 && (step % options.evaluateEvery === 0 || step === totalSteps || spent)) {
        after = await evaluateNow(isDrawnBack ? interpolation : 1);
        if (after.loss < best!.loss) {
          best = { step, loss: after.loss };
          evaluationsSinceBest = 0;
        } else evaluationsSinceBest++;
        if (isStalled()) reason = 'stoppedEarly';
      }
      if (spent) {
        const share = (flops / compute.referenceFlops).toFixed(3);
        const message = `After step ${step} of ${totalSteps} the run has spent ${share} of full fine-tuning's operations; another step would exceed its budget of ${options.budget}. It ends here.`;
        record({ type: 'warning', step, code: 'BUDGET_SPENT', message });
        reason = 'stoppedEarly';
      }
      // Once in a while: keep what there is, unless the last step failed and what there is may be why.
      const isDue = (step % options.checkpointEvery === 0 || best?.step === step) && skippedSteps === 0;
      if (isDue || step === totalSteps || reason === 'stoppedEarly') await save();
      // Lets signals and the lock's heartbeat through.
      await turn();
    }
    if (!before || !after) before = after = emptyEvaluation();

    // The model that is kept is the one that did best on files it never saw.
    let keptStep = step;
    if (best && best.loss < after.loss) {
      // What a stop before the first step leaves behind is no result: a run that was not stopped has none of it.
      const bestCheckpoint = best.step === 0 ? null : await intactCheckpoint(best.step);
      if (bestCheckpoint) {
        await restoreWeights(bestCheckpoint, trainedStore);
        after = readEvaluation(runPath, best.step);
        keptStep = best.step;
      } else {
        const message = `The held-out loss was best at step ${best.step} (${best.loss.toFixed(4)}, now ${after.loss.toFixed(4)}), and no intact checkpoint of it exists${best.step === 0 ? ': the run did not improve on the model it began with. Try a lower --lr' : ''}. The last step's weights are kept.`;
        record({ type: 'warning', step, code: 'NO_IMPROVEMENT', message });
      }
    }

    // With a budget the map is measured once, at the start. What became of it is an evaluation like the others.
    if (compute.suffix && method === 'rgft') {
      const counted = engine.flops;
      const firstRow = compute.warmSteps * probeRows;
      try {
        await makeRoom();
        const map = await measure(observer, components, rows, step, createErrorMap(components.length), {
          ...howToMeasure,
          firstRow,
        });
        await observer.release();
        record({
          type: 'errorMap',
          step,
          shares: [...sharesOfMap(map, components, options)],
          measuredSteps: [...map.measuredSteps],
        });
      } catch (error) {
        if (!(error instanceof FineTuneError && error.code === 'LOSS_NOT_FINITE')) throw error;
        record(warningEvent(step, error));
      }
      engine.flops = counted;
    }

    onProgress({ phase: 'saving', step, totalSteps });
    const { model: modelFolder } = runPaths(runPath);
    const source = hasOwnHead ? untiedSource(model.checkpoint) : model.checkpoint;
    saveCheckpoint(modelFolder, source, (name) => mergedWeight(store, config, name), {
      dtype: model.dtype,
      replace: true,
    });
    const result: FineTuneResult = {
      runPath,
      modelFolder,
      steps: step,
      keptStep,
      before,
      after,
      flops,
      referenceFlops: compute.referenceFlops,
      elapsedMs: runningMs(),
      reason,
    };
    const { referenceFlops } = compute;
    const memoryBytes = process.resourceUsage().maxRSS * 1024;
    record({
      type: 'finished',
      step,
      keptStep,
      elapsedMs: result.elapsedMs,
      flops,
      referenceFlops,
      memoryBytes,
      reason,
    });
    return result;
  } catch (error) {
    const { code, message } = error instanceof FineTuneError ? error : { code: 'INTERNAL', message: String(error) };
    if (code !== 'INTERRUPTED') {
      // The log may be what failed (a full disk): the first error is the one to report.
      try {
        record({ type: 'failed', step, code, message });
      } catch {}
    }
    throw error;
  } finally {
    closeRun(run);
    prefixes.close();
    await generator.release();
    await decoder.release();
  }
}

interface StoredOptions {
  readonly folders: readonly string[];
  readonly model: string;
  readonly repository: NonNullable<FineTuneRequest['repository']>;
  readonly training: FineTuneOptions;
  readonly fingerprint: string;
}

/** Measures the whole map on `probeRows` training rows from `firstRow` on, one row a sample. */
async function measure(
  decoder: Decoder,
  components: readonly Component[],
  rows: readonly PackedSequence[],
  step: number,
  errorMap: ErrorMap,
  {
    probeRows,
    microBatch,
    ema,
    firstRow = step * probeRows,
  }: Pick<FineTuneOptions, 'probeRows' | 'microBatch' | 'ema'> & { readonly firstRow?: number },
): Promise<ErrorMap> {
  const nothing = planGradients(decoder.config, components, new Uint8Array(components.length));
  const numSamples = Math.min(probeRows, rows.length);
  const sums = new Float64Array(components.length);
  for (let start = 0; start < numSamples; start += microBatch) {
    const size = Math.min(microBatch, numSamples - start);
    const batch = stackRows(Array.from({ length: size }, (_, r) => rows[(firstRow + start + r) % rows.length]));
    const { squaredNorms } = await decoder.lossAndGradients(batch, { plan: nothing, observe: components });
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < components.length; c++) sums[c] += squaredNorms![r * components.length + c];
    }
  }
  return observe(errorMap, { step, sums, numSamples }, { ema });
}

function sharesOfMap(
  errorMap: ErrorMap,
  components: readonly Component[],
  { normalise }: Pick<FineTuneOptions, 'normalise'>,
): Float64Array {
  const parameterCounts = components.map((component) => component.parameterCount);
  return sharesOf(scores(errorMap, { normalise, parameterCounts }));
}

/** Rates and mask that the method draws from the map. */
function steer(
  errorMap: ErrorMap,
  components: readonly Component[],
  previousMask: Uint8Array,
  options: FineTuneOptions,
  compute: ComputePlan,
  step: number,
  choose: (worths: Float64Array) => Uint8Array,
): { shares: Float64Array; mask: Uint8Array<ArrayBuffer>; rates: Float64Array<ArrayBuffer> } {
  const { method, literal, alpha, temper, tau, hysteresis, suffixRate, headRate } = options;
  const shares = sharesOfMap(errorMap, components, options);
  const everything = new Uint8Array(components.length).fill(1);
  const equal = (rate: number) => new Float64Array(components.length).fill(rate);
  if (compute.random) {
    const draw = Math.floor(step / compute.random.redrawEvery);
    const mask = Uint8Array.from(drawComponents(components, compute.random.mask, options.seed, draw));
    return { shares, mask, rates: equal(suffixRate) };
  }
  if (
    method === 'full' ||
    method === 'full-short' ||
    method === 'fait' ||
    method === 'lora' ||
    (compute.suffix && step < compute.warmSteps)
  ) {
    return { shares, mask: everything, rates: equal(1) };
  }
  if (compute.suffix) {
    const isChosen = method === 'rgft' && options.selection === 'components';
    const mask = Uint8Array.from(isChosen ? choose(temperedScores(shares, options.scoreTemper)) : compute.suffix.mask);
    if (method === 'last-k') return { shares, mask, rates: equal(suffixRate) };
    const steered = steeredRates(shares, { mode: 'rgft', alpha, temper });
    const layerRate = suffixRate * depthRate(components, mask);
    const rateOf = ({ kind }: Component) => (kind === 'lmHead' ? headRate : layerRate);
    return { shares, mask, rates: Float64Array.from(steered, (rate, c) => rateOf(components[c]) * rate) };
  }
  const mode = literal ? 'literal' : method === 'rgft-b' ? 'rgft-b' : 'rgft';
  const rates = Float64Array.from(steeredRates(shares, { mode, alpha: method === 'rgft-b' ? 0 : alpha, temper }));
  if (method === 'rgft-b') return { shares, mask: everything, rates };
  // At the first measurement there is no mask before, only the full start.
  const previous = step === 0 ? null : previousMask;
  const band = literal ? 0 : hysteresis;
  const mask = Uint8Array.from(steeredMask(shares, previous, { tau, relative: !literal, hysteresis: band }));
  return { shares, mask, rates };
}

/** Whether the step after `step` steps runs on a prefix. */
function hasPrefix(compute: ComputePlan, step: number): boolean {
  return compute.suffix !== null && step >= compute.warmSteps;
}

/**
 * What the frozen layers make of some rows, (B·T, C), from the cache or computed. Every row is computed alone and goes
 * through f16, so it is the same whether, when and where it was kept.
 *
 * A run that resumes fills its cache again. That costs what the interruption costs, not what the method costs: a row that
 * was paid for before is not counted twice.
 */
async function prefixOf(
  decoder: Decoder,
  plan: GradientPlan,
  rows: readonly PackedSequence[],
  batch: readonly number[],
  cache: PrefixCache,
  { paid, filled, into }: { readonly paid: Uint8Array; readonly filled: Set<number>; readonly into: Float32Array },
): Promise<Float32Array> {
  const rowElements = rows[0].inputIds.length * decoder.config.hiddenSize;
  for (const [r, row] of batch.entries()) {
    let halves = cache.get(row);
    if (!halves) {
      const counted = decoder.engine.flops;
      halves = toHalves(await decoder.prefix(stackRows([rows[row]]), plan));
      if (paid[row] && !filled.has(row)) decoder.engine.flops = counted;
      if (cache.put(row, halves)) {
        paid[row] = 1;
        filled.add(row);
      } else paid[row] = 0;
    }
    fromHalves(halves, into, r * rowElements);
  }
  return into;
}

function withAdapters(config: ModelConfig, { loraRank, loraAlpha, loraTargets }: FineTuneOptions): ModelConfig {
  return { ...config, lora: { rank: loraRank, scale: loraAlpha / loraRank, targets: loraTargets } };
}

/** What the preflight can leave out: a run without a warm start never trains everything. */
function trainedPart(
  components: readonly Component[],
  { suffix, warmSteps, cache, lmHead }: ComputePlan,
): PartialTraining {
  if (components.every(({ kind }) => kind === 'lora')) {
    const trainedParameters = components.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
    return { trainedParameters, checkpointParameters: trainedParameters };
  }
  const cached = cache.medium === 'disk' ? { cacheDiskBytes: cache.bytes } : { cacheMemoryBytes: cache.bytes };
  if (!suffix || warmSteps > 0) return cached;
  const ofSuffix = components.filter((_, c) => suffix.mask[c]);
  const parametersOf = (some: readonly Component[]) => some.reduce((sum, c) => sum + c.parameterCount, 0);
  const head = ofSuffix.find(({ kind }) => kind === 'lmHead');
  // Rows that no target asks for never touch the memory of their gradients and moments.
  const touched = head && lmHead ? (lmHead.touched / head.slices[0].rowCount) * head.parameterCount : 0;
  const trainedParameters = parametersOf(ofSuffix.filter((c) => c !== head)) + touched;
  const numLayers = components.reduce((count, { layer }) => Math.max(count, (layer ?? -1) + 1), 0);
  const trainedLayers = numLayers - suffix.layer;
  return { ...cached, trainedParameters, trainedLayers, checkpointMoments: parametersOf(ofSuffix) };
}

/** The options with a cap on the cache that the disk can bear, so that a run that resumes has the same plan. */
function roomForCache(options: FineTuneOptions, runPath: string): FineTuneOptions {
  return { ...options, cacheDiskBytes: Math.floor(diskRoom(runPath, options.cacheDiskBytes)) };
}

function describeBudget(share: number, compute: ComputePlan): NonNullable<StartedEvent['budget']> {
  const { referenceFlops, plannedFlops, warmSteps, suffix, passes, cache } = compute;
  return {
    share,
    referenceFlops,
    plannedFlops,
    warmSteps,
    suffix: suffix?.id ?? null,
    skipShare: passes.skipShare,
    cacheMedium: cache.medium,
    cacheBytes: cache.bytes,
  };
}

/** Processor time of this process since it began, all threads. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => value === b[i]);
}

function warningEvent(step: number, { code, message }: FineTuneError): RunEvent {
  return { type: 'warning', step, code, message };
}

/** `eval/step-N.json`: the loss of each held-out file. */
function evaluationFile(runPath: string, step: number): string {
  return path.join(runPaths(runPath).evaluation, `step-${step}.json`);
}

function writeEvaluation(runPath: string, step: number, evaluation: Evaluation): void {
  mkdirSync(runPaths(runPath).evaluation, { recursive: true });
  writeFileAtomically(evaluationFile(runPath, step), `${toJsonText(evaluation, 1)}\n`);
}

/** The result of a run whose last event says that it is finished and whose files are all there. */
function finishedResult(runPath: string): FineTuneResult | undefined {
  const { events, model, evaluation } = runPaths(runPath);
  if (!existsSync(events) || !existsSync(path.join(model, 'config.json'))) return undefined;
  const lastLine = readFileSync(events, 'utf8').trimEnd().split('\n').at(-1)!;
  // A line that was torn by a crash is an end, too: of a run that goes on from its checkpoint.
  if (!/^\{"type":"finished".*\}$/.test(lastLine)) return undefined;
  const {
    step,
    keptStep,
    flops,
    referenceFlops = null,
    elapsedMs,
    reason,
  } = fromJsonText(lastLine) as Extract<RunEvent, { type: 'finished' }>;
  const files = [0, keptStep].map((at) => evaluationFile(runPath, at));
  if (existsSync(evaluation) && !files.every((file) => existsSync(file))) return undefined;
  const [before, after] = existsSync(evaluation)
    ? files.map((file) => fromJsonText(readFileSync(file, 'utf8')) as Evaluation)
    : [emptyEvaluation(), emptyEvaluation()];
  return {
    runPath,
    modelFolder: model,
    steps: step,
    keptStep,
    before,
    after,
    flops,
    referenceFlops,
    elapsedMs,
    reason,
  };
}

/** The first lines of a held-out text, for the model to go on from. */
function beginningOf(
  example: Example | undefined,
  tokenizer: Tokenizer,
): { name: string; text: string; ids: number[] } {
  const ids = [...(example?.tokens ?? [])].slice(0, SAMPLE_PROMPT_TOKENS);
  return { name: example ? `${example.path}:${example.firstLine}` : '', text: tokenizer.decode(ids), ids };
}

function readEvaluation(runPath: string, step: number): Evaluation {
  return fromJsonText(readFileSync(evaluationFile(runPath, step), 'utf8')) as Evaluation;
}

function emptyEvaluation(): Evaluation {
  return { loss: Number.NaN, accuracy: Number.NaN, tokens: 0, files: [] };
}

function describeWorkspace(repository: Repository, split: Split<{ readonly path: string }>): Record<string, unknown> {
  return {
    folders: repository.folders.map((folder) => ({ ...folder, commit: gitCommit(folder.path) })),
    trainFiles: split.train.length,
    heldOutFiles: split.heldOut.map((file) => file.path),
    rejectedFiles: repository.totals.rejected,
    secrets: repository.secrets.length,
  };
}

/** Changes when a file that is trained or evaluated on changes. */
function fingerprintOf(split: Split<{ readonly path: string; readonly text: string }>): string {
  const hash = createHash('sha256');
  for (const [side, files] of Object.entries(split)) {
    for (const { path: name, text } of files as readonly { path: string; text: string }[]) {
      hash.update(`${side}\0${name}\0${text.length}\0`).update(text);
    }
  }
  return hash.digest('hex');
}
