/** @file Opening and saving model folders: every golden model round trips, and every kind of broken folder is named. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { type Checkpoint, openCheckpoint, saveCheckpoint } from '../../src/models/checkpoint.ts';
import { weightShapes } from '../../src/models/config.ts';
import { openSafetensorsFolder, type TensorToWrite, writeSafetensors } from '../../src/models/safetensors.ts';
import { goldenFolder, goldenModels, readAllWeights, readTensor } from '../support/golden.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'checkpoint-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

let folderCount = 0;
const freshFolder = () => path.join(scratch, `model-${folderCount++}`);

function copyOf(name: string): string {
  const folder = freshFolder();
  fs.cpSync(goldenFolder(name), folder, { recursive: true });
  return folder;
}

function changeConfig(folder: string, change: Record<string, unknown>): string {
  const file = path.join(folder, 'config.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), ...change }));
  return folder;
}

/** Rewrites the weights of a copy: `change` gets each tensor and returns it, another one, or undefined to leave it out. */
function changeTensors(
  folder: string,
  change: (tensor: TensorToWrite) => TensorToWrite | undefined,
  more: readonly TensorToWrite[] = [],
): string {
  const reader = openSafetensorsFolder(folder);
  const tensors = [...reader.tensors.values()].map(({ name, shape, dtype }): TensorToWrite => {
    const data = readTensor(reader, name).data as Float32Array;
    return { name, shape, dtype: dtype as TensorToWrite['dtype'], data: () => data };
  });
  reader.close();
  const changed = tensors.map(change).filter((tensor) => tensor !== undefined);
  writeSafetensors(path.join(folder, 'model.safetensors'), [...changed, ...more]);
  return folder;
}

function weightsOf(folder: string): Map<string, Float32Array> {
  const checkpoint = openCheckpoint(folder);
  const weights = readAllWeights(checkpoint);
  checkpoint.close();
  return weights;
}

function save(from: string, to: string, options: Parameters<typeof saveCheckpoint>[3]): void {
  const checkpoint = openCheckpoint(from);
  saveCheckpoint(to, checkpoint, readerOf(checkpoint), options);
  checkpoint.close();
}

function readerOf(checkpoint: Checkpoint): (name: string) => Float32Array {
  const shapes = weightShapes(checkpoint.config);
  return (name) => {
    const values = new Float32Array(shapes.get(name)!.reduce((product, size) => product * size, 1));
    checkpoint.read(name, values);
    return values;
  };
}

function assertFails(code: string, message: RegExp, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof FineTuneError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

for (const name of goldenModels) {
  test(`${name}: opening and saving gives the same bytes`, () => {
    const target = freshFolder();
    save(goldenFolder(name), target, { dtype: 'F32' });
    const original = fs.readFileSync(path.join(goldenFolder(name), 'model.safetensors'));
    assert.ok(fs.readFileSync(path.join(target, 'model.safetensors')).equals(original));
    const configText = (folder: string) => fs.readFileSync(path.join(folder, 'config.json'), 'utf8');
    assert.deepEqual(JSON.parse(configText(target)), JSON.parse(configText(goldenFolder(name))));
  });
}

test('half-precision checkpoints keep their bytes when saved in their own type', () => {
  for (const [name, dtype] of [
    ['llama-float16', 'F16'],
    ['llama-bfloat16', 'BF16'],
  ] as const) {
    const checkpoint = openCheckpoint(goldenFolder(name));
    assert.equal(checkpoint.dtype, dtype);
    const target = freshFolder();
    saveCheckpoint(target, checkpoint, readerOf(checkpoint), { dtype });
    checkpoint.close();
    const bytes = (folder: string) => fs.readFileSync(path.join(folder, 'model.safetensors'));
    assert.ok(bytes(target).equals(bytes(goldenFolder(name))), name);
  }
});

test('config.json names the type that was written, under the key it already had', () => {
  const configAfter = (name: string, dtype: 'F16' | 'BF16') => {
    const target = freshFolder();
    save(goldenFolder(name), target, { dtype });
    return JSON.parse(fs.readFileSync(path.join(target, 'config.json'), 'utf8'));
  };
  const older = configAfter('llama-gqa-untied', 'BF16');
  assert.equal(older.torch_dtype, 'bfloat16');
  assert.equal('dtype' in older, false);
  const newer = configAfter('llama-rope-llama3', 'F16');
  assert.equal(newer.dtype, 'float16');
  assert.equal('torch_dtype' in newer, false);
});

test('dtype and totalBytes are those of the stored weights', () => {
  const checkpoint = openCheckpoint(goldenFolder('gpt2'));
  const elements = [...weightShapes(checkpoint.config).values()]
    .map((shape) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, size) => sum + size, 0);
  assert.equal(checkpoint.dtype, 'F32');
  assert.equal(checkpoint.totalBytes, 4 * elements);
  checkpoint.close();
});

