/** @file "Fine-tune on Workspace": three questions with good defaults, then a process that goes on without us. */
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { FineTuneError } from '../errors.ts';
import { explainDiskError, freeBytes, makeFolder } from '../trainer/disk.ts';
import { readEvents } from '../trainer/events.ts';
import { runPaths } from '../trainer/runDirectory.ts';
import { lockState } from '../trainer/runLock.ts';
import { type DataSummary, whatIsLearned, whatIsLeftOut, whereSecretsAre } from './dataReport.ts';
import { availableMemory, estimateRun, findObstacles, type Needs, type RunLength } from './estimate.ts';
import { formatBytes, formatDuration } from './format.ts';
import {
  codeFolders,
  embeddedModel,
  type HostContext,
  offerRemedies,
  patternsOf,
  programOf,
  requireTrust,
  settingsFor,
  withCancellableProgress,
} from './hostContext.ts';
import { inspectModelFolder, locateModel } from './modelFolders.ts';
import { chooseModelFolder, listModels, selectedModel, selectModel, weightsFolder } from './models.ts';
import { newRunPath, runsFolder } from './runFiles.ts';
import { addEvents, NO_PROGRESS } from './runSummary.ts';
import { machineArguments } from './settings.ts';
import { askStep, type StepItem } from './steps.ts';
import { askJson, type Detached, failureInLog, lastLines, logPathOf, startDetached } from './trainerProcess.ts';

/** All that a run is started with. Other extensions and tests may give it to the command and skip the questions. */
export interface FineTuneRequest {
  /** Absolute paths of the folders to learn from; the run lies in the first. */
  readonly folders: readonly string[];
  readonly model: string;
  readonly method: Method;
  readonly length: RunLength;
  /** More options of the command line. @default none */
  readonly extraArguments?: readonly string[];
}

/** What trains, and at which share of full fine-tuning's compute (`null`: no limit). */
export interface Method {
  readonly name: 'rgft' | 'full';
  readonly budget: number | null;
}

const STANDARD: RunLength = { epochs: 3, maxSteps: null };
const QUICK: RunLength = { epochs: 3, maxSteps: 100 };

/**
 * The command: asks, unless a complete request is given, and starts.
 *
 * @returns the run's path, or undefined when it was cancelled
 */
export async function fineTuneCommand(host: HostContext, argument?: unknown): Promise<string | undefined> {
  requireTrust();
  const request = isRequest(argument) ? argument : await askRequest(host);
  if (!request) return undefined;
  const { runPath, started } = await startRun(host, request);
  if (isRequest(argument)) return runPath;
  const title = vscode.l10n.t('Starting the run: reading files, loading the model');
  if (!(await waitForRun(host, started, title, () => host.store.summary(runPath) !== null))) return undefined;
  await vscode.commands.executeCommand('rgft.showErrorMap', runPath);
  return runPath;
}

/** Shows progress until the run is there: files are read and the model is loaded. @returns false when it ended before that */
export async function waitForRun(
  host: HostContext,
  { pid, exited }: Detached,
  title: string,
  isThere: () => boolean,
): Promise<boolean> {
  return withCancellableProgress(title, (signal) => {
    const cancel = () => {
      cancelledStarts.add(pid);
      process.kill(pid);
    };
    signal.addEventListener('abort', cancel, { once: true });
    return new Promise<boolean>((resolve) => {
      const stopListening = host.store.onChange(() => {
        if (!isThere()) return;
        stopListening();
        resolve(true);
      });
      void exited.then(() => {
        stopListening();
        resolve(isThere());
      });
    });
  });
}

function isRequest(argument: unknown): argument is FineTuneRequest {
  return Array.isArray((argument as FineTuneRequest | undefined)?.folders);
}

