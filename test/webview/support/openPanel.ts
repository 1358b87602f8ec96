/**
 * @file The panel in a real browser: bundled as shipped, on the page that the host serves (its content security policy
 * included), with a stand-in for VS Code's side of the messages.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { FromPanel, ToPanel } from '../../../src/protocol.ts';
import { panelPage } from '../../../webview/page.ts';

/** Chromium of this machine, or undefined: tests that need it are skipped by name. */
export const chromiumPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (file) => file && existsSync(file),
);

export const THEMES = ['dark', 'light', 'hcDark', 'hcLight'] as const;
export type ThemeName = (typeof THEMES)[number];

/** VS Code's own variables, as a webview of each built-in theme gets them. */
const themes = JSON.parse(readFileSync(path.join(import.meta.dirname, '../fixtures/themes.json'), 'utf8')) as {
  readonly [Name in ThemeName]: { readonly bodyClass: string; readonly variables: Record<string, string> };
};

export interface PanelBrowser {
  readonly browser: Browser;
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** Bundles the panel into a temporary folder, serves it on a free port, starts the browser. */
export async function startPanelBrowser(extraArguments: readonly string[] = []): Promise<PanelBrowser> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rgft-panel-'));
  const { build } = await import('esbuild');
  const { webviewOptionsFor } = (await import('../../../src/build/webview.mjs' as string)) as {
    webviewOptionsFor: (outdir: string) => object;
  };
  await build(webviewOptionsFor(folder));
  const server = await serve(folder);
  const { port } = server.address() as { port: number };
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...extraArguments],
  });
  const close = async () => {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { browser, address: `http://127.0.0.1:${port}`, close };
}

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, origin } = new URL(request.url!, `http://${request.headers.host}`);
    if (pathname === '/') {
      const page = panelPage({
        scriptUri: `${origin}/panel.js`,
        styleUri: `${origin}/panel.css`,
        codiconsUri: `${origin}/codicon.css`,
        cspSource: origin,
        nonce: 'dGVzdA0123456789',
      });
      response.setHeader('content-type', 'text/html');
      response.end(page);
      return;
    }
    if (pathname === '/favicon.ico') {
      response.statusCode = 204;
      response.end();
      return;
    }
    const file = path.join(folder, path.basename(pathname));
    const type = TYPES[path.extname(file)];
    response.statusCode = type && existsSync(file) ? 200 : 404;
    if (type) response.setHeader('content-type', type);
    response.end(response.statusCode === 200 ? readFileSync(file) : '');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export interface OpenPanel {
  readonly page: Page;
  /** Sends messages, and waits until they are taken in. */
  readonly post: (...messages: ToPanel[]) => Promise<void>;
  /** Sends messages, and waits until what they ask for is drawn. */
  readonly send: (...messages: ToPanel[]) => Promise<void>;
  /** What the panel has said so far. */
  readonly said: () => Promise<FromPanel[]>;
  /** What `setState` got last. */
  readonly saved: () => Promise<unknown>;
  /** Violations of the policy, errors of the page and its console. */
  readonly problems: () => Promise<string[]>;
}

/** A fresh page. @param state what `getState` gives */
export async function openPanel(
  { browser, address }: PanelBrowser,
  options: {
    readonly theme?: ThemeName;
    readonly width?: number;
    readonly height?: number;
    readonly state?: unknown;
    /** axe sets inline styles of its own. @default true */
    readonly hasPolicy?: boolean;
  } = {},
): Promise<OpenPanel> {
  const { theme = 'dark', width = 1280, height = 800, state, hasPolicy = true } = options;
  const context = await browser.newContext({ viewport: { width, height }, bypassCSP: !hasPolicy });
  const page = await context.newPage();
  const seen: string[] = [];
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.push(`${message.type()}: ${message.text()}`);
  });
  await page.addInitScript(`(${installHost})(${JSON.stringify({ state: state ?? null, theme: themes[theme] })})`);
  await page.goto(address);
  const drawn = () => page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  // Frames may come before a message is taken in. The one behind the others, null, means nothing to the panel.
  const post = (...messages: ToPanel[]) =>
    page.evaluate<void>(`new Promise((taken) => {
      addEventListener('message', ({ data }) => data === null && taken());
      for (const message of ${JSON.stringify([...messages, null])}) postMessage(message, '*');
    })`);
  return {
    page,
    post,
    send: async (...messages) => {
      await post(...messages);
      await drawn();
    },
    said: () => page.evaluate('window.said') as Promise<FromPanel[]>,
    saved: () => page.evaluate('window.savedState'),
    problems: async () => [...seen, ...((await page.evaluate('window.violations')) as string[])],
  };
}

/** Runs in the page before its own script: VS Code's API, the theme, a list of what the policy refused. */
const installHost = `function ({ state, theme }) {
  window.said = [];
  window.savedState = state;
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push('policy: ' + event.violatedDirective + ' ' + event.blockedURI));
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.said.push(structuredClone(message)),
    getState: () => window.savedState ?? undefined,
    setState: (next) => { window.savedState = structuredClone(next); },
  });
  const dress = () => {
    for (const [name, value] of Object.entries(theme.variables)) document.documentElement.style.setProperty(name, value);
    document.body.className = theme.bodyClass;
  };
  if (document.body) dress();
  else new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    dress();
  }).observe(document, { childList: true, subtree: true });
}`;
