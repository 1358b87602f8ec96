import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atRoot, listFolder } from '../../src/data/listing.ts';
import { compilePatterns } from '../../src/data/patterns.ts';
import { FineTuneError } from '../../src/errors.ts';
import { git, plantTraps, temporaryFolder } from '../support/temporaryFolder.ts';

/** A folder in which nested rules take back what rules above ignore, in every way git documents. */
const NESTED = {
  '.gitignore': '# all logs\n*.log\nbuild/\n/only-root.py\ndocs/*\n!docs/keep.py\nspace\\ name.py\n**/deep/x.py\n',
  'a.py': '1',
  'a.log': '1',
  'only-root.py': '1',
  'sub/only-root.py': '1',
  'build/x.py': '1',
  'docs/gone.py': '1',
  'docs/keep.py': '1',
  'space name.py': '1',
  'm/n/deep/x.py': '1',
  'm/n/deep/y.py': '1',
  'sub/.gitignore': '!keep.log\n!build/\n/here.py\ninner/*.py\r\n!inner/yes.py\n\\#odd.py\n',
  'sub/keep.log': '1',
  'sub/other.log': '1',
  'sub/build/x.py': '1',
  'sub/here.py': '1',
  'sub/more/here.py': '1',
  'sub/inner/no.py': '1',
  'sub/inner/yes.py': '1',
  'sub/deeper/inner/no.py': '1',
  'sub/#odd.py': '1',
  '[odd]/.gitignore': 'x.py\n',
  '[odd]/x.py': '1',
  'o/x.py': '1',
};

test('walking a folder finds exactly what git finds, nested rules and negation included', async (t) => {
  const folder = temporaryFolder(t, NESTED);
  const walked = await listFolder(folder);
  git(folder, 'init', '-q');
  const asked = await listFolder(folder);
  assert.equal(walked.source, 'walk');
  assert.equal(asked.source, 'git');
  assert.deepEqual(walked.paths, asked.paths);
  assert.deepEqual(walked.paths, [
    '.gitignore',
    '[odd]/.gitignore',
    'a.py',
    'docs/keep.py',
    'm/n/deep/y.py',
    'o/x.py',
    'sub/.gitignore',
    'sub/build/x.py',
    'sub/deeper/inner/no.py',
    'sub/inner/yes.py',
    'sub/keep.log',
    'sub/more/here.py',
    'sub/only-root.py',
  ]);
  assert.deepEqual(
    walked.rejected.map(({ path, reason }) => [path, reason]),
    asked.rejected.map(({ path, reason }) => [path, reason]),
  );
});

test('in a repository tracked files count even when a rule ignores them, and untracked ones when none does', async (t) => {
  const folder = temporaryFolder(t, { '.gitignore': '*.log\n', 'kept.log': '1', 'b.py': '1', 'c/d.py': '1' });
  git(folder, 'init', '-q');
  git(folder, 'add', '-f', 'kept.log', 'b.py');
  assert.deepEqual((await listFolder(folder)).paths, ['.gitignore', 'b.py', 'c/d.py', 'kept.log']);
  assert.deepEqual((await listFolder(join(folder, 'c'))).paths, ['d.py']);
});

test('a folder that its own repository ignores is walked', async (t) => {
  const folder = temporaryFolder(t, { '.gitignore': 'out/\n', 'out/a.py': '1' });
  git(folder, 'init', '-q');
  const listing = await listFolder(join(folder, 'out'));
  assert.equal(listing.source, 'walk');
  assert.deepEqual(listing.paths, ['a.py']);
});

test('listing runs no program that the folder configures', { skip: process.platform === 'win32' }, async (t) => {
  const folder = temporaryFolder(t, { 'a.py': '1', '.gitignore': 'b.py\n' });
  git(folder, 'init', '-q');
  // git looks for the ignored names in a blob that is not here, and would fetch it.
  git(folder, 'add', '.gitignore');
  git(folder, 'update-index', '--skip-worktree', '.gitignore');
  rmSync(join(folder, '.gitignore'));
  rmSync(join(folder, '.git', 'objects'), { recursive: true });
  mkdirSync(join(folder, '.git', 'objects'));
  const trap = plantTraps(folder);
  assert.deepEqual((await listFolder(folder)).paths, ['.gitignore', 'a.py']);
  assert.equal(existsSync(trap), false);
});

