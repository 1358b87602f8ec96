/**
 * @file What a run trains at which step and what that may cost: the plan of a budget, from costs that are counted on the
 * very graphs that will run.
 */
import type { PackedSequence } from '../data/batches.ts';
import { FineTuneError } from '../errors.ts';
import { differentTargets } from '../models/batch.ts';
import type { Decoder } from '../models/decoder.ts';
import { type GradientPlan, planGradients } from '../models/gradientPlan.ts';
import { createRandom } from '../random.ts';
import {
  type Boundary,
  type PlanProblem,
  planRun,
  randomMask,
  selectComponents,
  stepsOfEpoch,
  suffixBoundaries,
} from '../rgft/budget.ts';
import { type Component, listComponents } from '../rgft/components.ts';
import { keptTargets } from '../rgft/sampling.ts';
import type { FineTuneOptions } from './options.ts';
import { type CachePlan, planCache } from './prefixCache.ts';

export interface ComputePlan {
  readonly totalSteps: number;
  /** Operations of full fine-tuning over the same passes (those of the first pass, times their number). */
  readonly referenceFlops: number;
  /** Operations of full fine-tuning on a micro-batch in which every position has a target. */
  readonly fullBatchFlops: number;
  /** What the run may execute; `null` for no limit. */
  readonly budgetFlops: number | null;
  /** What it will execute at most, measurements included. */
  readonly plannedFlops: number;
  /** Steps that train everything before the suffix does; 0 without a suffix. */
  readonly warmSteps: number;
  /** What is trained on a constant prefix; with it the rows of all passes are those of the first. */
  readonly suffix: Boundary | null;
  /** Rows of a measurement. */
  readonly probeRows: number;
  readonly cache: CachePlan;
  /** Targets of a micro-batch that later passes keep at most, and how many the LM head handles at a time. */
  readonly later: LaterTargets | null;
  /** With a suffix whose LM head is trained: its rows that a step computes, and those that the whole run can touch. */
  readonly lmHead: { readonly capacity: number; readonly touched: number } | null;
  /** Ids that have a logit of their own in later passes, ascending; `null`: every id has one. */
  readonly vocabulary: Int32Array | null;
  /** Passes over the data, for `passOf`. */
  readonly passes: Passes;
  /** What random components are drawn for, and after how many steps again. */
  readonly random: { readonly mask: Uint8Array; readonly redrawEvery: number } | null;
}

export interface LaterTargets {
  readonly targets: number;
  readonly headRows: number;
  /** Of one row. */
  readonly targetsPerRow: number;
}

export type Passes = Pick<PlanProblem, 'numRows' | 'batchRows' | 'skipShare'>;

/** Pass that a step (from 1) belongs to, and its number inside the pass, from 0. */
export function passOf(step: number, passes: Passes): { epoch: number; stepOfEpoch: number } {
  let stepOfEpoch = step - 1;
  for (let epoch = 0; ; epoch++) {
    const steps = stepsOfEpoch(epoch, passes);
    if (stepOfEpoch < steps) return { epoch, stepOfEpoch };
    stepOfEpoch -= steps;
  }
}

/** Largest share of a run's row visits that its measurement may take with a budget, */
const PROBE_SHARE = 0.01;
/** and that its measurements may take without one, where the map is drawn again and again. Each has two rows at least. */
const PROBES_SHARE = 0.05;

/**
 * Plans a run.
 *
 * @param rows rows of the first pass
 * @param base the model without adapters, whose full fine-tuning is the reference. @default the decoder
 * @throws USAGE when the budget does not pay for a step
 */
