/** @file The table of methods in its smallest form: real runs in processes of their own, and the same command once more. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { lowestRate, type MethodCell, type MethodRow } from '../../src/bench/methods.ts';
import { addFiles, temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

const CLI = path.join(import.meta.dirname, '..', '..', 'src', 'cli.ts');

function bench(args: readonly string[]) {
  const all = ['--import', 'tsx', CLI, 'bench', 'methods', ...args, '--threads', '1', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  return { status, stderr, result: JSON.parse(stdout) as { rows: MethodRow[]; error?: { code: string } } };
}

test('methods are trained, measured and compared; finished runs are kept and others added', (t) => {
  const work = temporaryFolder(t);
  const [model, code, out] = ['model', 'code', 'out'].map((name) => path.join(work, name));
  makeTinyModel(model, { seed: 1, hiddenSize: 64 });
  addFiles(code, pythonFiles(8));
  const setting = [code, '--model', model, '--out', out, '--seq-length', '64', '--max-steps', '10', '--lines', '3'];
  const small = [...setting, '--seeds', '0', '--budgets', '0.5'];

  const first = bench([...small, '--methods', 'lora']);
  assert.equal(first.status, 0, first.stderr);
  assert.deepEqual(
    first.result.rows.map(({ method, budget, workspace }) => [method, budget, workspace]),
    [
      ['full', null, 'code'],
      ['lora', 0.5, 'code'],
    ],
  );
  const [full, lora] = first.result.rows;
  assert.equal(full.flopsShare, 1);
  assert.equal(full.lossKept!.value, 1);
  assert.ok(lora.flopsShare > 0.35 && lora.flopsShare <= 0.5 && !lora.missedBudget, `${lora.flopsShare}`);
  assert.ok(lora.lossAfter < lora.lossBefore && full.lossAfter < full.lossBefore);
  assert.equal(full.lossBefore, lora.lossBefore);
  assert.ok(lora.cpuMs > 0 && lora.cpuMs < full.cpuMs * 2 && lora.wallMs > 0 && lora.diskBytes > 0);
  assert.ok(lora.peakMemoryBytes > 5e7);
  assert.match(readFileSync(path.join(out, 'table.md'), 'utf8'), /\| lora \| 50 % \|/);
  assert.match(readFileSync(path.join(out, 'pareto-operations.svg'), 'utf8'), /^<svg .*lora at 50 %.*<\/svg>\n$/s);
  assert.ok(existsSync(path.join(out, 'code', 'lora-0.5-seed0', 'run', 'model', 'config.json')));

  // Another method joins; a cell that was not finished is made again, a finished one is not.
  const cellOf = (name: string) => path.join(out, 'code', name, 'cell.json');
  const kept = statSync(cellOf('full-seed0')).mtimeMs;
  rmSync(cellOf('lora-0.5-seed0'));
  const second = bench([...small, '--budgets', 'none,0.5', '--methods', 'lora,full-short']);
  assert.equal(second.status, 0, second.stderr);
  assert.deepEqual(
    second.result.rows.map(({ method, budget }) => [method, budget]),
    [
      ['full', null],
      ['lora', null],
      ['lora', 0.5],
      ['full-short', 0.5],
    ],
  );
  assert.equal(statSync(cellOf('full-seed0')).mtimeMs, kept);
  const again = second.result.rows.find(({ method, budget }) => method === 'lora' && budget !== null)!;
  assert.deepEqual(
    [again.lossAfter, again.flopsShare],
    [lora.lossAfter, lora.flopsShare],
    'the same run, the same numbers',
  );
  assert.notEqual(again.lossAheadOfShort, null);

  // A method with options of its own is a line of its own. What was trained at another rate is trained anew.
  const short = second.result.rows.find(({ method }) => method === 'full-short')!;
  const cell = JSON.parse(readFileSync(cellOf('full-short-0.5-seed0'), 'utf8')) as MethodCell;
  writeFileSync(
    cellOf('full-short-0.5-seed0'),
    JSON.stringify({ ...cell, learningRate: cell.learningRate / 2, files: [] }),
  );
  const third = bench([...small, '--methods', 'full-short, rgft, rgft --head-rate 0']);
  assert.equal(third.status, 0, third.stderr);
  const lineOf = (name: string) => third.result.rows.find(({ method }) => method === name)!;
  assert.equal(lineOf('full-short').lossAfter, short.lossAfter);
  const [plain, frozen] = [lineOf('rgft'), lineOf('rgft --head-rate 0')];
  assert.deepEqual(frozen.learningRates, plain.learningRates);
  assert.notEqual(frozen.lossAfter, plain.lossAfter, 'the option reaches the run');
  assert.ok(existsSync(cellOf('rgft_head-rate_0-0.5-seed0')));
  const refused = bench([...small, '--methods', 'rgft --lr 1']);
  assert.deepEqual([refused.status, refused.result.error?.code], [2, 'USAGE']);

  const other = bench([...small, '--methods', 'lora', '--epochs', '1']);
  assert.deepEqual([other.status, other.result.error?.code], [1, 'RUN_MISMATCH']);
});

test('with folds each seed is measured on files of its own, and on none that it has learnt from', (t) => {
  const work = temporaryFolder(t);
  const [model, code, out] = ['model', 'code', 'out'].map((name) => path.join(work, name));
  makeTinyModel(model, { seed: 1 });
  addFiles(code, pythonFiles(12));
  const options = ['--seq-length', '64', '--max-steps', '2', '--lines', '2', '--methods', 'full', '--folds'];
  const { status, stderr } = bench([
    code,
    '--model',
    model,
    '--out',
    out,
    '--held-out',
    '0.3',
    '--seeds',
    '0,1',
    ...options,
  ]);
  assert.equal(status, 0, stderr);
  const [first, second] = [0, 1].map((seed) => {
    const { files, lines } = fullCell(out, seed);
    const paths = files.map((file) => file.path);
    assert.ok(lines!.every((line) => paths.includes(line.path)));
    return paths;
  });
  assert.ok(first.length > 0 && second.length > 0);
  assert.deepEqual(
    first.filter((file) => second.includes(file)),
    [],
  );
  assert.match(
    readFileSync(path.join(out, 'table.md'), 'utf8'),
    new RegExp(`Held out, over all seeds.*: code: ${first.length + second.length} files`),
  );
});

test('rates are chosen on files that are neither learnt from in the choice nor reported', (t) => {
  const work = temporaryFolder(t);
  const [model, code, out] = ['model', 'code', 'out'].map((name) => path.join(work, name));
  makeTinyModel(model, { seed: 1 });
  addFiles(code, pythonFiles(12));
  const options = ['--seq-length', '64', '--max-steps', '4', '--lines', '0', '--seeds', '0', '--methods', 'full'];
  const { status, stderr, result } = bench([code, '--model', model, '--out', out, '--tune', ...options]);
  assert.equal(status, 0, stderr);
  const tried = trialsOf(path.join(out, 'code', 'tuning-full', 'next'));
  const reported = fullCell(out, 0).files.map((file) => file.path);
  for (const { losses } of tried) assert.ok(losses.length > 0 && losses.every((file) => !reported.includes(file.path)));
  const { rate, isAtEdge } = lowestRate(tried.map(({ rate, losses }) => ({ rate, loss: meanLoss(losses) })));
  assert.deepEqual(result.rows[0].learningRates, [rate]);
  // While the best is at an end, up to two more are tried; what is still at an end is said.
  assert.ok(isAtEdge ? tried.length === 5 : tried.length >= 3 && tried.length <= 5, `${tried.length}`);
  assert.equal(
    /perhaps better elsewhere: full on code/.test(readFileSync(path.join(out, 'table.md'), 'utf8')),
    isAtEdge,
  );
});

test('with folds the files that the other seeds hold out decide, and one run decides for two seeds', (t) => {
  const work = temporaryFolder(t);
  const [model, code, out] = ['model', 'code', 'out'].map((name) => path.join(work, name));
  makeTinyModel(model, { seed: 1 });
  addFiles(code, pythonFiles(12));
  const options = ['--seq-length', '64', '--max-steps', '2', '--lines', '0', '--seeds', '0,1,2', '--methods', 'full'];
  const { status, stderr } = bench([code, '--model', model, '--out', out, '--tune', '--folds', ...options]);
  assert.equal(status, 0, stderr);
  const pairs = ['seeds-0-1', 'seeds-0-2', 'seeds-1-2'];
  const folder = path.join(out, 'code', 'tuning-full');
  assert.deepEqual(readdirSync(folder).sort(), pairs);
  const trials = new Map(pairs.map((pair) => [pair, trialsOf(path.join(folder, pair))]));
  const heldOut = [0, 1, 2].map((seed) => fullCell(out, seed).files.map((file) => file.path));
  for (const [pair, tried] of trials) {
    const own = new Set(heldOut.flatMap((paths, seed) => (pair.includes(String(seed)) ? paths : [])));
    for (const { losses } of tried) assert.deepEqual(losses.map((file) => file.path).sort(), [...own].sort());
    const learnt = [...stderr.matchAll(/^tuning full, (\S+): .*, from (\d+) files$/gm)].filter(
      (line) => line[1] === pair,
    );
    assert.deepEqual([...new Set(learnt.map((line) => line[2]))], [String(12 - own.size)]);
    assert.equal(learnt.length, tried.length, 'each once');
  }
  for (const seed of [0, 1, 2]) {
    const others = pairs.filter((pair) => pair.includes(String(seed))).map((pair) => trials.get(pair)!);
    const rates = others[0].map(({ rate }) => rate).filter((rate) => others[1].some((trial) => trial.rate === rate));
    const tried = rates.map((rate) => {
      const losses = others.flatMap((trial) => trial.find((one) => one.rate === rate)!.losses);
      return { rate, loss: meanLoss(losses.filter((file) => !heldOut[seed].includes(file.path))) };
    });
    assert.equal(fullCell(out, seed).learningRate, lowestRate(tried).rate);
  }
});

interface FileLoss {
  readonly path: string;
  readonly tokens: number;
  readonly lossNats: number;
}

/** What the files of a tuning folder say, by rate. */
function trialsOf(folder: string): { rate: number; losses: FileLoss[] }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      rate: Number(name.replace('.json', '')),
      losses: JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as FileLoss[],
    }))
    .sort((a, b) => a.rate - b.rate);
}

function meanLoss(files: readonly FileLoss[]): number {
  const sum = (of: (file: FileLoss) => number) => files.reduce((total, file) => total + of(file), 0);
  return sum((file) => file.tokens * file.lossNats) / sum((file) => file.tokens);
}

function fullCell(out: string, seed: number): MethodCell {
  return JSON.parse(readFileSync(path.join(out, 'code', `full-seed${seed}`, 'cell.json'), 'utf8')) as MethodCell;
}
