import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createDraw } from '../../src/pretrain/functions/draw.ts';
import { evaluateJobs } from '../../src/pretrain/functions/evaluate.ts';
import { allTemplates, generateFunctionFiles } from '../../src/pretrain/functions/generate.ts';
import { drawPipeline } from '../../src/pretrain/functions/pipelines.ts';
import {
  chooseExamples,
  toDoubleQuotes,
  toSingleQuotes,
  typingSpelling,
  wrapText,
} from '../../src/pretrain/functions/render.ts';
import { checkFamilies } from '../../src/pretrain/functions/selfCheck.ts';
import { expandChoices, instantiate, parseTemplates } from '../../src/pretrain/functions/template.ts';
import { drawTypeScriptFile, typeScriptTemplates, typeScriptType } from '../../src/pretrain/functions/typescript.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const needsPython = { skip: hasPython ? false : 'python3 is not installed' };

const DOUBLE = `
## double_all|times_@k
(xs:ints) -> list[int]
with k~word in 2 ~ twice | 3 ~ three times
= a list with <each|every> element of @xs @word
---
return [$x * @k for $x in @xs]
---
$result = []
for $x in @xs:
    $result.append($x * @k)
return $result
`;

test('A family is read with its names, variables and bodies', () => {
  const [template] = parseTemplates(DOUBLE);
  assert.deepEqual(template.names, ['double_all', 'times_@k']);
  assert.deepEqual(template.variables, [
    {
      keys: ['k', 'word'],
      rows: [
        ['2', 'twice'],
        ['3', 'three times'],
      ],
    },
  ]);
  assert.equal(template.bodies.length, 2);
});

test('A member uses its own names everywhere and no placeholder is left', () => {
  const [template] = parseTemplates(DOUBLE);
  for (let seed = 0; seed < 50; seed++) {
    const sample = instantiate(template, createDraw(seed));
    const [{ name }] = sample.parameters;
    assert.ok(sample.body.includes(name));
    assert.doesNotMatch(`${sample.name}${sample.doc.join(' ')}${sample.body}`, /[@$<>|]/);
    assert.equal(/twice/.test(sample.doc[0]), /\* 2/.test(sample.body));
  }
});

test('A bad line in a family is an error that names the family', () => {
  assert.throws(() => parseTemplates('## f\n(x:int) -> int\nnonsense\n= a\n---\nreturn 1\n'), /"f".*nonsense/);
  assert.throws(() => parseTemplates('## f\n(x:unknown) -> int\n= a\n---\nreturn 1\n'), /"unknown" is not a kind/);
});

test('Choices expand from the inside out', () => {
  assert.equal(expandChoices('a <b|b> <c <d|d>|c d> , <|>e.', createDraw(1)), 'a b c d, e.');
});

test('Annotations are spelled for typing', () => {
  const used = new Set<string>();
  assert.equal(typingSpelling('dict[str, list[int]] | None', used), 'Optional[Dict[str, List[int]]]');
  assert.deepEqual([...used].sort(), ['Dict', 'List', 'Optional']);
  assert.equal(typeScriptType('dict[str, list[int]] | None'), 'Record<string, number[]> | undefined');
});

test('Shown examples differ in their results where they can', () => {
  const chosen = chooseExamples(['1', '2', '3', '4'], ['0', '0', '5', null], 2);
  assert.deepEqual(chosen, [
    { call: '1', result: '0' },
    { call: '3', result: '5' },
  ]);
});

test('Changing quotes reads every literal as a whole', () => {
  assert.equal(toSingleQuotes('s + "\\n" + "-" * n'), 's + "\\n" + \'-\' * n');
  assert.equal(toSingleQuotes(`f("it's", 'a"b', "c")`), `f("it's", 'a"b', 'c')`);
  assert.equal(toDoubleQuotes(`'a\\nb', 'c', "it's"`), `"a\\nb", "c", "it's"`);
});

test('Text wraps at the width', () => {
  assert.deepEqual(wrapText('aa bb cc dd', 5), ['aa bb', 'cc dd']);
});

