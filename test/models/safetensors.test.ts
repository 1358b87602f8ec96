/** @file The safetensors reader and writer: exact numbers, lazy reads, atomic writes, and every kind of broken file. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import {
  openSafetensors,
  openSafetensorsFolder,
  singleToBfloatBits,
  singleToHalfBits,
  type TensorToWrite,
  writeSafetensors,
} from '../../src/models/safetensors.ts';
import { goldenFolder, readTensor } from '../support/golden.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'safetensors-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

let fileCount = 0;
const freshFile = () => path.join(scratch, `${fileCount++}.safetensors`);

/** A file with this header text (or object) and these data bytes. */
function fileWith(header: string | object, data: Uint8Array = new Uint8Array(), announced?: bigint): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(announced ?? BigInt(text.length));
  const file = freshFile();
  fs.writeFileSync(file, Buffer.concat([length, text, data]));
  return file;
}

function assertFails(code: string, message: RegExp, action: () => unknown): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof FineTuneError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

/** The value of a half by the definition in IEEE 754, without a bit trick. */
function halfByDefinition(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);
function bitsOf(value: number): number {
  f32[0] = value;
  return f32Bits[0];
}

test('all 65,536 halves read as exactly the value that IEEE 754 gives them', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const file = fileWith(
    { a: { dtype: 'F16', shape: [65536], data_offsets: [0, 131072] } },
    new Uint8Array(halves.buffer),
  );
  const reader = openSafetensors([file]);
  const values = new Float32Array(65536);
  reader.read('a', 0, values);
  reader.close();
  for (let bits = 0; bits < 65536; bits++) {
    const expected = halfByDefinition(bits);
    assert.ok(Object.is(values[bits], expected), `half ${bits.toString(16)}: ${values[bits]}, expected ${expected}`);
  }
});

test('all 65,536 bfloat16 patterns are the upper half of their f32', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const file = fileWith(
    { a: { dtype: 'BF16', shape: [65536], data_offsets: [0, 131072] } },
    new Uint8Array(halves.buffer),
  );
  const reader = openSafetensors([file]);
  const values = new Float32Array(65536);
  reader.read('a', 0, values);
  reader.close();
  assert.deepEqual(
    new Uint32Array(values.buffer),
    Uint32Array.from(halves, (bits) => bits << 16),
  );
});

test('widening a half and narrowing it again gives back the same bits', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const isNotANumber = (bits & 0x7fff) > 0x7c00;
    assert.equal(singleToHalfBits(bitsOf(halfByDefinition(bits))), isNotANumber ? 0x7e00 : bits);
  }
});

test('narrowing to half rounds to nearest, ties to even, at every boundary', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const low = halfByDefinition(bits);
    const high = halfByDefinition(bits + 1);
    const middle = (low + high) / 2; // exact in f32: one more bit than a half has
    assert.equal(singleToHalfBits(bitsOf(middle)), bits % 2 === 0 ? bits : bits + 1, `tie after ${low}`);
    assert.equal(singleToHalfBits(bitsOf(middle) - 1), bits, `just below the tie after ${low}`);
    assert.equal(singleToHalfBits(bitsOf(middle) + 1), bits + 1, `just above the tie after ${low}`);
  }
  assert.equal(singleToHalfBits(bitsOf(65519.996)), 0x7bff);
  assert.equal(singleToHalfBits(bitsOf(65520)), 0x7c00);
  assert.equal(singleToHalfBits(bitsOf(-1e38)), 0xfc00);
});

test('narrowing to bfloat16 rounds to nearest, ties to even, and keeps NaN a NaN', () => {
  assert.equal(singleToBfloatBits(0x3f808000), 0x3f80); // tie, even below
  assert.equal(singleToBfloatBits(0x3f818000), 0x3f82); // tie, even above
  assert.equal(singleToBfloatBits(0x3f808001), 0x3f81);
  assert.equal(singleToBfloatBits(0x3f807fff), 0x3f80);
  assert.equal(singleToBfloatBits(0x7f7fffff), 0x7f80); // the largest f32 rounds to infinity
  assert.equal(singleToBfloatBits(0xff800000), 0xff80);
  assert.equal(singleToBfloatBits(0x7f800001) & 0x7fff, 0x7fc0); // must not round to infinity
  assert.equal(singleToBfloatBits(0xffffffff), 0xffff);
});

