/**
 * @file `rgft bench budget`: what a budget buys of a model of a known shape, and whether the operations that it counts are
 * time. Plans a run as the trainer does, times each kind of step that the plan is made of in turns with full ones, and
 * adds up. Weights and rows are random, so it says nothing of quality.
 */
import { IGNORE_INDEX, type PackedSequence } from '../data/batches.ts';
import { Optimizer } from '../engine/optimizer.ts';
import { releaseFrozen } from '../engine/parameters.ts';
import { openEngine } from '../engine/session.ts';
import { type Batch, differentTargets, totalWeight } from '../models/batch.ts';
import type { ModelConfig } from '../models/config.ts';
import { type BackwardOptions, Decoder } from '../models/decoder.ts';
import { planGradients } from '../models/gradientPlan.ts';
import { untieHead } from '../models/untie.ts';
import { partOfVocabulary } from '../models/vocabulary.ts';
import { createRandom, nextBelow } from '../random.ts';
import { depthRate, stepsOfEpoch } from '../rgft/budget.ts';
import { listComponents } from '../rgft/components.ts';
import { drawTargets } from '../rgft/sampling.ts';
import { headColumnsOf, planCompute } from '../trainer/compute.ts';
import { stackRows } from '../trainer/evaluate.ts';
import { completeOptions } from '../trainer/options.ts';
import { median, randomParameters } from './shape.ts';

export interface BudgetBenchOptions {
  readonly budget: number;
  /** Rows of the folder that is imagined. */
  readonly rows: number;
  readonly length: number;
  /** Different ids that its targets have; every row draws from all of them. */
  readonly ids: number;
  /** Times that each kind of step is measured. */
  readonly repeats: number;
  readonly threads: number;
  readonly report: (line: string) => void;
}

/** Times in ms, medians; shares of full fine-tuning over the same passes. */
export interface BudgetBenchResult {
  /** The lowest part that is trained, as `4.mlp`, and the layers from there on: half a layer where it is an MLP. */
  readonly boundary: string;
  readonly trainedLayers: number;
  readonly numLayers: number;
  readonly idsOfPart: number;
  readonly vocabSize: number;
  readonly steps: number;
  readonly fullSteps: number;
  readonly operationsShare: number;
  readonly timeShare: number;
  readonly fullStepMs: number;
  readonly firstPassStepMs: number;
  readonly laterStepMs: number;
  readonly prefixRowMs: number;
}

