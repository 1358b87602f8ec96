/** @file Fault-aware runs: where their variants come from, which targets they weigh, and that they go on after a stop. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { PackedSequence } from '../../src/data/batches.ts';
import { openEngine } from '../../src/engine/session.ts';
import { Generator } from '../../src/models/generate.ts';
import { type FaultVariants, faultsFile, faultVariants, faultWeights } from '../../src/trainer/faultWeights.ts';
import type { FineTuneOptions } from '../../src/trainer/options.ts';
import { type FineTuneResult, fineTune } from '../../src/trainer/run.ts';
import { BYTE_BOS, byteTokenizer } from '../support/byteTokenizer.ts';
import { randomModel } from '../support/generation.ts';
import { addFiles } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-fait-'));
after(() => rmSync(work, { recursive: true, force: true }));
const model = path.join(work, 'model');
makeTinyModel(model, { seed: 1 });
const code = path.join(work, 'code');
addFiles(code, pythonFiles(6));

const SMALL: Partial<FineTuneOptions> = {
  method: 'fait',
  seqLength: 64,
  microBatch: 4,
  threads: 1,
  learningRate: 3e-3,
  maxSteps: 6,
  evaluateEvery: 1000,
  checkpointEvery: 3,
};

let runs = 0;
const request = (options: Partial<FineTuneOptions> = {}) => ({
  folders: [code],
  model,
  runPath: path.join(work, `run-${runs++}`),
  options: { ...SMALL, ...options },
});
const weightsOf = ({ modelFolder }: FineTuneResult) => readFileSync(path.join(modelFolder, 'model.safetensors'));
const variantsOf = ({ runPath }: FineTuneResult) =>
  JSON.parse(readFileSync(faultsFile(runPath), 'utf8')) as FaultVariants;

test('with weight 1 the model is that of full fine-tuning bit for bit, with another weight it is not', async () => {
  const full = await fineTune(request({ method: 'full' }));
  const even = await fineTune(request({ faultWeight: 1 }));
  const weighed = await fineTune(request({ faultWeight: 4 }));
  assert.deepEqual(weightsOf(even), weightsOf(full));
  assert.notDeepEqual(weightsOf(weighed), weightsOf(full));
  assert.ok(weighed.after.loss < weighed.before.loss);
  assert.ok(weighed.flops > full.flops, 'what the model wrote to find its mistakes is paid for');
  const { mutations, history, model: mistakes } = variantsOf(weighed);
  assert.ok(mutations.length > 10);
  assert.deepEqual(history, [], 'no repository, no history');
  // A model that knows nothing finishes hardly any line.
  assert.ok(mistakes.length > 20 && mistakes.length <= 32, `${mistakes.length}`);
});

test('a stopped run goes on to the same bits, with the variants that it began with', async () => {
  const expected = await fineTune(request());
  // Killed before the first checkpoint and after it.
  for (const killedAt of [2, 4]) {
    const again = request();
    const killed = fineTune({
      ...again,
      onEvent: ({ type, step }) => {
        if (type === 'step' && step === killedAt) throw new Error('killed');
      },
    });
    await assert.rejects(killed, /killed/);
    const resumed = await fineTune({ folders: [], model: '', runPath: again.runPath, resume: true });
    assert.deepEqual(weightsOf(resumed), weightsOf(expected));
    assert.deepEqual([resumed.after, resumed.flops], [expected.after, expected.flops], `killed at ${killedAt}`);
  }
});

test('commits that fix something are read, those of other files and other messages are not', async () => {
  const folder = path.join(work, 'repository');
  addFiles(folder, pythonFiles(5, 6, 2));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder, stdio: 'pipe' });
  const file = path.join(folder, Object.keys(pythonFiles(5, 6, 2)).at(-1)!);
  const body = readFileSync(file, 'utf8');
  const commit = (line: string, message: string) => {
    writeFileSync(file, `${body}\n\n${line}\n`);
    writeFileSync(path.join(folder, 'notes.txt'), line);
    git('add', '-A');
    git('commit', '-qm', message);
  };
  git('init', '-q');
  commit('LIMIT = 3', 'Begin');
  commit('LIMIT = 4', 'Bugfix: one too few');
  commit('LIMIT = 5', 'More room');
  // What a repository's own configuration would run does not run.
  const trap = path.join(work, 'trap');
  writeFileSync(path.join(folder, '.gitattributes'), '*.py diff=trap\n');
  git('config', 'diff.trap.textconv', `touch ${trap}; cat`);
  git('config', 'diff.external', `touch ${trap}; true`);
  const result = await fineTune({ ...request({ maxSteps: 1, heldOutShare: 0 }), folders: [folder] });
  assert.deepEqual(variantsOf(result).history, [{ right: 'LIMIT = 4', wrong: 'LIMIT = 3' }]);
  assert.throws(() => readFileSync(trap), /ENOENT/);
});

test('a model whose texts begin with BOS finishes lines behind one, however long the file before them', async (t) => {
  const tokenizer = byteTokenizer({ addsBos: true });
  const { config, store } = randomModel({ vocabSize: tokenizer.vocabSize });
  const engine = await openEngine({ threads: 1 });
  const generator = new Generator(engine, config, store, tokenizer);
  const { mock } = t.mock.method(generator, 'generate'); // only watched
  // The short lines are no places to finish.
  const text = `${'x = 1\n'.repeat(30)}result = 1\n`;
  const files = [{ path: 'a.py', text }];
  await faultVariants(path.join(work, 'bos.json'), { files, folders: [], engine, generator, tokenizer, seed: 0 });
  const [call, ...more] = mock.calls;
  const { prompt } = call.arguments[0];
  assert.deepEqual([more.length, prompt.length, prompt[0]], [0, 129, BYTE_BOS]);
  assert.ok(text.includes(tokenizer.decode(prompt.slice(1))));
  await generator.release();
});

test('a target is weighed by what is to be predicted, inside its own example', () => {
  const tokenizer = byteTokenizer();
  const texts = ['a = 1\n', 'b + c\n'];
  const row: PackedSequence = {
    inputIds: Int32Array.from([...Buffer.from(texts.join('')), 0, 0]),
    labels: new Int32Array(14),
    positions: new Int32Array(14),
    segments: Int32Array.from([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0, 0]),
    exampleIndices: [0, 1],
  };
  const variants = {
    mutations: [{ right: '  a = 1', wrong: '  a = 2' }],
    history: [{ right: 'b + c', wrong: 'd + c' }],
    model: [],
    flops: 0,
  };
  const { lossWeights } = faultWeights(variants, tokenizer, 3)(row);
  // `1` is predicted at the space before it; `b` begins an example and is predicted nowhere.
  assert.deepEqual([...lossWeights!], [1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
});
