/** @file The budget is kept, and what it buys is the best there is: checked against trying everything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import type { ModelConfig } from '../../src/models/config.ts';
import { createRandom, nextBelow, nextFloat } from '../../src/random.ts';
import {
  depthRate,
  type PlanProblem,
  planRun,
  runFlops,
  type SelectionProblem,
  selectComponents,
  stepsOfEpoch,
  suffixBoundaries,
  temperedScores,
} from '../../src/rgft/budget.ts';
import { type Component, listComponents } from '../../src/rgft/components.ts';

const CONFIG = {
  hiddenSize: 16,
  intermediateSize: 32,
  numLayers: 2,
  numHeads: 4,
  numKvHeads: 2,
  headDim: 4,
  vocabSize: 50,
  norm: 'rms',
  gatedMlp: true,
  tieWordEmbeddings: false,
  rope: {},
} as unknown as ModelConfig;

const idsOf = (components: readonly Component[], mask: Uint8Array) =>
  components.filter((_, c) => mask[c]).map(({ id }) => id);

test('suffixes grow by half layers from the top, without embedding, head and the lowest norms', () => {
  const components = listComponents(CONFIG, { mlpBands: 1 });
  const boundaries = suffixBoundaries(components);
  assert.deepEqual(
    boundaries.map(({ id }) => id),
    ['1.mlp', '1.attention', '0.mlp', '0.attention'],
  );
  const attention = (layer: number) =>
    [0, 1, 2, 3].map((h) => `${layer}.head.${h}`).concat(`${layer}.kv.0`, `${layer}.kv.1`);
  const ids = boundaries.map(({ mask }) => idsOf(components, mask));
  assert.deepEqual(ids[0], ['1.mlp', 'finalNorm']);
  assert.deepEqual(ids[1], [...attention(1), '1.mlp', 'finalNorm']);
  assert.deepEqual(ids[2], ['0.mlp', ...attention(1), '1.mlp', '1.norm', 'finalNorm']);
  assert.deepEqual(ids[3], [...attention(0), '0.mlp', ...attention(1), '1.mlp', '1.norm', 'finalNorm']);
  assert.deepEqual(
    suffixBoundaries(components, { wholeLayers: true }).map(({ id }) => id),
    ['1.attention', '0.attention'],
  );
});

test('a deeper suffix takes less of the rate, so that all of its weights together go as far', () => {
  const components = listComponents(CONFIG, { mlpBands: 2 });
  const rates = suffixBoundaries(components, { lmHead: true }).map(({ mask }) => depthRate(components, mask));
  // Weights: an MLP 3·16·32 = 1536, an attention 2·16·16 + 2·16·8 = 768, the norms of the upper layer 32.
  const expected = [1536, 2304, 3872, 4640].map((weights) => Math.sqrt(1536 / weights));
  assert.deepEqual(rates, expected);
  // Less than the last MLP does not take more than all of it.
  const head = Uint8Array.from(components, ({ id }) => Number(id === '1.head.0'));
  assert.equal(depthRate(components, head), 1);
});

test('tempering keeps the order and takes away size', () => {
  assert.deepEqual([...temperedScores([0, 0.5, 1], 0)], [0, 1, 1]);
  assert.deepEqual([...temperedScores([0.25, 0.5], 1)], [0.25, 0.5]);
  const [low, high] = temperedScores([0.001, 1], 0.2);
  assert.ok(low < high && high / low < 4);
});

/** Every subset of the items at every boundary. */
function bruteForce({ budget, boundaries, items }: SelectionProblem): number {
  let best = 0;
  const available: number[] = [];
  for (const { cost, items: added } of boundaries) {
    available.push(...added);
    for (let set = 0; set < 2 ** available.length; set++) {
      const chosen = available.filter((_, i) => (set >> i) & 1);
      const total = chosen.reduce((sum, item) => sum + items[item].cost, cost);
      if (total <= budget)
        best = Math.max(
          best,
          chosen.reduce((sum, item) => sum + items[item].score, 0),
        );
    }
  }
  return best;
}

test('the chosen components are the best of all subsets, on 300 random cases', () => {
  const random = createRandom(1, 'selection');
  for (let round = 0; round < 300; round++) {
    const numItems = 1 + nextBelow(random, 10);
    const items = Array.from({ length: numItems }, () => ({ score: nextFloat(random), cost: nextBelow(random, 9) }));
    const numBoundaries = 1 + nextBelow(random, 4);
    let cost = 0;
    const boundaries = Array.from({ length: numBoundaries }, (_, b) => {
      cost += nextBelow(random, 12);
      return { cost, items: items.flatMap((_, i) => (i % numBoundaries === b ? [i] : [])) };
    });
    const problem = { budget: 1 + nextBelow(random, 40), boundaries, items };
    const { boundary, items: chosen, score } = selectComponents(problem, problem.budget);
    assert.ok(Math.abs(score - bruteForce(problem)) < 1e-12, JSON.stringify(problem));
    if (boundary < 0) continue;
    const spent = chosen.reduce((sum, item) => sum + items[item].cost, boundaries[boundary].cost);
    assert.ok(spent <= problem.budget);
    assert.ok(chosen.every((item) => boundaries.slice(0, boundary + 1).some((b) => b.items.includes(item))));
    assert.ok(Math.abs(chosen.reduce((sum, item) => sum + items[item].score, 0) - score) < 1e-12);
  }
});

