/** @file The two trees of the Activity Bar and the status bar item: they draw what the store knows. */
import * as vscode from 'vscode';
import type { RunState, RunSummary } from '../protocol.ts';
import { formatDuration, formatLossChange, formatLossPercent } from './format.ts';
import type { HostContext } from './hostContext.ts';
import { hasModel, listModels, type ModelEntry, onModelsChanged, selectedModel } from './models.ts';
import { percentDone } from './runSummary.ts';
import { isStopping } from './trainerProcess.ts';

const STATE_ICONS: { readonly [State in RunState]: readonly [icon: string, color?: string] } = {
  running: ['sync~spin', 'charts.blue'],
  finished: ['pass', 'testing.iconPassed'],
  stoppedEarly: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  interrupted: ['debug-pause', 'charts.yellow'],
  unreadable: ['warning', 'list.warningForeground'],
};

/** Draws trees and status bar until disposed. */
export function registerViews(host: HostContext): void {
  const runsChanged = new vscode.EventEmitter<string | undefined>();
  const runs: vscode.TreeDataProvider<string> = {
    onDidChangeTreeData: runsChanged.event,
    getChildren: (parent) => (parent === undefined ? host.store.summaries.map((run) => run.path) : []),
    getTreeItem: (runPath) => runItem(runPath, host.store.summary(runPath)),
  };
  const modelsChanged = new vscode.EventEmitter<undefined>();
  const models: vscode.TreeDataProvider<ModelEntry> = {
    onDidChangeTreeData: modelsChanged.event,
    getChildren: (parent) => (parent === undefined ? listModels(host) : []),
    getTreeItem: (entry) => modelItem(entry, selectedModel(host)),
  };
  const runsView = vscode.window.createTreeView('rgft.runs', { treeDataProvider: runs });
  const status = vscode.window.createStatusBarItem('rgft.status', vscode.StatusBarAlignment.Left, 10);
  status.name = vscode.l10n.t('RGFT: run');

  const draw = () => {
    const { summaries } = host.store;
    const running = summaries.filter((run) => run.state === 'running');
    runsView.badge =
      running.length === 0
        ? undefined
        : { value: running.length, tooltip: vscode.l10n.t('{0} runs are training', running.length) };
    drawStatus(status, running);
    setContextKeys(summaries);
  };
  const stopListening = host.store.onChange((changes) => {
    const listChanged = changes.some(({ before, after }) => before === null || after === null);
    if (listChanged) runsChanged.fire(undefined);
    else for (const { path } of changes) runsChanged.fire(path);
    if (
      listChanged ||
      changes.some(({ before, after }) => before?.state !== after?.state || before?.name !== after?.name)
    ) {
      modelsChanged.fire(undefined);
    }
    draw();
  });
  void host.store.ready.then(draw);
  host.extension.subscriptions.push(
    runsView,
    vscode.window.createTreeView('rgft.models', { treeDataProvider: models }),
    status,
    runsChanged,
    modelsChanged,
    onModelsChanged(() => modelsChanged.fire(undefined)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('rgft.modelFolders')) modelsChanged.fire(undefined);
    }),
    { dispose: stopListening },
  );
}

const shownKeys = new Map<string, boolean>();

