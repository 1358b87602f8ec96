import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agreementNotes,
  lowestRate,
  type MethodCell,
  mapAgreement,
  methodsTable,
  paretoFront,
  paretoSvg,
  runsCsv,
  summarise,
} from '../../src/bench/methods.ts';

/** A run on two files of 100 tokens; `after` is the loss of each file, from 2 nats a token. */
function cell(method: string, budget: number | null, after: readonly [number, number], more: Partial<MethodCell> = {}) {
  return {
    workspace: 'w',
    method,
    budget,
    seed: 0,
    learningRate: 1e-3,
    files: after.map((loss, i) => ({
      ...{ path: `${i}.py`, tokens: 100, natsBefore: 200, natsAfter: 100 * loss },
      // 40 tokens are right before; each nat that is gained makes 20 more right.
      ...{ rightBefore: 40, rightAfter: 40 + 20 * (2 - loss) },
      // Of the first file's 50 places and the second's 25, a fifth is exact before; a nat makes a tenth more so.
      ...{ places: 50 / (1 + i), restsBefore: 10 / (1 + i), restsAfter: (10 + 5 * (2 - loss)) / (1 + i) },
    })),
    lines: null,
    passAtK: null,
    flops: 1000 * (budget ?? 1),
    referenceFlops: 1000,
    cpuMs: 500 * (budget ?? 1),
    wallMs: 400,
    peakMemoryBytes: 2 ** 28,
    diskBytes: 2 ** 20,
    ...more,
  } satisfies MethodCell;
}

const rowOf = (cells: readonly MethodCell[], method: string, workspace = 'w') =>
  summarise(cells).find((row) => row.method === method && row.workspace === workspace)!;

test('the share kept is the gain over that of full fine-tuning, of means over seeds', () => {
  const cells = [
    cell('full', null, [1, 1]),
    cell('full', null, [1.5, 1.5], { seed: 1 }),
    cell('rgft', 0.3, [1.2, 1.2]),
    cell('rgft', 0.3, [1.6, 1.6], { seed: 1 }),
    // A seed that full fine-tuning has not: left out of the share.
    cell('rgft', 0.3, [2, 2], { seed: 2 }),
  ];
  const row = rowOf(cells, 'rgft');
  assert.ok(Math.abs(row.lossKept!.value - (0.8 + 0.4) / (1 + 0.5)) < 1e-12);
  assert.ok(Math.abs(row.accuracyKept!.value - (0.8 + 0.4) / (1 + 0.5)) < 1e-12);
  assert.ok(Math.abs(row.accuracyAfter - (0.56 + 0.48 + 0.4) / 3) < 1e-12);
  assert.ok(Math.abs(row.accuracyBefore - 0.4) < 1e-12);
  assert.ok(Math.abs(row.restsKept!.value - (0.8 + 0.4) / (1 + 0.5)) < 1e-12);
  assert.ok(Math.abs(row.restsAfter - (0.28 + 0.24 + 0.2) / 3) < 1e-12);
  assert.ok(Math.abs(row.restsBefore - 0.2) < 1e-12);
  assert.equal(row.seeds, 3);
  assert.equal(row.flopsShare, 0.3);
  assert.equal(row.cpuShare, 0.3);
  assert.equal(rowOf(cells, 'full').lossKept!.value, 1);
  assert.deepEqual(rowOf(cells, 'full').lossKept, { value: 1, low: null, high: null }, 'nothing varies against itself');
});

test('seeds may have held-out files of their own: each counts as often as it has tokens', () => {
  const named = (seed: number, count: number, one: MethodCell): MethodCell => ({
    ...one,
    seed,
    files: one.files.slice(0, count).map((file) => ({ ...file, path: `seed ${seed}: ${file.path}` })),
  });
  // Three files in all: 1 and 1 nat a token gained by full, and 0.5 on the third.
  const cells = [
    named(0, 2, cell('full', null, [1, 1])),
    named(1, 1, cell('full', null, [1.5, 1.5])),
    named(0, 2, cell('rgft', 0.3, [1.2, 1.4])),
    named(1, 1, cell('rgft', 0.3, [1.6, 1.6])),
  ];
  const row = rowOf(cells, 'rgft');
  assert.ok(Math.abs(row.lossKept!.value - (0.8 + 0.6 + 0.4) / 2.5) < 1e-12);
  assert.ok(Math.abs(row.lossAfter - (1.2 + 1.4 + 1.6) / 3) < 1e-12);
  // Places: 50, 25 and 50, of which a nat makes a tenth exact.
  assert.ok(Math.abs(row.restsKept!.value - (4 + 1.5 + 2) / (5 + 2.5 + 2.5)) < 1e-12);
  assert.ok(Math.abs(row.restsAfter - (25 + 4 + 1.5 + 2) / 125) < 1e-12);
  assert.ok(
    row.lossKept!.low! >= 0.6 - 1e-12 && row.lossKept!.high! <= 0.8 + 1e-12,
    'no draw without a file is counted',
  );
});

