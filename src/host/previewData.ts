/** @file "Preview Training Data": the data report of the command line, as a document to read. */
import * as vscode from 'vscode';
import { chooseFolders } from './fineTune.ts';
import {
  embeddedModel,
  type HostContext,
  patternsOf,
  programOf,
  requireTrust,
  withCancellableProgress,
} from './hostContext.ts';
import { selectedModel } from './models.ts';
import { failureOf, runCommand } from './trainerProcess.ts';

const SCHEME = 'rgft-data';
let report = '';
const changed = new vscode.EventEmitter<vscode.Uri>();

/** Provides the document. */
export function registerDataPreview(host: HostContext): void {
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: () => report,
  };
  host.extension.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}

/** Shows what a run would learn from, every file that is left out included. */
export async function previewDataCommand(host: HostContext): Promise<void> {
  requireTrust();
  const folders = await chooseFolders();
  if (!folders) return;
  const model = selectedModel(host) ?? embeddedModel(host);
  const args = ['data', ...folders, '--model', model, '--verbose', ...patternsOf(folders)];
  const title = vscode.l10n.t('Reading the workspace');
  const { stdout, stderr, status } = await withCancellableProgress(title, (signal) =>
    runCommand(programOf(host), args, { cwd: folders[0], signal }),
  );
  // Status 1 with a report: nothing to learn from, and the report says why.
  if (stdout.trim() === '') {
    throw failureOf(stderr, status);
  }
  report = stdout;
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t('Training data')}.txt` });
  changed.fire(uri);
  await vscode.window.showTextDocument(uri, { preview: false });
}
