/** @file What a package of the extension holds: all it needs, one platform's binary, and nothing else. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const root = path.join(import.meta.dirname, '../..');
const skip = existsSync(path.join(root, 'dist/extension.cjs')) ? false : 'not built: npm run build';

interface Packaging {
  readonly stage: (target: string, folder: string) => void;
}
const load = async () => (await import(pathToFileURL(path.join(root, 'src/build/package.mjs')).href)) as Packaging;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .sort();
}

test('each package holds the binary of its platform and no other', { skip }, async (t) => {
  const { stage } = await load();
  const targets = {
    'linux-x64': 'linux/x64',
    'linux-arm64': 'linux/arm64',
    'darwin-arm64': 'darwin/arm64',
    'win32-x64': 'win32/x64',
    'win32-arm64': 'win32/arm64',
  };
  for (const [target, place] of Object.entries(targets)) {
    const folder = temporaryFolder(t);
    stage(target, folder);
    const binaries = filesIn(folder).filter((name) => /\.(?:node|dll|dylib|so(?:\.\d+)*)$/.test(name));
    assert.ok(binaries.length > 0, target);
    for (const name of binaries) assert.ok(name.includes(`/napi-v6/${place}/`), `${target}: ${name}`);
  }
});

test('a package holds what runs and names whose it is; no sources, no maps, no scripts', { skip }, async (t) => {
  const { stage } = await load();
  const folder = temporaryFolder(t);
  stage('linux-x64', folder);
  const files = filesIn(folder);
  const needed = [
    'dist/extension.cjs',
    'dist/cli.js',
    'dist/webview/panel.js',
    'dist/webview/panel.css',
    'dist/node_modules/onnxruntime-node/dist/index.js',
    'dist/node_modules/onnxruntime-common/dist/cjs/index.js',
    'dist/node_modules/pyodide/pyodide.asm.wasm',
    'media/rgft-base/model.safetensors',
    'media/problems/problems.jsonl',
    'package.nls.json',
    'THIRD_PARTY_NOTICES.txt',
  ];
  for (const name of needed) assert.ok(files.includes(name), name);
  const unwanted = files.filter((name) =>
    /(?:\.map|\.d\.ts|(?<!\.d)\.ts|\.test\.js)$|^(?:src|test|node_modules)\//.test(name),
  );
  assert.deepEqual(unwanted, []);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  assert.ok(!('scripts' in manifest) && !('dependencies' in manifest) && !('private' in manifest));
  const notices = readFileSync(path.join(folder, 'THIRD_PARTY_NOTICES.txt'), 'utf8');
  for (const name of [
    'onnxruntime-node',
    'pyodide',
    '@huggingface/tokenizers',
    'ignore',
    'picomatch',
    'uplot',
    '@vscode/codicons',
  ]) {
    assert.match(notices, new RegExp(`^${name} \\d+\\.`, 'm'));
  }
  assert.match(notices, /Copyright \(c\) Microsoft Corporation/);
});
