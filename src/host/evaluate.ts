/** @file "Evaluate pass@k": lets the tuned and the base model solve problems, in a process that survives a reload. */
import { existsSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { type ErrorCode, FineTuneError } from '../errors.ts';
import type { RunSummary } from '../protocol.ts';
import { lockState } from '../trainer/runLock.ts';
import {
  embeddedModel,
  type HostContext,
  programOf,
  requireTrust,
  settingsFor,
  showError,
  withCancellableProgress,
} from './hostContext.ts';
import { locateModel } from './modelFolders.ts';
import { chooseRun } from './runCommands.ts';
import { listPassAtK, passAtKFolder } from './runFiles.ts';
import { workspaceFolderOf } from './runStore.ts';
import { machineArguments } from './settings.ts';
import { askStep } from './steps.ts';
import { type Detached, failureInLog, lastLines, startDetached } from './trainerProcess.ts';

/** Between two looks at the log of an evaluation. */
const PROGRESS_MS = 1000;

/** What is evaluated. Other extensions and tests may give it to the command. */
export interface EvaluationRequest {
  /** One, or both in the order that they are evaluated in. */
  readonly models: readonly ('base' | 'tuned')[];
  /** File of problems in the format of HumanEval. */
  readonly problems: string;
  readonly numSamples: number;
  /** Only the first problems. */
  readonly limit: number | null;
}

interface Target {
  readonly model: 'base' | 'tuned';
  readonly path: string;
}

/** @returns whether all of it was evaluated */
export async function evaluateCommand(host: HostContext, argument?: unknown, request?: unknown): Promise<boolean> {
  requireTrust();
  const run = await chooseRun(host, argument, vscode.l10n.t('Evaluate which run?'), ['finished', 'stoppedEarly']);
  if (!run) return false;
  const asked = isRequest(request) ? request : await askRequest(host);
  if (!asked) return false;
  const base = findBaseModel(host, run);
  const targets = asked.models.flatMap((model): Target[] => {
    if (model === 'tuned') return [{ model, path: run.path }];
    return base instanceof FineTuneError ? [] : [{ model, path: base }];
  });
  if (targets.length > 0) {
    const title =
      targets.length > 1
        ? vscode.l10n.t('pass@k of {0} and of its base model', run.name)
        : targets[0].model === 'tuned'
          ? vscode.l10n.t('pass@k of {0}', run.name)
          : vscode.l10n.t('pass@k of the base model of {0}', run.name);
    await withCancellableProgress(title, (signal, report) => evaluate(host, run, targets, asked, signal, report));
  }
  // The tuned model has been evaluated all the same.
  if (asked.models.includes('base') && base instanceof FineTuneError) throw base;
  if (!isRequest(request)) await vscode.commands.executeCommand('rgft.showErrorMap', run.path);
  return true;
}

function isRequest(request: unknown): request is EvaluationRequest {
  const models = (request as EvaluationRequest | undefined)?.models;
  return Array.isArray(models) && models.length > 0;
}

async function askRequest(host: HostContext): Promise<EvaluationRequest | undefined> {
  const bundled = path.join(host.extension.extensionPath, 'media', 'problems', 'problems.jsonl');
  const title = vscode.l10n.t('Evaluate pass@k');
  let problems = bundled;
  for (let step = 1; ; ) {
    if (step === 1) {
      const answer = await askStep({
        title,
        step,
        totalSteps: 2,
        placeholder: vscode.l10n.t('Which problems'),
        items: [
          { label: vscode.l10n.t('The problems that come with the extension'), value: bundled },
          { label: vscode.l10n.t('A file in the format of HumanEval\u2026'), value: '' },
        ],
      });
      if (answer === undefined || answer === 'back') return undefined;
      const chosen = answer.value === '' ? await chooseProblems() : answer.value;
      if (chosen === undefined) return undefined;
      problems = chosen;
      step = 2;
    } else {
      const both = ['tuned', 'base'] as const;
      const answer = await askStep<Omit<EvaluationRequest, 'problems'>>({
        title,
        step,
        totalSteps: 2,
        placeholder: vscode.l10n.t('How thoroughly'),
        items: [
          {
            label: vscode.l10n.t('Tuned and base model, 20 samples of each problem'),
            detail: vscode.l10n.t('Enough to tell models apart; minutes to hours'),
            value: { models: both, numSamples: 20, limit: null },
          },
          {
            label: vscode.l10n.t('Tuned and base model, 5 samples of each problem'),
            detail: vscode.l10n.t('A quarter of the time, wide intervals'),
            value: { models: both, numSamples: 5, limit: null },
          },
          {
            label: vscode.l10n.t('A first impression: tuned and base model, 5 samples of the first 10 problems'),
            detail: vscode.l10n.t('A minute or so; too little to tell models apart'),
            value: { models: both, numSamples: 5, limit: 10 },
          },
        ],
      });
      if (answer === undefined) return undefined;
      if (answer === 'back') step = 1;
      else return { problems, ...answer.value };
    }
  }
}

async function chooseProblems(): Promise<string | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      filters: { [vscode.l10n.t('Problems')]: ['jsonl', 'gz'] },
      openLabel: vscode.l10n.t('Use These Problems'),
    })) ?? [];
  return file?.fsPath;
}

