/** @file The run directory among processes that are killed, race, or meet a disk that is full or read-only. */
import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { after, test } from 'node:test';
import { buildSync } from 'esbuild';
import type { RunEvent } from '../../src/runEvents.ts';
import { freeBytes } from '../../src/trainer/disk.ts';
import { readEvents } from '../../src/trainer/events.ts';
import {
  appendEvent,
  closeRun,
  createRun,
  latestCheckpoint,
  openRun,
  readBlob,
  runPaths,
  writeCheckpoint,
} from '../../src/trainer/runDirectory.ts';
import { acquireLock, lockState, releaseLock } from '../../src/trainer/runLock.ts';
import { blobsOf, description, stepEvent } from './runDirectoryFixture.ts';

const workFolder = mkdtempSync(path.join(os.tmpdir(), 'rgft-processes-'));
after(() => rmSync(workFolder, { recursive: true, force: true }));

// Bundled once: starting it then takes a tenth of the time, and the tests start many.
const childScript = path.join(workFolder, 'child.mjs');
buildSync({
  entryPoints: [path.join(import.meta.dirname, 'runDirectoryChild.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: childScript,
});

let folders = 0;
function newFolder(): string {
  const folder = path.join(workFolder, `run-${folders++}`);
  mkdirSync(folder);
  return folder;
}

function startChild(
  t: TestContext,
  mode: string,
  folder: string,
): { child: ChildProcessWithoutNullStreams; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [childScript, mode, folder]);
  t.after(() => child.kill('SIGKILL'));
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, lines };
}

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

function plantLock(folder: string, owner: Record<string, unknown>, file = 'lock.json'): void {
  const lock = acquireLock(folder);
  const own = JSON.parse(readFileSync(lock.path, 'utf8'));
  releaseLock(lock);
  writeFileSync(path.join(folder, file), JSON.stringify({ ...own, token: 'planted', ...owner }));
}

/** The lines that training without interruption writes up to a step. */
function expectedEvents(lastStep: number): RunEvent[] {
  const events: RunEvent[] = [];
  for (let step = 1; step <= lastStep; step++) {
    const bytes = blobsOf(step).reduce((sum, { byteLength }) => sum + byteLength, `{"step":${step}}`.length);
    events.push(stepEvent(step), { type: 'checkpoint', step, bytes, metric: 1 / step });
  }
  return events;
}

test('a trainer killed at any moment of saving resumes at the last checkpoint that it reported, or the next', async (t) => {
  const folder = newFolder();
  let lastReported = 0;
  const killAfter = ['weights.bin 0', 'weights.bin 1', 'weights.bin 2', 'optimizer.bin 0', 'optimizer.bin 2'];
  for (let round = 0; round < 25; round++) {
    const { child, lines } = startChild(t, 'train', folder);
    const exited = once(child, 'exit');
    const target = `part ${killAfter[round % killAfter.length]}`;
    let saved = 0;
    for (;;) {
      const { value: line, done } = await lines.next();
      assert.ok(!done, 'the trainer must not end by itself');
      if (line.startsWith('done ')) {
        lastReported = Number(line.slice(5));
        saved++;
      }
      if (saved > 0 && line === target) break;
    }
    // Later and later, through syncing, the manifest and the renaming: no wait for anything, only another moment.
    const spinUntil = performance.now() + (round % 7) * 0.7;
    while (performance.now() < spinUntil);
    child.kill('SIGKILL');
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (line.value.startsWith('done ')) lastReported = Number(line.value.slice(5));
    }
    await exited;

    const { run, checkpoint, warnings } = await openRun(folder);
    assert.deepEqual(warnings, []);
    const step = checkpoint!.step;
    assert.ok(step === lastReported || step === lastReported + 1, `opened at ${step}, reported ${lastReported}`);
    assert.deepEqual(checkpoint!.state, { step });
    for (const { name, byteLength, parts } of blobsOf(step)) {
      const buffer = new Uint8Array(byteLength);
      await readBlob(checkpoint!, name, [buffer]);
      assert.ok(Buffer.concat([...(parts as Iterable<Uint8Array>)]).equals(buffer));
    }
    assert.deepEqual(readEvents(runPaths(folder).events), { events: expectedEvents(step), tornBytes: 0 });
    assert.ok(readdirSync(runPaths(folder).checkpoints).every((name) => /^step-\d+$/.test(name)));
    closeRun(run);
    lastReported = step;
  }
});

