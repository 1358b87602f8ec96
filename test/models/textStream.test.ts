/** @file Text of growing tokens: shared characters, stop strings, leading spaces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextStream } from '../../src/models/textStream.ts';
import type { Tokenizer } from '../../src/models/tokenizer.ts';
import { BYTE_FIM, byteTokenizer } from '../support/byteTokenizer.ts';

const bytes = byteTokenizer();

function pieces(
  text: string,
  stops: readonly string[] = [],
  tokenizer = bytes,
): { pieces: string[]; stream: TextStream } {
  const stream = new TextStream(tokenizer, tokenizer.encode('def f():\n'), stops);
  const parts = tokenizer.encode(text).map((id) => stream.push(id));
  return { pieces: [...parts, stream.finish()], stream };
}

test('a character whose bytes are spread over tokens appears once, whole', () => {
  assert.deepEqual(pieces('aé😀b').pieces, ['a', '', 'é', '', '', '', '😀', 'b', '']);
});

test('bytes that never become a character come out as U+FFFD at the end', () => {
  const stream = new TextStream(bytes, [], []);
  assert.deepEqual(
    [0x61, 0xe2, 0x82].map((id) => stream.push(id)),
    ['a', '', ''],
  );
  assert.equal(stream.finish(), '\ufffd');
  assert.equal(stream.text, 'a\ufffd');
});

test('the prompt is no part of the text, also where it ends inside a character', () => {
  const stream = new TextStream(bytes, [0x61, 0xc3], []);
  assert.equal(stream.push(0xa9), 'é');
  const long = new TextStream(bytes, bytes.encode('ééééééééé'), []);
  assert.equal(long.push(0x62), 'b');
});

test('the text ends before the first stop string, and what might begin one is held back', () => {
  const { pieces: parts, stream } = pieces('ab\ndeg\ndef x', ['\ndef', '\nclass']);
  assert.equal(stream.text, 'ab\ndeg');
  assert.ok(stream.stopped);
  assert.deepEqual(parts.slice(0, 7), ['a', 'b', '', '', '', '\ndeg', '']);
  assert.equal(parts.join(''), 'ab\ndeg');
});

test('a stop string whose last bytes come with the end of the tokens still counts', () => {
  const { stream } = pieces('x = 1é', ['é']);
  assert.equal(stream.text, 'x = 1');
  assert.ok(stream.stopped);
});

test('of two stop strings that one token completes, the earlier one cuts', () => {
  const tokenizer: Tokenizer = {
    ...bytes,
    decode: (ids) => Array.from(ids, (id) => (id === 1 ? 'one two' : '-')).join(''),
  };
  const stream = new TextStream(tokenizer, [], ['two', 'one']);
  assert.equal(stream.push(0), '-');
  assert.equal(stream.push(1), '');
  assert.equal(stream.text, '-');
});

test('text that only looked like a stop string comes out with the end', () => {
  assert.equal(pieces('ab\nde', ['\ndef']).pieces.at(-1), '\nde');
});

test('a leading space that the tokenizer drops at the start of a text is kept after a prompt, not after a marker', () => {
  // SentencePiece: every word token carries its space, and decoding takes the first one off.
  const words: Tokenizer = {
    ...bytes,
    decode: (ids) =>
      Array.from(ids)
        .filter((id) => id < 256)
        .map((id) => ` w${id}`)
        .join('')
        .slice(1),
  };
  assert.equal(new TextStream(words, [1, 2], []).push(3), ' w3');
  assert.equal(new TextStream(words, [1, BYTE_FIM.middle], []).push(3), 'w3');
  const stream = new TextStream(words, [], []);
  assert.deepEqual(Array.from({ length: 20 }, (_, i) => stream.push(i)).join(''), words.decode([...Array(20).keys()]));
});
