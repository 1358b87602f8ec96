/** @file Settings that were written by hand. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { scanRepository } from '../../src/data/repository.ts';
import { FineTuneError } from '../../src/errors.ts';
import { machineArguments, patternArguments, readSettings } from '../../src/host/settings.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const read = (values: Readonly<Record<string, unknown>>) => readSettings((name) => values[name]);

test('nothing set gives the defaults', () => {
  assert.deepEqual(read({}), {
    include: [],
    exclude: [],
    modelFolders: [],
    device: 'cpu',
    threads: 0,
    completionTokens: 64,
    nodePath: '',
  });
});

test('a wrong value is refused by name, with what was expected', () => {
  const wrong: readonly [name: string, value: unknown, expected: RegExp][] = [
    ['include', '**/*.py', /a list of texts/],
    ['exclude', ['a', ''], /a list of texts/],
    ['modelFolders', ['models/here'], /absolute paths/],
    ['device', 'gpu', /one of cpu, webgpu, cuda, dml/],
    ['threads', 1.5, /a whole number from 0 to 1024/],
    ['threads', '4', /a whole number from 0 to 1024/],
    ['completionTokens', 0, /a whole number from 1 to 1024/],
    ['nodePath', '/no/such/node', /the absolute path of a Node\.js that exists/],
    ['nodePath', 'node', /the absolute path of a Node\.js that exists/],
  ];
  for (const [name, value, expected] of wrong) {
    assert.throws(
      () => read({ [name]: value }),
      (error) => {
        assert.ok(error instanceof FineTuneError);
        assert.equal(error.code, 'SETTING_INVALID');
        assert.ok(
          error.message.startsWith(`The setting "rgft.${name}" is ${JSON.stringify(value)}, expected`),
          error.message,
        );
        assert.match(error.message, expected);
        return true;
      },
    );
  }
});

test('settings become options of the command line', () => {
  assert.deepEqual(patternArguments([{ path: '/ws', include: ['a', 'b'], exclude: ['c'] }]), [
    '--include',
    'a',
    '--include',
    'b',
    '--exclude',
    'c',
  ]);
  assert.deepEqual(machineArguments({ device: 'cpu', threads: 0 }), ['--device', 'cpu']);
  assert.deepEqual(machineArguments({ device: 'dml', threads: 3 }), ['--device', 'dml', '--threads', '3']);
});

test('each of several folders is read by its own patterns, names of folders that look like globs included', async (t) => {
  const code = Object.fromEntries(
    ['one/app (x)', 'two/app (x)', 'lib', 'tools'].flatMap((folder) =>
      ['src/main.py', 'src/private/key.py', 'private/key.py', 'docs/conf.py'].map((file) => [
        `${folder}/${file}`,
        `value = "${folder}/${file}"\n`,
      ]),
    ),
  );
  const folder = temporaryFolder(t, code);
  const own = (name: string, include: readonly string[], exclude: readonly string[]) => ({
    path: path.join(folder, name),
    include,
    exclude,
  });
  const folders = [
    own('one/app (x)', [], ['private']),
    own('two/app (x)', [], ['/private/', 'docs/*.py']),
    own('lib', ['./main.py', 'private/**'], []),
    own('tools', [], ['key.*']),
  ];
  const args = patternArguments(folders);
  const given = (name: string) => args.filter((_, at) => args[at - 1] === name);
  const { files } = await scanRepository(
    folders.map((one) => one.path),
    { include: given('--include'), exclude: given('--exclude'), keep: ['duplicate', 'nearDuplicate'] },
  );
  assert.deepEqual(
    files.map((file) => file.path),
    [
      'app (x)/docs/conf.py',
      'app (x)/src/main.py',
      'app (x)~2/src/main.py',
      'app (x)~2/src/private/key.py',
      'lib/private/key.py',
      'lib/src/main.py',
      'tools/docs/conf.py',
      'tools/src/main.py',
    ],
  );
});
