/**
 * @file What a user can get wrong, and what machines do to users: each case has its code, its exit status and a message
 * that names what was found and what to do; none leaves a half-written run behind.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { dataCommand } from '../src/commands/dataCommand.ts';
import { evaluateCommand } from '../src/commands/evaluate.ts';
import { finetuneCommand } from '../src/commands/finetune.ts';
import { linesCommand } from '../src/commands/lines.ts';
import { perplexityCommand } from '../src/commands/perplexity.ts';
import { pretrainCommand } from '../src/commands/pretrain.ts';
import { problemsCommand } from '../src/commands/problems.ts';
import { reportCommand } from '../src/commands/report.ts';
import { listRuns, runsCommand } from '../src/commands/runs.ts';
import { scoreCommand } from '../src/commands/score.ts';
import { describeFailure } from '../src/commands/terminal.ts';
import { type ErrorCode, FineTuneError } from '../src/errors.ts';
import { freeBytes } from '../src/trainer/disk.ts';
import { readEvents } from '../src/trainer/events.ts';
import { fineTune } from '../src/trainer/run.ts';
import { latestCheckpoint, listCheckpoints, runPaths } from '../src/trainer/runDirectory.ts';
import { addFiles } from './support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles, type TinyModelOptions } from './support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-bad-input-'));
after(() => rmSync(work, { recursive: true, force: true }));
const code = path.join(work, 'code');
addFiles(code, pythonFiles(4));
const model = path.join(work, 'model');
makeTinyModel(model);
/** A run that was interrupted after two steps; tests take copies. */
const interrupted = path.join(work, 'interrupted');
const controller = new AbortController();
await assert.rejects(
  fineTune({
    folders: [code],
    model,
    runPath: interrupted,
    options: { seqLength: 64, threads: 1, maxSteps: 4, checkpointEvery: 1, evaluateEvery: 100 },
    signal: controller.signal,
    onEvent: ({ type, step }) => {
      if (type === 'step' && step === 2) controller.abort();
    },
  }),
  { code: 'INTERRUPTED' },
);

let numNames = 0;
const newPath = (name = 'path') => path.join(work, `${name}-${numNames++}`);
function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = newPath('folder');
  mkdirSync(folder);
  addFiles(folder, files);
  return folder;
}
/** A copy of the model, or another one, that something has happened to. */
function brokenModel(breakIt: (folder: string) => void, options?: TinyModelOptions): string {
  const folder = newPath('model');
  if (options) makeTinyModel(folder, options);
  else cpSync(model, folder, { recursive: true });
  breakIt(folder);
  return folder;
}
function copyOfRun(): string {
  const copy = newPath('run');
  cpSync(interrupted, copy, { recursive: true });
  return copy;
}
function editJson(file: string, change: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(file, 'utf8'));
  change(json);
  writeFileSync(file, JSON.stringify(json));
}
/** Changes the table of contents of a safetensors file; the data stay where they are. */
function editTensors(folder: string, change: (header: Record<string, { dtype: string; shape: number[] }>) => void) {
  const file = path.join(folder, 'model.safetensors');
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([prefix, text, bytes.subarray(8 + length)]));
}

/** Runs a command as cli.ts does: its exit status, and the error that it ends with. */
async function run(t: TestContext, command: (args: string[]) => Promise<void>, args: string[]) {
  const handlers = ['SIGINT', 'SIGTERM'].map((signal) => [signal, process.listeners(signal as 'SIGINT')] as const);
  const output = t.mock.method(process.stderr, 'write', () => true);
  try {
    await command(args);
    return { status: 0, code: undefined, message: '', error: undefined };
  } catch (error) {
    const status = describeFailure(error, false);
    const printed = String(output.mock.calls.at(-1)!.arguments[0]);
    assert.ok(error instanceof FineTuneError, `${error instanceof Error ? error.stack : error}`);
    assert.equal(printed, `${error.code}: ${error.message}\n`);
    return { status, code: error.code, message: error.message, error };
  } finally {
    output.mock.restore();
    // A process calls one command; a test of many must not gather their handlers.
    for (const [signal, kept] of handlers) {
      for (const listener of process.listeners(signal as 'SIGINT')) {
        if (!kept.includes(listener)) process.off(signal, listener);
      }
    }
  }
}