test('of processes that race for a run exactly one gets it, whether it is free or its owner is dead', async (t) => {
  const racers = [0, 1, 2].map(() => startChild(t, 'lock', ''));
  for (const { lines } of racers) assert.equal((await lines.next()).value, 'ready');
  const pid = deadPid();
  // A takeover without its guard, or without the second look under it, took 250 to 600 rounds to show.
  for (let round = 0; round < 400; round++) {
    const folder = newFolder();
    if (round % 10 > 0) plantLock(folder, { pid });
    for (const { child } of racers) child.stdin.write(`go ${folder}\n`);
    const results = await Promise.all(racers.map(async ({ lines }) => (await lines.next()).value));
    assert.deepEqual(results.sort(), ['RUN_LOCKED', 'RUN_LOCKED', 'locked'], `round ${round}`);
    for (const { child } of racers) child.stdin.write('release\n');
    for (const { lines } of racers) assert.equal((await lines.next()).value, 'released');
    assert.deepEqual(readdirSync(folder), []);
  }
  for (const { child } of racers) child.stdin.end();
  await Promise.all(racers.map(({ child }) => once(child, 'exit')));
});

test('a run in use is RUN_LOCKED, naming pid and age', async () => {
  const folder = newFolder();
  const run = createRun(folder, description);
  await assert.rejects(openRun(folder), (error: { code?: string; message: string; details?: { pid: number } }) => {
    assert.equal(error.code, 'RUN_LOCKED');
    assert.equal(error.details?.pid, process.pid);
    assert.match(error.message, new RegExp(`process ${process.pid} on .*, since \\d+ s`));
    return true;
  });
  assert.equal(lockState(folder).state, 'live');
  closeRun(run);
  assert.deepEqual(lockState(folder), { state: 'free' });
});

test('a process that exits without closing its run leaves no lock', () => {
  const folder = newFolder();
  assert.equal(spawnSync(process.execPath, [childScript, 'exit', folder]).status, 0);
  assert.deepEqual(readdirSync(folder), []);
});

test('the lock of a dead process is stale and is taken over', () => {
  const folder = newFolder();
  plantLock(folder, { pid: deadPid() });
  assert.equal(lockState(folder).state, 'stale');
  releaseLock(acquireLock(folder));
  assert.deepEqual(readdirSync(folder), []);
});

const hasProcessTimes = process.platform === 'linux';

test('a pid that now belongs to another process does not keep a lock alive', {
  skip: !hasProcessTimes && 'needs process start times (/proc)',
}, () => {
  const folder = newFolder();
  plantLock(folder, { pid: process.pid, processStart: 'another-boot:1' });
  assert.equal(lockState(folder).state, 'stale');
  releaseLock(acquireLock(folder));
});

test('a process that has ended but was not collected does not keep a lock alive', {
  skip: !hasProcessTimes && 'needs /proc',
}, async (t) => {
  // exec replaces the shell by a sleep, which never collects the child that the shell had started.
  const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 60']);
  t.after(() => parent.kill('SIGKILL'));
  const [chunk] = await once(parent.stdout, 'data');
  const pid = Number(String(chunk));
  while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'sleep\n') await new Promise(setImmediate);
  parent.stdin.end();
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate);
  process.kill(pid, 0); // It can still be signalled.
  const folder = newFolder();
  plantLock(folder, { pid, processStart: 'boot:1' });
  assert.equal(lockState(folder).state, 'stale');
});

test('a lock from another machine lives by its heartbeat', () => {
  const folder = newFolder();
  plantLock(folder, { host: 'elsewhere', pid: deadPid() });
  assert.throws(() => acquireLock(folder), { code: 'RUN_LOCKED' });
  const threeMinutesAgo = Date.now() / 1000 - 180;
  utimesSync(path.join(folder, 'lock.json'), threeMinutesAgo, threeMinutesAgo);
  releaseLock(acquireLock(folder));
});

test('a lock without content is one being made, until it is too old for that', () => {
  const folder = newFolder();
  const lockFile = path.join(folder, 'lock.json');
  writeFileSync(lockFile, '');
  assert.throws(() => acquireLock(folder), { code: 'RUN_LOCKED' });
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(lockFile, longAgo, longAgo);
  releaseLock(acquireLock(folder));
});

test('a process that died while taking over is itself taken over, a living one is left alone', () => {
  const folder = newFolder();
  const pid = deadPid();
  plantLock(folder, { pid });
  plantLock(folder, { pid: process.pid }, 'lock.json.takeover');
  // Planting the second removed the first, as a takeover would; plant it again.
  writeFileSync(
    path.join(folder, 'lock.json'),
    readFileSync(path.join(folder, 'lock.json.takeover'), 'utf8').replace(`"pid":${process.pid}`, `"pid":${pid}`),
  );
  assert.throws(() => acquireLock(folder), { code: 'RUN_LOCKED' });
  const guard = path.join(folder, 'lock.json.takeover');
  writeFileSync(guard, readFileSync(path.join(folder, 'lock.json')));
  releaseLock(acquireLock(folder));
  assert.deepEqual(readdirSync(folder), []);
});

