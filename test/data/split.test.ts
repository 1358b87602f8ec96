import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathPosition, splitFiles } from '../../src/data/split.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path }));
const many = Array.from({ length: 2000 }, (_, i) => ({ path: `src/module${i}/file${i % 7}.py` }));

test('the side of a file does not change when others come and go', () => {
  const before = new Set(splitFiles(many.slice(0, 1000)).heldOut.map(({ path }) => path));
  const after = new Set(splitFiles([...many].reverse()).heldOut.map(({ path }) => path));
  for (const { path } of many.slice(0, 1000)) assert.equal(after.has(path), before.has(path), path);
});

test('the share is met: 2,000 files at 0.1 hold out 200 within five standard deviations', () => {
  const { train, heldOut } = splitFiles(many);
  assert.ok(Math.abs(heldOut.length - 200) < 5 * Math.sqrt(2000 * 0.1 * 0.9), `${heldOut.length}`);
  assert.equal(train.length + heldOut.length, 2000);
});

test('a larger share holds out everything a smaller one does', () => {
  const small = splitFiles(many, { heldOutShare: 0.05 }).heldOut;
  const large = new Set(splitFiles(many, { heldOutShare: 0.2 }).heldOut);
  assert.ok(small.every((file) => large.has(file)));
});

test('parts of the hashes that do not overlap hold out other files, and all of them together everything', () => {
  const parts = [0, 0.2, 0.4, 0.6, 0.8].map((heldOutFrom) => splitFiles(many, { heldOutShare: 0.2, heldOutFrom }));
  const paths = parts.flatMap(({ heldOut }) => heldOut.map(({ path }) => path));
  assert.deepEqual(paths.sort(), many.map(({ path }) => path).sort());
  // What begins near the end goes on at the beginning.
  const around = new Set(splitFiles(many, { heldOutShare: 0.2, heldOutFrom: 0.9 }).heldOut.map(({ path }) => path));
  for (const { path } of many) {
    const position = pathPosition(path);
    assert.equal(around.has(path), position >= 0.9 || position < 0.1, `${path} at ${position}`);
  }
});

test('from two files on both sides have one; a single file is for training', () => {
  for (let count = 2; count < 40; count++) {
    const some = many.slice(0, count);
    for (const heldOutShare of [1e-9, 0.1, 0.999999999]) {
      const { train, heldOut } = splitFiles(some, { heldOutShare });
      assert.ok(train.length >= 1 && heldOut.length >= 1, `${count} files at ${heldOutShare}`);
    }
  }
  assert.deepEqual(splitFiles(files('a.py')), { train: files('a.py'), heldOut: [] });
  assert.deepEqual(splitFiles([]), { train: [], heldOut: [] });
  assert.deepEqual(splitFiles(files('a.py', 'b.py'), { heldOutShare: 0 }).heldOut, []);
});

test('when the files held out have little text, the next ones join them, but none that is half of it', () => {
  const ordered = many.slice(0, 12).sort((a, b) => pathPosition(a.path) - pathPosition(b.path));
  const share = pathPosition(ordered[1].path) - 1e-9;
  const ofLengths = (...lengths: number[]) =>
    splitFiles(
      ordered.map((file, i) => ({ ...file, text: 'x'.repeat(lengths[i] ?? 100) })),
      { heldOutShare: share },
    ).heldOut.map(({ path }) => ordered.findIndex((file) => file.path === path));
  assert.ok(share > 0.02 && share < 0.3, `${share}`);
  const total = 1100;
  assert.deepEqual(ofLengths(100), [0], 'enough: it stays at the hash');
  assert.deepEqual(ofLengths(Math.ceil((share / 4) * total) - 5), [0, 1]);
  assert.deepEqual(ofLengths(0, 5000), [0, 2, 3], 'the second has most of the text');
  assert.deepEqual(ofLengths(0, 1, 1, 1), [0, 1, 2, 3, 4]);
});

test('Windows, macOS and Linux spellings of a path have one place', () => {
  assert.equal(pathPosition('src\\a.py'), pathPosition('src/a.py'));
  assert.equal(pathPosition('./src/a.py'), pathPosition('src/a.py'));
  assert.equal(pathPosition('u\u0308.py'), pathPosition('\u00fc.py'));
  assert.notEqual(pathPosition('a.py'), pathPosition('b.py'));
});

test('a share out of range is refused', () => {
  for (const heldOutShare of [-0.1, 1, Number.NaN]) {
    assert.throws(() => splitFiles(many, { heldOutShare }), { code: 'USAGE' });
    assert.throws(() => splitFiles(many, { heldOutFrom: heldOutShare }), { code: 'USAGE' });
  }
});
