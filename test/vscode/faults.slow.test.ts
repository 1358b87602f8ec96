/**
 * @file What goes wrong around a run, as its users meet it in a real VS Code: two windows that want the same run, and
 * folders that may not be written. Each time there is a message that names the cause, and a way out that works.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { readEvents } from '../../src/trainer/events.ts';
import { fineTune } from '../../src/trainer/run.ts';
import { lockState } from '../../src/trainer/runLock.ts';
import { respectingPermissions } from '../support/rights.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { launchBrowser, makeWorkspace, type ServerOptions, startServer } from './server.ts';
import { chromium, isReady } from './setup.ts';
import {
  answers,
  offeredCommand,
  openContainer,
  openWorkspace,
  panelOf,
  questionShown,
  runCommand,
  sidebarRows,
  statusItem,
  toast,
} from './workbench.ts';

const root = path.join(import.meta.dirname, '..', '..');
const cli = path.join(root, 'dist/cli.js');
const missing = [
  ...(chromium() ? [] : ['Chromium']),
  ...(isReady() ? [] : ['VS Code (node --import tsx test/vscode/setup.ts)']),
  ...(existsSync(cli) ? [] : ['dist (npm run build)']),
];
const skip = missing.length > 0 ? `not on this machine: ${missing.join(', ')}` : false;
const launcher = respectingPermissions();
const skipRights = skip || (launcher ? false : 'NOT TESTED: permissions cannot be made to count for this user here');

/** So long that a test ends it, never the run itself. */
const STEPS = 5000;

const eventsOf = (run: string) => readEvents(path.join(run, 'events.jsonl')).events;
const stepsOf = (run: string) => eventsOf(run).flatMap((event) => (event.type === 'step' ? [event.step] : []));
const logOf = (run: string) => (existsSync(`${run}.log`) ? readFileSync(`${run}.log`, 'utf8') : '');
const linesOf = (text: string, pattern: RegExp) => text.split('\n').filter((line) => pattern.test(line));

/** Ends what a test started, newest first, before the folder that it lives in goes. */
function endings(t: TestContext): (() => unknown)[] {
  const ends: (() => unknown)[] = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return ends;
}

/** A run of `workspace` that was stopped after some steps. */
async function makeInterruptedRun(workspace: string): Promise<string> {
  const run = path.join(workspace, '.rgft', 'runs', 'begun');
  const controller = new AbortController();
  const stopped = fineTune({
    folders: [workspace],
    model: path.join(root, 'media/rgft-base'),
    runPath: run,
    options: { seqLength: 64, microBatch: 1, threads: 1, epochs: 1000, maxSteps: STEPS },
    signal: controller.signal,
    onEvent: ({ type, step }) => {
      if (type === 'step' && step === 3) controller.abort();
    },
  });
  await assert.rejects(stopped, { code: 'INTERRUPTED' });
  return run;
}

/** Windows of one VS Code with `workspace` open and the views shown. */
async function openWindows(
  t: TestContext,
  count: number,
  workspace: string,
  options: ServerOptions,
): Promise<readonly Page[]> {
  const ends = endings(t);
  const server = await startServer({ extension: root, machineSettings: { 'rgft.threads': 1 }, ...options });
  ends.push(server.stop);
  const browser = await launchBrowser();
  ends.push(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const windows: Page[] = [];
  for (let i = 0; i < count; i++) {
    const page = await context.newPage();
    await openWorkspace(page, server, workspace);
    await openContainer(page);
    windows.push(page);
  }
  return windows;
}

/** Whatever trains a run when the test is over ends with it. */
function endTrainerOf(run: string): void {
  const lock = lockState(run);
  if (lock.state === 'live' && lock.owner) process.kill(lock.owner.pid, 'SIGKILL');
}

const rowOf = (page: Page, text: string | RegExp) => sidebarRows(page, 'Runs').rows.filter({ hasText: text });

test('two windows resume a run at the same moment: one trains it, the other says so and follows', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const workspace = makeWorkspace(root, path.join(folder, 'workspace'), ['core']);
  const run = await makeInterruptedRun(workspace);
  const before = stepsOf(run).length;
  const windows = await openWindows(t, 2, workspace, { folder: path.join(folder, 'profile') });
  t.after(() => endTrainerOf(run));
  for (const page of windows) await rowOf(page, 'interrupted at').waitFor();

  const buttons = await Promise.all(windows.map((page) => offeredCommand(page, 'RGFT: Resume Run')));
  await Promise.all(buttons.map((button) => button.click()));

  const said = windows.map((page) => toast(page, 'begun is training already: another window'));
  const loser = await Promise.race(said.map((message, i) => message.waitFor().then(() => i)));
  const winner = 1 - loser;
  // Both had started a trainer: the message of the one that ended stands in the log that they share, once.
  assert.equal(linesOf(logOf(run), /^RUN_LOCKED: /).length, 1, logOf(run));
  const lock = lockState(run);
  assert.ok(lock.state === 'live' && lock.owner);
  for (const page of windows) {
    await statusItem(page).waitFor();
    await rowOf(page, /\d+ %/).waitFor();
  }
  await said[loser].getByRole('button', { name: 'Show Error Map' }).click();
  const panel = panelOf(windows[loser]);
  await panel.locator('header .stateText', { hasText: 'Running' }).waitFor();
  const stepOf = async () =>
    Number(/Step ([\d,]+)/.exec((await panel.locator('header .stateFacts').textContent())!)![1].replaceAll(',', ''));
  const seen = await stepOf();
  await panel.locator('header .stateFacts', { hasNotText: `Step ${seen} of` }).waitFor();
  assert.ok((await stepOf()) > before);
  assert.equal(await said[winner].count(), 0);

  // The window that follows can stop what the other one started.
  await runCommand(windows[loser], 'RGFT: Stop Run');
  for (const page of windows) await rowOf(page, 'interrupted at').waitFor();
  assert.equal(lockState(run).state, 'free');
  const steps = stepsOf(run);
  assert.deepEqual(
    steps,
    Array.from(steps, (_, i) => i + 1),
    'no step was taken twice',
  );
  assert.ok(steps.length > before);
  t.diagnostic(`resumed at step ${before} by process ${lock.owner.pid}, stopped at ${steps.length}`);
});