test('intervals come from files drawn again, and a difference is paired', () => {
  // File 0 keeps 40 %, file 1 80 %: a draw has one or both of them.
  const cells = [
    cell('full', null, [1, 1]),
    cell('full-short', 0.3, [1.6, 1.2]),
    cell('rgft', 0.3, [1.5, 1.1]),
    cell('lora', 0.3, [1.2, 1.6]),
  ];
  const { lossKept, lossAheadOfShort } = rowOf(cells, 'rgft');
  const rounded = (value: number | null) => Math.round(value! * 1e6) / 1e6;
  assert.deepEqual([lossKept!.value, lossKept!.low, lossKept!.high].map(rounded), [0.7, 0.5, 0.9]);
  // 10 points ahead on every file: nothing is left to vary but rounding.
  assert.equal(rounded(lossAheadOfShort!.value), 0.1);
  assert.ok(lossAheadOfShort!.low === null || rounded(lossAheadOfShort!.low) === 0.1);
  const lora = rowOf(cells, 'lora').lossAheadOfShort!;
  assert.deepEqual([lora.value, lora.low, lora.high].map(rounded), [0, -0.4, 0.4]);
  assert.equal(rowOf(cells, 'full-short').lossAheadOfShort, null);
  assert.equal(rowOf(cells, 'full').lossAheadOfShort, null);
  assert.equal(rowOf(cells, 'rgft').lossAheadOfLastK, null, 'nothing to be ahead of');
  const withLast = [...cells, cell('last-k', 0.3, [1.5, 1.2])];
  assert.equal(rounded(rowOf(withLast, 'rgft').lossAheadOfLastK!.value), 0.05);
  assert.equal(rowOf(withLast, 'last-k').lossAheadOfLastK, null);
});

test('what full fine-tuning did not improve has no share', () => {
  const line = { path: '0.py', exactBefore: true, exactAfter: true, similarityBefore: 1, similarityAfter: 1 };
  const better = { ...line, exactBefore: false, similarityBefore: 0.5 };
  const flat = [cell('full', null, [2, 2], { lines: [line] }), cell('rgft', 0.3, [1, 1], { lines: [line] })];
  assert.equal(rowOf(flat, 'rgft').lossKept, null);
  assert.equal(rowOf(flat, 'rgft').exactKept, null);
  const lines = [
    cell('full', null, [1, 1], { lines: [better, line, better] }),
    cell('rgft', 0.3, [1, 1], { lines: [better, line, { ...better, exactAfter: false, similarityAfter: 0.75 }] }),
  ];
  const row = rowOf(lines, 'rgft');
  assert.equal(row.exactKept!.value, 0.5);
  assert.equal(row.similarityKept!.value, 0.75);
  assert.deepEqual([row.exactBefore, row.exactAfter], [1 / 3, 2 / 3]);
});

test('workspaces are averaged, and a method that was not run on all has no row over all', () => {
  const cells = ['a', 'b'].flatMap((workspace, i) => [
    cell('full', null, [1, 1], { workspace }),
    cell('rgft', 0.3, [1.2 + 0.2 * i, 1.2 + 0.2 * i], { workspace }),
  ]);
  const all = summarise([...cells, cell('lora', 0.3, [1, 1], { workspace: 'a' })]);
  assert.ok(
    Math.abs(all.find((row) => row.workspace === 'all' && row.method === 'rgft')!.lossKept!.value - 0.7) < 1e-12,
  );
  assert.deepEqual(
    all.map(({ workspace, method }) => `${workspace} ${method}`),
    ['a full', 'a rgft', 'a lora', 'b full', 'b rgft', 'all full', 'all rgft'],
  );
});

test('a method that spent more than its budget is shown as such', () => {
  const cells = [cell('full', null, [1, 1]), cell('rgft', 0.3, [1.1, 1.1], { flops: 310 })];
  const rows = summarise(cells);
  assert.deepEqual(
    rows.map(({ missedBudget }) => missedBudget),
    [false, true],
  );
  assert.match(methodsTable(rows, ['a note']), /\| rgft \| 30 % \| 31\.0 % \*\*\(missed its budget\)\*\* \|/);
  assert.match(methodsTable(rows, ['a note']), /\n- a note\n$/);
  assert.match(
    paretoSvg(rows, { across: 'flopsShare', title: 'a < b' }),
    /missed its budget.*a &lt; b|a &lt; b.*missed its budget/s,
  );
  assert.equal(summarise([cells[0], cell('rgft', 0.3, [1, 1], { flops: 304 })])[1].missedBudget, false, 'rounding');
});

