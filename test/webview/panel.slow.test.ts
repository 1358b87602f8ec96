/** @file The panel in a browser: its numbers are those of the events, its page keeps its policy, everyone can use it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { RunEvent } from '../../src/runEvents.ts';
import { defaultViewState, TABS } from '../../webview/viewState.ts';
import {
  chromiumPath,
  type OpenPanel,
  openPanel,
  type PanelBrowser,
  startPanelBrowser,
  THEMES,
} from './support/openPanel.ts';
import { componentIds, detailsOf, measurement, summaryOf, syntheticEvents } from './support/syntheticRun.ts';

const skip = chromiumPath ? false : 'no Chromium on this machine';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const recorded = readFileSync(path.join(import.meta.dirname, 'fixtures/events.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RunEvent);

const components = componentIds({ layers: 3, heads: 4, keyValueGroups: 2, bands: 2, lmHead: true });
const events = syntheticEvents({ components });
const summary = summaryOf('/runs/first');
const other = summaryOf('/runs/second');

let browser: PanelBrowser;
before(async () => {
  if (!skip) browser = await startPanelBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

/** Opens the panel on a run. */
async function openRun(
  options: Parameters<typeof openPanel>[1] = {},
  details = detailsOf(summary),
  list: readonly RunEvent[] = events,
): Promise<OpenPanel> {
  const panel = await openPanel(browser, options);
  await panel.send({ type: 'runs', runs: [summary, other] }, { type: 'run', slot: 'main', details, events: list });
  return panel;
}

async function closePanel(panel: OpenPanel): Promise<void> {
  assert.deepEqual(await panel.problems(), []);
  await panel.page.context().close();
}

/** Exact values of the table view by component. */
async function tableValues({ page }: OpenPanel): Promise<Record<string, number>> {
  const cells = (await page.evaluate(
    '[...document.querySelectorAll("[data-component]")].map((cell) => [cell.dataset.component, Number(cell.dataset.value)])',
  )) as [string, number][];
  return Object.fromEntries(cells);
}

const mapState = (map: object) => ({ ...defaultViewState(), map: { ...defaultViewState().map, ...map } });

test('the table of the map holds the numbers of the events', { skip }, async () => {
  for (const list of [events, recorded]) {
    const panel = await openRun({ state: mapState({ isTable: true }) }, detailsOf(summary), list);
    const map = list.findLast((event) => event.type === 'errorMap')!;
    const started = list.find((event) => event.type === 'started')!;
    const expected = Object.fromEntries(started.components.map((id, c) => [id, map.shares[c]]));
    assert.deepEqual(await tableValues(panel), expected);
    await closePanel(panel);
  }
});

test('what the pointer rests on is named with its numbers', { skip }, async () => {
  const panel = await openRun();
  const map = events.findLast((event) => event.type === 'errorMap')!;
  const share = Number((map.shares[components.indexOf('embed')] * 100).toPrecision(3));
  await panel.page.locator('.mapGrid').hover({ position: { x: 300, y: 50 } });
  const text = String(await panel.page.locator('.tooltip').textContent());
  assert.ok(text.startsWith('embedding'), text);
  assert.ok(text.includes(`share of the error ${share} %`), text);
  await closePanel(panel);
});

test('arrow keys move over the cells, Enter pins one and shows its history', { skip }, async () => {
  const panel = await openRun();
  const grid = panel.page.locator('.mapGrid');
  await grid.focus();
  const current = () => panel.page.locator('[role=gridcell]').textContent();
  assert.match(String(await current()), /^embedding:/);
  await panel.page.keyboard.press('ArrowDown');
  await panel.page.keyboard.press('ArrowRight');
  assert.match(String(await current()), /^layer 0, head 1:/);
  await panel.page.keyboard.press('ArrowDown');
  assert.match(String(await current()), /^layer 0, KV group 0:/);
  await panel.page.keyboard.press('Enter');
  await panel.page.locator('.pin h3', { hasText: 'layer 0, KV group 0' }).waitFor();
  assert.match(
    (await panel.page.locator('.pin canvas').getAttribute('aria-label'))!,
    /Share of the error over the run/,
  );
  assert.equal(((await panel.saved()) as { map: { pinned: string } }).map.pinned, '0.kv.0');
  await closePanel(panel);
});

