import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { differingSpans, faultPieces, faultsByLine, fixesOf, mutateLine, mutations } from '../../src/data/faults.ts';
import { fixLog } from '../../src/data/git.ts';
import { createRandom } from '../../src/random.ts';
import { addFiles, git, plantTraps, temporaryFolder } from '../support/temporaryFolder.ts';

const marked = (right: string, wrong: string) =>
  differingSpans(right, wrong).map(({ start, end }) => right.slice(start, end));

test('the characters in which a right line differs from a wrong one', () => {
  assert.deepEqual(marked('if a < b:', 'if a <= b:'), ['<']);
  assert.deepEqual(marked('return first + last', 'return last + first'), ['first +']);
  assert.deepEqual(marked('x = f(a, n)', 'x = f(a, n)'), []);
  assert.deepEqual(marked('if not done:', 'if done:'), ['not']);
  assert.deepEqual(marked('if done:', 'if not done:'), ['done'], 'what follows the word too much');
  assert.deepEqual(marked('close()', ''), ['close()'], 'a line that was missing');
  assert.deepEqual(marked("log('a b')", "log('a c')"), ["'a b'"], 'a string is one token');
  assert.deepEqual(marked('a  +  1', 'a + 1'), [], 'white space is no fault');
  assert.deepEqual(marked('', 'x'), []);
});

/** Every mutation of a line that 200 seeds find. */
function mutants(line: string): string[] {
  const found = Array.from({ length: 200 }, (_, seed) => mutateLine(line, createRandom(seed)));
  return [...new Set(found.map((text) => text ?? 'none'))].sort();
}

test('a line is mutated in one place: operator, number, names, negation', () => {
  assert.deepEqual(mutants('if a == 3:'), ['if a != 3:', 'if a == 4:']);
  assert.deepEqual(mutants('return not done'), ['return done']);
  assert.deepEqual(mutants('if (!open) return;'), ['if (open) return;']);
  assert.deepEqual(mutants('low, high = 0, n'), ['high, low = 0, n', 'low, high = 1, n', 'low, n = 0, high']);
  assert.deepEqual(mutants('def f(*args):'), ['def args(*f):'], 'a star before a name is no product');
  assert.deepEqual(mutants('x and y'), ['x or y', 'y and x']);
  assert.deepEqual(mutants('# if a == 3'), ['none']);
  assert.deepEqual(mutants('"a == 3"'), ['none']);
  assert.deepEqual(mutants(''), ['none']);
});

test('mutations depend on the seed, the path and the line alone', () => {
  const text = 'a = 1\nb = 2\nc = 3\nd = 4\n';
  const both = mutations(
    [
      { path: 'x.py', text },
      { path: 'y.py', text },
    ],
    0,
  );
  assert.deepEqual(mutations([{ path: 'y.py', text }], 0), both.slice(-mutations([{ path: 'y.py', text }], 0).length));
  assert.ok(both.length > 0 && both.length < 8);
  assert.notDeepEqual(mutations([{ path: 'x.py', text }], 1), mutations([{ path: 'x.py', text }], 0));
});

const LOG = `commit 1
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -3,2 +3,3 @@
-    if a > b:
-        return left
+    if a >= b:
+        close()
+        return right
@@ -9 +9 @@
-old
--- a line of hyphens
-# note
+# other note
diff --git a/gone.py b/gone.py
--- a/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-x = 1
commit 2
diff --git a/held.py b/held.py
--- a/held.py
+++ b/held.py
@@ -1 +1 @@
-x = 1
+x = 2
`;

test('a log of fixes gives lines before and after, of the files that are wanted', () => {
  assert.deepEqual(
    fixesOf(LOG, (path) => path !== 'held.py'),
    [
      { right: '    if a >= b:', wrong: '    if a > b:' },
      { right: '        close()', wrong: '' },
      { right: '        return right', wrong: '        return left' },
    ],
  );
  assert.deepEqual(
    fixesOf(LOG, (path) => path === 'held.py'),
    [{ right: 'x = 2', wrong: 'x = 1' }],
  );
  assert.deepEqual(
    fixesOf('', () => true),
    [],
  );
});

test('lines with secrets are no variants: a history is where they were taken out', () => {
  const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
  const log = `diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1 +1,2 @@
-token = "${token}"
+token = read("secret.txt")
+limit = 4
@@ -9,2 +9,3 @@
+old = "${token}"
@@ -20 +21,4 @@
+KEY = '''-----BEGIN PRIVATE KEY-----
+MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
+-----END PRIVATE KEY-----'''
`;
  assert.deepEqual(
    fixesOf(log, () => true),
    [
      { right: 'token = read("secret.txt")', wrong: '' },
      { right: 'limit = 4', wrong: '' },
    ],
  );
});

test('reading the history runs no program that the folder configures', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = temporaryFolder(t, { 'a.py': 'a = 1\n', 'sub/b.py': 'b = 1\n' });
  const sub = join(folder, 'sub');
  const commit = (where: string, message: string) => {
    git(where, 'add', '-A');
    git(where, 'commit', '-qm', message);
  };
  for (const where of [sub, folder]) {
    git(where, 'init', '-q');
    commit(where, 'fix: one');
  }
  addFiles(folder, { 'sub/b.py': 'b = 2\n' });
  commit(sub, 'fix: two');
  commit(folder, 'fix: a submodule');
  addFiles(folder, { 'a.py': 'a = 2\n' });
  git(folder, 'add', '-A');
  // Signed in name only: a format that asks for the signature runs gpg.
  const [tree, parent] = [git(folder, 'write-tree').trim(), git(folder, 'rev-parse', 'HEAD').trim()];
  const by = 'a <a@b> 1 +0000';
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----';
  const signed = `tree ${tree}\nparent ${parent}\nauthor ${by}\ncommitter ${by}\n${signature}\n\nfix: three\n`;
  addFiles(folder, { '.git/signed': signed });
  git(folder, 'reset', '-q', git(folder, 'hash-object', '-t', 'commit', '-w', '.git/signed').trim());
  // Of the first commit the blob is missing, and would be fetched.
  const blob = git(folder, 'rev-parse', 'HEAD~2:a.py').trim();
  const traps = [plantTraps(sub), plantTraps(folder)];
  assert.match(await fixLog(folder), /-a = 1\n\+a = 2\n[\s\S]*\+a = 1\n/);
  rmSync(join(folder, '.git', 'objects', blob.slice(0, 2)), { recursive: true });
  await fixLog(folder);
  assert.deepEqual(traps.map(existsSync), [false, false]);
});

test('faults are found again in a text by its lines, whatever their indentation, token by token', () => {
  const faults = faultsByLine([
    { right: 'return a + b', wrong: 'return a - b' },
    { right: '  return a + b', wrong: '  return c + b' },
    { right: 'x = 1', wrong: 'x = 1' },
  ]);
  assert.deepEqual(
    [...faults],
    [
      [
        'return a + b',
        [
          { start: 9, end: 10 },
          { start: 7, end: 8 },
        ],
      ],
    ],
  );
  const pieces = ['def f', ':\n', '    re', 'turn a', ' +', ' b', '\nx = 1\n', 'return a + b?'];
  assert.deepEqual([...faultPieces(pieces, faults)], [0, 0, 0, 1, 1, 0, 0, 0]);
  assert.deepEqual([...faultPieces([], faults)], []);
});
