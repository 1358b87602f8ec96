/** @file What a run's events add up to in a list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addEvents,
  NO_PROGRESS,
  percentDone,
  type RunIdentity,
  remainingMs,
  summaryOf,
} from '../../src/host/runSummary.ts';
import type { RunEvent, StepEvent } from '../../src/runEvents.ts';

const identity: RunIdentity = {
  path: '/w/.rgft/runs/a',
  name: 'a',
  method: 'rgft',
  createdAtMs: 5,
  isAlive: false,
  problem: null,
  lastWords: null,
};
const started: RunEvent = { type: 'started', step: 0, atMs: 5, method: 'rgft', totalSteps: 10, components: ['embed'] };
const step = (at: number, elapsedMs = 100 * at): StepEvent => ({
  type: 'step',
  step: at,
  epoch: 0,
  loss: 2,
  learningRate: 1e-4,
  gradNorm: 1,
  tokens: 64,
  elapsedMs,
  flops: 1,
});
const evaluation = (at: number, loss: number): RunEvent => ({
  type: 'evaluation',
  step: at,
  loss,
  accuracy: 0.5,
  tokens: 9,
  elapsedMs: 0,
});
const interrupted = (at: number): RunEvent => ({ type: 'interrupted', step: at, reason: 'stop requested' });

test('a run that holds its lock is running, with a step, a percentage and a time left', () => {
  const progress = addEvents(NO_PROGRESS, [started, evaluation(0, 3), step(1), step(2), step(3), step(4)]);
  const summary = summaryOf({ ...identity, isAlive: true }, progress);
  assert.equal(summary.state, 'running');
  assert.equal(summary.step, 4);
  assert.equal(percentDone(summary), 40);
  assert.equal(summary.remainingMs, 600);
  assert.equal(summary.lossBefore, 3);
  assert.equal(summary.lossAfter, null);
});

test('before the first steps the time left is what the run expects of itself', () => {
  const estimate: RunEvent = { type: 'estimate', step: 0, durationMs: 7000, peakMemoryBytes: 1, diskBytes: 1 };
  assert.equal(remainingMs(addEvents(NO_PROGRESS, [started])), null);
  assert.equal(remainingMs(addEvents(NO_PROGRESS, [started, estimate, step(1)])), 7000);
});

test('events that come one by one give the summary of events that come at once', () => {
  const events = [started, evaluation(0, 3), step(1), step(2), interrupted(2), step(2), step(3), evaluation(3, 2)];
  let oneByOne = NO_PROGRESS;
  for (const event of events) oneByOne = addEvents(oneByOne, [event]);
  assert.deepEqual(oneByOne, addEvents(NO_PROGRESS, events));
});

test('a finished run has the loss of the step that was kept', () => {
  const finished: RunEvent = { type: 'finished', step: 3, keptStep: 2, elapsedMs: 1, flops: 1, reason: 'completed' };
  const events = [
    started,
    evaluation(0, 3),
    step(1),
    step(2),
    evaluation(2, 1.5),
    step(3),
    evaluation(3, 1.75),
    finished,
  ];
  const summary = summaryOf(identity, addEvents(NO_PROGRESS, events));
  assert.equal(summary.state, 'finished');
  assert.equal(summary.lossAfter, 1.5);
  const early = addEvents(NO_PROGRESS, [...events.slice(0, -1), { ...finished, reason: 'stoppedEarly' }]);
  assert.equal(summaryOf(identity, early).state, 'stoppedEarly');
  assert.equal(summaryOf(identity, { ...early, totalSteps: 3 }).state, 'finished');
});

test('a run without a lock and without an end was interrupted; its last words in the log are its problem', () => {
  const progress = addEvents(NO_PROGRESS, [started, step(1)]);
  assert.equal(summaryOf(identity, progress).state, 'interrupted');
  const summary = summaryOf({ ...identity, lastWords: 'DISK_FULL: No room.' }, progress);
  assert.deepEqual([summary.state, summary.problem], ['interrupted', 'DISK_FULL: No room.']);
});

test('steps after a failure mean that the run was resumed', () => {
  const failed: RunEvent = { type: 'failed', step: 2, code: 'LOSS_NOT_FINITE', message: 'NaN at step 2.' };
  const progress = addEvents(NO_PROGRESS, [started, step(1), step(2), failed]);
  const summary = summaryOf(identity, progress);
  assert.deepEqual([summary.state, summary.problem], ['failed', 'LOSS_NOT_FINITE: NaN at step 2.']);
  const resumed = addEvents(progress, [step(2)]);
  assert.equal(summaryOf({ ...identity, isAlive: true }, resumed).state, 'running');
  assert.deepEqual(
    resumed.recent.map((at) => at.step),
    [1, 2],
  );
});

test('a run that cannot be read says why, whoever holds it', () => {
  const summary = summaryOf({ ...identity, isAlive: true, problem: 'RUN_CORRUPT: Line 2.' }, NO_PROGRESS);
  assert.deepEqual([summary.state, summary.problem], ['unreadable', 'RUN_CORRUPT: Line 2.']);
});
