import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openEngine } from '../../src/engine/session.ts';
import type { Problem } from '../../src/eval/problems.ts';
import { drawSamples, problemSeed, SAMPLE_DEFAULTS, type SampleOptions } from '../../src/eval/samples.ts';
import { Generator } from '../../src/models/generate.ts';
import { letterTokenizer, randomModel } from '../support/generation.ts';

const { config, store } = randomModel();
const tokenizer = letterTokenizer(config.vocabSize);
const generator = new Generator(await openEngine({ threads: 1 }), config, store, tokenizer);
const source = {
  encode: ({ prompt }: Problem) => tokenizer.encode(prompt),
  generate: generator.generate.bind(generator),
};
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-samples-'));
after(async () => {
  await generator.release();
  fs.rmSync(folder, { recursive: true });
});

const PROBLEMS: Problem[] = [0, 1, 2].map((index) => ({
  taskId: `T/${index}`,
  prompt: tokenizer.decode([7 + index, 3, 11]),
  entryPoint: 'f',
  canonicalSolution: '',
  test: '',
}));
const OPTIONS: SampleOptions = { ...SAMPLE_DEFAULTS, numSamples: 5, temperature: 0.8, maxTokens: 12, stop: [] };

async function draw(name: string, options: Partial<SampleOptions> = {}, problems = PROBLEMS, signal?: AbortSignal) {
  const file = path.join(folder, name);
  await drawSamples(source, problems, file, { model: 'm' }, { ...OPTIONS, ...options }, undefined, signal);
  return fs.readFileSync(file, 'utf8');
}

test('the same seed gives the same file with one sample at a time and with sixteen together', async () => {
  const together = await draw('together', { batchSize: 16 });
  assert.equal(await draw('alone', { batchSize: 1 }), together);
  assert.equal(together.trim().split('\n').length, 15);
  assert.notEqual(await draw('reseeded', { seed: 1 }), together);
});

test("a problem's samples do not depend on which other problems are drawn", async () => {
  const all = (await draw('all')).split('\n').filter((line) => line.includes('"T/2"'));
  const alone = (await draw('one', {}, PROBLEMS.slice(2))).trim().split('\n');
  assert.deepEqual(alone, all);
  assert.notEqual(problemSeed(0, 'T/1'), problemSeed(0, 'T/2'));
});

test('stopped half-way and resumed, the file is the one of an uninterrupted run, byte for byte', async () => {
  const whole = await draw('whole');
  const file = path.join(folder, 'stopped');
  const controller = new AbortController();
  const onProgress = ({ doneProblems }: { doneProblems: number }) => {
    if (doneProblems === 1) controller.abort();
  };
  await assert.rejects(drawSamples(source, PROBLEMS, file, { model: 'm' }, OPTIONS, onProgress, controller.signal), {
    code: 'INTERRUPTED',
  });
  assert.equal(fs.readFileSync(file, 'utf8').trim().split('\n').length, 5);
  assert.equal(await draw('stopped', { batchSize: 3 }), whole);
});

test('what a kill tore is drawn again: a half line, and a problem that lacks samples', async () => {
  const whole = await draw('complete');
  for (const size of [whole.length - 3, Math.floor(whole.length / 2), 10]) {
    fs.writeFileSync(path.join(folder, 'torn'), whole.slice(0, size));
    fs.copyFileSync(path.join(folder, 'complete.settings.json'), path.join(folder, 'torn.settings.json'));
    assert.equal(await draw('torn'), whole, `cut at ${size}`);
  }
});

test('a file of other settings is not mixed with new samples', async () => {
  await draw('settled');
  await assert.rejects(draw('settled', { temperature: 0.7 }), { code: 'USAGE', message: /other settings/ });
});
