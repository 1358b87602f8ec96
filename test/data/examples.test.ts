import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Codec, cutText } from '../../src/data/cut.ts';
import {
  type Example,
  type ExampleSource,
  makeEvaluationExamples,
  makeExamples,
  requireEnoughCode,
} from '../../src/data/examples.ts';
import { createRandom, nextBelow } from '../../src/random.ts';
import { BYTE_BOS, BYTE_EOS, BYTE_FIM, byteTokenizer } from '../support/byteTokenizer.ts';

const source = (path: string, text: string, removedLines: number[] = []): ExampleSource => ({
  path,
  text,
  removedLines,
});
const bytes = (text: string) => [...Buffer.from(text)];
const tokenizer = byteTokenizer();

/** Text of an example: causal as it stands, fill-in-the-middle put together again. */
function reassemble({ tokens, kind }: Example): string {
  const ids = [...tokens].filter((id) => id !== BYTE_BOS && id !== BYTE_EOS);
  if (kind === 'causal') return tokenizer.decode(ids);
  const [prefix, suffix, middle] = [BYTE_FIM.prefix, BYTE_FIM.suffix, BYTE_FIM.middle].map((id) => ids.indexOf(id));
  assert.ok(prefix === 0 && prefix < suffix && suffix < middle, 'order is prefix, suffix, middle');
  const part = (from: number, to: number) => tokenizer.decode(ids.slice(from + 1, to));
  return part(prefix, suffix) + part(middle, ids.length) + part(suffix, middle);
}

/** Code with functions, blank lines, accents, emoji, CRLF and a line that is too long. */
function sampleCode(seed: number): string {
  const random = createRandom(seed);
  const lines: string[] = [];
  for (let i = 0; i < 40; i++) {
    lines.push(`def function${i}(x):  # é 👩‍🚀`);
    for (let k = nextBelow(random, 6); k >= 0; k--)
      lines.push(`    x = x + ${k} * "${'ab'.repeat(nextBelow(random, 20))}"`);
    lines.push('', '');
  }
  lines.splice(50, 0, `long = "${'0123456789é'.repeat(60)}"`);
  return lines.join(seed % 2 ? '\r\n' : '\n');
}

test('a short file is one causal example with the end of text', () => {
  const [example, ...rest] = makeExamples([source('a.py', 'x = 1\n')], tokenizer, { maxSeqLength: 16, fimRate: 0 });
  assert.deepEqual(rest, []);
  assert.deepEqual([...example.tokens], [...bytes('x = 1\n'), BYTE_EOS]);
  assert.deepEqual(
    { ...example, tokens: 0 },
    { path: 'a.py', firstLine: 1, kind: 'causal', tokens: 0, firstTarget: 1 },
  );
});

test('BOS stands before every piece when the tokenizer adds it; without EOS none is made up', () => {
  const withBos = byteTokenizer({ addsBos: true, eos: false });
  const examples = makeExamples([source('a.py', 'aaaa\nbbbb\ncccc\ndddd\n')], withBos, {
    maxSeqLength: 16,
    fimRate: 0,
  });
  assert.deepEqual(
    examples.map(({ tokens }) => [...tokens]),
    [
      [BYTE_BOS, ...bytes('aaaa\nbbbb\ncccc\n')],
      [BYTE_BOS, ...bytes('dddd\n')],
    ],
  );
  assert.deepEqual(
    examples.map(({ firstLine }) => firstLine),
    [1, 4],
  );
});

