/** @file The tokenizer of a model folder: text goes in byte for byte and comes back, and no text becomes a marker. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { builtInModel } from '../../src/models/builtIn.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { checkTokenizerFits, loadTokenizer } from '../../src/models/huggingFaceTokenizer.ts';
import { goldenFolder } from '../support/golden.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tokenizer-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

interface Files {
  // biome-ignore lint/suspicious/noExplicitAny: the tests edit foreign JSON
  tokenizer: any;
  // biome-ignore lint/suspicious/noExplicitAny: the tests edit foreign JSON
  settings: any;
  // biome-ignore lint/suspicious/noExplicitAny: the tests edit foreign JSON
  specialMap: any;
  config?: object;
}

const readJson = (file: string) => JSON.parse(fs.readFileSync(path.join(goldenFolder('tokenizer'), file), 'utf8'));

/** A copy of the golden tokenizer after `change`. */
function changed(change: (files: Files) => void): string {
  const files: Files = {
    tokenizer: readJson('tokenizer.json'),
    settings: readJson('tokenizer_config.json'),
    specialMap: readJson('special_tokens_map.json'),
  };
  change(files);
  const folder = fs.mkdtempSync(path.join(scratch, 'tokenizer-'));
  const write = (file: string, value: unknown) =>
    value === undefined || fs.writeFileSync(path.join(folder, file), JSON.stringify(value));
  write('tokenizer.json', files.tokenizer);
  write('tokenizer_config.json', files.settings);
  write('special_tokens_map.json', files.specialMap);
  write('config.json', files.config);
  return folder;
}

/** Renames the markers of the golden tokenizer, in the order end, prefix, middle, suffix, pad. */
function renamed(names: readonly string[], special: boolean): string {
  return changed(({ tokenizer, settings, specialMap }) => {
    for (const key of Object.keys(specialMap)) delete specialMap[key];
    const old = tokenizer.added_tokens.map((token: { content: string }) => token.content);
    for (const [index, token] of tokenizer.added_tokens.entries()) {
      delete tokenizer.model.vocab[old[index]];
      token.content = names[index];
      token.special = special;
    }
    delete settings.added_tokens_decoder;
    settings.eos_token = { content: names[0], __type: 'AddedToken' };
    settings.bos_token = null;
    settings.unk_token = null;
  });
}

