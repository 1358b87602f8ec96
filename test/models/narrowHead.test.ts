/** @file The LM head's backward pass with few columns of their own: its formula, its limits, what stays exact, what it costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/engine/backward.ts';
import { Graph } from '../../src/engine/graph.ts';
import { openEngine } from '../../src/engine/session.ts';
import { buildHead, finalNorm } from '../../src/models/blocks.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { batchOf, goldenSuffix, loadGoldenModel, readGolden } from '../support/golden.ts';
import { assertClose, evaluate, randomNumbers, relativeDifference } from '../support/numeric.ts';

const engine = await openEngine({ threads: 1 });

const N = 6;
const LABELS = [3, 0, 3, 7, 1, 2];
/** The last row only fills up its run. */
const WEIGHTS = [0.2, 0.1, 0.3, 0.15, 0.05, 0];

/** A head of a golden model's shape on random hidden states, in double precision. */
async function headOf(name: 'llama-gqa-untied' | 'gpt2', columns?: number, weights = WEIGHTS) {
  const { config } = loadGoldenModel(name);
  const { hiddenSize: C, vocabSize: V } = config;
  const head = buildHead(config, N, 'float64', { columns });
  const feeds = {
    x: Float64Array.from(randomNumbers(N * C, 1)),
    head: Float64Array.from(randomNumbers(V * C, 2)),
    labels: BigInt64Array.from(LABELS, BigInt),
    dLoss: Float64Array.from(weights),
    'norm.weight': Float64Array.from(randomNumbers(C, 3, 0.5, 1.5)),
    ...(config.norm === 'layer' && { 'norm.bias': Float64Array.from(randomNumbers(C, 4)) }),
  };
  const values = [head.loss, head.probabilities, head.dx, head.headGradient, ...head.normGradients.values()];
  const found = await evaluate(engine, head.graph, values, feeds);
  const [loss, probabilities, dx, headGradient, ...gains] = values.map(({ name: of }) => found[of] as Float64Array);
  return { config, feeds, loss, probabilities, dx, headGradient, gains };
}

for (const name of ['llama-gqa-untied', 'gpt2'] as const) {
  test(`${name}: the largest columns as they are, the others as the product of their sums`, async () => {
    const K = 4;
    const { config, feeds, probabilities, dx, gains } = await headOf(name, K);
    const { hiddenSize: C, vocabSize: V } = config;
    const D = (n: number, v: number) => probabilities[n * V + v] - Number(v === LABELS[n]);
    const rows = [...Array(N).keys()];
    const ids = [...Array(V).keys()];
    const sum = (of: readonly number[], term: (i: number) => number) => of.reduce((total, i) => total + term(i), 0);
    const size = ids.map((v) => sum(rows, (n) => WEIGHTS[n] * Math.abs(D(n, v))));
    const bySize = ids.toSorted((a, b) => size[b] - size[a]);
    const [kept, rest] = [bySize.slice(0, K), bySize.slice(K)];
    const r = rows.map((n) => sum(rest, (v) => D(n, v)));
    const m = ids.map((v) => sum(rows, (n) => WEIGHTS[n] * D(n, v)));
    const sumOfM = sum(rest, (v) => m[v]) + 1e-5 * sum(rows, (n) => WEIGHTS[n]);
    const dNormalised = rows.flatMap((n) =>
      Array.from({ length: C }, (_, c) => {
        const W = (v: number) => feeds.head[v * C + c];
        return WEIGHTS[n] * (sum(kept, (v) => D(n, v) * W(v)) + (r[n] * sum(rest, (v) => m[v] * W(v))) / sumOfM);
      }),
    );
    // Through the norm as everything goes through it.
    const g = new Graph('float64');
    const x = g.input('x', [N, C]);
    const { normalised, gains: ofNorm } = finalNorm(g, config, x);
    const dInput = g.input('dNormalised', [N, C]);
    const found = gradients(g, normalised, dInput, [x, ...ofNorm.values()]);
    const { head: _, labels: __, dLoss: ___, ...ofNormInputs } = feeds;
    const given = { ...ofNormInputs, dNormalised: Float64Array.from(dNormalised) };
    const expected = await evaluate(engine, g, [...found.values()], given);
    const [ofX, ...ofGains] = [...found.values()].map(({ name: of }) => expected[of] as Float64Array);
    assert.ok(dx.some((value) => Math.abs(value) > 1e-2));
    assertClose(dx, ofX, 1e-12, 'dx');
    ofGains.forEach((of, i) => {
      assertClose(gains[i], of, 1e-12, `gain ${i}`);
    });
  });

  test(`${name}: losses and the head's own gradient do not know of it, and one column less than all is nearly exact`, async () => {
    const exact = await headOf(name);
    const { vocabSize: V } = exact.config;
    const differences = [];
    for (const columns of [4, V >> 1, V - 1]) {
      const narrow = await headOf(name, columns);
      assert.deepEqual(narrow.loss, exact.loss);
      assert.deepEqual(narrow.headGradient, exact.headGradient);
      const single = (values: Float64Array) => Float32Array.from(values);
      differences.push(relativeDifference(single(narrow.dx), single(exact.dx)));
    }
    const [few, half, most] = differences;
    assert.ok(few > half && half > most, `${differences}`);
    assert.ok(most < 1e-4, `${differences}`);
  });

  test(`${name}: rows without a weight give nothing, and no division by nothing`, async () => {
    const { dx, gains } = await headOf(name, 4, [0, 0, 0, 0, 0, 0]);
    for (const values of [dx, ...gains]) assert.ok(values.every((value) => Math.abs(value) === 0));
  });
}

test('a step with few columns costs what it is said to, and as many as there are ids is a step without', async () => {
  const batch = batchOf(readGolden('llama-biases-tied'));
  const { config, store, plan, trained } = goldenSuffix('llama-biases-tied');
  const decoder = new Decoder(engine, config, store, { headRows: 7 });
  const prefix = (await decoder.prefix(batch, plan)).slice();
  const step = async (headColumns?: number) => {
    engine.flops = 0;
    const { losses } = await decoder.lossAndGradients(batch, { plan, prefix, headColumns });
    const targets = batch.labels.filter((label) => label >= 0).length;
    assert.equal(engine.flops, decoder.stepFlops(batch, plan, { prefix: true, targets, headColumns }));
    return { losses, flops: engine.flops, gradients: trained.map((tensor) => store.get(tensor)!.gradient.slice()) };
  };
  const exact = await step();
  const all = await step(config.vocabSize);
  assert.deepEqual(all, exact);
  const few = await step(3);
  assert.deepEqual(few.losses, exact.losses);
  assert.deepEqual(few.gradients[0], exact.gradients[0]);
  assert.ok(few.flops < exact.flops);
  for (const i of [1, 2]) assert.ok(relativeDifference(few.gradients[i], exact.gradients[i]) > 1e-6, trained[i]);
  await decoder.release();
});
