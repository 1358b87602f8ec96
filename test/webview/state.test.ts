/** @file The panel's model of a run equals the run's events. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../src/runEvents.ts';
import { chartSeries, computeShareOf, lastInterpolation, smoothed, tokensPerSecond } from '../../webview/chartModel.ts';
import { differenceOf, layoutMap, mapValues, neighbourOf, scaleOf, toCsv, totalsOf } from '../../webview/mapModel.ts';
import {
  appendEvents,
  atStep,
  createPanelData,
  createRunModel,
  momentsOf,
  type RunModel,
  receive,
  SNAPSHOT_BUDGET_BYTES,
} from '../../webview/state.ts';
import { defaultViewState, restoreViewState, showRun } from '../../webview/viewState.ts';
import { componentIds, detailsOf, measurement, summaryOf, syntheticEvents } from './support/syntheticRun.ts';

const recorded = readFileSync(path.join(import.meta.dirname, 'fixtures/events.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RunEvent);

function modelOf(events: readonly unknown[]): RunModel {
  const model = createRunModel();
  appendEvents(model, events);
  return model;
}

test('the numbers of a recorded run are its events, at every moment', () => {
  const model = modelOf(recorded);
  assert.equal(model.numInvalid, 0);
  for (const event of recorded) {
    if (event.type === 'errorMap') {
      assert.deepEqual([...mapValues(model, 'share', event.step)], event.shares);
      const stale = event.measuredSteps.map((measured) => event.step - measured);
      assert.deepEqual([...mapValues(model, 'staleness', event.step)], stale);
    }
    if (event.type === 'mask') {
      assert.deepEqual([...mapValues(model, 'mask', event.step)], event.mask);
      assert.deepEqual([...mapValues(model, 'rate', event.step)], event.lrScale);
    }
  }
  const steps = recorded.filter((event) => event.type === 'step');
  assert.deepEqual(
    model.steps.loss,
    steps.map(({ loss }) => loss),
  );
  assert.equal(model.end?.keptStep, 100);
});

test('events one by one make the same model as all at once', () => {
  const byOne = createRunModel();
  for (const event of recorded) appendEvents(byOne, [event]);
  assert.deepEqual({ ...byOne, version: 0 }, { ...modelOf(recorded), version: 0 });
});

test('how often active is the share of steps whose mask was 1', () => {
  const components = ['embed', 'finalNorm'];
  const mask = (step: number, list: number[]): RunEvent => ({
    type: 'mask',
    step,
    mask: list,
    lrScale: [1, 1],
    computeShare: 1,
  });
  const started = syntheticEvents({ components, numSteps: 0 })[0];
  const model = modelOf([started, mask(0, [1, 0]), mask(3, [0, 1]), mask(5, [1, 1])]);
  assert.deepEqual([...mapValues(model, 'activity', 0)], [Number.NaN, Number.NaN]);
  assert.deepEqual([...mapValues(model, 'activity', 2)], [1, 0]);
  // Mask 0 holds for steps 1 to 3, mask 3 for steps 4 and 5.
  assert.deepEqual([...mapValues(model, 'activity', 4)], [3 / 4, 1 / 4]);
  assert.deepEqual([...mapValues(model, 'activity', 5)], [3 / 5, 2 / 5]);
  assert.deepEqual([...mapValues(model, 'activity', 10)], [8 / 10, 7 / 10]);
});

test('a component never measured has neither share nor staleness', () => {
  const [started] = syntheticEvents({ components: ['embed', 'finalNorm'], numSteps: 0 });
  const model = modelOf([started, { type: 'errorMap', step: 2, shares: [1, 0], measuredSteps: [2, -1] }]);
  assert.deepEqual([...mapValues(model, 'share', 6)], [1, Number.NaN]);
  assert.deepEqual([...mapValues(model, 'staleness', 6)], [4, Number.NaN]);
  assert.deepEqual([...mapValues(model, 'share', 1)], [Number.NaN, Number.NaN]);
});

test('a step done anew replaces everything from there on', () => {
  const components = componentIds({ layers: 1, heads: 2 });
  const once = syntheticEvents({ components, numSteps: 12 });
  const again = once.filter((event) => event.type !== 'started' && event.step > 6);
  const model = modelOf([...once, ...again]);
  assert.deepEqual({ ...model, version: 0 }, { ...modelOf(once), version: 0 });
  assert.deepEqual(momentsOf(model), [0, 4, 8, 12]);
});

test('a run that goes on after its end has not ended, and a second start begins anew', () => {
  const components = ['embed'];
  const events = syntheticEvents({ components, numSteps: 2 });
  const model = modelOf([...events, { type: 'interrupted', step: 2, reason: 'stopped' }]);
  assert.equal(model.end?.type, 'interrupted');
  appendEvents(model, [{ ...events.findLast((event) => event.type === 'step')!, step: 3 }]);
  assert.equal(model.end, null);
  appendEvents(model, [events[0]]);
  assert.deepEqual(model.steps.step, []);
  assert.equal(model.maps.length, 0);
});

test('an evaluation is of the trained weights, unless it says how far they were drawn back', () => {
  const [started] = syntheticEvents({ components: ['embed'], numSteps: 0 });
  const evaluation = { type: 'evaluation', loss: 1, accuracy: 0.5, tokens: 9, elapsedMs: 1 };
  const model = modelOf([
    started,
    { ...evaluation, step: 0 },
    { ...evaluation, step: 1, interpolation: '<b>' },
    { ...evaluation, step: 2, interpolation: 0.85 },
  ]);
  assert.deepEqual(
    model.evaluations.map(({ interpolation }) => interpolation),
    [1, 1, 0.85],
  );
});

test('of an older run the options tell how far it was drawn back at its end', () => {
  const [started] = syntheticEvents({ components: ['embed'], numSteps: 0, totalSteps: 4 });
  const evaluation = { type: 'evaluation', step: 4, loss: 1, accuracy: 0.5, tokens: 9, elapsedMs: 1 };
  const finished = { type: 'finished', step: 4, keptStep: 4, reason: 'completed' };
  const ofRun = (interpolation: unknown, events: readonly unknown[]) => {
    const description = { options: { training: { interpolation } } };
    return lastInterpolation({ model: modelOf(events), details: detailsOf(summaryOf('/runs/a'), { description }) });
  };
  const whole = [started, { ...evaluation, step: 2 }, evaluation, finished];
  assert.equal(ofRun(0.85, whole), 0.85);
  assert.deepEqual([ofRun(undefined, whole), ofRun(1, whole), ofRun('<b>', whole)], [1, 1, 1]);
  assert.equal(ofRun(0.85, whole.slice(0, 2)), 1, 'on the way');
  const early = [{ ...started, totalSteps: 9 }, ...whole.slice(1)];
  assert.equal(ofRun(0.85, early), 1, 'the loss did not improve');
  const spent = { type: 'warning', step: 4, code: 'BUDGET_SPENT', message: '' };
  assert.equal(ofRun(0.85, [...early, spent]), 0.85);
});

test('"NaN", "Infinity" and null are numbers again, and a tilde before such a text is gone', () => {
  const [started] = syntheticEvents({ components: ['embed'], numSteps: 0 });
  const step = {
    type: 'step',
    step: 1,
    epoch: 0,
    loss: 'NaN',
    learningRate: 1,
    gradNorm: 'Infinity',
    tokens: 1,
    elapsedMs: 1,
    flops: null,
  };
  const model = modelOf([started, step, { type: 'warning', step: 1, code: 'X', message: '~NaN' }]);
  assert.deepEqual(model.steps.loss, [Number.NaN]);
  assert.deepEqual(model.steps.gradNorm, [Infinity]);
  assert.deepEqual(model.steps.flops, [Number.NaN]);
  assert.equal(model.warnings[0].message, 'NaN');
});

test('what is no event, or has another number of components, is counted and left out', () => {
  const [started] = syntheticEvents({ components: ['embed'], numSteps: 0 });
  const bad = [null, 7, {}, { type: 'step' }, { type: 'unheard', step: 1 }];
  const model = modelOf([started, ...bad, { type: 'errorMap', step: 1, shares: [1, 2], measuredSteps: [1, 1] }]);
  assert.equal(model.numInvalid, 6);
  assert.equal(model.maps.length, 0);
});

test('memory of snapshots stays within its budget and fractions stay exact', () => {
  const components = componentIds({ layers: 48, heads: 56, bands: 7 });
  const model = modelOf(syntheticEvents({ components, numSteps: 0 }));
  for (let step = 1; step <= 1200; step++) appendEvents(model, measurement(components, step * 4));
  assert.ok(components.length * (model.maps.length * 12 + model.masks.length * 17) <= SNAPSHOT_BUDGET_BYTES);
  assert.equal(model.isThinned, true);
  assert.equal(model.maps.at(-1)!.step, 4800);
  // Component 0 is left out after every third measurement, beginning with the first.
  assert.equal(mapValues(model, 'activity', 4800)[0], 2 / 3);
});

test('a message replaces a run, appends to it, or empties its slot', () => {
  const data = createPanelData();
  const details = detailsOf(summaryOf('/runs/a', 'running'));
  const events = syntheticEvents({ components: ['embed'], numSteps: 4 });
  receive(data, { type: 'run', slot: 'main', details, events: events.slice(0, 5) });
  assert.equal(receive(data, { type: 'events', path: '/runs/other', events: events.slice(5) }), false);
  assert.equal(receive(data, { type: 'events', path: '/runs/a', events: events.slice(5) }), true);
  assert.deepEqual(data.main?.model.steps.step, [1, 2, 3, 4]);
  receive(data, { type: 'details', details: detailsOf(summaryOf('/runs/a', 'finished')) });
  assert.equal(data.main?.details.summary.state, 'finished');
  receive(data, { type: 'empty', slot: 'main' });
  assert.equal(data.main, null);
});

test('a key/value group spans the heads that share it', () => {
  const layout = layoutMap(componentIds({ layers: 2, heads: 9, keyValueGroups: 3, bands: 4 }));
  const group = layout.cells.find(({ id }) => id === '1.kv.1')!;
  const heads = [3, 4, 5].map((n) => layout.cells.find(({ id }) => id === `1.head.${n}`)!);
  assert.deepEqual([group.left, group.right], [3, 6]);
  assert.ok(heads.every(({ bottom, left, right }) => bottom === group.top && left >= 3 && right <= 6));
  assert.equal(layout.numColumns, 9 + 4 + 1);
  assert.deepEqual(
    layout.rows.map(({ id }) => id),
    ['embed', '0', '1', 'finalNorm'],
  );
});

test('adapters stand in columns of their weights', () => {
  const layout = layoutMap(['0.lora.q_proj', '0.lora.v_proj', '1.lora.v_proj']);
  assert.deepEqual(layout.columnNames, ['q_proj', 'v_proj']);
  assert.deepEqual(
    layout.cells.map(({ row, left }) => [row, left]),
    [
      [0, 0],
      [0, 1],
      [1, 1],
    ],
  );
});

test('no two cells overlap, and arrow keys reach every cell', () => {
  const layout = layoutMap(componentIds({ layers: 3, heads: 14, keyValueGroups: 2, bands: 4, lmHead: true }));
  for (const a of layout.cells) {
    for (const b of layout.cells) {
      if (a.component >= b.component) continue;
      const isApart =
        a.right <= b.left + 1e-9 || b.right <= a.left + 1e-9 || a.bottom <= b.top + 1e-9 || b.bottom <= a.top + 1e-9;
      assert.ok(isApart, `${a.id} and ${b.id}`);
    }
  }
  const reached = new Set([0]);
  for (const cell of reached) {
    for (const direction of ['left', 'right', 'up', 'down'] as const) reached.add(neighbourOf(layout, cell, direction));
  }
  assert.equal(reached.size, layout.cells.length);
});

test('totals of rows are sums of their components, totals of columns leave groups out', () => {
  const components = componentIds({ layers: 2, heads: 2, keyValueGroups: 1, bands: 1 });
  const layout = layoutMap(components);
  const values = Float64Array.from(components, (_, c) => 2 ** c);
  const { rows, columns } = totalsOf(layout, values, true);
  // embed | 0: head head kv mlp norm | 1: … | finalNorm
  assert.deepEqual([...rows], [1, 2 + 4 + 8 + 16 + 32, 64 + 128 + 256 + 512 + 1024, 2048]);
  assert.deepEqual([...columns], [2 + 64, 4 + 128, 16 + 512, 32 + 1024]);
  assert.equal(totalsOf(layout, values, false).rows[1], 62 / 5);
});

test('a difference pairs components by id', () => {
  const own = differenceOf(['a', 'b'], Float64Array.of(5, 7), ['b', 'c'], Float64Array.of(3, 1));
  assert.deepEqual([...own], [Number.NaN, 4]);
});

test('the scale is cut at the percentile asked for and never begins at 0 when it is logarithmic', () => {
  const values = Float64Array.from({ length: 101 }, (_, i) => i);
  const linear = scaleOf(values, { isLogarithmic: false, clipPercent: 95, isDiverging: false });
  assert.deepEqual([linear.lowest, linear.highest], [5, 95]);
  const log = scaleOf(values, { isLogarithmic: true, clipPercent: 100, isDiverging: false });
  assert.deepEqual([log.lowest, log.highest], [1, 100]);
  const both = scaleOf(Float64Array.of(-2, 1), { isLogarithmic: false, clipPercent: 100, isDiverging: true });
  assert.deepEqual([both.lowest, both.highest], [-2, 2]);
});

test('the cost of a run is told against full fine-tuning over the same passes, as soon as that is known', () => {
  const [started, ...rest] = syntheticEvents({ components: ['embed'], numSteps: 12 });
  const computeOf = (model: RunModel) =>
    chartSeries(model, 'compute', { isByTime: false, weight: 0 }).map(({ name, y }) => [name, y.at(-1)]);
  const plain = modelOf([started, ...rest]);
  assert.ok(Number.isNaN(computeShareOf(plain)));
  assert.deepEqual(computeOf(plain), [['raw', 0.072]]);
  appendEvents(plain, [{ type: 'finished', step: 12, keptStep: 12, referenceFlops: 144e9, reason: 'completed' }]);
  assert.equal(computeShareOf(plain), 0.5);
  const budget = modelOf([{ ...started, budget: { share: 0.5, referenceFlops: 288e9 } }, ...rest]);
  assert.equal(computeShareOf(budget), 0.25);
  assert.deepEqual(computeOf(budget), [
    ['raw', 0.072],
    ['full', 0.288],
    ['budget', 0.144],
  ]);
  const hostile = modelOf([{ ...started, budget: { share: '<b>', referenceFlops: -1 } }, ...rest]);
  assert.deepEqual([hostile.budget, hostile.referenceFlops], [null, null]);
});

test('tokens per second come from the time since the step before', () => {
  const model = modelOf(syntheticEvents({ components: ['embed'], numSteps: 3 }));
  assert.deepEqual(tokensPerSecond(model), [Number.NaN, 500, 500]);
});

test('smoothing begins at the first value', () => {
  const [first, second] = smoothed([4, 8], 0.5);
  assert.ok(Math.abs(first - 4) < 1e-12);
  assert.ok(Math.abs(second - (0.5 * (0.5 * 4) + 0.5 * 8) / 0.75) < 1e-12);
});

test('the newest before a step is found, and nothing before the first', () => {
  const list = [{ step: 2 }, { step: 5 }];
  assert.deepEqual(
    [1, 2, 4, 9].map((step) => atStep(list, step)?.step),
    [undefined, 2, 2, 5],
  );
});

test('a saved state of another version becomes defaults where it does not fit', () => {
  const state = restoreViewState({
    main: '/runs/a',
    tab: 'gone',
    map: { value: 'mask', clipPercent: 3, step: -1 },
    charts: null,
  });
  assert.deepEqual(state, {
    ...defaultViewState(),
    main: '/runs/a',
    map: { ...defaultViewState().map, value: 'mask' },
  });
  assert.deepEqual(restoreViewState('nonsense'), defaultViewState());
});

test('another run begins at its latest step, the same one stays at the step chosen', () => {
  const state = defaultViewState();
  showRun(state, 'main', '/runs/a');
  state.map.step = 7;
  assert.equal(showRun(state, 'main', '/runs/a'), false);
  showRun(state, 'compared', '/runs/b');
  assert.equal(state.map.step, 7);
  assert.equal(showRun(state, 'main', '/runs/b'), true);
  assert.equal(state.map.step, null);
});

test('CSV quotes what it must and writes no formula', () => {
  assert.equal(toCsv([{ a: 'x,"y"', b: -1, c: Number.NaN }]), 'a,b,c\r\n"x,""y""",-1,\r\n');
  assert.equal(toCsv([{ a: '=1+1' }]), "a\r\n'=1+1\r\n");
});