/** No run is there, or an empty folder, or one that goes on from an intact checkpoint. */
async function assertNothingHalfWritten(runPath: string): Promise<void> {
  if (!existsSync(runPath) || !existsSync(path.join(runPath, 'run.json'))) {
    const left = existsSync(runPath) ? readdirSync(runPath) : [];
    assert.ok(!left.some((name) => /run\.json|events|checkpoints|model|lock/.test(name)), left.join(', '));
    return;
  }
  assert.ok(!existsSync(path.join(runPath, 'lock.json')), 'the lock was given back');
  const { checkpoint } = await latestCheckpoint(runPath);
  assert.ok(checkpoint, 'an intact checkpoint');
  assert.ok(!existsSync(path.join(runPath, 'model')), 'no model that looks finished');
}

interface Case {
  readonly name: string;
  /** Arguments that replace the good ones; made when the test runs. */
  readonly folder?: () => string;
  readonly model?: () => string;
  readonly out?: () => string;
  readonly more?: readonly string[];
  /** All arguments instead. */
  readonly args?: (out: string) => string[];
  readonly code: ErrorCode;
  readonly status?: 1 | 2;
  readonly message: RegExp;
}

const RESUME = (out: string) => ['--resume', '--out', out];

const FINETUNE_CASES: readonly Case[] = [
  // the folder
  {
    name: 'a folder that does not exist',
    folder: () => newPath('nowhere'),
    code: 'FOLDER_NOT_FOUND',
    message: /nowhere-\d+" was not found.*Check the spelling/,
  },
  {
    name: 'a file in place of a folder',
    folder: () => path.join(model, 'config.json'),
    code: 'FOLDER_NOT_FOUND',
    message: /is a file, expected a folder/,
  },
  {
    name: 'an empty folder',
    folder: () => folderWith({}),
    code: 'FOLDER_EMPTY',
    message: /is empty. Choose a folder with source code/,
  },
  {
    name: 'a folder of binaries',
    folder: () =>
      folderWith({ 'a.py': Uint8Array.of(1, 0, 2), 'b.py': Uint8Array.of(0, 0), 'c.png': Uint8Array.of(137, 80) }),
    code: 'FOLDER_EMPTY',
    message: /all 3 entries are left out \(binary 2, notCode 1\)/,
  },
  {
    name: 'a folder with too little code',
    folder: () => folderWith({ 'a.py': 'x = 1\n', 'b.py': 'print(2)\n' }),
    code: 'TOO_LITTLE_CODE',
    message: /\d+ tokens are left for training, expected at least 100/,
  },
  { name: 'a pattern that is none', more: ['--include', ''], code: 'PATTERN_INVALID', message: /pattern/i },
  {
    name: 'patterns that leave nothing',
    more: ['--exclude', '**/*.py'],
    code: 'FOLDER_EMPTY',
    message: /excluded 4\). Choose another folder, or change the include and exclude patterns/,
  },
  // the model
  {
    name: 'a model folder that does not exist',
    model: () => newPath('no-model'),
    code: 'MODEL_NOT_FOUND',
    message: /no-model-\d+ does not exist.*Check the path/,
  },
  {
    name: 'a file in place of a model folder',
    model: () => path.join(model, 'config.json'),
    code: 'MODEL_NOT_FOUND',
    message: /is a file; a folder with config\.json/,
  },
  {
    name: 'a model folder without weights',
    model: () => brokenModel((folder) => rmSync(path.join(folder, 'model.safetensors'))),
    code: 'MODEL_NOT_FOUND',
    message: /safetensors/,
  },
  {
    name: 'a run without a model',
    model: copyOfRun,
    code: 'MODEL_NOT_FOUND',
    message: /is a run without a final model. Let it finish/,
  },
  {
    name: 'a config.json that is no JSON',
    model: () => brokenModel((folder) => writeFileSync(path.join(folder, 'config.json'), '{"model_type":')),
    code: 'CONFIG_INVALID',
    message: /config\.json is no JSON.*Fetch the file again/,
  },
  {
    name: 'a config.json with an impossible size',
    model: () =>
      brokenModel((folder) =>
        editJson(path.join(folder, 'config.json'), (json) => Object.assign(json, { hidden_size: -32 })),
      ),
    code: 'CONFIG_INVALID',
    message: /hidden_size.*-32/,
  },
  {
    name: 'an unknown model type',
    model: () =>
      brokenModel((folder) =>
        editJson(path.join(folder, 'config.json'), (json) => Object.assign(json, { model_type: 'mamba' })),
      ),
    code: 'UNSUPPORTED_MODEL',
    message: /"mamba" is not supported; supported are llama, /,
  },
  {
    name: 'truncated weights',
    model: () => brokenModel((folder) => truncateSync(path.join(folder, 'model.safetensors'), 50_000)),
    code: 'CHECKPOINT_TRUNCATED',
    message: /model\.safetensors.*50,?000/,
  },
  {
    name: 'weights that are something else',
    model: () =>
      brokenModel((folder) =>
        writeFileSync(path.join(folder, 'model.safetensors'), 'version https://git-lfs.github.com/spec/v1\n'.repeat(3)),
      ),
    code: 'CHECKPOINT_INVALID',
    message: /git.lfs|header/i,
  },
  {
    name: 'a missing weight',
    model: () =>
      brokenModel((folder) =>
        editTensors(folder, (header) => {
          header['other.weight'] = header['model.norm.weight'];
          delete header['model.norm.weight'];
        }),
      ),
    code: 'TENSOR_MISSING',
    message: /model\.norm\.weight/,
  },
  {
    name: 'a weight of another shape',
    model: () =>
      brokenModel((folder) =>
        editTensors(folder, (header) => {
          header['model.layers.0.mlp.down_proj.weight'].shape.reverse();
        }),
      ),
    code: 'TENSOR_SHAPE',
    message: /down_proj\.weight.*64.*32.*32.*64/,
  },
  {
    name: 'a weight of another type',
    model: () =>
      brokenModel((folder) =>
        editTensors(folder, (header) => {
          header['model.norm.weight'].dtype = 'I32';
        }),
      ),
    code: 'TENSOR_DTYPE',
    message: /model\.norm\.weight.*I32/,
  },
  {
    name: 'NaN in a weight',
    model: () =>
      brokenModel(() => {}, {
        change: (name, weights) => {
          if (name === 'layers.1.mlp.up_proj.weight') weights[77] = Number.NaN;
        },
      }),
    code: 'CHECKPOINT_INVALID',
    message: /layers\.1\.mlp\.up_proj\.weight .* not finite.*Fetch the model again/,
  },
  {
    name: 'an infinite weight',
    model: () =>
      brokenModel(() => {}, {
        change: (name, weights) => {
          if (name === 'norm.weight') weights[0] = Number.NEGATIVE_INFINITY;
        },
      }),
    code: 'CHECKPOINT_INVALID',
    message: /norm\.weight .* not finite/,
  },
  {
    name: 'a missing tokenizer',
    model: () => brokenModel((folder) => rmSync(path.join(folder, 'tokenizer.json'))),
    code: 'TOKENIZER_MISSING',
    message: /tokenizer\.json/,
  },
  {
    name: 'a tokenizer that is no JSON',
    model: () => brokenModel((folder) => writeFileSync(path.join(folder, 'tokenizer.json'), '<html>404</html>')),
    code: 'TOKENIZER_INVALID',
    message: /tokenizer\.json is no JSON/,
  },
  {
    name: 'a tokenizer that is JSON and no tokenizer',
    model: () => brokenModel((folder) => writeFileSync(path.join(folder, 'tokenizer.json'), '{"version":"1.0"}')),
    code: 'TOKENIZER_INVALID',
    message: /tokenizer\.json/,
  },
  {
    name: 'a tokenizer with more tokens than the model',
    model: () => brokenModel(() => {}, { vocabSize: 300 }),
    code: 'TOKENIZER_MISMATCH',
    message: /ids up to 307.*ends at 299.*came with the model/,
  },
  // options
  {
    name: 'a sequence that is longer than the model',
    more: ['--seq-length', '129'],
    code: 'USAGE',
    status: 2,
    message: /129.*at most 128.*Lower --seq-length/,
  },
  {
    name: 'a word for a number',
    more: ['--epochs', 'three'],
    code: 'USAGE',
    status: 2,
    message: /--epochs is "three", expected a number/,
  },
  { name: 'nothing for a number', more: ['--lr='], code: 'USAGE', status: 2, message: /--lr is "", expected a number/ },
  {
    name: 'an infinite number',
    more: ['--lr', 'Infinity'],
    code: 'USAGE',
    status: 2,
    message: /learningRate is Infinity, expected a number from 0 to 10/,
  },
  {
    name: 'a negative number',
    more: ['--weight-decay=-1'],
    code: 'USAGE',
    status: 2,
    message: /weightDecay is -1, expected a number from 0 to 10/,
  },
  {
    name: 'a fraction for a count',
    more: ['--max-steps', '1.5'],
    code: 'USAGE',
    status: 2,
    message: /maxSteps is 1.5, expected a whole number from 1/,
  },
  {
    name: 'no epochs',
    more: ['--epochs', '0'],
    code: 'USAGE',
    status: 2,
    message: /epochs is 0, expected a whole number from 1/,
  },
  {
    name: 'an unknown option',
    more: ['--learning-rate', '1'],
    code: 'USAGE',
    status: 2,
    message: /'--learning-rate'.*See --help/,
  },
  {
    name: 'an option without its value',
    more: ['--seed'],
    code: 'USAGE',
    status: 2,
    message: /'--seed <value>' argument missing.*See --help/,
  },
  {
    name: 'an unknown method',
    more: ['--method', 'magic'],
    code: 'USAGE',
    status: 2,
    message: /--method is "magic", expected one of full, rgft, rgft-b/,
  },
  {
    name: 'an unknown device',
    more: ['--device', 'tpu'],
    code: 'USAGE',
    status: 2,
    message: /--device is "tpu", expected one of cpu, webgpu, cuda, dml/,
  },
  {
    name: 'a device that this platform has not',
    more: ['--device', process.platform === 'win32' ? 'cuda' : 'dml'],
    code: 'DEVICE_UNAVAILABLE',
    message: /not available: .* offers .*cpu.*--device/,
  },
  {
    name: 'no folder',
    args: (out) => ['--out', out],
    code: 'USAGE',
    status: 2,
    message: /Give a folder with code, or --resume --out/,
  },
  {
    name: 'more memory than there is',
    model: () => brokenModel(() => {}, { maxPositionEmbeddings: 512 }),
    more: ['--micro-batch', '4096', '--seq-length', '512'],
    code: 'NOT_ENOUGH_MEMORY',
    message: /needs about [\d.]+ GiB.*GiB are free.*--micro-batch/,
  },
  // the run
  {
    name: 'a run that exists',
    out: copyOfRun,
    code: 'RUN_EXISTS',
    message: /already holds a run. Resume it, or choose another folder/,
  },
  {
    name: 'a folder that holds something else',
    out: () => folderWith({ 'notes.txt': 'mine' }),
    code: 'RUN_EXISTS',
    message: /not empty \(notes\.txt\) and is no run/,
  },
  {
    name: 'a file in place of the run',
    out: () => path.join(folderWith({ out: 'mine' }), 'out'),
    code: 'FOLDER_NOT_FOUND',
    message: /cannot be a folder: there is a file/,
  },
  {
    name: 'a run below a file',
    out: () => path.join(folderWith({ out: 'mine' }), 'out', 'run'),
    code: 'FOLDER_NOT_FOUND',
    message: /cannot be a folder: there is a file/,
  },
  {
    name: 'resuming what is no run',
    args: RESUME,
    code: 'RUN_NOT_FOUND',
    message: /holds no run\.json, so it is no run/,
  },
  {
    name: 'resuming without saying what',
    args: () => ['--resume'],
    code: 'USAGE',
    status: 2,
    message: /--resume --out <run>/,
  },
  {
    name: 'resuming with a folder',
    args: (out) => [code, ...RESUME(out)],
    code: 'USAGE',
    status: 2,
    message: /--resume --out <run>/,
  },
  {
    name: 'resuming with other options',
    args: (out) => [...RESUME(out), '--lr', '1', '--literal'],
    code: 'USAGE',
    status: 2,
    message: /leave out --lr, --literal/,
  },
];