test('costs that are no multiples of a cell never break the budget', () => {
  const random = createRandom(2, 'selection');
  for (let round = 0; round < 100; round++) {
    const items = Array.from({ length: 8 }, () => ({ score: nextFloat(random), cost: nextFloat(random) }));
    const problem = { budget: 2, boundaries: [{ cost: nextFloat(random), items: items.map((_, i) => i) }], items };
    const { items: chosen, score } = selectComponents(problem);
    assert.ok(chosen.reduce((sum, item) => sum + items[item].cost, problem.boundaries[0].cost) <= 2);
    // Rounding up costs at most a cell for each item.
    assert.ok(score >= bruteForce({ ...problem, budget: 2 - (9 * 2) / 4096 }) - 1e-12);
  }
});

function randomProblem(round: number): PlanProblem {
  const random = createRandom(round, 'plan');
  const prefixes = [9, 7, 5, 3, 1].slice(0, 1 + nextBelow(random, 5));
  const numRows = 1 + nextBelow(random, 40);
  return {
    budgetFlops: 50 + nextBelow(random, 3000),
    epochs: 1 + nextBelow(random, 4),
    numRows,
    batchRows: 1 + nextBelow(random, 4),
    skipShare: nextFloat(random) * 0.6,
    warmShare: nextFloat(random) * 0.3,
    fullStepFlops: 60,
    probeFlops: 20,
    cachedRows: nextBelow(random, 3) === 0 ? nextBelow(random, numRows) : numRows,
    suffixes: prefixes.map((prefixFlops, i) => ({ score: i + 1, stepFlops: 8 * (i + 1), prefixFlops })),
    leftover: nextBelow(random, 2) === 0 ? 'warm' : 'steps',
  };
}

test('a plan keeps the budget, and no deeper suffix, longer warm start or further step would', () => {
  let [numPlans, numShort] = [0, 0];
  for (let round = 0; round < 500; round++) {
    const problem = randomProblem(round);
    let allSteps = 0;
    for (let epoch = 0; epoch < problem.epochs; epoch++) allSteps += stepsOfEpoch(epoch, problem);
    let plan: ReturnType<typeof planRun>;
    try {
      plan = planRun(problem);
    } catch (error) {
      assert.ok(error instanceof FineTuneError && error.code === 'USAGE');
      assert.ok(runFlops(problem, 0, Math.round(problem.warmShare), 1) > problem.budgetFlops);
      continue;
    }
    numPlans++;
    const { suffix, warmSteps, totalSteps, flops } = plan;
    assert.ok(flops <= problem.budgetFlops && warmSteps <= totalSteps);
    assert.equal(flops, runFlops(problem, suffix, warmSteps, totalSteps));
    const warmOf = (steps: number) => Math.round(problem.warmShare * steps);
    const nearlyAll = Math.ceil(0.95 * allSteps);
    for (let deeper = suffix + 1; deeper < problem.suffixes.length; deeper++) {
      assert.ok(runFlops(problem, deeper, warmOf(nearlyAll), nearlyAll) > problem.budgetFlops);
    }
    if (totalSteps < nearlyAll) {
      numShort++;
      assert.equal(suffix, 0);
    }
    const most = problem.leftover === 'warm' ? allSteps : Math.floor(1.4 * allSteps);
    if (totalSteps < most) {
      const more = runFlops(problem, suffix, warmOf(Math.min(totalSteps + 1, allSteps)), totalSteps + 1);
      assert.ok(more > problem.budgetFlops);
    }
    if (problem.leftover === 'warm' && totalSteps >= nearlyAll && warmSteps < totalSteps) {
      assert.ok(runFlops(problem, suffix, warmSteps + 1, totalSteps) > problem.budgetFlops);
    }
  }
  assert.ok(numPlans > 300 && numShort > 20, `${numPlans} plans, ${numShort} of them shortened`);
});

test('a deeper suffix may miss a twentieth of the passes, not more', () => {
  // 3 passes of 40 steps. A step costs 1 or 2, the shallow suffix may go on to 4.2 passes: 168 of the budget.
  const problem = {
    ...{ numRows: 40, batchRows: 1, epochs: 3, skipShare: 0, warmShare: 0, leftover: 'steps' as const },
    ...{ fullStepFlops: 4, probeFlops: 0, cachedRows: 40 },
    suffixes: [1, 2].map((cost) => ({ score: cost, stepFlops: cost, prefixFlops: 0 })),
  };
  assert.deepEqual(planRun({ ...problem, budgetFlops: 240 }), { suffix: 1, warmSteps: 0, totalSteps: 120, flops: 240 });
  assert.deepEqual(planRun({ ...problem, budgetFlops: 229 }), { suffix: 1, warmSteps: 0, totalSteps: 114, flops: 228 });
  assert.deepEqual(planRun({ ...problem, budgetFlops: 227 }), { suffix: 0, warmSteps: 0, totalSteps: 168, flops: 168 });
});
