/** @file The store of runs, on real run directories that real processes write. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { passAtKFolder, renameRun, runName } from '../../src/host/runFiles.ts';
import { type RunChange, RunStore, workspaceFolderOf } from '../../src/host/runStore.ts';
import type { RunEvent } from '../../src/runEvents.ts';
import { makeFolder } from '../../src/trainer/disk.ts';
import { appendEvent, closeRun, createRun, type Run, runPaths } from '../../src/trainer/runDirectory.ts';
import { addFiles, temporaryFolder } from '../support/temporaryFolder.ts';
import { description, stepEvent } from '../trainer/runDirectoryFixture.ts';

const started: RunEvent = { type: 'started', step: 0, atMs: 0, method: 'rgft', totalSteps: 9, components: ['a'] };

/** A workspace folder with a run that this process writes, and a store that watches it. */
async function watched(t: { after: (end: () => void) => void } & Parameters<typeof temporaryFolder>[0]) {
  const folder = temporaryFolder(t);
  const run = createRun(path.join(folder, '.rgft', 'runs', 'one'), description);
  const store = new RunStore();
  const changes: RunChange[] = [];
  store.onChange((found) => changes.push(...found));
  let isOpen = true;
  const close = () => {
    if (isOpen) closeRun(run);
    isOpen = false;
  };
  t.after(() => {
    store.dispose();
    close();
  });
  appendEvent(run, started);
  store.setFolders([folder]);
  await store.ready;
  return { folder, run, store, changes, close };
}

const EVALUATION = { problems: '/some/problems.jsonl', numSamples: 2, limit: null, version: '1.0.0' };

/** What a look finds. */
function look(store: RunStore, changes: RunChange[]): RunChange[] {
  changes.length = 0;
  store.refresh();
  return [...changes];
}

const append = (run: Run, ...steps: number[]) => {
  for (const step of steps) appendEvent(run, stepEvent(step));
};

test('a run that somebody writes is running; each look brings only what is new', async (t) => {
  const { run, store, changes } = await watched(t);
  assert.deepEqual(
    store.summaries.map(({ name, state, totalSteps }) => ({ name, state, totalSteps })),
    [{ name: 'one', state: 'running', totalSteps: 9 }],
  );
  append(run, 1, 2);
  const [change] = look(store, changes);
  assert.deepEqual([change.path, change.events.map(({ step }) => step), change.after!.step], [run.path, [1, 2], 2]);
  assert.deepEqual(look(store, changes), []);
});

test('a snapshot of all events and what follows fit together', async (t) => {
  const { run, store, changes } = await watched(t);
  append(run, 1, 2);
  assert.deepEqual(
    store.events(run.path).map(({ step }) => step),
    [0, 1, 2],
  );
  append(run, 3);
  assert.deepEqual(
    look(store, changes).flatMap(({ events }) => events.map(({ step }) => step)),
    [3],
  );
});

test('half a line is no event, until the rest of it is there', async (t) => {
  const { run, store, changes } = await watched(t);
  const line = `${JSON.stringify({ ...stepEvent(1), gradNorm: 1 })}\n`;
  appendFileSync(runPaths(run.path).events, line.slice(0, 20));
  assert.deepEqual(look(store, changes), []);
  appendFileSync(runPaths(run.path).events, line.slice(20));
  assert.equal(look(store, changes)[0].after!.step, 1);
});

test('a log that was cut and written anew starts over', async (t) => {
  const { run, store, changes } = await watched(t);
  append(run, 1, 2, 3);
  store.refresh();
  const text = readFileSync(runPaths(run.path).events, 'utf8').split('\n');
  writeFileSync(runPaths(run.path).events, `${text.slice(0, 2).join('\n')}\n`);
  const [change] = look(store, changes);
  assert.deepEqual([change.restarted, change.after!.step, change.events.length], [true, 1, 2]);
});

test('a trainer that lets go without an end leaves an interrupted run; its log says what it could not write', async (t) => {
  const { run, store, changes, close } = await watched(t);
  append(run, 1);
  store.refresh();
  close();
  const [change] = look(store, changes);
  assert.deepEqual(
    [change.before!.state, change.after!.state, change.after!.problem],
    ['running', 'interrupted', null],
  );
  assert.equal(store.hasOwnEnd(run.path), false);
  writeFileSync(`${run.path}.log`, 'step 1/9\nDISK_FULL: No room to write events.jsonl.\n');
  const [full] = look(store, changes);
  assert.deepEqual(
    [full.after!.state, full.after!.problem],
    ['interrupted', 'DISK_FULL: No room to write events.jsonl.'],
  );
});

test('a run that somebody stopped has an end of its own', async (t) => {
  const { run, store, close } = await watched(t);
  append(run, 1);
  appendEvent(run, { type: 'interrupted', step: 1, reason: 'stop requested' });
  close();
  store.refresh();
  assert.equal(store.summary(run.path)!.state, 'interrupted');
  assert.equal(store.hasOwnEnd(run.path), true);
});

test('a workspace that is deleted during a run takes its runs along', async (t) => {
  const { folder, run, store, changes } = await watched(t);
  rmSync(path.join(folder, '.rgft'), { recursive: true });
  const [change] = look(store, changes);
  assert.deepEqual([change.before!.state, change.after, change.wasClosed], ['running', null, false]);
  assert.deepEqual(store.summaries, []);
  assert.equal(store.details(run.path), null);
  assert.deepEqual(store.events(run.path), []);
});

test('a workspace folder that is closed leaves its runs where they are', async (t) => {
  const { store, changes } = await watched(t);
  changes.length = 0;
  store.setFolders([]);
  await store.ready;
  assert.deepEqual(
    changes.map(({ before, after, wasClosed }) => [before!.state, after, wasClosed]),
    [['running', null, true]],
  );
});

