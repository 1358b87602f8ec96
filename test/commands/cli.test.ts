/** @file The command line as a user has it: processes, exit statuses, what is on stdout and what on stderr. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { addFiles, git } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-cli-'));
after(() => rmSync(work, { recursive: true, force: true }));
const model = path.join(work, 'model');
makeTinyModel(model);

function rgft(...args: string[]) {
  const cli = path.join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', cli, ...args], {
    encoding: 'utf8',
    cwd: path.join(import.meta.dirname, '..', '..'),
  });
  return { status, stdout, stderr };
}

const SMALL = ['--model', model, '--max-steps', '3', '--seq-length', '64', '--threads', '1'];

test('help is on stdout with status 0; no command and unknown commands are usage errors', () => {
  const help = rgft('--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: rgft <command>/);
  assert.deepEqual(rgft('-h'), help);
  assert.deepEqual([rgft().status, rgft().stdout], [2, help.stdout]);
  for (const name of ['train', 'constructor']) {
    const { status, stderr, stdout } = rgft(name, '--json');
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`^USAGE: There is no command "${name}". Commands: finetune, data`));
    assert.equal(JSON.parse(stdout).error.code, 'USAGE');
  }
  for (const name of ['finetune', 'data', 'perplexity', 'runs', 'complete', 'report']) {
    const { status, stdout, stderr } = rgft(name, '--help');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^Usage: rgft ${name}`));
  }
});

test('runs of a folder lie in .rgft, hidden from git and from the runs that follow', () => {
  const code = path.join(work, 'code');
  addFiles(code, pythonFiles(5));
  git(code, 'init', '-q');
  git(code, 'add', '.');
  git(code, 'commit', '-q', '-m', 'code');
  const commit = git(code, 'rev-parse', 'HEAD').trim();

  const results = [1, 2].map((seed) => {
    const { status, stdout, stderr } = rgft('finetune', code, ...SMALL, '--seed', String(seed), '--json');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^reading$/m);
    return JSON.parse(stdout);
  });
  for (const result of results) {
    assert.equal(result.steps, 3);
    assert.ok(result.after.loss < result.before.loss);
    assert.ok(existsSync(path.join(result.modelFolder, 'model.safetensors')));
    assert.match(readFileSync(result.report, 'utf8'), /^<!doctype html>/i);
    assert.equal(path.dirname(result.runPath), path.join(code, '.rgft', 'runs'));
  }
  // The second run did not learn from the first one's report, nor is anything of it to be committed.
  assert.equal(results[1].before.tokens, results[0].before.tokens);
  assert.equal(git(code, 'status', '--porcelain'), '');
  const description = JSON.parse(readFileSync(path.join(results[1].runPath, 'run.json'), 'utf8'));
  assert.equal(description.workspace.trainFiles + description.workspace.heldOutFiles.length, 5);
  assert.equal(description.workspace.folders[0].commit, commit);

  const listed = JSON.parse(rgft('runs', code, '--json').stdout);
  assert.deepEqual(
    listed.map(({ path: run, state, step, totalSteps }: Record<string, unknown>) => ({ run, state, step, totalSteps })),
    results.map(({ runPath }) => ({ run: runPath, state: 'finished', step: 3, totalSteps: 3 })),
  );
  assert.match(rgft('runs', code).stdout, /finished {2}rgft {2}step 3\/3 {2}loss 5\.\d{4} -> 5\.\d{4}/);

  // A finished run that is resumed says again what came out.
  const again = rgft('finetune', '--resume', '--out', results[0].runPath);
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /^Held-out loss 5\.\d{4} -> 5\.\d{4} nats per token \(-\d/);
  assert.match(again.stdout, /^Model: {2}.*model$/m);
});

test('a folder that is no repository hides its runs as well', () => {
  const code = path.join(work, 'plain');
  addFiles(code, pythonFiles(4));
  const tokens = [1, 2].map((seed) => {
    const { status, stdout, stderr } = rgft('finetune', code, ...SMALL, '--seed', String(seed), '--json');
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout).before.tokens;
  });
  assert.equal(tokens[0], tokens[1]);
  assert.equal(readdirSync(path.join(code, '.rgft', 'runs')).length, 2);
});

test('data and perplexity answer on stdout alone', () => {
  const code = path.join(work, 'shown');
  addFiles(code, { ...pythonFiles(3), 'broken.py': Uint8Array.of(0) });
  const data = rgft('data', code, '--model', model, '--json');
  assert.deepEqual([data.status, data.stderr], [0, '']);
  assert.equal(typeof JSON.parse(data.stdout), 'object');
  const file = path.join(code, Object.keys(pythonFiles(3))[0]);
  const perplexity = rgft('perplexity', file, '--model', model, '--threads', '1', '--json');
  assert.equal(perplexity.status, 0, perplexity.stderr);
  const { files, tokens, lossNats } = JSON.parse(perplexity.stdout);
  assert.deepEqual([files.length, files[0].path, files[0].tokens, files[0].lossNats], [1, file, tokens, lossNats]);
  assert.ok(Math.abs(lossNats - Math.log(320)) < 0.6, `${lossNats}`);

  const empty = path.join(work, 'empty');
  addFiles(empty, { 'a.txt': 'text' });
  const refused = rgft('data', empty, '--model', model, '--json');
  assert.equal(refused.status, 1);
  assert.doesNotThrow(() => JSON.parse(refused.stdout));
});

test('an interrupted or failed run is listed as such', () => {
  const code = path.join(work, 'failing');
  addFiles(code, pythonFiles(4));
  const out = path.join(code, '.rgft', 'runs', 'exploding');
  const rates = ['--lr', '10', '--weight-decay', '10', '--decay', 'constant', '--warmup', '0', '--method', 'full'];
  const { status, stderr } = rgft('finetune', code, ...SMALL, ...rates, '--max-steps', '60', '--out', out);
  assert.equal(status, 1);
  assert.match(stderr, /^LOSS_NOT_FINITE: Step \d+: .* the step was skipped/m);
  const [summary] = JSON.parse(rgft('runs', code, '--json').stdout);
  assert.equal(summary.state, 'failed');
  assert.match(summary.problem, /^LOSS_NOT_FINITE: Step/);
  assert.match(rgft('runs', path.join(work, 'model')).stdout, /^No runs here yet/);
});

test('a run ends as it should when nobody reads what it says any more', async () => {
  const code = path.join(work, 'unread');
  addFiles(code, pythonFiles(5));
  const out = path.join(work, 'unread-run');
  for (const [stream, args] of [
    ['stderr', ['finetune', code, ...SMALL, '--out', out]],
    ['stdout', ['data', code, '--model', model, '--json']],
  ] as const) {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', ...args], {
      cwd: path.join(import.meta.dirname, '..', '..'),
    });
    child[stream].destroy();
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
    });
    assert.deepEqual(await once(child, 'exit'), [0, null], said);
    if (stream === 'stdout') assert.equal(said, '');
  }
  assert.ok(existsSync(path.join(out, 'model', 'model.safetensors')));
});

test('output that cannot be written is told', { skip: !existsSync('/dev/full') }, () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli.ts', '--help'], {
    cwd: path.join(import.meta.dirname, '..', '..'),
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /^The output could not be written: .*ENOSPC/);
});

test('a file named stop ends a run with a checkpoint', async () => {
  const code = path.join(work, 'stopped');
  addFiles(code, pythonFiles(5));
  const out = path.join(work, 'stopped-run');
  const cli = path.join(import.meta.dirname, '..', '..', 'src', 'cli.ts');
  const long = ['--model', model, '--max-steps', '100000', '--epochs', '10000', '--seq-length', '64', '--threads', '1'];
  const trainer = spawn(process.execPath, ['--import', 'tsx', cli, 'finetune', code, ...long, '--out', out], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => trainer.once('exit', resolve));
  let seen = '';
  trainer.stderr.on('data', (text) => {
    const wasTraining = /loss/.test(seen);
    seen += text;
    if (!wasTraining && /loss/.test(seen)) writeFileSync(path.join(out, 'stop'), '');
  });
  assert.equal(await exit, 130, seen);
  assert.ok(!existsSync(path.join(out, 'stop')));
  const events = readFileSync(path.join(out, 'events.jsonl'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    { ...JSON.parse(events.at(-1)!), step: 0 },
    { type: 'interrupted', step: 0, reason: 'stop requested' },
  );
  assert.ok(readdirSync(path.join(out, 'checkpoints')).length > 0);
});
