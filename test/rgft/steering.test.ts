/** @file Learning-rate factors and masks follow the formulas, and switch off exactly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shares } from '../../src/rgft/errorMap.ts';
import { lrScale, updateMask } from '../../src/rgft/steering.ts';

const unclipped = [0, 1e9] as const;

test('alpha = 1 is exactly 1 for every component, in any map', () => {
  for (const map of [shares([1, 2, 3]), shares([0, 0, 7]), shares([1e-300, 1e300, 0.1]), shares([0, 0, 0])]) {
    for (const mode of ['rgft', 'literal'] as const) {
      for (const temper of [0.2, 1, 3]) {
        assert.deepEqual([...lrScale(map, { mode, alpha: 1, clip: unclipped, temper })], [1, 1, 1]);
      }
    }
  }
});

test('by default a component gets alpha + (1 - alpha) * C * share', () => {
  const scale = lrScale([0.5, 0.25, 0.125, 0.125], { mode: 'rgft', alpha: 0.5 });
  assert.deepEqual([...scale], [1.5, 1, 0.75, 0.75]);
});

test('the mean factor is 1 before clipping, whatever alpha and temper', () => {
  const map = shares([3, 1, 4, 1, 5, 9, 2, 6]);
  for (const alpha of [0, 0.3, 0.8]) {
    for (const temper of [0, 0.2, 1, 2]) {
      const scale = lrScale(map, { mode: 'rgft', alpha, clip: unclipped, temper });
      const mean = scale.reduce((sum, value) => sum + value, 0) / scale.length;
      assert.ok(Math.abs(mean - 1) < 1e-14, `${mean}`);
    }
  }
});

test('clipping bounds the steered part, not the part that alpha guarantees', () => {
  const scale = lrScale([0.97, 0.01, 0.01, 0.01], { mode: 'rgft', alpha: 0.5, clip: [0.25, 2] });
  assert.deepEqual([...scale], [1.5, 0.625, 0.625, 0.625]);
});

test('the literal form is alpha + (1 - alpha) * share and shrinks the mean rate to alpha + (1 - alpha) / C', () => {
  const scale = lrScale([0.5, 0.25, 0.25, 0], { mode: 'literal', alpha: 0.5, clip: [2, 3], temper: 0.2 });
  assert.deepEqual([...scale], [0.75, 0.625, 0.625, 0.5]);
  const mean = scale.reduce((sum, value) => sum + value, 0) / 4;
  assert.equal(mean, 0.5 + 0.5 / 4);
});

test('proposal B is alpha = 0 whatever alpha says; literal with alpha = 0 is proposal B to the letter', () => {
  const map = [0.5, 0.25, 0.25, 0];
  const proposalB = lrScale(map, { mode: 'rgft-b', alpha: 0.9, clip: unclipped });
  assert.deepEqual([...proposalB], [2, 1, 1, 0]);
  assert.deepEqual([...lrScale(map, { mode: 'literal', alpha: 0 })], map);
});

test("proposal B's default clip is the floor that keeps every rate above 0", () => {
  const scale = lrScale([1, 0, 0, 0], { mode: 'rgft-b', alpha: 0 });
  assert.deepEqual([...scale], [4, 0.25, 0.25, 0.25]);
});

test('tempering takes shares to a power and back to mean 1', () => {
  // Shares 16 : 1 to the power 1/4 are 2 : 1, mean 1.5.
  const [large, small] = lrScale([16 / 17, 1 / 17], { mode: 'rgft', alpha: 0, clip: unclipped, temper: 0.25 });
  assert.ok(Math.abs(large - 4 / 3) < 1e-15 && Math.abs(small - 2 / 3) < 1e-15);
});

test('a huge exponent does not underflow', () => {
  const scale = lrScale([0.5, 0.25, 0.25], { mode: 'rgft', alpha: 0, clip: unclipped, temper: 5000 });
  assert.deepEqual([...scale], [3, 0, 0]);
});

test('options out of range are refused by name', () => {
  const refused = { code: 'CONFIG_INVALID' };
  const map = [0.5, 0.5];
  for (const alpha of [-0.1, 1.1, Number.NaN]) assert.throws(() => lrScale(map, { mode: 'rgft', alpha }), refused);
  assert.throws(() => lrScale(map, { mode: 'rgft', alpha: 0, clip: [2, 1] }), refused);
  assert.throws(() => lrScale(map, { mode: 'rgft', alpha: 0, temper: -1 }), refused);
  assert.throws(() => updateMask(map, null, { tau: -1 }), refused);
  assert.throws(() => updateMask(map, null, { tau: 1, hysteresis: 1 }), refused);
  assert.throws(() => lrScale([0.5, 0.6], { mode: 'rgft', alpha: 0 }), { code: 'INTERNAL' });
  assert.throws(() => updateMask(map, new Uint8Array(3), { tau: 1 }), { code: 'INTERNAL' });
});

test('a component is active above tau times the mean share, and not at it', () => {
  assert.deepEqual([...updateMask([0.5, 0.25, 0.25, 0], null, { tau: 1 })], [1, 0, 0, 0]);
  assert.deepEqual([...updateMask([0.5, 0.25, 0.25, 0], null, { tau: 0.9 })], [1, 1, 1, 0]);
});

test('tau can be absolute', () => {
  assert.deepEqual([...updateMask([0.5, 0.3, 0.2, 0], null, { tau: 0.2, relative: false })], [1, 1, 0, 0]);
});

test('tau = 0 masks only what has no gradient at all', () => {
  assert.deepEqual([...updateMask([0.5, 0.5, 0], null, { tau: 0 })], [1, 1, 0]);
});

test('inside the dead band each component stays as it was', () => {
  // Threshold 0.25, band 0.2 to 0.3.
  const options = { tau: 1, hysteresis: 0.2 } as const;
  const map = [0.26, 0.24, 0.31, 0.19];
  assert.deepEqual([...updateMask(map, Uint8Array.of(0, 0, 0, 0), options)], [0, 0, 1, 0]);
  assert.deepEqual([...updateMask(map, Uint8Array.of(1, 1, 1, 1), options)], [1, 1, 1, 0]);
  assert.deepEqual([...updateMask(map, null, options)], [1, 0, 1, 0]);
});

test('a score that wobbles inside the band never flips its component', () => {
  let mask = updateMask([0.6, 0.4], null, { tau: 1, hysteresis: 0.1 });
  for (const share of [0.46, 0.54, 0.455, 0.545]) {
    mask = updateMask([share, 1 - share], mask, { tau: 1, hysteresis: 0.1 });
    assert.deepEqual([...mask], [1, 0]);
  }
});

test('when no component passes, the largest stays active', () => {
  assert.deepEqual([...updateMask([0.3, 0.4, 0.3], null, { tau: 2 })], [0, 1, 0]);
});

test('a uniform map leaves every component active', () => {
  assert.deepEqual([...updateMask(shares([0, 0, 0]), null, { tau: 1 })], [1, 1, 1]);
});