export function planCompute(
  decoder: Decoder,
  components: readonly Component[],
  rows: readonly PackedSequence[],
  options: FineTuneOptions,
  base = decoder,
): ComputePlan {
  const { method, budget, microBatch, gradAccumulation, seqLength, epochs, maxSteps } = options;
  const batchRows = microBatch * gradAccumulation;
  const shape = { size: microBatch, length: seqLength };
  const fullPlan = everythingPlan(base, base === decoder ? components : listComponents(base.config));
  const fullSteps = Math.min(epochs * Math.ceil(rows.length / batchRows), maxSteps ?? Number.POSITIVE_INFINITY);
  const referenceFlops = fullFlops(base, fullPlan, rows, options, fullSteps);
  const budgetFlops = budget === null ? null : budget * referenceFlops;
  const probes = numProbes(fullSteps, options);
  const probeRows = fewRows(rows, options.probeRows, (PROBES_SHARE * fullSteps * batchRows) / probes);
  const plain = {
    totalSteps: fullSteps,
    referenceFlops,
    fullBatchFlops: base.stepFlops(shape, fullPlan),
    budgetFlops,
    plannedFlops: referenceFlops + probes * probeRows * base.observationFlops(seqLength, listComponents(base.config)),
    warmSteps: 0,
    suffix: null,
    probeRows,
    cache: { medium: 'off', capacityRows: 0, bytes: 0 },
    later: null,
    lmHead: null,
    vocabulary: null,
    passes: { numRows: rows.length, batchRows, skipShare: 0 },
    random: null,
  } as const;
  if (decoder.config.lora) {
    return { ...plain, ...adapterSteps(decoder, components, { ...options, probeRows }, { budgetFlops, fullSteps }) };
  }
  if (budgetFlops === null) return plain;

  const fullStepFlops = gradAccumulation * decoder.stepFlops(shape, everythingPlan(decoder, components));
  if (method === 'full-short') {
    // The same rows in the same order as `full`: its first steps cost what they cost there.
    let totalSteps = Math.min(fullSteps, Math.max(1, Math.ceil(budgetFlops / fullStepFlops)));
    while (totalSteps < fullSteps && fullFlops(decoder, fullPlan, rows, options, totalSteps + 1) <= budgetFlops) {
      totalSteps++;
    }
    while (totalSteps > 1 && fullFlops(decoder, fullPlan, rows, options, totalSteps) > budgetFlops) totalSteps--;
    return { ...plain, totalSteps, plannedFlops: fullFlops(decoder, fullPlan, rows, options, totalSteps) };
  }

  const { problem, boundaries, ...ofSuffix } = suffixProblem(decoder, components, rows, options, {
    budgetFlops,
    fullStepFlops,
  });
  const planned = planRun(problem);
  if (method === 'random-k') {
    const { mask } = boundaries[planned.suffix];
    const interval = options.probeEvery || Math.max(1, Math.round(fullSteps / 10));
    const random = { mask, redrawEvery: options.redraw ? interval : fullSteps };
    return { ...plain, ...randomSteps(decoder, components, options, { ...random, budgetFlops, fullSteps }), random };
  }
  return {
    ...plain,
    totalSteps: planned.totalSteps,
    plannedFlops: planned.flops,
    warmSteps: planned.warmSteps,
    ...ofSuffix,
    suffix: boundaries[planned.suffix],
    later: laterTargets(decoder, options),
    passes: { numRows: rows.length, batchRows, skipShare: options.skipShare },
  };
}

/**
 * The components that are trained after the warm start when single ones are chosen: those of the highest scores at
 * what a step may cost. (C)
 */
