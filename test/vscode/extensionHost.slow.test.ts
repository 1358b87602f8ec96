/** @file The extension in a real VS Code, at the level of its API: hostTests.ts runs inside the extension host. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { makeWorkspace, runInHost, startServer } from './server.ts';
import { chromium, isReady } from './setup.ts';

const root = path.join(import.meta.dirname, '..', '..');
const missing = [
  ...(chromium() ? [] : ['Chromium']),
  ...(isReady() ? [] : ['VS Code (node --import tsx test/vscode/setup.ts)']),
];
const skip = missing.length > 0 ? `not on this machine: ${missing.join(', ')}` : false;

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly ms?: number;
  readonly message?: string;
  readonly note?: string;
}

test('the extension works in the extension host of a real VS Code', { skip, timeout: 600_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const tests = path.join(folder, 'hostTests.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'hostTests.ts')],
    outfile: tests,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  const workspace = makeWorkspace(root, path.join(folder, 'workspace'));
  const server = await startServer({ folder: path.join(folder, 'profile'), inHostTests: true });
  const { code, lines } = await runInHost({ server, extension: root, tests, workspace, timeoutMs: 570_000 }).finally(
    () => server.stop(),
  );
  const results = lines.map((line: string) => JSON.parse(line) as Result);
  for (const { name, passed, message, ms, note } of results) {
    await t.test(name, (sub) => {
      sub.diagnostic([`${ms ?? '?'} ms`, note].filter(Boolean).join(', '));
      assert.ok(passed, message);
    });
  }
  assert.notEqual(results.length, 0, `the tests never ran: ${server.output()}`);
  assert.equal(code, 0);
});
