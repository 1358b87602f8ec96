/** @file Rows come back as they were put in, damage is seen, and what does not fit is computed again. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { FineTuneError } from '../../src/errors.ts';
import { fromHalves, openPrefixCache, planCache, toHalves } from '../../src/trainer/prefixCache.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const row = (value: number) => Uint16Array.from({ length: 8 }, (_, i) => value + i);

for (const medium of ['memory', 'disk'] as const) {
  test(`rows come back bit for bit, those beyond the capacity do not come back (${medium})`, (t) => {
    const file = path.join(temporaryFolder(t), 'cache.bin');
    const cache = openPrefixCache({ medium, rowElements: 8, capacityRows: 3, file, onWarning: assert.fail });
    for (const index of [2, 0, 3]) cache.put(index, row(100 * index));
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => cache.get(index)?.slice()),
      [row(0), undefined, row(200), undefined],
    );
    assert.equal(existsSync(file), medium === 'disk');
    cache.close();
    assert.equal(existsSync(file), false);
    assert.equal(cache.get(0), undefined);
  });
}

test('a damaged record is computed again, and said', (t) => {
  const file = path.join(temporaryFolder(t), 'cache.bin');
  const warnings: FineTuneError[] = [];
  const cache = openPrefixCache({
    medium: 'disk',
    rowElements: 8,
    capacityRows: 2,
    file,
    onWarning: (w) => warnings.push(w),
  });
  cache.put(0, row(0));
  cache.put(1, row(100));
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file, bytes);
  assert.deepEqual(cache.get(0), row(0));
  assert.equal(cache.get(1), undefined);
  assert.deepEqual(
    warnings.map(({ code, details }) => [code, details.row]),
    [['CACHE_DAMAGED', 1]],
  );
  cache.put(1, row(100));
  assert.deepEqual(cache.get(1), row(100));
  cache.close();
});

test('a disk that takes no more ends the filling, with one warning', (t) => {
  const file = path.join(temporaryFolder(t), 'missing', 'cache.bin');
  const warnings: FineTuneError[] = [];
  const cache = openPrefixCache({
    medium: 'disk',
    rowElements: 8,
    capacityRows: 2,
    file,
    onWarning: (w) => warnings.push(w),
  });
  cache.put(0, row(0));
  cache.put(1, row(0));
  assert.equal(cache.get(0), undefined);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0].message, /computed again/);
  cache.close();
});

test('rows go to the disk while all of them fit there, else to where more fit', () => {
  const size = { numRows: 10, rowElements: 50 };
  const roomy = { memoryBytes: 1000, diskBytes: 1e6 };
  assert.deepEqual(planCache('auto', size, roomy), { medium: 'disk', capacityRows: 10, bytes: 1320 });
  assert.deepEqual(planCache('auto', size, { ...roomy, diskBytes: 1319 }), {
    medium: 'memory',
    capacityRows: 10,
    bytes: 1000,
  });
  assert.deepEqual(planCache('memory', size, { ...roomy, memoryBytes: 999 }), {
    medium: 'memory',
    capacityRows: 9,
    bytes: 900,
  });
  assert.deepEqual(planCache('auto', size, { memoryBytes: 500, diskBytes: 300 }), {
    medium: 'memory',
    capacityRows: 5,
    bytes: 500,
  });
  assert.deepEqual(planCache('off', size, roomy), { medium: 'off', capacityRows: 0, bytes: 0 });
});

test('f16 and back is the nearest half, and an outlier stays finite', () => {
  const values = Float32Array.of(0, 1, -2.5, 1 / 3, 65504, 70000, -1e9, 1e-9);
  const back = new Float32Array(10).fill(7);
  fromHalves(toHalves(values), back, 2);
  assert.deepEqual(back, Float32Array.of(7, 7, 0, 1, -2.5, 0.333251953125, 65504, 65504, -65504, 0));
});
