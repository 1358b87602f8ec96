/** @file The problem file that ships with the extension: its format, its splits, and that its solutions are right. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Problem {
  task_id: string;
  prompt: string;
  entry_point: string;
  canonical_solution: string;
  test: string;
  split: 'dev' | 'test';
  difficulty: number;
  topic: string;
}

const problemsFile = new URL('../../media/problems/problems.jsonl', import.meta.url);
const problems: Problem[] = readFileSync(problemsFile, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const hasPython = spawnSync('python3', ['--version']).status === 0;

test('every problem has the keys of HumanEval and its split, difficulty and topic, and no others', () => {
  const keys = 'task_id prompt entry_point canonical_solution test split difficulty topic'.split(' ');
  for (const problem of problems) {
    assert.deepEqual(Object.keys(problem), keys, problem.task_id);
    assert.match(problem.split, /^(dev|test)$/);
    assert.ok(Number.isInteger(problem.difficulty) && problem.difficulty >= 1 && problem.difficulty <= 5);
    assert.notEqual(problem.topic, '');
  }
});

test('task ids count up from RGFT/0 and no entry point is used twice', () => {
  assert.deepEqual(
    problems.map((problem) => problem.task_id),
    problems.map((_, index) => `RGFT/${index}`),
  );
  assert.equal(new Set(problems.map((problem) => problem.entry_point)).size, problems.length);
});

test('a prompt defines its entry point and ends right after the docstring', () => {
  for (const { task_id, prompt, entry_point } of problems) {
    assert.ok(prompt.includes(`def ${entry_point}(`), task_id);
    assert.match(prompt, /\n {4}("""|''')\n$/, task_id);
  }
});

test('a completion starts inside the function and a test makes at least six assertions', () => {
  for (const problem of problems) {
    assert.match(problem.canonical_solution, /^ {4}\S/, problem.task_id);
    assert.match(problem.canonical_solution, /\S\n$/, problem.task_id);
    assert.match(problem.test, /^\n\ndef check\(candidate\):\n {4}/, problem.task_id);
    const assertions = problem.test.split('\n').filter((line) => line.startsWith('    assert '));
    assert.ok(assertions.length >= 6, `${problem.task_id} has ${assertions.length} assertions`);
  }
});

test('the splits and difficulties have the sizes that the README states', () => {
  const count = (split: string, difficulty: number) =>
    problems.filter((problem) => problem.split === split && problem.difficulty === difficulty).length;
  const difficulties = [1, 2, 3, 4, 5];
  assert.deepEqual(
    difficulties.map((difficulty) => count('dev', difficulty)),
    [18, 14, 7, 4, 2],
  );
  assert.deepEqual(
    difficulties.map((difficulty) => count('test', difficulty)),
    [40, 31, 16, 9, 5],
  );
});

test('every canonical solution passes its test', { skip: hasPython ? false : 'python3 is not installed' }, () => {
  const runAll = `
import json, sys
for line in sys.stdin:
    p = json.loads(line)
    program = p["prompt"] + p["canonical_solution"] + "\\n" + p["test"] + "\\n" + f"check({p['entry_point']})"
    try:
        exec(compile(program, p["task_id"], "exec"), {})
        print("passed")
    except Exception as error:
        print(p["task_id"], type(error).__name__, error)
`;
  const run = spawnSync('python3', ['-c', runAll], { input: readFileSync(problemsFile), encoding: 'utf8' });
  assert.equal(run.stderr, '');
  assert.deepEqual(
    run.stdout.trimEnd().split('\n'),
    problems.map(() => 'passed'),
  );
});
