/**
 * @file The panel's side in the extension host: one tab that shows a run, and a second one beside it in a comparison. What
 * it sends is complete when a run is chosen or the tab appears, and only what is new after that; a hidden tab gets nothing.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { panelPage } from '../../webview/page.ts';
import type { FromPanel, PanelCommand, RunDetails, Slot, ToPanel } from '../protocol.ts';
import { plainText } from './format.ts';
import { codeFolders, type HostContext, showError } from './hostContext.ts';
import type { RunChange } from './runStore.ts';
import { fileInRoots, openRoots } from './workspacePaths.ts';

export const PANEL_TYPE = 'rgft.panel';

const COMMANDS: { readonly [Command in PanelCommand]: string } = {
  stop: 'rgft.stopRun',
  resume: 'rgft.resumeRun',
  evaluate: 'rgft.evaluate',
  openReport: 'rgft.openReport',
  showLog: 'rgft.showLog',
  fineTune: 'rgft.fineTune',
};

/** Opens and restores the tab. */
export interface PanelOpener {
  readonly show: (runs: { readonly main: string | null; readonly compared: string | null }) => void;
}

/** The panel until the extension ends. */
export function registerPanel(host: HostContext): PanelOpener {
  let open: OpenPanel | undefined;
  const adopt = (panel: vscode.WebviewPanel): OpenPanel => {
    const adopted = new OpenPanel(host, panel);
    open = adopted;
    panel.onDidDispose(() => {
      adopted.dispose();
      if (open === adopted) open = undefined;
    });
    return adopted;
  };
  host.extension.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
      async deserializeWebviewPanel(panel) {
        // What it showed comes with its own 'ready'.
        open?.panel.dispose();
        adopt(panel);
      },
    }),
  );
  return {
    show({ main, compared }) {
      if (open) {
        open.panel.reveal(undefined, false);
      } else {
        const title = vscode.l10n.t('RGFT Error Map');
        adopt(vscode.window.createWebviewPanel(PANEL_TYPE, title, vscode.ViewColumn.Active, panelOptions(host)));
      }
      open!.choose('main', main);
      open!.choose('compared', compared);
    },
  };
}

function panelOptions({ extension }: HostContext): vscode.WebviewPanelOptions & vscode.WebviewOptions {
  return {
    enableScripts: true,
    enableForms: false,
    localResourceRoots: [vscode.Uri.joinPath(extension.extensionUri, 'dist', 'webview')],
  };
}

/** One tab; ends with `dispose`. */
class OpenPanel {
  readonly #shown: Record<Slot, string | null> = { main: null, compared: null };
  readonly #stopListening: () => void;
  #isReady = false;
  /** Something was chosen by a command, which counts more than what the page remembers. */
  #wasChosen = false;

  constructor(
    readonly host: HostContext,
    readonly panel: vscode.WebviewPanel,
  ) {
    const { webview } = panel;
    webview.options = panelOptions(host);
    panel.iconPath = vscode.Uri.joinPath(host.extension.extensionUri, 'media', 'icon.png');
    webview.onDidReceiveMessage((message: FromPanel) => {
      this.#receive(message).catch((error) => showError(host, error));
    });
    panel.onDidChangeViewState(() => {
      // The page keeps its picture while it is hidden only if it lives on; either way it gets everything anew.
      if (panel.visible && this.#isReady) this.#sendAll();
    });
    this.#stopListening = host.store.onChange((changes) => this.#onChanges(changes));
    const asset = (...parts: string[]) =>
      webview.asWebviewUri(vscode.Uri.joinPath(host.extension.extensionUri, 'dist', 'webview', ...parts)).toString();
    webview.html = panelPage({
      scriptUri: asset('panel.js'),
      styleUri: asset('panel.css'),
      codiconsUri: asset('codicon.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
    });
  }

  dispose(): void {
    this.#stopListening();
  }

  /** Shows a run in a slot. */
  choose(slot: Slot, runPath: string | null): void {
    this.#wasChosen = true;
    this.#shown[slot] = runPath;
    if (this.#isReady && this.panel.visible) this.#sendRun(slot);
    if (slot === 'main') this.#setTitle();
  }

  #setTitle(): void {
    const run = this.#shown.main === null ? null : this.host.store.summary(this.#shown.main);
    this.panel.title = run ? vscode.l10n.t('Error Map: {0}', run.name) : vscode.l10n.t('RGFT Error Map');
  }

  #send(message: ToPanel): void {
    // A tab that is closed at this moment takes no messages, and needs none.
    if (this.#isReady && this.panel.visible) void this.panel.webview.postMessage(message);
  }

  #sendAll(): void {
    this.#send({ type: 'runs', runs: this.host.store.summaries });
    this.#sendRun('main');
    this.#sendRun('compared');
  }

  #sendRun(slot: Slot): void {
    const runPath = this.#shown[slot];
    // Events first: reading them brings the store up to date, and the details are to be as new.
    const events = runPath === null ? [] : this.host.store.events(runPath);
    const details = runPath === null ? null : this.#details(runPath);
    this.#send(details ? { type: 'run', slot, details, events } : { type: 'empty', slot });
  }

