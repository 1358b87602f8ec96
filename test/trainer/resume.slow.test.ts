/**
 * @file Runs that crash: copies of a run directory taken at every kind of event, and processes that are killed at random
 * moments, interrupted and terminated. All of them resume to the bits of a run that nothing happened to.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createRandom, nextBelow } from '../../src/random.ts';
import type { RunEvent } from '../../src/runEvents.ts';
import { readEvents } from '../../src/trainer/events.ts';
import type { FineTuneOptions } from '../../src/trainer/options.ts';
import { type FineTuneResult, fineTune } from '../../src/trainer/run.ts';
import { runPaths } from '../../src/trainer/runDirectory.ts';
import { addFiles } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-crash-'));
after(() => rmSync(work, { recursive: true, force: true }));
const model = path.join(work, 'model');
makeTinyModel(model, { seed: 1 });
const code = path.join(work, 'code');
addFiles(code, pythonFiles(6));

/** Masks and rates that change, measurements, evaluations and checkpoints out of step, two epochs. */
const OPTIONS = {
  method: 'rgft',
  alpha: 0.3,
  tau: 0.5,
  seqLength: 64,
  microBatch: 4,
  threads: 1,
  learningRate: 3e-3,
  maxSteps: 14,
  probeEvery: 3,
  evaluateEvery: 5,
  checkpointEvery: 2,
} as const;

let numFolders = 0;
const newPath = () => path.join(work, `run-${numFolders++}`);
const request = (runPath: string, options: Partial<FineTuneOptions> = {}) => ({
  folders: [code],
  model,
  runPath,
  options: { ...OPTIONS, ...options },
});
const resume = (runPath: string) => fineTune({ folders: [], model: '', runPath, resume: true });
const eventsOf = (runPath: string) => readEvents(runPaths(runPath).events).events;
const weightsOf = (runPath: string) => readFileSync(path.join(runPaths(runPath).model, 'model.safetensors'));

/** Everything but times, and the size of a state file that holds a time. */
function withoutTimes(events: readonly RunEvent[]): object[] {
  return events.map((event) => {
    const { atMs, elapsedMs, durationMs, bytes, cpuMs, memoryBytes, ...rest } = event as RunEvent &
      Record<string, unknown>;
    return rest;
  });
}

function assertSameResult(actual: FineTuneResult, expected: FineTuneResult): void {
  const { runPath, modelFolder, elapsedMs, ...rest } = actual;
  const { runPath: _path, modelFolder: _folder, elapsedMs: _ms, ...expectedRest } = expected;
  assert.deepEqual(rest, expectedRest);
}

for (const [name, lastStep, options] of [
  ['a run', 14, {}],
  ['a run that stops early', 6, { learningRate: 0.5, evaluateEvery: 3, patience: 2, checkpointEvery: 4 }],
] as const) {
  test(`${name} that crashes at any event or while saving resumes to the same bits and the same events`, async () => {
    const original = newPath();
    const crashes: { at: string; copy: string }[] = [];
    const crash = (at: string) => {
      const copy = newPath();
      cpSync(original, copy, { recursive: true });
      rmSync(path.join(copy, 'lock.json'));
      crashes.push({ at, copy });
    };
    // The end is where it is easiest to be wrong; on the way there, each kind of event a few times.
    const seen = new Map<string, number>();
    const isChosen = (kind: string, step: number) => {
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      return step === lastStep || seen.get(kind)! % 6 === 1;
    };
    const expected = await fineTune({
      ...request(original, options),
      onEvent: ({ type, step }) => {
        if (isChosen(type, step)) crash(`${type} ${step}`);
      },
      onProgress: ({ phase, step }) => {
        if (phase === 'saving' && isChosen(phase, step)) crash(`saving ${step}`);
      },
    });
    assert.equal(expected.steps, lastStep);
    assert.equal(expected.reason, name === 'a run' ? 'completed' : 'stoppedEarly');
    assert.ok(crashes.length >= 10, `${crashes.length}`);
    for (const { at, copy } of crashes) {
      // A crash can leave half a line, too.
      if (!at.startsWith('finished')) appendFileSync(runPaths(copy).events, '{"type":"st');
      assertSameResult(await resume(copy), expected);
      assert.deepEqual(weightsOf(copy), weightsOf(original), at);
      assert.deepEqual(withoutTimes(eventsOf(copy)), withoutTimes(eventsOf(original)), at);
      rmSync(copy, { recursive: true });
    }
  });
}