for (const { name, code: expectedCode, status = 1, message, ...arranged } of FINETUNE_CASES) {
  test(`finetune: ${name} is ${expectedCode}`, async (t) => {
    const out = arranged.out?.() ?? newPath('run');
    const before = existsSync(out) ? listing(out) : undefined;
    const args = arranged.args?.(out) ?? [
      ...[arranged.folder?.() ?? code, '--model', arranged.model?.() ?? model, '--out', out],
      ...(arranged.more?.includes('--seq-length') ? [] : ['--seq-length', '64']),
      ...['--max-steps', '2', '--threads', '1', ...(arranged.more ?? [])],
    ];
    const result = await run(t, finetuneCommand, args);
    assert.equal(result.code, expectedCode, result.message);
    assert.equal(result.status, status);
    assert.match(result.message, message);
    if (before) assert.deepEqual(listing(out), before, 'what was there is as it was');
    else assert.ok(!existsSync(out), 'no run was made');
  });
}

function listing(target: string): string[] {
  if (
    !readdirSync(path.dirname(target), { withFileTypes: true })
      .find(({ name }) => name === path.basename(target))
      ?.isDirectory()
  ) {
    return existsSync(target) ? [readFileSync(target, 'utf8')] : [];
  }
  return readdirSync(target, { recursive: true }).map(String).sort();
}

