/** @file What runs inside the extension host of a window that does not trust its workspace: looking works, nothing else. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, request, runTests, until } from './inHost.ts';

const TESTS: Readonly<Record<string, () => Promise<unknown>>> = {
  async 'a run in an untrusted workspace is listed and shown'() {
    assert.equal(vscode.workspace.isTrusted, false);
    const api = await activated();
    const [run] = await until('the run', () => api.runs().length > 0 && api.runs());
    assert.equal(run.name, 'kept');
    await vscode.commands.executeCommand('rgft.showErrorMap', run.path);
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await until('the panel', () => tabs().some((tab) => tab.label.includes('kept')));
  },

  async 'commands that run programs or change runs do nothing in an untrusted workspace'() {
    const api = await activated();
    const [{ path: runPath }] = api.runs();
    const runs = path.dirname(runPath);
    const before = readdirSync(runs);
    const description = readFileSync(path.join(runPath, 'run.json'), 'utf8');
    const calls: readonly [command: string, ...rest: unknown[]][] = [
      ['rgft.fineTune', request(1)],
      ['rgft.resumeRun', runPath],
      ['rgft.stopRun', runPath],
      ['rgft.renameRun', runPath, 'another'],
      ['rgft.deleteRun', runPath],
      ['rgft.evaluate', runPath, { models: ['tuned'], problems: 'x', numSamples: 1, limit: 1 }],
      ['rgft.previewData'],
      ['rgft.completeHere'],
      ['rgft.selectModel', runPath],
    ];
    // A disabled command is refused by VS Code or by the command itself; either way it has no effect.
    for (const [command, ...rest] of calls) {
      assert.equal(await vscode.commands.executeCommand(command, ...rest), undefined, command);
    }
    assert.deepEqual(readdirSync(runs), before);
    assert.equal(readFileSync(path.join(runPath, 'run.json'), 'utf8'), description);
    assert.equal(existsSync(path.join(runPath, 'stop')), false);
    assert.equal(api.runs()[0].name, 'kept');
  },
};

/** The entry that VS Code calls. */
export function run(): Promise<void> {
  return runTests(TESTS);
}