/** Menus and the palette show commands by these. */
function setContextKeys(summaries: readonly RunSummary[]): void {
  const keys = {
    // Before we are active nobody knows what there is, and commands that might work are offered.
    'rgft.isActive': true,
    'rgft.hasRuns': summaries.length > 0,
    'rgft.hasRunning': summaries.some((run) => run.state === 'running'),
    'rgft.hasResumable': summaries.some((run) => run.state === 'interrupted' || run.state === 'failed'),
    'rgft.hasModelRuns': summaries.some(hasModel),
    'rgft.canCompare': summaries.length > 1,
  };
  for (const [key, value] of Object.entries(keys)) {
    if (shownKeys.get(key) === value) continue;
    shownKeys.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

function drawStatus(status: vscode.StatusBarItem, running: readonly RunSummary[]): void {
  if (running.length === 0) {
    status.hide();
    return;
  }
  const [run] = running;
  const left = run.remainingMs === null ? '' : ` \u00b7 ${vscode.l10n.t('{0} left', formatDuration(run.remainingMs))}`;
  const more = running.length > 1 ? ` (+${running.length - 1})` : '';
  status.text = `$(sync~spin) RGFT ${percentDone(run)} %${left}${more}`;
  status.tooltip = vscode.l10n.t(
    '{0}: step {1} of {2}. Click for its error map.',
    run.name,
    run.step,
    run.totalSteps ?? '?',
  );
  status.command = { command: 'rgft.showErrorMap', title: '', arguments: [run.path] };
  status.accessibilityInformation = { label: vscode.l10n.t('Fine-tuning, {0} percent done', percentDone(run)) };
  status.show();
}

/** The state of a run in words, as they stand in a sentence. */
export function stateText(state: RunState): string {
  switch (state) {
    case 'running':
      return vscode.l10n.t('training');
    case 'finished':
      return vscode.l10n.t('finished');
    case 'stoppedEarly':
      return vscode.l10n.t('stopped early');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'interrupted':
      return vscode.l10n.t('interrupted');
    case 'unreadable':
      return vscode.l10n.t('damaged');
  }
}

/** What a run is doing, in one line. */
export function runDescription(run: RunSummary): string {
  const change = formatLossPercent(run.lossBefore, run.lossAfter);
  const loss = change === '' ? '' : vscode.l10n.t('loss {0}', change);
  switch (run.state) {
    case 'running': {
      if (isStopping(run.path)) return vscode.l10n.t('stopping at the next step');
      if (run.totalSteps === null) return vscode.l10n.t('starting');
      const left = run.remainingMs === null ? '' : `, ${vscode.l10n.t('{0} left', formatDuration(run.remainingMs))}`;
      return `${percentDone(run)} %${left}`;
    }
    case 'finished':
      return loss;
    case 'stoppedEarly':
      return [vscode.l10n.t('stopped early'), loss].filter(Boolean).join(', ');
    case 'interrupted':
      return vscode.l10n.t('interrupted at {0} %', percentDone(run));
    case 'failed':
      return run.problem?.split(':')[0] ?? vscode.l10n.t('failed');
    case 'unreadable':
      return run.problem?.split(':')[0] ?? vscode.l10n.t('cannot be read');
  }
}

function runItem(runPath: string, run: RunSummary | null): vscode.TreeItem {
  const item = new vscode.TreeItem(run?.name ?? runPath);
  item.id = runPath;
  if (run) {
    const [icon, color] = STATE_ICONS[run.state];
    item.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
    item.description = runDescription(run);
    item.contextValue = `run.${run.state}`;
    item.tooltip = runTooltip(run);
    item.command = { command: 'rgft.showErrorMap', title: vscode.l10n.t('Show Error Map'), arguments: [runPath] };
    item.accessibilityInformation = { label: `${run.name}, ${stateText(run.state)}, ${item.description}` };
  }
  return item;
}

function runTooltip(run: RunSummary): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(`${run.name}\n`);
  const lines = [
    run.method === null ? '' : vscode.l10n.t('Method: {0}', run.method),
    run.createdAtMs === null ? '' : vscode.l10n.t('Started: {0}', new Date(run.createdAtMs).toLocaleString()),
    run.totalSteps === null ? '' : vscode.l10n.t('Step {0} of {1}', run.step, run.totalSteps),
    run.lossBefore === null ? '' : vscode.l10n.t('Held-out loss: {0}', formatLossChange(run.lossBefore, run.lossAfter)),
    run.problem ?? '',
    run.path,
  ];
  for (const line of lines) if (line !== '') text.appendText(`\n${line}\n`);
  return text;
}

function modelItem(entry: ModelEntry, selected: string | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(entry.name);
  const isSelected = entry.path === selected;
  const icon = { embedded: 'package', folder: 'folder', tuned: 'beaker' }[entry.kind];
  item.id = `${entry.kind} ${entry.path}`;
  item.iconPath = new vscode.ThemeIcon(entry.problem ? 'warning' : isSelected ? 'check' : icon);
  item.description = isSelected ? `${entry.summary} \u00b7 ${vscode.l10n.t('selected')}` : entry.summary;
  item.contextValue = entry.problem ? 'model.unusable' : 'model';
  item.tooltip = [entry.name, entry.description, entry.path].join('\n');
  return item;
}
