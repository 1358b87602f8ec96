import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { familyOf } from '../../src/models/families/registry.ts';
import { pretrain } from '../../src/pretrain/pretrain.ts';
import { openTokenShards } from '../../src/pretrain/tokens.ts';
import { createRandom, nextBelow } from '../../src/random.ts';
import { readEvents } from '../../src/trainer/events.ts';
import { runPaths } from '../../src/trainer/runDirectory.ts';
import { assertClose } from '../support/numeric.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const PYTHON = '/usr/bin/python3';
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, numpy']).status === 0;
const SOURCE = path.join(import.meta.dirname, '../../src/pretrain');

const RECIPE = {
  config: {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 8,
    intermediate_size: 40,
    vocab_size: 64,
    max_position_embeddings: 160,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  },
  seed: 3,
  seqLength: 160,
  batchRows: [
    { fromStep: 1, rows: 2 },
    { fromStep: 9, rows: 3 },
  ],
  weightDecay: 0.1,
  clipNorm: 1,
  schedule: { learningRate: 5e-3, warmupSteps: 5, totalSteps: 40, decay: 'linear', decaySteps: 20 } as const,
  evaluateEvery: 100,
  checkpointEvery: 100,
};

test('The plan that another machine runs trains as the engine does: batches, gradients, clipping, AdamW, schedule', {
  skip: hasTorch ? false : 'needs python3-torch',
}, async (t) => {
  const folder = temporaryFolder(t);
  const tokens = path.join(folder, 'tokens');
  const length = 40 * RECIPE.seqLength;
  // The next token follows from the last one most of the time; 0 ends a document.
  const random = createRandom(1, 'tokens');
  const ids = new Uint16Array(length);
  for (let i = 1; i < length; i++)
    ids[i] = nextBelow(random, 5) > 0 ? (ids[i - 1] * 5 + 1) % 64 : nextBelow(random, 64);
  mkdirSync(tokens);
  writeFileSync(path.join(tokens, 'shard-000.bin'), ids);
  const manifest = { length, shardTokens: length, shards: [{ file: 'shard-000.bin', tokens: length }] };
  writeFileSync(path.join(tokens, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'recipe.json'), JSON.stringify(RECIPE));

  const run = (command: string, args: string[]) => {
    const { status, stderr } = spawnSync(command, args, {
      encoding: 'utf8',
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    assert.equal(status, 0, stderr);
  };
  const plan = path.join(folder, 'plan');
  const recipe = path.join(folder, 'recipe.json');
  const device = path.join(SOURCE, 'device.ts');
  run(process.execPath, ['--import', 'tsx', device, '--recipe', recipe, '--tokens', tokens, '--out', plan]);
  run(PYTHON, [path.join(SOURCE, 'device.py'), plan, '--out', path.join(folder, 'there')]);
  const there = readFileSync(path.join(folder, 'there', 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

  const stream = openTokenShards(tokens);
  const config = familyOf(RECIPE.config).config(RECIPE.config);
  const here = path.join(folder, 'here');
  const store = await pretrain(here, false, {
    ...RECIPE,
    config,
    stream,
    endOfText: 0,
    engine: { threads: 1 },
    evaluate: async () => ({ loss: 0, accuracy: 0, tokens: 0 }),
    report: () => {},
  });
  stream.close();
  const steps = readEvents(runPaths(here).events).events.filter((event) => event.type === 'step');
  assert.deepEqual(
    there.map(({ step }) => step),
    [20, 40],
  );
  for (const [i, { loss, gradNorm, learningRate }] of steps.entries()) {
    assert.ok(Math.abs(loss - there[i].loss) < 1e-4, `step ${steps[i].step}: ${loss} here, ${there[i].loss} there`);
    assert.ok(Math.abs(gradNorm - there[i].gradNorm) < 1e-3);
    assert.equal(learningRate, there[i].learningRate);
  }
  // It has learnt: 1.6 nats would be the entropy of a fifth at random among 64.
  assert.ok(there[1].loss < there[0].loss);
  const bytes = readFileSync(path.join(folder, 'there', 'weights.0'));
  const weights = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  assertClose(
    weights,
    Float32Array.from([...store!.values()].flatMap((parameter) => [...parameter.weights])),
    2e-3,
    'weights',
  );
});
