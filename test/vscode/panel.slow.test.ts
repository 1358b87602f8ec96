/**
 * @file The extension as its users meet it: installed from its VSIX into a fresh profile of a real VS Code, used through
 * palette, quick picks and panel; what is shown is compared with what the run directory holds.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import type { RunEvent } from '../../src/runEvents.ts';
import { readEvents } from '../../src/trainer/events.ts';
import { formatPercent } from '../../webview/format.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { launchBrowser, startServer } from './server.ts';
import { chromium, isReady } from './setup.ts';
import {
  answers,
  type MapTable,
  openContainer,
  openTab,
  openWorkspace,
  packExtension,
  panelOf,
  questionShown,
  readMapTable,
  reloadWindow,
  runCommand,
  sidebarRows,
  statusItem,
} from './workbench.ts';

const root = path.join(import.meta.dirname, '..', '..');
const missing = [
  ...(chromium() ? [] : ['Chromium']),
  ...(isReady() ? [] : ['VS Code (node --import tsx test/vscode/setup.ts)']),
  ...(existsSync(path.join(root, 'dist/extension.cjs')) ? [] : ['dist (npm run build)']),
];
const skip = missing.length > 0 ? `not on this machine: ${missing.join(', ')}` : false;

/** Tells how long each part took, for whoever wonders where the minutes go. */
function stopwatch(t: TestContext): (what: string) => void {
  const startedMs = performance.now();
  return (what) => {
    const lap = `${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${what}`;
    t.diagnostic(lap);
    if (process.env.DEBUG) console.error(lap);
  };
}

/**
 * What the windows ask at the end of the test, as nothing else can be clicked then; with RGFT_PICTURES=<folder>, how they
 * stand. A window that cannot be looked at any more keeps nothing behind it from being stopped.
 */
async function lookAtWindows(t: TestContext, context: BrowserContext): Promise<void> {
  const { RGFT_PICTURES: folder } = process.env;
  for (const [number, window] of context.pages().entries()) {
    try {
      for (const text of await window.locator('.monaco-dialog-box').allInnerTexts()) {
        t.diagnostic(`window ${number + 1} asks: ${text}`);
      }
      if (folder) await window.screenshot({ path: path.join(folder, `end-of-test-${number + 1}.png`) });
    } catch (error) {
      t.diagnostic(`window ${number + 1} cannot be looked at: ${error}`);
    }
  }
}

/** The only run of a workspace. */
function onlyRun(workspace: string): string {
  const runs = path.join(workspace, '.rgft', 'runs');
  const names = readdirSync(runs).filter((name) => existsSync(path.join(runs, name, 'events.jsonl')));
  assert.equal(names.length, 1, names.join());
  return path.join(runs, names[0]);
}

const eventsOf = (run: string): readonly RunEvent[] => readEvents(path.join(run, 'events.jsonl')).events;

/** The map that a run's log holds for a step: the last one measured until then, by component. */
function mapInLog(
  events: readonly RunEvent[],
  step: number,
): { readonly step: number; readonly values: MapTable['values'] } {
  const started = events.find((event) => event.type === 'started')!;
  const map = events.findLast((event) => event.type === 'errorMap' && event.step <= step);
  assert.ok(map?.type === 'errorMap', `no error map until step ${step}`);
  return { step: map.step, values: Object.fromEntries(started.components.map((id, c) => [id, map.shares[c]])) };
}

/** Reads the live table until it shows a step past `after` that lies behind its measurement, and compares. */
async function mapEqualsLog(page: Page, run: string, after: number): Promise<MapTable> {
  await panelOf(page).locator('.mapTable caption').waitFor({ state: 'attached' });
  for (;;) {
    const table = await readMapTable(panelOf(page));
    const events = eventsOf(run);
    const hasMap = events.some((event) => event.type === 'errorMap' && event.step <= table.step);
    // At the step of a measurement itself the panel may have the step and not yet the map.
    if (table.step > after && hasMap && mapInLog(events, table.step).step < table.step) {
      assert.deepEqual(table.values, mapInLog(events, table.step).values);
      return table;
    }
    assert.ok(!events.some(({ type }) => type === 'finished'), `the run ended at step ${table.step}`);
    await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
  }
}

const lastStep = (run: string): number => eventsOf(run).findLast((event) => event.type === 'step')?.step ?? 0;

