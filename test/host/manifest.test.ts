/** @file package.json against what VS Code and its users expect of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text);
const strings = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const sources = readFileSync(path.join(root, 'src/host/commands.ts'), 'utf8');

interface Contributed {
  readonly command: string;
  readonly title: string;
  readonly enablement?: string;
}
const commands = manifest.contributes.commands as readonly Contributed[];

test('every text for people is in package.nls.json, and every text there is used', () => {
  const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
  assert.deepEqual(
    [...used].filter((key) => !(key in strings)),
    [],
  );
  assert.deepEqual(
    Object.keys(strings).filter((key) => !used.has(key)),
    [],
  );
});

test('every command is registered, says what it does, and is offered only where it can work', () => {
  const inPalette = new Map(
    (manifest.contributes.menus.commandPalette as { command: string; when: string }[]).map((item) => [
      item.command,
      item.when,
    ]),
  );
  for (const { command, enablement } of commands) {
    assert.match(sources, new RegExp(`^ {4}${command.replace('rgft.', '')}:`, 'm'), command);
    if (command === 'rgft.showLog') continue; // works everywhere
    assert.ok(enablement, command);
    assert.ok(inPalette.get(command), command);
  }
});

test('menus know files of remote workspaces, too', () => {
  assert.doesNotMatch(text, /resourceScheme == file/);
  const [, expression] = /resourceScheme =~ \/([^/]+)\//.exec(text)!;
  for (const scheme of ['file', 'vscode-remote']) assert.match(scheme, new RegExp(expression));
  assert.doesNotMatch('rgft-completion', new RegExp(expression));
});

test('what runs programs is off in an untrusted workspace', () => {
  const training = [
    'fineTune',
    'evaluate',
    'previewData',
    'stopRun',
    'resumeRun',
    'completeHere',
    'deleteRun',
    'renameRun',
  ];
  for (const name of training) {
    const { enablement } = commands.find(({ command }) => command === `rgft.${name}`)!;
    assert.match(enablement!, /isWorkspaceTrusted/, name);
  }
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
});

test('every setting has a scope, a description and a default; those that name programs or files are restricted', () => {
  const settings = manifest.contributes.configuration.properties as Record<string, Record<string, unknown>>;
  assert.ok(Object.keys(settings).length <= 10);
  for (const [name, setting] of Object.entries(settings)) {
    assert.match(String(setting.scope), /^(?:machine|resource|machine-overridable)$/, name);
    assert.ok(setting.markdownDescription, name);
    assert.ok('default' in setting, name);
  }
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations as string[];
  for (const name of restricted) assert.ok(name in settings, name);
  for (const name of ['rgft.nodePath', 'rgft.modelFolders', 'rgft.include', 'rgft.exclude'])
    assert.ok(restricted.includes(name));
});

test('nothing but commands, views and a restored panel activates the extension', () => {
  assert.deepEqual(manifest.activationEvents, ['onWebviewPanel:rgft.panel']);
  assert.deepEqual(manifest.extensionKind, ['workspace']);
  assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
});

test('every picture is there, and the icon is no SVG', () => {
  const pictures = [...text.matchAll(/"(media\/[^"]+)"/g)].map(([, file]) => file);
  for (const file of pictures) assert.ok(existsSync(path.join(root, file)), file);
  assert.match(manifest.icon, /\.png$/);
  const [walkthrough] = manifest.contributes.walkthroughs;
  assert.ok(walkthrough.steps.length <= 5);
});
