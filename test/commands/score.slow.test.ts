/** @file `rgft score`, `rgft evaluate` and `rgft problems` as a user has them: processes, files, exit statuses. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { probeLayers } from '../../src/eval/layers.ts';
import { makeTinyModel } from '../support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-score-'));
after(() => rmSync(work, { recursive: true, force: true }));
const at = (name: string) => path.join(work, name);
const skip = probeLayers().osSandbox === 'none' ? 'this machine has no sandbox (bubblewrap on Linux)' : false;

const rgft = (...args: string[]) => rgftIn(undefined, ...args);

/** @param folder where the command is given; the repository otherwise */
function rgftIn(folder: string | undefined, ...args: string[]) {
  const root = path.join(import.meta.dirname, '..', '..');
  const env = { ...process.env, XDG_DATA_HOME: at('data'), HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: '' };
  const tsx = import.meta.resolve('tsx');
  return spawnSync(process.execPath, ['--import', tsx, path.join(root, 'src', 'cli.ts'), ...args], {
    encoding: 'utf8',
    cwd: folder ?? root,
    env,
  });
}

const problem = (taskId: string, factor: number) => ({
  task_id: taskId,
  prompt: `def f(x):\n    """${factor} x"""\n`,
  entry_point: 'f',
  canonical_solution: `    return ${factor} * x\n`,
  test: `def check(candidate):\n    assert candidate(3) == ${3 * factor}\n`,
});
const lines = (objects: readonly object[]) => objects.map((object) => `${JSON.stringify(object)}\n`).join('');
writeFileSync(at('problems.jsonl'), lines([problem('A/0', 2), problem('A/1', 5)]));