test('checkpoints that PyTorch stored in F16 and BF16 read as exactly the values PyTorch has', () => {
  for (const name of ['llama-float16', 'llama-bfloat16']) {
    const stored = openSafetensorsFolder(goldenFolder(name));
    const exact = openSafetensors([path.join(goldenFolder(name), 'golden.safetensors')]);
    assert.deepEqual([...stored.tensors.keys()].sort(), [...exact.tensors.keys()].sort());
    for (const tensor of stored.tensors.keys()) {
      const found = readTensor(stored, tensor).data as Float32Array;
      const expected = readTensor(exact, tensor).data as Float32Array;
      assert.deepEqual(new Uint32Array(found.buffer), new Uint32Array(expected.buffer), `${name} ${tensor}`);
    }
    stored.close();
    exact.close();
  }
});

test('a range in the middle of a tensor reads what a whole read has there, also across the chunk border', () => {
  const elements = (1 << 19) + 1000;
  const values = Float32Array.from({ length: elements }, (_, i) => (i % 2047) - 1000);
  for (const dtype of ['F32', 'F16', 'BF16'] as const) {
    const file = freshFile();
    const rounded = dtype === 'BF16' ? values.map((value) => Math.sign(value) * 2 ** (Math.abs(value) % 8)) : values;
    writeSafetensors(file, [{ name: 'a', shape: [elements], dtype, data: () => rounded }]);
    const reader = openSafetensors([file]);
    const whole = new Float32Array(elements);
    reader.read('a', 0, whole);
    assert.deepEqual(whole, rounded);
    const part = new Float32Array((1 << 19) + 10);
    reader.read('a', 333, part);
    assert.deepEqual(part, rounded.subarray(333, 333 + part.length));
    reader.close();
  }
});

test('opening a 3 GB checkpoint reads its header only, and reading one row of it needs only that row', () => {
  const gigabytes = 3 * 2 ** 30;
  const rows = gigabytes / 4096;
  const file = fileWith({ big: { dtype: 'F32', shape: [rows, 1024], data_offsets: [0, gigabytes] } });
  const dataStart = fs.statSync(file).size;
  fs.truncateSync(file, dataStart + gigabytes); // sparse: takes no room on disk
  const last = new Float32Array([1, 2, 3, 4]);
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, new Uint8Array(last.buffer), 0, 16, dataStart + gigabytes - 16);
  fs.closeSync(descriptor);

  const before = process.memoryUsage().arrayBuffers;
  const reader = openSafetensors([file]);
  const row = new Float32Array(1024);
  reader.read('big', (rows - 1) * 1024, row);
  reader.close();
  assert.deepEqual(row.subarray(1020), last);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
  fs.rmSync(file);
});

test('what the writer wrote is byte for byte what the generator of the golden files wrote', () => {
  for (const name of ['llama-gqa-untied', 'llama-float16', 'llama-bfloat16']) {
    const original = path.join(goldenFolder(name), 'model.safetensors');
    const reader = openSafetensors([original]);
    const tensors = [...reader.tensors.values()].map(
      (info): TensorToWrite => ({
        name: info.name,
        shape: info.shape,
        dtype: info.dtype as TensorToWrite['dtype'],
        data: () => readTensor(reader, info.name).data as Float32Array,
      }),
    );
    const file = freshFile();
    writeSafetensors(file, tensors.reverse());
    reader.close();
    assert.ok(fs.readFileSync(file).equals(fs.readFileSync(original)), name);
  }
});

