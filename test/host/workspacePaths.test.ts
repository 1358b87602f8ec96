/** @file Paths from run directories open files of the workspace, and no others. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileInRoots, openRoots } from '../../src/host/workspacePaths.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

test('a relative path opens a file inside the folder', (t) => {
  const folder = temporaryFolder(t, { 'ws/src/a.py': 'x', 'secret.txt': 'y' });
  const roots = [{ prefix: '', path: path.join(folder, 'ws') }];
  assert.equal(fileInRoots(roots, 'src/a.py'), path.join(folder, 'ws', 'src', 'a.py'));
});

test('paths that lead out of the folder open nothing', (t) => {
  const folder = temporaryFolder(t, { 'ws/src/a.py': 'x', 'secret.txt': 'y', 'wsx/b.py': 'z' });
  symlinkSync(path.join(folder, 'secret.txt'), path.join(folder, 'ws', 'link.txt'));
  symlinkSync(folder, path.join(folder, 'ws', 'up'));
  const roots = [{ prefix: '', path: path.join(folder, 'ws') }];
  const hostile = [
    '../secret.txt',
    'src/../../secret.txt',
    path.join(folder, 'secret.txt'),
    'link.txt',
    'up/secret.txt',
    '../wsx/b.py',
    'C:\\Windows\\win.ini',
    'src/a.py\0.txt',
    'missing.py',
    '',
  ];
  for (const name of hostile) assert.equal(fileInRoots(roots, name), null, name);
});

test('with several folders the first part of a path says which', (t) => {
  const folder = temporaryFolder(t, { 'one/a.py': '1', 'two/a.py': '2' });
  const roots = ['one', 'two'].map((name) => ({ prefix: `${name}/`, path: path.join(folder, name) }));
  assert.equal(fileInRoots(roots, 'two/a.py'), path.join(folder, 'two', 'a.py'));
  assert.equal(fileInRoots(roots, 'a.py'), null);
});

test('folders that a run names outside of the workspace are not opened', (t) => {
  const folder = temporaryFolder(t, { 'ws/a.py': 'x' });
  const workspace = path.join(folder, 'ws');
  const described = (...paths: unknown[]) => ({ workspace: { folders: paths.map((at) => ({ name: 'n', path: at })) } });
  assert.deepEqual(openRoots(described(workspace), [workspace]), [{ prefix: '', path: workspace }]);
  assert.deepEqual(openRoots(described('/etc', folder, `${workspace}/../..`, 7), [workspace]), []);
  assert.deepEqual(openRoots(null, [workspace]), []);
  assert.deepEqual(openRoots({ workspace: { folders: 'x' } }, [workspace]), []);
});

test('of a run over several folders the paths begin with their names, though only one of them is open', (t) => {
  const folder = temporaryFolder(t, { 'one/a.py': '1', 'two/a.py': '2' });
  const [one, two] = ['one', 'two'].map((name) => ({ name, path: path.join(folder, name) }));
  const roots = openRoots({ workspace: { folders: [one, two] } }, [one.path]);
  assert.equal(fileInRoots(roots, 'one/a.py'), path.join(one.path, 'a.py'));
  assert.deepEqual([fileInRoots(roots, 'two/a.py'), fileInRoots(roots, 'a.py')], [null, null]);
});