export function chooseComponents(
  decoder: Decoder,
  components: readonly Component[],
  rows: readonly PackedSequence[],
  options: FineTuneOptions,
  plan: ComputePlan,
  scores: ArrayLike<number>,
): Uint8Array {
  const { microBatch, gradAccumulation, seqLength } = options;
  const fullPlan = planGradients(decoder.config, components, new Uint8Array(components.length).fill(1));
  const fullStepFlops = gradAccumulation * decoder.stepFlops({ size: microBatch, length: seqLength }, fullPlan);
  const { problem, boundaries } = suffixProblem(decoder, components, rows, options, {
    budgetFlops: plan.budgetFlops!,
    fullStepFlops,
  });
  const suffixSteps = plan.totalSteps - plan.warmSteps;
  const perStep = (flops: number) => flops / suffixSteps;
  const firstSteps = Math.max(0, Math.min(stepsOfEpoch(0, problem), plan.totalSteps) - plan.warmSteps);
  const tokens = microBatch * gradAccumulation * seqLength;
  // Later passes compute the last layer at the positions of targets, keys and values apart.
  const laterShare = plan.later ? plan.later.targetsPerRow / seqLength : 1;
  const targetTokens = perStep(tokens * (firstSteps + (suffixSteps - firstSteps) * laterShare));
  const isAtTargets = (tensor: string) =>
    tensor.startsWith(`layers.${decoder.config.numLayers - 1}.`) && !/\.[kv]_proj\./.test(tensor);
  // dW = dyᵀ·x: two operations for each weight and token.
  const costOf = ({ tensor, rowCount, colCount }: Component['slices'][number]) =>
    isMatrix(tensor) ? 2 * (isAtTargets(tensor) ? targetTokens : tokens) * rowCount * colCount : 0;
  const items = components.map((component, c) => ({
    score: scores[c],
    cost: component.slices.reduce((sum, slice) => sum + costOf(slice), 0),
  }));
  const seen = new Set<number>();
  const levels = boundaries.map(({ mask }, b) => {
    const within = components.flatMap((_, c) => (mask[c] ? [c] : []));
    const added = within.filter((c) => !seen.has(c));
    for (const c of added) seen.add(c);
    const { stepFlops, laterStepFlops = stepFlops, prefixFlops } = problem.suffixes[b];
    const meanFlops = perStep(firstSteps * stepFlops + (suffixSteps - firstSteps) * laterStepFlops);
    const gradients = within.reduce((sum, c) => sum + items[c].cost, 0);
    const visits = suffixSteps * problem.batchRows;
    const filled = problem.cachedRows >= problem.numRows ? Math.min(problem.numRows, visits) : visits;
    return { cost: meanFlops - gradients + perStep(filled * prefixFlops), items: added };
  });
  const budget = perStep(problem.budgetFlops - plan.warmSteps * fullStepFlops - problem.probeFlops);
  const { boundary, items: chosen } = selectComponents({ budget, boundaries: levels, items });
  if (boundary < 0) return plan.suffix!.mask;
  return Uint8Array.from(components, (_, c) => (chosen.includes(c) ? 1 : 0));
}

/** Components of a draw of `random-k`: as many parameters as the suffix has that the budget would pay for. (C) */
export function drawComponents(
  components: readonly Component[],
  suffixMask: ArrayLike<number>,
  seed: number,
  draw: number,
): Uint8Array {
  const numParameters = components.reduce((sum, c, i) => sum + (suffixMask[i] ? c.parameterCount : 0), 0);
  return randomMask(components, numParameters, createRandom(seed, 'components', draw));
}

function isMatrix(tensor: string): boolean {
  return tensor.endsWith('_proj.weight');
}

/** Whether the LM head's rows of a step's targets are trained beside the suffix; the head is then a weight of its own. */
export function trainsHead({ method, budget, headRate = 0 }: Partial<FineTuneOptions>): boolean {
  // Missing in runs of older versions.
  return method === 'rgft' && budget !== null && budget !== undefined && headRate > 0;
}

/** Ids that pass gradients on one by one in a step on a constant prefix; none is given for all. */
export function headColumnsOf({ headColumns }: Partial<FineTuneOptions>): number | undefined {
  // Missing in runs of older versions, too.
  return headColumns || undefined;
}

/** At most as many rows of the LM head as a step has different targets, the ids of the row that has most in every row. */
function planHead(
  rows: readonly PackedSequence[],
  vocabSize: number,
  options: FineTuneOptions,
): Pick<ComputePlan, 'lmHead' | 'vocabulary'> {
  const most = rows.reduce((max, row) => Math.max(max, differentTargets([row]).length), 1);
  const ids = differentTargets(rows);
  const capacity = Math.min(ids.length, most * options.microBatch * options.gradAccumulation);
  return {
    lmHead: trainsHead(options) ? { capacity, touched: ids.length } : null,
    // Missing in runs of older versions. One logit for the others is none less where they are one or none.
    vocabulary: options.headVocabulary === 'folder' && ids.length + 1 < vocabSize ? ids : null,
  };
}