test('shards are cut at the limit, listed in an index, and read back as the same weights', () => {
  const target = freshFolder();
  save(goldenFolder('gpt-neox'), target, { dtype: 'F32', maxShardBytes: 20_000 });
  const files = fs.readdirSync(target).sort();
  const shards = files.filter((file) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(file));
  assert.ok(shards.length >= 3, String(files));
  assert.ok(files.includes('model.safetensors.index.json') && !files.includes('model.safetensors'));
  assert.ok(shards.every((shard) => shard.endsWith(`-of-0000${shards.length}.safetensors`)));
  for (const shard of shards) assert.ok(fs.statSync(path.join(target, shard)).size < 20_000 + 4_000);
  const index = JSON.parse(fs.readFileSync(path.join(target, 'model.safetensors.index.json'), 'utf8'));
  const checkpoint = openCheckpoint(target);
  assert.equal(index.metadata.total_size, checkpoint.totalBytes);
  checkpoint.close();
  assert.deepEqual(weightsOf(target), weightsOf(goldenFolder('gpt-neox')));
});

test('a sharded checkpoint opens, and saves as one file with the same weights', () => {
  const target = freshFolder();
  save(goldenFolder('llama-sharded'), target, { dtype: 'F32' });
  assert.ok(fs.existsSync(path.join(target, 'model.safetensors')));
  assert.deepEqual(weightsOf(target), weightsOf(goldenFolder('llama-sharded')));
});

test('names without the usual prefix read as the same weights and are saved with it', () => {
  for (const [name, prefix] of [
    ['gpt2', 'transformer.'],
    ['llama-gqa-untied', 'model.'],
    ['gpt-neox', 'gpt_neox.'],
  ] as const) {
    const bare = changeTensors(copyOf(name), (tensor) => ({ ...tensor, name: tensor.name.replace(prefix, '') }));
    assert.deepEqual(weightsOf(bare), weightsOf(goldenFolder(name)), name);
    const target = freshFolder();
    save(bare, target, { dtype: 'F32' });
    const bytes = (folder: string) => fs.readFileSync(path.join(folder, 'model.safetensors'));
    assert.ok(bytes(target).equals(bytes(goldenFolder(name))), name);
  }
});

test('a tied model that is stored under its head alone reads as the same weights and is saved under the usual name', () => {
  for (const [name, embedding] of [
    ['gpt2', 'transformer.wte.weight'],
    ['llama-biases-tied', 'model.embed_tokens.weight'],
  ] as const) {
    const rename = (tensor: TensorToWrite) =>
      tensor.name === embedding ? { ...tensor, name: 'lm_head.weight' } : tensor;
    const headOnly = changeTensors(copyOf(name), rename);
    assert.deepEqual(weightsOf(headOnly), weightsOf(goldenFolder(name)), name);
    const target = freshFolder();
    save(headOnly, target, { dtype: 'F32' });
    const bytes = (folder: string) => fs.readFileSync(path.join(folder, 'model.safetensors'));
    assert.ok(bytes(target).equals(bytes(goldenFolder(name))), name);
  }
});

test('a stored head of a tied model, causal masks and rotary tables are passed over', () => {
  const extra = (name: string, shape: readonly number[]): TensorToWrite => ({
    name,
    shape,
    dtype: 'F32',
    data: () => new Float32Array(shape.reduce((product, size) => product * size, 1)),
  });
  const same = (tensor: TensorToWrite) => tensor;
  const gpt2 = changeTensors(copyOf('gpt2'), same, [
    extra('lm_head.weight', [96, 32]),
    extra('transformer.h.0.attn.bias', [1, 1, 24, 24]),
    extra('transformer.h.0.attn.masked_bias', []),
  ]);
  assert.deepEqual(weightsOf(gpt2), weightsOf(goldenFolder('gpt2')));
  const neox = changeTensors(copyOf('gpt-neox'), same, [
    extra('gpt_neox.layers.1.attention.bias', [1, 1, 64, 64]),
    extra('gpt_neox.layers.1.attention.masked_bias', []),
    extra('gpt_neox.layers.1.attention.rotary_emb.inv_freq', [2]),
  ]);
  assert.deepEqual(weightsOf(neox), weightsOf(goldenFolder('gpt-neox')));
  const llama = changeTensors(copyOf('llama-biases-tied'), same, [
    extra('lm_head.weight', [96, 32]),
    extra('model.layers.0.self_attn.rotary_emb.inv_freq', [4]),
  ]);
  assert.deepEqual(weightsOf(llama), weightsOf(goldenFolder('llama-biases-tied')));
});

