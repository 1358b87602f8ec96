/** @file The estimate of memory against the peak that a real run reaches. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { completeOptions, type FineTuneOptions } from '../../src/trainer/options.ts';
import { estimateNeeds } from '../../src/trainer/preflight.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

/** Largest resident size of a process that fine-tunes, bytes. */
function peakOfRun(request: object): number {
  const run = pathToFileURL(path.join(import.meta.dirname, '..', '..', 'src', 'trainer', 'run.ts')).href;
  const script = `
    import { fineTune } from ${JSON.stringify(run)};
    await fineTune(JSON.parse(process.env.REQUEST));
    console.log(process.resourceUsage().maxRSS);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const env = { ...process.env, REQUEST: JSON.stringify(request) };
  return 1024 * Number(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
}

/** The estimate may be generous, but a run that it lets through must fit. */
const LOWEST = 0.95;
const HIGHEST = 1.5;

for (const [name, model, options] of [
  ['tiny', {}, { seqLength: 64, microBatch: 2 }],
  ['mid-size', { hiddenSize: 512, numLayers: 4, vocabSize: 16384, maxPositionEmbeddings: 256 }, { microBatch: 4 }],
  [
    'mid-size, recomputing',
    { hiddenSize: 512, numLayers: 4, vocabSize: 16384, maxPositionEmbeddings: 256 },
    { microBatch: 4, activations: 'recompute' },
  ],
] as const) {
  test(`the estimated memory of a ${name} run is ${LOWEST} to ${HIGHEST} times its peak`, (t) => {
    const folder = temporaryFolder(t, pythonFiles(12));
    const modelFolder = path.join(folder, '.model');
    makeTinyModel(modelFolder, model);
    const checkpoint = openCheckpoint(modelFolder);
    checkpoint.close();
    const given: Partial<FineTuneOptions> = {
      method: 'rgft',
      tau: 0,
      maxSteps: 3,
      evaluateEvery: 3,
      threads: 2,
      ...options,
    };
    const { peakBytes } = estimateNeeds(checkpoint.config, completeOptions(given, checkpoint.config));
    const runPath = path.join(folder, '.run');
    const measured = peakOfRun({ folders: [folder], model: modelFolder, runPath, options: given });
    const ratio = peakBytes / measured;
    const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
    t.diagnostic(`${mebibytes(peakBytes)} estimated, ${mebibytes(measured)} measured, ratio ${ratio.toFixed(2)}`);
    assert.ok(ratio > LOWEST && ratio < HIGHEST, `${mebibytes(peakBytes)} estimated, ${mebibytes(measured)} measured`);
  });
}