async function askRequest(host: HostContext): Promise<FineTuneRequest | undefined> {
  const folders = await chooseFolders();
  if (!folders) return undefined;
  let model: string | undefined;
  let plan: { method: Method; length: RunLength } | undefined;
  for (let step = 1; ; ) {
    if (step === 1) {
      model = await askModel(host);
      if (model === undefined) return undefined;
      step = 2;
    } else if (step === 2) {
      const answer = await askStep({ ...titled(2), placeholder: vscode.l10n.t('How to train'), items: methodItems() });
      if (answer === undefined) return undefined;
      if (answer !== 'back') plan = answer.value;
      step = answer === 'back' ? 1 : 3;
    } else {
      const answer = await askStep({
        ...titled(3),
        readyPlaceholder: vscode.l10n.t('What it would learn from, and what it needs'),
        placeholder: vscode.l10n.t('Reading {0}\u2026', folders.map((folder) => path.basename(folder)).join(', ')),
        items: (signal) => summaryItems(host, folders, model!, plan!, signal),
      });
      if (answer === undefined) return undefined;
      if (answer === 'back') step = 2;
      else if (answer.value === 'preview') return void (await vscode.commands.executeCommand('rgft.previewData'));
      else return { folders, model: model!, ...plan! };
    }
  }
}

function titled(step: number) {
  return { title: vscode.l10n.t('Fine-tune on Workspace'), step, totalSteps: 3 };
}

/** The folder of a simple workspace; a choice where there are several. */
export async function chooseFolders(): Promise<string[] | undefined> {
  const folders = codeFolders();
  if (folders.length === 0) {
    throw new FineTuneError('FOLDER_NOT_FOUND', vscode.l10n.t('No folder is open. Open a folder with code first.'));
  }
  const gone = folders.find((folder) => !existsSync(folder.path));
  if (gone) {
    const message = vscode.l10n.t('The folder {0} is gone. Open it again where it is now.', gone.path);
    throw new FineTuneError('FOLDER_NOT_FOUND', message, { path: gone.path });
  }
  if (folders.length === 1) return [folders[0].path];
  const chosen = await vscode.window.showQuickPick(
    folders.map((folder) => ({ label: folder.name, description: folder.path, picked: true, path: folder.path })),
    { canPickMany: true, title: vscode.l10n.t('Folders to learn from'), ignoreFocusOut: true },
  );
  return chosen && chosen.length > 0 ? chosen.map((folder) => folder.path) : undefined;
}

async function askModel(host: HostContext): Promise<string | undefined> {
  const selected = selectedModel(host);
  const models = listModels(host).filter((entry) => entry.problem === null);
  // What was selected first, so that Enter takes it.
  models.sort((a, b) => Number(b.path === selected) - Number(a.path === selected));
  const items: StepItem<string>[] = models.map((entry) => ({
    label: entry.name,
    description: entry.description,
    detail:
      entry.kind === 'embedded'
        ? vscode.l10n.t('Small, and comes with the extension: runs on any machine')
        : entry.path,
    iconPath: new vscode.ThemeIcon({ embedded: 'package', folder: 'folder', tuned: 'beaker' }[entry.kind]),
    value: entry.path,
  }));
  items.push({ label: vscode.l10n.t('A folder\u2026'), iconPath: new vscode.ThemeIcon('folder-opened'), value: '' });
  const answer = await askStep({ ...titled(1), placeholder: vscode.l10n.t('The model to start from'), items });
  if (answer === undefined || answer === 'back') return undefined;
  const model = answer.value === '' ? await chooseModelFolder() : answer.value;
  if (model !== undefined && model !== embeddedModel(host)) await selectModel(host, model);
  return model;
}

function methodItems(): StepItem<{ method: Method; length: RunLength }>[] {
  const methods: readonly { label: string; detail: string; method: Method }[] = [
    {
      // Short, as the name of the group stands beside it.
      label: vscode.l10n.t('RGFT with 30 % of the compute'),
      detail: vscode.l10n.t('The last layers and the words of your code; under half the time'),
      method: { name: 'rgft', budget: 0.3 },
    },
    {
      label: vscode.l10n.t('RGFT with 40 % of the compute'),
      detail: vscode.l10n.t('More passes, or more layers of a larger model; of the embedded model often no better'),
      method: { name: 'rgft', budget: 0.4 },
    },
    {
      label: vscode.l10n.t('RGFT without a limit'),
      detail: vscode.l10n.t('Trains nearly everything; on a short run, measuring the map costs more than it saves'),
      method: { name: 'rgft', budget: null },
    },
    {
      label: vscode.l10n.t('Full fine-tuning'),
      detail: vscode.l10n.t('Trains everything all the time: the baseline'),
      method: { name: 'full', budget: null },
    },
  ];
  const lengths: readonly { label: string; length: RunLength }[] = [
    { label: vscode.l10n.t('3 passes over the code'), length: STANDARD },
    { label: vscode.l10n.t('Quick: at most 100 steps'), length: QUICK },
  ];
  const recommended = vscode.l10n.t('recommended');
  return lengths.flatMap(({ label, length }, group) => [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...methods.map((entry, at) => ({
      label: entry.label,
      description: group === 0 && at === 0 ? recommended : undefined,
      detail: entry.detail,
      value: { method: entry.method, length },
    })),
  ]);
}

