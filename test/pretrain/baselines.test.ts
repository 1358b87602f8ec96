import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bigramBits, byteBigram } from '../../src/pretrain/baselines.ts';

test('a bigram counts pairs of bytes, one added to each', () => {
  const bigram = byteBigram(['abab']);
  // a -> b twice, b -> a once; 256 added to each row.
  assert.equal(bigram[97 * 256 + 98], Math.log2(3 / 258));
  assert.equal(bigram[98 * 256 + 97], Math.log2(2 / 257));
  assert.equal(bigram[0], Math.log2(1 / 256));
});

test('bits of a text are 8 for its first byte and -log2 p for each other', () => {
  const bigram = byteBigram(['abab']);
  assert.equal(bigramBits(bigram, 'ab'), 8 - Math.log2(3 / 258));
  assert.equal(bigramBits(bigram, ''), 0);
});
