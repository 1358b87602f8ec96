/** @file The sample workspaces that ship with the extension compile, pass their own tests and keep their size. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const samplesFolder = fileURLToPath(new URL('../../media/samples', import.meta.url));
const repositoryFolder = fileURLToPath(new URL('../..', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;

function sourceFiles(sample: string, extension: string): string[] {
  return readdirSync(join(samplesFolder, sample), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension))
    .map((path) => join(samplesFolder, sample, path));
}

for (const [sample, extension] of [
  ['python', '.py'],
  ['typescript', '.ts'],
] as const) {
  test(`the ${sample} sample has 25 to 45 files, 2,000 to 3,500 lines, and no line over 120 characters`, () => {
    const files = sourceFiles(sample, extension);
    const lines = files.flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
    assert.ok(files.length >= 25 && files.length <= 45, `${files.length} files`);
    assert.ok(lines.length >= 2000 && lines.length <= 3500, `${lines.length} lines`);
    assert.deepEqual(
      lines.filter((line) => line.length > 120),
      [],
    );
  });
}

test('the own tests of the Python sample pass', { skip: hasPython ? false : 'python3 is not installed' }, () => {
  const run = spawnSync('python3', ['-B', '-m', 'unittest'], { cwd: join(samplesFolder, 'python'), encoding: 'utf8' });
  assert.match(run.stderr, /^Ran 35 tests/m);
  assert.equal(run.status, 0, run.stderr);
});

test('the TypeScript sample passes the strict compiler with its own tsconfig', () => {
  const compiler = join(repositoryFolder, 'node_modules', 'typescript', 'bin', 'tsc');
  const arguments_ = [compiler, '--noEmit', '-p', join(samplesFolder, 'typescript')];
  const run = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
  assert.equal(run.stdout + run.stderr, '');
  assert.equal(run.status, 0);
});

test('all claims of the TypeScript sample hold', async () => {
  const main: { claimsChecked: number } = await import(
    pathToFileURL(join(samplesFolder, 'typescript', 'tests', 'main.ts')).href
  );
  assert.equal(main.claimsChecked, 21);
});

test('problems and samples together stay below 600 kB', () => {
  const folders = [samplesFolder, join(samplesFolder, '..', 'problems')];
  const bytes = folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    // What the README's first command leaves there is a run, not the sample.
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc') && !/\.rgft\b/.test(entry.parentPath))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  assert.ok(bytes < 600_000, `${bytes} bytes`);
});
