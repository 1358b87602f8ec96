/** @file The extension's entry: makes the store of runs and registers commands, views and the panel. Nothing is read before. */
import * as vscode from 'vscode';
import { registerCommands } from './host/commands.ts';
import { registerCompletions } from './host/complete.ts';
import { watchEvaluations } from './host/evaluate.ts';
import { codeFolders, type HostContext } from './host/hostContext.ts';
import { registerNotifications } from './host/notifications.ts';
import { registerPanel } from './host/panel.ts';
import { registerDataPreview } from './host/previewData.ts';
import { RunStore } from './host/runStore.ts';
import { registerViews } from './host/views.ts';
import type { RunSummary } from './protocol.ts';

/** What other extensions and tests get. */
export interface ExtensionApi {
  /** The runs of the open folders as they stand, newest first. */
  readonly runs: () => readonly RunSummary[];
  /** How long activation took, and how much of that this process computed: on a busy machine the two differ. */
  readonly activationMs: number;
  readonly activationCpuMs: number;
}

export function activate(extension: vscode.ExtensionContext): ExtensionApi {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const log = vscode.window.createOutputChannel('RGFT', { log: true });
  const store = new RunStore();
  const host: HostContext = { extension, store, log };
  extension.subscriptions.push(log, { dispose: () => store.dispose() });
  registerViews(host);
  registerNotifications(host);
  registerCompletions(host);
  registerDataPreview(host);
  registerCommands(host, registerPanel(host));
  const watchFolders = () => store.setFolders(codeFolders().map((folder) => folder.path));
  extension.subscriptions.push(vscode.workspace.onDidChangeWorkspaceFolders(watchFolders));
  watchFolders();
  watchEvaluations(host).catch((error) => log.warn(String(error)));
  const activationMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(startedCpu);
  log.info(`Activated in ${activationMs.toFixed(1)} ms.`);
  return { runs: () => store.summaries, activationMs, activationCpuMs: (user + system) / 1000 };
}
