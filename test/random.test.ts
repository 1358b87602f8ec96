import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, hashText, nextBelow, nextFloat, nextUint32, shuffle } from '../src/random.ts';

test('the same seed and stream give the same numbers, another seed or stream gives others', () => {
  const draw = (seed: number, ...streams: (number | string)[]) => {
    const state = createRandom(seed, ...streams);
    return [nextUint32(state), nextUint32(state), nextUint32(state)];
  };
  assert.deepEqual(draw(1, 'order', 2), draw(1, 'order', 2));
  assert.notDeepEqual(draw(1, 'order', 2), draw(1, 'order', 3));
  assert.notDeepEqual(draw(1, 'order', 2), draw(2, 'order', 2));
  assert.notDeepEqual(draw(1), draw(1 + 2 ** 32));
  assert.notDeepEqual(draw(1), draw(-1));
});

test('sfc32 follows the published recurrence', () => {
  const state = [1, 2, 3, 1];
  assert.equal(nextUint32(state), 4);
  assert.deepEqual(state, [2, 27, 3 * 2 ** 21 + 4, 2]);
});

test('a generator that went through JSON continues exactly where it was', () => {
  const state = createRandom(7);
  nextFloat(state);
  const saved = JSON.parse(JSON.stringify(state)) as number[];
  assert.deepEqual([nextFloat(state), nextFloat(state)], [nextFloat(saved), nextFloat(saved)]);
});

test('bounded draws are even: 60,000 draws below 6 stay within five standard deviations', () => {
  const state = createRandom(3);
  const counts = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 60_000; i++) counts[nextBelow(state, 6)]++;
  const deviation = Math.sqrt(60_000 * (1 / 6) * (5 / 6));
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 5 * deviation, `${counts}`);
  assert.throws(() => nextBelow(state, 0), RangeError);
});

test('floats lie in [0, 1) with mean one half', () => {
  const state = createRandom(11);
  let sum = 0;
  for (let i = 0; i < 20_000; i++) {
    const value = nextFloat(state);
    assert.ok(value >= 0 && value < 1);
    sum += value;
  }
  assert.ok(Math.abs(sum / 20_000 - 0.5) < 5 * Math.sqrt(1 / 12 / 20_000));
});

test('a shuffle is a permutation and every order of three occurs equally often', () => {
  const state = createRandom(5);
  const counts = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const order = shuffle(['a', 'b', 'c'], state).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 5 * Math.sqrt(12_000 * (1 / 6) * (5 / 6)));
});

test('the text hash never changes: held-out splits of existing users rest on these values', () => {
  assert.deepEqual([hashText(''), hashText('src/main.py'), hashText('été')], [2872998923, 4014982252, 3533537933]);
});
