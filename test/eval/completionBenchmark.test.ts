import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definedNames, editSimilarity, lineCases, scoreLines } from '../../src/eval/completionBenchmark.ts';

const TEXT = `# a comment that is long enough to count
from harbour import hail_vessel, Berth

def moor(ship):
    berth = hail_vessel(ship, urgent=True)
    return berth

x = 1
`;
const FILES = [{ path: 'a.py', text: TEXT }];

test('a case splits its line: prefix and expected text rebuild the file up to the line end', () => {
  const cases = lineCases(FILES);
  assert.deepEqual(
    cases.map(({ line }) => line),
    [2, 4, 5, 6],
    'no comment, no blank line, no line that is too short',
  );
  const lines = TEXT.split('\n');
  for (const { line, prefix, expected } of cases) {
    assert.equal(prefix + expected, lines.slice(0, line).join('\n'));
    assert.match(prefix, /[\s.,([{=]$/);
    assert.ok(expected.length >= 4);
  }
});

test('with names, only rests of lines that use one of them are asked for', () => {
  const names = definedNames([{ text: 'def hail_vessel(ship):\n  pass\nclass Berth: pass\ndef ok(): pass' }]);
  assert.deepEqual([...names], ['hail_vessel', 'Berth']);
  for (const { expected } of lineCases(FILES, { names })) assert.match(expected, /\b(hail_vessel|Berth)\b/);
  assert.deepEqual(lineCases(FILES, { names: new Set(['nothing']) }), []);
});

test('the same seed gives the same cases, and a limit takes some of them in file order', () => {
  const files = Array.from({ length: 9 }, (_, i) => ({ path: `${i}.py`, text: TEXT }));
  assert.deepEqual(lineCases(files, { seed: 3, limit: 7 }), lineCases(files, { seed: 3, limit: 7 }));
  const some = lineCases(files, { limit: 7 });
  assert.equal(some.length, 7);
  assert.deepEqual(
    some,
    some.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line),
  );
  assert.notDeepEqual(some, lineCases(files, { seed: 1, limit: 7 }));
});

test('exact match looks at the first line only, edit similarity is one minus the share of edits', () => {
  const cases = [{ path: 'a', line: 1, prefix: '', expected: 'abcd' }];
  assert.deepEqual(scoreLines(cases, ['abcd  \nmore']), { cases: 1, exactMatch: 1, editSimilarity: 1 });
  assert.deepEqual(scoreLines(cases, ['abxd']), { cases: 1, exactMatch: 0, editSimilarity: 0.75 });
  assert.equal(editSimilarity('kitten', 'sitting'), 1 - 3 / 7);
  assert.equal(editSimilarity('', ''), 1);
  assert.equal(editSimilarity('', 'abc'), 0);
});
