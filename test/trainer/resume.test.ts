/** @file Runs that stop and go on: after an interruption, over a damaged checkpoint, with other files, at the end. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { packExamples } from '../../src/data/batches.ts';
import { makeExamples } from '../../src/data/examples.ts';
import { readRepository } from '../../src/data/repository.ts';
import { splitFiles } from '../../src/data/split.ts';
import { type ErrorCode, FineTuneError } from '../../src/errors.ts';
import { builtInModel } from '../../src/models/builtIn.ts';
import { loadTokenizer } from '../../src/models/huggingFaceTokenizer.ts';
import type { RunEvent } from '../../src/runEvents.ts';
import { readEvents } from '../../src/trainer/events.ts';
import type { FineTuneOptions } from '../../src/trainer/options.ts';
import { type FineTuneResult, fineTune } from '../../src/trainer/run.ts';
import { latestCheckpoint, listCheckpoints, runPaths } from '../../src/trainer/runDirectory.ts';
import { acquireLock, releaseLock } from '../../src/trainer/runLock.ts';
import { addFiles } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-resume-'));
after(() => rmSync(work, { recursive: true, force: true }));
const model = path.join(work, 'model');
makeTinyModel(model, { seed: 1 });
const code = path.join(work, 'code');
addFiles(code, pythonFiles(6));

/** Masks and rates that change, measurements, evaluations and checkpoints out of step, two epochs. */
const OPTIONS: Partial<FineTuneOptions> = {
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
};

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
  assert.deepEqual(actual.before, expected.before);
  assert.deepEqual(actual.after, expected.after);
  assert.deepEqual([actual.steps, actual.flops, actual.reason], [expected.steps, expected.flops, expected.reason]);
}

const rejection = (code: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof FineTuneError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return true;
};

/** A run that is stopped at an event of this step. @returns its path */
async function stoppedRun(options: Partial<FineTuneOptions>, type: RunEvent['type'], stopAt: number): Promise<string> {
  const runPath = newPath();
  const controller = new AbortController();
  const stopped = fineTune({
    ...request(runPath, options),
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === type && event.step === stopAt) controller.abort();
    },
  });
  await assert.rejects(stopped, rejection('INTERRUPTED', new RegExp(`step ${stopAt} `)));
  return runPath;
}

test('a run that is asked to stop keeps a checkpoint of that step and goes on to the same bits', async () => {
  const whole = newPath();
  const expected = await fineTune(request(whole));
  for (const stopAt of [0, 1, 7]) {
    const runPath = newPath();
    const controller = new AbortController();
    const stopped = fineTune({
      ...request(runPath),
      signal: controller.signal,
      onEvent: ({ type, step }) => {
        if (step === stopAt && (type === 'step' || type === 'evaluation')) controller.abort('SIGINT');
      },
    });
    await assert.rejects(stopped, rejection('INTERRUPTED', new RegExp(`step ${stopAt} of 14.*--resume --out`)));
    assert.deepEqual(eventsOf(runPath).at(-1), { type: 'interrupted', step: stopAt, reason: 'SIGINT' });
    assert.equal((await latestCheckpoint(runPath)).checkpoint!.step, stopAt);
    assert.ok(!existsSync(path.join(runPath, 'lock.json')));

    assertSameResult(await resume(runPath), expected);
    assert.deepEqual(weightsOf(runPath), weightsOf(whole));
    // One checkpoint more than the schedule has, and the interruption itself is among the discarded events.
    const events = eventsOf(runPath).filter(({ type, step }) => type !== 'checkpoint' || step !== stopAt);
    assert.deepEqual(withoutTimes(events), withoutTimes(eventsOf(whole)));
    assert.match(readFileSync(runPaths(runPath).discardedEvents, 'utf8'), /"interrupted"/);
  }
});

test('a run that stops in its second pass goes on with the rows of that pass, of which there may be fewer or more', async () => {
  const { files } = await readRepository([code]);
  const { train } = splitFiles(files);
  const tokenizer = loadTokenizer(model);
  const rowsOf = (seed: number, epoch: number) =>
    packExamples(makeExamples(train, tokenizer, { maxSeqLength: 64, fimRate: 0.5, seed, epoch }), 64, seed + epoch)
      .length;
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);
  for (const sign of [-1, 1]) {
    const seed = seeds.find((one) => Math.sign(rowsOf(one, 1) - rowsOf(one, 0)) === sign)!;
    const options = { method: 'full', seed, epochs: 2, maxSteps: null, probeEvery: 1000, evaluateEvery: 1000 } as const;
    const stopAt = Math.ceil(rowsOf(seed, 0) / OPTIONS.microBatch!) + 2;
    const whole = newPath();
    const expected = await fineTune(request(whole, { ...options, checkpointEvery: 1000 }));
    const runPath = await stoppedRun({ ...options, checkpointEvery: 1000 }, 'step', stopAt);
    assertSameResult(await resume(runPath), expected);
    assert.deepEqual(weightsOf(runPath), weightsOf(whole));
  }
});