test('mixed types and odd lengths survive writing and reading; empty tensors too', () => {
  const file = freshFile();
  writeSafetensors(
    file,
    [
      { name: 'half', shape: [3], dtype: 'F16', data: () => Float32Array.of(1, -0.5, 65504) },
      { name: 'brain', shape: [1, 1], dtype: 'BF16', data: () => Float32Array.of(3) },
      { name: 'single "quoted" ü', shape: [], dtype: 'F32', data: () => Float32Array.of(Math.PI) },
      { name: 'empty', shape: [0, 7], dtype: 'F32', data: () => new Float32Array() },
    ],
    { format: 'pt', note: 'x' },
  );
  const reader = openSafetensors([file]);
  assert.deepEqual(reader.metadata, { format: 'pt', note: 'x' });
  assert.deepEqual([...(readTensor(reader, 'half').data as Float32Array)], [1, -0.5, 65504]);
  assert.deepEqual([...(readTensor(reader, 'brain').data as Float32Array)], [3]);
  assert.deepEqual([...(readTensor(reader, 'single "quoted" ü').data as Float32Array)], [Math.fround(Math.PI)]);
  assert.equal(readTensor(reader, 'empty').data.length, 0);
  reader.close();
});

test('a write that fails leaves neither the file nor its partial version', () => {
  const file = freshFile();
  const bad: TensorToWrite = { name: 'a', shape: [2], dtype: 'F32', data: () => Float32Array.of(1) };
  assertFails('TENSOR_SHAPE', /a has 1 values, its shape \(2\) 2/, () => writeSafetensors(file, [bad]));
  const large: TensorToWrite = { name: 'a', shape: [1], dtype: 'F16', data: () => Float32Array.of(7e4) };
  assertFails('TENSOR_DTYPE', /a holds 70000, F16 ends at 65504/, () => writeSafetensors(file, [large]));
  assert.deepEqual(
    fs.readdirSync(scratch).filter((name) => name.startsWith(path.basename(file))),
    [],
  );
});

test('infinity and NaN may be written as F16: they were there before', () => {
  const file = freshFile();
  const data = () => Float32Array.of(Infinity, -Infinity, NaN);
  writeSafetensors(file, [{ name: 'a', shape: [3], dtype: 'F16', data }]);
  const reader = openSafetensors([file]);
  assert.deepEqual([...readTensor(reader, 'a').data], [Infinity, -Infinity, NaN]);
  reader.close();
});

const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
const fourBytes = new Uint8Array(4);

test('a file cut anywhere is reported as truncated, with both sizes', () => {
  const whole = fs.readFileSync(path.join(goldenFolder('llama-float16'), 'model.safetensors'));
  for (const length of [0, 7, 8, 100, whole.length - 1]) {
    const file = freshFile();
    fs.writeFileSync(file, whole.subarray(0, length));
    assertFails('CHECKPOINT_TRUNCATED', new RegExp(`has ${length} bytes, its header asks for at least \\d+`), () =>
      openSafetensors([file]),
    );
  }
});

const invalidFiles: readonly (readonly [claim: string, file: () => string, message: RegExp])[] = [
  [
    'a header longer than the format allows',
    () => fileWith('{}', fourBytes, 200_000_000n),
    /header of 200000000 bytes/,
  ],
  ['a header length beyond 2^53', () => fileWith('{}', fourBytes, 2n ** 63n), /header of 922337203685477\d+ bytes/],
  ['a header that is no JSON', () => fileWith('{"a": '), /no JSON/],
  ['a header that is a list', () => fileWith('[1]'), /no JSON object/],
  [
    'a name twice',
    () => fileWith(`{"a":${JSON.stringify(one)},"a":${JSON.stringify(one)}}`, fourBytes),
    /a is listed twice/,
  ],
  ['an entry without offsets', () => fileWith({ a: { dtype: 'F32', shape: [1] } }, fourBytes), /entry of a is/],
  ['a negative size', () => fileWith({ a: { ...one, shape: [-1] } }, fourBytes), /entry of a is/],
  ['offsets the wrong way round', () => fileWith({ a: { ...one, data_offsets: [4, 0] } }, fourBytes), /entry of a is/],
  [
    'a shape that needs other bytes',
    () => fileWith({ a: { ...one, shape: [2] } }, fourBytes),
    /takes 4 bytes; expected 8/,
  ],
  ['overlapping tensors', () => fileWith({ a: one, b: one }, fourBytes), /b starts at byte 0 and overlaps/],
  ['a hole', () => fileWith({ a: { ...one, data_offsets: [4, 8] } }, new Uint8Array(8)), /leaves a hole/],
  ['bytes after the last tensor', () => fileWith({ a: one }, new Uint8Array(9)), /5 bytes follow the last tensor/],
  ['metadata of the wrong kind', () => fileWith({ __metadata__: 3 }), /__metadata__ is no object/],
];

