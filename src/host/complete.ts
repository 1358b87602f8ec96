/** @file "Complete Here": one completion at the cursor, shown as a difference to accept or to discard. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { FineTuneError } from '../errors.ts';
import { explainDiskError } from '../trainer/disk.ts';
import { type HostContext, programOf, requireTrust, settingsFor, withCancellableProgress } from './hostContext.ts';
import { completionModel } from './models.ts';
import { askJson, type Program } from './trainerProcess.ts';

export const COMPLETION_SCHEME = 'rgft-completion';
/** Text around the cursor that the model sees, in characters: more than small models hold. */
const PREFIX_CHARACTERS = 16_000;
const SUFFIX_CHARACTERS = 4_000;

/** Two empty lines end what belongs together, in most languages; small models go on without an end. */
const STOP = '\n\n\n';

/** A completion that is shown. */
interface Proposal {
  readonly document: vscode.TextDocument;
  /** Of the document when it was asked for. */
  readonly version: number;
  readonly position: vscode.Position;
  readonly text: string;
  readonly preview: vscode.Uri;
}

let shown: Proposal | undefined;
let count = 0;

/** Provides the right side of the difference, and forgets a proposal whose tab was closed. */
export function registerCompletions(host: HostContext): void {
  const provider: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: (uri) => {
      if (shown?.preview.toString() !== uri.toString()) return '';
      const { document, position, text } = shown;
      const whole = document.getText();
      const at = document.offsetAt(position);
      return whole.slice(0, at) + text + whole.slice(at);
    },
  };
  host.extension.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(COMPLETION_SCHEME, provider),
    vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      if (shown && closed.some((tab) => isPreview(tab, shown!.preview))) forget();
    }),
  );
}

function isPreview(tab: vscode.Tab, preview: vscode.Uri): boolean {
  return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === preview.toString();
}

function forget(): void {
  shown = undefined;
  void vscode.commands.executeCommand('setContext', 'rgft.completionShown', false);
}

/** @returns the text proposed, or undefined when there is none */
export async function completeHereCommand(host: HostContext): Promise<string | undefined> {
  requireTrust();
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.uri.scheme === COMPLETION_SCHEME) {
    const message = vscode.l10n.t('No editor is active. Put the cursor where code is missing, then try again.');
    throw new FineTuneError('USAGE', message);
  }
  const { document } = editor;
  const position = editor.selection.active;
  const version = document.version;
  const at = document.offsetAt(position);
  const whole = document.getText();
  const prefix = whole.slice(Math.max(0, at - PREFIX_CHARACTERS), at);
  const suffix = whole.slice(at, at + SUFFIX_CHARACTERS);
  const model = completionModel(host);
  const { completionTokens } = settingsFor(document.uri);
  const title = vscode.l10n.t('Completing with {0}', path.basename(model));
  const program = programOf(host);
  const text = await withCancellableProgress(title, (signal) =>
    complete(program, model, prefix, suffix, completionTokens, signal),
  );
  if (text.trim() === '') {
    void vscode.window.showInformationMessage(vscode.l10n.t('The model proposes nothing here.'));
    return undefined;
  }
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const name = path.basename(document.fileName);
  // Under the file's own name, so that the preview has the language's colours; the number makes each one new.
  const preview = vscode.Uri.from({ scheme: COMPLETION_SCHEME, path: `/${name}`, query: String(++count) });
  shown = { document, version, position, text: text.replace(/\r?\n/g, eol), preview };
  await vscode.commands.executeCommand('setContext', 'rgft.completionShown', true);
  const diffTitle = vscode.l10n.t('{0}: proposed completion', name);
  await vscode.commands.executeCommand('vscode.diff', document.uri, preview, diffTitle, {
    preview: true,
    selection: new vscode.Range(position, position),
  });
  return text;
}

/** Asks the model. One that cannot fill gaps continues the prefix. */
async function complete(
  program: Program,
  model: string,
  prefix: string,
  suffix: string,
  maxTokens: number,
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rgft-complete-')).catch((error) => {
    throw explainDiskError(error, os.tmpdir());
  });
  try {
    const prefixFile = path.join(folder, 'prefix');
    const suffixFile = path.join(folder, 'suffix');
    await writeFile(prefixFile, prefix, { mode: 0o600 });
    await writeFile(suffixFile, suffix, { mode: 0o600 });
    const args = ['complete', '--model', model, '--prefix-file', prefixFile];
    args.push('--max-tokens', String(maxTokens), '--stop', STOP);
    const hasSuffix = suffix.trim() !== '';
    try {
      const all = hasSuffix ? [...args, '--suffix-file', suffixFile] : args;
      return ((await askJson(program, all, { signal })) as { text: string }).text;
    } catch (error) {
      if (!hasSuffix || !(error instanceof FineTuneError && error.code === 'UNSUPPORTED_MODEL')) throw error;
      return ((await askJson(program, args, { signal })) as { text: string }).text;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the proposal into the file. @throws USAGE when there is none; RUN_MISMATCH when the file has changed since */
export async function acceptCompletionCommand(): Promise<void> {
  const proposal = requireProposal();
  if (proposal.document.isClosed || proposal.document.version !== proposal.version) {
    await closePreview(proposal);
    const message = vscode.l10n.t('The file has changed since the completion was made. Ask for a new one.');
    throw new FineTuneError('RUN_MISMATCH', message);
  }
  const edit = new vscode.WorkspaceEdit();
  edit.insert(proposal.document.uri, proposal.position, proposal.text);
  await vscode.workspace.applyEdit(edit);
  await closePreview(proposal);
  await vscode.window.showTextDocument(proposal.document);
}

export async function discardCompletionCommand(): Promise<void> {
  await closePreview(requireProposal());
}

function requireProposal(): Proposal {
  if (shown) return shown;
  throw new FineTuneError('USAGE', vscode.l10n.t('No completion is shown. Use "Complete Here" first.'));
}

async function closePreview({ preview }: Proposal): Promise<void> {
  forget();
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(tabs.filter((tab) => isPreview(tab, preview)));
}