test('a screen reader is given the cell that the keyboard stands on, and a name for everything that takes the focus', {
  skip,
}, async () => {
  const panel = await openRun();
  const session = await panel.page.context().newCDPSession(panel.page);
  const tree = async () => {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    return nodes.filter(({ ignored }) => !ignored);
  };
  type AxNode = Awaited<ReturnType<typeof tree>>[number];
  const property = ({ properties = [] }: AxNode, name: string) => properties.find((one) => one.name === name)?.value;
  await panel.page.locator('.mapGrid').focus();
  await panel.page.keyboard.press('ArrowDown');
  const map = await tree();
  const grid = map.find(({ role }) => role?.value === 'grid')!;
  assert.match(
    String(grid.name!.value),
    /^Error map, Share of the error, step \d+\. Arrow keys move, Enter pins a cell\.$/,
  );
  assert.equal(property(grid, 'focused')?.value, true);
  const [active] = property(grid, 'activedescendant')!.relatedNodes!;
  const cell = map.find(({ backendDOMNodeId }) => backendDOMNodeId === active.backendDOMNodeId)!;
  assert.equal(cell.role!.value, 'gridcell');
  assert.match(
    String(cell.name!.value),
    /^layer 0, head 0: trained now, share of the error [\d.e-]+ %, rate multiplier/,
  );

  for (const tab of TABS) {
    await panel.page.locator(`vscode-tab-header`).nth(TABS.indexOf(tab)).click();
    const focusable = (await tree()).filter((node) => property(node, 'focusable')?.value === true);
    const unnamed = focusable.filter(({ name, role }) => !name?.value && role?.value !== 'RootWebArea');
    assert.deepEqual(
      unnamed.map(({ role }) => role?.value),
      [],
      tab,
    );
  }
  await closePanel(panel);
});

test('the scrubber shows an earlier step, and Latest follows the run', { skip }, async () => {
  const panel = await openRun({ state: mapState({ isTable: true }) });
  await panel.page.locator('button[aria-label="Previous measurement"]').click();
  await panel.page.locator('output', { hasText: 'Step 8 of 12' }).waitFor();
  const map = events.find((event) => event.type === 'errorMap' && event.step === 8);
  assert.equal((await tableValues(panel)).embed, map?.type === 'errorMap' ? map.shares[0] : undefined);
  await panel.page.locator('input[aria-label="Step shown"]').focus();
  await panel.page.keyboard.press('Home');
  await panel.page.locator('output', { hasText: 'Step 0 of 12' }).waitFor();
  await panel.page.locator('vscode-button', { hasText: 'Latest' }).click();
  await panel.page.locator('output', { hasText: 'Step 12 of 12' }).waitFor();
  await closePanel(panel);
});

test('a difference between two runs pairs components by id', { skip }, async () => {
  const panel = await openRun({ state: mapState({ isTable: true, comparison: 'run' }) });
  const fewer = components.filter((id) => id !== '0.kv.0');
  const second = syntheticEvents({ components: fewer });
  await panel.send({ type: 'run', slot: 'compared', details: detailsOf(other), events: second });
  const shareOf = (list: readonly RunEvent[], ids: readonly string[], id: string) =>
    list.findLast((event) => event.type === 'errorMap')!.shares[ids.indexOf(id)];
  await panel.page.locator('[data-component="0.kv.0"][data-value="NaN"]').waitFor();
  const values = await tableValues(panel);
  assert.equal(values['2.norm'], shareOf(events, components, '2.norm') - shareOf(second, fewer, '2.norm'));
  await closePanel(panel);
});

test('another run of the same length takes the place of the first in map, table and charts', { skip }, async () => {
  const panel = await openRun({ state: mapState({ isTable: true }) });
  const reversed = [...components].reverse();
  await panel.send({
    type: 'run',
    slot: 'main',
    details: detailsOf(other),
    events: syntheticEvents({ components: reversed }),
  });
  const map = events.findLast((event) => event.type === 'errorMap')!;
  assert.equal((await tableValues(panel)).embed, map.shares[components.length - 1]);
  await panel.page.locator('vscode-tab-header', { hasText: 'Charts' }).click();
  const lossText = () => panel.page.locator('canvas[aria-label^="Loss"]').getAttribute('aria-label');
  await panel.page.locator('canvas[aria-label^="Loss"]').waitFor();
  const before = await lossText();
  const worse = events.map((event) => (event.type === 'step' ? { ...event, loss: event.loss + 1 } : event));
  await panel.send({ type: 'run', slot: 'main', details: detailsOf(other), events: worse });
  await panel.page.locator('canvas[aria-label*="training: from 3.95"]').waitFor();
  assert.notEqual(await lossText(), before);
  await closePanel(panel);
});

