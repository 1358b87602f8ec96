/** @file Says what needs the user: a run that finished, failed, or was interrupted by something else. Nothing else. */
import * as vscode from 'vscode';
import type { RunSummary } from '../protocol.ts';
import { formatLossChange, plainText } from './format.ts';
import { type HostContext, offerRemedies, workspaceExists } from './hostContext.ts';
import type { RunChange } from './runStore.ts';

/** Watches for ends until the extension ends. */
export function registerNotifications(host: HostContext): void {
  const stopListening = host.store.onChange((changes) => {
    for (const change of changes) void announce(host, change);
  });
  host.extension.subscriptions.push({ dispose: stopListening });
}

async function announce(host: HostContext, { path, before, after, wasClosed }: RunChange): Promise<void> {
  if (before === null || before.state !== 'running' || wasClosed) return;
  if (after === null) {
    const message = workspaceExists(path)
      ? vscode.l10n.t('The run {0} was deleted while it was training.', before.name)
      : vscode.l10n.t('The folder of the run {0} is gone; its trainer will end.', before.name);
    return offerRemedies(host, 'warning', message, 'RUN_MISMATCH', path);
  }
  if (after.state === 'running') return;
  host.log.info(`${after.name}: ${after.state}${after.problem ? `: ${after.problem}` : ''}`);
  if (after.state === 'finished' || after.state === 'stoppedEarly') return announceResult(after);
  const [code, message] = splitProblem(after.problem);
  if (after.state === 'failed') return offerRemedies(host, 'error', `${after.name}: ${message}`, code, path);
  if (after.state === 'unreadable')
    return offerRemedies(host, 'error', `${after.name}: ${message}`, 'RUN_CORRUPT', path);
  // Stopped by somebody: it wrote so itself.
  if (host.store.hasOwnEnd(path)) return;
  if (after.problem) return offerRemedies(host, 'error', `${after.name}: ${message}`, code, path);
  const resume = vscode.l10n.t('Resume');
  const interrupted = vscode.l10n.t(
    '{0} was interrupted at step {1}; it can go on from its last checkpoint.',
    after.name,
    after.step,
  );
  const answer = await vscode.window.showWarningMessage(plainText(interrupted), resume);
  if (answer === resume) await vscode.commands.executeCommand('rgft.resumeRun', path);
}

function splitProblem(problem: string | null): readonly [code: string, message: string] {
  const match = /^([A-Z_]+): (.*)$/s.exec(problem ?? '');
  return match ? [match[1], match[2]] : ['INTERNAL', problem ?? ''];
}

async function announceResult(run: RunSummary): Promise<void> {
  const show = vscode.l10n.t('Show Error Map');
  const evaluate = vscode.l10n.t('Evaluate pass@k');
  // A percent sign stays with its number where the message is wrapped.
  const change = formatLossChange(run.lossBefore, run.lossAfter).replace(' %', '\u00a0%');
  const message = vscode.l10n.t('{0} has finished. Held-out loss: {1}', run.name, change || '-');
  const answer = await vscode.window.showInformationMessage(plainText(message), show, evaluate);
  if (answer === show) await vscode.commands.executeCommand('rgft.showErrorMap', run.path);
  if (answer === evaluate) await vscode.commands.executeCommand('rgft.evaluate', run.path);
}
