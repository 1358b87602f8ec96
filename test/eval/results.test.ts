import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Problem, parseProblems, readProblems } from '../../src/eval/problems.ts';
import { countByProblem, parseSamples, pythonJson, resultLine, resultsFile } from '../../src/eval/results.ts';
import { scoreReport } from '../../src/eval/score.ts';

const LINE = {
  task_id: 'T/0',
  prompt: 'def f():\n',
  entry_point: 'f',
  canonical_solution: '    return 1\n',
  test: 'def check(candidate):\n    assert candidate() == 1\n',
};
const PROBLEM: Problem = parseProblems(JSON.stringify(LINE), 'p')[0];

test('problems are read plain and gzipped, whatever the name, with empty lines between', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-problems-'));
  const text = `${JSON.stringify(LINE)}\n\n${JSON.stringify({ ...LINE, task_id: 'T/1' })}\n`;
  fs.writeFileSync(path.join(folder, 'plain'), text);
  fs.writeFileSync(path.join(folder, 'packed'), gzipSync(text));
  assert.deepEqual(readProblems(path.join(folder, 'packed')), readProblems(path.join(folder, 'plain')));
  assert.deepEqual(
    readProblems(path.join(folder, 'plain')).map(({ taskId }) => taskId),
    ['T/0', 'T/1'],
  );
  fs.writeFileSync(path.join(folder, 'torn'), gzipSync(text).subarray(0, 60));
  assert.throws(() => readProblems(path.join(folder, 'torn')), { code: 'PROBLEMS_INVALID' });
  assert.throws(() => readProblems(path.join(folder, 'absent')), { code: 'USAGE' });
  fs.rmSync(folder, { recursive: true });
});

test('a broken file of problems is refused with its line', () => {
  for (const [text, found] of [
    ['{', /line 1/],
    [`${JSON.stringify(LINE)}\n[]`, /line 2: the line is no JSON object/],
    [JSON.stringify({ ...LINE, test: undefined }), /"test" is missing/],
    [JSON.stringify({ ...LINE, prompt: 3 }), /"prompt" is number/],
    [`${JSON.stringify(LINE)}\n${JSON.stringify(LINE)}`, /"T\/0" occurs twice/],
    [JSON.stringify({ ...LINE, entry_point: 'f()' }), /no name of a function/],
    ['\n', /holds no problem/],
  ] as const) {
    assert.throws(() => parseProblems(text, 'p'), { code: 'PROBLEMS_INVALID', message: found });
  }
});

test('the bundled problems are a valid file', () => {
  const problems = readProblems(new URL('../../media/problems/problems.jsonl', import.meta.url).pathname);
  assert.equal(problems.length, 146);
});

test('a result line is the sample as it was, then result and passed, in the bytes of Python', () => {
  const [sample] = parseSamples(
    '{"task_id": "T/0", "completion": "    return \\"é\\u007f\\"", "extra": [1, null]}',
    's',
    [PROBLEM],
  );
  assert.equal(
    resultLine({ ...sample, verdict: { kind: 'wrong', type: 'AssertionError', message: '' } }),
    '{"task_id": "T/0", "completion": "    return \\"\\u00e9\\u007f\\"", "extra": [1, null], "result": "failed: ", "passed": false}',
  );
  const words = (kind: 'passed' | 'timeout') => JSON.parse(resultLine({ ...sample, verdict: { kind } })).result;
  assert.equal(words('passed'), 'passed');
  assert.equal(words('timeout'), 'timed out');
  assert.equal(pythonJson({ a: '😀' }), '{"a": "\\ud83d\\ude00"}');
  assert.equal(resultsFile('a/samples.jsonl'), 'a/samples.jsonl_results.jsonl');
});

test('samples of unknown problems and lines without a completion are refused with their line', () => {
  assert.throws(() => parseSamples('{"task_id": "X", "completion": ""}', 's', [PROBLEM]), {
    code: 'USAGE',
    message: /line 1: there is no problem "X"/,
  });
  assert.throws(() => parseSamples('{"task_id": "T/0"}', 's', [PROBLEM]), { code: 'PROBLEMS_INVALID' });
});

test('a report counts by problem, leaves out k beyond the samples and names problems without samples', () => {
  const other = { ...PROBLEM, taskId: 'T/1' };
  const scored = (['passed', 'wrong', 'timeout', 'passed'] as const).map((kind) => ({
    taskId: 'T/0',
    completion: '',
    source: {},
    verdict: { kind },
  }));
  assert.deepEqual(countByProblem([PROBLEM, other], scored), [{ taskId: 'T/0', samples: 4, passed: 2 }]);
  const sandbox = {
    interpreter: 'i',
    layers: {
      osSandbox: 'none',
      processFilter: false,
      resourceLimits: false,
      permissionFlags: [],
      description: ['l'],
      limits: ['m'],
    },
  } as const;
  const report = scoreReport([PROBLEM, other], scored, [1, 2, 10], sandbox);
  assert.deepEqual(report.passAtK['10'], null);
  assert.equal(report.passAtK['1']?.value, 0.5);
  assert.ok(Math.abs(report.passAtK['2']!.value - 5 / 6) < 1e-12);
  assert.deepEqual(report.missing, ['T/1']);
  assert.deepEqual(report.verdicts, { passed: 2, wrong: 1, exception: 0, syntax: 0, timeout: 1, memory: 0 });
});
