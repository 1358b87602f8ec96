/** @file A budget is kept, the cache changes no bit, and a run that is killed ends as if it had not been. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

const work = mkdtempSync(path.join(tmpdir(), 'rgft-budget-'));
after(() => rmSync(work, { recursive: true, force: true }));
const model = path.join(work, 'model');
makeTinyModel(model, { seed: 1, numLayers: 4 });
const code = path.join(work, 'code');
addFiles(code, pythonFiles(5));

const SMALL: Partial<FineTuneOptions> = {
  seqLength: 64,
  microBatch: 2,
  threads: 1,
  learningRate: 2e-3,
  evaluateEvery: 1000,
  checkpointEvery: 1000,
};

/** A run with everything that is off unless asked for: a warm start and rows that later passes leave out. */
const WARM: Partial<FineTuneOptions> = { warmStart: 0.1, skipShare: 0.4, targetSkipShare: 0.5 };

let runs = 0;
async function train(options: Partial<FineTuneOptions>): Promise<FineTuneResult & { events: readonly RunEvent[] }> {
  const runPath = path.join(work, `run-${runs++}`);
  const result = await fineTune({ folders: [code], model, runPath, options: { ...SMALL, ...options } });
  assert.deepEqual(
    readdirSync(runPath).filter((name) => name.includes('cache')),
    [],
    'no cache is left behind',
  );
  return { ...result, events: readEvents(runPaths(runPath).events).events };
}

function of<Type extends RunEvent['type']>(events: readonly RunEvent[], type: Type) {
  return events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
}

function withoutTimes(events: readonly RunEvent[]): object[] {
  return events.map((event) => {
    const { atMs, elapsedMs, durationMs, bytes, cpuMs, memoryBytes, ...rest } = event as RunEvent &
      Record<string, unknown>;
    return rest;
  });
}

const weightsOf = ({ modelFolder }: FineTuneResult) => readFileSync(path.join(modelFolder, 'model.safetensors'));

test('every method spends its budget, nearly all of it or what 1.4 times the passes cost, and no more', async () => {
  const cheaper: string[] = [];
  const full = await train({ method: 'full' });
  assert.equal(full.flops, full.referenceFlops, 'full fine-tuning is the reference');
  for (const options of [
    { method: 'rgft' },
    { method: 'rgft', selection: 'components' },
    { method: 'full-short' },
    { method: 'last-k' },
    { method: 'random-k' },
    { method: 'random-k', redraw: false },
  ] as const) {
    for (const budget of [0.3, 0.6]) {
      const { flops, referenceFlops, events, steps, before, after: afterwards } = await train({ ...options, budget });
      const name = `${JSON.stringify(options)} at ${budget}`;
      assert.ok(Math.abs(referenceFlops! / full.flops - 1) < 0.02, `${name}: ${referenceFlops} and ${full.flops}`);
      const share = flops / referenceFlops!;
      assert.ok(share <= budget, `${name} spent ${share}`);
      if (share <= 0.9 * budget) {
        assert.equal(steps, Math.floor(1.4 * full.steps), `${name} spent ${share}`);
        cheaper.push(name);
      }
      assert.deepEqual(of(events, 'warning'), [], name);
      assert.ok(afterwards.loss < before.loss, name);
      const [{ budget: plan }] = of(events, 'started');
      assert.ok(flops <= plan!.plannedFlops * (1 + 1e-12), name);
    }
  }
  assert.deepEqual(cheaper, ['{"method":"rgft"} at 0.3', '{"method":"rgft","selection":"components"} at 0.3']);
});

test('which targets later passes keep is decided by loss, or by chance alone, and costs the same', async () => {
  const options = { method: 'rgft', budget: 0.4 } as const;
  const [byLoss, byChance] = [await train(options), await train({ ...options, targetDraw: 'uniform' })];
  assert.equal(byChance.flops, byLoss.flops);
  const losses = ({ events }: typeof byLoss, isLater: boolean) =>
    of(events, 'step').flatMap(({ epoch, loss }) => (epoch > 0 === isLater ? [loss] : []));
  assert.deepEqual(losses(byChance, false), losses(byLoss, false), 'the first pass takes all');
  assert.ok(losses(byLoss, true).length > 0);
  assert.notDeepEqual(losses(byChance, true), losses(byLoss, true));
});

