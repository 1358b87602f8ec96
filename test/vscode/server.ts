/**
 * @file A VS Code server with a profile of its own, and a browser page that shows it. `startServer` takes the extension as
 * a VSIX or as the folder of a checkout; everything lies below one temporary folder.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium as playwright } from 'playwright-core';
import { chromium, vscodeFolder } from './setup.ts';

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
};

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface ServerOptions {
  /** Folder for the profile; may not exist yet. */
  readonly folder: string;
  /** A .vsix to install, or a checkout to link; undefined for one that the page brings along. @default undefined */
  readonly extension?: string;
  /** Tests run inside the extension host; notifications are not shown then. @default false */
  readonly inHostTests?: boolean;
  /** Workspaces are trusted without a question. @default true */
  readonly trust?: boolean;
  /** The user's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the machine that the extension runs on, where a user's settings of a browser do not count. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Words in front of the server's command, as from `respectingPermissions`. @default none */
  readonly launcher?: readonly string[];
}

export interface Server {
  readonly url: string;
  /** What it printed last. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts the server; resolves when it answers. */
export async function startServer({
  folder,
  extension,
  inHostTests = false,
  trust = true,
  settings = {},
  machineSettings = {},
  launcher = [],
}: ServerOptions): Promise<Server> {
  const vscode = vscodeFolder();
  const user = path.join(folder, 'user');
  for (const name of ['extensions', 'home', 'user/User']) mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(user, 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
  if (Object.keys(machineSettings).length > 0) {
    mkdirSync(path.join(user, 'Machine'), { recursive: true });
    writeFileSync(path.join(user, 'Machine', 'settings.json'), JSON.stringify(machineSettings));
  }
  const node = path.join(vscode, 'node-bin');
  const common = [
    path.join(vscode, 'server/lib/vscode/out/server-main.js'),
    ...['--accept-server-license-terms', '--telemetry-level', 'off'],
    ...['--user-data-dir', user, '--extensions-dir', path.join(folder, 'extensions')],
  ];
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: path.join(folder, 'home') };
  for (const name of Object.keys(env)) if (/^(?:VSCODE_|NODE_TEST|NODE_OPTIONS)/.test(name)) delete env[name];
  if (extension?.endsWith('.vsix'))
    execFileSync(node, [...common, '--install-extension', extension], { env, stdio: 'ignore' });
  else if (extension) {
    const { publisher, name, version } = JSON.parse(readFileSync(path.join(extension, 'package.json'), 'utf8'));
    symlinkSync(extension, path.join(folder, 'extensions', `${publisher}.${name}-${version}`));
  }
  const port = await freePort();
  const flags = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  if (trust) flags.push('--disable-workspace-trust');
  if (inHostTests) flags.push('--enable-smoke-test-driver');
  const [command, ...words] = [...launcher, node, ...common, ...flags];
  const server = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}:\n${output}`);
    if (await answers(url)) break;
    if (attempt === 300) throw new Error(`The server does not answer:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const exited = new Promise((resolve) => server.once('exit', resolve));
  return {
    url,
    output: () => output,
    async stop() {
      server.kill();
      await exited;
    },
  };
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** A browser; in a container it has no sandbox of its own to start. */
export function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: chromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

export interface InHostTests {
  readonly server: Server;
  /** The checkout, whose extension the page brings along. */
  readonly extension: string;
  /** A CommonJS module with `run()`. */
  readonly tests: string;
  readonly workspace: string;
  readonly timeoutMs: number;
}

/**
 * Runs tests inside the extension host of a page that has `workspace` open.
 *
 * @returns the exit code, and what the tests printed behind `test: `
 */
export async function runInHost({
  server,
  extension,
  tests,
  workspace,
  timeoutMs,
}: InHostTests): Promise<{ code: number | 'timeout'; lines: string[] }> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const lines: string[] = [];
    const code = await new Promise<number | 'timeout'>((resolve, reject) => {
      const timer = setTimeout(() => resolve('timeout'), timeoutMs);
      const finish = (result: number) => {
        clearTimeout(timer);
        resolve(result);
      };
      const open = async () => {
        await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
          const line = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ');
          // VS Code sends its whole log here, too.
          const own = /(?:^|\s)test: (.*)/s.exec(line);
          if (!own) return;
          lines.push(own[1]);
          if (process.env.DEBUG) console.error(own[1]);
        });
        await page.exposeFunction('codeAutomationExit', finish);
        const { host } = new URL(server.url);
        const payload = JSON.stringify([
          ['extensionDevelopmentPath', `vscode-remote://${host}${extension}`],
          ['extensionTestsPath', `vscode-remote://${host}${tests}`],
          ['skipWelcome', 'true'],
        ]);
        const query = `folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(payload)}`;
        await page.goto(`${server.url}/?${query}`);
      };
      open().catch(reject);
    });
    return { code, lines };
  } finally {
    await browser.close();
  }
}

/** A workspace with some Python to learn from: a copy of a part of the sample. */
export function makeWorkspace(root: string, folder: string, names: readonly string[] = ['core', 'yards']): string {
  const sample = path.join(root, 'media/samples/python/quayside');
  for (const name of names) cpSync(path.join(sample, name), path.join(folder, 'quayside', name), { recursive: true });
  return folder;
}
