/**
 * @file `npm run screenshots -- [folder] [--workspace <folder>] [--readme]`: pictures of everything that the extension
 * shows, taken in a real VS Code in four themes. Trains for a hundred steps on the sample, unless a workspace is given
 * that holds a finished run already. `--readme` also writes the few that the README shows, made small.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, type Server, startServer } from '../../test/vscode/server.ts';
import {
  answers,
  openContainer,
  openInSideBar,
  openTab,
  openWorkspace,
  packExtension,
  panelOf,
  questionShown,
  runCommand,
  sidebarRows,
  statusItem,
} from '../../test/vscode/workbench.ts';

const root = path.join(import.meta.dirname, '..', '..');
const SIZE = { width: 1280, height: 800 };
/** The activity bar beside a panel of 400 pixels. */
const NARROW = { width: 448, height: 800 };
const MAX_README_BYTES = 150_000;

/** Part of a file's name to VS Code's id and label of a theme. */
const THEMES = {
  dark: { id: 'Dark Modern', label: 'Dark Modern' },
  light: { id: 'Light Modern', label: 'Light Modern' },
  'hc-dark': { id: 'Default High Contrast', label: 'Dark High Contrast' },
  'hc-light': { id: 'Default High Contrast Light', label: 'Light High Contrast' },
};
type Theme = keyof typeof THEMES;
const TABS = {
  map: 'Error map',
  charts: 'Charts',
  files: 'Where it is wrong',
  'pass-at-k': 'pass@k',
  samples: 'Samples',
  about: 'About this run',
};
/** Name in media/screenshots to the picture that it is made of. */
const README = { 'error-map.png': 'panel-map-dark', 'charts.png': 'panel-charts-light', 'runs.png': 'running' };

interface Studio {
  readonly folder: string;
  readonly server: Server;
  readonly browser: Browser;
  readonly workspace: string;
}

/** A window that remembers no other. */
async function newWindow({ browser, server, workspace }: Studio): Promise<Page> {
  const context = await browser.newContext({ viewport: SIZE, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await openWorkspace(page, server, workspace);
  return page;
}

/** A picture of what stands still: fonts are loaded, nothing is about to be drawn. */
async function shoot({ folder }: Studio, page: Page, name: string): Promise<void> {
  await page.mouse.move(640, 799);
  const settled = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
  for (const frame of page.frames()) await frame.evaluate(`document.fonts.ready.then(() => ${settled})`);
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
  console.log(`${name}.png`);
}

/** What a newcomer sees: views without a run, the walkthrough, the data, the questions. */
async function shootBeginning(studio: Studio): Promise<void> {
  const page = await newWindow(studio);
  await openContainer(page);
  await sidebarRows(page, 'Runs').view.locator('.welcome-view-content').waitFor();
  await sidebarRows(page, 'Models').rows.first().waitFor();
  await shoot(studio, page, 'views-welcome');
  // Beside the side bar a walkthrough has no room for its pictures.
  await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
  await runCommand(page, 'Welcome: Open Walkthrough...');
  await answers(page, 'Fine-tune a code model on your repository').first().click();
  await page.locator('.gettingStartedContainer .step-title').first().waitFor();
  await shoot(studio, page, 'walkthrough');
  await runCommand(page, 'RGFT: Preview Training Data');
  await page.locator('.tab', { hasText: 'Training data' }).waitFor();
  await page.locator('.view-line', { hasText: /\S/ }).first().waitFor();
  await shoot(studio, page, 'data-preview');
  await runCommand(page, 'View: Close All Editors');
  await startFlow(page);
  await answers(page, 'Start').first().waitFor();
  await shoot(studio, page, 'flow-summary');
  await page.keyboard.press('Escape');
  await page.context().close();
}

async function startFlow(page: Page): Promise<void> {
  await runCommand(page, 'RGFT: Fine-tune on Workspace\u2026');
  await questionShown(page, 'The model to start from');
  await page.keyboard.press('Enter');
  await questionShown(page, 'How to train');
  await answers(page, 'RGFT with 40 % of the compute').nth(1).click();
}

/** Trains for a hundred steps and evaluates a little. */
async function makeRun(studio: Studio): Promise<void> {
  const page = await newWindow(studio);
  await openContainer(page);
  await startFlow(page);
  await answers(page, 'Start').first().click();
  await statusItem(page).waitFor();
  await panelOf(page)
    .locator('header .stateFacts', { hasText: /Step [3-9]\d of/ })
    .waitFor();
  await shoot(studio, page, 'running');
  const patience = { timeout: 900_000 };
  await panelOf(page).locator('header .stateText', { hasText: 'Finished' }).waitFor(patience);
  await page.locator('.notification-toast', { hasText: 'has finished' }).waitFor();
  await shoot(studio, page, 'finished');
  await runCommand(page, 'RGFT: Evaluate pass@k\u2026');
  await questionShown(page, 'Which problems');
  await page.keyboard.press('Enter');
  await answers(page, 'A first impression').waitFor();
  await shoot(studio, page, 'evaluate-question');
  await answers(page, 'A first impression').click();
  await openTab(panelOf(page), TABS['pass-at-k']);
  await panelOf(page).locator('.intervals tbody tr').nth(1).waitFor(patience);
  await page.context().close();
}

/** Chooses a theme as a user does: the settings file of a running window is not always watched. */
async function chooseTheme(page: Page, theme: Theme): Promise<void> {
  const { id, label } = THEMES[theme];
  await runCommand(page, 'Preferences: Color Theme');
  await page.locator('.quick-input-widget input.input').fill(label);
  await answers(page, label).first().click();
  await panelOf(page).locator(`body[data-vscode-theme-id="${id}"]`).waitFor();
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Each tab of the panel in each theme, wide and narrow, beside the views with a run. */
async function shootPanel(studio: Studio): Promise<void> {
  const page = await newWindow(studio);
  await openContainer(page);
  await sidebarRows(page, 'Runs').rows.first().click();
  const panel = panelOf(page);
  await panel.locator('header .stateText').waitFor();
  await runCommand(page, 'Notifications: Clear All Notifications');
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await chooseTheme(page, theme);
    for (const [tab, title] of Object.entries(TABS)) {
      await openTab(panel, title);
      await shoot(studio, page, `panel-${tab}-${theme}`);
    }
  }
  await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
  await page.setViewportSize(NARROW);
  for (const theme of ['light', 'dark'] as const) {
    await chooseTheme(page, theme);
    for (const [tab, title] of Object.entries(TABS)) {
      await openTab(panel, title);
      await shoot(studio, page, `narrow-${tab}-${theme}`);
    }
  }
  await page.context().close();
}

/** The beginning of a module in the manner of the sample. */
const BEGUN = `"""Lamps: the lights along the quays."""

from quayside.core.deck import Deck
from quayside.core.manifest import manifest, text
from quayside.core.outcome import Outcome
from quayside.core.registry import dockhand

LIGHT = manifest("lamp.light").must("lamp", text(10)).sealed()


@dockhand("lamp.light", takes=LIGHT)
def light_lamp(deck: Deck, cargo: dict) -> Outcome:
    """Light a lamp."""
    `;

/** A completion as a difference. */
async function shootCompletion(studio: Studio): Promise<void> {
  const file = path.join(studio.workspace, 'lamps.py');
  writeFileSync(file, BEGUN);
  const page = await newWindow(studio);
  await openInSideBar(page, 'Explorer');
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'lamps.py' }).dblclick();
  await page.locator('.editor-instance .view-line', { hasText: 'Light a lamp' }).click();
  await page.keyboard.press('ControlOrMeta+End');
  await runCommand(page, 'RGFT: Complete Here');
  await page.locator('.tab', { hasText: 'proposed completion' }).waitFor();
  await page.locator('.editor.modified .view-line', { hasText: 'Light a lamp' }).waitFor();
  await page.locator('.notification-toast').waitFor({ state: 'detached' });
  await shoot(studio, page, 'completion');
  await page.context().close();
  rmSync(file);
}

