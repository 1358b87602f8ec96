/** @file Settings that were written by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { machineArguments, patternArguments, readSettings } from '../../src/host/settings.ts';

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
  assert.deepEqual(patternArguments({ include: ['a', 'b'], exclude: ['c'] }), [
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