/** What later passes keep of the targets, in even parts for the LM head. */
function laterTargets(
  decoder: Decoder,
  { microBatch, seqLength, targetSkipShare }: FineTuneOptions,
): LaterTargets | null {
  if (targetSkipShare === 0) return null;
  const targetsPerRow = keptTargets(seqLength, targetSkipShare);
  const targets = microBatch * targetsPerRow;
  const chunks = decoder.headChunks({ size: microBatch, length: seqLength }, targets);
  return { targets, headRows: Math.ceil(targets / chunks), targetsPerRow };
}

/** The costs of every suffix. */
function suffixProblem(
  decoder: Decoder,
  components: readonly Component[],
  rows: readonly PackedSequence[],
  options: FineTuneOptions,
  { budgetFlops, fullStepFlops }: Pick<PlanProblem, 'budgetFlops' | 'fullStepFlops'>,
): {
  problem: PlanProblem;
  boundaries: Boundary[];
  cache: CachePlan;
  probeRows: number;
  lmHead: ComputePlan['lmHead'];
  vocabulary: ComputePlan['vocabulary'];
} {
  const { method, microBatch, gradAccumulation, seqLength, epochs, maxSteps, skipShare } = options;
  const { config } = decoder;
  const shape = { size: microBatch, length: seqLength };
  const boundaries = suffixBoundaries(components, {
    wholeLayers: config.parallelResidual,
    lmHead: trainsHead(options),
  });
  const later = laterTargets(decoder, options);
  const { lmHead, vocabulary } = planHead(rows, config.vocabSize, options);
  const given = { prefix: true, headCapacity: lmHead?.capacity, headColumns: headColumnsOf(options) };
  const suffixes = boundaries.map(({ mask, half }) => {
    const plan = planGradients(config, components, mask);
    // An attention without the MLP below it gained less than the steps that it costs (DECISIONS.md, 2026-11-28).
    const isWorthIt = half === 'mlp' || config.parallelResidual;
    return {
      score: isWorthIt ? mask.reduce((sum, bit) => sum + bit, 0) : 0,
      stepFlops:
        gradAccumulation *
        decoder.stepFlops(shape, plan, { ...given, vocabulary: vocabulary ? 'measured' : undefined }),
      laterStepFlops:
        gradAccumulation * decoder.stepFlops(shape, plan, { ...given, ...later, vocabulary: vocabulary?.length }),
      prefixFlops: decoder.prefixFlops({ size: 1, length: seqLength }, plan),
    };
  });
  const measures = method === 'rgft';
  const probeRows = fewRows(rows, options.probeRows, PROBE_SHARE * epochs * rows.length);
  const cache = planCache(
    options.cache,
    { numRows: rows.length, rowElements: seqLength * config.hiddenSize },
    { memoryBytes: options.cacheMemoryBytes, diskBytes: options.cacheDiskBytes },
  );
  const problem: PlanProblem = {
    budgetFlops,
    epochs,
    numRows: rows.length,
    batchRows: microBatch * gradAccumulation,
    skipShare,
    warmShare: method === 'rgft' ? options.warmStart : 0,
    maxSteps: maxSteps ?? undefined,
    fullStepFlops,
    probeFlops: measures ? probeRows * decoder.observationFlops(seqLength, components, 'recompute') : 0,
    cachedRows: cache.capacityRows,
    suffixes,
    leftover: method === 'rgft' && options.warmStart > 0 ? 'warm' : 'steps',
  };
  return { problem, boundaries, cache, probeRows, lmHead, vocabulary };
}

/** Operations of the first `steps` steps of full fine-tuning, with the rows of the first pass in every pass. */
function fullFlops(
  decoder: Decoder,
  plan: GradientPlan,
  rows: readonly PackedSequence[],
  { microBatch, gradAccumulation, seqLength }: FineTuneOptions,
  steps: number,
): number {
  const targets = rows.map(({ labels }) => labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0));
  const stepsPerPass = Math.ceil(rows.length / (microBatch * gradAccumulation));
  const shape = { size: microBatch, length: seqLength };
  const known = new Map<number, number>();
  const cost = (numTargets: number) => {
    const chunks = decoder.headChunks(shape, numTargets);
    const flops = known.get(chunks) ?? decoder.stepFlops(shape, plan, { targets: numTargets });
    known.set(chunks, flops);
    return flops;
  };
  let pass = 0;
  let rest = 0;
  const restSteps = steps % stepsPerPass;
  for (let batch = 0; batch < stepsPerPass * gradAccumulation; batch++) {
    let numTargets = 0;
    for (let r = 0; r < microBatch; r++) numTargets += targets[(batch * microBatch + r) % rows.length];
    pass += cost(numTargets);
    if (batch < restSteps * gradAccumulation) rest += cost(numTargets);
  }
  return Math.floor(steps / stepsPerPass) * pass + rest;
}

