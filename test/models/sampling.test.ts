/** @file The next token: its distribution, the nucleus, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logProbability, mostProbable, pickToken } from '../../src/models/sampling.ts';
import { createRandom, nextFloat } from '../../src/random.ts';

/** Probabilities 0.5, 0.25, 0.125, 0.125 in an order that is not sorted. */
const LOGITS = Float32Array.from([0.125, 0.5, 0.125, 0.25], Math.log);

function frequencies(options: Parameters<typeof pickToken>[1], logits = LOGITS, draws = 20_000): number[] {
  const random = createRandom(5, 'test');
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < draws; i++) counts[pickToken(logits, options, random)]++;
  return counts.map((count) => count / draws);
}

/** Four standard deviations of a frequency near 1/2 over 20,000 draws. */
const TOLERANCE = 0.0142;

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    assert.ok(value === 0 ? actual[i] === 0 : Math.abs(actual[i] - value) < TOLERANCE, `${actual} against ${expected}`);
  }
}

test('temperature 1 draws from the distribution itself, 2 from its square root', () => {
  assertClose(frequencies({ temperature: 1 }), [0.125, 0.5, 0.125, 0.25]);
  const roots = [0.125, 0.5, 0.125, 0.25].map(Math.sqrt);
  const total = roots.reduce((a, b) => a + b);
  assertClose(
    frequencies({ temperature: 2 }),
    roots.map((root) => root / total),
  );
});

test('the nucleus is the smallest set that reaches top-p; among equals the lower id is in it', () => {
  assertClose(frequencies({ temperature: 1, topP: 0.4 }), [0, 1, 0, 0]);
  assertClose(frequencies({ temperature: 1, topP: 0.7 }), [0, 2 / 3, 0, 1 / 3]);
  assertClose(frequencies({ temperature: 1, topP: 0.8 }), [1 / 7, 4 / 7, 0, 2 / 7]);
  assertClose(frequencies({ temperature: 1, topP: 0.99 }), [0.125, 0.5, 0.125, 0.25]);
  assertClose(frequencies({ temperature: 1, topP: 1e-9 }), [0, 1, 0, 0]);
});

test('the nucleus of many tokens equals the one found by sorting', () => {
  const random = createRandom(7, 'logits');
  const logits = Float32Array.from({ length: 300 }, (_, i) => 3 * nextFloat(random) + (i % 7 === 0 ? 2 : 0));
  const weights = [...logits].map((logit) => Math.exp(logit - logits[mostProbable(logits)]));
  const total = weights.reduce((a, b) => a + b);
  for (const topP of [0.1, 0.5, 0.9, 0.999]) {
    const sorted = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b);
    let sum = 0;
    const expected = new Set(
      sorted.filter((id) => {
        const isNeeded = sum < topP * total;
        sum += weights[id];
        return isNeeded;
      }),
    );
    const seen = new Set<number>();
    for (let i = 0; i < 8_000; i++) seen.add(pickToken(logits, { temperature: 1, topP }, random));
    assert.ok(
      [...seen].every((id) => expected.has(id)),
      `top-p ${topP}: a token outside`,
    );
    const rarest = Math.min(...[...expected].map((id) => weights[id])) / total;
    if (rarest > 2e-3) assert.equal(seen.size, expected.size, `top-p ${topP}: a token is missing`);
  }
});

test('temperature 0 takes the largest logit, the lowest id among equals, and no random number', () => {
  const random = createRandom(1, 'x');
  const before = [...random];
  assert.equal(pickToken(Float32Array.of(-3, 2, 2, 1), {}, random), 1);
  assert.deepEqual(random, before);
  pickToken(LOGITS, { temperature: 1e-6 }, random);
  assert.notDeepEqual(random, before);
});

test('the same state draws the same token, and one draw uses one number', () => {
  const [a, b] = [createRandom(2, 'x'), createRandom(2, 'x')];
  for (let i = 0; i < 50; i++) {
    assert.equal(pickToken(LOGITS, { temperature: 1 }, a), pickToken(LOGITS, { temperature: 1, topP: 1 }, b));
  }
  assert.deepEqual(a, b);
});

test('log-probabilities are those of the softmax at temperature 1', () => {
  const shifted = LOGITS.map((logit) => logit + 40);
  [0.125, 0.5, 0.125, 0.25].forEach((probability, id) => {
    assert.ok(Math.abs(logProbability(shifted, id) - Math.log(probability)) < 1e-5);
  });
});

test('logits that are no numbers are refused by code', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => mostProbable(Float32Array.of(1, bad, 2)), { code: 'CHECKPOINT_INVALID' });
  }
});