for (const [claim, file, message] of invalidFiles) {
  test(`refused: ${claim}`, () => assertFails('CHECKPOINT_INVALID', message, () => openSafetensors([file()])));
}

test('a Git LFS pointer is named as such', () => {
  const file = freshFile();
  fs.writeFileSync(file, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n');
  assertFails('CHECKPOINT_INVALID', /Git LFS pointer.*git lfs pull/, () => openSafetensors([file]));
});

test('types the engine does not know can be listed but not read', () => {
  const file = fileWith({ a: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8));
  const reader = openSafetensors([file]);
  assert.equal(reader.tensors.get('a')!.dtype, 'F64');
  assertFails('TENSOR_DTYPE', /a is stored as F64; F32, F16 or BF16/, () => reader.read('a', 0, new Float32Array(1)));
  assertFails('TENSOR_MISSING', /no tensor b/, () => reader.read('b', 0, new Float32Array(1)));
  reader.close();
});

test('a read outside the tensor is refused', () => {
  const reader = openSafetensors([fileWith({ a: one, b: { ...one, data_offsets: [4, 8] } }, new Uint8Array(8))]);
  assertFails('TENSOR_SHAPE', /elements 0 to 2 of a, which has 1/, () => reader.read('a', 0, new Float32Array(2)));
  assertFails('TENSOR_SHAPE', /elements -1 to 0 of b/, () => reader.read('b', -1, new Float32Array(1)));
  reader.close();
});

test('a file that shrank since it was opened is reported', () => {
  const file = fileWith({ a: one }, fourBytes);
  const reader = openSafetensors([file]);
  fs.truncateSync(file, fs.statSync(file).size - 2);
  assertFails('CHECKPOINT_TRUNCATED', /ends 2 bytes before the end of a/, () =>
    reader.read('a', 0, new Float32Array(1)),
  );
  reader.close();
});

function shardedCopy(change: (folder: string, index: { weight_map: Record<string, unknown> }) => void): string {
  const folder = fs.mkdtempSync(path.join(scratch, 'sharded-'));
  fs.cpSync(goldenFolder('llama-sharded'), folder, { recursive: true });
  const indexFile = path.join(folder, 'model.safetensors.index.json');
  const index = JSON.parse(fs.readFileSync(indexFile, 'utf8'));
  change(folder, index);
  fs.writeFileSync(indexFile, JSON.stringify(index));
  return folder;
}

test('a sharded checkpoint reads as one; its sums are those PyTorch computed', () => {
  const reader = openSafetensorsFolder(goldenFolder('llama-sharded'));
  const sums = openSafetensors([path.join(goldenFolder('llama-sharded'), 'golden.safetensors')]);
  assert.equal(new Set([...reader.tensors.values()].map((tensor) => tensor.file)).size, 3);
  assert.equal(reader.tensors.size, sums.tensors.size);
  for (const name of reader.tensors.keys()) {
    const sum = (readTensor(reader, name).data as Float32Array).reduce((total, value) => total + value, 0);
    assert.equal(Math.fround(sum), readTensor(sums, `sum.${name}`).data[0]);
  }
  reader.close();
  sums.close();
});

test('a missing shard is named', () => {
  const folder = shardedCopy((folder) => fs.rmSync(path.join(folder, 'model-00002-of-00003.safetensors')));
  assertFails('CHECKPOINT_TRUNCATED', /1 of them are not in .*: model-00002-of-00003\.safetensors/, () =>
    openSafetensorsFolder(folder),
  );
});

test('an index that puts a tensor elsewhere, outside the folder, or nowhere is refused', () => {
  const wrongShard = shardedCopy((_, index) => {
    index.weight_map['model.norm.weight'] = 'model-00001-of-00003.safetensors';
    index.weight_map['model.embed_tokens.weight'] = 'model-00002-of-00003.safetensors';
  });
  assertFails('CHECKPOINT_INVALID', /is in model-0000\d.*expected it in/, () => openSafetensorsFolder(wrongShard));
  const outside = shardedCopy((_, index) => {
    index.weight_map['model.norm.weight'] = '../x.safetensors';
  });
  assertFails('CHECKPOINT_INVALID', /puts model\.norm\.weight in/, () => openSafetensorsFolder(outside));
  const nowhere = shardedCopy((_, index) => {
    index.weight_map.ghost = 'model-00001-of-00003.safetensors';
  });
  assertFails('CHECKPOINT_INVALID', /ghost is in none of the files/, () => openSafetensorsFolder(nowhere));
});

test('a tensor in two shards is refused', () => {
  const folder = shardedCopy((folder, index) => {
    fs.copyFileSync(
      path.join(folder, 'model-00001-of-00003.safetensors'),
      path.join(folder, 'model-00004-of-00004.safetensors'),
    );
    index.weight_map.other = 'model-00004-of-00004.safetensors';
  });
  assertFails('CHECKPOINT_INVALID', /is also in model-00001-of-00003/, () => openSafetensorsFolder(folder));
});

test('a folder with weights of another format says which were found', () => {
  const folder = fs.mkdtempSync(path.join(scratch, 'bin-'));
  fs.writeFileSync(path.join(folder, 'pytorch_model.bin'), '');
  assertFails('MODEL_NOT_FOUND', /only pytorch_model\.bin; model\.safetensors/, () => openSafetensorsFolder(folder));
});

const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import numpy'], { stdio: 'ignore' }).status === 0,
);