test('There are more than 500 families and their names are Python identifiers', () => {
  const templates = allTemplates();
  assert.ok(templates.length > 500);
  for (const template of templates) {
    const { name } = instantiate(template, createDraw(1));
    assert.match(name, /^[a-z_][a-z0-9_]*$/i);
  }
});

test('Python runs the calls, marks failures and stops endless loops', needsPython, async () => {
  const results = await evaluateJobs([
    { code: 'def f(x):\n    return [x, "a"]', name: 'f', calls: ['1', '1, 2'] },
    { code: 'def g():\n    while True:\n        pass', name: 'g', calls: [''] },
  ]);
  assert.deepEqual(results[0].out, ["[1, 'a']", null]);
  assert.deepEqual(results[1].out, [null]);
});

test('A function that passes the tests of a problem is named, whatever its names are', needsPython, async () => {
  const problem = {
    task_id: 'P/1',
    entry_point: 'double_all',
    prompt: 'def double_all(values):\n',
    canonical_solution: '    return [2 * x for x in values]\n',
    test: 'def check(candidate):\n    assert candidate([1, 2]) == [2, 4]\n    assert candidate([0, 3]) == [0, 6]\n',
  };
  const job = (body: string, name = 'f', calls = ['[1]']) => ({ code: `def ${name}(a):\n    ${body}`, name, calls });
  const results = await evaluateJobs(
    [
      job('return [x + x for x in a]'),
      job('return [x + x for x in a]', 'other'),
      // Right at the first question only.
      job('return [2, 4]'),
      job('while True: a.append(1)'),
      job('return 2 * a', 'of_numbers', ['3']),
    ],
    [problem],
  );
  assert.deepEqual(
    results.map(({ solves }) => solves),
    ['P/1', 'P/1', null, null, null],
  );
});

test('All bodies of every family run and agree', needsPython, async () => {
  assert.deepEqual(await checkFamilies(allTemplates(), [11]), []);
});

test('Composed functions run on their examples', needsPython, async () => {
  const samples = Array.from({ length: 300 }, (_, seed) => drawPipeline(createDraw(seed, 'pipeline')));
  const results = await evaluateJobs(
    samples.map(({ name, parameters, body, calls }) => ({
      code: `def ${name}(${parameters.map((one) => one.name).join(', ')}):\n${body.replace(/^(?=.)/gm, '    ')}\n`,
      name,
      calls,
    })),
  );
  const failed = results.filter(({ out }) => out.every((one) => one === null)).length;
  assert.ok(failed <= 3, `${failed} of 300 never ran`);
});

test('Generated files are distinct, their doctests pass, and one seed gives one text', needsPython, async () => {
  const collect = async (seed: number) => {
    const texts: string[] = [];
    for await (const text of generateFunctionFiles({ seed, targetBytes: 150_000, batchFiles: 200 })) texts.push(text);
    return texts;
  };
  const texts = await collect(5);
  assert.equal(new Set(texts).size, texts.length);
  assert.deepEqual(await collect(5), texts);
  const script = `
import sys, json, doctest
failed = 0
for text in json.load(sys.stdin):
    space = {'__name__': 'sample'}
    exec(compile(text, 'sample', 'exec'), space)
    runner = doctest.DocTestRunner(verbose=False)
    finder = doctest.DocTestFinder()
    for value in list(space.values()):
        if callable(value) and getattr(value, '__module__', None) == 'sample':
            for case in finder.find(value, globs=space):
                failed += runner.run(case, out=lambda s: sys.stderr.write(s)).failed
print(failed)
`;
  const run = spawnSync('python3', ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8' });
  assert.equal(run.stdout.trim(), '0', run.stderr.slice(0, 2000));
});

test('TypeScript files are drawn without leftovers of Python', () => {
  const templates = typeScriptTemplates();
  let drawn = 0;
  for (let seed = 0; seed < 80; seed++) {
    const text = drawTypeScriptFile(templates, createDraw(seed));
    if (!text) continue;
    drawn++;
    assert.match(text, /function [a-z]\w*\(/i);
    assert.doesNotMatch(text, /@(xs|s|d|n)\b|\$\w|\bNone\b|: unknown/);
  }
  assert.ok(drawn > 60);
});
