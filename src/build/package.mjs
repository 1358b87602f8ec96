/**
 * @file Makes the VSIX files: `npm run package` for this platform, `npm run package -- --all` for each one that the engine
 * has a binary for. What is packed is staged in a folder of its own, so that a package holds one platform's binary.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import picomatch from 'picomatch';

const root = path.join(import.meta.dirname, '..', '..');
const MAX_BYTES = 60e6;
/** VS Code's names of the platforms, and where their binaries lie. */
const TARGETS = {
  'linux-x64': 'linux/x64',
  'linux-arm64': 'linux/arm64',
  'darwin-arm64': 'darwin/arm64',
  'win32-x64': 'win32/x64',
  'win32-arm64': 'win32/arm64',
};
/** Packages that are not bundled: a native addon, and an interpreter that loads its own files. */
const AT_RUN_TIME = ['onnxruntime-node', 'onnxruntime-common', 'pyodide'];
/** Packages of which files are copied into dist/. */
const COPIED = ['@vscode/codicons'];
/** The licence itself, behind the line that names its holder. */
const MIT_TEXT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

function readPackage(name) {
  return JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8'));
}

/** The licence texts that a package carries. */
function licenceOf(name) {
  const folder = path.join(root, 'node_modules', name);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  return files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n');
}

/** The text of a licence for packages that name it and carry no copy: their authors publish it beside the sources. */
function standardLicence(name) {
  const { license, author } = readPackage(name);
  const holder = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
  // The engine's packages name a product where others name an author.
  const owner = name.startsWith('onnxruntime') ? 'Microsoft Corporation' : holder;
  if (license === 'MIT') return `Copyright (c) ${owner}\n\n${MIT_TEXT}`;
  if (license === 'MPL-2.0') {
    return 'Mozilla Public License 2.0: https://www.mozilla.org/MPL/2.0/. The files are unchanged; their sources are at the address above. They contain CPython under the PSF License (https://docs.python.org/3/license.html).';
  }
  throw new Error(`${name} is under ${license} and carries no copy of the text; add one.`);
}

/** Every package whose code is inside the VSIX, with its licence. */
export function thirdPartyNotices() {
  const bundled = JSON.parse(readFileSync(path.join(root, 'dist', 'packages.json'), 'utf8'));
  const names = [...new Set([...bundled, ...AT_RUN_TIME, ...COPIED])].sort();
  const parts = names.map((name) => {
    const { version, license, homepage, repository } = readPackage(name);
    const source = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? '';
    const text = licenceOf(name) || standardLicence(name);
    return `${name} ${version} (${license})\n${source}\n\n${text}\n`;
  });
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return `The package holds code of others, under these licences.\n${rule}${parts.join(rule)}`;
}

/** What .vscodeignore lets through, for all platforms: paths relative to the checkout. */
function shippedFiles() {
  const lines = readFileSync(path.join(root, '.vscodeignore'), 'utf8').split('\n');
  const isShipped = picomatch(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)));
  const folders = ['dist', 'media', ...AT_RUN_TIME.map((name) => `node_modules/${name}`)];
  const inside = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  );
  const top = readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  return [...top, ...inside].filter((name) => isShipped(name));
}

/** Fills a folder with what the package of a platform holds. */
export function stage(target, folder) {
  const binaries = 'node_modules/onnxruntime-node/bin/';
  const wanted = `${binaries}napi-v6/${TARGETS[target]}/`;
  for (const name of shippedFiles()) {
    if (name.startsWith(binaries) && !name.startsWith(wanted)) continue;
    // Beside the bundle, where Node finds it: vsce leaves out a top-level node_modules that it has not resolved itself.
    const to = path.join(folder, name.replace(/^node_modules\//, 'dist/node_modules/'));
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(path.join(root, name), to);
  }
  writeFileSync(path.join(folder, 'THIRD_PARTY_NOTICES.txt'), thirdPartyNotices());
  // Nothing is left out: what is packed was chosen by the list of the checkout.
  writeFileSync(path.join(folder, '.vscodeignore'), '');
  // A package of VS Code installs nothing and runs no scripts.
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const key of ['scripts', 'dependencies', 'devDependencies', 'private', 'bin']) delete manifest[key];
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Writes the VSIX of a platform. */
export async function makePackage(target, packagePath) {
  if (!Object.hasOwn(TARGETS, target)) throw new Error(`No binary of the engine for ${target}.`);
  if (!existsSync(path.join(root, 'dist', 'extension.cjs'))) throw new Error('Run npm run build first.');
  const folder = mkdtempSync(path.join(os.tmpdir(), `rgft-${target}-`));
  try {
    stage(target, folder);
    await createVSIX({
      cwd: folder,
      target,
      packagePath,
      dependencies: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    const { size } = statSync(packagePath);
    if (size > MAX_BYTES) throw new Error(`${packagePath} is larger than ${MAX_BYTES / 1e6} MB.`);
    return size;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const here = `${process.platform}-${process.arch}`;
  const targets = process.argv.includes('--all') ? Object.keys(TARGETS) : [here];
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const target of targets) {
    const file = `${name}-${target}-${version}.vsix`;
    const size = await makePackage(target, path.join(root, file));
    console.log(`${file}  ${(size / 1e6).toFixed(1)} MB`);
  }
}
