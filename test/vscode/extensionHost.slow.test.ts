/** @file The extension in a real VS Code, at the level of its API: the files named below run inside the extension host. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { build } from 'esbuild';
import { appendEvent, closeRun, createRun } from '../../src/trainer/runDirectory.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { description } from '../trainer/runDirectoryFixture.ts';
import { makeWorkspace, runInHost, type ServerOptions, startServer } from './server.ts';
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

/** Bundles a file of tests, runs it in the host with `workspace` open, and reports each of its tests as one of ours. */
async function runHere(
  t: TestContext,
  file: string,
  folder: string,
  workspace: string,
  options: Partial<ServerOptions> = {},
): Promise<void> {
  const tests = path.join(folder, 'tests.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    outfile: tests,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  const server = await startServer({ folder: path.join(folder, 'profile'), inHostTests: true, ...options });
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
}

test('the extension works in the extension host of a real VS Code', { skip, timeout: 600_000 }, async (t) => {
  const folder = temporaryFolder(t);
  await runHere(t, 'hostTests.ts', folder, makeWorkspace(root, path.join(folder, 'workspace')));
});

test('an untrusted workspace can be looked at', { skip, timeout: 600_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const workspace = makeWorkspace(root, path.join(folder, 'workspace'), ['core']);
  const run = createRun(path.join(workspace, '.rgft', 'runs', 'kept'), description);
  appendEvent(run, { type: 'started', step: 0, atMs: 0, method: 'rgft', totalSteps: 2, components: ['embed'] });
  closeRun(run);
  const settings = { 'security.workspace.trust.startupPrompt': 'never' };
  await runHere(t, 'hostUntrusted.ts', folder, workspace, { trust: false, settings });
});