test('finetune: a run.json that is damaged, or of a newer version, is refused; the checkpoints stay', async (t) => {
  for (const [text, code, message] of [
    ['{"formatVersion":1,', 'RUN_CORRUPT', /run\.json is not JSON. Restore it from a backup/],
    ['{"formatVersion":1}', 'RUN_CORRUPT', /lacks "method" or "options"/],
    ['{"formatVersion":99,"method":"rgft","options":{}}', 'RUN_MISMATCH', /format 99, .* Update the program/],
  ] as const) {
    const out = copyOfRun();
    writeFileSync(path.join(out, 'run.json'), text);
    const result = await run(t, finetuneCommand, RESUME(out));
    assert.deepEqual([result.code, result.status], [code, 1]);
    assert.match(result.message, message);
    await assertNothingHalfWritten(out);
  }
});

test('finetune: when every checkpoint is damaged the run is RUN_CORRUPT, not begun anew', async (t) => {
  const out = copyOfRun();
  const checkpoints = listCheckpoints(out);
  assert.equal(checkpoints.length, 2);
  for (const { folder } of checkpoints) truncateSync(path.join(folder, 'weights.bin'), 100);
  const events = readFileSync(runPaths(out).events, 'utf8');
  const result = await run(t, finetuneCommand, RESUME(out));
  assert.deepEqual([result.code, result.status], ['RUN_CORRUPT', 1]);
  assert.match(result.message, /None of the 2 checkpoints .* weights\.bin has 100 bytes.* start a new run/);
  assert.equal(readFileSync(runPaths(out).events, 'utf8'), events);
  assert.deepEqual(listCheckpoints(out), checkpoints);
});

