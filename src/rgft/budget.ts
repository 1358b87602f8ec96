/**
 * @file Spending a budget: which components are trained, for how many steps, so that everything a run executes (warm
 * start, measurements, filling the cache, steps) costs at most a share of full fine-tuning. Costs come in as counted
 * operations; nothing here knows a model or a clock.
 *
 * Forward, input gradients and weight gradients cost about the same each, so leaving out weight gradients alone can save
 * a third at most. The rest comes from a contiguous suffix of half layers (an MLP, or an attention with the MLP behind
 * it): backward ends at its lower border, and what lies below is constant, so it is computed once for each row and kept.
 */
import { FineTuneError } from '../errors.ts';
import { type RandomState, shuffle } from '../random.ts';
import type { Component } from './components.ts';

/** Where a suffix begins. */
export interface Boundary {
  /** `5.mlp`, `5.attention`. */
  readonly id: string;
  readonly layer: number;
  readonly half: 'attention' | 'mlp';
  /**
   * 1 for each component of the suffix. The norms of the lowest layer stay as they are: the gradient of its first norm
   * would need the input gradients that the boundary is there to save. So does the embedding, and the LM head unless it
   * is asked for.
   */
  readonly mask: Uint8Array;
}

/**
 * Boundaries from the top down: the last layer's MLP, its attention, the MLP below … Each suffix contains those before.
 *
 * @param options.wholeLayers only boundaries below an attention, for models whose halves read the same input. @default false
 * @param options.lmHead whether the LM head, if it is a component, is trained as well. @default false
 */
export function suffixBoundaries(
  components: readonly Component[],
  { wholeLayers = false, lmHead = false }: { readonly wholeLayers?: boolean; readonly lmHead?: boolean } = {},
): Boundary[] {
  const numLayers = components.reduce((count, { layer }) => Math.max(count, (layer ?? -1) + 1), 0);
  const boundaries: Boundary[] = [];
  for (let lowest = numLayers - 1; lowest >= 0; lowest--) {
    for (const half of ['mlp', 'attention'] as const) {
      if (wholeLayers && half === 'mlp') continue;
      const mask = Uint8Array.from(components, ({ kind, layer }) => {
        if (layer === null) return kind === 'finalNorm' || (kind === 'lmHead' && lmHead) ? 1 : 0;
        if (layer !== lowest) return layer > lowest ? 1 : 0;
        return kind === 'mlp' || (half === 'attention' && kind !== 'norm') ? 1 : 0;
      });
      boundaries.push({ id: `${lowest}.${half}`, layer: lowest, half, mask });
    }
  }
  return boundaries;
}

/**
 * What a suffix takes of the rate of the last MLP alone, at most 1:
 *
 *     sqrt(weights of the last MLP / weights of the suffix)
 *
 * AdamW moves every weight about equally far, so all together they move by rate · sqrt(number): the same way whatever the
 * depth. Embedding, final norm and LM head do not count.
 */
export function depthRate(components: readonly Component[], mask: ArrayLike<number>): number {
  const lastLayer = components.reduce((last, { layer }) => Math.max(last, layer ?? -1), -1);
  const weightsOf = (isMeant: (component: Component, c: number) => boolean) =>
    components.reduce((sum, component, c) => sum + (isMeant(component, c) ? component.parameterCount : 0), 0);
  const lastMlp = weightsOf(({ kind, layer }) => kind === 'mlp' && layer === lastLayer);
  return Math.min(1, Math.sqrt(lastMlp / weightsOf(({ layer }, c) => layer !== null && mask[c] === 1)));
}

/**
 * What a component is worth: its share of the error to the power `temper`. The gain from training one layer alone was
 * seen to grow like E^0.17: the map ranks rightly and exaggerates. (C)
 */
export function temperedScores(shares: ArrayLike<number>, temper: number): Float64Array {
  return Float64Array.from(shares, (share) => (share > 0 ? share ** temper : 0));
}

/** What a run may spend and on what. All costs in operations. */
export interface PlanProblem {
  /** Operations that the whole run may take. */
  readonly budgetFlops: number;
  /** Passes over the rows. */
  readonly epochs: number;
  readonly numRows: number;
  /** Rows of an optimizer step. */
  readonly batchRows: number;
  /** Share of the rows that later passes leave out. */
  readonly skipShare: number;
  /** Share of the steps that train everything, at the start. */
  readonly warmShare: number;
  /** Upper limit on steps. @default none */
  readonly maxSteps?: number;
  readonly fullStepFlops: number;
  /** The measurement after the warm start. */
  readonly probeFlops: number;
  /** Rows for which the cache has room. */
  readonly cachedRows: number;
  /** What may be chosen, each suffix larger than the one before. Not empty. */
  readonly suffixes: readonly SuffixCost[];
  /** What is left once the suffix is chosen goes into a longer warm start, or into further steps. */
  readonly leftover: 'warm' | 'steps';
}