test('numpy reads what the writer wrote', { skip: python ? false : 'no python3 with numpy' }, () => {
  const values = Float32Array.of(0.1, -2, 2.71, 65504, 2 ** -24, -0);
  const file = freshFile();
  writeSafetensors(file, [
    { name: 'b.half', shape: [2, 3], dtype: 'F16', data: () => values },
    { name: 'a.single', shape: [6], dtype: 'F32', data: () => values },
    { name: 'c.brain', shape: [3, 2], dtype: 'BF16', data: () => values },
  ]);
  const script = `
import json, struct, sys
import numpy as np
raw = open(sys.argv[1], 'rb').read()
n, = struct.unpack('<Q', raw[:8])
assert (8 + n) % 8 == 0
header = json.loads(raw[8:8 + n])
assert header.pop('__metadata__') == {'format': 'pt'}
out = {}
for name, t in header.items():
    begin, end = t['data_offsets']
    data = raw[8 + n + begin:8 + n + end]
    if t['dtype'] == 'BF16':
        values = (np.frombuffer(data, '<u2').astype('<u4') << 16).view('<f4')
    else:
        values = np.frombuffer(data, {'F32': '<f4', 'F16': '<f2'}[t['dtype']]).astype('<f4')
    out[name] = [t['shape'], [float(v).hex() for v in values.reshape(t['shape']).ravel()]]
expected = np.array([0.1, -2, 2.71, 65504, 2.0 ** -24, -0.0], '<f4')
out['numpy half'] = [float(v).hex() for v in expected.astype('<f2').astype('<f4')]
out['numpy single'] = [float(v).hex() for v in expected]
bits = expected.view('<u4').astype('<u8')
rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16 << 16
out['numpy brain'] = [float(v).hex() for v in rounded.astype('<u4').view('<f4')]
print(json.dumps(out))
`;
  const out = JSON.parse(execFileSync(python!, ['-c', script, file], { encoding: 'utf8' }));
  assert.deepEqual(out['b.half'], [[2, 3], out['numpy half']]);
  assert.deepEqual(out['a.single'], [[6], out['numpy single']]);
  assert.deepEqual(out['c.brain'], [[3, 2], out['numpy brain']]);
});