test('a damaged line of the event log is named by the commands that read it; the run itself goes on', async (t) => {
  const workspace = newPath('workspace');
  const out = path.join(workspace, '.rgft', 'runs', 'one');
  cpSync(interrupted, out, { recursive: true });
  const { events } = runPaths(out);
  const lines = readFileSync(events, 'utf8').split('\n');
  lines[2] = lines[2].slice(0, 20);
  writeFileSync(events, lines.join('\n'));
  const [summary] = listRuns(workspace);
  assert.equal(summary.state, 'unreadable');
  assert.match(summary.problem!, /Line 3 of .* is not JSON/);
  assert.throws(() => readEvents(events), { code: 'RUN_CORRUPT' });
  const result = await run(t, finetuneCommand, [...RESUME(out), '--json']);
  assert.equal(result.status, 0, result.message);
  const report = await run(t, reportCommand, [path.join(workspace, 'nothing')]);
  assert.deepEqual([report.code, report.status], ['RUN_NOT_FOUND', 1]);
});

test('finetune: changed files are RUN_MISMATCH, and the run waits for the old ones', async (t) => {
  const folder = folderWith(pythonFiles(4));
  const out = copyOfRun();
  editJson(path.join(out, 'run.json'), (json) => {
    (json.options as { folders: string[] }).folders = [folder];
  });
  appendFileSync(path.join(folder, Object.keys(pythonFiles(4))[0]), '# changed\n');
  const result = await run(t, finetuneCommand, RESUME(out));
  assert.deepEqual([result.code, result.status], ['RUN_MISMATCH', 1]);
  assert.match(result.message, /are not those this run began with.*Start a new run/);
  await assertNothingHalfWritten(out);
  addFiles(folder, pythonFiles(4));
  assert.equal((await fineTune({ folders: [], model: '', runPath: out, resume: true })).steps, 4);
});