test('a run of an older version, which names no betas, goes on with those that it had', async () => {
  const whole = newPath();
  await fineTune(request(whole, { beta1: 0.9, beta2: 0.95 }));
  const runPath = await stoppedRun({ beta1: 0.9, beta2: 0.95 }, 'step', 7);
  const { description } = runPaths(runPath);
  const run = JSON.parse(readFileSync(description, 'utf8'));
  assert.deepEqual([run.options.training.beta1, run.options.training.beta2], [0.9, 0.95]);
  delete run.options.training.beta1;
  delete run.options.training.beta2;
  writeFileSync(description, JSON.stringify(run));
  await resume(runPath);
  assert.deepEqual(weightsOf(runPath), weightsOf(whole));

  const today = newPath();
  await fineTune(request(today));
  assert.notDeepEqual(weightsOf(today), weightsOf(whole), 'the betas of a new run are others');
});

/** A rate at which nothing is learnt and everything is lost. */
const RUINOUS = {
  method: 'full',
  learningRate: 10,
  warmup: 0,
  maxSteps: 6,
  evaluateEvery: 3,
  checkpointEvery: 3,
} as const;

test('a run that made the model worse ends alike whether it was stopped before its first step or not', async () => {
  const whole = newPath();
  const expected = await fineTune(request(whole, RUINOUS));
  assert.ok(expected.after.loss > expected.before.loss, 'it did get worse');
  const runPath = await stoppedRun(RUINOUS, 'evaluation', 0);
  assertSameResult(await resume(runPath), expected);
  assert.deepEqual(weightsOf(runPath), weightsOf(whole));
});

test('a damaged checkpoint of the best step costs that step, not the run', async () => {
  const runPath = newPath();
  // The rate grows from step to step: it gets better first, and much worse after that.
  const options = { ...RUINOUS, learningRate: 2, warmup: 1, maxSteps: 20, evaluateEvery: 2 } as const;
  const stepsOf = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'evaluation' ? [{ step: event.step, loss: event.loss }] : []));
  const best = { step: 0, loss: Number.POSITIVE_INFINITY };
  const result = await fineTune({
    ...request(runPath, options),
    onEvent: (event) => {
      if (event.type === 'evaluation' && event.loss < best.loss) Object.assign(best, event);
      const folder = listCheckpoints(runPath).find(({ step }) => step === best.step)?.folder;
      if (event.type === 'step' && event.step === 20) appendFileSync(path.join(folder!, 'weights.bin'), 'x');
    },
  });
  const evaluations = stepsOf(eventsOf(runPath));
  assert.ok(best.step > 0 && best.step < 20, `the best is between: ${JSON.stringify(evaluations)}`);
  assert.equal(result.keptStep, 20);
  assert.equal(result.after.loss, evaluations.at(-1)!.loss);
  const codes = eventsOf(runPath).flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  assert.deepEqual(codes, ['CHECKPOINT_CORRUPT', 'NO_IMPROVEMENT']);
});

test('a stop that is asked for before there is a run leaves none', async () => {
  const runPath = newPath();
  const stopped = fineTune({ ...request(runPath), signal: AbortSignal.abort('SIGTERM') });
  await assert.rejects(stopped, rejection('INTERRUPTED', /Start it again/));
  assert.ok(!existsSync(runPath));
});

test('resuming a finished run changes nothing and gives its result', async () => {
  const runPath = newPath();
  const result = await fineTune(request(runPath, { maxSteps: 4 }));
  const log = readFileSync(runPaths(runPath).events, 'utf8');
  assert.deepEqual(await resume(runPath), result);
  assert.equal(readFileSync(runPaths(runPath).events, 'utf8'), log);

  // Without its model it is not finished: the last checkpoint writes it again.
  const weights = weightsOf(runPath);
  rmSync(runPaths(runPath).model, { recursive: true });
  assertSameResult(await resume(runPath), result);
  assert.deepEqual(weightsOf(runPath), weights);
});

