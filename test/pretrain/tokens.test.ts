import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCodec, SPECIAL_ID, writeTokenizer } from '../../src/pretrain/bpe.ts';
import {
  chooseMiddle,
  documentedFunctions,
  encodeDocument,
  openTokenShards,
  splitLongText,
  writeTokenShards,
} from '../../src/pretrain/tokens.ts';
import { createRandom } from '../../src/random.ts';

const BYTES = createCodec([]);
const TEXTS = Array.from(
  { length: 20 },
  (_, index) => `def f${index}(x):\n    """Ünicode ${index} 🎉."""\n    return x + ${index}\n`,
);

function makeCorpus(): { corpus: string; tokenizer: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  const tokenizer = join(folder, 'tokenizer');
  writeTokenizer(tokenizer, []);
  const lines = TEXTS.map((text, index) =>
    JSON.stringify({ source: 's', path: `${index}.py`, language: 'python', text }),
  );
  writeFileSync(join(folder, 'train.jsonl'), `${lines.join('\n')}\n`);
  mkdirSync(join(folder, 'heldout', 'python', 'p'), { recursive: true });
  writeFileSync(join(folder, 'heldout', 'python', 'p', 'a.py'), 'kept = 1\r\n');
  return { corpus: folder, tokenizer };
}

/** Documents of a stream, with fill-in-the-middle undone. */
function documentsOf(ids: Uint16Array): string[] {
  const texts: string[] = [];
  let start = 0;
  ids.forEach((id, index) => {
    if (id !== SPECIAL_ID.endOfText) return;
    const own = Array.from(ids.subarray(start, index));
    start = index + 1;
    if (own[0] !== SPECIAL_ID.fimPrefix) {
      texts.push(BYTES.decode(own));
      return;
    }
    const suffix = own.indexOf(SPECIAL_ID.fimSuffix);
    const middle = own.indexOf(SPECIAL_ID.fimMiddle);
    texts.push(BYTES.decode([...own.slice(1, suffix), ...own.slice(middle + 1), ...own.slice(suffix + 1, middle)]));
  });
  return texts;
}

test('The stream holds every document once and fill-in-the-middle loses nothing', () => {
  for (const fimRate of [0, 1]) {
    const { corpus, tokenizer } = makeCorpus();
    const out = join(corpus, 'tokens');
    const parts = [{ name: 'python', file: 'train.jsonl', weight: 1 }];
    const manifest = writeTokenShards({ corpus, tokenizer, out, parts, fimRate });
    const stream = openTokenShards(out);
    const documents = documentsOf(stream.read(0, stream.length));
    stream.close();
    assert.deepEqual([...documents].sort(), [...TEXTS].sort());
    assert.notDeepEqual(documents, TEXTS, 'the order is shuffled');
    assert.equal(manifest.fimDocuments, fimRate * TEXTS.length);
    assert.equal(readFileSync(join(out, 'heldout', 'python', 'p', 'a.py'), 'utf8'), 'kept = 1\r\n');
  }
});

test('The same seed writes the same bytes, another seed other ones', () => {
  const { corpus, tokenizer } = makeCorpus();
  const hash = (seed: number) => {
    const out = join(corpus, `tokens-${seed}`);
    const parts = [{ name: 'python', file: 'train.jsonl', weight: 1.5 }];
    return writeTokenShards({ corpus, tokenizer, out, parts, seed }).shards[0].sha256;
  };
  assert.equal(hash(1), hash(1));
  assert.notEqual(hash(1), hash(2));
});

test('Reading wraps around at the end', () => {
  const { corpus, tokenizer } = makeCorpus();
  const out = join(corpus, 'tokens');
  writeTokenShards({ corpus, tokenizer, out, parts: [{ name: 'python', file: 'train.jsonl', weight: 1 }] });
  const stream = openTokenShards(out);
  const all = stream.read(0, stream.length);
  assert.deepEqual([...stream.read(stream.length - 2, 5)], [...all.subarray(-2), ...all.subarray(0, 3)]);
  stream.close();
});

test('A folder without a manifest is named in the error', () => {
  assert.throws(() => openTokenShards(join(tmpdir(), 'no-such-tokens')), { code: 'FOLDER_NOT_FOUND' });
});

test('The middle part never cuts a character in two', () => {
  const random = createRandom(3);
  const text = '🎉🎊'.repeat(40);
  for (let round = 0; round < 300; round++) {
    const [start, end] = chooseMiddle(text, random);
    assert.ok(start <= end && end <= text.length);
    for (const part of [text.slice(0, start), text.slice(start, end), text.slice(end)])
      assert.doesNotMatch(part, /\p{Surrogate}/u);
  }
});

test('A document ends with end-of-text', () => {
  const { ids, fim } = encodeDocument(TEXTS[0], BYTES, 0, createRandom(1));
  assert.equal(fim, false);
  assert.equal(ids.at(-1), SPECIAL_ID.endOfText);
});

test('Long files are cut between definitions', () => {
  const one = `def f():\n${'    a = 1\n'.repeat(30)}`;
  const parts = splitLongText([one, one, one, one].join('\n\n'), 700);
  assert.ok(parts.every((part) => part.startsWith('def f():') && part.length <= 701));
  assert.equal(parts.length, 2);
});

test('Only top-level functions with a docstring are extracted, as they stand', () => {
  const wanted = 'def f(\n    a,\n):\n    """Adds 1."""\n\n    return a + 1\n';
  const text = `import os\n\n${wanted}\n\ndef g(x):\n    return x\n\n\nclass C:\n    def h(self):\n        """Method."""\n`;
  const long = `def k():\n    """Long."""\n${'    pass\n'.repeat(40)}`;
  assert.deepEqual(documentedFunctions(text + long), [wanted]);
});