/** The README's pictures with a palette of colours, where pngquant is installed: flat pictures lose nothing by it. */
function writeReadmePictures(folder: string): void {
  const media = path.join(root, 'media', 'screenshots');
  mkdirSync(media, { recursive: true });
  for (const [name, from] of Object.entries(README)) {
    const [source, target] = [path.join(folder, `${from}.png`), path.join(media, name)];
    if (!existsSync(source))
      throw new Error(`${source} was not made: --readme needs a run of its own, no --workspace.`);
    try {
      execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', target, '256', source]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      cpSync(source, target);
    }
    const { size } = statSync(target);
    console.log(`media/screenshots/${name}  ${Math.round(size / 1000)} KB`);
    if (size > MAX_README_BYTES) throw new Error(`${name} is larger than ${MAX_README_BYTES} bytes. Install pngquant.`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { readme: { type: 'boolean' }, workspace: { type: 'string' } },
});
const temporary = mkdtempSync(path.join(os.tmpdir(), 'rgft-screenshots-'));
const folder = path.resolve(positionals[0] ?? path.join(os.tmpdir(), 'rgft-pictures'));
mkdirSync(folder, { recursive: true });
const workspace = path.resolve(values.workspace ?? path.join(temporary, 'harbour'));
if (!values.workspace) cpSync(path.join(root, 'media/samples/python'), workspace, { recursive: true });
const profile = path.join(temporary, 'profile');
const server = await startServer({
  folder: profile,
  extension: await packExtension(temporary),
  settings: { 'workbench.colorTheme': THEMES.dark.id },
});
const browser = await launchBrowser();
try {
  const studio: Studio = { folder, server, browser, workspace };
  if (!values.workspace) {
    await shootBeginning(studio);
    await makeRun(studio);
  }
  await shootPanel(studio);
  if (values.readme) writeReadmePictures(folder);
  await shootCompletion(studio);
} catch (error) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [number, page] of pages.entries())
    await page.screenshot({ path: path.join(folder, `failed-${number + 1}.png`) });
  throw error;
} finally {
  await browser.close();
  await server.stop();
  rmSync(temporary, { recursive: true, force: true });
}
console.log(`Pictures: ${folder}`);
