/** @file The run directory: creation, resuming, checkpoints, what is kept, and what damage does. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { readEvents } from '../../src/trainer/events.ts';
import type { Checkpoint, Run } from '../../src/trainer/runDirectory.ts';
import {
  appendEvent,
  closeRun,
  createRun,
  latestCheckpoint,
  listCheckpoints,
  openRun,
  readBlob,
  readRunDescription,
  runPaths,
  writeCheckpoint,
} from '../../src/trainer/runDirectory.ts';
import { blobsOf, description, stepEvent } from './runDirectoryFixture.ts';

function newFolder(t: TestContext): string {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'rgft-run-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  return path.join(parent, 'run');
}

function newRun(t: TestContext): Run {
  const run = createRun(newFolder(t), description);
  t.after(() => closeRun(run));
  return run;
}

const steps = (run: Run) => listCheckpoints(run.path).map(({ step }) => step);
const save = (run: Run, step: number, metric: number | null = null, keepLast = 2) =>
  writeCheckpoint(run, step, blobsOf(step), { step }, { metric, keepLast });

async function contentOf(checkpoint: Checkpoint, name: string): Promise<Uint8Array> {
  const buffer = new Uint8Array(checkpoint.files.find((file) => file.name === name)!.bytes);
  await readBlob(checkpoint, name, [buffer]);
  return buffer;
}

test('a created run reads back what was asked for', (t) => {
  const run = newRun(t);
  assert.deepEqual(readRunDescription(run.path), description);
});

test('an existing run is not created again, and a folder with other things in it is not taken', (t) => {
  const folder = newFolder(t);
  mkdirSync(folder);
  closeRun(createRun(folder, description));
  assert.throws(() => createRun(folder, description), { code: 'RUN_EXISTS', details: { path: folder, isRun: true } });
  assert.equal(existsSync(path.join(folder, 'lock.json')), false);

  const foreign = newFolder(t);
  mkdirSync(path.join(foreign, 'checkpoints', 'step-5'), { recursive: true });
  assert.throws(() => createRun(foreign, description), { code: 'RUN_EXISTS' });
  assert.deepEqual(readdirSync(foreign), ['checkpoints']);
});

test('a run cannot be created in place of a file or below one', (t) => {
  const folder = newFolder(t);
  writeFileSync(folder, '');
  assert.throws(() => createRun(folder, description), { code: 'FOLDER_NOT_FOUND' });
  assert.throws(() => createRun(path.join(folder, 'run'), description), { code: 'FOLDER_NOT_FOUND' });
});

test('opening what is no run says so, and a broken run.json is named with its fault', async (t) => {
  const folder = newFolder(t);
  await assert.rejects(openRun(folder), { code: 'RUN_NOT_FOUND' });
  mkdirSync(folder);
  await assert.rejects(openRun(folder), { code: 'RUN_NOT_FOUND' });
  for (const [text, code] of [
    ['{"formatVersion":1,"meth', 'RUN_CORRUPT'],
    ['', 'RUN_CORRUPT'],
    ['null', 'RUN_CORRUPT'],
    ['{"formatVersion":1}', 'RUN_CORRUPT'],
    ['{"formatVersion":2}', 'RUN_MISMATCH'],
  ]) {
    writeFileSync(runPaths(folder).description, text);
    await assert.rejects(openRun(folder), { code }, text);
  }
});

test('a run that was created and never saved opens at the beginning, with an empty log', async (t) => {
  const folder = newFolder(t);
  const created = createRun(folder, description);
  appendEvent(created, stepEvent(1));
  closeRun(created);
  const { run, checkpoint, warnings } = await openRun(folder);
  t.after(() => closeRun(run));
  assert.deepEqual([checkpoint, warnings], [null, []]);
  assert.deepEqual(readEvents(runPaths(folder).events).events, []);
  assert.deepEqual(readEvents(runPaths(folder).discardedEvents).events, [stepEvent(1)]);
});

test('a checkpoint gives back its state and its bytes, into as many buffers as one likes', async (t) => {
  const run = newRun(t);
  const state = { loss: Number.NaN, list: [1e-320, 'NaN'], seed: [1, 2] };
  await writeCheckpoint(run, 7, blobsOf(7), state, { metric: 0.5 });
  const { checkpoint, warnings } = await latestCheckpoint(run.path);
  assert.deepEqual(warnings, []);
  assert.deepEqual([checkpoint!.step, checkpoint!.metric, checkpoint!.state], [7, 0.5, state]);
  const buffers = [new Uint8Array(40_001), new Uint8Array(0), new Uint8Array(79_999)];
  await readBlob(checkpoint!, 'optimizer.bin', buffers);
  const expected = Buffer.concat([...(blobsOf(7)[1].parts as Iterable<Uint8Array>)]);
  assert.ok(Buffer.concat(buffers).equals(expected));
});

test('parts may come asynchronously, and views on larger buffers are written as seen', async (t) => {
  const run = newRun(t);
  const floats = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
  async function* parts() {
    yield new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
    yield new Uint8Array(0);
    yield Uint8Array.of(9);
  }
  await writeCheckpoint(run, 1, [{ name: 'w', byteLength: 9, parts: parts() }], null);
  const { checkpoint } = await latestCheckpoint(run.path);
  const floatsBack = new Float32Array(2);
  const rest = new Uint8Array(1);
  await readBlob(checkpoint!, 'w', [new Uint8Array(floatsBack.buffer), rest]);
  assert.deepEqual([...floatsBack, ...rest], [2, 3, 9]);
});

test('a checkpoint of another size or without the file is RUN_MISMATCH', async (t) => {
  const run = newRun(t);
  const { checkpoint } = await save(run, 1);
  await assert.rejects(readBlob(checkpoint, 'weights.bin', [new Uint8Array(3)]), { code: 'RUN_MISMATCH' });
  await assert.rejects(readBlob(checkpoint, 'other.bin', [new Uint8Array(3)]), { code: 'RUN_MISMATCH' });
});

test('the last k and the best are kept, everything else goes', async (t) => {
  const run = newRun(t);
  for (const [step, metric] of [
    [1, 0.9],
    [2, 0.5],
    [3, 0.7],
    [4, Number.NaN],
    [5, null],
  ] as const) {
    await save(run, step, metric);
  }
  assert.deepEqual(steps(run), [2, 4, 5]);
  await save(run, 6, 0.5);
  assert.deepEqual(steps(run), [5, 6], 'of two equally good ones the newer is the best');
  await writeCheckpoint(run, 7, [], null, { metric: 0.6, keepLast: 1, keepBest: false });
  assert.deepEqual(steps(run), [7]);
  assert.deepEqual(readdirSync(runPaths(run.path).checkpoints), ['step-7']);
});

test('steps are ordered as numbers', async (t) => {
  const run = newRun(t);
  for (const step of [8, 9, 10, 100]) await save(run, step, null, 9);
  assert.deepEqual(steps(run), [8, 9, 10, 100]);
  assert.equal((await latestCheckpoint(run.path)).checkpoint!.step, 100);
});

test('a second checkpoint of the same step replaces the first', async (t) => {
  const run = newRun(t);
  await save(run, 3);
  await writeCheckpoint(run, 3, [], { final: true });
  assert.deepEqual(readdirSync(runPaths(run.path).checkpoints), ['step-3']);
  assert.deepEqual((await latestCheckpoint(run.path)).checkpoint!.state, { final: true });
});

test('killed between moving the old checkpoint of a step away and the new one in, the old one comes back', async (t) => {
  const folder = newFolder(t);
  const created = createRun(folder, description);
  await save(created, 3);
  closeRun(created);
  const { checkpoints } = runPaths(folder);
  // What the process would leave behind at that moment.
  const { renameSync } = await import('node:fs');
  renameSync(path.join(checkpoints, 'step-3'), path.join(checkpoints, '.old-step-3-1-x'));
  mkdirSync(path.join(checkpoints, '.tmp-step-3-1-y'));
  const { run, checkpoint } = await openRun(folder);
  t.after(() => closeRun(run));
  assert.equal(checkpoint!.step, 3);
  assert.deepEqual(readdirSync(checkpoints), ['step-3']);
});

const damages: Record<string, (folder: string) => void> = {
  'a truncated blob': (folder) => truncateSync(path.join(folder, 'weights.bin'), 100),
  'a longer blob': (folder) => appendFileSync(path.join(folder, 'weights.bin'), 'x'),
  'a flipped byte in a blob': (folder) => flipByte(path.join(folder, 'optimizer.bin'), 77_777),
  'a flipped byte in the state': (folder) => flipByte(path.join(folder, 'state.json'), 3),
  'a flipped byte in the manifest': (folder) => flipByte(path.join(folder, 'manifest.json'), 40),
  'a truncated manifest': (folder) => truncateSync(path.join(folder, 'manifest.json'), 60),
  'a missing blob': (folder) => rmSync(path.join(folder, 'weights.bin')),
  'a missing manifest': (folder) => rmSync(path.join(folder, 'manifest.json')),
};

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] ^= 1;
  writeFileSync(file, bytes);
}

for (const [damage, inflict] of Object.entries(damages)) {
  test(`${damage}: the run opens at the checkpoint before, says why, and saves that step again`, async (t) => {
    const folder = newFolder(t);
    const created = createRun(folder, description);
    for (const step of [1, 2]) {
      appendEvent(created, stepEvent(step));
      await save(created, step);
    }
    const intact = readFileSync(runPaths(folder).events, 'utf8');
    closeRun(created);
    inflict(path.join(runPaths(folder).checkpoints, 'step-2'));

    const { run, checkpoint, warnings } = await openRun(folder);
    t.after(() => closeRun(run));
    assert.equal(checkpoint!.step, 1);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['CHECKPOINT_CORRUPT'],
    );
    assert.deepEqual([...new Set((await contentOf(checkpoint!, 'weights.bin')).subarray(0, 40_000))], [1]);
    appendEvent(run, stepEvent(2));
    await save(run, 2);
    assert.equal(readFileSync(runPaths(folder).events, 'utf8'), intact);
    assert.deepEqual(readdirSync(runPaths(folder).checkpoints).sort(), ['step-1', 'step-2']);
  });
}

test('a blob that changes after it was opened is CHECKPOINT_CORRUPT', async (t) => {
  const run = newRun(t);
  const { checkpoint } = await save(run, 1);
  flipByte(path.join(checkpoint.folder, 'weights.bin'), 0);
  await assert.rejects(contentOf(checkpoint, 'weights.bin'), { code: 'CHECKPOINT_CORRUPT' });
  truncateSync(path.join(checkpoint.folder, 'weights.bin'), 5);
  await assert.rejects(contentOf(checkpoint, 'weights.bin'), { code: 'CHECKPOINT_CORRUPT' });
});

test('when no checkpoint is intact the run is RUN_CORRUPT, stays as it is and is not locked', async (t) => {
  const folder = newFolder(t);
  const created = createRun(folder, description);
  appendEvent(created, stepEvent(1));
  const { checkpoint } = await save(created, 1);
  closeRun(created);
  flipByte(path.join(checkpoint.folder, 'weights.bin'), 0);
  await assert.rejects(openRun(folder), { code: 'RUN_CORRUPT' });
  assert.equal(readEvents(runPaths(folder).events).events.length, 2);
  assert.equal(existsSync(path.join(folder, 'lock.json')), false);
});

test('the log of an interrupted and resumed run equals that of an uninterrupted one', async (t) => {
  const train = async (run: Run, from: number, to: number) => {
    for (let step = from; step <= to; step++) {
      appendEvent(run, stepEvent(step));
      if (step % 2 === 0) await save(run, step, 1 / step);
    }
  };
  const uninterrupted = newRun(t);
  await train(uninterrupted, 1, 6);

  const folder = newFolder(t);
  const first = createRun(folder, description);
  await train(first, 1, 5);
  appendEvent(first, { type: 'interrupted', step: 5, reason: 'signal' });
  closeRun(first);
  appendFileSync(runPaths(folder).events, '{"type":"ste');
  const second = await openRun(folder);
  t.after(() => closeRun(second.run));
  assert.equal(second.checkpoint!.step, 4);
  await train(second.run, 5, 6);

  const logOf = (run: Run) => readFileSync(runPaths(run.path).events, 'utf8');
  assert.equal(logOf(second.run), logOf(uninterrupted));
  const discarded = readFileSync(runPaths(folder).discardedEvents, 'utf8').split('\n');
  assert.equal(discarded.length, 4, 'step 5, the interruption and the torn line are kept aside');
});

test('a log that lost events is a warning, not the end of the run', async (t) => {
  const folder = newFolder(t);
  const created = createRun(folder, description);
  for (const step of [1, 2]) appendEvent(created, stepEvent(step));
  await save(created, 2);
  closeRun(created);
  truncateSync(runPaths(folder).events, 10);
  const { run, checkpoint, warnings } = await openRun(folder);
  t.after(() => closeRun(run));
  assert.equal(checkpoint!.step, 2);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['RUN_CORRUPT'],
  );
  assert.deepEqual(
    readEvents(runPaths(folder).events).events.map(({ type }) => type),
    ['checkpoint'],
  );
});

test('wrong lengths and unfit names are refused, and leave nothing behind', async (t) => {
  const run = newRun(t);
  await save(run, 1);
  const one = [Uint8Array.of(1)];
  for (const blobs of [
    [{ name: 'a', byteLength: 2, parts: one }],
    [{ name: '../a', byteLength: 1, parts: one }],
    [{ name: 'state.json', byteLength: 1, parts: one }],
    [{ name: 'Manifest.json', byteLength: 1, parts: one }],
    [
      { name: 'a', byteLength: 1, parts: one },
      { name: 'A', byteLength: 1, parts: one },
    ],
  ]) {
    await assert.rejects(writeCheckpoint(run, 2, blobs, null), { code: 'INTERNAL' });
  }
  await assert.rejects(writeCheckpoint(run, 1.5, [], null), { code: 'INTERNAL' });
  assert.deepEqual(readdirSync(runPaths(run.path).checkpoints), ['step-1']);
});

test('parts that throw leave the checkpoint before and no half-written folder', async (t) => {
  const run = newRun(t);
  await save(run, 1);
  const parts = (function* () {
    yield Uint8Array.of(1);
    throw new RangeError('device lost');
  })();
  await assert.rejects(writeCheckpoint(run, 2, [{ name: 'a', byteLength: 2, parts }], null), RangeError);
  assert.deepEqual(readdirSync(runPaths(run.path).checkpoints), ['step-1']);
});