test('end tokens of generation_config.json are added', () => {
  const folder = copyOf('llama-gqa-untied');
  fs.writeFileSync(path.join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [2, 7] }));
  const checkpoint = openCheckpoint(folder);
  checkpoint.close();
  assert.deepEqual(checkpoint.config.eosTokenIds, [2, 7]);
});

test('the tokenizer and its companions are copied byte for byte; nothing else is', () => {
  const folder = copyOf('llama-gqa-untied');
  const copied = [
    'tokenizer.json',
    'tokenizer_config.json',
    'special_tokens_map.json',
    'added_tokens.json',
    'vocab.json',
    'merges.txt',
    'generation_config.json',
    'chat_template.jinja',
  ];
  for (const file of copied) fs.writeFileSync(path.join(folder, file), `{"file":"${file}"}`);
  fs.chmodSync(path.join(folder, 'tokenizer.json'), 0o444);
  fs.writeFileSync(path.join(folder, 'README.md'), 'x');
  const target = freshFolder();
  save(folder, target, { dtype: 'F32' });
  assert.deepEqual(fs.readdirSync(target).sort(), [...copied, 'config.json', 'model.safetensors'].sort());
  for (const file of copied) {
    assert.ok(fs.readFileSync(path.join(target, file)).equals(fs.readFileSync(path.join(folder, file))), file);
  }
});

test('an existing folder is kept unless it is a checkpoint that is to be replaced', () => {
  const foreign = freshFolder();
  fs.mkdirSync(foreign);
  fs.writeFileSync(path.join(foreign, 'thesis.txt'), 'x');
  const source = goldenFolder('gpt2');
  assertFails('OUTPUT_EXISTS', /not empty; a new folder is needed/, () => save(source, foreign, { dtype: 'F32' }));
  const replaceForeign = () => save(source, foreign, { dtype: 'F32', replace: true });
  assertFails('OUTPUT_EXISTS', /not empty/, replaceForeign);
  assert.deepEqual(fs.readdirSync(foreign), ['thesis.txt']);

  const old = copyOf('llama-gqa-untied');
  assertFails('OUTPUT_EXISTS', /not empty/, () => save(source, old, { dtype: 'F32' }));
  save(source, old, { dtype: 'F32', replace: true });
  assert.deepEqual(weightsOf(old), weightsOf(source));
  assert.deepEqual(
    fs.readdirSync(scratch).filter((name) => name.startsWith('.')),
    [],
  );
});

test('a save that fails half-way leaves no folder, and the one it was to replace untouched', () => {
  const checkpoint = openCheckpoint(goldenFolder('llama-gqa-untied'));
  const failing = (name: string) => {
    if (name === 'norm.weight') throw new Error('the disk went away');
    return readerOf(checkpoint)(name);
  };
  const target = freshFolder();
  assert.throws(() => saveCheckpoint(target, checkpoint, failing, { dtype: 'F32' }), /the disk went away/);
  assert.equal(fs.existsSync(target), false);
  const old = copyOf('gpt2');
  const replacing = () => saveCheckpoint(old, checkpoint, failing, { dtype: 'F32', replace: true });
  assert.throws(replacing, /the disk went away/);
  assert.deepEqual(weightsOf(old), weightsOf(goldenFolder('gpt2')));
  assert.deepEqual(
    fs.readdirSync(scratch).filter((name) => name.startsWith('.')),
    [],
  );
  checkpoint.close();
});

test('saving a weight of the wrong length is refused', () => {
  const checkpoint = openCheckpoint(goldenFolder('gpt2'));
  const short = (name: string) => readerOf(checkpoint)(name).subarray(1);
  const action = () => saveCheckpoint(freshFolder(), checkpoint, short, { dtype: 'F32' });
  assertFails('TENSOR_SHAPE', /values, its shape/, action);
  checkpoint.close();
});

