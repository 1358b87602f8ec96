/** @file `rgft complete` as a script sees it: what goes in byte for byte, what comes out, exit codes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { openEngine } from '../../src/engine/session.ts';
import { saveCheckpoint } from '../../src/models/checkpoint.ts';
import { familyOf } from '../../src/models/families/registry.ts';
import { fillInTheMiddlePrompt } from '../../src/models/fillInTheMiddle.ts';
import { Generator } from '../../src/models/generate.ts';
import { loadModel } from '../../src/models/load.ts';
import { randomModel } from '../support/generation.ts';
import { goldenFolder } from '../support/golden.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const CONFIG_JSON = {
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 313,
  max_position_embeddings: 64,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
};

/** A model folder with random weights and the golden tokenizer, which has fill-in-the-middle markers. */
function writeModel(folder: string, maxPositions = 64): string {
  const configJson = { ...CONFIG_JSON, max_position_embeddings: maxPositions };
  const family = familyOf(configJson);
  const config = family.config(configJson);
  const { store } = randomModel(config);
  const source = { folder: goldenFolder('tokenizer'), configJson, config, family };
  saveCheckpoint(folder, source, (name) => store.get(name)!.weights, { dtype: 'F32' });
  return folder;
}

function complete(args: readonly string[], input: string) {
  const command = ['--import', 'tsx', 'src/cli.ts', 'complete', ...args];
  const root = path.join(import.meta.dirname, '..', '..');
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { cwd: root, input, encoding: 'utf8' });
  return { stdout, stderr, status };
}

test('the command prints what the generator generates: from standard input, from files, as text and as JSON', async (t) => {
  const folder = temporaryFolder(t, { 'before.py': 'def f(x):\r\n\treturn ', 'after.py': '\n\nf(1)\n' });
  const model = writeModel(path.join(folder, 'model'));
  const { config, store, tokenizer } = await loadModel(model);
  const generator = new Generator(await openEngine({ threads: 1 }), config, store, tokenizer);
  const request = { maxTokens: 12, temperature: 0.7, topP: 0.9, seed: 4 };
  const options = ['--max-tokens', '12', '--temperature', '0.7', '--top-p', '0.9', '--seed', '4', '--model', model];
  const before = 'def f(x):\r\n\treturn ';
  const [plain] = (await generator.generate({ ...request, prompt: tokenizer.encode(before) })).samples;
  assert.ok(plain.ids.length > 0);

  assert.deepEqual(complete(options, before), { stdout: plain.text, stderr: '', status: 0 });
  const fromFile = complete([...options, '--json', '--prefix-file', path.join(folder, 'before.py')], '');
  assert.deepEqual(JSON.parse(fromFile.stdout), { text: plain.text, tokens: plain.ids.length });

  const gap = fillInTheMiddlePrompt(tokenizer, before, '\n\nf(1)\n', 52);
  const [filled] = (await generator.generate({ ...request, prompt: gap })).samples;
  const both = complete([...options, '--json', '--suffix-file', path.join(folder, 'after.py')], before);
  assert.deepEqual(JSON.parse(both.stdout), { text: filled.text, tokens: filled.ids.length });

  const stop = [...plain.text][3];
  const stopped = complete([...options, '--json', '--stop', stop], before);
  assert.equal(JSON.parse(stopped.stdout).text, plain.text.slice(0, plain.text.indexOf(stop)));
  await generator.release();
});

test('of a model with a long maximum 8192 tokens are used', (t) => {
  const model = writeModel(path.join(temporaryFolder(t), 'model'), 131072);
  // A digit is a token of its own. Nothing is generated, so nothing is computed.
  const cut = complete(['--max-tokens', '0', '--model', model], '7'.repeat(8200));
  const stderr = 'The prefix is longer than the context of 8192 tokens: its first 8 tokens were left out.\n';
  assert.deepEqual(cut, { stdout: '', stderr, status: 0 });
});

test('wrong usage exits with 2 before a model is loaded', () => {
  for (const args of [
    ['--max-tokens', '-1'],
    ['--temperature', 'warm'],
    ['--top-p', '2'],
    ['--stop', ''],
    ['file.py'],
  ]) {
    const { stdout, stderr, status } = complete([...args, '--model', 'nowhere'], 'x');
    assert.deepEqual([stdout, status, stderr.startsWith('USAGE: ')], ['', 2, true], args.join(' '));
  }
});
