/** @file The error map averages what was measured, remembers when, and survives storage to the last bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Component } from '../../src/rgft/components.ts';
import type { ErrorMap } from '../../src/rgft/errorMap.ts';
import {
  createErrorMap,
  errorMapFromJson,
  errorMapToJson,
  headMargins,
  layerTotals,
  observe,
  scores,
  shares,
  spearman,
  staleness,
} from '../../src/rgft/errorMap.ts';

function mapOf(...values: number[]): ErrorMap {
  return observe(createErrorMap(values.length), { step: 0, sums: values, numSamples: 1 }, { ema: 0 });
}

test('a cell is the mean of the per-sample squared norms', () => {
  const map = observe(createErrorMap(2), { step: 3, sums: [6, 0.3], numSamples: 3 }, { ema: 0.9 });
  assert.deepEqual([...map.values], [2, 0.3 / 3]);
  assert.deepEqual([...map.measuredSteps], [3, 3]);
});

test('the mean of squared norms differs from the squared norm of the mean gradient', () => {
  // Two samples with opposite gradients +1 and -1: the mean gradient vanishes, the error map does not.
  const map = observe(createErrorMap(1), { step: 0, sums: [1 ** 2 + (-1) ** 2], numSamples: 2 }, { ema: 0 });
  assert.equal(map.values[0], 1);
});

test('the first observation enters exactly, whatever the ema', () => {
  for (const ema of [0, 0.1, 0.9, 0.999]) {
    const map = observe(createErrorMap(1), { step: 0, sums: [0.1], numSamples: 1 }, { ema });
    assert.equal(map.values[0], 0.1);
  }
});

test('smoothing is the bias-corrected exponential average', () => {
  const ema = 0.8;
  const signal = [3, 1, 4, 1, 5, 9];
  let map = createErrorMap(1);
  let moment = 0;
  signal.forEach((value, i) => {
    map = observe(map, { step: i, sums: [value], numSamples: 1 }, { ema });
    moment = ema * moment + (1 - ema) * value;
    const corrected = moment / (1 - ema ** (i + 1));
    // Two orders of the same sum: a few units in the last place.
    assert.ok(Math.abs(map.values[0] - corrected) < 1e-14 * corrected);
  });
});

test('a constant signal stays constant to the last bit', () => {
  let map = createErrorMap(1);
  for (let step = 0; step < 50; step++) map = observe(map, { step, sums: [0.7], numSamples: 7 }, { ema: 0.95 });
  assert.equal(map.values[0], 0.7 / 7);
});

test('a masked component keeps value and age, and its next measurement counts as its own second', () => {
  const ema = 0.5;
  let map = observe(createErrorMap(2), { step: 1, sums: [4, 8], numSamples: 1 }, { ema });
  map = observe(map, { step: 2, sums: [4, Number.NaN], numSamples: 1, measured: [true, false] }, { ema });
  map = observe(map, { step: 3, sums: [4, 0], numSamples: 1, measured: [1, 0] }, { ema });
  assert.deepEqual([...map.values], [4, 8]);
  assert.deepEqual([...map.measuredSteps], [3, 1]);
  assert.deepEqual([...staleness(map, 5)], [2, 4]);
  map = observe(map, { step: 6, sums: [4, 2], numSamples: 1 }, { ema });
  // Weights 0.25 (old) and 0.5 (new) of 0.75: 8 + (2 - 8) * 2/3.
  assert.equal(map.values[1], 4);
  assert.deepEqual([...staleness(map, 6)], [0, 0]);
});

test('a cell that was never measured is infinitely stale and scores 0', () => {
  const map = observe(createErrorMap(2), { step: 0, sums: [5, 0], numSamples: 1, measured: [true, false] }, { ema: 0 });
  assert.deepEqual([...staleness(map, 10)], [10, Infinity]);
  assert.deepEqual([...scores(map)], [5, 0]);
});

test('observing leaves the map before untouched', () => {
  const before = mapOf(1, 2);
  observe(before, { step: 1, sums: [9, 9], numSamples: 1 }, { ema: 0.5 });
  assert.deepEqual([...before.values], [1, 2]);
});

test('a gradient norm that is not finite is refused before it spoils a cell', () => {
  for (const bad of [Number.NaN, Infinity, -1]) {
    assert.throws(() => observe(createErrorMap(1), { step: 0, sums: [bad], numSamples: 1 }, { ema: 0.9 }), {
      code: 'LOSS_NOT_FINITE',
    });
  }
});

test('observations that cannot be are refused', () => {
  const map = observe(createErrorMap(1), { step: 5, sums: [1], numSamples: 1 }, { ema: 0 });
  assert.throws(() => observe(map, { step: 4, sums: [1], numSamples: 1 }, { ema: 0 }), { code: 'INTERNAL' });
  assert.throws(() => observe(map, { step: 6, sums: [1, 2], numSamples: 1 }, { ema: 0 }), { code: 'INTERNAL' });
  assert.throws(() => observe(map, { step: 6, sums: [1], numSamples: 0 }, { ema: 0 }), { code: 'INTERNAL' });
  assert.throws(() => observe(map, { step: 6, sums: [1], numSamples: 1 }, { ema: 1 }), { code: 'INTERNAL' });
  assert.throws(() => observe(map, { step: 6, sums: [1], numSamples: 1, measured: [] }, { ema: 0 }), {
    code: 'INTERNAL',
  });
});

test('scores are E_c w_c, and per parameter on request', () => {
  const map = mapOf(8, 6);
  assert.deepEqual([...scores(map)], [8, 6]);
  assert.deepEqual([...scores(map, { weights: [0.5, 2] })], [4, 12]);
  const perParameter = { normalise: 'parameters', parameterCounts: [4, 2] } as const;
  assert.deepEqual([...scores(map, perParameter)], [2, 3]);
  assert.deepEqual([...scores(map, { ...perParameter, weights: [0, 1] })], [0, 3]);
  assert.throws(() => scores(map, { normalise: 'parameters' }), { code: 'INTERNAL' });
  assert.throws(() => scores(map, { weights: [1, -1] }), { code: 'INTERNAL' });
  assert.throws(() => scores(map, { ...perParameter, parameterCounts: [4, 0] }), { code: 'INTERNAL' });
});

test('shares divide by the sum', () => {
  assert.deepEqual([...shares([1, 3, 4, 0])], [1 / 8, 3 / 8, 4 / 8, 0]);
});

test('a zero map gives uniform shares', () => {
  assert.deepEqual([...shares([0, 0, 0, 0])], [0.25, 0.25, 0.25, 0.25]);
});

test('shares of huge and of tiny scores are as those of ordinary ones', () => {
  for (const unit of [Number.MAX_VALUE / 2, 1, 2 ** -1070]) {
    assert.deepEqual([...shares([unit, unit, 2 * unit])], [0.25, 0.25, 0.5]);
  }
});

test('shares of what is no score are refused', () => {
  assert.throws(() => shares([1, Number.NaN]), { code: 'INTERNAL' });
  assert.throws(() => shares([1, -1]), { code: 'INTERNAL' });
});

function cell(kind: Component['kind'], layer: number | null, index: number | null): Component {
  return { id: '', kind, layer, index, parameterCount: 1, slices: [] };
}
const components = [
  cell('embed', null, null),
  cell('head', 0, 0),
  cell('head', 0, 1),
  cell('mlp', 0, 0),
  cell('norm', 0, null),
  cell('head', 1, 0),
  cell('head', 1, 1),
  cell('kv', 1, 0),
  cell('finalNorm', null, null),
];
const values = [100, 1, 2, 4, 8, 16, 32, 64, 1000];

test("a layer's total is the sum over its components", () => {
  assert.deepEqual([...layerTotals(components, values)], [15, 112]);
});

test('head margins are the row and column sums of the layer x head grid', () => {
  const { byLayer, byHead } = headMargins(components, values);
  assert.deepEqual([...byLayer], [3, 48]);
  assert.deepEqual([...byHead], [17, 34]);
});

test('Spearman is 1 for any increasing change, -1 for the reverse', () => {
  assert.equal(spearman([1, 2, 3, 10], [2, 4, 1e9, 1e10]), 1);
  assert.equal(spearman([1, 2, 3], [3, 2, 1]), -1);
});

test('Spearman gives ties their mean rank', () => {
  // Ranks 1 2.5 2.5 4 against 1 3 2 4: covariance 4.5, variances 4.5 and 5.
  assert.ok(Math.abs(spearman([10, 20, 20, 30], [1, 3, 2, 4]) - 4.5 / Math.sqrt(4.5 * 5)) < 1e-15);
});

test('Spearman of a constant is undefined, not 0', () => {
  assert.ok(Number.isNaN(spearman([1, 1, 1], [1, 2, 3])));
  assert.ok(Number.isNaN(spearman([1], [2])));
});

test('a map that went through JSON is the same to the last bit and goes on the same way', () => {
  let map = createErrorMap(3);
  const observation = (step: number) => ({
    step,
    sums: [Math.PI * step, 1e-300 / (step + 1), 0.1 + step],
    numSamples: 3,
    measured: [true, true, step > 0],
  });
  map = observe(map, observation(0), { ema: 0.9 });
  const fresh = errorMapFromJson(JSON.parse(JSON.stringify(errorMapToJson(map))), 3);
  assert.deepEqual(fresh, map);
  assert.deepEqual(observe(fresh, observation(1), { ema: 0.9 }), observe(map, observation(1), { ema: 0.9 }));
});

test('a stored map that does not fit is refused by name', () => {
  const json = errorMapToJson(createErrorMap(2));
  const corrupt = { code: 'CHECKPOINT_CORRUPT' };
  assert.throws(() => errorMapFromJson(json, 3), corrupt);
  assert.throws(() => errorMapFromJson(null, 2), corrupt);
  assert.throws(() => errorMapFromJson({ ...json, values: [1, null] }, 2), corrupt);
  assert.throws(() => errorMapFromJson({ ...json, measuredSteps: [1.5, 0] }, 2), corrupt);
  assert.throws(() => errorMapFromJson({ ...json, averagingWeights: [0, 2] }, 2), corrupt);
});
