/** @file The learning rate over a run, by exact values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningRateAt, type Schedule } from '../../src/trainer/schedule.ts';

function rates(schedule: Schedule): number[] {
  return Array.from({ length: schedule.totalSteps }, (_, i) => learningRateAt(i + 1, schedule));
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  // The formulas are a few float64 operations long.
  actual.forEach((rate, i) => {
    assert.ok(Math.abs(rate - expected[i]) < 1e-14, `step ${i + 1}: ${rate}, not ${expected[i]}`);
  });
}

test('a constant rate warms up in equal strides and then stays', () => {
  assertClose(rates({ learningRate: 8, warmupSteps: 4, totalSteps: 6, decay: 'constant' }), [2, 4, 6, 8, 8, 8]);
});

test('a linear rate falls in equal strides, and would be 0 one step after the last', () => {
  assertClose(rates({ learningRate: 4, warmupSteps: 0, totalSteps: 3, decay: 'linear' }), [3, 2, 1]);
  assertClose(rates({ learningRate: 4, warmupSteps: 2, totalSteps: 5, decay: 'linear' }), [2, 4, 3, 2, 1]);
});

test('a cosine rate follows half a wave', () => {
  const half = Math.sqrt(0.5);
  const expected = [(1 + half) / 2, 0.5, (1 - half) / 2];
  assertClose(rates({ learningRate: 1, warmupSteps: 0, totalSteps: 3, decay: 'cosine' }), expected);
});

test('a way down of some steps begins after a level stretch and ends at its share', () => {
  const schedule: Schedule = { learningRate: 8, warmupSteps: 1, totalSteps: 6, decay: 'linear', decaySteps: 3 };
  assertClose(rates(schedule), [8, 8, 8, 6, 4, 2]);
  assertClose(rates({ ...schedule, finalShare: 0.5 }), [8, 8, 8, 7, 6, 5]);
});

test('the only step of a run, and a run that is all warm-up, have a rate', () => {
  assertClose(rates({ learningRate: 1, warmupSteps: 0, totalSteps: 1, decay: 'cosine' }), [0.5]);
  assertClose(rates({ learningRate: 1, warmupSteps: 2, totalSteps: 2, decay: 'cosine' }), [0.5, 1]);
});
