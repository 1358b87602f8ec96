/** @file Skipping takes the learnt rows out of a pass and changes nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hardTargets, keptTargets, rowResidual, visitOrder } from '../../src/rgft/sampling.ts';

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

test('the residual of a row is the mean over the targets that were seen', () => {
  assert.equal(rowResidual([1, Number.NaN, 3, Number.NaN]), 2);
  assert.ok(Number.isNaN(rowResidual([Number.NaN])));
});

test('of the targets of a row the hardest stay, those that were never seen among them', () => {
  const labels = Int32Array.of(7, -100, 8, 9, 3, 4);
  const losses = [0.1, 0, Number.NaN, 2, 0.5, 0.1];
  assert.deepEqual(hardTargets(labels, losses, 0.5, -100), Int32Array.of(-100, -100, 8, 9, 3, -100));
  assert.deepEqual(hardTargets(labels, losses, 0.2, -100), Int32Array.of(-100, -100, 8, 9, 3, 4));
  assert.deepEqual(hardTargets(labels, losses, 0, -100), labels);
  assert.deepEqual(
    hardTargets(labels, losses, 0.95, -100).filter((label) => label >= 0),
    Int32Array.of(8),
  );
  assert.deepEqual(
    [0, 1, 2, 5].map((count) => keptTargets(count, 0.95)),
    [0, 1, 1, 1],
  );
});