test('a trainer whose lock was taken away writes no more', async () => {
  for (const takeAway of [
    (folder: string) => rmSync(path.join(folder, 'lock.json')),
    (folder: string) => {
      rmSync(path.join(folder, 'lock.json'));
      plantLock(folder, { host: 'elsewhere' });
    },
  ]) {
    const folder = newFolder();
    const run = createRun(folder, description);
    await writeCheckpoint(run, 1, blobsOf(1), null);
    takeAway(folder);
    await assert.rejects(writeCheckpoint(run, 2, blobsOf(2), null), { code: 'RUN_LOCKED' });
    assert.throws(() => appendEvent(run, stepEvent(2)), { code: 'RUN_LOCKED' });
    assert.deepEqual(readdirSync(runPaths(folder).checkpoints), ['step-1']);
    const before = readdirSync(folder);
    closeRun(run);
    assert.deepEqual(readdirSync(folder), before, 'closing removes nobody else’s lock');
  }
});

test('a checkpoint larger than the disk is refused before anything is written', async () => {
  const run = createRun(newFolder(), description);
  const blob = { name: 'huge', byteLength: 1e17, parts: [] };
  await assert.rejects(
    writeCheckpoint(run, 1, [blob], null),
    (error: { code?: string; details?: { bytesNeeded: number; bytesAvailable: number } }) => {
      assert.equal(error.code, 'DISK_FULL');
      assert.ok(error.details!.bytesNeeded >= 1e17);
      assert.ok(error.details!.bytesAvailable > 0);
      return true;
    },
  );
  assert.deepEqual(readdirSync(runPaths(run.path).checkpoints), []);
  closeRun(run);
});

/** A file system of its own, of the given size; `null` where this user may not mount one. */
function mountSmallDisk(t: TestContext, bytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid!() !== 0) return null;
  const folder = newFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]).status !== 0) return null;
  t.after(() => spawnSync('umount', ['--lazy', folder]));
  return folder;
}

test('a disk that fills up while saving is DISK_FULL; earlier checkpoints stay, the half-written one goes', async (t) => {
  const disk = mountSmallDisk(t, 2 << 20);
  if (!disk) return t.skip('needs the right to mount a small tmpfs');
  const run = createRun(path.join(disk, 'run'), description);
  t.after(() => closeRun(run));
  await writeCheckpoint(run, 1, blobsOf(1), { step: 1 });

  const filler = path.join(disk, 'filler');
  const parts = (function* () {
    yield new Uint8Array(100_000);
    // Another program takes the rest of the disk in the middle of the checkpoint.
    writeFileSync(filler, new Uint8Array(freeBytes(disk)));
    yield new Uint8Array(100_000);
  })();
  const blob = { name: 'weights.bin', byteLength: 200_000, parts };
  await assert.rejects(
    writeCheckpoint(run, 2, [blob], null),
    (error: { code?: string; details?: Record<string, unknown> }) => {
      assert.equal(error.code, 'DISK_FULL');
      assert.equal(error.details!.bytesNeeded, 200_004);
      return true;
    },
  );
  assert.deepEqual(readdirSync(runPaths(run.path).checkpoints), ['step-1']);

  // The half-written folder gave back its room; take that too, so that not one more page is free.
  writeFileSync(path.join(disk, 'filler-2'), new Uint8Array(freeBytes(disk)));
  const before = readFileSync(runPaths(run.path).events);
  const long: RunEvent = { type: 'sample', step: 2, name: '', prompt: 'x'.repeat(10_000), completion: '' };
  assert.throws(() => appendEvent(run, long), { code: 'DISK_FULL' });
  assert.deepEqual(readFileSync(runPaths(run.path).events), before, 'no part of the event stays in the log');

  rmSync(filler);
  rmSync(path.join(disk, 'filler-2'));
  appendEvent(run, long);
  await writeCheckpoint(run, 2, blobsOf(2), { step: 2 });
  assert.equal((await latestCheckpoint(run.path)).checkpoint!.step, 2);
});

test('a folder that may not be written is NO_PERMISSION', async (t) => {
  let folder: string;
  if (process.platform === 'linux' && process.getuid!() === 0) {
    // Root may write anywhere, except on a read-only file system.
    const disk = mountSmallDisk(t, 1 << 20);
    if (!disk) return t.skip('needs the right to mount a read-only tmpfs');
    folder = path.join(disk, 'run');
    closeRun(createRun(folder, description));
    spawnSync('mount', ['-o', 'remount,ro', disk]);
  } else if (process.platform !== 'win32') {
    folder = newFolder();
    closeRun(createRun(path.join(folder, 'run'), description));
    folder = path.join(folder, 'run');
    chmodSync(folder, 0o555);
    t.after(() => chmodSync(folder, 0o755));
  } else {
    return t.skip('needs POSIX permissions');
  }
  await assert.rejects(openRun(folder), { code: 'NO_PERMISSION' });
  assert.throws(() => createRun(path.join(folder, 'new'), description), { code: 'NO_PERMISSION' });
});
