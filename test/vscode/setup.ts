/**
 * @file Prepares a real VS Code for the tests: code-server's own server and workbench from the npm registry, a Node to run
 * it, nothing compiled and no install script run. `node --import tsx test/vscode/setup.ts`; kept in $RGFT_VSCODE or the user's cache.
 *
 * The tools that Microsoft publishes for this (`@vscode/test-electron`, `test-web`) download VS Code from elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const CODE_SERVER = '4.139.1'; // VS Code 1.139.1
const NODE = '24.21.0'; // what that server was built for
/** Parts of the server that the tests do not need: agents, and the binaries of other platforms. */
const UNUSED = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'node_modules/@devcontainers',
  'extensions/copilot',
  'extensions/mermaid-markdown-features',
];

/** Where VS Code lies, or is to lie. */
export function vscodeFolder(): string {
  if (process.env.RGFT_VSCODE) return path.resolve(process.env.RGFT_VSCODE);
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  return path.join(cache, `rgft-vscode-${CODE_SERVER}`);
}

/** Chromium of this machine, or undefined. */
export function chromium(): string | undefined {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return candidates.find((file) => file && existsSync(file));
}

/** Whether the folder holds a complete VS Code. */
export function isReady(folder = vscodeFolder()): boolean {
  return existsSync(path.join(folder, 'ready'));
}

function setUp(folder: string): void {
  const npm = (args: readonly string[], cwd: string) =>
    execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  rmSync(folder, { recursive: true, force: true });
  const server = path.join(folder, 'server');
  mkdirSync(server, { recursive: true });
  npm(['pack', `code-server@${CODE_SERVER}`, '--silent'], folder);
  const archive = path.join(folder, `code-server-${CODE_SERVER}.tgz`);
  execFileSync('tar', ['xzf', archive, '-C', server, '--strip-components=1']);
  rmSync(archive);
  const vscode = path.join(server, 'lib', 'vscode');
  // Not `npm ci`: the lock file that is shipped lacks a peer dependency, and ci refuses it.
  npm(['install', '--omit=dev', ...quiet], vscode);
  const node = `node-${process.platform}-${process.arch}`;
  npm(['install', '--prefix', path.join(folder, 'node'), ...quiet, `${node}@${NODE}`], folder);
  symlinkSync(`node/node_modules/${node}/bin/node`, path.join(folder, 'node-bin'));
  for (const name of UNUSED) rmSync(path.join(vscode, name), { recursive: true, force: true });
  const version = execFileSync(path.join(folder, 'node-bin'), [path.join(vscode, 'out/server-main.js'), '--version']);
  writeFileSync(path.join(folder, 'ready'), version);
}

if (process.argv[1] === import.meta.filename) {
  const folder = vscodeFolder();
  if (!isReady(folder)) setUp(folder);
  console.log(`VS Code for tests: ${folder}`);
  if (!chromium()) console.log('No Chromium found: the tests will be skipped. Install it, or set CHROMIUM.');
}