/** What a run would learn from and need, what stands in its way, and Start. */
async function summaryItems(
  host: HostContext,
  folders: readonly string[],
  model: string,
  { method, length }: { readonly method: Method; readonly length: RunLength },
  signal: AbortSignal,
): Promise<StepItem<'start' | 'preview'>[]> {
  const program = programOf(host);
  const asked = ['data', ...folders, '--model', model, ...patternsOf(folders)];
  const data = (await askJson(program, asked, { cwd: folders[0], signal })) as DataSummary;
  const found = inspectModelFolder(weightsFolder(model));
  if ('problem' in found) {
    throw new FineTuneError('MODEL_NOT_FOUND', vscode.l10n.t('{0} cannot be used: {1}', model, found.problem), {
      model,
    });
  }
  const runPlan = { ...length, budget: method.budget };
  const needs = estimateRun(found.shape, data.packing.rows, runPlan, measuredMsPerStep(host, model));
  const obstacles = findObstacles(
    needs,
    {
      memoryBytes: availableMemory(),
      diskBytes: freeBytes(folders[0]),
      isWritable: isWritable(runsFolder(folders[0])),
      folder: folders[0],
    },
    vscode.l10n.t,
  );
  const items: StepItem<'start' | 'preview'>[] = [];
  if (data.problem) {
    items.push({ label: `$(error) ${vscode.l10n.t('Cannot start')}`, detail: data.problem.message, alwaysShow: true });
  } else if (obstacles.some(({ code }) => code === 'NO_PERMISSION')) {
    items.push({ label: `$(error) ${vscode.l10n.t('Cannot start')}`, alwaysShow: true });
  } else {
    const label = obstacles.length === 0 ? vscode.l10n.t('Start') : vscode.l10n.t('Start anyway');
    items.push({ label: `$(play) ${label}`, detail: needsText(needs), value: 'start', alwaysShow: true });
  }
  for (const { cause, fix } of obstacles) items.push({ label: `$(warning) ${cause}`, detail: fix });
  items.push({ label: vscode.l10n.t('Training data'), kind: vscode.QuickPickItemKind.Separator });
  items.push({
    label: `$(files) ${whatIsLearned(data, vscode.l10n.t)}`,
    detail: vscode.l10n.t('Held out to measure the result: {0} of them', data.split.heldOut.files),
  });
  if (data.totals.rejected > 0) {
    items.push({
      label: `$(circle-slash) ${vscode.l10n.t('{0} files left out', data.totals.rejected)}`,
      detail: whatIsLeftOut(data),
    });
  }
  if (data.secrets.length > 0) {
    items.push({
      label: `$(shield) ${vscode.l10n.t('{0} secrets found; they are masked before training', data.secrets.length)}`,
      detail: whereSecretsAre(data),
    });
  }
  items.push({ label: `$(list-selection) ${vscode.l10n.t('Show all of it')}`, value: 'preview' });
  return items;
}

function needsText({ steps, durationMs, isMeasured, memoryBytes, diskBytes }: Needs): string {
  const time = isMeasured ? formatDuration(durationMs) : vscode.l10n.t('very roughly {0}', formatDuration(durationMs));
  const room = vscode.l10n.t('at most {0} of memory and {1} of disk', formatBytes(memoryBytes), formatBytes(diskBytes));
  return [...(steps === null ? [] : [vscode.l10n.t('{0} steps', steps)]), time, room].join(', ');
}

/** What a step took in the newest run here that trained the same model. */
function measuredMsPerStep(host: HostContext, model: string): number | null {
  for (const { path: runPath } of host.store.summaries) {
    const { options } = (host.store.description(runPath) ?? {}) as {
      options?: { model?: string; training?: { budget?: number | null } };
    };
    // Steps under a budget are cheaper by an amount that differs from run to run.
    if (!options?.model || options.training?.budget) continue;
    if (locateModel(options.model, embeddedModel(host)) !== model) continue;
    try {
      const { recent } = addEvents(NO_PROGRESS, readEvents(runPaths(runPath).events).events);
      const [first, last] = [recent[0], recent[recent.length - 1]];
      if (recent.length > 5) return (last.elapsedMs - first.elapsedMs) / (last.step - first.step);
    } catch (error) {
      host.log.debug(String(error)); // An older run that cannot be read is no reason not to start a new one.
    }
  }
  return null;
}

