/** @file What a budget buys, planned and timed on a model small enough for a test. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { benchBudget } from '../../src/bench/budget.ts';
import { configOfShape } from '../../src/bench/shape.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

test('a larger budget trains a deeper suffix, both keep theirs, and the part has the ids of the rows', async () => {
  const config = { ...configOfShape('smollm2-135m', 32), hiddenSize: 64, numHeads: 1, numKvHeads: 1, numLayers: 4 };
  const small = { ...config, intermediateSize: 96, vocabSize: 512 };
  const bench = (budget: number) =>
    benchBudget(small, { budget, rows: 12, length: 32, ids: 20, repeats: 1, threads: 1, report: () => {} });
  const [less, more] = [await bench(0.4), await bench(0.6)];
  for (const [budget, result] of [
    [0.4, less],
    [0.6, more],
  ] as const) {
    assert.ok(result.operationsShare <= budget && result.operationsShare > budget / 2, `${result.operationsShare}`);
    assert.equal(result.fullSteps, 18);
    assert.equal(result.idsOfPart, 20);
    const { fullStepMs, firstPassStepMs, laterStepMs, prefixRowMs, timeShare } = result;
    for (const time of [fullStepMs, firstPassStepMs, laterStepMs, prefixRowMs, timeShare]) assert.ok(time > 0);
  }
  assert.ok(more.trainedLayers > less.trainedLayers, `${more.trainedLayers}, ${less.trainedLayers}`);
});

test('rgft bench budget refuses a shape that it does not know, and numbers that are none', () => {
  const run = (...args: string[]) => {
    try {
      execFileSync(process.execPath, ['--import', 'tsx', CLI, 'bench', 'budget', ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    } catch (error) {
      return error as { status: number; stderr: string };
    }
    throw new Error('It should have failed.');
  };
  for (const args of [
    ['--shape', 'gpt-5'],
    ['--rows', '0'],
    ['--ids', '1.5'],
    ['--budget', '2'],
  ]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^USAGE: /);
  }
});
