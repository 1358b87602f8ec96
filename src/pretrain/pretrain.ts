/**
 * @file Pre-training from scratch: one flat loop over a stream of tokens, in a run directory that can be killed and
 * resumed. It made the embedded base model (media/README there has the command).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { epochOrder } from '../data/batches.ts';
import type { Shape } from '../engine/graph.ts';
import { Optimizer } from '../engine/optimizer.ts';
import { allocateParameters, type ParameterStore } from '../engine/parameters.ts';
import { type EngineOptions, openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import type { Batch } from '../models/batch.ts';
import { type ModelConfig, weightShapes } from '../models/config.ts';
import { Decoder } from '../models/decoder.ts';
import { planGradients } from '../models/gradientPlan.ts';
import { createRandom, mix32, nextUint32 } from '../random.ts';
import { listComponents } from '../rgft/components.ts';
import { describeMachine, describeVersions } from '../trainer/environment.ts';
import { appendEvent, closeRun, createRun, openRun, type Run, writeCheckpoint } from '../trainer/runDirectory.ts';
import { learningRateAt, type Schedule } from '../trainer/schedule.ts';
import { restoreTrainingState, trainingStateBlobs } from '../trainer/trainingState.ts';

/** A stream of token ids; documents end with `endOfText`. */
export interface TokenStream {
  readonly length: number;
  read(offset: number, count: number): Uint16Array;
}

export interface PretrainOptions {
  readonly config: ModelConfig;
  readonly stream: TokenStream;
  readonly endOfText: number;
  readonly schedule: Schedule;
  /** Tokens of a row. */
  readonly seqLength: number;
  /**
   * Rows of a step, by the step from which they hold; the first entry is for step 1. Small batches first: early on,
   * steps teach more than averages.
   */
  readonly batchRows: readonly { readonly fromStep: number; readonly rows: number }[];
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly seed: number;
  readonly checkpointEvery: number;
  readonly engine?: EngineOptions;
  /** Called every `evaluateEvery` steps and at the end; its result is the event's loss (nats per token). */
  readonly evaluate: (decoder: Decoder, step: number) => Promise<{ loss: number; accuracy: number; tokens: number }>;
  readonly evaluateEvery: number;
  /** Stop (with a checkpoint) when this becomes true. */
  readonly shouldStop?: () => boolean;
  readonly report: (line: string) => void;
}

/**
 * Trains until the schedule ends, or goes on with a run that was interrupted.
 *
 * @returns the final weights, or undefined when the run was stopped before its end.
 * @throws LOSS_NOT_FINITE with the step; the last checkpoint stays.
 */
export async function pretrain(
  runPath: string,
  resume: boolean,
  options: PretrainOptions,
): Promise<ParameterStore | undefined> {
  const { config, stream, schedule, seqLength: T, batchRows, seed } = options;
  const engine = await openEngine(options.engine);
  const store = allocateParameters(weightShapes(config));
  const components = listComponents(config);
  const updateMask = new Uint8Array(components.length).fill(1);
  const lrScale = new Float64Array(components.length).fill(1);
  const plan = planGradients(config, components, updateMask);
  const decoder = new Decoder(engine, config, store);
  const optimizer = new Optimizer(store, components, { beta2: 0.95, weightDecay: options.weightDecay });

  let step = 0;
  let run: Run;
  if (resume) {
    const opened = await openRun(runPath);
    run = opened.run;
    if (opened.checkpoint) {
      const state = opened.checkpoint.state as { stepCounts: number[] };
      await restoreTrainingState(opened.checkpoint, store, optimizer, state.stepCounts);
      step = opened.checkpoint.step;
    } else initialise(config, store, seed);
  } else {
    const { stream: _stream, evaluate: _evaluate, report: _report, shouldStop: _stop, ...described } = options;
    run = createRun(runPath, {
      createdAtMs: Date.now(),
      method: 'pretrain',
      seed,
      options: JSON.parse(JSON.stringify(described)) as Record<string, unknown>,
      model: { modelType: config.modelType, parameters: [...store.values()].reduce((n, p) => n + p.weights.length, 0) },
      workspace: { tokens: stream.length },
      versions: describeVersions(),
      machine: describeMachine(engine.device, engine.threads ?? 0),
    });
    initialise(config, store, seed);
  }

  const rowsPerEpoch = Math.floor((stream.length - 1) / T);
  const startedMs = Date.now();
  const firstStep = step;
  let order: { epoch: number; rows: Int32Array } | undefined;
  try {
    while (step < schedule.totalSteps) {
      step++;
      const rowsDrawn = rowsBefore(step, batchRows);
      const rows = Array.from({ length: rowsBefore(step + 1, batchRows) - rowsDrawn }, (_, i) => {
        const drawn = rowsDrawn + i;
        const epoch = Math.floor(drawn / rowsPerEpoch);
        if (order?.epoch !== epoch) order = { epoch, rows: epochOrder(rowsPerEpoch, seed, epoch) };
        return order.rows[drawn % rowsPerEpoch];
      });
      const batch = rowsOfStream(stream, rows, T, options.endOfText);
      const { losses } = await decoder.lossAndGradients(batch, { plan });
      const targets = batch.labels.reduce((n, label) => (label >= 0 ? n + 1 : n), 0);
      const loss = losses.reduce((sum, x) => sum + x, 0) / targets;
      const gradNorm = optimizer.gradientNorm(updateMask, plan.place);
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        throw new FineTuneError(
          'LOSS_NOT_FINITE',
          `Step ${step}: loss ${loss}, gradient norm ${gradNorm}. Lower the learning rate and resume from the last checkpoint.`,
          { step, loss, gradNorm },
        );
      }
      const learningRate = learningRateAt(step, schedule);
      optimizer.step({
        learningRate,
        lrScale,
        updateMask,
        place: plan.place,
        gradientScale: Math.min(1, options.clipNorm / gradNorm),
      });

      if (step % 20 === 0) {
        const elapsedMs = Date.now() - startedMs;
        const rowsSoFar = rowsBefore(step + 1, batchRows);
        const tokensPerSecond = ((rowsSoFar - rowsBefore(firstStep + 1, batchRows)) * T * 1000) / elapsedMs;
        appendEvent(run, {
          type: 'step',
          step,
          epoch: Math.floor(rowsSoFar / rowsPerEpoch),
          loss,
          learningRate,
          gradNorm,
          tokens: rowsSoFar * T,
          elapsedMs,
          flops: engine.flops,
        });
        options.report(
          `step ${step}/${schedule.totalSteps} loss ${loss.toFixed(4)} lr ${learningRate.toExponential(2)} norm ${gradNorm.toFixed(2)} ${tokensPerSecond.toFixed(0)} tok/s`,
        );
      }
      if (step % options.evaluateEvery === 0 || step === schedule.totalSteps) {
        const evaluation = await options.evaluate(decoder, step);
        appendEvent(run, { type: 'evaluation', step, ...evaluation, elapsedMs: Date.now() - startedMs });
      }
      const stopping = options.shouldStop?.() ?? false;
      if (step % options.checkpointEvery === 0 || step === schedule.totalSteps || stopping) {
        const state = { stepCounts: [...optimizer.stepCounts] };
        await writeCheckpoint(run, step, trainingStateBlobs(store, optimizer), state, { keepBest: false });
      }
      if (stopping) return undefined;
      // Lets signals and the lock's heartbeat through.
      await pause(0);
    }
  } finally {
    closeRun(run);
    await decoder.release();
  }
  return store;
}