/** Whether a folder can be written, or made where it does not exist yet. */
function isWritable(folder: string): boolean {
  const parent = path.dirname(folder);
  if (!existsSync(folder) && parent !== folder) return isWritable(parent);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts the process. It goes on when the window is closed. @throws NO_PERMISSION, DISK_FULL, ENGINE_FAILED */
export async function startRun(
  host: HostContext,
  request: FineTuneRequest,
): Promise<{ readonly runPath: string; readonly started: Detached }> {
  const [folder] = request.folders;
  const runPath = newRunPath(folder, new Date());
  if (!isWritable(runsFolder(folder))) {
    const message = vscode.l10n.t(
      '{0} cannot be written. Make the folder writable for this user, or open a copy of it.',
      folder,
    );
    throw new FineTuneError('NO_PERMISSION', message, { path: folder });
  }
  makeFolder(runsFolder(folder));
  hideFromGit(path.join(folder, '.rgft'));
  const { method, length, model } = request;
  const args = [
    ...['finetune', ...request.folders, '--model', model, '--out', runPath, '--method', method.name],
    ...['--epochs', String(length.epochs)],
    ...(length.maxSteps === null ? [] : ['--max-steps', String(length.maxSteps)]),
    ...(method.budget === null ? [] : ['--budget', String(method.budget)]),
    ...patternsOf(request.folders),
    ...machineArguments(settingsFor(folder)),
    ...(request.extraArguments ?? []),
  ];
  return { runPath, started: await launch(host, runPath, args, folder) };
}

/** Exit status of a run that somebody stopped. */
const STOPPED = 130;
/** Processes that the user ended before their run began. */
const cancelledStarts = new Set<number>();

/** Starts the trainer of a run and says so when it ends without having begun. */
export async function launch(
  host: HostContext,
  runPath: string,
  args: readonly string[],
  cwd: string,
): Promise<Detached> {
  const started = await startDetached(programOf(host), args, { logPath: logPathOf(runPath), cwd });
  const { pid, exited } = started;
  host.log.info(`${path.basename(runPath)}: process ${pid}: rgft ${args.join(' ')}`);
  let wasRunning = false;
  const stopListening = host.store.onChange(() => {
    wasRunning ||= host.store.summary(runPath)?.state === 'running';
  });
  void exited.then((status) => {
    host.log.info(`${path.basename(runPath)}: process ${pid} ended with ${status ?? 'a signal'}`);
    host.store.refresh();
    stopListening();
    if (status === 0 || status === STOPPED || cancelledStarts.has(pid)) return;
    if (isTrainedByAnother(runPath, pid)) {
      const { name } = host.store.summary(runPath) ?? { name: path.basename(runPath) };
      const taken = vscode.l10n.t(
        '{0} is training already: another window or a terminal was faster. This window follows that run.',
        name,
      );
      return void offerRemedies(host, 'information', taken, 'RUN_LOCKED', runPath);
    }
    // What becomes of a run that was seen running is announced from its files, in every window that watches it.
    if (wasRunning) return;
    const failure = failureInLog(lastLines(logPathOf(runPath), 5));
    const message = failure?.message ?? vscode.l10n.t('The trainer ended without a word (status {0}).', status ?? '?');
    void offerRemedies(host, 'error', message, failure?.code ?? 'INTERNAL', runPath);
  });
  return started;
}

/** Whether a run belongs to another process than the trainer `pid`, which has just ended. */
function isTrainedByAnother(runPath: string, pid: number): boolean {
  try {
    const lock = lockState(runPath);
    return lock.state === 'live' && lock.owner?.pid !== pid;
  } catch {
    return false; // What cannot be read is reported by those who read it.
  }
}

/** Runs are large and no code. */
function hideFromGit(folder: string): void {
  const file = path.join(folder, '.gitignore');
  if (existsSync(file)) return;
  try {
    writeFileSync(file, '*\n');
  } catch (error) {
    throw explainDiskError(error, file);
  }
}