/** The base model of a run; MODEL_NOT_FOUND when it is gone. */
function findBaseModel(host: HostContext, run: RunSummary): string | FineTuneError {
  const { options } = (host.store.description(run.path) ?? {}) as { options?: { model?: string } };
  const model = options?.model === undefined ? undefined : locateModel(options.model, embeddedModel(host));
  if (model !== undefined && existsSync(model)) return model;
  const message = vscode.l10n.t('The base model of {0} is gone: {1}', run.name, model ?? '?');
  return new FineTuneError('MODEL_NOT_FOUND', message, { model });
}

/** Shows the evaluations that go on from before a reload, or from another window. */
export async function watchEvaluations(host: HostContext): Promise<void> {
  await host.store.ready;
  // Whom Cancel would end is named by a file of the workspace.
  if (!vscode.workspace.isTrusted) return;
  for (const run of host.store.summaries) {
    for (const [pid, outs] of liveEvaluations(run.path)) {
      const title = vscode.l10n.t('pass@k of {0}, still going on', run.name);
      // A process that evaluates two models holds both folders, and writes one log.
      const [logPath] = outs.map((out) => `${out}.log`).sort((a, b) => changedAtMs(b) - changedAtMs(a));
      withCancellableProgress(title, async (signal, report) => {
        await follow(host, { pid, logPath, exited: lockEnd(outs[0]) }, signal, report);
        const failure = failureInLog(lastLines(logPath, 5));
        if (failure && !signal.aborted)
          throw new FineTuneError(failure.code as ErrorCode, failure.message, { logPath });
      }).catch((error) => showError(host, error, run.path));
    }
  }
}

/** Folders in which a process of this machine writes evaluations of a run, by its pid. */
function liveEvaluations(runPath: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const out of listPassAtK(runPath)) {
    const lock = lockState(out);
    if (lock.state !== 'live' || lock.owner?.host !== os.hostname()) continue;
    found.set(lock.owner.pid, [...(found.get(lock.owner.pid) ?? []), out]);
  }
  return found;
}

/** 0 where the file is not there. */
function changedAtMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Resolves when nobody holds the lock of a folder any more. */
async function lockEnd(folder: string): Promise<null> {
  while (lockState(folder).state === 'live') await sleep(PROGRESS_MS);
  return null;
}

/** Tells how a process gets on, by the last line of its log, until it has ended. Cancel ends it. */
async function follow(
  host: HostContext,
  { pid, logPath, exited }: Detached,
  signal: AbortSignal,
  report: (message: string) => void,
): Promise<number | null> {
  const stop = () => {
    try {
      process.kill(pid);
    } catch (error) {
      host.log.debug(String(error)); // It has just ended by itself.
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  const timer = setInterval(() => {
    const line = lastLines(logPath, 1)[0] ?? '';
    if (line !== '' && !line.startsWith('{')) report(line.slice(0, 200));
  }, PROGRESS_MS);
  try {
    return await exited;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
  }
}

/**
 * All that was asked for, in one process, which writes to files, so a closed window does not end it, nor what was to
 * follow. Cancel does, and it can go on later.
 */
async function evaluate(
  host: HostContext,
  run: RunSummary,
  targets: readonly Target[],
  { problems, numSamples, limit }: EvaluationRequest,
  signal: AbortSignal,
  report: (message: string) => void,
): Promise<void> {
  const { version } = host.extension.extension.packageJSON as { version: string };
  const [first, then] = targets.map((target) => ({
    path: target.path,
    out: passAtKFolder(run.path, target.model, { problems, numSamples, limit, version }),
  }));
  const logPath = `${first.out}.log`;
  const args = [
    ...['evaluate', '--model', first.path, '--out', first.out],
    ...(then ? ['--then-model', then.path, '--then-out', then.out] : []),
    ...['--problems', problems, '-n', String(numSamples)],
    ...(limit === null ? [] : ['--limit', String(limit)]),
    ...machineArguments(settingsFor(workspaceFolderOf(run.path))),
    '--json',
  ];
  const started = await startDetached(programOf(host), args, { logPath, cwd: workspaceFolderOf(run.path) });
  host.log.info(`${run.name}: process ${started.pid}: rgft ${args.join(' ')}`);
  const status = await follow(host, started, signal, report);
  if (signal.aborted) throw new FineTuneError('INTERRUPTED', vscode.l10n.t('Cancelled.'));
  if (status === 0) return;
  const failure = failureInLog(lastLines(logPath, 5));
  const message = failure?.message ?? vscode.l10n.t('The evaluation ended with status {0}.', status ?? '?');
  throw new FineTuneError((failure?.code ?? 'INTERNAL') as ErrorCode, message, { logPath });
}