/** Rows that the steps before `step` take. */
function rowsBefore(step: number, batchRows: PretrainOptions['batchRows']): number {
  return batchRows.reduce((sum, { fromStep, rows }, i) => {
    const until = Math.min(step, batchRows[i + 1]?.fromStep ?? step);
    return sum + Math.max(0, until - fromStep) * rows;
  }, 0);
}

/** A tied embedding with larger numbers would begin by predicting the token it has just read. */
const EMBEDDING_DEVIATION = 0.02;

/** How a weight starts: all elements `fill`, or normal with this deviation, drawn from `key` (see `initialise`). */
export interface Initialisation {
  readonly fill?: number;
  readonly deviation?: number;
  readonly key?: number;
}

/**
 * Deviation sqrt(2 / (5·C)) (GPT-NeoX's "small init"), projections back into the residual stream scaled by 1/sqrt(2·L)
 * (GPT-2), gains one.
 */
export function initialisation(config: ModelConfig, name: string, shape: Shape, seed: number): Initialisation {
  if (shape.length === 1) return { fill: name.endsWith('.bias') ? 0 : 1 };
  const small = Math.sqrt(2 / (5 * config.hiddenSize));
  const deviation = /(o_proj|down_proj)\.weight$/.test(name)
    ? small / Math.sqrt(2 * config.numLayers)
    : name.startsWith('embed_')
      ? EMBEDDING_DEVIATION
      : small;
  return { deviation, key: nextUint32(createRandom(seed, 'weights', name)) };
}

/**
 * Normal numbers by Box-Muller from hashes of a counter rather than from a generator's state, so that any element can be
 * computed by itself, here and elsewhere (device.py).
 */
function initialise(config: ModelConfig, store: ParameterStore, seed: number): void {
  for (const { name, shape, weights } of store.values()) {
    const { fill, deviation = 0, key = 0 } = initialisation(config, name, shape, seed);
    if (fill !== undefined) {
      weights.fill(fill);
      continue;
    }
    const uniform = (i: number) => (mix32(key + Math.imul(i, 0x9e3779b9)) + 0.5) / 2 ** 32;
    for (let i = 0; i < weights.length; i++) {
      const radius = deviation * Math.sqrt(-2 * Math.log(uniform(2 * i)));
      weights[i] = radius * Math.cos(2 * Math.PI * uniform(2 * i + 1));
    }
  }
}

/** Rows of `length` tokens; a document is a segment, and nothing predicts across its end. */
function rowsOfStream(stream: TokenStream, rows: readonly number[], length: number, endOfText: number): Batch {
  const size = rows.length;
  const array = () => new Int32Array(size * length);
  const batch = { size, length, inputIds: array(), labels: array(), positions: array(), segments: array() };
  rows.forEach((row, r) => {
    const tokens = stream.read(row * length, length + 1);
    let segment = 1;
    let position = 0;
    for (let t = 0; t < length; t++) {
      const at = r * length + t;
      batch.inputIds[at] = tokens[t];
      batch.segments[at] = segment;
      batch.positions[at] = position++;
      batch.labels[at] = tokens[t + 1];
      if (tokens[t] === endOfText) {
        batch.labels[at] = -100;
        segment++;
        position = 0;
      }
    }
  });
  return batch;
}