test('live events are appended, and a run drawn live equals one drawn at once', { skip }, async () => {
  const running = detailsOf(summaryOf('/runs/first', 'running'));
  const panel = await openRun({ state: mapState({ isTable: true }) }, running, events.slice(0, 10));
  for (const event of events.slice(10)) await panel.send({ type: 'events', path: '/runs/first', events: [event] });
  const map = events.findLast((event) => event.type === 'errorMap')!;
  // The step comes before its measurement, and a live table is drawn once a second: its caption says nothing of the map.
  await panel.page.locator(`[data-component="lmHead"][data-value="${map.shares.at(-1)}"]`).waitFor();
  assert.deepEqual(await tableValues(panel), Object.fromEntries(components.map((id, c) => [id, map.shares[c]])));
  const header = String(await panel.page.locator('header').textContent());
  assert.ok(header.includes('Step 12 of 20') && header.includes('1 min 05 s left'), header);
  await panel.page.locator('vscode-button', { hasText: 'Stop' }).click();
  assert.deepEqual((await panel.said()).at(-1), { type: 'command', command: 'stop', run: '/runs/first' });
  await panel.send({ type: 'details', details: detailsOf(summary) });
  await panel.page.locator('[role=status]', { hasText: 'first: Finished' }).waitFor({ state: 'attached' });
  await closePanel(panel);
});

test('a reloaded panel asks for the runs it showed and stands where it stood', { skip }, async () => {
  const first = await openRun();
  await first.send({ type: 'run', slot: 'compared', details: detailsOf(other), events });
  await first.page.locator('vscode-tab-header', { hasText: 'Charts' }).click();
  const state = await first.saved();
  await closePanel(first);
  const second = await openRun({ state });
  assert.deepEqual((await second.said())[0], {
    type: 'ready',
    shown: { main: '/runs/first', compared: '/runs/second' },
  });
  await second.page.locator('canvas[aria-label^="Loss (nats per token)"]').waitFor();
  await closePanel(second);
});

test('a file and a line are opened where they are named', { skip }, async () => {
  const panel = await openRun({ state: { tab: 'files' } });
  await panel.page.locator('button.link', { hasText: 'src/routing.py' }).click();
  await panel.page.locator('.pane').last().locator('button.lineNumber', { hasText: '13' }).click();
  const opened = (await panel.said()).filter(({ type }) => type === 'openFile');
  assert.deepEqual(opened, [
    { type: 'openFile', run: '/runs/first', path: 'src/routing.py', line: 1 },
    { type: 'openFile', run: '/runs/first', path: 'src/reader.py', line: 13 },
  ]);
  await closePanel(panel);
});

test('the map is exported as a picture, as CSV and as JSON', { skip }, async () => {
  const panel = await openRun();
  for (const name of ['PNG', 'CSV', 'JSON'])
    await panel.page.locator(`.mapView vscode-button:has-text("${name}")`).click();
  const [png, csv, json] = (await panel.said()).filter((message) => message.type === 'save');
  assert.equal(Buffer.from(png.content, 'base64').subarray(1, 4).toString(), 'PNG');
  assert.equal(csv.fileName, 'first-map-step-12.csv');
  assert.equal(csv.content.trimEnd().split('\r\n').length, components.length + 1);
  const map = events.findLast((event) => event.type === 'errorMap')!;
  assert.equal(JSON.parse(json.content).components[3].share, map.shares[3]);
  await closePanel(panel);
});

test('the picture is that of the step shown, also while the table is', { skip }, async () => {
  const panel = await openRun();
  const picture = async () => {
    await panel.page.locator('.mapView vscode-button:has-text("PNG")').click();
    return (await panel.said()).findLast((message) => message.type === 'save')!.content;
  };
  const tableBox = panel.page.locator('vscode-checkbox', { hasText: 'Table view' });
  const latest = await picture();
  await tableBox.click();
  await panel.page.locator('[aria-label="Previous measurement"]').click();
  await panel.send();
  const fromTable = await picture();
  await tableBox.click();
  await panel.send();
  assert.notEqual(fromTable, latest);
  assert.ok(fromTable === (await picture()));
  await closePanel(panel);
});