  /** Without the time left, which would be old by the next step: the panel has the steps to tell it from. */
  #details(runPath: string): RunDetails | null {
    const details = this.host.store.details(runPath);
    return details && { ...details, summary: { ...details.summary, remainingMs: null } };
  }

  #onChanges(changes: readonly RunChange[]): void {
    this.#setTitle();
    if (!this.#isReady || !this.panel.visible) return;
    if (changes.some(({ before, after }) => !sameButProgress(before, after))) {
      this.#send({ type: 'runs', runs: this.host.store.summaries });
    }
    for (const change of changes) {
      const slots = (['main', 'compared'] as const).filter((slot) => this.#shown[slot] === change.path);
      if (slots.length === 0) continue;
      if (change.restarted || change.before === null || change.after === null) {
        for (const slot of slots) this.#sendRun(slot);
        continue;
      }
      if (change.events.length > 0) this.#send({ type: 'events', path: change.path, events: change.events });
      // The details hold texts with a loss for each token: they are sent when they changed, not with every step.
      if (change.filesChanged || !sameButProgress(change.before, change.after)) {
        const details = this.#details(change.path);
        if (details) this.#send({ type: 'details', details });
      }
    }
  }

  async #receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready': {
        await this.host.store.ready;
        this.#isReady = true;
        if (!this.#wasChosen) {
          const newest = this.host.store.summaries[0]?.path ?? null;
          this.#shown.main = message.shown.main ?? newest;
          this.#shown.compared = message.shown.compared;
          this.#setTitle();
        }
        return this.#sendAll();
      }
      case 'select':
        return this.choose(message.slot, message.path);
      case 'openFile':
        return this.#openFile(message.run, message.path, message.line);
      case 'save':
        return this.#save(message.fileName, message.content, message.isBase64);
      case 'command':
        if (Object.hasOwn(COMMANDS, message.command)) {
          const argument = message.command === 'fineTune' ? [] : [message.run];
          await vscode.commands.executeCommand(COMMANDS[message.command], ...argument);
        }
    }
  }

  async #openFile(runPath: string, name: string, line: number): Promise<void> {
    const folders = codeFolders().map((folder) => folder.path);
    const file = fileInRoots(openRoots(this.host.store.description(runPath), folders), name);
    if (file === null) {
      const message = vscode.l10n.t('{0} is not in the open folders, or is gone.', name);
      void vscode.window.showWarningMessage(plainText(message));
      return;
    }
    const at = new vscode.Position(Math.max(0, Math.floor(line) - 1), 0);
    await vscode.window.showTextDocument(vscode.Uri.file(file), {
      selection: new vscode.Range(at, at),
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  async #save(fileName: string, content: string, isBase64: boolean): Promise<void> {
    const folder = codeFolders()[0]?.path;
    const name = path.basename(fileName);
    const target = await vscode.window.showSaveDialog({
      defaultUri: folder ? vscode.Uri.file(path.join(folder, name)) : undefined,
    });
    if (target) await vscode.workspace.fs.writeFile(target, Buffer.from(content, isBase64 ? 'base64' : 'utf8'));
  }
}

/** Whether the list of runs would look the same; steps and losses of the shown run come with its own messages. */
function sameButProgress(a: RunChange['before'], b: RunChange['before']): boolean {
  return a?.state === b?.state && a?.name === b?.name && a?.problem === b?.problem && (a === null) === (b === null);
}
