/** @file Skipping takes the learnt rows out of a pass and changes nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../src/random.ts';
import { drawTargets, keptTargets, rowResidual, visitOrder } from '../../src/rgft/sampling.ts';

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

test('targets are drawn in exact number, the hard ones surely, and their weighted sum is unbiased', () => {
  const labels = Int32Array.from({ length: 40 }, (_, t) => (t % 8 === 7 ? -100 : t));
  const losses = Float32Array.from(labels, (_, t) => (t === 3 ? 30 : 0.1 + (t % 5)));
  const sums = new Float64Array(40);
  const draws = 4000;
  for (let draw = 0; draw < draws; draw++) {
    const drawn = drawTargets(labels, losses, 0.5, -100, createRandom(draw, 'test'));
    assert.equal(drawn.labels.filter((label) => label !== -100).length, 18);
    assert.equal(drawn.labels[3], 3, 'the hardest is certain');
    assert.equal(drawn.weights[3], 1);
    drawn.labels.forEach((label, t) => {
      assert.ok(label === -100 ? drawn.weights[t] === 0 : label === labels[t] && drawn.weights[t] >= 1);
    });
    drawn.weights.forEach((weight, t) => {
      sums[t] += weight / draws;
    });
  }
  // The rarest is drawn about every fifth time: a deviation of its mean of 2 / sqrt(4000) = 0.03.
  for (const [t, sum] of sums.entries()) assert.ok(Math.abs(sum - (labels[t] < 0 ? 0 : 1)) < 0.15, `${t}: ${sum}`);
});

test('all targets are drawn with weight 1 when none is to be left out, and one stays when all are', () => {
  const labels = Int32Array.of(7, -100, 8, 9);
  const losses = [0.1, Number.NaN, Number.NaN, 2];
  const all = drawTargets(labels, losses, 0, -100, createRandom(0));
  assert.deepEqual([all.labels, all.weights], [labels, Float32Array.of(1, 0, 1, 1)]);
  assert.equal(drawTargets(labels, losses, 0.95, -100, createRandom(0)).labels.filter((l) => l >= 0).length, 1);
  assert.deepEqual(
    [0, 1, 2, 5].map((count) => keptTargets(count, 0.95)),
    [0, 1, 1, 1],
  );
});

test('without losses every target has the same chance and the same weight', () => {
  const labels = Int32Array.from([7, -100, 8, 9, 10]);
  const counts = new Array(5).fill(0);
  for (let draw = 0; draw < 400; draw++) {
    const { labels: drawn, weights } = drawTargets(labels, null, 0.5, -100, createRandom(draw, 'test'));
    drawn.forEach((label, t) => {
      assert.equal(weights[t], label < 0 ? 0 : 2);
      if (label >= 0) counts[t]++;
    });
  }
  assert.equal(counts[1], 0);
  // 400 draws of two of four: 200 each, with a standard deviation of at most 10.
  for (const t of [0, 2, 3, 4]) assert.ok(Math.abs(counts[t] - 200) < 50, `${counts}`);
});
