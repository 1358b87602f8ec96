/**
 * @file Who may import whom. What counts is what is there when the program runs: types are free, and esbuild's own list of
 * imports says what is left without them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildSync } from 'esbuild';

const root = path.join(import.meta.dirname, '..');

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();
}

const sources = sourcesIn('src');
const { inputs } = buildSync({
  absWorkingDir: root,
  entryPoints: sources,
  outdir: 'dist',
  bundle: true,
  write: false,
  metafile: true,
  packages: 'external',
  external: ['vscode'],
  format: 'esm',
  platform: 'node',
  logLevel: 'error',
}).metafile;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isPackage: boolean;
  readonly isDynamic: boolean;
}

const imports: readonly Import[] = Object.entries(inputs).flatMap(([from, { imports: found }]) =>
  found.map(({ path: to, external, kind }) => ({
    from,
    to,
    isPackage: external === true,
    isDynamic: kind === 'dynamic-import',
  })),
);

/** `engine` of `src/engine/ops.ts`; a file of src itself is `root`, the command line and the extension's entry apart. */
function partOf(file: string): string {
  const [, first, second] = file.split('/');
  if (second !== undefined) return first;
  if (first === 'extension.ts') return 'host';
  return first === 'cli.ts' ? 'cli' : 'root';
}

/**
 * The parts that each part may use beside itself; all may use the root files (errors, random). Above the trainer there
 * are the programs that use it: `commands`, and `pretrain`, which trains with the same schedule, run directory and state.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  root: [],
  engine: [],
  models: ['engine'],
  rgft: [],
  data: [],
  eval: ['models'],
  trainer: ['engine', 'models', 'rgft', 'data'],
  pretrain: ['engine', 'models', 'rgft', 'data', 'trainer'],
  bench: ['engine', 'models', 'rgft', 'data', 'trainer'],
  commands: ['engine', 'models', 'rgft', 'data', 'eval', 'trainer', 'pretrain', 'bench'],
  cli: ['commands'],
  host: ['trainer'],
  build: [],
};

/** Of the trainer, the extension may use what starts a run and reads its directory; those files load no engine. */
const READERS = /^src\/trainer\/(?:allocator|disk|events|runDirectory|runLock)\.ts$/;

test('each folder imports only those that it may', () => {
  const found = new Set<string>();
  const wrong = imports.filter(({ from, to, isPackage }) => {
    if (isPackage || !to.startsWith('src/')) return false;
    const [part, other] = [partOf(from), partOf(to)];
    found.add(part);
    return part !== other && other !== 'root' && !MAY_IMPORT[part]?.includes(other);
  });
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
  for (const part of ['engine', 'models', 'rgft', 'data', 'trainer', 'commands', 'cli'])
    assert.ok(found.has(part), part);
  const unknown = new Set(sources.map(partOf).filter((part) => !(part in MAY_IMPORT)));
  assert.deepEqual([...unknown], [], 'a new folder needs a line in MAY_IMPORT');
});

test('the extension reads run directories and loads nothing of the trainer beside', () => {
  const taken = imports.filter(({ from, to }) => partOf(from) === 'host' && to.startsWith('src/trainer/'));
  assert.ok(taken.length > 0);
  assert.deepEqual(
    taken.filter(({ to }) => !READERS.test(to)).map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
  const extension = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/extension.ts'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    external: ['vscode'],
    format: 'cjs',
    platform: 'node',
    logLevel: 'error',
  });
  const foreign = Object.keys(extension.metafile.inputs).filter(
    (file) => !READERS.test(file) && !/^(?:src\/(?:host\/)?[^/]+|webview\/page)\.ts$/.test(file),
  );
  assert.deepEqual(foreign, []);
  const { length } = extension.outputFiles[0].contents;
  assert.ok(length < 150_000, `the extension's bundle has ${length} bytes`);
});

test('packages come in at one place each', () => {
  const PLACES: Readonly<Record<string, RegExp>> = {
    'onnxruntime-node': /^src\/engine\/session\.ts$/,
    vscode: /^src\/(host\/|extension\.ts$)/,
    '@huggingface/tokenizers': /^src\/models\/huggingFaceTokenizer\.ts$/,
    ignore: /^src\/data\/listing\.ts$/,
    picomatch: /^src\/data\/patterns\.ts$/,
    wabt: /^src\/build\//,
    esbuild: /^src\/build\//,
  };
  const wrong = imports.filter(
    ({ from, to, isPackage }) => isPackage && !to.startsWith('node:') && to in PLACES && !PLACES[to].test(from),
  );
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
  assert.ok(imports.some(({ from, to }) => from === 'src/engine/session.ts' && to === 'onnxruntime-node'));
});

test('nothing reaches the network, and the method is pure', () => {
  const wrong = imports.filter(({ from, to, isPackage }) => {
    if (!isPackage) return false;
    const isNetwork = /^(?:node:)?(?:https?|http2|net|tls|dgram|dns)(?:\/|$)/.test(to);
    const part = partOf(from);
    // The engine looks at the machine (session.ts), the models at their folders; only rgft sees numbers alone.
    return (
      part === 'rgft' ||
      (isNetwork && ['engine', 'models', 'data', 'trainer', 'commands', 'cli', 'host'].includes(part))
    );
  });
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('no import leads back to where it came from', () => {
  const next = new Map<string, string[]>();
  for (const { from, to, isPackage, isDynamic } of imports) {
    if (!isPackage && !isDynamic) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const other of next.get(file) ?? []) visit(other, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of sources) visit(file, []);
  assert.deepEqual(cycles, []);
});

test('files open with their idea; nothing is exported by default or passed on; imports name their files', () => {
  const wrong: string[] = [];
  for (const file of [...sources, ...sourcesIn('test')]) {
    const text = readFileSync(path.join(root, file), 'utf8');
    const complain = (what: string) => wrong.push(`${file}: ${what}`);
    if (/^export default\b/m.test(text)) complain('a default export');
    if (/^export (?:type )?(?:\*|\{[^}]*\}) .*from\b/m.test(text)) complain('passes on what another file exports');
    for (const [, specifier] of text.matchAll(/\bfrom '(\.[^']*)'/g)) {
      if (!/\.(?:ts|json|mjs)$/.test(specifier)) complain(`import of ${specifier} without its extension`);
    }
    if (file.startsWith('src/') && !/^(?:#!.*\n)?\/\*\*\s+(?:\*\s+)?@file\s/.test(text)) complain('no @file comment');
  }
  assert.deepEqual(wrong, []);
});
