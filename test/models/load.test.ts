/** @file Loading a model into memory. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { loadModel, modelFolder } from '../../src/models/load.ts';
import { goldenFolder, readAllWeights } from '../support/golden.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A model folder with a tokenizer of `numIds` ids; the golden models have 96. */
function writeModel(folder: string, numIds: number): void {
  const tokenizer = JSON.parse(fs.readFileSync(path.join(goldenFolder('tokenizer'), 'tokenizer.json'), 'utf8'));
  const vocab = Object.entries(tokenizer.model.vocab as Record<string, number>).filter(([, id]) => id < numIds);
  tokenizer.model = { ...tokenizer.model, vocab: Object.fromEntries(vocab), merges: [] };
  fs.mkdirSync(folder, { recursive: true });
  fs.cpSync(goldenFolder('llama-gqa-untied'), folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  fs.writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify({ eos_token: '<|endoftext|>' }));
}

test('a model folder and a run that holds it load the same weights, and every end token is known', async (t) => {
  const run = temporaryFolder(t, { 'run.json': '{}' });
  writeModel(path.join(run, 'model'), 96);
  const model = await loadModel(run);
  assert.equal(model.folder, path.join(run, 'model'));
  const checkpoint = openCheckpoint(goldenFolder('llama-gqa-untied'));
  const expected = readAllWeights(checkpoint);
  checkpoint.close();
  assert.deepEqual(new Map([...model.store].map(([name, parameter]) => [name, parameter.weights])), expected);
  // 2 stands in config.json, 0 is the tokenizer's <|endoftext|>.
  assert.deepEqual(model.config.eosTokenIds, [2, 0]);
  assert.equal(model.store.get('norm.weight')!.gradient.length, 0);
  const trainable = await loadModel(path.join(run, 'model'), { trainable: true });
  assert.equal(trainable.store.get('norm.weight')!.gradient.length, 32);
});

test('a run without a final model and a tokenizer that does not fit are refused by code', async (t) => {
  const run = temporaryFolder(t, { 'run.json': '{}' });
  const code = (expected: string) => (error: unknown) => error instanceof FineTuneError && error.code === expected;
  assert.throws(() => modelFolder(run), code('MODEL_NOT_FOUND'));
  const folder = temporaryFolder(t);
  writeModel(folder, 120);
  await assert.rejects(loadModel(folder), code('TOKENIZER_MISMATCH'));
});
