import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bestFitDecreasing,
  countTargets,
  epochOrder,
  IGNORE_INDEX,
  packExamples,
  paddingShare,
} from '../../src/data/batches.ts';
import type { Example } from '../../src/data/examples.ts';
import { createRandom, nextBelow } from '../../src/random.ts';

const example = (tokens: number[], firstTarget = 1): Example => ({
  path: 'a.py',
  firstLine: 1,
  kind: 'causal',
  tokens: Int32Array.from(tokens),
  firstTarget,
});
const X = IGNORE_INDEX;

test('two examples in one row: ids, labels, positions and segments, value by value', () => {
  const [row, ...rest] = packExamples([example([11, 12]), example([21, 22, 23])], 7, 0);
  assert.deepEqual(rest, []);
  assert.deepEqual(row, {
    inputIds: Int32Array.from([21, 22, 23, 11, 12, 0, 0]),
    labels: Int32Array.from([22, 23, X, 12, X, X, X]),
    positions: Int32Array.from([0, 1, 2, 0, 1, 0, 0]),
    segments: Int32Array.from([1, 1, 1, 2, 2, 0, 0]),
    exampleIndices: [1, 0],
  });
  assert.equal(paddingShare([row]), 2 / 7);
  assert.equal(countTargets([row]), 3);
});

test('tokens before the first target are context: nothing is learnt on them', () => {
  const [row] = packExamples([example([1, 2, 3, 4], 3)], 4, 0);
  assert.deepEqual([...row.labels], [X, X, 4, X]);
});

test('every example is in exactly one row, whole, and no label crosses a segment', () => {
  const random = createRandom(1);
  const examples = Array.from({ length: 3000 }, (_, i) =>
    example(Array.from({ length: 2 + nextBelow(random, 63) }, (_, t) => 1 + 100 * i + t)),
  );
  const rows = packExamples(examples, 64, 5);
  const seen = new Set<number>();
  for (const { inputIds, labels, positions, segments, exampleIndices } of rows) {
    exampleIndices.forEach((index, place) => {
      assert.ok(!seen.has(index));
      seen.add(index);
      const start = segments.indexOf(place + 1);
      const { tokens } = examples[index];
      assert.deepEqual(inputIds.slice(start, start + tokens.length), tokens);
    });
    for (let t = 0; t < 64; t++) {
      const continues = t + 1 < 64 && segments[t + 1] === segments[t] && segments[t] !== 0;
      assert.equal(labels[t], continues ? inputIds[t + 1] : X);
      assert.equal(
        positions[t],
        t > 0 && segments[t] !== 0 && segments[t - 1] === segments[t] ? positions[t - 1] + 1 : 0,
      );
    }
  }
  assert.equal(seen.size, 3000);
  assert.ok(paddingShare(rows) < 0.01, `${paddingShare(rows)}`);
});

test('the same seed gives the same rows, another seed others', () => {
  const examples = Array.from({ length: 50 }, (_, i) => example(Array.from({ length: 2 + (i % 9) }, () => i)));
  assert.deepEqual(packExamples(examples, 16, 1), packExamples(examples, 16, 1));
  assert.notDeepEqual(packExamples(examples, 16, 1), packExamples(examples, 16, 2));
  assert.deepEqual(packExamples([], 16, 1), []);
});

test('best fit decreasing fills the fullest bin that still has room', () => {
  assert.deepEqual(bestFitDecreasing([5, 4, 3, 2, 6], 10), [
    [4, 1],
    [0, 2, 3],
  ]);
  assert.deepEqual(bestFitDecreasing([7, 8, 3, 2], 10), [
    [1, 3],
    [0, 2],
  ]);
});

test('an example that is longer than a row is refused', () => {
  assert.throws(() => packExamples([example([1, 2, 3])], 2, 0), { code: 'SHAPE_MISMATCH' });
});

test('the order of an epoch is a permutation, its own for each epoch and seed', () => {
  const order = epochOrder(100, 1, 0);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.deepEqual(epochOrder(100, 1, 0), order);
  assert.notDeepEqual(epochOrder(100, 1, 1), order);
  assert.notDeepEqual(epochOrder(100, 2, 0), order);
  assert.deepEqual(epochOrder(0, 1, 0), new Int32Array(0));
});
