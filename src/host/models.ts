/** @file Which models there are to choose from: the embedded one, folders on this machine, and what runs have left. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../protocol.ts';
import { runPaths } from '../trainer/runDirectory.ts';
import { formatBytes, formatCount, formatLossChange, formatLossPercent, plainText } from './format.ts';
import { embeddedModel, type HostContext, settingsFor } from './hostContext.ts';
import { inspectModelFolder, locateModel } from './modelFolders.ts';

const SELECTED = 'rgft.selectedModel';
const RECENT = 'rgft.recentModels';
const RECENT_COUNT = 5;

export interface ModelEntry {
  readonly kind: 'embedded' | 'folder' | 'tuned';
  /** Model folder, or run directory: what `--model` takes. */
  readonly path: string;
  readonly name: string;
  /** What it is, in a few words, and in a line. */
  readonly summary: string;
  readonly description: string;
  /** Why it cannot be used. */
  readonly problem: string | null;
}

/** Fired when another model was selected or used. */
const changed = new vscode.EventEmitter<void>();
export const onModelsChanged: vscode.Event<void> = changed.event;

/** The folder that holds the weights: `model/` of a run, else the folder itself. */
export function weightsFolder(modelPath: string): string {
  return existsSync(runPaths(modelPath).description) ? runPaths(modelPath).model : modelPath;
}

export function hasModel(run: RunSummary): boolean {
  return run.state === 'finished' || run.state === 'stoppedEarly';
}

/** All models, embedded first. */
export function listModels(host: HostContext): ModelEntry[] {
  const embedded = embeddedModel(host);
  let configured: readonly string[] = [];
  try {
    configured = settingsFor().modelFolders;
  } catch (error) {
    host.log.warn(String(error));
  }
  const runs = host.store.summaries.filter(hasModel);
  const folders = new Set([...configured, ...recentModels(host)]);
  folders.delete(embedded);
  for (const run of runs) folders.delete(run.path);
  return [
    entryOf('embedded', embedded, vscode.l10n.t('Embedded model')),
    ...[...folders].map((folder) => entryOf('folder', folder, path.basename(folder))),
    ...runs.map((run) => tunedEntry(run)),
  ];
}

function entryOf(kind: ModelEntry['kind'], modelPath: string, name: string): ModelEntry {
  const found = inspectModelFolder(weightsFolder(modelPath));
  if ('problem' in found) {
    const { problem } = found;
    return { kind, path: modelPath, name, summary: problem, description: problem, problem };
  }
  const { shape, bytes } = found;
  const summary = vscode.l10n.t('{0} parameters', formatCount(shape.parameters));
  return { kind, path: modelPath, name, summary, description: `${summary}, ${formatBytes(bytes)}`, problem: null };
}

/** The model of a run: what counts is what the run made of it. */
function tunedEntry({ path: runPath, name, lossBefore, lossAfter }: RunSummary): ModelEntry {
  const entry = entryOf('tuned', runPath, name);
  const change = formatLossPercent(lossBefore, lossAfter);
  if (entry.problem !== null || change === '') return entry;
  const description = vscode.l10n.t('fine-tuned, held-out loss {0}', formatLossChange(lossBefore, lossAfter));
  return { ...entry, summary: vscode.l10n.t('loss {0}', change), description };
}

function recentModels(host: HostContext): readonly string[] {
  const recent = host.extension.globalState.get<string[]>(RECENT) ?? [];
  return recent.map((model) => locateModel(model, embeddedModel(host)));
}

/** The model that the user selected for this workspace. */
export function selectedModel(host: HostContext): string | undefined {
  const selected = host.extension.workspaceState.get<string>(SELECTED);
  return selected === undefined ? undefined : locateModel(selected, embeddedModel(host));
}

/** Selects a model for this workspace and remembers it for others. */
export async function selectModel(host: HostContext, modelPath: string): Promise<void> {
  await host.extension.workspaceState.update(SELECTED, modelPath);
  const recent = [modelPath, ...recentModels(host).filter((other) => other !== modelPath)];
  await host.extension.globalState.update(RECENT, recent.slice(0, RECENT_COUNT));
  changed.fire();
}

/** The model for completions: the selected one, else that of the newest finished run, else the embedded one. */
export function completionModel(host: HostContext): string {
  const newest = host.store.summaries.find(hasModel);
  return selectedModel(host) ?? newest?.path ?? embeddedModel(host);
}

/** Lets the user choose a folder that holds a model. @returns undefined when cancelled */
export async function chooseModelFolder(): Promise<string | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t('Use This Model'),
      title: vscode.l10n.t('A folder with config.json, weights (.safetensors) and tokenizer.json'),
    })) ?? [];
  if (!chosen) return undefined;
  const found = inspectModelFolder(weightsFolder(chosen.fsPath));
  if (!('problem' in found)) return chosen.fsPath;
  const again = vscode.l10n.t('Choose Another Folder');
  const message = vscode.l10n.t('{0} cannot be used: {1}', chosen.fsPath, found.problem);
  return (await vscode.window.showErrorMessage(plainText(message), again)) === again ? chooseModelFolder() : undefined;
}