test('from the palette to a tuned model: live map, reload, stop, resume, pass@k', {
  skip,
  timeout: 900_000,
}, async (t) => {
  const lap = stopwatch(t);
  // Before the folder that they live in goes.
  const endings: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const end of endings.reverse()) await end();
  });
  const folder = temporaryFolder(t);
  const workspace = path.join(folder, 'workspace');
  cpSync(path.join(root, 'media/samples/python'), workspace, { recursive: true });
  const extension = await packExtension(folder);
  lap('packed');
  // One thread: the browser wants the rest of a small machine, and the run lasts long enough to be interrupted.
  const server = await startServer({
    folder: path.join(folder, 'profile'),
    extension,
    machineSettings: { 'rgft.threads': 1 },
  });
  endings.push(server.stop);
  const browser = await launchBrowser();
  endings.push(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  endings.push(() => lookAtWindows(t, context));
  const page = await context.newPage();
  await openWorkspace(page, server, workspace);
  // A second window on the same folder, as after "Duplicate Workspace".
  const second = await context.newPage();
  await openWorkspace(second, server, workspace);
  await openContainer(second);
  await sidebarRows(second, 'Runs').view.getByText('No run yet').waitFor();
  await page.bringToFront();
  lap('windows open');

  await runCommand(page, 'RGFT: Fine-tune on Workspace\u2026');
  await questionShown(page, 'The model to start from');
  await page.keyboard.press('Enter');
  await questionShown(page, 'How to train');
  await answers(page, 'RGFT without a limit').nth(1).click(); // in the group of quick runs
  await answers(page, 'Start').first().click();
  await panelOf(page).locator('header .stateText', { hasText: 'Running' }).waitFor();
  lap('the panel shows the run');
  const run = onlyRun(workspace);

  await panelOf(page).locator('vscode-checkbox', { hasText: 'Table view' }).click();
  const first = await mapEqualsLog(page, run, 0);
  await mapEqualsLog(page, run, first.step);
  lap('the map is live, its numbers are those of events.jsonl');

  await reloadWindow(page);
  await panelOf(page).locator('header .stateText', { hasText: 'Running' }).waitFor();
  await mapEqualsLog(page, run, first.step);
  await statusItem(page).waitFor();
  await openContainer(page);
  await sidebarRows(page, 'Runs')
    .rows.filter({ hasText: path.basename(run) })
    .filter({ hasText: /\d+ %/ })
    .waitFor();
  lap('the reloaded window finds the run');

  await second.bringToFront();
  await statusItem(second).waitFor();
  await runCommand(second, 'RGFT: Stop Run');
  for (const window of [second, page]) {
    await sidebarRows(window, 'Runs').rows.filter({ hasText: 'interrupted at' }).waitFor();
    await statusItem(window).waitFor({ state: 'detached' });
  }
  await panelOf(page).locator('header .stateText', { hasText: 'Interrupted' }).waitFor();
  await page.bringToFront();
  const stoppedAt = lastStep(run);
  assert.equal(eventsOf(run).at(-1)!.type, 'interrupted');
  lap(`a second window stopped it at step ${stoppedAt}, and both say so`);

  await runCommand(page, 'RGFT: Resume Run');
  await panelOf(page).locator('header .stateText', { hasText: 'Finished' }).waitFor({ timeout: 300_000 });
  const events = eventsOf(run);
  assert.equal(lastStep(run), 100);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'step' ? [event.step] : [])),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  const final = await readMapTable(panelOf(page));
  assert.deepEqual(final.values, mapInLog(events, final.step).values);
  await page.locator('.notification-toast', { hasText: 'has finished' }).waitFor();
  lap('resumed and finished');

  await runCommand(page, 'RGFT: Evaluate pass@k\u2026');
  await questionShown(page, 'Which problems');
  // On a busy machine the question is there before its answers, and Enter would say nothing.
  await page.locator('.quick-input-widget .monaco-list-row.focused').click();
  await questionShown(page, 'How thoroughly');
  await answers(page, 'A first impression').click();
  // One process for both models: what was to follow comes, too, when the window that asked is gone.
  await page.locator('.notification-toast', { hasText: '1 of 2: ' }).waitFor();
  await reloadWindow(page);
  await panelOf(page).locator('header .stateText', { hasText: 'Finished' }).waitFor();
  const results = path.join(run, 'eval', 'pass-at-k');
  await openTab(panelOf(page), 'pass@k');
  const rows = panelOf(page).locator('.intervals tbody tr');
  await rows.nth(1).waitFor({ timeout: 400_000 });
  lap('evaluated, over a reload');
  for (const [at, model] of (['base', 'tuned'] as const).entries()) {
    const folder = readdirSync(results).find(
      (name) => name.startsWith(`${model}-problems.jsonl-`) && !name.endsWith('.log'),
    )!;
    const report = JSON.parse(readFileSync(path.join(results, folder, 'report.json'), 'utf8'));
    assert.equal(report.problems.length, 10);
    assert.ok(report.problems.every(({ samples }: { samples: number }) => samples === 5));
    const { value, low, high } = report.passAtK['1'];
    const cells = (await rows.nth(at).locator('td, th').allInnerTexts()).map((text) => text.trim());
    const interval = `${formatPercent(low)} \u2013 ${formatPercent(high)}`;
    assert.deepEqual(cells.slice(0, 4), [
      model === 'base' ? 'Base' : 'Tuned',
      'pass@1',
      formatPercent(value),
      interval,
    ]);
    for (const { taskId, passed } of report.problems as { taskId: string; passed: number }[]) {
      const tile = panelOf(page).locator(`[data-problem="${taskId}"]`);
      assert.ok((await tile.getAttribute('title'))?.includes(`${model} ${passed} of 5`), taskId);
    }
  }
  lap('pass@k in the panel is that of report.json');
});
