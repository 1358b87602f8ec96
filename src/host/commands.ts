/** @file Every command of the extension, by its id. */
import * as vscode from 'vscode';
import { FineTuneError } from '../errors.ts';
import { modelPathOf, runPathOf } from './arguments.ts';
import { acceptCompletionCommand, completeHereCommand, discardCompletionCommand } from './complete.ts';
import { evaluateCommand } from './evaluate.ts';
import { fineTuneCommand } from './fineTune.ts';
import { embeddedModel, type HostContext, requireTrust, showError } from './hostContext.ts';
import { inspectModelFolder } from './modelFolders.ts';
import { chooseModelFolder, listModels, selectedModel, selectModel, weightsFolder } from './models.ts';
import type { PanelOpener } from './panel.ts';
import { previewDataCommand } from './previewData.ts';
import {
  deleteRunCommand,
  openReportCommand,
  renameRunCommand,
  resumeRunCommand,
  runPick,
  showLogCommand,
  stopRunCommand,
} from './runCommands.ts';

/** Registers them; what one throws is shown with its ways out, and thrown on to whoever called it from code. */
export function registerCommands(host: HostContext, panel: PanelOpener): void {
  const commands: Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>> = {
    fineTune: (request) => fineTuneCommand(host, request),
    showErrorMap: (run) => showErrorMapCommand(host, panel, run),
    evaluate: (run, request) => evaluateCommand(host, run, request),
    previewData: () => previewDataCommand(host),
    stopRun: (run) => stopRunCommand(host, run),
    resumeRun: (run) => resumeRunCommand(host, run),
    renameRun: (run, name) => renameRunCommand(host, run, name),
    deleteRun: (run) => deleteRunCommand(host, run),
    compareRuns: (run) => compareRunsCommand(host, panel, run),
    selectModel: (model) => selectModelCommand(host, model),
    completeHere: () => completeHereCommand(host),
    acceptCompletion: () => acceptCompletionCommand(),
    discardCompletion: () => discardCompletionCommand(),
    openReport: (run) => openReportCommand(host, run),
    showLog: (run) => showLogCommand(host, run),
  };
  for (const [name, command] of Object.entries(commands)) {
    const shown = async (...args: unknown[]) => {
      try {
        await host.store.ready;
        return await command(...args);
      } catch (error) {
        // Not awaited: the message may stand for hours.
        void showError(host, error, runPathOf(args[0]));
        return undefined;
      }
    };
    host.extension.subscriptions.push(vscode.commands.registerCommand(`rgft.${name}`, shown));
  }
}

async function showErrorMapCommand(host: HostContext, panel: PanelOpener, argument?: unknown): Promise<void> {
  const main = runPathOf(argument) ?? host.store.summaries[0]?.path ?? null;
  panel.show({ main, compared: null });
}

async function compareRunsCommand(host: HostContext, panel: PanelOpener, argument?: unknown): Promise<void> {
  const { summaries } = host.store;
  if (summaries.length < 2) {
    throw new FineTuneError('RUN_NOT_FOUND', vscode.l10n.t('Two runs are needed to compare; there are fewer here.'));
  }
  const given = runPathOf(argument);
  const first = given
    ? host.store.summary(given)
    : (await vscode.window.showQuickPick(summaries.map(runPick), { title: vscode.l10n.t('Compare which run?') }))?.run;
  if (!first) return;
  const others = summaries.filter((run) => run.path !== first.path);
  const title = vscode.l10n.t('Compare {0} with', first.name);
  const second = await vscode.window.showQuickPick(others.map(runPick), { title });
  if (second) panel.show({ main: first.path, compared: second.run.path });
}

async function selectModelCommand(host: HostContext, argument?: unknown): Promise<void> {
  requireTrust();
  const chosen = modelPathOf(argument) ?? (await askModel(host));
  if (chosen === undefined) return;
  const found = inspectModelFolder(weightsFolder(chosen));
  if ('problem' in found) {
    const message = vscode.l10n.t('{0} cannot be used: {1}', chosen, found.problem);
    throw new FineTuneError('MODEL_NOT_FOUND', message, { model: chosen });
  }
  await selectModel(host, chosen);
}

async function askModel(host: HostContext): Promise<string | undefined> {
  const selected = selectedModel(host) ?? embeddedModel(host);
  const items = listModels(host)
    .filter((entry) => entry.problem === null)
    .map((entry) => ({
      label: entry.name,
      description: entry.description,
      detail: entry.path === selected ? vscode.l10n.t('selected') : undefined,
      path: entry.path,
    }));
  const folder = { label: vscode.l10n.t('A folder\u2026'), description: '', detail: undefined, path: '' };
  const title = vscode.l10n.t('Base model for fine-tuning and completions in this workspace');
  const answer = await vscode.window.showQuickPick([...items, folder], { title });
  return answer?.path === '' ? chooseModelFolder() : answer?.path;
}