const FINETUNE = [
  ...['--method', OPTIONS.method, '--alpha', OPTIONS.alpha, '--tau', OPTIONS.tau, '--seq-length', OPTIONS.seqLength],
  ...['--micro-batch', OPTIONS.microBatch, '--threads', OPTIONS.threads, '--lr', OPTIONS.learningRate],
  ...['--max-steps', OPTIONS.maxSteps, '--probe-every', OPTIONS.probeEvery],
  ...['--evaluate-every', OPTIONS.evaluateEvery, '--checkpoint-every', OPTIONS.checkpointEvery],
].map(String);

/** Starts or resumes a run in a process of its own. */
function startProcess(runPath: string): ChildProcess {
  mkdirSync(runPath, { recursive: true });
  const cli = path.join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
  const args = existsSync(path.join(runPath, 'run.json'))
    ? ['--resume', '--out', runPath]
    : [code, '--model', model, '--out', runPath, ...FINETUNE];
  const child = spawn(process.execPath, ['--import', 'tsx', cli, 'finetune', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr!.setEncoding('utf8');
  return child;
}

const numLines = (runPath: string) =>
  existsSync(runPaths(runPath).events) ? readFileSync(runPaths(runPath).events, 'utf8').split('\n').length - 1 : 0;

/** Resolves when the log of a run has so many more lines than now, or the process is over. */
function linesMore(child: ChildProcess, runPath: string, more: number): Promise<void> {
  const target = numLines(runPath) + more;
  return new Promise((resolve) => {
    const watcher = watch(runPath);
    const end = () => {
      watcher.close();
      child.off('exit', end);
      resolve();
    };
    child.on('exit', end);
    watcher.on('change', () => {
      if (numLines(runPath) >= target) end();
    });
  });
}

test('processes killed at twenty random moments leave a run that ends in the same bits and events', async (t) => {
  const whole = newPath();
  await fineTune(request(whole));
  const random = createRandom(7, 'kill');
  let kills = 0;
  let finishes = 0;
  while (kills < 20) {
    const runPath = newPath();
    while (!eventsOfMaybe(runPath).some(({ type }) => type === 'finished')) {
      const child = startProcess(runPath);
      const exited = once(child, 'exit');
      // A resumed process first goes back to its checkpoint: up to five events less, so up to eleven more.
      await linesMore(child, runPath, 1 + nextBelow(random, 11));
      // Then a random moment within the next event: a spin, since a timer would be no finer than a millisecond.
      const spinUntil = performance.now() + nextBelow(random, 8000) / 1000;
      while (performance.now() < spinUntil);
      if (child.kill('SIGKILL')) kills++;
      const [code, signal] = await exited;
      assert.ok(signal === 'SIGKILL' || code === 0, `ended with ${code}`);
    }
    finishes++;
    const result = await resume(runPath);
    assert.equal(result.steps, OPTIONS.maxSteps);
    assert.deepEqual(weightsOf(runPath), weightsOf(whole));
    assert.deepEqual(withoutTimes(eventsOf(runPath)), withoutTimes(eventsOf(whole)));
  }
  t.diagnostic(`${kills} kills over ${finishes} runs`);
});

function eventsOfMaybe(runPath: string): readonly RunEvent[] {
  return existsSync(runPaths(runPath).events) ? eventsOf(runPath) : [];
}

test('SIGINT and SIGTERM end a process with status 130 and a checkpoint to go on from', async () => {
  const whole = newPath();
  await fineTune(request(whole));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const runPath = newPath();
    const child = startProcess(runPath);
    let told = '';
    child.stderr!.on('data', (text: string) => {
      told += text;
    });
    const exited = once(child, 'exit');
    await linesMore(child, runPath, 9);
    child.kill(signal);
    assert.deepEqual(await exited, [130, null], told);
    assert.match(told, /INTERRUPTED: Stopped at step \d+ of 14; .*rgft finetune --resume --out/);
    const last = eventsOf(runPath).at(-1)!;
    assert.deepEqual(last, { type: 'interrupted', step: last.step, reason: signal });
    assert.ok(!existsSync(path.join(runPath, 'lock.json')));

    const resumed = startProcess(runPath);
    assert.deepEqual(await once(resumed, 'exit'), [0, null]);
    assert.deepEqual(weightsOf(runPath), weightsOf(whole));
  }
});
