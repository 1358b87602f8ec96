/** @file What can be done with a run that exists: stop, resume, rename, delete, look. */
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { FineTuneError } from '../errors.ts';
import type { RunState, RunSummary } from '../protocol.ts';
import { runPathOf } from './arguments.ts';
import { launch, waitForRun } from './fineTune.ts';
import { plainText } from './format.ts';
import {
  type HostContext,
  logEndOf,
  programOf,
  requireTrust,
  withCancellableProgress,
  workspaceExists,
} from './hostContext.ts';
import { deleteRun, renameRun } from './runFiles.ts';
import { workspaceFolderOf } from './runStore.ts';
import { askJson, killTrainer, logPathOf, requestStop } from './trainerProcess.ts';
import { runDescription, stateText } from './views.ts';

/** A trainer looks for the request twice a second, and stops between steps; one that does not answer so long is stuck or slow. */
const STOP_PATIENCE_MS = 60_000;

/**
 * The run that a command is about: the given one, the only one that fits, or the user's choice.
 *
 * @returns undefined when cancelled @throws RUN_NOT_FOUND when none fits, RUN_MISMATCH when the given one does not
 */
export async function chooseRun(
  host: HostContext,
  argument: unknown,
  title: string,
  states: readonly RunState[],
): Promise<RunSummary | undefined> {
  const given = runPathOf(argument);
  if (given !== undefined) {
    host.store.refresh();
    const run = host.store.summary(given);
    if (!run) throw new FineTuneError('RUN_NOT_FOUND', vscode.l10n.t('The run {0} is gone.', given), { path: given });
    if (states.includes(run.state)) return run;
    if (run.state === 'running') {
      const message = vscode.l10n.t('{0} is training already. Watch it in its error map, or stop it first.', run.name);
      throw new FineTuneError('RUN_LOCKED', message, { path: given });
    }
    const wanted = new Intl.ListFormat(vscode.env.language, { type: 'disjunction' }).format(states.map(stateText));
    const message = vscode.l10n.t(
      'The run {0} is {1}; this needs one that is {2}.',
      run.name,
      stateText(run.state),
      wanted,
    );
    throw new FineTuneError('RUN_MISMATCH', message, { path: given, state: run.state });
  }
  const fitting = host.store.summaries.filter((run) => states.includes(run.state));
  if (fitting.length === 0) throw new FineTuneError('RUN_NOT_FOUND', vscode.l10n.t('There is no run for this here.'));
  if (fitting.length === 1) return fitting[0];
  const chosen = await vscode.window.showQuickPick(fitting.map(runPick), { title });
  return chosen?.run;
}

/** A run as an item to choose. */
export function runPick(run: RunSummary): vscode.QuickPickItem & { run: RunSummary } {
  return { label: run.name, description: runDescription(run), run };
}

/** Resolves with true when the run no longer trains, false when `signal` or the time comes first. */
async function waitForEnd(
  host: HostContext,
  runPath: string,
  signal: AbortSignal,
  patienceMs: number,
): Promise<boolean> {
  const hasEnded = () => host.store.summary(runPath)?.state !== 'running';
  if (hasEnded()) return true;
  return new Promise<boolean>((resolve) => {
    const end = (result: boolean) => {
      stopListening();
      clearTimeout(timer);
      resolve(result);
    };
    const stopListening = host.store.onChange(() => {
      if (hasEnded()) end(true);
    });
    const timer = setTimeout(() => end(false), patienceMs);
    signal.addEventListener('abort', () => end(false), { once: true });
  });
}

/** Stops a run at its next step, with a checkpoint. @returns whether it has stopped */
export async function stopRunCommand(host: HostContext, argument?: unknown): Promise<boolean> {
  requireTrust();
  const run = await chooseRun(host, argument, vscode.l10n.t('Stop which run?'), ['running']);
  if (!run) return false;
  try {
    requestStop(run.path);
  } catch (error) {
    // No room for the request, or no right to write it: what is left is to end the process.
    return endTrainer(host, run, error instanceof Error ? error.message : String(error));
  }
  const title = vscode.l10n.t('Stopping {0} at the next step', run.name);
  let wasCancelled = false;
  const stopped = await withCancellableProgress(title, async (signal) => {
    const ended = await waitForEnd(host, run.path, signal, STOP_PATIENCE_MS);
    wasCancelled = signal.aborted;
    return ended;
  });
  if (stopped || wasCancelled) return stopped;
  return endTrainer(host, run, vscode.l10n.t('{0} has not answered for a minute.', run.name));
}

/** Says why a run cannot be asked to stop and, when the user agrees, ends its process. @returns whether it was ended */
async function endTrainer(host: HostContext, run: RunSummary, why: string): Promise<boolean> {
  const kill = vscode.l10n.t('End the Process');
  const then = vscode.l10n.t('Ended now, it can be resumed from its last checkpoint.');
  if ((await vscode.window.showWarningMessage(plainText(`${why} ${then}`), kill)) !== kill) return false;
  if (!killTrainer(run.path, os.hostname())) {
    const message = vscode.l10n.t('The trainer of {0} is not on this machine. Stop it where it runs.', run.name);
    throw new FineTuneError('RUN_LOCKED', message, { path: run.path });
  }
  host.store.refresh();
  return true;
}

