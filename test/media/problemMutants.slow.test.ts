/** @file The tests of the shipped problems tell right from wrong: lazy bodies and mutated solutions fail. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const isUnix = process.platform !== 'win32'; // the checker forks a process for each mutant
const hasPython = isUnix && spawnSync('python3', ['--version']).status === 0;

test('for every problem lazy bodies and at least 90 % of the mutants fail', {
  skip: hasPython ? false : 'python3 is not installed, or cannot fork here',
}, () => {
  const checker = fileURLToPath(new URL('./checkProblems.py', import.meta.url));
  const problems = fileURLToPath(new URL('../../media/problems/problems.jsonl', import.meta.url));
  const run = spawnSync('python3', [checker, problems, '--min-kill', '0.9'], { encoding: 'utf8' });
  assert.equal(run.stderr, '');
  assert.match(run.stdout, /^146 problems, \d+ mutants, 99\.\d% of those that change the behaviour killed, 0 problems/);
  assert.equal(run.status, 0);
});
