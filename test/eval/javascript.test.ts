import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { probeLayers } from '../../src/eval/layers.ts';
import { parseProblems } from '../../src/eval/problems.ts';
import { parseSamples } from '../../src/eval/results.ts';
import { openSandbox, type Sandbox } from '../../src/eval/sandbox.ts';
import { checkReferences, scoreReport, scoreSamples } from '../../src/eval/score.ts';
import { HOSTILE_JAVASCRIPT, javaScriptProblems, typeScriptProblems, wrongSamples } from './javascriptProblems.ts';

const layers = probeLayers();
const skip = layers.osSandbox === 'none' ? 'this machine has no sandbox (bubblewrap on Linux)' : false;
const problems = parseProblems(javaScriptProblems(), 'problems');
const [square] = problems;

let sandbox: Sandbox;
before(async () => {
  if (!skip) sandbox = await openSandbox({ workers: 2, timeoutSeconds: 1, memoryBytes: 128 * 2 ** 20, layers });
});
after(() => sandbox?.close());

test('references of JavaScript problems pass, samples that return something else are wrong', { skip }, async () => {
  assert.equal(problems.length, 10);
  await checkReferences(sandbox, problems);
  const line = (completion: string, index: number) => JSON.stringify({ task_id: problems[index].taskId, completion });
  const samples = parseSamples(wrongSamples().map(line).join('\n'), 'samples', problems);
  const scored = await scoreSamples(sandbox, problems, samples);
  assert.deepEqual(
    scored.filter(({ verdict }) => verdict.kind !== 'wrong'),
    [],
  );
  assert.match(scoreReport(problems, scored, [1], sandbox).interpreter, /^a context of Node v/);
});

test('every other verdict of a JavaScript sample carries its type and line', { skip }, async () => {
  const verdict = async (completion: string) => {
    const { kind, type, line } = await sandbox.run(square, completion);
    return [kind, type, line];
  };
  assert.deepEqual(await verdict('  return x *;\n}\n'), ['syntax', 'SyntaxError', 3]);
  assert.deepEqual(await verdict('  return x.y.z;\n}\n'), ['exception', 'TypeError', 3]);
  assert.deepEqual(await verdict('  while (true);\n}\n'), ['timeout', 'TimeoutException', undefined]);
  assert.deepEqual(await verdict('  return square(x);\n}\n'), ['exception', 'RangeError', 3]);
  assert.deepEqual(await verdict('  return x * x;\n}\n'), ['passed', undefined, undefined]);
});

test('samples that were written as modules of Node pass, and what they leave for later does nothing', {
  skip,
}, async () => {
  for (const end of [
    'module.exports = square;',
    'module.exports = { square };',
    'exports.square = square;',
    'if (require.main === module) console.log(square(2));',
    'const assert = require("assert");\nassert.deepStrictEqual(square(2), 4);',
    'const timer = setTimeout(() => { throw 1; }, 0);\nclearTimeout(timer);\nsetInterval(() => {}, 1);',
    'console.table([1]);\nconsole.assert(false);\nconsole.group("a");',
    'const a = [{ b: new Map([[1, new Date(0)]]) }];\na.push(a);\nconst c = structuredClone(a);\nif (c === a || c[1] !== c || c[0].b.get(1).getTime() !== 0) throw 1;',
  ]) {
    assert.deepEqual(await sandbox.run(square, `  return x * x;\n}\n${end}\n`), {
      kind: 'passed',
      type: undefined,
      message: undefined,
      line: undefined,
    });
  }
});

test('an object of another kind is not equal, nor one whose value is another', { skip }, async () => {
  const counts = problems.find(({ taskId }) => taskId === 'JS_counts')!;
  const verdict = async (value: string, expected: string) => {
    const test = `require('assert').deepEqual(counts([]), ${expected});`;
    return (await sandbox.run({ ...counts, test }, `  return ${value};\n}\n`)).kind;
  };
  for (const [value, expected] of [
    ['new Error()', '{}'],
    ['/a/', '{}'],
    ['new Number(1)', '{}'],
    ['{}', 'new Error()'],
    ['/a/', '/b/'],
    ['/a/', '/a/g'],
    ['new Number(1)', 'new Number(2)'],
    ['new Error("a")', 'new Error("b")'],
    ['{}', '[]'],
  ]) {
    assert.equal(await verdict(value, expected), 'wrong', `${value} and ${expected}`);
  }
  for (const value of ['{}', '/a/g', 'new Number(1)', 'new Error("a")', 'Object.create(null)', 'new (class A {})()']) {
    assert.equal(await verdict(value, value === '/a/g' || /Num|Err/.test(value) ? value : '{}'), 'passed', value);
  }
});

test('a JavaScript sample that fills the memory is told so', { skip }, async () => {
  const small = await openSandbox({ workers: 1, timeoutSeconds: 60, memoryBytes: 64 * 2 ** 20, layers });
  try {
    const filling = '  const a = [];\n  while (true) a.push(new Array(1e5).fill(x));\n}\n';
    assert.equal((await small.run(square, filling)).kind, 'memory');
  } finally {
    await small.close();
  }
});

test('no hostile JavaScript sample passes', { skip }, async () => {
  const verdicts = await Promise.all(
    HOSTILE_JAVASCRIPT.map(async ([name, completion]) => [name, (await sandbox.run(square, completion)).kind]),
  );
  assert.deepEqual(
    verdicts.filter(([, kind]) => kind === 'passed'),
    [],
  );
});

test('a language that cannot be run is refused with its line, as is a problem that lacks its tests', () => {
  const line = (fields: object) => JSON.stringify({ name: 'a', language: 'js', prompt: '', tests: '', ...fields });
  assert.equal(parseProblems(line({}), 'f')[0].stop?.length, 0);
  for (const fields of [{ language: 'rs' }, { tests: undefined }, { stop_tokens: [1] }]) {
    assert.throws(() => parseProblems(line(fields), 'f'), { code: 'PROBLEMS_INVALID', message: /line 1/ });
  }
});

test('TypeScript problems: references pass, wrong samples are wrong, types are no part of the verdict', {
  skip,
}, async () => {
  const typed = parseProblems(typeScriptProblems(), 'problems');
  assert.equal(typed.length, 10);
  await checkReferences(sandbox, typed);
  for (const [i, completion] of wrongSamples().entries()) {
    assert.equal((await sandbox.run(typed[i], completion)).kind, 'wrong', typed[i].taskId);
  }
  const verdict = async (completion: string) => {
    const { kind, type, line } = await sandbox.run(typed[0], completion);
    return [kind, type, line];
  };
  // A type error runs; lines are those of the program with its types.
  assert.deepEqual(await verdict('  const wrong: string = x;\n  return x * x;\n}\n'), ['passed', undefined, undefined]);
  assert.deepEqual(await verdict('  type T = number;\n  return (x as T).y.z;\n}\n'), ['exception', 'TypeError', 4]);
  assert.deepEqual(await verdict('  return x as ;\n}\n'), ['syntax', 'SyntaxError', 3]);
  // What is more than a type is compiled.
  assert.deepEqual(await verdict('  enum Power { Two = 2 }\n  return x ** Power.Two;\n}\n'), [
    'passed',
    undefined,
    undefined,
  ]);
});

test('no hostile sample passes as TypeScript either', { skip }, async () => {
  const [first] = parseProblems(typeScriptProblems(), 'problems');
  for (const [name, completion] of HOSTILE_JAVASCRIPT) {
    assert.notEqual((await sandbox.run(first, completion)).kind, 'passed', name);
  }
});