test('where the output of the frozen layers is kept changes no bit', async () => {
  const options = { ...WARM, method: 'rgft', budget: 0.3, maxSteps: 60 } as const;
  const memory = await train({ ...options, cache: 'memory' });
  const disk = await train({ ...options, cache: 'disk' });
  assert.deepEqual(weightsOf(disk), weightsOf(memory));
  assert.equal(disk.flops, memory.flops);
  assert.equal(of(memory.events, 'mask').length, 2);
  // The map that chose, and the map of what came out.
  const [{ budget }] = of(memory.events, 'started');
  assert.deepEqual(
    of(memory.events, 'errorMap').map(({ step }) => step),
    [budget!.warmSteps, memory.steps],
  );

  // Without a cache the plan is another one: a suffix and passes that can pay for it. last-k with an ample budget takes
  // all layers, whose prefix is the embedding, at no cost whether kept or not.
  const ample = { method: 'last-k', budget: 0.98, maxSteps: 20 } as const;
  const [kept, recomputed] = [await train({ ...ample, cache: 'memory' }), await train({ ...ample, cache: 'off' })];
  assert.deepEqual(weightsOf(recomputed), weightsOf(kept));
});

test('a cache that holds a part of the rows changes the cost and no bit of a step', async () => {
  const options = { method: 'last-k', budget: 0.48, targetSkipShare: 0.5, maxSteps: 40 } as const;
  const whole = await train({ ...options, cache: 'memory' });
  const part = await train({ ...options, cache: 'memory', cacheMemoryBytes: 24 * 2 * 64 * 32 });
  const [suffix, other] = [whole, part].map(({ events }) => of(events, 'started')[0].budget!.suffix);
  assert.equal(other, suffix, 'the case is one in which both plans agree');
  const losses = [whole, part].map(({ events }) => of(events, 'step').map(({ loss }) => loss));
  const shared = Math.min(losses[0].length, losses[1].length);
  assert.ok(
    of(part.events, 'step').some(({ epoch }) => epoch > 0),
    'rows are visited again',
  );
  assert.deepEqual(losses[1].slice(0, shared), losses[0].slice(0, shared));
  assert.ok(of(part.events, 'step')[shared - 1].flops > of(whole.events, 'step')[shared - 1].flops);
});

test('a run with a cache and skipped rows that is stopped and resumed has the bits of one that was not', async () => {
  for (const cache of ['memory', 'disk'] as const) {
    const options = { ...SMALL, ...WARM, method: 'rgft', budget: 0.35, cache, checkpointEvery: 4 } as const;
    const whole = path.join(work, `run-${runs++}`);
    const expected = await fineTune({ folders: [code], model, runPath: whole, options });
    const [{ budget }] = of(readEvents(runPaths(whole).events).events, 'started');
    assert.ok(budget!.warmSteps > 2 && budget!.skipShare === 0.4);
    // Before the suffix, at its border, after it, and in a pass that skips.
    for (const stopAt of [1, budget!.warmSteps, budget!.warmSteps + 3, expected.steps - 2]) {
      const runPath = path.join(work, `run-${runs++}`);
      const controller = new AbortController();
      const stopped = fineTune({
        folders: [code],
        model,
        runPath,
        options,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === 'step' && event.step === stopAt) controller.abort('stop');
        },
      });
      await assert.rejects(stopped, (error) => error instanceof FineTuneError && error.code === 'INTERRUPTED');
      assert.equal((await latestCheckpoint(runPath)).checkpoint!.step, stopAt);
      const resumed = await fineTune({ folders: [], model: '', runPath, resume: true });
      assert.deepEqual(weightsOf(resumed), weightsOf(expected), `${cache}, stopped at ${stopAt}`);
      const steps = [whole, runPath].map((run) => withoutTimes(of(readEvents(runPaths(run).events).events, 'step')));
      assert.deepEqual(steps[1], steps[0], `${cache}, stopped at ${stopAt}`);
    }
  }
});

test('a run on the vocabulary of its folder that is stopped and resumed has the bits of one that was not', async () => {
  const options = { ...SMALL, method: 'rgft', budget: 0.35, checkpointEvery: 4 } as const;
  const whole = path.join(work, `run-${runs++}`);
  const expected = await fineTune({ folders: [code], model, runPath: whole, options });
  const steps = of(readEvents(runPaths(whole).events).events, 'step');
  const firstPass = steps.filter(({ epoch }) => epoch === 0).length;
  assert.ok(firstPass < steps.length);
  // While the others are measured, when all of them are, and in a pass that needs what was measured.
  for (const stopAt of [2, firstPass, firstPass + 2]) {
    const runPath = path.join(work, `run-${runs++}`);
    const controller = new AbortController();
    const stopped = fineTune({
      ...{ folders: [code], model, runPath, options, signal: controller.signal },
      onEvent: (event) => {
        if (event.type === 'step' && event.step === stopAt) controller.abort('stop');
      },
    });
    await assert.rejects(stopped, (error) => error instanceof FineTuneError && error.code === 'INTERRUPTED');
    const { checkpoint } = await latestCheckpoint(runPath);
    assert.equal(checkpoint!.step, stopAt);
    assert.ok(checkpoint!.files.some(({ name }) => name === 'offsets.bin'));
    const resumed = await fineTune({ folders: [], model: '', runPath, resume: true });
    assert.deepEqual(weightsOf(resumed), weightsOf(expected), `stopped at ${stopAt}`);
    const again = of(readEvents(runPaths(runPath).events).events, 'step');
    assert.deepEqual(withoutTimes(again), withoutTimes(steps), `stopped at ${stopAt}`);
  }
});