export interface SuffixCost {
  /** What the suffix is worth. */
  readonly score: number;
  /** A step of the first pass on a given prefix. */
  readonly stepFlops: number;
  /** A step of a later pass, which leaves out targets that are learnt. @default stepFlops */
  readonly laterStepFlops?: number;
  /** Computing the prefix of one row. */
  readonly prefixFlops: number;
}

export interface RunPlan {
  /** Index of the chosen suffix. */
  readonly suffix: number;
  readonly warmSteps: number;
  readonly totalSteps: number;
  /** At most what the run will execute. */
  readonly flops: number;
}

/** Optimizer steps of each pass: the first over all rows, the others without the share that is skipped. */
export function stepsOfEpoch(
  epoch: number,
  { numRows, batchRows, skipShare }: Pick<PlanProblem, 'numRows' | 'batchRows' | 'skipShare'>,
): number {
  const rows = epoch === 0 ? numRows : numRows - skippedRows(numRows, skipShare);
  return Math.ceil(rows / batchRows);
}

/** Rows that a later pass leaves out; at least one row stays. */
export function skippedRows(numRows: number, skipShare: number): number {
  return Math.min(Math.floor(skipShare * numRows), numRows - 1);
}

/**
 * What a budget may go into further steps, as a multiple of those of all passes. 4.2 passes of half a layer kept as much of
 * full fine-tuning's gain as was to be had, 5.5 and more less: they overfit (DECISIONS.md, 2026-11-28 and 29).
 */
const MOST_PASSES = 1.4;
/**
 * Steps that a suffix must leave room for, as a share of those of all passes. All of them, to the last step, would be a cliff:
 * of the embedded model 1.5 layers often fit for 2.95 of 3 passes, and half a layer would spend three quarters of the budget
 * (DECISIONS.md, 2026-11-30).
 */
const LEAST_PASSES = 0.95;

/**
 * The most valuable suffix with which all passes fit the budget, or nearly all, and what to do with the rest of it. What would
 * only go into passes that overfit is not spent.
 *
 * Suffixes contain each other, so the most valuable is the deepest that fits. When not even the shallowest does, the
 * run gets shorter instead.
 *
 * @throws USAGE when the budget does not pay for a single step
 */
export function planRun(problem: PlanProblem): RunPlan {
  const { budgetFlops, epochs, suffixes, warmShare, leftover, maxSteps = Number.POSITIVE_INFINITY } = problem;
  let allSteps = 0;
  for (let epoch = 0; epoch < epochs; epoch++) allSteps += stepsOfEpoch(epoch, problem);
  allSteps = Math.min(allSteps, maxSteps);
  const warmOf = (steps: number) => Math.round(warmShare * steps);
  const fits = (suffix: number, warmSteps: number, steps: number) =>
    runFlops(problem, suffix, warmSteps, steps) <= budgetFlops;

  const leastSteps = Math.ceil(LEAST_PASSES * allSteps);
  let best = -1;
  suffixes.forEach(({ score }, suffix) => {
    if (!fits(suffix, warmOf(leastSteps), leastSteps)) return;
    if (best < 0 || score > suffixes[best].score) best = suffix;
  });
  if (best >= 0) {
    const most = leftover === 'steps' ? Math.min(maxSteps, Math.floor(MOST_PASSES * allSteps)) : allSteps;
    const totalSteps = largest(leastSteps, most, (steps) => fits(best, warmOf(Math.min(steps, allSteps)), steps));
    let warmSteps = warmOf(Math.min(totalSteps, allSteps));
    if (leftover === 'warm') warmSteps = largest(warmSteps, totalSteps, (warm) => fits(best, warm, totalSteps));
    return { suffix: best, warmSteps, totalSteps, flops: runFlops(problem, best, warmSteps, totalSteps) };
  }
  const totalSteps = largest(0, allSteps, (steps) => fits(0, warmOf(steps), steps));
  if (totalSteps === 0) {
    throw new FineTuneError(
      'USAGE',
      `The budget of ${budgetFlops.toExponential(2)} operations does not pay for one step of the smallest suffix. Raise --budget, or give more code.`,
      { budgetFlops, stepFlops: suffixes[0].stepFlops },
    );
  }
  const warmSteps = warmOf(totalSteps);
  return { suffix: 0, warmSteps, totalSteps, flops: runFlops(problem, 0, warmSteps, totalSteps) };
}