/** Goes on with an interrupted or failed run. @returns its path */
export async function resumeRunCommand(host: HostContext, argument?: unknown): Promise<string | undefined> {
  requireTrust();
  const run = await chooseRun(host, argument, vscode.l10n.t('Resume which run?'), ['interrupted', 'failed']);
  if (!run) return undefined;
  if (!workspaceExists(run.path)) {
    throw new FineTuneError('FOLDER_NOT_FOUND', vscode.l10n.t('The folder of {0} is gone.', run.name), {
      path: run.path,
    });
  }
  if (resuming.has(run.path)) return run.path;
  resuming.add(run.path);
  try {
    const args = ['finetune', '--resume', '--out', run.path];
    const started = await launch(host, run.path, args, workspaceFolderOf(run.path));
    const title = vscode.l10n.t('Resuming {0}: reading files, loading the model', run.name);
    await waitForRun(host, started, title, () => host.store.summary(run.path)?.state === 'running');
  } finally {
    resuming.delete(run.path);
  }
  return run.path;
}

/** Runs that this window has asked to go on and that do not train yet: a second click is not a second trainer. */
const resuming = new Set<string>();

const ANY_STATE: readonly RunState[] = ['running', 'finished', 'stoppedEarly', 'failed', 'interrupted', 'unreadable'];

export async function renameRunCommand(host: HostContext, argument?: unknown, newName?: unknown): Promise<void> {
  requireTrust();
  const run = await chooseRun(host, argument, vscode.l10n.t('Rename which run?'), ANY_STATE);
  if (!run) return;
  const name =
    typeof newName === 'string'
      ? newName
      : await vscode.window.showInputBox({
          title: vscode.l10n.t('Name of the run'),
          value: run.name,
          validateInput: (text) =>
            text.trim() === '' ? vscode.l10n.t('A name has at least one character.') : undefined,
        });
  if (name === undefined) return;
  renameRun(run.path, name);
  host.store.refresh();
}

/** Deletes a run after a question; one that trains is stopped first, by the user. */
export async function deleteRunCommand(host: HostContext, argument?: unknown): Promise<void> {
  requireTrust();
  const states = ANY_STATE.filter((state) => state !== 'running');
  const run = await chooseRun(host, argument, vscode.l10n.t('Delete which run?'), states);
  if (!run) return;
  const confirm = vscode.l10n.t('Delete');
  const detail = vscode.l10n.t('Its model, checkpoints and results are deleted from the disk: {0}', run.path);
  const message = vscode.l10n.t('Delete the run {0}?', run.name);
  if ((await vscode.window.showWarningMessage(plainText(message), { modal: true, detail }, confirm)) !== confirm)
    return;
  await deleteRun(run.path);
  host.store.refresh();
}

/** Opens the log of a run, or the extension's own. */
export async function showLogCommand(host: HostContext, argument?: unknown): Promise<void> {
  const runPath = runPathOf(argument);
  if (runPath === undefined || !existsSync(logPathOf(runPath))) {
    if (runPath !== undefined) logEndOf(host, runPath);
    return host.log.show();
  }
  await vscode.window.showTextDocument(vscode.Uri.file(logPathOf(runPath)), { preview: true });
}

/** Shows the report of a run in a tab, written anew unless the run is over and has one. */
export async function openReportCommand(host: HostContext, argument?: unknown): Promise<void> {
  const run = await chooseRun(host, argument, vscode.l10n.t('Report of which run?'), ANY_STATE);
  if (!run) return;
  let file = path.join(run.path, 'report.html');
  const isOver = run.state === 'finished' || run.state === 'stoppedEarly';
  if (!isOver || !existsSync(file)) {
    requireTrust();
    const title = vscode.l10n.t('Writing the report of {0}', run.name);
    file = await withCancellableProgress(title, (signal) => writeReport(host, run.path, signal));
  }
  const html = Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.file(file))).toString('utf8');
  const title = vscode.l10n.t('Report: {0}', run.name);
  // The report holds no script, and its own policy forbids any; here none could run either.
  const panel = vscode.window.createWebviewPanel('rgft.report', title, vscode.ViewColumn.Active, {
    enableScripts: false,
    enableFindWidget: true,
    localResourceRoots: [],
  });
  panel.webview.html = html;
}

/** @returns the report's file: in the run, or, where that may not be written, in a folder of its own */
async function writeReport(host: HostContext, runPath: string, signal: AbortSignal): Promise<string> {
  const ask = async (...args: string[]) => {
    const answer = await askJson(programOf(host), ['report', runPath, ...args], { signal });
    return (answer as { report: string }).report;
  };
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof FineTuneError && (error.code === 'NO_PERMISSION' || error.code === 'DISK_FULL')))
      throw error;
    const folder = await mkdtemp(path.join(os.tmpdir(), 'rgft-report-')).catch(() => {
      throw error;
    });
    return ask('--out', path.join(folder, 'report.html'));
  }
}