/** Steps of adapters that the budget pays for, each at the cost of all adapters; masks make some of them cheaper. */
function adapterSteps(
  decoder: Decoder,
  components: readonly Component[],
  options: FineTuneOptions,
  { budgetFlops, fullSteps }: { budgetFlops: number | null; fullSteps: number },
): { totalSteps: number; plannedFlops: number } {
  const { method, microBatch, gradAccumulation, seqLength, probeRows } = options;
  const plan = everythingPlan(decoder, components);
  const stepFlops = gradAccumulation * decoder.stepFlops({ size: microBatch, length: seqLength }, plan);
  const probeFlops = method === 'rgft-lora' ? probeRows * decoder.observationFlops(seqLength, components) : 0;
  const costOf = (steps: number) => steps * stepFlops + numProbes(steps, options) * probeFlops;
  if (budgetFlops === null) return { totalSteps: fullSteps, plannedFlops: costOf(fullSteps) };
  let totalSteps = Math.min(fullSteps, Math.floor(budgetFlops / stepFlops));
  while (totalSteps > 0 && costOf(totalSteps) > budgetFlops) totalSteps--;
  if (totalSteps === 0) throw tooSmall(budgetFlops, costOf(1));
  return { totalSteps, plannedFlops: costOf(totalSteps) };
}

/** Measurements of a run of so many steps that draws its map again and again. */
function numProbes(steps: number, { probeEvery }: FineTuneOptions): number {
  return Math.ceil(steps / (probeEvery || Math.max(1, Math.round(steps / 10))));
}

/** Rows of a measurement: as asked for, or fewer, but not less than two. */
function fewRows(rows: readonly PackedSequence[], asked: number, most: number): number {
  return Math.min(asked, rows.length, Math.max(2, Math.floor(most)));
}

function everythingPlan(decoder: Decoder, components: readonly Component[]): GradientPlan {
  return planGradients(decoder.config, components, new Uint8Array(components.length).fill(1));
}

function tooSmall(budgetFlops: number, stepFlops: number): FineTuneError {
  return new FineTuneError(
    'USAGE',
    `The budget of ${budgetFlops.toExponential(2)} operations does not pay for one step (${stepFlops.toExponential(2)}). Raise --budget, or give more code.`,
    { budgetFlops, stepFlops },
  );
}

/** Steps of `random-k` that the budget pays for: every draw has its own cost. */
function randomSteps(
  decoder: Decoder,
  components: readonly Component[],
  { microBatch, gradAccumulation, seqLength, seed }: FineTuneOptions,
  {
    mask,
    redrawEvery,
    budgetFlops,
    fullSteps,
  }: { mask: Uint8Array; redrawEvery: number; budgetFlops: number; fullSteps: number },
): { totalSteps: number; plannedFlops: number } {
  let plannedFlops = 0;
  let stepFlops = 0;
  let totalSteps = 0;
  for (; totalSteps < fullSteps; totalSteps++) {
    if (totalSteps % redrawEvery === 0) {
      const drawn = drawComponents(components, mask, seed, totalSteps / redrawEvery);
      const plan = planGradients(decoder.config, components, drawn);
      stepFlops = gradAccumulation * decoder.stepFlops({ size: microBatch, length: seqLength }, plan);
    }
    if (plannedFlops + stepFlops > budgetFlops) break;
    plannedFlops += stepFlops;
  }
  if (totalSteps === 0) throw tooSmall(budgetFlops, stepFlops);
  return { totalSteps, plannedFlops };
}
