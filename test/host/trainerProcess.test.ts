/** @file Processes that outlive us, and what their output says. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import {
  askJson,
  childEnvironment,
  failureInLog,
  failureOf,
  isStopping,
  killTrainer,
  lastLines,
  readAnswer,
  requestStop,
  startDetached,
} from '../../src/host/trainerProcess.ts';
import { acquireLock, releaseLock } from '../../src/trainer/runLock.ts';
import { addFiles, temporaryFolder } from '../support/temporaryFolder.ts';

const withCode = (code: string) => (error: unknown) => error instanceof FineTuneError && error.code === code;

test('a child gets nothing of what the editor set for itself', () => {
  const environment = childEnvironment({
    PATH: '/bin',
    VSCODE_IPC_HOOK: 'x',
    ELECTRON_NO_ASAR: '1',
    NODE_OPTIONS: '--require /editor.js',
    NODE_CHANNEL_FD: '3',
    NODE_PATH: '/kept',
  });
  const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '524288' };
  assert.deepEqual(environment, { ...allocator, PATH: '/bin', NODE_PATH: '/kept', ELECTRON_RUN_AS_NODE: '1' });
  assert.equal(childEnvironment({ MALLOC_ARENA_MAX: '4' }).MALLOC_ARENA_MAX, '4', 'what the user set stays');
});

test('a detached process writes to its log, and its status comes back', async (t) => {
  const folder = temporaryFolder(t, {
    'child.mjs': 'console.log("out"); console.error("DISK_FULL: No room."); process.exit(1);',
  });
  const logPath = path.join(folder, 'deep', 'run.log');
  const program = { executable: process.execPath, script: path.join(folder, 'child.mjs') };
  const { exited } = await startDetached(program, [], { logPath, cwd: folder });
  // It does not keep us alive; the test has to.
  const alive = setInterval(() => {}, 1000);
  assert.equal(await exited, 1);
  clearInterval(alive);
  assert.deepEqual(failureInLog(lastLines(logPath, 5)), { code: 'DISK_FULL', message: 'No room.' });
});

test('a detached process has a lower priority than the editor', async (t) => {
  const lower = Math.max(os.getPriority(), os.constants.priority.PRIORITY_BELOW_NORMAL);
  const folder = temporaryFolder(t, {
    'child.mjs': `import os from 'node:os';
      const look = () => os.getPriority() === ${lower} ? console.log('lower') : setImmediate(look);
      look();`,
  });
  const logPath = path.join(folder, 'run.log');
  const program = { executable: process.execPath, script: path.join(folder, 'child.mjs') };
  const { exited } = await startDetached(program, [], { logPath, cwd: folder });
  const alive = setInterval(() => {}, 1000);
  assert.equal(await exited, 0);
  clearInterval(alive);
  assert.equal(readFileSync(logPath, 'utf8'), 'lower\n');
});

test('a program that is not there is named with its setting', async (t) => {
  const folder = temporaryFolder(t);
  const program = { executable: path.join(folder, 'node'), script: 'x' };
  const start = startDetached(program, [], { logPath: path.join(folder, 'a.log'), cwd: folder });
  await assert.rejects(
    start,
    (error: Error) => withCode('ENGINE_FAILED')(error) && /rgft\.nodePath/.test(error.message),
  );
});

test('a log that cannot be written is said before anything starts', async (t) => {
  const folder = temporaryFolder(t, { blocked: 'a file' });
  const program = { executable: process.execPath, script: 'x' };
  await assert.rejects(startDetached(program, [], { logPath: path.join(folder, 'blocked', 'a.log'), cwd: folder }));
});

test('an answer is read, an error in it is thrown as it was, and silence is reported', () => {
  assert.deepEqual(readAnswer('{"text":"x"}\n', 'noise', 0), { text: 'x' });
  assert.throws(
    () => readAnswer('{"error":{"code":"MODEL_NOT_FOUND","message":"Gone."}}', '', 1),
    (error: Error) => withCode('MODEL_NOT_FOUND')(error) && error.message === 'Gone.',
  );
  assert.throws(
    () => readAnswer('', 'first\nSegmentation fault', null),
    (error: Error) => withCode('INTERNAL')(error) && /Segmentation fault/.test(error.message),
  );
});

test('a command that ends without an answer failed with the error that it said last', () => {
  const gone = failureOf('reading\nMODEL_NOT_FOUND: /models/a is gone. Choose another.\n', 1);
  assert.deepEqual([gone.code, gone.message], ['MODEL_NOT_FOUND', '/models/a is gone. Choose another.']);
  assert.throws(() => readAnswer('', 'PATTERN_INVALID: "[" is no glob.\n', 1), withCode('PATTERN_INVALID'));
  assert.match(failureOf('', null).message, /status of a signal and no answer\. It said nothing\./);
});

test('a question that is cancelled ends its process', async (t) => {
  const folder = temporaryFolder(t, { 'child.mjs': 'process.stdin.resume(); setInterval(() => {}, 1000);' });
  const program = { executable: process.execPath, script: path.join(folder, 'child.mjs') };
  const controller = new AbortController();
  const answer = askJson(program, [], { signal: controller.signal });
  controller.abort();
  await assert.rejects(answer, withCode('INTERRUPTED'));
});

test('the last words of a log are its failure only when nothing follows', () => {
  assert.deepEqual(failureInLog(['step 3', 'NO_PERMISSION: Cannot write.']), {
    code: 'NO_PERMISSION',
    message: 'Cannot write.',
  });
  const asJson = ['OUT_OF_MEMORY: Too large.', '{"error":{"code":"OUT_OF_MEMORY"}}'];
  assert.equal(failureInLog(asJson)?.code, 'OUT_OF_MEMORY');
  assert.equal(failureInLog(['SLOW: A warning.', 'step 4']), null);
  assert.equal(failureInLog([]), null);
});

test('only the end of a long log is read', (t) => {
  const folder = temporaryFolder(t, { 'a.log': `${'x'.repeat(99)}\n`.repeat(5000) + 'last\r' });
  assert.deepEqual(lastLines(path.join(folder, 'a.log'), 1), ['last']);
  assert.deepEqual(lastLines(path.join(folder, 'none.log'), 1), []);
});

test('a request to stop is a file that the trainer finds', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(isStopping(folder), false);
  requestStop(folder);
  assert.equal(isStopping(folder), true);
  assert.ok(existsSync(path.join(folder, 'stop')));
  assert.throws(() => requestStop(path.join(folder, 'gone')));
});

test('a second evaluation into the same folder is refused before a model is loaded', (t) => {
  const folder = temporaryFolder(t);
  const lock = acquireLock(folder);
  const args = ['--import', 'tsx', 'src/cli.ts', 'evaluate', '--model', '/none', '--out', folder, '--json'];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  releaseLock(lock);
  const { error } = JSON.parse(stdout);
  assert.deepEqual([error.code, error.details.pid, status], ['RUN_LOCKED', process.pid, 1]);
  assert.match(error.message, /is in use by process/);
});

test('only a living trainer of this machine is ended', async (t) => {
  const folder = temporaryFolder(t, {
    'child.mjs': 'console.log("up"); setInterval(() => {}, 1000);',
    'run/x': '',
  });
  assert.equal(killTrainer(path.join(folder, 'run'), os.hostname()), false);
  const source = path.join(import.meta.dirname, '../../src/trainer/runLock.ts');
  const holder = `import { acquireLock } from ${JSON.stringify(source)}; acquireLock(process.argv[2]); console.log('locked'); setInterval(() => {}, 1000);`;
  addFiles(folder, { 'holder.mts': holder });
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(folder, 'holder.mts'), path.join(folder, 'run')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: path.join(import.meta.dirname, '../..'),
    },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.equal(killTrainer(path.join(folder, 'run'), 'another-machine'), false);
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  assert.equal(killTrainer(path.join(folder, 'run'), os.hostname()), true);
  assert.equal(await ended, 'SIGKILL');
  assert.ok(readFileSync(path.join(folder, 'run', 'lock.json'), 'utf8').length > 0);
});
