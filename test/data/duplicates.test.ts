import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDuplicates, MIN_SHINGLES, NEAR_DUPLICATE_THRESHOLD, similarity } from '../../src/data/duplicates.ts';
import { createRandom, nextBelow } from '../../src/random.ts';

/** A text of `count` random words, one on each line. */
function words(seed: number, count: number): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => `w${nextBelow(random, 1e6)}`);
}

test('copies that differ in line ends and trailing white space are exact duplicates of the first', () => {
  assert.deepEqual(findDuplicates(['a = 1\nb = 2\n', 'c\n', 'a = 1  \r\nb = 2', 'c\n\n\n', ' c\n']), [
    { index: 2, original: 0, similarity: 1, exact: true },
    { index: 3, original: 1, similarity: 1, exact: true },
  ]);
});

test('similarity is the Jaccard index of 5-token shingles', () => {
  const base = 'a b c d e f g'; // 3 shingles
  assert.equal(similarity(base, base), 1);
  assert.equal(similarity(base, 'a b c d e f x'), 2 / 4);
  assert.equal(similarity(base, 'a  b\tc d\ne f g'), 1);
  assert.equal(similarity(base, 'h i j k l m n'), 0);
});

test('similarity sees code, not the licence above it', () => {
  const licence = '# Licensed to everybody under terms that nobody reads\n'.repeat(30);
  assert.equal(similarity(`${licence}a b c d e f`, `${licence}g h i j k l`), 0);
});

test('files on both sides of the threshold are told apart, whatever MinHash estimates', () => {
  for (let seed = 0; seed < 40; seed++) {
    const base = words(seed, 300);
    const changed = [...base];
    // One changed word in the middle touches 5 of 296 shingles on both sides.
    const count = 1 + (seed % 10);
    for (let k = 0; k < count; k++) changed[20 + 25 * k] = `changed${k}`;
    const texts = [base.join('\n'), changed.join('\n')];
    const expected = (296 - 5 * count) / (296 + 5 * count);
    assert.equal(similarity(texts[0], texts[1]), expected);
    const found = findDuplicates(texts);
    if (expected >= NEAR_DUPLICATE_THRESHOLD) {
      assert.deepEqual(found, [{ index: 1, original: 0, similarity: expected, exact: false }], `${count} changes`);
    } else assert.deepEqual(found, [], `${count} changes`);
  }
});

test('a chain of small changes keeps what is far from every kept file', () => {
  // Each text shifts the one before by 15 of 300 words: neighbours are at 281 / 311 = 0.90, the next but one at 0.82.
  const all = words(1, 400);
  const chain = [0, 15, 30, 45].map((start) => all.slice(start, start + 300).join(' '));
  assert.deepEqual(
    findDuplicates(chain).map(({ index, original }) => [index, original]),
    [
      [1, 0],
      [3, 2],
    ],
  );
});

test('short files are compared exactly only', () => {
  const short = words(2, MIN_SHINGLES + 3).join(' ');
  assert.deepEqual(findDuplicates([short, `${short} one`]), []);
  const long = words(2, MIN_SHINGLES + 10).join(' ');
  assert.equal(findDuplicates([long, `${long} one`]).length, 1);
});

test('2,000 files of 3,000 tokens are compared within ten seconds', () => {
  const texts = Array.from({ length: 2000 }, (_, seed) => words(seed, 3000).join(' '));
  texts.push(`${texts[7]} tail`);
  const start = process.cpuUsage();
  assert.deepEqual(
    findDuplicates(texts).map(({ index, original }) => [index, original]),
    [[2000, 7]],
  );
  assert.ok(process.cpuUsage(start).user < 10e6);
});