test('the head learns the rows of tokens that are targets, and the embedding and all other rows stay as they were', async () => {
  const { modelFolder, events } = await train({ method: 'rgft', budget: 0.5 });
  const [base, tuned] = await Promise.all([model, modelFolder].map((folder) => loadModel(folder)));
  assert.deepEqual([base.config.tieWordEmbeddings, tuned.config.tieWordEmbeddings], [true, false]);
  const embedding = base.store.get('embed_tokens.weight')!;
  assert.deepEqual(tuned.store.get('embed_tokens.weight')!.weights, embedding.weights);
  const head = tuned.store.get('lm_head.weight')!.weights;
  const [V, C] = embedding.shape;
  const isMoved = (row: number) =>
    head.subarray(row * C, (row + 1) * C).some((value, i) => value !== embedding.weights[row * C + i]);
  // The tiny model's ids are bytes; the code holds letters and no control characters.
  const moved = Array.from({ length: V }, (_, row) => row).filter(isMoved);
  assert.ok('etaoin'.split('').every((letter) => moved.includes(base.tokenizer.encode(letter)[0])));
  assert.ok(!moved.includes(base.tokenizer.encode('\u0001')[0]));
  assert.ok(moved.length > 10 && moved.length < V / 2, `${moved.length} of ${V} rows`);
  const [{ components }] = of(events, 'started');
  const [{ mask, lrScale }] = of(events, 'mask').slice(-1);
  const at = components.indexOf('lmHead');
  assert.deepEqual([mask[at], lrScale[at]], [1, 1]);

  const frozen = await train({ method: 'rgft', budget: 0.5, headRate: 0 });
  const still = await loadModel(frozen.modelFolder);
  assert.equal(still.config.tieWordEmbeddings, true);
  assert.deepEqual(still.store.get('embed_tokens.weight')!.weights, embedding.weights);
});

test('later passes leave out the rows of lowest loss, or none', async () => {
  const full = await train({ method: 'full' });
  const rowsPerPass = full.steps / 3;
  const skipping = await train({ method: 'last-k', budget: 0.98, skipShare: 0.4, epochs: 2 });
  const plain = await train({ method: 'last-k', budget: 0.98, epochs: 2 });
  const stepsOf = ({ events }: { events: readonly RunEvent[] }, epoch: number) =>
    of(events, 'step').filter((event) => event.epoch === epoch).length;
  assert.equal(stepsOf(skipping, 0), rowsPerPass);
  assert.ok(Math.abs(stepsOf(skipping, 1) - 0.6 * rowsPerPass) <= 1);
  assert.equal(stepsOf(plain, 1), rowsPerPass);
});

test('what is frozen after the warm start keeps no optimizer state', async () => {
  const runPath = path.join(work, `run-${runs++}`);
  const sizes: Record<number, number> = {};
  const options = { ...SMALL, ...WARM, method: 'rgft', budget: 0.3, checkpointEvery: 1 } as const;
  let warmSteps = 0;
  await fineTune({
    folders: [code],
    model,
    runPath,
    options,
    onEvent: (event) => {
      if (event.type === 'started') warmSteps = event.budget!.warmSteps;
      if (event.type === 'checkpoint') sizes[event.step] = event.bytes;
    },
  });
  assert.ok(sizes[warmSteps + 1] < 0.75 * sizes[warmSteps], JSON.stringify(sizes));
});

test('methods without a budget refuse one, and the controls ask for one', async () => {
  const rejects = (options: Partial<FineTuneOptions>, message: RegExp) =>
    assert.rejects(train(options), (error) => {
      assert.ok(error instanceof FineTuneError && error.code === 'USAGE', String(error));
      assert.match(error.message, message);
      return true;
    });
  await rejects({ method: 'full', budget: 0.3 }, /full-short/);
  await rejects({ method: 'last-k' }, /--budget 0\.3/);
  await rejects({ method: 'rgft', budget: 0 }, /above 0/);
  await rejects({ method: 'rgft', budget: 0.3, literal: true }, /literal/);
  await rejects({ method: 'rgft', budget: 1e-4 }, /Raise --budget/);
});
