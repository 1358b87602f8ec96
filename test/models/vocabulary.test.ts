/** @file The LM head on a part of the vocabulary: exact where it was measured, its formula, its gradients, what it costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEngine, type TensorData } from '../../src/engine/session.ts';
import { differentTargets } from '../../src/models/batch.ts';
import { buildHead, type HeadGraph } from '../../src/models/blocks.ts';
import { type BackwardOptions, Decoder, type VocabularyUse } from '../../src/models/decoder.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { untieHead } from '../../src/models/untie.ts';
import { partOfVocabulary, writePartialHead } from '../../src/models/vocabulary.ts';
import { listComponents } from '../../src/rgft/components.ts';
import { batchOf, goldenSuffix, loadGoldenModel, readGolden } from '../support/golden.ts';
import { assertClose, centralDifferences, evaluate, randomNumbers, relativeDifference } from '../support/numeric.ts';

const engine = await openEngine({ threads: 1 });

test('a part lists its ids, marks the others and takes their mean row', () => {
  const head = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const part = partOfVocabulary(Int32Array.of(0, 2), head, 4);
  assert.deepEqual([...part.placeOf], [0, -1, 1, -1]);
  assert.deepEqual([...part.isOther], [0, 1, 0, 1]);
  assert.deepEqual([...part.direction], [5, 6]);
  const into = new Float32Array(9).fill(Number.NaN);
  writePartialHead(part, head, into);
  assert.deepEqual([...into], [1, 2, 0, 5, 6, 0, 5, 6, 1]);
});

const N = 4;
const IDS = [1, 3, 4, 7];
const LABELS = [3, 1, 7, 3];
const WEIGHTS = [0.5, 0.1, 0.3, 0.1];

/** A head of a golden model's shape in double precision: on all ids, measured, and on a part with what was measured. */
async function heads(name: 'llama-gqa-untied' | 'gpt2', hasDirection = true) {
  const { config } = loadGoldenModel(name);
  const { hiddenSize: C, vocabSize: V } = config;
  const x = Float64Array.from(randomNumbers(N * C, 1));
  // The others have something in common, as the rows of ids that a folder does not use have.
  const common = randomNumbers(C, 5, -0.3, 0.3);
  const rows = Float32Array.from(
    randomNumbers(V * C, 2, -0.3, 0.3).map((w, i) => w + (IDS.includes(Math.floor(i / C)) ? 0 : common[i % C])),
  );
  const part = partOfVocabulary(Int32Array.from(IDS), rows, V);
  if (!hasDirection) part.direction.fill(0);
  const partialHead = new Float32Array((IDS.length + 1) * (C + 1));
  writePartialHead(part, rows, partialHead);
  const shared = {
    ...{ x, dLoss: Float64Array.from(WEIGHTS), 'norm.weight': Float64Array.from(randomNumbers(C, 3, 0.5, 1.5)) },
    ...(config.norm === 'layer' && { 'norm.bias': Float64Array.from(randomNumbers(C, 4)) }),
  };
  const whole = buildHead(config, N, 'float64', { measuresOthers: true });
  const feedsOfWhole = {
    ...{ ...shared, head: Float64Array.from(rows), labels: BigInt64Array.from(LABELS, BigInt) },
    ...{ isOther: Float64Array.from(part.isOther), direction: Float64Array.from(part.direction) },
  };
  const partial = buildHead(config, N, 'float64', { ids: IDS.length });
  const run = async (head: HeadGraph, feeds: Record<string, TensorData>) => {
    const { loss, probabilities, dx, others } = head;
    const values = [loss, probabilities, dx, ...Object.values(others ?? {})];
    const found = await evaluate(engine, head.graph, values, feeds);
    return values.map(({ name: of }) => found[of] as Float64Array);
  };
  const [loss, p, dx, share, offset] = await run(whole, feedsOfWhole);
  const feeds = {
    ...{ ...shared, head: Float64Array.from(partialHead) },
    labels: BigInt64Array.from(LABELS, (id) => BigInt(IDS.indexOf(id))),
    offsets: Float64Array.from(offset, (b, n) => b + Math.log(share[n])),
  };
  return { C, V, p, loss, dx, share, part, partial, feeds, run };
}

for (const name of ['llama-gqa-untied', 'gpt2'] as const) {
  test(`${name}: where it was measured, a part has the loss and the probabilities of the whole`, async () => {
    const { V, p, loss, share, partial, feeds, run } = await heads(name);
    const K = IDS.length;
    const [lossOfPart, pOfPart] = await run(partial, feeds);
    assertClose(lossOfPart, loss, 1e-12, 'loss');
    for (let n = 0; n < N; n++) {
      IDS.forEach((id, place) => {
        assert.ok(Math.abs(pOfPart[n * (K + 1) + place] - p[n * V + id]) < 1e-12);
      });
      const others = [...Array(V).keys()].filter((id) => !IDS.includes(id));
      const sum = others.reduce((total, id) => total + p[n * V + id], 0);
      assert.ok(Math.abs(share[n] - sum) < 1e-12);
      assert.ok(Math.abs(pOfPart[n * (K + 1) + K] - sum) < 1e-12);
      assert.ok(sum > 0.05 && sum < 0.99, `the others' share of ${sum} says something`);
    }
  });

  test(`${name}: its gradient is that of its own loss, and nearer to that of the whole than without the others' mean row`, async () => {
    const { dx, partial, feeds, run } = await heads(name);
    const [, , dxOfPart] = await run(partial, feeds);
    const weightedLoss = async (x: readonly number[]) => {
      const [loss] = await run(partial, { ...feeds, x: Float64Array.from(x) });
      return loss.reduce((sum, of, n) => sum + WEIGHTS[n] * of, 0);
    };
    assertClose(dxOfPart, await centralDifferences(weightedLoss, [...feeds.x]), 1e-8, 'dx');
    const still = await heads(name, false);
    const [lossOfStill, , dxOfStill] = await still.run(still.partial, still.feeds);
    assertClose(lossOfStill, still.loss, 1e-12, 'loss without a direction');
    const distance = (values: Float64Array) => relativeDifference(Float32Array.from(values), Float32Array.from(dx));
    assert.ok(distance(dxOfPart) < distance(dxOfStill), `${distance(dxOfPart)}, ${distance(dxOfStill)}`);
  });
}

