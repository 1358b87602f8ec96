/**
 * @file A VS Code window used as a person uses it: palette, quick picks, trees, status bar, the panel. Everything waits
 * for what is to be seen, never for a time.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { Server } from './server.ts';

const root = path.join(import.meta.dirname, '..', '..');
/** A busy machine takes this long for what takes a second on a quiet one. */
export const PATIENCE_MS = 90_000;

/** Packs the checkout as `npm run package` does. @returns the VSIX for this platform, in `folder` */
export async function packExtension(folder: string): Promise<string> {
  const file = pathToFileURL(path.join(root, 'src/build/package.mjs')).href;
  const { makePackage } = (await import(file)) as {
    makePackage: (target: string, packagePath: string) => Promise<number>;
  };
  mkdirSync(folder, { recursive: true });
  const packagePath = path.join(folder, 'rgft.vsix');
  await makePackage(`${process.platform}-${process.arch}`, packagePath);
  return packagePath;
}

/** Opens `workspace` in a page, which becomes a window of VS Code. */
export async function openWorkspace(page: Page, server: Server, workspace: string): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${server.url}/?folder=${encodeURIComponent(workspace)}`, { waitUntil: 'domcontentloaded' });
  await isOpen(page);
}

/** The same window, loaded anew by VS Code's own command: it keeps what was open where a browser's reload may not. */
export async function reloadWindow(page: Page): Promise<void> {
  const loaded = page.waitForEvent('load');
  await runCommand(page, 'Developer: Reload Window');
  await loaded;
  await isOpen(page);
}

async function isOpen(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .statusbar').waitFor();
  await page.locator('.activitybar .action-item').first().waitFor();
}

/** Chooses a command in the palette by its whole title, as a user who types it. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await (await offeredCommand(page, title)).click();
}

/** Opens the palette. @returns its row for a command, to be clicked */
export async function offeredCommand(page: Page, title: string): Promise<Locator> {
  const input = page.locator('.quick-input-widget input.input');
  const row = page
    .locator('.quick-input-list .monaco-list-row')
    .filter({ has: page.getByText(title, { exact: true }) })
    .first();
  // A window that is still being put together closes the palette again, and the list of an open one never changes: it is
  // opened again, and is given more time each time.
  for (let timeout = 3000; timeout < PATIENCE_MS; timeout *= 2) {
    await page.keyboard.press('F1');
    const isThere = await input
      .fill(`>${title}`, { timeout })
      .then(() => row.waitFor({ timeout }))
      .then(
        () => true,
        () => false,
      );
    if (isThere) return row;
    await page.keyboard.press('Escape');
  }
  throw new Error(`The palette does not offer "${title}".`);
}

/** Waits for the question with this placeholder. */
export async function questionShown(page: Page, placeholder: string | RegExp): Promise<void> {
  await page.locator('.quick-input-widget').getByPlaceholder(placeholder).waitFor();
}

/** Rows of the open question with this text. */
export function answers(page: Page, text: string | RegExp): Locator {
  return page.locator('.quick-input-widget .quick-input-list .monaco-list-row').filter({ hasText: text });
}

/** Opens the view container of the extension. */
export async function openContainer(page: Page): Promise<void> {
  await openInSideBar(page, 'Fine-tuning');
  await sidebarRows(page, 'Runs').view.waitFor();
}

/** Opens a view container by its name in the activity bar. */
export async function openInSideBar(page: Page, name: string): Promise<void> {
  const item = page.locator('.activitybar .action-item').filter({ has: page.locator(`[aria-label^="${name}"]`) });
  await item.waitFor();
  // A second click would close it.
  if (!/\bchecked\b/.test((await item.getAttribute('class')) ?? '')) await item.click();
}

/** A notification with this text. */
export function toast(page: Page, text: string | RegExp): Locator {
  return page.locator('.notification-toast', { hasText: text });
}

/** A view in the side bar, and its rows. */
export function sidebarRows(page: Page, name: 'Runs' | 'Models'): { readonly view: Locator; readonly rows: Locator } {
  const view = page.locator('.sidebar .pane').filter({ has: page.locator(`.pane-header[aria-label^="${name}"]`) });
  return { view, rows: view.locator('.monaco-list-row') };
}

/** The status bar item of a run that trains. */
export function statusItem(page: Page): Locator {
  return page.locator('.statusbar-item', { hasText: /RGFT \d+ %/ });
}

/** The page inside the panel. */
export function panelOf(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}

export async function openTab(panel: FrameLocator, name: string): Promise<void> {
  await panel.locator('vscode-tab-header', { hasText: name }).click();
}

/** What the table view of the map shows: one step, and the exact value of each component. */
export interface MapTable {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Reads the table view; it has to be on. */
export async function readMapTable(panel: FrameLocator): Promise<MapTable> {
  const frame = await (await panel.owner().elementHandle())!.contentFrame();
  // One evaluation: between two of them the run might go on.
  const [caption, cells] = (await frame!.evaluate(
    `[
      document.querySelector('.mapTable caption').textContent,
      [...document.querySelectorAll('.mapTable [data-component]')].map(({ dataset }) => [dataset.component, Number(dataset.value)]),
    ]`,
  )) as [string, [string, number][]];
  return {
    step: Number(/step ([\d,.\u00a0 ]+)/.exec(caption)![1].replace(/\D/g, '')),
    values: Object.fromEntries(cells),
  };
}