test('a transposed matrix larger than one strip reads as PyTorch transposes it', () => {
  const folder = freshFolder();
  fs.mkdirSync(folder);
  const [C, F] = [300, 1000]; // (C, F) has more elements than a strip of 2^18
  const json = { model_type: 'gpt2', n_embd: C, n_head: 2, n_layer: 1, n_inner: F, n_positions: 4, vocab_size: 3 };
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(json));
  const names: Record<string, number[]> = {
    ...{ 'wte.weight': [3, C], 'wpe.weight': [4, C], 'ln_f.weight': [C], 'ln_f.bias': [C] },
    ...{ 'h.0.ln_1.weight': [C], 'h.0.ln_1.bias': [C], 'h.0.ln_2.weight': [C], 'h.0.ln_2.bias': [C] },
    ...{ 'h.0.attn.c_attn.weight': [C, 3 * C], 'h.0.attn.c_attn.bias': [3 * C] },
    ...{ 'h.0.attn.c_proj.weight': [C, C], 'h.0.attn.c_proj.bias': [C] },
    ...{ 'h.0.mlp.c_fc.weight': [C, F], 'h.0.mlp.c_fc.bias': [F] },
    ...{ 'h.0.mlp.c_proj.weight': [F, C], 'h.0.mlp.c_proj.bias': [C] },
  };
  const numbered = (shape: number[]) =>
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i);
  writeSafetensors(
    path.join(folder, 'model.safetensors'),
    Object.entries(names).map(([name, shape]) => ({ name, shape, dtype: 'F32', data: () => numbered(shape) })),
  );
  const weights = weightsOf(folder);
  const up = weights.get('layers.0.mlp.up_proj.weight')!; // (F, C): element (f, c) is source element (c, f)
  for (const [f, c] of [
    [0, 1],
    [999, 299],
    [123, 262],
    [7, 263],
  ]) {
    assert.equal(up[f * C + c], c * F + f);
  }
  const value = weights.get('layers.0.self_attn.v_proj.weight')!;
  assert.equal(value[5 * C + 299], 299 * 3 * C + 2 * C + 5);
});

test('read refuses unknown names and buffers of another length', () => {
  const checkpoint = openCheckpoint(goldenFolder('gpt2'));
  const read = (name: string, length: number) => () => checkpoint.read(name, new Float32Array(length));
  assertFails('TENSOR_MISSING', /no weight h\.0\.ln_1/, read('h.0.ln_1', 1));
  assertFails('TENSOR_SHAPE', /norm\.weight is \(32\), 32 elements; the buffer has 31/, read('norm.weight', 31));
  checkpoint.close();
});

