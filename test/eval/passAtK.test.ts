import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanPassAtK, type ProblemCount, pairedDifference, passAtK, passAtKInterval } from '../../src/eval/passAtK.ts';

/** Share of all k-subsets of n samples, the first c of which pass, that hold a passing one. */
function bruteForce(n: number, c: number, k: number): number {
  let subsets = 0;
  let good = 0;
  for (let set = 0; set < 1 << n; set++) {
    let size = 0;
    for (let bit = 0; bit < n; bit++) size += (set >> bit) & 1;
    if (size !== k) continue;
    subsets++;
    if (set & ((1 << c) - 1)) good++;
  }
  return good / subsets;
}

test('pass@k equals counting all subsets for every n up to 12', () => {
  for (let n = 1; n <= 12; n++) {
    for (let c = 0; c <= n; c++) {
      for (let k = 1; k <= n; k++) {
        assert.ok(Math.abs(passAtK(n, c, k) - bruteForce(n, c, k)) < 1e-12, `n=${n} c=${c} k=${k}`);
      }
    }
  }
});

test('pass@k matches exact fractions to 1e-12, where binomial coefficients no longer fit a double', () => {
  // 1 - C(n-c, k) / C(n, k), computed with Python integers and fractions.Fraction.
  const table: [n: number, c: number, k: number, expected: number][] = [
    [20, 1, 1, 0.05],
    [20, 5, 10, 0.9837461300309598],
    [100, 3, 10, 0.27346938775510204],
    [200, 1, 100, 0.5],
    [200, 7, 10, 0.3055988116177335],
    [200, 30, 100, 0.9999999999283045],
    [200, 199, 1, 0.995],
  ];
  for (const [n, c, k, expected] of table) {
    assert.ok(Math.abs(passAtK(n, c, k) - expected) < 1e-12, `n=${n} c=${c} k=${k}: ${passAtK(n, c, k)}`);
  }
});

test('impossible counts are refused with the numbers', () => {
  for (const [n, c, k] of [
    [5, 6, 1],
    [5, -1, 1],
    [5, 2, 6],
    [5, 2, 0],
    [5, 2.5, 1],
  ]) {
    assert.throws(() => passAtK(n, c, k), { code: 'USAGE' });
  }
});

const counts = (...passed: number[]): ProblemCount[] =>
  passed.map((c, index) => ({ taskId: `p/${index}`, samples: 4, passed: c }));

test('the mean is over problems, and absent when one problem has too few samples', () => {
  assert.equal(meanPassAtK(counts(4, 0), 1), 0.5);
  assert.equal(meanPassAtK([...counts(4), { taskId: 'x', samples: 2, passed: 2 }], 4), undefined);
  assert.equal(meanPassAtK([], 1), undefined);
});

test('an interval holds its value, repeats with its seed and has no width without variation', () => {
  const varied = counts(0, 1, 2, 3, 4, 0, 0, 1);
  const interval = passAtKInterval(varied, 1)!;
  assert.equal(interval.value, 11 / 32);
  assert.ok(interval.low < interval.value && interval.value < interval.high);
  assert.deepEqual(passAtKInterval(varied, 1), interval);
  assert.notDeepEqual(passAtKInterval(varied, 1, { seed: 1, rounds: 9 }), passAtKInterval(varied, 1, { rounds: 9 }));
  assert.deepEqual(passAtKInterval(counts(2, 2, 2), 1), { value: 0.5, low: 0.5, high: 0.5 });
});

test('pairing removes what both models share: a constant gain has no uncertainty', () => {
  const base = counts(0, 1, 2, 3);
  const better = counts(1, 2, 3, 4);
  assert.deepEqual(pairedDifference(base, better, 1), { value: 0.25, low: 0.25, high: 0.25 });
  assert.deepEqual(pairedDifference(base, [...better].reverse(), 1)!.value, 0.25);
  assert.throws(() => pairedDifference(base, better.slice(1), 1), { code: 'USAGE' });
});

test('the bootstrap interval of a mean is near the normal one for many problems', () => {
  // 400 problems, half of them solved: standard error sqrt(0.25 / 400) = 0.025, interval 0.5 ± 0.049.
  const many = Array.from({ length: 400 }, (_, i) => ({ taskId: `p/${i}`, samples: 1, passed: i % 2 }));
  const { low, high } = passAtKInterval(many, 1)!;
  assert.ok(Math.abs(low - 0.451) < 0.005 && Math.abs(high - 0.549) < 0.005, `${low} ${high}`);
});