/** Operations of a run, at most: the prefix of every row that there is room for once, of the others at each visit. */
export function runFlops(problem: PlanProblem, suffix: number, warmSteps: number, totalSteps: number): number {
  const { numRows, batchRows, cachedRows, fullStepFlops, probeFlops, suffixes } = problem;
  const { stepFlops, laterStepFlops = stepFlops, prefixFlops } = suffixes[suffix];
  const suffixSteps = totalSteps - warmSteps;
  if (suffixSteps === 0) return warmSteps * fullStepFlops;
  const visits = suffixSteps * batchRows;
  const kept = Math.min(cachedRows, numRows, visits);
  // A pass visits a row once; the steps touch at most so many passes.
  const passes = Math.ceil(suffixSteps / stepsOfEpoch(1, problem)) + 1;
  const recomputed = Math.min(visits - kept, Math.max(numRows - cachedRows, 0) * passes);
  const firstSteps = Math.max(0, Math.min(stepsOfEpoch(0, problem), totalSteps) - warmSteps);
  const steps = firstSteps * stepFlops + (suffixSteps - firstSteps) * laterStepFlops;
  return warmSteps * fullStepFlops + probeFlops + steps + (kept + recomputed) * prefixFlops;
}

/** The largest whole number from `low` (which fits) to `high` that fits; what fits is an interval. */
function largest(low: number, high: number, fits: (value: number) => boolean): number {
  let [known, limit] = [low, high];
  while (known < limit) {
    const middle = Math.ceil((known + limit) / 2);
    if (fits(middle)) known = middle;
    else limit = middle - 1;
  }
  return known;
}

/**
 * Random components with at least as many parameters in all as asked for: the control that an error map has to beat.
 * Embedding and LM head are left out, as in a suffix. (C)
 */
export function randomMask(components: readonly Component[], numParameters: number, random: RandomState): Uint8Array {
  const mask = new Uint8Array(components.length);
  const candidates = components.flatMap(({ kind }, c) => (kind === 'embed' || kind === 'lmHead' ? [] : [c]));
  let rest = numParameters;
  for (const c of shuffle(candidates, random)) {
    if (rest <= 0) break;
    mask[c] = 1;
    rest -= components[c].parameterCount;
  }
  return mask;
}

/** A choice of single components, all costs of one step. */
export interface SelectionProblem {
  readonly budget: number;
  /** From the top down; a lower one makes the items of all those above available, too. */
  readonly boundaries: readonly {
    /** Cost of a step that ends here, without any weight gradient. Not falling from one to the next. */
    readonly cost: number;
    /** Items that this boundary adds. */
    readonly items: readonly number[];
  }[];
  /** Weight gradients that can be computed: worth and cost of each. */
  readonly items: readonly { readonly score: number; readonly cost: number }[];
}

export interface Selection {
  /** Index of the boundary, -1 when nothing fits. */
  readonly boundary: number;
  readonly items: readonly number[];
  readonly score: number;
}

/**
 * The components of the largest total score that a step can train at its budget: for each boundary a knapsack over the
 * items above it, solved by dynamic programming, one table that grows from boundary to boundary.
 *
 * Exact for costs that are multiples of `budget / resolution`; others are rounded up, so the budget is never exceeded.
 *
 * @param resolution cells of the table. @default 4096
 */
export function selectComponents(problem: SelectionProblem, resolution = 4096): Selection {
  const { budget, boundaries, items } = problem;
  const unit = budget / resolution;
  // Rounding errors must not push an exact multiple into the next cell.
  const cells = (cost: number) => Math.ceil(cost / unit - 1e-9);
  const best = new Float64Array(resolution + 1);
  const taken: { item: number; isTaken: Uint8Array }[] = [];
  let result: Selection = { boundary: -1, items: [], score: 0 };
  boundaries.forEach((boundary, b) => {
    for (const item of boundary.items) {
      const { score } = items[item];
      const cost = cells(items[item].cost);
      const isTaken = new Uint8Array(resolution + 1);
      for (let room = resolution; room >= cost; room--) {
        const withItem = best[room - cost] + score;
        if (withItem > best[room]) {
          best[room] = withItem;
          isTaken[room] = 1;
        }
      }
      taken.push({ item, isTaken });
    }
    let room = resolution - cells(boundary.cost);
    if (room < 0 || best[room] <= result.score) return;
    const score = best[room];
    const chosen: number[] = [];
    for (let i = taken.length - 1; i >= 0; i--) {
      if (!taken[i].isTaken[room]) continue;
      chosen.push(taken[i].item);
      room -= cells(items[taken[i].item].cost);
    }
    result = { boundary: b, items: chosen.sort((x, y) => x - y), score };
  });
  return result;
}