function assertFails(code: string, message: RegExp, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof FineTuneError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

const golden = loadTokenizer(goldenFolder('tokenizer'));
const FIRST_BYTE = 5; // ids 0 to 4 are markers, then the 256 bytes in the order of their stand-ins

/** Byte-pair encoding of one pre-token by its definition: the pair of lowest rank first, leftmost first. */
function mergeByDefinition(pretoken: string): number[] {
  const { vocab, merges } = readJson('tokenizer.json').model as { vocab: Record<string, number>; merges: string[] };
  const parts = [...pretoken];
  for (;;) {
    const ranks = parts.slice(1).map((part, i) => merges.indexOf(`${parts[i]} ${part}`));
    const known = ranks.filter((rank) => rank >= 0);
    if (known.length === 0) return parts.map((part) => vocab[part]);
    const at = ranks.indexOf(Math.min(...known));
    parts.splice(at, 2, parts[at] + parts[at + 1]);
  }
}

test('text is cut as byte-pair encoding is defined', () => {
  assert.equal(golden.vocabSize, 308);
  const pretokens = ['return', 'Ġfirst', 'Ġ+', 'Ġsecond', 'Ċ', 'function', 'Ġadd', '(', 'index'];
  const text = 'return first + second\nfunction add(index';
  assert.deepEqual(golden.encode(text), pretokens.flatMap(mergeByDefinition));
  assert.ok(golden.encode(text).length < text.length / 2);
  assert.deepEqual(golden.encode('!"'), [FIRST_BYTE, FIRST_BYTE + 1]);
  assert.deepEqual(golden.encode(''), []);
});

const texts = [
  'def add(first, second):\n    return first + second\n',
  '\t\tif (x) {\r\n\t\t}\r\n\r\n\r\n   ',
  ' leading and trailing ',
  'naïve café e\u0301 Å ﬁ',
  '日本語 العربية 🧑‍💻👍🏽',
  '\u0000\u0001\u007f\u0080\u00a0\u2028\ufeffx\uffff',
  "don't won't I'LL 3.14 0x1F __init__",
  '<|endoftext|>',
  'a<|endoftext|>b <fim_prefix>c<fim_suffix><fim_middle>',
  '<fim_prefix',
  'Ġ Ċ ĉ', // the stand-ins themselves
  '\ufffd',
];

for (const text of texts) {
  test(`decode(encode(text)) is the text: ${JSON.stringify(text)}`, () => {
    const ids = golden.encode(text);
    assert.equal(golden.decode(ids), text);
    assert.ok(ids.every((id) => Number.isSafeInteger(id) && id < golden.vocabSize));
    assert.deepEqual(
      ids.filter((id) => golden.special.all.includes(id)),
      [],
    );
  });
}

test('every byte of UTF-8 up to U+2FFF survives the round trip', () => {
  let text = '';
  for (let code = 0; code < 0x3000; code++) text += String.fromCodePoint(code);
  assert.equal(golden.decode(golden.encode(text)), text);
});

test('a lone surrogate becomes U+FFFD, as in every UTF-8 file', () => {
  assert.equal(golden.decode(golden.encode('a\ud800b')), 'a\ufffdb');
});

test('special tokens are left out of decoded text, cut UTF-8 ends in U+FFFD, unknown ids are no text', () => {
  const ids = golden.encode('añ');
  assert.equal(golden.decode([golden.special.eos!, ...ids, golden.special.fim!.middle]), 'añ');
  assert.equal(golden.decode(Int32Array.from(ids.slice(0, -1))), 'a\ufffd');
  assert.equal(golden.decode([...ids, 5000]), 'añ');
  assert.equal(golden.decode([]), '');
  assert.equal(golden.decode([golden.special.eos!]), '');
});

test('the markers of a StarCoder-like tokenizer are found', () => {
  const fim = { prefix: 1, middle: 2, suffix: 3 };
  assert.deepEqual(golden.special, { bos: 0, eos: 0, fim, ends: [4], all: [0, 1, 2, 3, 4] });
  assert.equal(golden.addsBos, false);
});

const spellings: readonly (readonly [string, readonly string[], boolean])[] = [
  ['Qwen', ['<|endoftext|>', '<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<tool_call>'], false],
  ['SantaCoder', ['<|endoftext|>', '<fim-prefix>', '<fim-middle>', '<fim-suffix>', '<fim-pad>'], true],
  ['DeepSeek', ['<｜end▁of▁sentence｜>', '<｜fim▁begin｜>', '<｜fim▁end｜>', '<｜fim▁hole｜>', '<|EOT|>'], false],
];

for (const [family, names, special] of spellings) {
  test(`${family}: the fill-in-the-middle markers are found, and their text is not taken for them`, () => {
    const tokenizer = loadTokenizer(renamed(names, special));
    assert.deepEqual(tokenizer.special.fim, { prefix: 1, middle: 2, suffix: 3 });
    assert.deepEqual(tokenizer.special.all, [0, 1, 2, 3, 4]);
    assert.deepEqual(tokenizer.special.ends, names[4] === '<tool_call>' ? undefined : [4]);
    assert.equal(tokenizer.special.eos, 0);
    assert.equal(tokenizer.special.bos, undefined);
    const text = `x = "${names.join('')}"`;
    const ids = tokenizer.encode(text);
    assert.ok(ids.every((id) => id > 4));
    assert.equal(tokenizer.decode(ids), text);
  });
}

test('CodeLlama fills no gaps, but its markers are no text, and one ends a text', () => {
  for (const names of [
    ['</s>', '▁<PRE>', '▁<MID>', '▁<SUF>', '▁<EOT>'],
    ['</s>', '<PRE>', '<MID>', '<SUF>', '<EOT>'],
  ]) {
    const { special } = loadTokenizer(renamed(names, true));
    assert.deepEqual(special, { eos: 0, ends: [4], all: [0, 1, 2, 3, 4] });
  }
});

test('markers of files, repositories and messages end a text; those inside an answer, and ordinary tokens, do not', () => {
  const endsOf = (names: readonly string[]) => loadTokenizer(renamed(names, false)).special.ends;
  assert.deepEqual(endsOf(['<|endoftext|>', '<file_sep>', '<repo_name>', '<jupyter_code>', '<issue_start>']), [1, 2]);
  assert.deepEqual(
    endsOf(['<|endoftext|>', '<|file_sep|>', '<|repo_name|>', '<|fim_pad|>', '<|im_end|>']),
    [1, 2, 3, 4],
  );
  assert.equal(endsOf(['<|endoftext|>', '<think>', '</think>', '<tool_call>', '<|im_start|>']), undefined);
  const inVocabulary = changed(({ tokenizer }) => (tokenizer.model.vocab['<EOT>'] = 308));
  assert.deepEqual(loadTokenizer(inVocabulary).special.ends, [4]);
  assert.equal(loadTokenizer(builtInModel()).special.ends, undefined, 'the embedded model writes as it always did');
});

test('two of the three markers are no fill-in-the-middle', () => {
  const tokenizer = loadTokenizer(renamed(['<e>', '<fim_prefix>', '<fim_suffix>', '<x>', '<y>'], true));
  assert.equal(tokenizer.special.fim, undefined);
});

test('a marker that merges could build is still not built from text', () => {
  const folder = changed(({ tokenizer }) => {
    const { vocab, merges } = tokenizer.model;
    vocab['<s'] = 308;
    vocab['<s>'] = 309;
    merges.push('< s', '<s >');
    tokenizer.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
    tokenizer.added_tokens.push({ id: 309, content: '<s>', special: true, normalized: false });
  });
  const tokenizer = loadTokenizer(folder);
  assert.deepEqual(tokenizer.encode('<s>'), [308, FIRST_BYTE + '>'.charCodeAt(0) - 33]);
  assert.ok(tokenizer.special.all.includes(309));
});

test('merges may be given as pairs', () => {
  const pairs = changed(({ tokenizer }) => {
    tokenizer.model.merges = tokenizer.model.merges.map((merge: string) => merge.split(' '));
  });
  const text = texts[0];
  assert.deepEqual(loadTokenizer(pairs).encode(text), golden.encode(text));
});

test('added tokens that are ordinary text are used', () => {
  const folder = changed(({ tokenizer, settings }) => {
    tokenizer.added_tokens.push({ id: 308, content: '        ', special: false, normalized: true });
    settings.added_tokens_decoder['309'] = { content: '<|unused|>', special: true };
  });
  const tokenizer = loadTokenizer(folder);
  const ids = tokenizer.encode('\n        x');
  assert.ok(ids.includes(308));
  assert.equal(tokenizer.decode(ids), '\n        x');
  assert.equal(tokenizer.vocabSize, 310);
  assert.ok(!tokenizer.special.all.includes(308) && tokenizer.special.all.includes(309));
});

test('a normaliser is applied, as the model was trained with it', () => {
  const tokenizer = loadTokenizer(changed(({ tokenizer }) => (tokenizer.normalizer = { type: 'NFC' })));
  assert.equal(tokenizer.decode(tokenizer.encode('e\u0301')), '\u00e9');
});

const template = (first: string) => ({
  type: 'Sequence',
  processors: [
    { type: 'ByteLevel' },
    {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: first, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: {},
    },
  ],
});

test('addsBos follows add_bos_token, else the template; encode adds nothing either way', () => {
  const load = (change: (files: Files) => void) => loadTokenizer(changed(change));
  const withTemplate = load(({ tokenizer }) => (tokenizer.post_processor = template('<|endoftext|>')));
  assert.equal(withTemplate.addsBos, true);
  assert.deepEqual(withTemplate.encode('x'), golden.encode('x'));
  const denied = load(({ tokenizer, settings }) => {
    tokenizer.post_processor = template('<|endoftext|>');
    settings.add_bos_token = false;
  });
  assert.equal(denied.addsBos, false);
  assert.equal(load(({ settings }) => (settings.add_bos_token = true)).addsBos, true);
  assert.equal(load(({ tokenizer }) => (tokenizer.post_processor = template('<fim_pad>'))).addsBos, false);
  const withoutBos = load(({ settings, specialMap }) => {
    settings.add_bos_token = true;
    settings.bos_token = null;
    delete specialMap.bos_token;
  });
  assert.equal(withoutBos.addsBos, false);
});

test('end and begin come from tokenizer_config, else special_tokens_map, else config.json', () => {
  const special = (settings: object, specialMap: object, config?: object) =>
    loadTokenizer(changed((files) => Object.assign(files, { settings, specialMap, config }))).special;
  const names = ['<fim_pad>', '<fim_middle>'];
  assert.equal(special({ eos_token: names[0] }, { eos_token: names[1] }, { eos_token_id: 1 }).eos, 4);
  assert.equal(special({}, { eos_token: { content: names[1] } }, { eos_token_id: 1 }).eos, 2);
  assert.equal(special({}, {}, { eos_token_id: [1, 2], bos_token_id: 3 }).eos, 1);
  assert.equal(special({}, {}, { eos_token_id: [1, 2], bos_token_id: 3 }).bos, 3);
  assert.equal(special({}, {}, { eos_token_id: 9999 }).eos, undefined);
  assert.equal(special({ eos_token: 'no such token' }, {}).eos, undefined);
});

test('a folder with tokenizer.json alone is enough', () => {
  const folder = fs.mkdtempSync(path.join(scratch, 'alone-'));
  fs.copyFileSync(path.join(goldenFolder('tokenizer'), 'tokenizer.json'), path.join(folder, 'tokenizer.json'));
  const tokenizer = loadTokenizer(folder);
  assert.equal(tokenizer.special.eos, undefined);
  assert.deepEqual(tokenizer.special.all, [0, 1, 2, 3, 4]);
});

test('a tokenizer with more ids than the embedding has rows is refused, one with fewer is not', () => {
  const config = (name: string) => {
    const checkpoint = openCheckpoint(goldenFolder(name));
    checkpoint.close();
    return checkpoint.config;
  };
  assertFails('TOKENIZER_MISMATCH', /ids up to 307, the model's vocabulary ends at 95/, () =>
    checkTokenizerFits(golden, config('gpt2')),
  );
  checkTokenizerFits(golden, config('llama-float16')); // 320 rows for 308 ids
});

test('a missing tokenizer is named, with what is there instead', () => {
  const folder = fs.mkdtempSync(path.join(scratch, 'missing-'));
  assertFails('TOKENIZER_MISSING', /has no tokenizer; tokenizer\.json is needed/, () => loadTokenizer(folder));
  fs.writeFileSync(path.join(folder, 'tokenizer.model'), '');
  assertFails('TOKENIZER_MISSING', /has only tokenizer\.model/, () => loadTokenizer(folder));
  assertFails('TOKENIZER_MISSING', /no tokenizer/, () => loadTokenizer(path.join(folder, 'nowhere')));
});

const brokenTokenizers: readonly (readonly [claim: string, change: (files: Files) => void, message: RegExp])[] = [
  ['no object', (files) => (files.tokenizer = [1]), /holds no JSON object/],
  ['no model', ({ tokenizer }) => delete tokenizer.model, /has no BPE vocabulary/],
  [
    'another kind of model',
    ({ tokenizer }) => (tokenizer.model = { type: 'Unigram', vocab: [['a', -1]] }),
    /"Unigram".*has no BPE/,
  ],
  ['no merges', ({ tokenizer }) => delete tokenizer.model.merges, /vocabulary and merges/],
  ['a merge without a token', ({ tokenizer }) => tokenizer.model.merges.push('q q'), /merge "q q" makes a token/],
  ['an id that is text', ({ tokenizer }) => (tokenizer.model.vocab.a = '7'), /the id of "a" is "7"/],
  ['an added token without content', ({ tokenizer }) => tokenizer.added_tokens.push({ id: 3000 }), /an added token is/],
  [
    'an unknown pre-tokenizer',
    ({ tokenizer }) => (tokenizer.pre_tokenizer = { type: 'Psychic' }),
    /cannot be used \(.*Psychic/,
  ],
];

for (const [claim, change, message] of brokenTokenizers) {
  test(`refused: a tokenizer.json with ${claim}`, () =>
    assertFails('TOKENIZER_INVALID', message, () => loadTokenizer(changed(change))));
}

test('refused: a tokenizer.json or a tokenizer_config.json that is cut', () => {
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    const folder = changed(() => {});
    fs.truncateSync(path.join(folder, file), 50);
    assertFails('TOKENIZER_INVALID', /is no JSON/, () => loadTokenizer(folder));
  }
});