test('fill-in-the-middle puts the text together again, byte for byte, and ends with the end of text', () => {
  for (let seed = 0; seed < 6; seed++) {
    const text = sampleCode(seed);
    for (const maxSeqLength of [16, 64, 256, 100_000]) {
      const examples = makeExamples([source('a.py', text)], tokenizer, { maxSeqLength, fimRate: 1, seed });
      assert.equal(examples.map(reassemble).join(''), text);
      assert.ok(examples.every(({ tokens }) => tokens.length <= maxSeqLength));
      const fim = examples.filter(({ kind }) => kind === 'fim');
      assert.ok(fim.length > 0.9 * examples.length, `${fim.length} of ${examples.length}`);
      assert.ok(fim.every(({ tokens }) => tokens[tokens.length - 1] === BYTE_EOS));
      assert.ok(
        fim.every(({ tokens }) => tokens[tokens.length - 2] !== BYTE_FIM.middle),
        'no empty middle',
      );
    }
  }
});

test('causal pieces put the text together again and only the last has the end of text', () => {
  const text = sampleCode(1);
  const examples = makeExamples([source('a.py', text)], tokenizer, { maxSeqLength: 100, fimRate: 0 });
  assert.equal(examples.map(reassemble).join(''), text);
  assert.deepEqual(
    examples.map(({ tokens }) => tokens[tokens.length - 1] === BYTE_EOS),
    examples.map((_, index) => index === examples.length - 1),
  );
});

test('the rate of filling in is met, 0 without markers', () => {
  const files = Array.from({ length: 400 }, (_, i) => source(`f${i}.py`, `value = ${i}\n`));
  const share = (options: object, with_ = tokenizer) => {
    const examples = makeExamples(files, with_, { maxSeqLength: 64, ...options });
    return examples.filter(({ kind }) => kind === 'fim').length / examples.length;
  };
  assert.ok(Math.abs(share({}) - 0.5) < 5 * Math.sqrt(0.25 / 400));
  assert.equal(share({ fimRate: 0 }), 0);
  assert.equal(share({ fimRate: 1 }), 1);
  assert.equal(share({ fimRate: 1 }, byteTokenizer({ fim: false })), 0);
});

test('examples depend on seed, epoch and their own file only', () => {
  const files = [source('a.py', sampleCode(0)), source('b.py', sampleCode(1))];
  const make = (some: ExampleSource[], seed: number, epoch = 0) =>
    makeExamples(some, tokenizer, { maxSeqLength: 128, seed, epoch });
  const both = make(files, 1);
  assert.deepEqual(make(files, 1), both);
  assert.deepEqual(
    make([files[1]], 1),
    both.filter(({ path }) => path === 'b.py'),
  );
  assert.notDeepEqual(make(files, 2), both);
  assert.notDeepEqual(make(files, 1, 1), both);
});

test('special-token text in a file stays text', () => {
  const text = '<|endoftext|><fim_prefix>';
  const [{ tokens }] = makeExamples([source('a.py', text)], tokenizer, { maxSeqLength: 64, fimRate: 0 });
  assert.deepEqual([...tokens], [...bytes(text), BYTE_EOS]);
});

test('first lines are lines on disk, removed lines counted', () => {
  const file = source('a.py', 'aaaaaaa\nbbbbbbb\nccccccc\nddddddd\n', [2, 5]);
  const examples = makeExamples([file], tokenizer, { maxSeqLength: 17, fimRate: 0 });
  assert.deepEqual(
    examples.map(({ firstLine }) => firstLine),
    [1, 4],
  );
  const windows = makeEvaluationExamples([file], tokenizer, { maxSeqLength: 17 });
  assert.deepEqual(
    windows.map(({ firstLine }) => firstLine),
    [1, 4],
  );
});

test('evaluation windows predict every token but the first exactly once, in order', () => {
  const text = sampleCode(3);
  const windows = makeEvaluationExamples([source('a.py', text)], tokenizer, { maxSeqLength: 64 });
  const whole = [...bytes(text), BYTE_EOS];
  const targets = windows.flatMap(({ tokens, firstTarget }) => [...tokens.subarray(firstTarget)]);
  assert.deepEqual(targets, whole.slice(1));
  assert.ok(windows.every(({ kind, tokens }) => kind === 'causal' && tokens.length <= 64 && tokens.length >= 2));
  assert.ok(windows.slice(0, -1).every(({ tokens }) => tokens.length === 64));
});

