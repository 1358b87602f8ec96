import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tokenizer } from '@huggingface/tokenizers';
import {
  bytesPerToken,
  countPieces,
  createCodec,
  readCodec,
  SPECIAL_TOKENS,
  splitPieces,
  trainMerges,
  writeTokenizer,
} from '../../src/pretrain/bpe.ts';

const AWKWARD = [
  'def add(a: int, b: int) -> int:\n    """Sum.\n\n    >>> add(2, 40)\n    42\n    """\n    return a + b\n',
  '  leading\ttabs\t\tand   runs \r\nCRLF\r\n\r\n x',
  'HTTPServer getElementById __init__(self, _x) max_value snake_case1 A AB Ab aB',
  'naïve 日本語 🎉 ñ ½ Ⅷ \u00a0 \u2028 \ufeff end',
  'price = 3.1415 # 100%',
  '',
];
// The special tokens' names are broken up: the library would recognise them inside text.
const source = readFileSync(fileURLToPath(new URL('../../src/pretrain/bpe.ts', import.meta.url)), 'utf8').replaceAll(
  '<|',
  '<!',
);

function train(vocabSize: number) {
  const counts = new Map<string, number>();
  for (const text of [source, ...AWKWARD]) countPieces(text, counts);
  return trainMerges(counts, vocabSize);
}

test('Pieces cover the text exactly', () => {
  for (const text of [source, ...AWKWARD]) assert.equal(splitPieces(text).join(''), text);
});

test('Indentation is one piece, words split at case and underscore, digits stand alone', () => {
  assert.deepEqual(splitPieces('\n        return maxValue_of(12, HTTPServer):\n    x'), [
    '\n',
    '        ',
    'return',
    ' max',
    'Value',
    '_of',
    '(',
    '1',
    '2',
    ',',
    ' HTTP',
    'Server',
    '):\n',
    '    ',
    'x',
  ]);
});

test('The most frequent pair is merged first and ties go to the smaller ids', () => {
  const counts = new Map([
    ['abab', 3],
    ['bc', 4],
  ]);
  const id = (character: string) => SPECIAL_TOKENS.length + character.charCodeAt(0);
  assert.deepEqual(trainMerges(counts, 5 + 256 + 3), [
    [id('a'), id('b')],
    [id('b'), id('c')],
    [261, 261],
  ]);
});

test('A smaller vocabulary is a prefix of a larger one', () => {
  assert.deepEqual(train(400), train(600).slice(0, 400 - 261));
});

test('Encoding and decoding round-trips every byte', () => {
  const codec = createCodec(train(600));
  for (const text of [source, ...AWKWARD]) assert.equal(codec.decode(codec.encode(text)), text);
});

test('The fast encoder agrees with @huggingface/tokenizers on the written files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bpe-'));
  writeTokenizer(folder, train(700));
  const codec = readCodec(folder);
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const library = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  for (const text of [source, ...AWKWARD]) {
    const ids = library.encode(text, { add_special_tokens: false }).ids;
    assert.deepEqual(codec.encode(text), ids);
    if (text) assert.equal(library.decode(ids, { skip_special_tokens: false }), text);
  }
  assert.deepEqual(
    library.encode('<|endoftext|><|fim_prefix|><|fim_middle|><|fim_suffix|><|pad|>').ids,
    [0, 1, 2, 3, 4],
  );
});

test('Special tokens inside text are spelled out in bytes, never recognised', () => {
  const codec = createCodec(train(400));
  const ids = codec.encode('<|endoftext|>');
  assert.ok(ids.every((id) => id >= SPECIAL_TOKENS.length));
  assert.equal(codec.decode(ids), '<|endoftext|>');
});

test('Bytes per token grows with the vocabulary', () => {
  const [small, large] = [300, 700].map((size) => bytesPerToken(createCodec(train(size)), [source]));
  assert.ok(small > 1 && large > small, `${small} ${large}`);
});
