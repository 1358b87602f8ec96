/** @file Skipping takes the learnt rows out of a pass and changes nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowResiduals, visitOrder } from '../../src/rgft/sampling.ts';

const residuals = Float64Array.from({ length: 20 }, (_, row) => ((row * 7) % 20) / 10);

test('without skipping every pass is a whole one, in the plain order of its seed', () => {
  assert.deepEqual([...visitOrder({ seed: 3, epoch: 0, residuals })], [...residuals.keys()]);
  const unknown = new Float64Array(20).fill(Number.NaN);
  for (const epoch of [1, 2]) {
    const order = visitOrder({ seed: 3, epoch, residuals, skipShare: 0 });
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...residuals.keys()],
    );
    assert.deepEqual(
      order,
      visitOrder({ seed: 3, epoch, residuals: unknown, skipShare: 0.4 }),
      'residuals move nothing',
    );
    assert.notDeepEqual(order, visitOrder({ seed: 4, epoch, residuals }));
    assert.notDeepEqual(order, visitOrder({ seed: 3, epoch: epoch + 1, residuals }));
  }
});

test('skipping leaves out exactly the rows of lowest residual and keeps the order of the rest', () => {
  const plain = visitOrder({ seed: 3, epoch: 1, residuals });
  const kept = visitOrder({ seed: 3, epoch: 1, residuals, skipShare: 0.4 });
  assert.deepEqual([...kept], [...plain.filter((row) => residuals[row] >= 0.8)]);
  assert.equal(kept.length, 12);
  assert.equal(visitOrder({ seed: 3, epoch: 0, residuals, skipShare: 0.4 }).length, 20, 'the first pass is whole');
});

test('rows without a residual are never skipped', () => {
  const mostly = Float64Array.from(residuals, (residual, row) => (row < 18 ? Number.NaN : residual));
  assert.equal(visitOrder({ seed: 3, epoch: 1, residuals: mostly, skipShare: 0.5 }).length, 18);
});

test('the residual of a row is the mean over its targets', () => {
  assert.deepEqual(rowResiduals([1, 0, 3, 0, 0, 0, 5, 0], [2, 0, 1, 0].slice(0, 2)), Float64Array.of(2, Number.NaN));
  assert.deepEqual(rowResiduals([1, 0, 3, 0, 0, 5], [2, 1]), Float64Array.of(2, 5));
});