test('finetune: a run that another process writes is RUN_LOCKED', { skip: process.platform === 'win32' }, async (t) => {
  const out = newPath('run');
  mkdirSync(out);
  const cli = path.join(import.meta.dirname, '..', 'src', 'cli.ts');
  const args = [code, '--model', model, '--out', out, '--max-steps', '4000', '--threads', '1', '--seq-length', '64'];
  const child = spawn(process.execPath, ['--import', 'tsx', cli, 'finetune', ...args], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const watcher = watch(out);
  await new Promise<void>((resolve) => {
    watcher.on('change', (_, name) => {
      if (name === 'events.jsonl') resolve();
    });
  });
  watcher.close();
  child.kill('SIGSTOP');
  const result = await run(t, finetuneCommand, RESUME(out));
  assert.deepEqual([result.code, result.status], ['RUN_LOCKED', 1]);
  assert.match(result.message, new RegExp(`${child.pid}`));
  const exited = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [130, null]);
  await assertNothingHalfWritten(out);
});

/** A file system of its own, of the given size; undefined where this user may not mount one. */
function mountSmallDisk(t: TestContext, bytes: number): string | undefined {
  if (process.platform !== 'linux' || process.getuid!() !== 0) return undefined;
  const folder = newPath('disk');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]).status !== 0) return undefined;
  t.after(() => spawnSync('umount', ['--lazy', folder]));
  return folder;
}

const SMALL_RUN = ['--max-steps', '3', '--seq-length', '64', '--threads', '1', '--checkpoint-every', '1'];

test('finetune: a disk that is too small is DISK_FULL before anything is written', async (t) => {
  const disk = mountSmallDisk(t, 1 << 20);
  if (!disk) return t.skip('needs the right to mount a small tmpfs');
  const out = path.join(disk, 'run');
  const result = await run(t, finetuneCommand, [code, '--model', model, '--out', out, ...SMALL_RUN]);
  assert.deepEqual([result.code, result.status], ['DISK_FULL', 1]);
  assert.match(result.message, /1\.\d MiB are needed, .* KiB|MiB are free.*Free some space/);
  assert.deepEqual(readdirSync(disk), []);
});

test('finetune: a disk that fills up on the way is DISK_FULL, and with room again the run goes on', async (t) => {
  const disk = mountSmallDisk(t, 16 << 20);
  if (!disk) return t.skip('needs the right to mount a small tmpfs');
  const out = path.join(disk, 'run');
  const filler = path.join(disk, 'filler');
  const request = { folders: [code], model, options: { seqLength: 64, threads: 1, maxSteps: 4, checkpointEvery: 1 } };
  const stopped = fineTune({
    ...request,
    runPath: out,
    onEvent: ({ type, step }) => {
      if (type === 'checkpoint' && step === 2) writeFileSync(filler, new Uint8Array(freeBytes(disk) - 50_000));
    },
  });
  await assert.rejects(stopped, (error) => {
    assert.equal((error as FineTuneError).code, 'DISK_FULL');
    assert.match((error as FineTuneError).message, /What was written before is untouched. Free some space and resume/);
    return true;
  });
  await assertNothingHalfWritten(out);
  assert.equal((await latestCheckpoint(out)).checkpoint!.step, 2);
  rmSync(filler);
  await fineTune({ folders: [], model: '', runPath: out, resume: true });
  const whole = newPath('run');
  await fineTune({ ...request, runPath: whole });
  const weights = [out, whole].map((run) => readFileSync(path.join(run, 'model', 'model.safetensors')));
  assert.deepEqual(weights[0], weights[1]);
});