test('scoring writes results, a report with the code, and the difference to another model', { skip }, () => {
  const sample = (taskId: string, completion: string) => ({ task_id: taskId, completion });
  writeFileSync(at('first.jsonl'), lines([sample('A/0', '    return 0\n'), sample('A/1', '    return 5 * x\n')]));
  writeFileSync(
    at('second.jsonl'),
    lines([sample('A/0', '    return x + x # <b>\n'), sample('A/1', '    return 5 * x\n')]),
  );
  const options = ['--problems', at('problems.jsonl'), '-k', '1', '--workers', '1', '--json'];
  const first = rgft('score', at('first.jsonl'), ...options);
  assert.equal(first.status, 0, first.stderr);
  assert.equal(JSON.parse(first.stdout).passAtK['1'].value, 0.5);
  const compare = ['--compare', `${at('first.jsonl')}_results.jsonl`, '--report', at('reports/page.html')];
  const second = rgft('score', at('second.jsonl'), ...options, ...compare);
  assert.equal(second.status, 0, second.stderr);
  const report = JSON.parse(second.stdout);
  assert.equal(report.passAtK['1'].value, 1);
  assert.equal(report.comparison.difference['1'].value, 0.5);
  assert.equal(report.comparison.passAtK['1'].value, 0.5);
  assert.ok(report.layers.length > 0 && report.limits.length > 0);
  const page = readFileSync(at('reports/page.html'), 'utf8');
  assert.match(page, /return x \+ x # &lt;b&gt;/);
  assert.match(page, /id="comparison"/);
});

test('an instruct model is asked through its template; other problems of an earlier draw are left out', {
  skip,
}, () => {
  makeTinyModel(at('model'), { maxPositionEmbeddings: 512 });
  const chat_template = '{{ bos_token }}{{ messages[0].content }}\n';
  writeFileSync(at('model/tokenizer_config.json'), JSON.stringify({ chat_template, bos_token: '<|endoftext|>' }));
  const options = [
    '--model',
    at('model'),
    '--problems',
    at('problems.jsonl'),
    '--max-tokens',
    '6',
    '-n',
    '2',
    '--threads',
    '1',
  ];
  const all = rgft('evaluate', ...options, '--out', at('out'), '--workers', '1', '--json');
  assert.equal(all.status, 0, all.stderr);
  const report = JSON.parse(all.stdout);
  assert.deepEqual([report.settings.promptStyle, report.settings.stop, report.samples], ['chat', [], 4]);
  assert.ok(existsSync(at('out/report.html')) && existsSync(at('out/report.json')));
  // The samples of both problems are there; one is asked for.
  const one = rgft('evaluate', ...options, '--out', at('out'), '--workers', '1', '--json', '--limit', '1');
  assert.equal(one.status, 0, one.stderr);
  assert.deepEqual(
    JSON.parse(one.stdout).problems.map(({ taskId }: { taskId: string }) => taskId),
    ['A/0'],
  );
  const base = rgft('evaluate', ...options, '--out', at('out'), '--prompt-style', 'base');
  assert.equal(base.status, 2);
  assert.match(base.stderr, /drawn with other settings/);
});

test('samples of another model or other problems at the same place are not taken for those of this one', () => {
  const folder = at('project');
  mkdirSync(folder);
  const model = at('changing');
  const makeModel = (seed: number) => {
    rmSync(model, { recursive: true, force: true });
    makeTinyModel(model, { seed });
  };
  makeModel(0);
  const problemsFile = at('changing.jsonl');
  writeFileSync(problemsFile, lines([problem('A/0', 2)]));
  const evaluate = () => {
    const options = ['--max-tokens', '4', '-n', '1', '--threads', '1', '--prompt-style', 'base', '--samples-only'];
    return rgftIn(folder, 'evaluate', '--model', model, '--problems', problemsFile, ...options);
  };
  for (const again of [1, 2]) assert.equal(evaluate().status, 0, `${again}`);
  assert.equal(readFileSync(path.join(folder, 'rgft-evaluation/.gitignore'), 'utf8'), '*\n');
  makeModel(7);
  assert.match(evaluate().stderr, /^USAGE: .*samples.jsonl holds samples .* from another model/);
  makeModel(0);
  assert.equal(evaluate().status, 0);
  writeFileSync(problemsFile, lines([problem('A/0', 3)]));
  assert.match(evaluate().stderr, /^USAGE: .*for other problems/);
});

test('a second model follows in the same process, and gets what it would get alone', () => {
  for (const seed of [1, 2]) makeTinyModel(at(`model${seed}`), { seed });
  const options = ['--problems', at('problems.jsonl'), '--max-tokens', '4', '-n', '2', '--threads', '1'];
  const evaluate = (...rest: string[]) => rgft('evaluate', ...options, '--samples-only', '--json', ...rest);
  const pair = evaluate(
    ...['--model', at('model1'), '--out', at('pair1'), '--then-model', at('model2'), '--then-out', at('pair2')],
  );
  assert.equal(pair.status, 0, pair.stderr);
  const files = ['pair1', 'pair2'].map((folder) => at(`${folder}/samples.jsonl`));
  assert.deepEqual(
    pair.stdout.trimEnd().split('\n'),
    files.map((samples) => JSON.stringify({ samples })),
  );
  assert.match(pair.stderr, /^1 of 2: 1 \/ 2 problems.*^2 of 2: 1 \/ 2 problems/ms);
  assert.equal(evaluate('--model', at('model2'), '--out', at('alone')).status, 0);
  const samples = [...files, at('alone/samples.jsonl')].map((file) => readFileSync(file, 'utf8'));
  assert.equal(samples[1], samples[2]);
  assert.notEqual(samples[0], samples[1]);
  for (const folder of ['pair1', 'pair2']) assert.ok(!existsSync(at(`${folder}/lock.json`)));

  assert.equal(evaluate('--model', at('model1'), '--then-model', at('model2')).status, 2);
  const same = evaluate('--out', at('pair1'), '--then-model', at('model2'), '--then-out', at('pair1'));
  assert.match(same.stderr, /^USAGE: --then-out is the folder of the first model/);
});

test('sets of problems by name: the bundled ones with their splits, and a download that is not there yet', () => {
  const sets = JSON.parse(rgft('problems', '--json').stdout) as { name: string; summary: string; present: boolean }[];
  assert.deepEqual(
    sets.map(({ name, summary, present }) => [name, /\d+/.exec(summary)?.[0], present]),
    [
      ['own', '146', true],
      ['own-dev', '45', true],
      ['own-test', '101', true],
      ['humaneval', '164', false],
    ],
  );
  writeFileSync(at('none.jsonl'), '');
  const missing = rgft('score', at('none.jsonl'), '--problems', 'humaneval');
  assert.deepEqual([missing.status, /Run: rgft problems download humaneval/.test(missing.stderr)], [2, true]);
  const offline = rgft('problems', 'download', 'humaneval');
  assert.equal(offline.status, 1);
  assert.match(offline.stderr, /^DOWNLOAD_FAILED: github\.com cannot be reached \(.*ECONNREFUSED/m);
  assert.equal(rgft('problems', 'download', 'other').status, 2);
});
