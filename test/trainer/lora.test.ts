/** @file Runs that train adapters: what they cost, what they leave, and that they go on after a stop. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { loadModel } from '../../src/models/load.ts';
import type { RunEvent } from '../../src/runEvents.ts';
import { readEvents } from '../../src/trainer/events.ts';
import type { FineTuneOptions } from '../../src/trainer/options.ts';
import { type FineTuneResult, fineTune } from '../../src/trainer/run.ts';
import { latestCheckpoint, runPaths } from '../../src/trainer/runDirectory.ts';
import { addFiles } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

const work = mkdtempSync(path.join(tmpdir(), 'rgft-lora-'));
after(() => rmSync(work, { recursive: true, force: true }));
const model = path.join(work, 'model');
makeTinyModel(model, { seed: 1, hiddenSize: 64 });
const code = path.join(work, 'code');
addFiles(code, pythonFiles(6));

const SMALL: Partial<FineTuneOptions> = {
  method: 'lora',
  loraRank: 4,
  loraAlpha: 8,
  seqLength: 64,
  microBatch: 4,
  threads: 1,
  learningRate: 1e-2,
  evaluateEvery: 1000,
  checkpointEvery: 1000,
};

let runs = 0;
const request = (options: Partial<FineTuneOptions>) => ({
  folders: [code],
  model,
  runPath: path.join(work, `run-${runs++}`),
  options: { ...SMALL, ...options },
});
const eventsOf = ({ runPath }: FineTuneResult) => readEvents(runPaths(runPath).events).events;
const of = <Type extends RunEvent['type']>(result: FineTuneResult, type: Type) =>
  eventsOf(result).filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
const weightsOf = ({ modelFolder }: FineTuneResult) => readFileSync(path.join(modelFolder, 'model.safetensors'));

test('a LoRA run improves, costs less than full fine-tuning, and leaves a plain model that has the loss it reports', async () => {
  const result = await fineTune(request({ maxSteps: 12, loraTargets: ['q_proj', 'v_proj', 'down_proj'] }));
  assert.ok(result.after.loss < result.before.loss - 0.1, `${result.before.loss} -> ${result.after.loss}`);
  assert.ok(result.flops < 0.85 * result.referenceFlops!, `${result.flops / result.referenceFlops!}`);
  assert.deepEqual(
    of(result, 'started')[0].components,
    ['q_proj', 'v_proj', 'down_proj'].flatMap((target) => [`0.lora.${target}`, `1.lora.${target}`]).sort(byLayer),
  );

  const [before, merged] = [await loadModel(model), await loadModel(result.modelFolder)];
  assert.deepEqual([...merged.store.keys()], [...before.store.keys()], 'no adapter is left in the model');
  assert.deepEqual(merged.config, before.config);
  for (const [name, { weights }] of before.store) {
    const isTarget = /(q|v|down)_proj\.weight$/.test(name);
    assert.equal(Buffer.compare(bytes(weights), bytes(merged.store.get(name)!.weights)) !== 0, isTarget, name);
  }
  // Another run begins where this one ended: its first evaluation is of the merged model.
  const next = await fineTune({ ...request({ maxSteps: 1 }), model: result.modelFolder });
  assert.ok(Math.abs(next.before.loss - result.after.loss) < 1e-5, `${next.before.loss}, ${result.after.loss}`);
});

test('each evaluation of a LoRA run shows what the adapted model writes; the last is what the finished model writes', async () => {
  const result = await fineTune(request({ maxSteps: 12, evaluateEvery: 4 }));
  const samples = of(result, 'sample');
  assert.deepEqual(
    samples.map(({ step }) => step),
    [0, 4, 8, 12],
  );
  assert.equal(result.keptStep, 12);
  assert.notEqual(samples[0].completion, samples[3].completion);
  // The next run's first sample is of the merged model.
  const next = await fineTune({ ...request({ maxSteps: 1 }), model: result.modelFolder });
  const [first] = of(next, 'sample');
  assert.equal(first.prompt, samples[3].prompt);
  assert.equal(first.completion, samples[3].completion);
});

test('a budget makes LoRA and RGFT on LoRA shorter; the map of the adapters steers and is paid for', async () => {
  for (const method of ['lora', 'rgft-lora'] as const) {
    const options = { method, budget: 0.5, epochs: 2, alpha: 0.5, tau: 0.5 };
    const result = await fineTune(request(options));
    const share = result.flops / result.referenceFlops!;
    assert.ok(share <= 0.5 && share > (method === 'lora' ? 0.4 : 0.25), `${method} spent ${share}`);
    assert.ok(result.after.loss < result.before.loss, method);
    assert.deepEqual(of(result, 'warning'), []);
    const maps = of(result, 'errorMap');
    assert.equal(maps.length > 0, method === 'rgft-lora');
    if (method !== 'rgft-lora') continue;
    assert.equal(maps[0].shares.length, 2 * 7);
    const masks = of(result, 'mask');
    assert.ok(masks.some(({ mask }) => mask.includes(0) && mask.includes(1)));
    assert.ok(masks.some(({ lrScale }) => new Set(lrScale).size > 1));
  }
});

test('a LoRA run that is stopped goes on to the same bits from a checkpoint of its adapters', async () => {
  for (const method of ['lora', 'rgft-lora'] as const) {
    const options = { method, maxSteps: 8, probeEvery: 3, tau: 0.5, checkpointEvery: 3 };
    const expected = await fineTune(request(options));
    const controller = new AbortController();
    const again = request(options);
    const stopped = fineTune({
      ...again,
      signal: controller.signal,
      onEvent: ({ type, step }) => {
        if (type === 'step' && step === 5) controller.abort('SIGINT');
      },
    });
    await assert.rejects(stopped, (error) => error instanceof FineTuneError && error.code === 'INTERRUPTED');
    const { checkpoint } = await latestCheckpoint(again.runPath);
    const parameters = 2 * (4 * (4 * 64) + 4 * (64 + 2 * 32 + 64) + 3 * 4 * (64 + 128));
    const weights = checkpoint!.files.find(({ name }) => name === 'weights.bin')!;
    assert.equal(weights.bytes, 4 * parameters);
    const resumed = await fineTune({ folders: [], model: '', runPath: again.runPath, resume: true });
    assert.deepEqual(weightsOf(resumed), weightsOf(expected));
    assert.deepEqual([resumed.after, resumed.flops], [expected.after, expected.flops]);
  }
});

test('full fine-tuning measures its map for show, and not at all when that is never due', async () => {
  const [shown, off] = [{}, { probeEvery: 1e9 }];
  const counts: number[] = [];
  const models: Buffer[] = [];
  for (const options of [shown, off]) {
    const result = await fineTune(request({ method: 'full', maxSteps: 3, ...options }));
    counts.push(of(result, 'errorMap').length);
    models.push(weightsOf(result));
  }
  assert.deepEqual([counts[0] > 0, counts[1]], [true, 0]);
  assert.deepEqual(models[1], models[0]);
});

test('what adapters cannot do is refused', async () => {
  const refused = (options: Partial<FineTuneOptions>, message: RegExp) =>
    assert.rejects(
      fineTune(request(options)),
      (error) => error instanceof FineTuneError && message.test(error.message),
    );
  await refused({ frozenProducts: 'int8' }, /8 bits.*lora/);
  await refused({ loraTargets: ['lm_head' as 'q_proj'] }, /loraTargets is lm_head, expected some of q_proj/);
  await refused({ loraTargets: [] }, /loraTargets/);
  await refused({ loraRank: 0 }, /loraRank is 0/);
});

function byLayer(a: string, b: string): number {
  const order = ['q_proj', 'v_proj', 'down_proj'];
  const key = (id: string) => 10 * Number(id[0]) + order.indexOf(id.split('.')[2]);
  return key(a) - key(b);
}

function bytes(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