test('each run is a line of a table for spreadsheets', () => {
  const lines = [{ path: '0.py', exactBefore: false, exactAfter: true, similarityBefore: 0, similarityAfter: 0.5 }];
  const passAtK = { '1': { before: 0.05, after: 0.03 }, '10': { before: 0.07, after: null } };
  const [head, first, second, end] = runsCsv([
    cell('full', null, [1, 1.5]),
    cell('rgft', 0.3, [1, 1], { workspace: 'a "b", c', lines, passAtK }),
  ]).split('\n');
  const rest =
    'learningRate,heldOutTokens,lossBefore,lossAfter,rightBefore,rightAfter,places,restsBefore,restsAfter,operationsShare,cpuSeconds';
  assert.equal(
    head,
    `workspace,method,budget,seed,${rest},wallSeconds,peakMiB,diskMiB,lines,linesExact,editSimilarity,passAt1Before,passAt1After,passAt10Before,passAt10After`,
  );
  assert.equal(first, 'w,full,,0,1.000e-3,200,2.0000,1.2500,80,110,75,15,21.25,1.0000,0.5,0.4,256,1,,,,,,,');
  assert.match(second, /^"a ""b"", c",rgft,0\.3,0,.*,1,1,0\.5000,0\.0500,0\.0300,0\.0700,$/);
  assert.equal(end, '');
});

test('the Pareto front holds the points that no other beats', () => {
  const front = paretoFront([
    { x: 1, y: 1 },
    { x: 0.3, y: 0.8 },
    { x: 0.3, y: 0.9 },
    { x: 0.5, y: 0.85 },
    { x: 0.1, y: 0.2 },
  ]);
  assert.deepEqual(front, [
    { x: 0.1, y: 0.2 },
    { x: 0.3, y: 0.9 },
    { x: 1, y: 1 },
  ]);
});

test('how far the maps of seeds and of workspaces agree', () => {
  const components = ['embed', '0.head.0', '0.mlp.0', '1.head.0', '1.mlp.0'];
  const map = (shares: number[]) => ({ errorMap: { components, shares } });
  const cells = [
    cell('rgft', 0.3, [1, 1], map([5, 4, 3, 2, 1])),
    // Ranks differ by 2, 1 and 1: 1 - 6·6 / (5·24). The layers changed places.
    cell('rgft', 0.3, [1, 1], { seed: 1, ...map([5, 4, 2, 3.5, 3]) }),
    // The map does not depend on the budget: a seed counts once.
    cell('rgft', 0.4, [1, 1], { seed: 1, ...map([1, 2, 3, 4, 5]) }),
    cell('rgft', 0.3, [1, 1], { workspace: 'v', ...map([1, 2, 3, 4, 5]) }),
    cell('last-k', 0.3, [1, 1], map([1, 2, 3, 4, 5])),
    cell('rgft', 0.3, [1, 1], { workspace: 'without' }),
  ];
  const rounded = (range: readonly [number, number]) => range.map((value) => Math.round(1e6 * value) / 1e6);
  const agreements = mapAgreement(cells).map((one) => ({
    ...one,
    components: rounded(one.components),
    layers: rounded(one.layers),
  }));
  assert.deepEqual(agreements, [
    { workspace: 'w', pairs: 1, components: [0.7, 0.7], layers: [-1, -1] },
    { workspace: 'all', pairs: 1, components: [-1, -1], layers: [-1, -1] },
  ]);
  assert.match(
    agreementNotes(mapAgreement(cells))[0],
    /w, between seeds \(1 pair\): .* components 0\.700, of layers -1\.000/,
  );
});

test('the rate of the lowest loss lies on a parabola over octaves, and at the edge where the best one does', () => {
  // loss = (log2(rate) + 0.3)^2: its lowest point is 2^-0.3.
  const parabola = [0.25, 0.5, 1, 2].map((rate) => ({ rate, loss: (Math.log2(rate) + 0.3) ** 2 }));
  const { rate, isAtEdge } = lowestRate(parabola);
  assert.ok(Math.abs(rate - 2 ** -0.3) < 1e-12, String(rate));
  assert.equal(isAtEdge, false);
  const tried = (...losses: number[]) => losses.map((loss, i) => ({ rate: 2 ** i, loss }));
  // A tie lies in the middle, a plain stays, what came apart has no slope.
  assert.deepEqual(lowestRate(tried(3, 1, 1)), { rate: 2 * Math.SQRT2, isAtEdge: false });
  assert.deepEqual(lowestRate(tried(2, 1, 2)), { rate: 2, isAtEdge: false });
  assert.deepEqual(lowestRate(tried(1, 1, 1)), { rate: 1, isAtEdge: true });
  assert.deepEqual(lowestRate(tried(2, 1, Number.POSITIVE_INFINITY)), { rate: 2, isAtEdge: false });
  assert.deepEqual(lowestRate(tried(1, 2, 3)), { rate: 1, isAtEdge: true });
  assert.deepEqual(lowestRate(tried(3, 2, 1)), { rate: 4, isAtEdge: true });
  assert.deepEqual(lowestRate(tried(1)), { rate: 1, isAtEdge: true });
});