test('finetune: a place that may not be written is NO_PERMISSION', async (t) => {
  const disk = mountSmallDisk(t, 16 << 20);
  if (!disk) return t.skip('needs the right to mount a read-only tmpfs');
  spawnSync('mount', ['-o', 'remount,ro', disk]);
  const out = path.join(disk, 'run');
  const result = await run(t, finetuneCommand, [code, '--model', model, '--out', out, ...SMALL_RUN]);
  assert.deepEqual([result.code, result.status], ['NO_PERMISSION', 1]);
  assert.match(result.message, /read-only.*choose another one for the run/);
  assert.deepEqual(readdirSync(disk), []);
});

test('finetune: a loss that explodes warns, names the steps, gives up, and keeps the last good checkpoint', async (t) => {
  const out = newPath('run');
  // Decay of 10 at a rate of 10 multiplies every weight by -99 in each step.
  const rates = ['--lr', '10', '--weight-decay', '10', '--decay', 'constant', '--warmup', '0', '--method', 'full'];
  const args = [code, '--model', model, '--out', out, ...rates, ...SMALL_RUN.slice(2), '--max-steps', '60'];
  const result = await run(t, finetuneCommand, [...args, '--probe-every', '1000']);
  assert.deepEqual([result.code, result.status], ['LOSS_NOT_FINITE', 1]);
  await assertNothingHalfWritten(out);
  const { events } = readEvents(runPaths(out).events);
  assert.deepEqual(events.at(-1), {
    type: 'failed',
    step: events.at(-1)!.step,
    code: result.code,
    message: result.message,
  });
  const warned = events.filter((event) => event.type === 'warning');
  const lastStep = events.at(-1)!.step;
  assert.deepEqual(
    warned.map(({ step, message }) => [step, message.startsWith(`Step ${step}: the loss is NaN`)]),
    [lastStep - 2, lastStep - 1].map((step) => [step, true]),
  );
  assert.match(result.message, new RegExp(`^Step ${lastStep}: .* 3rd in a row. Lower --lr \\(now 10\\)`));
  assert.ok((await latestCheckpoint(out)).checkpoint!.step <= lastStep - 3);
});

test('perplexity: files and windows that cannot be are USAGE', async (t) => {
  const folder = folderWith({ 'a.bin': Uint8Array.of(0xff, 0xfe, 0), 'a.py': 'x = 1\n' });
  const text = path.join(folder, 'a.py');
  for (const [args, message] of [
    [[path.join(folder, 'none.py')], /none\.py cannot be read: ENOENT.*Give existing text files/],
    [[path.join(folder, 'a.bin')], /a\.bin is not UTF-8 text/],
    [[folder], /cannot be read: EISDIR/],
    [[], /Give one file or more/],
    [[text, '--window', '1'], /--window is 1, expected a whole number from 2 to 128/],
    [[text, '--window', '129'], /--window is 129/],
    [[text, '--threads', '0'], /--threads is 0, expected a whole number from 1/],
    [[text, '--device', 'abacus'], /--device is "abacus"/],
  ] as const) {
    const result = await run(t, perplexityCommand, [...args, '--model', model]);
    assert.deepEqual([result.code, result.status], ['USAGE', 2], result.message);
    assert.match(result.message, message);
  }
  const broken = brokenModel(() => {}, { change: (_, weights) => weights.fill(Number.NaN) });
  assert.equal((await run(t, perplexityCommand, [text, '--model', broken])).code, 'CHECKPOINT_INVALID');
});