const broken: readonly (readonly [claim: string, code: string, folder: () => string, message: RegExp])[] = [
  ['a folder that does not exist', 'MODEL_NOT_FOUND', () => path.join(scratch, 'nowhere'), /does not exist; a folder/],
  [
    'a file instead of a folder',
    'MODEL_NOT_FOUND',
    () => path.join(goldenFolder('gpt2'), 'config.json'),
    /is a file; a folder/,
  ],
  ['a folder without config.json', 'MODEL_NOT_FOUND', () => without('config.json'), /has no config\.json/],
  [
    'a folder without weights',
    'MODEL_NOT_FOUND',
    () => without('model.safetensors', 'golden.safetensors'),
    /has no weights at all/,
  ],
  [
    'a config.json that is cut',
    'CONFIG_INVALID',
    () => written('config.json', '{"model_type": "gpt2"'),
    /config\.json is no JSON/,
  ],
  ['a config.json that is a list', 'CONFIG_INVALID', () => written('config.json', '[]'), /holds no JSON object/],
  [
    'an unknown model',
    'UNSUPPORTED_MODEL',
    () => changeConfig(copyOf('gpt2'), { model_type: 'rwkv' }),
    /"rwkv" is not supported/,
  ],
  ['weights that are cut', 'CHECKPOINT_TRUNCATED', () => cut('model.safetensors', 100), /asks for at least/],
  [
    'a missing tensor',
    'TENSOR_MISSING',
    () => changeTensors(copyOf('gpt2'), (t) => (t.name.endsWith('h.1.ln_2.bias') ? undefined : t)),
    /has no transformer\.h\.1\.ln_2\.bias, which config\.json implies/,
  ],
  [
    'a layer too few in the weights',
    'TENSOR_MISSING',
    () => changeConfig(copyOf('gpt2'), { n_layer: 3 }),
    /has no transformer\.h\.2\.ln_1\.weight/,
  ],
  [
    'an untied model without a head',
    'TENSOR_MISSING',
    () => changeConfig(copyOf('llama-biases-tied'), { tie_word_embeddings: false }),
    /lm_head\.weight.*tie_word_embeddings/,
  ],
  [
    'a layer too many in the weights',
    'CHECKPOINT_INVALID',
    () => changeConfig(copyOf('gpt2'), { n_layer: 1 }),
    /12 tensors that config\.json does not explain/,
  ],
  [
    'biases that the configuration denies',
    'CHECKPOINT_INVALID',
    () => changeConfig(copyOf('llama-biases-tied'), { mlp_bias: false }),
    /6 tensors that config\.json does not explain/,
  ],
  [
    'another hidden size',
    'TENSOR_SHAPE',
    () => changeConfig(copyOf('llama-gqa-untied'), { hidden_size: 36, head_dim: 8 }),
    /model\.embed_tokens\.weight is \(96, 32\) in the checkpoint, config\.json implies \(96, 36\)/,
  ],
  [
    'another number of kv heads',
    'TENSOR_SHAPE',
    () => changeConfig(copyOf('llama-gqa-untied'), { num_key_value_heads: 4 }),
    /k_proj\.weight is \(16, 32\).*implies \(32, 32\)/,
  ],
  [
    'the wrong kind of fused attention',
    'TENSOR_SHAPE',
    () => changeConfig(copyOf('gpt-bigcode-multi-head'), { multi_query: true }),
    /c_attn\.weight is \(96, 32\).*implies \(48, 32\)/,
  ],
  [
    'a matrix that is flat',
    'TENSOR_SHAPE',
    () => changeTensors(copyOf('gpt2'), (t) => (t.name === 'transformer.wpe.weight' ? { ...t, shape: [768] } : t)),
    /wpe\.weight is \(768\).*implies \(24, 32\)/,
  ],
  [
    'a head of another shape in place of the embedding of a tied model',
    'TENSOR_SHAPE',
    () =>
      changeTensors(copyOf('llama-biases-tied'), (t) =>
        t.name === 'model.embed_tokens.weight' ? { ...t, name: 'lm_head.weight', shape: [32, 96] } : t,
      ),
    /lm_head\.weight is \(32, 96\).*implies \(96, 32\)/,
  ],
  [
    'an untied model without an embedding',
    'TENSOR_MISSING',
    () => changeTensors(copyOf('llama-gqa-untied'), (t) => (t.name === 'model.embed_tokens.weight' ? undefined : t)),
    /has no model\.embed_tokens\.weight/,
  ],
  ['a tensor of doubles', 'TENSOR_DTYPE', doubles, /model\.norm\.weight is stored as F64/],
  [
    'a broken generation_config.json',
    'CONFIG_INVALID',
    () => written('generation_config.json', 'x'),
    /generation_config\.json is no JSON/,
  ],
];

for (const [claim, code, folder, message] of broken) {
  test(`refused: ${claim}`, () => assertFails(code, message, () => openCheckpoint(folder())));
}

function without(...files: string[]): string {
  const folder = copyOf('gpt2');
  for (const file of files) fs.rmSync(path.join(folder, file));
  return folder;
}

function written(file: string, text: string): string {
  const folder = copyOf('gpt2');
  fs.writeFileSync(path.join(folder, file), text);
  return folder;
}

function cut(file: string, bytes: number): string {
  const folder = copyOf('gpt2');
  fs.truncateSync(path.join(folder, file), fs.statSync(path.join(folder, file)).size - bytes);
  return folder;
}

/** The last tensor of the file, model.norm.weight, declared as half as many doubles in the same bytes. */
function doubles(): string {
  const folder = changeConfig(copyOf('llama-biases-tied'), {});
  const file = path.join(folder, 'model.safetensors');
  const bytes = fs.readFileSync(file);
  const headerBytes = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString());
  const [begin] = header['model.norm.weight'].data_offsets;
  header['model.norm.weight'] = { dtype: 'F64', shape: [32], data_offsets: [begin, begin + 256] };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  fs.writeFileSync(file, Buffer.concat([length, text, bytes.subarray(8 + headerBytes), Buffer.alloc(128)]));
  return folder;
}

test('a failed opening keeps no file open', { skip: process.platform === 'linux' ? false : 'needs /proc' }, () => {
  const openFiles = () => fs.readdirSync('/proc/self/fd').length;
  const folder = changeConfig(copyOf('gpt2'), { n_layer: 3 });
  const before = openFiles();
  for (let i = 0; i < 5; i++) assert.throws(() => openCheckpoint(folder));
  assert.equal(openFiles(), before);
});