/** Pieces of plain tokens, at most `room` of them. */
const plainPieces = (text: string, room: number, codec: Codec = tokenizer) =>
  cutText(text, codec, {
    room: () => room,
    make: (_, part) => {
      const tokens = codec.encode(part);
      return tokens.length <= room ? tokens : undefined;
    },
  });

test('cuts prefer the left margin after a blank line, then a blank line, then a line end', () => {
  const cuts = (text: string, room: number) => plainPieces(text, room).map(({ start, end }) => text.slice(start, end));
  const body = '    a = 1\n'.repeat(9); // 90 bytes
  assert.deepEqual(cuts(`${body}\ndef f():\n    b\n`, 102), [`${body}\n`, 'def f():\n    b\n']);
  assert.deepEqual(cuts(`${body}\n    b = 2\n    c\n`, 98), [`${body}\n`, '    b = 2\n    c\n']);
  assert.deepEqual(cuts(`${body}    b = 2\n    c\n`, 95), [body, '    b = 2\n    c\n']);
  assert.deepEqual(cuts(`${body}\n}\n    b = 2\n`, 95)[0], `${body}\n}\n`);
  assert.deepEqual(cuts('x'.repeat(25), 10), ['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
});

test('cuts halve no character', () => {
  const text = '👩‍🚀é'.repeat(50);
  const pieces = plainPieces(text, 10);
  assert.equal(pieces.map(({ start, end }) => text.slice(start, end)).join(''), text);
  for (const { tokens } of pieces) assert.ok(!tokenizer.decode(tokens).includes('\uFFFD'));
});

test('a tokenizer that joins text across a cut still fits its room', () => {
  // Pairs of equal bytes are one token, so a piece cut off can need more tokens than its share of the whole.
  const pairs = {
    encode: (text: string) => {
      const ids: number[] = [];
      for (let i = 0; i < text.length; i++) {
        const isPair = text[i] === text[i + 1];
        ids.push(text.charCodeAt(i) + (isPair ? 256 : 0));
        if (isPair) i++;
      }
      return ids;
    },
    decode: (ids: ArrayLike<number>) =>
      Array.from(ids, (id) => String.fromCharCode(id % 256).repeat(id >= 256 ? 2 : 1)).join(''),
  };
  const text = 'aab\nccc\n\n\ndddd\n'.repeat(40);
  const pieces = plainPieces(text, 11, pairs);
  assert.equal(pieces.map(({ start, end }) => text.slice(start, end)).join(''), text);
  for (const { tokens } of pieces) assert.ok(tokens.length <= 11 && tokens.length >= 4, `${tokens.length}`);
});

test('too little code is refused with the numbers, three small files are enough', () => {
  const small = makeExamples([source('a.py', 'x = 1\n')], tokenizer, { maxSeqLength: 64, fimRate: 0 });
  assert.throws(() => requireEnoughCode(small), {
    code: 'TOO_LITTLE_CODE',
    message: /^1 file with 7 tokens are left for training, expected at least 100 tokens/,
  });
  assert.throws(() => requireEnoughCode([]), { code: 'TOO_LITTLE_CODE' });
  const three = ['a', 'b', 'c'].map((name) =>
    source(name, `def ${name}(x):\n    return x + ${name.length}\n`.repeat(2)),
  );
  requireEnoughCode(makeExamples(three, tokenizer, { maxSeqLength: 64 }));
});

test('options out of range are refused', () => {
  const make = (options: { maxSeqLength: number; fimRate?: number }) => () => makeExamples([], tokenizer, options);
  for (const maxSeqLength of [15, 0, 20.5, Number.NaN]) assert.throws(make({ maxSeqLength }), { code: 'USAGE' });
  for (const fimRate of [-0.1, 1.1, Number.NaN]) assert.throws(make({ maxSeqLength: 64, fimRate }), { code: 'USAGE' });
});