test('a damaged log makes its run unreadable, and the others stay', async (t) => {
  const { folder, run, store } = await watched(t);
  const other = createRun(path.join(folder, '.rgft', 'runs', 'two'), { ...description, createdAtMs: 1 });
  appendEvent(other, started);
  closeRun(other);
  appendFileSync(runPaths(run.path).events, 'no event\n');
  store.refresh();
  assert.deepEqual(
    store.summaries.map(({ name, state }) => [name, state]),
    [
      ['two', 'interrupted'],
      ['one', 'unreadable'],
    ],
  );
  assert.match(store.summary(run.path)!.problem!, /^RUN_CORRUPT: Line 2 /);
  assert.notEqual(store.details(run.path), null);
});

test('two stores on one run see the same', async (t) => {
  const { folder, run, store } = await watched(t);
  const other = new RunStore();
  t.after(() => other.dispose());
  other.setFolders([folder]);
  await other.ready;
  append(run, 1, 2);
  store.refresh();
  other.refresh();
  assert.deepEqual(other.summaries, store.summaries);
});

test('a name is kept in the run, and its folder stays', async (t) => {
  const { folder, run, store } = await watched(t);
  assert.equal(runName(run.path), 'one');
  renameRun(run.path, '  first try \n');
  store.refresh();
  assert.equal(store.summary(run.path)!.name, 'first try');
  assert.equal(workspaceFolderOf(run.path), folder);
});

test('results beside the events are read once, and announced when they change', async (t) => {
  const { run, store, changes } = await watched(t);
  const stored = { loss: 2, accuracy: 0.5, tokens: 4, files: [{ path: 'a.py', tokens: 4, totalNats: 8 }] };
  const text = { path: 'a.py', firstLine: 1, pieces: ['a', 'b'], losses: [null, 1.5] };
  const report = {
    passAtK: { 1: { value: 0.5, low: 0.2, high: 0.8 }, 10: null },
    problems: [{ taskId: 'p/0', samples: 2, passed: 1, passAtK: {}, verdicts: {} }],
    settings: { numSamples: 2 },
    layers: ['process'],
  };
  const sample = (passed: boolean) =>
    JSON.stringify({ task_id: 'p/0', completion: 'x', result: passed ? 'passed' : 'failed: no', passed });
  const folder = passAtKFolder(run.path, 'tuned', EVALUATION);
  makeFolder(folder);
  addFiles(run.path, {
    'eval/step-0.json': JSON.stringify(stored),
    'eval/step-2.json': '{"files": [',
    ...Object.fromEntries(
      [0, 2, 4].map((step) => [`eval/tokens-${step}.json`, JSON.stringify({ step, texts: [text] })]),
    ),
  });
  addFiles(folder, {
    'report.json': JSON.stringify(report),
    'samples.jsonl_results.jsonl': `${sample(true)}\n${sample(false)}\n`,
  });
  assert.equal(look(store, changes)[0].filesChanged, true);
  const details = store.details(run.path)!;
  assert.deepEqual(details.fileLosses, [{ step: 0, files: [{ path: 'a.py', tokens: 4, loss: 2 }] }]);
  assert.deepEqual(
    details.tokenLosses.map(({ step }) => step),
    [0, 4],
  );
  assert.deepEqual(details.passAtK, [
    {
      model: 'tuned',
      group: path.basename(folder).replace('tuned-', ''),
      problems: 'problems.jsonl',
      numSamples: 2,
      passAtK: { 1: { value: 0.5, low: 0.2, high: 0.8 } },
      perProblem: [{ taskId: 'p/0', samples: 2, passed: 1 }],
      samples: [
        { taskId: 'p/0', completion: 'x', result: 'passed', passed: true },
        { taskId: 'p/0', completion: 'x', result: 'failed: no', passed: false },
      ],
      layers: ['process'],
    },
  ]);
  assert.equal(store.details(run.path)!.tokenLosses[0], details.tokenLosses[0]);
});

test('an evaluation with other settings has a folder of its own, base and tuned model the same name, and old ones are listed', async (t) => {
  const { run, store } = await watched(t);
  const others = [
    EVALUATION,
    { ...EVALUATION, problems: '/other/problems.jsonl' },
    { ...EVALUATION, numSamples: 5 },
    { ...EVALUATION, limit: 10 },
    { ...EVALUATION, version: '1.0.1' },
  ];
  const folders = others.map((settings) => passAtKFolder(run.path, 'tuned', settings));
  assert.equal(new Set(folders).size, others.length);
  assert.notEqual(path.basename(passAtKFolder('/moved', 'tuned', EVALUATION)), path.basename(folders[0]));
  const base = passAtKFolder(run.path, 'base', EVALUATION);
  const old = path.join(path.dirname(base), 'tuned-problems.jsonl');
  const report = JSON.stringify({ passAtK: {}, problems: [], layers: [] });
  for (const [at, folder] of [old, folders[0], base].entries()) {
    makeFolder(folder);
    addFiles(folder, { 'report.json': report });
    utimesSync(path.join(folder, 'report.json'), at, at);
  }
  writeFileSync(`${base}.log`, 'beside the folder\n');
  store.refresh();
  const listed = store.details(run.path)!.passAtK;
  assert.deepEqual(
    listed.map(({ model, problems }) => `${model} ${problems}`),
    ['base problems.jsonl', 'tuned problems.jsonl', 'tuned problems.jsonl'],
  );
  assert.equal(listed[0].group, listed[1].group);
  assert.notEqual(listed[1].group, listed[2].group);
});
