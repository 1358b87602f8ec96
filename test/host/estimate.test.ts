/** @file The estimate before a run, held to the trainer's own preflight. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { estimateRun, findObstacles } from '../../src/host/estimate.ts';
import { inspectModelFolder, locateModel, type ModelShape } from '../../src/host/modelFolders.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import type { ModelConfig } from '../../src/models/config.ts';
import { planCache } from '../../src/trainer/prefixCache.ts';
import { estimateNeeds } from '../../src/trainer/preflight.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const EMBEDDED = path.join(import.meta.dirname, '../../media/rgft-base');

function embeddedShape(): ModelShape {
  const found = inspectModelFolder(EMBEDDED);
  assert.ok('shape' in found);
  return found.shape;
}

test('memory is within 5 % of what the trainer expects, disk is the same, for small and large models', () => {
  const source = openCheckpoint(EMBEDDED);
  source.close();
  const sizes = {
    embedded: {},
    '135M': {
      hiddenSize: 576,
      numLayers: 30,
      numHeads: 9,
      numKvHeads: 3,
      headDim: 64,
      intermediateSize: 1536,
      vocabSize: 49152,
    },
    '0.5B': {
      hiddenSize: 896,
      numLayers: 24,
      numHeads: 14,
      numKvHeads: 2,
      headDim: 64,
      intermediateSize: 4864,
      vocabSize: 151936,
    },
  };
  for (const [name, size] of Object.entries(sizes)) {
    const config = { ...source.config, ...size } as ModelConfig;
    const options = { microBatch: 2, seqLength: 512, activations: 'save', optimizer: 'adamw' } as const;
    const wanted = estimateNeeds(config, options);
    const shape: ModelShape = { ...embeddedShape(), ...size, parameters: wanted.parameters };
    const found = estimateRun(shape, 100, { epochs: 3, maxSteps: null, budget: null }, null);
    const ratio = found.memoryBytes / wanted.peakBytes;
    assert.ok(ratio > 0.95 && ratio < 1.05, `${name}: ${ratio.toFixed(3)}`);
    assert.equal(found.diskBytes, wanted.diskBytes, name);
  }
});

test('the steps are those of the trainer, and a measured speed is used as it is', () => {
  const shape = embeddedShape();
  assert.equal(estimateRun(shape, 101, { epochs: 3, maxSteps: null, budget: null }, null).steps, 153);
  const quick = estimateRun(shape, 101, { epochs: 3, maxSteps: 100, budget: null }, 20);
  assert.deepEqual([quick.steps, quick.durationMs, quick.isMeasured], [100, 2000, true]);
});

test('with a budget the time is its share, the steps are left open, and the disk holds the own head and the cache', () => {
  const source = openCheckpoint(EMBEDDED);
  source.close();
  const { hiddenSize } = source.config;
  const [rows, seqLength] = [101, 512];
  const cached = planCache(
    'disk',
    { numRows: rows, rowElements: seqLength * hiddenSize },
    { memoryBytes: 0, diskBytes: 16e9 },
  );
  const options = { microBatch: 2, seqLength, activations: 'save', optimizer: 'adamw' } as const;
  const untied = { ...source.config, tieWordEmbeddings: false } as ModelConfig;
  const wanted = estimateNeeds(untied, options, { cacheDiskBytes: cached.bytes });
  const found = estimateRun(embeddedShape(), rows, { epochs: 3, maxSteps: null, budget: 0.4 }, 20);
  assert.deepEqual([found.steps, found.durationMs, found.diskBytes], [null, 0.4 * 153 * 20, wanted.diskBytes]);
});

test('each obstacle names its cause and its way out', () => {
  const needs = { memoryBytes: 2 ** 31, diskBytes: 2 ** 30 };
  const room = { memoryBytes: 2 ** 32, diskBytes: 2 ** 32, isWritable: true, folder: '/w' };
  assert.deepEqual(findObstacles(needs, room), []);
  const all = findObstacles(needs, { memoryBytes: 2 ** 20, diskBytes: 2 ** 20, isWritable: false, folder: '/w' });
  assert.deepEqual(
    all.map(({ code }) => code),
    ['NO_PERMISSION', 'NOT_ENOUGH_MEMORY', 'DISK_FULL'],
  );
  assert.equal(all[1].cause, 'The run needs about 2.0 GB of memory; 1.0 MB are free.');
  for (const { fix } of all) assert.ok(fix.length > 10);
});

test('the embedded model is found usable, and folders that are none say why', (t) => {
  const found = inspectModelFolder(EMBEDDED);
  assert.ok('shape' in found);
  assert.equal(found.shape.parameters, 4_984_064);
  const folder = temporaryFolder(t, {
    'config/config.json': '{}',
    'weights/config.json': '{}',
    'weights/tokenizer.json': '{}',
    'broken/config.json': '{}',
    'broken/tokenizer.json': '{}',
    'broken/model.safetensors': 'this is not a safetensors file',
    'empty/x': '',
  });
  const problemOf = (name: string) => {
    const looked = inspectModelFolder(path.join(folder, name));
    return 'problem' in looked ? looked.problem : '';
  };
  assert.equal(problemOf('gone'), 'The folder is gone.');
  assert.equal(problemOf('empty'), 'config.json is missing.');
  assert.equal(problemOf('config'), 'tokenizer.json is missing.');
  assert.equal(problemOf('weights'), 'No weights (.safetensors) in this folder.');
  assert.equal(problemOf('broken'), 'model.safetensors is no safetensors file.');
});

test('the embedded model of a former version is the one of today, and no other model is replaced', (t) => {
  const folder = temporaryFolder(t, { 'kept/rgft-base/config.json': '{}' });
  const former = path.join(folder, 'rgft-0.0.9', 'media', 'rgft-base');
  assert.equal(locateModel(former, EMBEDDED), EMBEDDED);
  const kept = path.join(folder, 'kept', 'rgft-base');
  assert.equal(locateModel(kept, EMBEDDED), kept);
  const gone = path.join(folder, 'models', 'mine');
  assert.equal(locateModel(gone, EMBEDDED), gone);
});
