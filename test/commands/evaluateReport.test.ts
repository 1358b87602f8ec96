import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderEvaluation } from '../../src/commands/evaluateReport.ts';
import { checkText } from '../../src/data/rejection.ts';
import { pairedDifference, passAtKInterval } from '../../src/eval/passAtK.ts';
import type { Problem } from '../../src/eval/problems.ts';
import type { ScoredSample } from '../../src/eval/results.ts';
import { scoreReport } from '../../src/eval/score.ts';
import type { Verdict } from '../../src/eval/verdict.ts';

const HOSTILE = '</pre><script>alert(1)</script>"\u202e';
const problem = (taskId: string): Problem => ({
  taskId,
  prompt: `def f(): # ${HOSTILE}\n`,
  entryPoint: 'f',
  canonicalSolution: '',
  test: '',
});
const PROBLEMS = [problem('A/0'), problem('A/1'), problem(HOSTILE)];
const sample = (taskId: string, completion: string, verdict: Verdict): ScoredSample => ({
  taskId,
  completion,
  verdict,
  source: {},
});
const SCORED = [
  sample('A/0', '    return 1\n', { kind: 'passed' }),
  sample('A/0', '    return 1\n', { kind: 'passed' }),
  sample('A/1', HOSTILE, { kind: 'exception', type: HOSTILE, message: HOSTILE, line: 7 }),
  sample('A/1', '    return 2\n', { kind: 'timeout', type: 'TimeoutException', message: 'Timed out!' }),
];
const sandbox = {
  interpreter: `CPython ${HOSTILE}`,
  layers: {
    osSandbox: 'none',
    processFilter: false,
    resourceLimits: false,
    permissionFlags: [],
    description: ['a layer'],
    limits: ['a limit'],
  },
} as const;
const report = { ...scoreReport(PROBLEMS, SCORED, [1, 2, 5], sandbox), resultsFile: HOSTILE };
const page = renderEvaluation({
  name: HOSTILE,
  settings: { seed: 3, stop: [HOSTILE] },
  report,
  scored: SCORED,
  problems: PROBLEMS,
});

test('nothing of a model, a problem or a file becomes markup, and the page can neither run nor load anything', () => {
  assert.equal(page.includes('<script'), false);
  assert.equal(page.includes('\u202e'), false);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/);
  assert.doesNotMatch(
    page,
    /<(?!\/?(?:html|head|meta|title|style|body|header|h1|h2|h3|p|div|span|strong|main|dl|dt|dd|nav|a|section|table|thead|tbody|tr|th|td|details|summary|pre|code|ul|li|footer|br|!doctype)\b)/i,
  );
  assert.doesNotMatch(page, /(?:src|href)="(?!#)/);
});

test('a report that lies in a project is not learnt as its code', () => {
  assert.deepEqual(checkText(page), { reason: 'generated', detail: 'line 11 says so' });
});

test('pass@k, each verdict with its error and line, and equal samples once', () => {
  assert.match(page, /<dt>pass@1<\/dt><dd class="value">50\.0 %<\/dd>/);
  assert.match(page, /<dt>pass@5<\/dt><dd class="value">not defined<\/dd>/);
  assert.match(page, /Samples 1, 2: passed/);
  assert.match(page, /Sample 1: exception<\/h3><p><code>[^<]*<\/code> in line 7<\/p>/);
  assert.match(
    page,
    /Sample 2: time limit<\/h3><p><code>TimeoutException: Timed out!<\/code><\/p><pre> {4}return 2\n<\/pre>/,
  );
  assert.match(page, /1 problem without samples/);
  assert.match(
    page,
    /behind:<\/p>\n<ul class="list"><li>a layer<\/li><\/ul>\n<h3>What this does not protect from<\/h3>\n<ul class="list"><li>a limit<\/li>/,
  );
});

test('a comparison shows the paired difference with its interval and the problems that changed', () => {
  const other = [
    { taskId: 'A/0', samples: 2, passed: 0 },
    { taskId: 'A/1', samples: 2, passed: 0 },
  ];
  const passAtK = { 1: passAtKInterval(other, 1)!, 5: null };
  const difference = { 1: pairedDifference(other, report.problems, 1)!, 5: null };
  const comparison = { resultsFile: 'other.jsonl', passAtK, difference, problems: other };
  const compared = renderEvaluation({
    name: 'm',
    settings: {},
    report: { ...report, comparison },
    scored: SCORED,
    problems: PROBLEMS,
  });
  assert.match(
    compared,
    /<th scope="row">pass@1<\/th><td class="number">0\.0 %<\/td><td class="number">50\.0 %<\/td><td class="number">\+50\.0<\/td><td class="number">±0\.0 … \+100\.0<\/td><td>could be chance<\/td>/,
  );
  assert.match(compared, /1 problem with another share of passes/);
  assert.equal(page.includes('id="comparison"'), false);
});