test('data: what it cannot read is refused as by finetune', async (t) => {
  const missing = await run(t, dataCommand, [newPath('nowhere'), '--model', model]);
  assert.deepEqual([missing.code, missing.status], ['FOLDER_NOT_FOUND', 1]);
  const noModel = await run(t, dataCommand, [code, '--model', newPath('nowhere')]);
  assert.deepEqual([noModel.code, noModel.status], ['MODEL_NOT_FOUND', 1]);
  assert.match(noModel.message, /nowhere/);
  const noFolder = await run(t, dataCommand, []);
  assert.deepEqual([noFolder.code, noFolder.status], ['USAGE', 2]);
});

test('numbers out of their range and places that do not exist are told before anything is loaded', async (t) => {
  const none = newPath('nowhere');
  const samples = '{"task_id": "RGFT/0", "completion": ""}\n';
  const folder = folderWith({ 'a.jsonl': '', 's.jsonl': samples, 's.jsonl_results.jsonl/x': '', 't.jsonl': samples });
  const file = path.join(folder, 'a.jsonl');
  for (const [command, args, expected, message] of [
    [dataCommand, [code, '--seq-length', '99999999999'], 'USAGE', /--seq-length is 99999999999, expected a whole/],
    [dataCommand, [code, '--examples=-1'], 'USAGE', /--examples is -1/],
    [linesCommand, [none, '--limit', '0'], 'USAGE', /--limit is 0, expected a whole number from 1/],
    ...['0', '-1', '1.5', '100000'].flatMap(
      (threads) =>
        [
          [linesCommand, [none, `--threads=${threads}`], 'USAGE', /--threads is .* from 1 to 1024/],
          [evaluateCommand, ['--out', none, `--threads=${threads}`], 'USAGE', /--threads is .* from 1 to 1024/],
        ] as const,
    ),
    [evaluateCommand, ['--out', none, '--timeout', '1e9'], 'USAGE', /--timeout is 1000000000, expected 0.1 to 86400/],
    [evaluateCommand, ['--out', none, '--workers', '0'], 'USAGE', /--workers is 0/],
    [evaluateCommand, ['--out', none, '--memory', '1'], 'USAGE', /--memory is 1/],
    [evaluateCommand, ['--out', none, '--compare', newPath('none')], 'USAGE', /none-\d+ cannot be read/],
    [evaluateCommand, ['--out', none, '--compare', file], 'USAGE', /holds no result of .*same problems/],
    [evaluateCommand, ['--out', none, '--report', none], 'FOLDER_NOT_FOUND', /cannot be written: that is a folder/],
    [evaluateCommand, ['--out', path.join(file, 'x')], 'FOLDER_NOT_FOUND', /cannot be written/],
    [evaluateCommand, ['--out', none, '--python', newPath('python')], 'SANDBOX_UNUSABLE', /does not run/],
    [
      scoreCommand,
      [path.join(folder, 's.jsonl')],
      'FOLDER_NOT_FOUND',
      /results.jsonl cannot be written: that is a folder/,
    ],
    [scoreCommand, [path.join(folder, 't.jsonl'), '--report', folder], 'FOLDER_NOT_FOUND', /that is a folder/],
    [scoreCommand, [path.join(folder, 't.jsonl'), '--compare', file], 'USAGE', /holds no result of/],
    [runsCommand, [none + none], 'FOLDER_NOT_FOUND', /is no folder/],
    [
      problemsCommand,
      ['download', 'humaneval', '--out', path.join(file, 'x')],
      'FOLDER_NOT_FOUND',
      /cannot be written/,
    ],
    [pretrainCommand, recipe(none + none), 'USAGE', /cannot be read: ENOENT/],
    [pretrainCommand, recipe(path.join(model, 'tokenizer.json')), 'USAGE', /has no "config"/],
  ] as const) {
    const result = await run(t, command, [...args, ...(command === evaluateCommand ? ['--model', none] : [])]);
    assert.deepEqual(
      [result.code, result.status],
      [expected, expected === 'USAGE' ? 2 : 1],
      `${args}: ${result.message}`,
    );
    assert.match(result.message, message);
  }
});

function recipe(file: string): string[] {
  return ['--recipe', file, '--tokens', 'x', '--tokenizer', 'x', '--run', 'x'];
}
