/** @file What all commands share: arguments, numbers and words, progress, durations, exit statuses. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  checkOutput,
  choiceOption,
  describeFailure,
  formatDuration,
  numberOption,
  ProgressLine,
  parseCommand,
  wholeOption,
  writeOutput,
} from '../../src/commands/terminal.ts';
import { FineTuneError } from '../../src/errors.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** What a function writes to stdout and stderr. */
function written(t: TestContext, action: () => void): { out: string; err: string } {
  const streams = [process.stdout, process.stderr].map((stream) => t.mock.method(stream, 'write', () => true));
  action();
  const [out, err] = streams.map(({ mock }) => {
    mock.restore();
    return mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  });
  return { out, err };
}

test('options, positionals and --json are parsed; --help prints the help and nothing else', (t) => {
  const options = { lr: { type: 'string' }, literal: { type: 'boolean' } } as const;
  const parsed = parseCommand(['a', '--lr', '1e-3', 'b', '--literal', '--json'], options, '')!;
  assert.deepEqual({ ...parsed.values }, { lr: '1e-3', literal: true, json: true });
  assert.deepEqual(parsed.positionals, ['a', 'b']);
  const { out } = written(t, () =>
    assert.equal(parseCommand(['--help', '--lr', '1'], options, 'the help\n'), undefined),
  );
  assert.equal(out, 'the help\n');
});

test('numbers are numbers, and words are among the choices', () => {
  assert.deepEqual(
    ['1e-3', '-2', ' 7 ', '0x10'].map((text) => numberOption('n', text)),
    [0.001, -2, 7, 16],
  );
  assert.equal(numberOption('n', undefined), undefined);
  for (const text of ['', ' ', '1,5', 'NaN', '3 rows']) {
    assert.throws(() => numberOption('n', text), { code: 'USAGE', details: { option: 'n', value: text } });
  }
  assert.equal(choiceOption('c', 'b', ['a', 'b']), 'b');
  assert.equal(choiceOption('c', undefined, ['a', 'b']), undefined);
  assert.throws(() => choiceOption('c', 'toString', ['a', 'b']), { code: 'USAGE', message: /expected one of a, b/ });
});

test('whole numbers lie between their bounds', () => {
  assert.deepEqual(
    ['1', '8'].map((value) => wholeOption('n', value, 1, 8)),
    [1, 8],
  );
  assert.equal(wholeOption('n', undefined, 1), undefined);
  for (const value of ['0', '-1', '1.5', '9', '1e99', 'Infinity']) {
    assert.throws(() => wholeOption('n', value, 1, 8), {
      code: 'USAGE',
      message: `--n is ${value}, expected a whole number from 1 to 8.`,
    });
  }
});

test('a file is written with its folder, through links and into devices; where none can be is told before', (t) => {
  const folder = temporaryFolder(t, { 'a.txt': 'old' });
  const at = (name: string) => path.join(folder, name);
  symlinkSync('a.txt', at('link'));
  for (const name of ['link', 'new/b.txt']) {
    checkOutput(at(name));
    writeOutput(at(name), 'text');
  }
  assert.equal(readFileSync(at('a.txt'), 'utf8'), 'text');
  assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), ['a.txt', 'link', 'new', 'new/b.txt']);
  for (const name of ['.', 'a.txt/b.txt', 'x'.repeat(300)]) {
    assert.throws(() => checkOutput(at(name)), { code: 'FOLDER_NOT_FOUND', message: /cannot be written.*Give a file/ });
  }
  if (process.platform !== 'linux') return;
  checkOutput('/dev/null');
  writeOutput('/dev/null', 'text');
  assert.ok(statSync('/dev/null').isCharacterDevice());
  assert.throws(() => checkOutput('/proc/x/y'), { code: 'FOLDER_NOT_FOUND' });
});

test('exit statuses: 1 failed, 2 usage, 130 interrupted; with --json the error is on stdout, too', (t) => {
  for (const [code, status] of [
    ['DISK_FULL', 1],
    ['USAGE', 2],
    ['INTERRUPTED', 130],
  ] as const) {
    const error = new FineTuneError(code, 'It is so. Do that.', { path: 'x' });
    const { out, err } = written(t, () => assert.equal(describeFailure(error, true), status));
    assert.deepEqual(JSON.parse(out), { error: { code, message: 'It is so. Do that.', details: { path: 'x' } } });
    assert.equal(err, `${code}: It is so. Do that.\n`);
    assert.equal(written(t, () => describeFailure(error, false)).out, '');
  }
  const { err } = written(t, () => assert.equal(describeFailure(new TypeError('x is undefined'), false), 1));
  assert.match(err, /^INTERNAL: x is undefined. This is a fault of the program/);
});

test('away from a terminal a progress line appears once in a while', (t) => {
  const line = new ProgressLine(1000);
  const { err } = written(t, () => {
    for (const now of [10, 500, 1009, 1010, 1500, 2010]) line.show(`at ${now}`, now);
    line.end();
  });
  assert.equal(err, 'at 10\nat 1010\nat 2010\n');
});

test('durations read like a clock', () => {
  const expected = { 0: '0 s', 59400: '59 s', 59600: '1 min 0 s', 75000: '1 min 15 s', 3600000: '1 h 0 min' };
  for (const [ms, text] of Object.entries(expected)) assert.equal(formatDuration(Number(ms)), text);
});