test('a folder or a run that may not be written: each command says so, and its way out works', {
  skip: skipRights,
  timeout: 240_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const workspace = makeWorkspace(root, path.join(folder, 'workspace'), ['core']);
  const profile = path.join(folder, 'profile');
  // VS Code's own storage may not be written either: nothing of ours depends on it.
  for (const name of ['globalStorage', 'workspaceStorage']) {
    mkdirSync(path.join(profile, 'user', 'User', name), { recursive: true });
    chmodSync(path.join(profile, 'user', 'User', name), 0o555);
  }
  const [page] = await openWindows(t, 1, workspace, { folder: profile, launcher });
  await sidebarRows(page, 'Runs').view.getByText('No run yet').waitFor();

  // The workspace.
  chmodSync(workspace, 0o555);
  await runCommand(page, 'RGFT: Fine-tune on Workspace\u2026');
  await questionShown(page, 'The model to start from');
  await page.keyboard.press('Enter');
  await questionShown(page, 'How to train');
  await page.keyboard.press('Enter');
  await answers(page, 'Cannot start').waitFor();
  await answers(page, 'cannot be written').waitFor();
  assert.match(
    (await answers(page, 'cannot be written').textContent())!,
    /Make the folder writable for this user, or open a/,
  );
  assert.equal(await answers(page, /^Start/).count(), 0);
  await page.keyboard.press('Enter');
  await questionShown(page, 'What it would learn from');
  await page.keyboard.press('Escape');
  assert.ok(!existsSync(path.join(workspace, '.rgft')));
  chmodSync(workspace, 0o755);

  // The run: resuming says what is wrong; made writable, its own button goes on.
  const run = await makeInterruptedRun(workspace);
  await rowOf(page, 'interrupted at').waitFor();
  const listed = readdirSync(run).sort();
  chmodSync(run, 0o555);
  await runCommand(page, 'RGFT: Resume Run');
  const refused = toast(page, /Cannot write .*begun.*permission denied/);
  await refused.waitFor();
  await rowOf(page, 'interrupted at').waitFor();
  assert.deepEqual(readdirSync(run).sort(), listed);

  // It can be looked at, and be neither renamed nor deleted.
  await runCommand(page, 'RGFT: Open Report');
  await page.locator('.tab', { hasText: 'Report: begun' }).waitFor();
  await page
    .frameLocator('iframe.webview.ready')
    .frameLocator('iframe#active-frame')
    .getByText('begun')
    .first()
    .waitFor();
  await runCommand(page, 'RGFT: Delete Run');
  await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' }).click();
  await toast(page, /Cannot write .*begun/)
    .nth(1)
    .waitFor();
  assert.ok(existsSync(path.join(run, 'run.json')));
  await runCommand(page, 'Notifications: Clear All Notifications');
  await runCommand(page, 'RGFT: Resume Run');
  await refused.waitFor();
  chmodSync(run, 0o755);
  await refused.getByRole('button', { name: 'Resume' }).click();
  await statusItem(page).waitFor();

  // While it trains: a request to stop that cannot be written leaves ending the process.
  t.after(() => endTrainerOf(run));
  chmodSync(run, 0o555);
  await runCommand(page, 'RGFT: Stop Run');
  const ending = toast(page, /Cannot write .*stop.*Ended now, it can be resumed/);
  await ending.getByRole('button', { name: 'End the Process' }).click();
  await rowOf(page, 'interrupted at').waitFor();
  assert.notEqual(lockState(run).state, 'live');
  chmodSync(run, 0o755);
});

test('the command line without the right to write: a code, the path, and nothing left behind', {
  skip: skipRights,
  timeout: 300_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const workspace = makeWorkspace(root, path.join(folder, 'workspace'), ['core']);
  const [command, ...words] = [...launcher!, process.execPath, cli];
  const call = async (...args: string[]) => {
    const child = spawn(command, [...words, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [status] = await once(child, 'close');
    return { status, stderr };
  };
  chmodSync(workspace, 0o555);
  const begun = await call('finetune', workspace, '--max-steps', '2');
  assert.equal(begun.status, 1);
  assert.match(begun.stderr, /^NO_PERMISSION: Cannot write .*workspace.*Make the folder writable for this user/m);
  assert.ok(!existsSync(path.join(workspace, '.rgft')));
  chmodSync(workspace, 0o755);

  const run = await makeInterruptedRun(workspace);
  const log = readFileSync(path.join(run, 'events.jsonl'), 'utf8');
  chmodSync(run, 0o555);
  const resumed = await call('finetune', '--resume', '--out', run);
  assert.equal(resumed.status, 1);
  assert.match(resumed.stderr, /^NO_PERMISSION: Cannot write .*begun/m);
  assert.equal(readFileSync(path.join(run, 'events.jsonl'), 'utf8'), log);
  chmodSync(run, 0o755);
});
