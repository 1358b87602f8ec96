/** @file What tests inside the extension host share: the extension, a small request, waiting, and how results get out. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/extension.ts';
import type { FineTuneRequest } from '../../src/host/fineTune.ts';
import type { RunSummary } from '../../src/protocol.ts';

export const EXTENSION = 'rgft.rgft';

/** Resolves when `condition` holds; the store tells nobody outside, so this looks. */
export async function until<Value>(what: string, condition: () => Value | false | undefined | null, limitMs = 120_000) {
  const startedMs = performance.now();
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() - startedMs > limitMs) throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function activated(): Promise<ExtensionApi> {
  const extension = vscode.extensions.getExtension<ExtensionApi>(EXTENSION);
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}

export function request(steps: number, extraArguments: readonly string[] = []): FineTuneRequest {
  const folder = vscode.workspace.workspaceFolders![0].uri.fsPath;
  const extension = vscode.extensions.getExtension(EXTENSION)!;
  return {
    folders: [folder],
    model: path.join(extension.extensionPath, 'media', 'rgft-base'),
    method: { name: 'rgft', budget: null },
    length: { epochs: 100, maxSteps: steps },
    extraArguments: ['--seq-length', '64', '--micro-batch', '1', '--threads', '1', ...extraArguments],
  };
}

export const runOf = (api: ExtensionApi, runPath: string): RunSummary | undefined =>
  api.runs().find((run) => run.path === runPath);

/** Runs tests one after the other and prints each result for the process outside. */
export async function runTests(tests: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  let failures = 0;
  const say = (result: Record<string, unknown>) => console.log(`test: ${JSON.stringify(result)}`);
  for (const [name, body] of Object.entries(tests)) {
    const startedMs = performance.now();
    try {
      const note = await body();
      say({ name, passed: true, ms: Math.round(performance.now() - startedMs), note });
    } catch (error) {
      failures++;
      say({ name, passed: false, message: error instanceof Error ? error.stack : String(error) });
    }
  }
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