test('links to folders are listed and not entered, so a loop ends', async (t) => {
  const folder = temporaryFolder(t, { 'a/b.py': '1' });
  symlinkSync(folder, join(folder, 'a', 'loop'));
  symlinkSync('self', join(folder, 'self'));
  assert.deepEqual((await listFolder(folder)).paths, ['a/b.py', 'a/loop', 'self']);
});

test('version control is invisible and a skipped folder is one rejection', async (t) => {
  const folder = temporaryFolder(t, {
    '.hg/x.py': '1',
    'node_modules/a/b.js': '1',
    'node_modules/c.js': '1',
    'a.py': '1',
  });
  const listing = await listFolder(folder, {
    skipFolder: (name) => (name === 'node_modules' ? { reason: 'vendored', detail: 'by name' } : undefined),
  });
  assert.deepEqual(listing.paths, ['a.py']);
  assert.deepEqual(listing.rejected, [{ path: 'node_modules/', reason: 'vendored', detail: 'by name' }]);
});

test('names with line ends, quotes and stars come through git and the walk alike', {
  skip: process.platform === 'win32',
}, async (t) => {
  const names = ['a\nb.py', 'c"d.py', 'e*f.py', 'g h.py', 'i\\j.py', 'ü.py', '-rf.py'];
  const folder = temporaryFolder(t, Object.fromEntries(names.map((name) => [name, '1'])));
  mkdirSync(join(folder, 'empty'));
  const sorted = [...names].sort();
  assert.deepEqual((await listFolder(folder)).paths, sorted);
  git(folder, 'init', '-q');
  assert.deepEqual((await listFolder(folder)).paths, sorted);
});

test('a line of a nested .gitignore becomes a line of the root', () => {
  assert.equal(atRoot('*.py', 'a/'), '/a/**/*.py');
  assert.equal(atRoot('/x', 'a/b/'), '/a/b/x');
  assert.equal(atRoot('!x/y', 'a/'), '!/a/x/y');
  assert.equal(atRoot('x/', 'a*/'), '/a\\*/**/x/');
  assert.equal(atRoot('# note', 'a/'), '# note');
  assert.equal(atRoot('*.py', ''), '*.py');
});

test('patterns match as people expect', () => {
  const matches = (pattern: string, path: string, options: { wild?: boolean; windows?: boolean } = {}) =>
    compilePatterns([pattern], {
      matchFoldersByWildcard: options.wild ?? false,
      windows: options.windows ?? false,
    })[0].matches(path);
  assert.equal(matches('*.py', 'a/b/c.py'), true);
  assert.equal(matches('src/*.py', 'src/a.py'), true);
  assert.equal(matches('src/*.py', 'src/a/b.py'), false);
  assert.equal(matches('src/*.py', 'x/src/a.py'), false);
  assert.equal(matches('docs', 'a/docs/b/c.py'), true);
  assert.equal(matches('docs/', 'docs'), false);
  assert.equal(matches('/docs', 'a/docs/b.py'), false);
  assert.equal(matches('./docs', 'docs/b.py'), true);
  assert.equal(matches('**/*.{ts,tsx}', 'a.tsx'), true);
  assert.equal(matches('gen*', 'generated/a.py'), false);
  assert.equal(matches('gen*', 'generated/a.py', { wild: true }), true);
  assert.equal(matches('.github/**', '.github/x/y.py'), true);
  assert.equal(matches('src\\**', 'src/a/b.py', { windows: true }), true);
});

test('patterns that cannot mean anything are refused with the pattern in the message', () => {
  for (const pattern of ['', ' ', '!a', '../a', 'C:/x', 'a{b', 'x[', '\0', 'x'.repeat(1001)]) {
    assert.throws(
      () => compilePatterns([pattern], { matchFoldersByWildcard: false, windows: false }),
      (error) => error instanceof FineTuneError && error.code === 'PATTERN_INVALID' && error.message.includes(pattern),
      JSON.stringify(pattern),
    );
  }
});