test('text of models and repositories stays text', { skip }, async () => {
  const hostile = '<img src=x onerror="window.hit=1"></script><script>window.hit=1</script>';
  const base = detailsOf(summary);
  const details = detailsOf(
    { ...summary, name: hostile, method: hostile, problem: hostile },
    {
      description: { options: { [hostile]: hostile } },
      fileLosses: base.fileLosses.map((one) => ({ ...one, files: [{ path: hostile, tokens: 1, loss: 1 }] })),
      tokenLosses: [
        { step: 0, texts: [{ path: hostile, firstLine: 1, pieces: [hostile, hostile], losses: [null, 1] }] },
      ],
      passAtK: base.passAtK.map((one) => ({
        ...one,
        problems: hostile,
        layers: [hostile],
        perProblem: [{ taskId: hostile, samples: 1, passed: 0 }],
        samples: [{ taskId: hostile, completion: hostile, result: hostile, passed: false }],
      })),
    },
  );
  const list: RunEvent[] = [
    ...syntheticEvents({ components: [hostile, 'embed'], method: hostile }),
    { type: 'sample', step: 12, name: hostile, prompt: hostile, completion: hostile },
    { type: 'warning', step: 12, code: hostile, message: hostile },
    { type: 'failed', step: 12, code: hostile, message: hostile },
  ];
  const panel = await openRun({ state: mapState({ isTable: true, pinned: hostile }) }, details, list);
  await panel.send(
    { type: 'runs', runs: [{ ...summary, name: hostile }] },
    { type: 'error', code: hostile, message: hostile },
  );
  for (const tab of TABS.keys()) {
    await panel.page.locator('vscode-tab-header').nth(tab).click();
    await panel.page.waitForTimeout(50);
  }
  assert.equal(await panel.page.evaluate('window.hit'), undefined);
  assert.equal(await panel.page.locator('img, script:not([nonce])').count(), 0);
  assert.ok((await panel.page.locator('.trouble').allInnerTexts()).some((text) => text.includes(hostile)));
  await closePanel(panel);
});

test('without a run the panel explains itself and offers to begin', { skip }, async () => {
  const panel = await openPanel(browser);
  await panel.send({ type: 'runs', runs: [] });
  await panel.page.locator('h1', { hasText: 'Teach a code model your repository' }).waitFor();
  await panel.page.locator('vscode-button', { hasText: 'Fine-tune on Workspace' }).click();
  assert.deepEqual((await panel.said()).at(-1), { type: 'command', command: 'fineTune', run: '' });
  await closePanel(panel);
});

test('a hidden panel draws nothing, and what it missed once it is shown', { skip }, async () => {
  const panel = await openRun({ state: mapState({ isTable: true }) }, detailsOf(summaryOf('/runs/first', 'running')));
  await panel.page.evaluate(`
    window.frames_ = 0;
    const ask = window.requestAnimationFrame;
    window.requestAnimationFrame = (next) => { window.frames_++; return ask(next); };
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });`);
  for (let step = 16; step < 60; step += 4) {
    await panel.post({ type: 'events', path: '/runs/first', events: measurement(components, step) });
  }
  assert.equal(await panel.page.evaluate('window.frames_'), 0);
  await panel.page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
  await panel.page.locator('caption', { hasText: 'step 56' }).waitFor({ state: 'attached' });
  await closePanel(panel);
});

for (const theme of THEMES) {
  test(`axe finds no violation of level A or AA in the theme ${theme}, on any tab`, { skip }, async () => {
    const panel = await openRun(
      { theme, hasPolicy: false, state: mapState({ pinned: '1.head.2' }) },
      detailsOf(summary),
      [...events, { type: 'warning', step: 12, code: 'EXAMPLE', message: 'Something to know.' }],
    );
    const found: string[] = [];
    await panel.page.evaluate(axeSource);
    const check = async (where: string) => {
      const results = (await panel.page.evaluate(
        'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] })',
      )) as { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] };
      for (const { id, nodes } of results.violations) {
        found.push(...nodes.map((node) => `${where}: ${id} ${node.target.join(' ')} ${node.failureSummary}`));
      }
    };
    for (const [index, tab] of TABS.entries()) {
      await panel.page.locator('vscode-tab-header').nth(index).click();
      await panel.send();
      await check(tab);
    }
    await panel.page.locator('vscode-tab-header').first().click();
    await panel.page.locator('vscode-checkbox', { hasText: 'Table view' }).click();
    await panel.send();
    await check('map as a table');
    assert.deepEqual(found, []);
    await closePanel(panel);
  });
}

for (const width of [1280, 640, 400]) {
  test(`nothing sticks out at a width of ${width} px`, { skip }, async () => {
    const panel = await openRun({ width, state: mapState({ pinned: '1.head.2' }) }, detailsOf(summary), recorded);
    for (const index of TABS.keys()) {
      await panel.page.locator('vscode-tab-header').nth(index).click();
      await panel.send();
      const overflow = await panel.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok((overflow as number) <= 0, `tab ${TABS[index]} is ${overflow} px too wide`);
    }
    await closePanel(panel);
  });
}