export async function benchBudget(tied: ModelConfig, options: BudgetBenchOptions): Promise<BudgetBenchResult> {
  const { budget, length: T, repeats, threads, report } = options;
  const training = completeOptions({ budget, seqLength: T, threads, cache: 'memory' }, tied);
  const engine = await openEngine({ threads });
  const store = randomParameters(tied);
  const base = new Decoder(engine, tied, store);
  const fullComponents = listComponents(tied);
  const everything = planGradients(tied, fullComponents, new Uint8Array(fullComponents.length).fill(1));
  const fullOptimizer = new Optimizer(store, fullComponents);
  const rows = randomRows(options, tied.vocabSize);

  // Full fine-tuning computes two rows together, as it does by default.
  const full = completeOptions({ method: 'full', seqLength: T }, tied);
  const fullBatch = stackRows(rows.slice(0, full.microBatch));
  const fullStep = async () => {
    await base.lossAndGradients(fullBatch, { plan: everything });
    const mask = new Uint8Array(fullComponents.length).fill(1);
    fullOptimizer.gradientNorm(mask, everything.place);
    const lrScale = new Float64Array(fullComponents.length).fill(1);
    fullOptimizer.step({ learningRate: 1e-5, lrScale, updateMask: mask, place: everything.place, gradientScale: 1 });
  };
  await fullStep();
  const fullMs = await medianOf(repeats, fullStep);
  report(`full step ${fullMs.toFixed(0)} ms`);
  await base.release();

  const config = untieHead(store, tied);
  const components = listComponents(config);
  const decoder = new Decoder(engine, config, store);
  const compute = planCompute(decoder, components, rows, training, base);
  const { mask, id: boundary, half, layer } = compute.suffix!;
  const plan = planGradients(config, components, mask);
  fullOptimizer.release(new Uint8Array(fullComponents.length));
  releaseFrozen(store, (name) => plan.selections.has(name));
  const optimizer = new Optimizer(store, components);
  const head = store.get('lm_head.weight')!.weights;
  const part = compute.vocabulary && partOfVocabulary(compute.vocabulary, head, config.vocabSize);
  const batchRows = training.microBatch * training.gradAccumulation;
  const rowsOfStep = rows.slice(0, batchRows);
  const prefixes: Float32Array[] = [];
  const prefixOfRow = async () => (await decoder.prefix(stackRows([rows[0]]), plan)).slice();
  await prefixOfRow();
  const prefixMs = await medianOf(repeats, prefixOfRow);
  for (const row of rowsOfStep) prefixes.push((await decoder.prefix(stackRows([row]), plan)).slice());
  const offsets = rowsOfStep.map(() => new Float32Array(T));
  const rate = depthRate(components, mask);

  const step = async (isLater: boolean) => {
    const later = isLater ? compute.later : null;
    const batches = rowsOfStep.map((row, r): Batch => {
      if (!later) return stackRows([row]);
      const random = createRandom(0, 'bench targets', r);
      const drawn = drawTargets(row.labels, null, training.targetSkipShare, IGNORE_INDEX, random);
      return { ...stackRows([{ ...row, labels: drawn.labels }]), lossWeights: drawn.weights };
    });
    const headIds = { ids: differentTargets(batches), capacity: compute.lmHead!.capacity };
    const normaliser = batches.reduce((sum, batch) => sum + totalWeight(batch), 0);
    decoder.clearGradients(plan, headIds);
    for (const [r, batch] of batches.entries()) {
      const how: BackwardOptions = {
        ...{ plan, normaliser, prefix: prefixes[r], headIds, accumulate: true, headColumns: headColumnsOf(training) },
        ...{ headRows: later?.headRows, targetsPerRow: later?.targetsPerRow },
        ...(part && { vocabulary: { part, offsets: offsets[r], measures: !isLater } }),
      };
      await decoder.lossAndGradients(batch, how);
    }
    const sparse = new Map([['lm_head.weight', headIds.ids]]);
    optimizer.gradientNorm(mask, plan.place, sparse);
    const lrScale = new Float64Array(components.length).fill(rate);
    optimizer.step({
      learningRate: 1e-5,
      lrScale,
      updateMask: mask,
      place: plan.place,
      gradientScale: 1,
      rows: sparse,
    });
  };
  await step(false);
  const firstMs = await medianOf(repeats, () => step(false));
  await decoder.release();
  await step(true);
  const laterMs = await medianOf(repeats, () => step(true));
  await decoder.release();

  const fullSteps = training.epochs * Math.ceil(rows.length / full.microBatch);
  const firstSteps = Math.min(stepsOfEpoch(0, compute.passes), compute.totalSteps);
  // The measurement at the start is little, and a row of it about a row of full fine-tuning.
  const measurementMs = (compute.probeRows * fullMs) / full.microBatch;
  const planned =
    measurementMs +
    Math.min(rows.length, compute.totalSteps * batchRows) * prefixMs +
    firstSteps * firstMs +
    (compute.totalSteps - firstSteps) * laterMs;
  return {
    boundary,
    trainedLayers: config.numLayers - layer - (half === 'mlp' ? 0.5 : 0),
    numLayers: config.numLayers,
    idsOfPart: part?.ids.length ?? config.vocabSize,
    vocabSize: config.vocabSize,
    steps: compute.totalSteps,
    fullSteps,
    operationsShare: compute.plannedFlops / compute.referenceFlops,
    timeShare: planned / (fullSteps * fullMs),
    fullStepMs: fullMs,
    firstPassStepMs: firstMs,
    laterStepMs: laterMs,
    prefixRowMs: prefixMs,
  };
}

async function medianOf(repeats: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return median(times);
}

/** Rows without padding, of one example each; ids are drawn like words, the n-th as often as 1/n. */
function randomRows({ rows, length: T, ids }: BudgetBenchOptions, vocabSize: number): PackedSequence[] {
  const random = createRandom(0, 'bench rows');
  const chances = Array.from({ length: ids }, (_, n) => 1 / (n + 1));
  const sum = chances.reduce((total, chance) => total + chance, 0);
  const limits = new Float64Array(ids);
  let limit = 0;
  for (const [n, chance] of chances.entries()) {
    limit += chance / sum;
    limits[n] = limit;
  }
  const draw = (): number => {
    const x = nextBelow(random, 2 ** 30) / 2 ** 30;
    let [low, high] = [0, ids - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (limits[middle] < x) low = middle + 1;
      else high = middle;
    }
    // Spread over the vocabulary, as the ids of a folder are.
    return Math.floor((low * vocabSize) / ids);
  };
  return Array.from({ length: rows }, () => {
    const inputIds = Int32Array.from({ length: T }, draw);
    return {
      inputIds,
      labels: Int32Array.from({ length: T }, (_, t) => inputIds[t + 1] ?? IGNORE_INDEX),
      positions: Int32Array.from({ length: T }, (_, t) => t),
      segments: new Int32Array(T).fill(1),
      exampleIndices: [0],
    };
  });
}