test('a checkpoint that was damaged is passed over with a warning, and the run ends in the same bits', async () => {
  const whole = newPath();
  await fineTune(request(whole));
  const runPath = await stoppedRun({}, 'checkpoint', 8);
  const newest = listCheckpoints(runPath).at(-1)!;
  assert.equal(newest.step, 8);
  appendFileSync(path.join(newest.folder, 'weights.bin'), 'x');
  await resume(runPath);
  assert.deepEqual(weightsOf(runPath), weightsOf(whole));
  const warnings = eventsOf(runPath).filter(({ type }) => type === 'warning');
  assert.equal(warnings.length, 1);
  assert.match((warnings[0] as { message: string }).message, /weights\.bin has/);
});

test('a run does not go on with other files than it began with', async () => {
  const folder = path.join(work, 'changing');
  addFiles(folder, pythonFiles(4));
  const runPath = newPath();
  const controller = new AbortController();
  const stopped = fineTune({
    ...request(runPath),
    folders: [folder],
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'checkpoint') controller.abort();
    },
  });
  await assert.rejects(stopped, rejection('INTERRUPTED', /./));
  const log = readFileSync(runPaths(runPath).events, 'utf8');
  const [name, text] = Object.entries(pythonFiles(4))[0];
  addFiles(folder, { [name]: text.replace('def ', 'def  ') });
  await assert.rejects(resume(runPath), rejection('RUN_MISMATCH', /changing.*Start a new run/));
  assert.equal(readFileSync(runPaths(runPath).events, 'utf8'), log);
  addFiles(folder, { [name]: text });
  assert.equal((await resume(runPath)).reason, 'completed');
});

test('a run does not go on from another base model than it began with, before its first checkpoint or after it', async () => {
  for (const method of ['full', 'lora'] as const) {
    for (const stopAt of ['evaluation', 'checkpoint'] as const) {
      const changing = path.join(work, `model-${method}-${stopAt}`);
      const put = (seed: number) => {
        rmSync(changing, { recursive: true, force: true });
        makeTinyModel(changing, { seed });
      };
      put(1);
      const runPath = newPath();
      const began = fineTune({
        ...request(runPath, { method, maxSteps: 4 }),
        model: changing,
        onEvent: ({ type }) => {
          // As a kill would end it: without the checkpoint of a run that is asked to stop.
          if (type === stopAt) throw new Error('killed');
        },
      });
      await assert.rejects(began, /killed/);
      assert.equal(listCheckpoints(runPath).length, stopAt === 'checkpoint' ? 1 : 0);
      const log = readFileSync(runPaths(runPath).events, 'utf8');
      put(2);
      await assert.rejects(
        resume(runPath),
        rejection('RUN_MISMATCH', /base model in .*model-.*Put the former model back/),
      );
      assert.equal(readFileSync(runPaths(runPath).events, 'utf8'), log);
      put(1);
      assert.equal((await resume(runPath)).steps, 4);
    }
  }
});

test('a run that began with the embedded model of a version that is gone goes on with the one of today', async () => {
  const runPath = newPath();
  const former = path.join(work, 'rgft-0.0.1', 'media', 'rgft-base');
  cpSync(builtInModel(), former, { recursive: true });
  const began = fineTune({
    ...request(runPath, { maxSteps: 2, method: 'full', seqLength: 32 }),
    model: former,
    onEvent: ({ type }) => {
      if (type === 'step') throw new Error('killed');
    },
  });
  await assert.rejects(began, /killed/);
  rmSync(path.dirname(former), { recursive: true });
  assert.equal((await resume(runPath)).steps, 2);
});

test('a run of a version that kept no digest of its base model goes on', async () => {
  const runPath = newPath();
  await fineTune(request(runPath, { maxSteps: 2 }));
  rmSync(runPaths(runPath).model, { recursive: true });
  const stored = JSON.parse(readFileSync(runPaths(runPath).description, 'utf8'));
  assert.match(stored.model.weightsSha256, /^[0-9a-f]{64}$/);
  delete stored.model.weightsSha256;
  writeFileSync(runPaths(runPath).description, JSON.stringify(stored));
  assert.equal((await resume(runPath)).steps, 2);
});

test('an existing run is not overwritten, and one that is being written is left alone', async () => {
  const runPath = newPath();
  await fineTune(request(runPath, { maxSteps: 2 }));
  await assert.rejects(fineTune(request(runPath)), rejection('RUN_EXISTS', /already holds a run.*Resume it/));
  rmSync(runPaths(runPath).model, { recursive: true });
  const lock = acquireLock(runPath);
  await assert.rejects(resume(runPath), rejection('RUN_LOCKED', new RegExp(`${process.pid}`)));
  releaseLock(lock);
  assert.equal((await resume(runPath)).steps, 2);
  await assert.rejects(resume(newPath()), rejection('RUN_NOT_FOUND', /holds no run.json/));
});
