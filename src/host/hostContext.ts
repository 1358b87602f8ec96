/** @file What every command and view gets: the store of runs, the log, the settings, where programs lie. */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { FineTuneError } from '../errors.ts';
import { plainText } from './format.ts';
import { EMBEDDED_NAME } from './modelFolders.ts';
import { type Remedy, remediesFor } from './remedies.ts';
import type { RunStore } from './runStore.ts';
import { workspaceFolderOf } from './runStore.ts';
import { patternArguments, readSettings, type Settings } from './settings.ts';
import { lastLines, logPathOf, type Program } from './trainerProcess.ts';

export interface HostContext {
  readonly extension: vscode.ExtensionContext;
  readonly store: RunStore;
  readonly log: vscode.LogOutputChannel;
}

/** A workspace folder on a disk. */
export interface CodeFolder {
  readonly name: string;
  readonly path: string;
}

/** The open folders that lie on a disk. */
export function codeFolders(): CodeFolder[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .map((folder) => ({ name: folder.name, path: folder.uri.fsPath }));
}

/** The settings in force for a folder or a document. @throws SETTING_INVALID */
export function settingsFor(at?: string | vscode.Uri): Settings {
  const scope = typeof at === 'string' ? vscode.Uri.file(at) : at;
  const configuration = vscode.workspace.getConfiguration('rgft', scope ?? null);
  return readSettings((name) => configuration.get(name));
}

/** What the folders' own settings say about which of their files are read, for the command line. @throws SETTING_INVALID */
export function patternsOf(folders: readonly string[]): string[] {
  return patternArguments(
    folders.map((folder) => ({
      ...settingsFor(folder),
      // The command line names folders by their real paths; of one that is gone it says so.
      path: existsSync(folder) ? realpathSync.native(folder) : folder,
    })),
  );
}

/** What runs dist/cli.js. @throws SETTING_INVALID */
export function programOf(host: HostContext): Program {
  return {
    executable: settingsFor().nodePath || process.execPath,
    script: path.join(host.extension.extensionPath, 'dist', 'cli.js'),
  };
}

/** Folder of the model that comes with the extension. */
export function embeddedModel(host: HostContext): string {
  return path.join(host.extension.extensionPath, 'media', EMBEDDED_NAME);
}

/** @throws WORKSPACE_UNTRUSTED: hidden commands can still be called by other extensions and key bindings. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new FineTuneError(
    'WORKSPACE_UNTRUSTED',
    vscode.l10n.t('This runs programs on files of the workspace, and the workspace is not trusted. Trust it first.'),
  );
}

/** Shows an error with its ways out. Cancelling is no error. */
export async function showError(host: HostContext, error: unknown, runPath?: string): Promise<void> {
  if (error instanceof FineTuneError && error.code === 'INTERRUPTED') return;
  const code = error instanceof FineTuneError ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  host.log.error(`${code}: ${message}`);
  if (code === 'INTERNAL' && error instanceof Error && error.stack) host.log.debug(error.stack);
  await offerRemedies(host, 'error', message, code, runPath);
}

/** A message with the buttons that its code calls for. Resolves when it is answered or closed. */
export async function offerRemedies(
  host: HostContext,
  kind: 'error' | 'warning' | 'information',
  message: string,
  code: string,
  runPath?: string,
): Promise<void> {
  const offered = remediesFor(code).filter((remedy) => isPossible(host, remedy, runPath));
  const titles = offered.map(remedyTitle);
  const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
  const show = { error: showErrorMessage, warning: showWarningMessage, information: showInformationMessage }[kind];
  const answer = await show(plainText(message), ...titles);
  const remedy = answer === undefined ? undefined : offered[titles.indexOf(answer)];
  if (remedy) await applyRemedy(remedy, runPath);
}

function isPossible(host: HostContext, remedy: Remedy, runPath?: string): boolean {
  if (remedy === 'deleteRun') return runPath !== undefined && host.store.summary(runPath) !== null;
  if (remedy === 'showErrorMap') return runPath !== undefined && host.store.summary(runPath) !== null;
  if (remedy === 'resume') {
    const state = runPath === undefined ? undefined : host.store.summary(runPath)?.state;
    return state === 'interrupted' || state === 'failed';
  }
  return true;
}

function remedyTitle(remedy: Remedy): string {
  switch (remedy) {
    case 'openSettings':
      return vscode.l10n.t('Open Settings');
    case 'selectModel':
      return vscode.l10n.t('Select Base Model');
    case 'previewData':
      return vscode.l10n.t('Preview Training Data');
    case 'resume':
      return vscode.l10n.t('Resume');
    case 'deleteRun':
      return vscode.l10n.t('Delete Run');
    case 'trustWorkspace':
      return vscode.l10n.t('Manage Trust');
    case 'showLog':
      return vscode.l10n.t('Show Log');
    case 'startNew':
      return vscode.l10n.t('Start a New Run');
    case 'openFolder':
      return vscode.l10n.t('Open Another Folder');
    case 'showErrorMap':
      return vscode.l10n.t('Show Error Map');
  }
}

function applyRemedy(remedy: Remedy, runPath?: string): Thenable<void> {
  const run = (command: string, ...rest: unknown[]) => vscode.commands.executeCommand<void>(command, ...rest);
  switch (remedy) {
    case 'openSettings':
      return run('workbench.action.openSettings', 'rgft.');
    case 'selectModel':
      return run('rgft.selectModel');
    case 'previewData':
      return run('rgft.previewData');
    case 'resume':
      return run('rgft.resumeRun', runPath);
    case 'deleteRun':
      return run('rgft.deleteRun', runPath);
    case 'trustWorkspace':
      return run('workbench.trust.manage');
    case 'showLog':
      return run('rgft.showLog', runPath);
    case 'startNew':
      return run('rgft.fineTune');
    case 'openFolder':
      return run('vscode.openFolder');
    case 'showErrorMap':
      return run('rgft.showErrorMap', runPath);
  }
}

/** Copies the end of a run's log to the log channel. */
export function logEndOf(host: HostContext, runPath: string): void {
  for (const line of lastLines(logPathOf(runPath), 20)) host.log.info(`${path.basename(runPath)}: ${line}`);
}

/** Whether the workspace folder of a run is still there. */
export function workspaceExists(runPath: string): boolean {
  return existsSync(workspaceFolderOf(runPath));
}

/** Runs `task` with a progress notification whose Cancel aborts it. */
export async function withCancellableProgress<Result>(
  title: string,
  task: (signal: AbortSignal, report: (message: string) => void) => Promise<Result>,
): Promise<Result> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: plainText(title), cancellable: true },
    async (progress, token) => {
      const controller = new AbortController();
      const listening = token.onCancellationRequested(() => controller.abort());
      try {
        return await task(controller.signal, (message) => progress.report({ message: plainText(message) }));
      } finally {
        listening.dispose();
      }
    },
  );
}
