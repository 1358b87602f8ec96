/** @file Prompts: order of the parts, and what is cut off when they do not fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continuationPrompt, fillInTheMiddlePrompt } from '../../src/models/fillInTheMiddle.ts';
import { BYTE_BOS, BYTE_EOS, BYTE_FIM, byteTokenizer } from '../support/byteTokenizer.ts';

const tokenizer = byteTokenizer();

/** The prompt with its markers readable. */
function shown(ids: readonly number[]): string {
  const names = new Map<number, string>([
    [BYTE_BOS, '^'],
    [BYTE_FIM.prefix, '<P>'],
    [BYTE_FIM.suffix, '<S>'],
    [BYTE_FIM.middle, '<M>'],
  ]);
  return ids.map((id) => names.get(id) ?? String.fromCharCode(id)).join('');
}

test('a gap is prefix, suffix, middle, in the order of training', () => {
  assert.equal(shown(fillInTheMiddlePrompt(tokenizer, 'abc', 'xyz', 100)), '<P>abc<S>xyz<M>');
  assert.equal(shown(fillInTheMiddlePrompt(byteTokenizer({ addsBos: true }), 'a', '', 8)), '^<P>a<S><M>');
});

test('what does not fit is cut off far from the gap; the suffix keeps a quarter, or what the prefix leaves', () => {
  assert.equal(shown(fillInTheMiddlePrompt(tokenizer, 'abcdefghijklm', 'nopqrstuvwxyz', 11)), '<P>hijklm<S>no<M>');
  assert.equal(shown(fillInTheMiddlePrompt(tokenizer, 'abc', 'nopqrstuvwxyz', 11)), '<P>abc<S>nopqr<M>');
  assert.equal(shown(fillInTheMiddlePrompt(tokenizer, 'abcdefghijklm', 'n', 11)), '<P>ghijklm<S>n<M>');
  assert.equal(fillInTheMiddlePrompt(tokenizer, 'a'.repeat(5000), '😀'.repeat(5000), 64).length, 64);
});

test('a model without the markers is refused by code', () => {
  const without = byteTokenizer({ fim: false });
  assert.throws(() => fillInTheMiddlePrompt(without, 'a', 'b', 100), { code: 'UNSUPPORTED_MODEL' });
  assert.throws(() => fillInTheMiddlePrompt(tokenizer, 'a', 'b', 7), { code: 'USAGE' });
});

test('a continuation is the prefix byte for byte; an empty one begins like a new text', () => {
  assert.deepEqual(continuationPrompt(tokenizer, 'a\r\n\t'), [97, 13, 10, 9]);
  assert.deepEqual(continuationPrompt(byteTokenizer({ addsBos: true }), 'a'), [BYTE_BOS, 97]);
  assert.deepEqual(continuationPrompt(tokenizer, ''), [BYTE_BOS]);
  const { bos: _, ...withoutBos } = tokenizer.special;
  assert.deepEqual(continuationPrompt({ ...tokenizer, special: withoutBos }, ''), [BYTE_EOS]);
  assert.throws(() => continuationPrompt({ ...tokenizer, special: { all: [] } }, ''), { code: 'USAGE' });
});