test('a step that measures is the step without, and a part repeats it at its own cost', async () => {
  const golden = batchOf(readGolden('llama-biases-tied'));
  const { config, store, plan, trained } = goldenSuffix('llama-biases-tied');
  const { vocabSize: V } = config;
  const decoder = new Decoder(engine, config, store, { headRows: 7 });
  // Some positions without a target, so that the last layer computes a part of them.
  const labels = golden.labels.map((label, at) => (at % 5 === 2 ? -100 : label));
  const batch = { ...golden, labels };
  const prefix = (await decoder.prefix(batch, plan)).slice();
  const ids = differentTargets([batch]);
  assert.ok(ids.length + 1 < V);
  const part = partOfVocabulary(ids, store.get('lm_head.weight')!.weights, V);
  const offsets = new Float32Array(labels.length).fill(Number.NaN);
  const targets = labels.filter((label) => label >= 0).length;
  const perRow = Array.from({ length: batch.size }, (_, b) => {
    const ofRow = labels.subarray(b * batch.length, (b + 1) * batch.length);
    return ofRow.filter((label) => label >= 0).length;
  });
  const given = {
    headIds: { ids, capacity: ids.length + 1 },
    headColumns: 3,
    targetsPerRow: Math.max(...perRow),
  } satisfies Partial<BackwardOptions>;
  const step = async (vocabulary?: VocabularyUse) => {
    engine.flops = 0;
    const { losses } = await decoder.lossAndGradients(batch, { plan, prefix, ...given, vocabulary });
    const planned = decoder.stepFlops(batch, plan, {
      ...{ prefix: true, targets, headCapacity: given.headIds.capacity, vocabulary: undefined },
      ...{ headColumns: given.headColumns, targetsPerRow: given.targetsPerRow },
      ...(vocabulary && { vocabulary: vocabulary.measures ? 'measured' : ids.length }),
    });
    assert.equal(engine.flops, planned);
    const gradients = trained.map((tensor) => store.get(tensor)!.gradient.slice(0, ids.length * config.hiddenSize));
    return { losses, flops: engine.flops, gradients };
  };
  const plain = await step();
  const measured = await step({ part, offsets, measures: true });
  assert.deepEqual(measured.losses, plain.losses);
  assert.deepEqual(measured.gradients, plain.gradients);
  labels.forEach((label, at) => {
    assert.equal(Number.isFinite(offsets[at]), label >= 0, `offset ${at}`);
  });
  const before = offsets.slice();
  const partial = await step({ part, offsets, measures: false });
  assert.deepEqual(offsets, before);
  assertClose(partial.losses, plain.losses, 1e-5, 'losses');
  assertClose(partial.gradients[0], plain.gradients[0], 1e-6, 'rows of the head');
  assert.ok(partial.flops < plain.flops, `${partial.flops}, ${plain.flops}`);
  await decoder.release();
});

test('micro-batches on cleared gradients add up to the step that computes their rows together', async () => {
  const batch = batchOf(readGolden('llama-biases-tied'));
  const { config: tied, store } = loadGoldenModel('llama-biases-tied');
  const config = untieHead(store, tied);
  const decoder = new Decoder(engine, config, store);
  const components = listComponents(config);
  const last = config.numLayers - 1;
  // Some heads of a layer alone, so that a gradient has fewer rows than its weight.
  const mask = components.map(({ id, kind, layer }) =>
    Number(kind === 'lmHead' || (kind === 'mlp' && layer === last) || id === `${last}.head.0`),
  );
  const plan = planGradients(config, components, mask);
  const ids = differentTargets([batch]);
  const headIds = { ids, capacity: ids.length + 2 };
  const normaliser = batch.labels.filter((label) => label >= 0).length;
  const names = [...plan.selections.keys()];
  const gradients = () => names.map((name) => store.get(name)!.gradient.slice());
  for (const name of names) store.get(name)!.gradient.fill(0);
  await decoder.lossAndGradients(batch, { plan, headIds, normaliser });
  const together = gradients();
  const dirt = 7;
  for (const name of names) store.get(name)!.gradient.fill(dirt);
  decoder.clearGradients(plan, headIds);
  const T = batch.length;
  for (let row = 0; row < batch.size; row++) {
    const of = (values: Int32Array) => values.subarray(row * T, (row + 1) * T);
    const { inputIds, labels, positions, segments } = batch;
    const one = { size: 1, length: T, inputIds: of(inputIds), labels: of(labels), positions: of(positions) };
    const options = { plan, headIds, normaliser, accumulate: true };
    await decoder.lossAndGradients({ ...one, segments: of(segments) }, options);
  }
  let untouched = 0;
  gradients().forEach((gradient, i) => {
    const written = gradient.indexOf(dirt);
    const end = written < 0 ? gradient.length : written;
    untouched += gradient.length - end;
    assertClose(gradient.subarray(0, end), together[i].subarray(0, end), 1e-6, names[i]);
    // What lies behind was never part of it, and its memory was not touched.
    assert.ok(gradient.subarray(end).every((value) => value === dirt));
    assert.ok(together[i].subarray(end).every((value) => value === 0));
  });
  assert.ok(untouched > 0);
  await decoder.release();
});
