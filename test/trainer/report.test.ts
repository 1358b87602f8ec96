/** @file The report of a run: its numbers, what it does with text that means harm, and runs that are not as they should be. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeReport } from '../../src/commands/report.ts';
import { toJsonText } from '../../src/trainer/events.ts';
import { renderReport } from '../../src/trainer/report.ts';
import { type ReportInput, reportFacts } from '../../src/trainer/reportData.ts';
import {
  escapeHtml,
  formatChange,
  formatShare,
  formatSignificant,
  formatTime,
} from '../../src/trainer/reportMarkup.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const HOSTILE = `</script><img src=x onerror=alert(1)>"'&\u0000\u202e`;
const HOSTILE_ESCAPED = '&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;␀[U+202E]';

const COMPONENTS = ['embed', '0.head.0', '0.head.1', '0.mlp', '0.norm', 'finalNorm'];

const RUN_JSON = {
  formatVersion: 1,
  createdAtMs: Date.UTC(2026, 0, 31, 12, 5),
  method: 'rgft',
  seed: 3,
  options: {
    folders: ['/code'],
    model: '/models/tiny',
    repository: {},
    training: { method: 'rgft', learningRate: 0.001, seed: 3, probeEvery: 0, maxSteps: null },
    fingerprint: 'abc',
  },
  model: { folder: '/models/tiny', modelType: 'llama', parameters: 1234567 },
  workspace: {
    folders: [{ path: '/code', name: 'code', source: 'git', commit: '0123456789abcdef0123' }],
    trainFiles: 13,
    heldOutFiles: ['b.ts', 'a.ts'],
    rejectedFiles: 7,
    secrets: 2,
  },
  versions: { rgft: '0.1.0', node: '20.0.0' },
  machine: { cpu: 'Test CPU', memoryBytes: 8 * 2 ** 30 },
};

const STARTED = {
  type: 'started',
  step: 0,
  atMs: RUN_JSON.createdAtMs,
  method: 'rgft',
  totalSteps: 4,
  components: COMPONENTS,
};

/** A step costs 100 GFLOP at half the price of full fine-tuning; a measurement of the map costs 200 GFLOP. */
function stepEvent(step: number, loss: number, gigaflops: number) {
  return {
    type: 'step',
    step,
    epoch: 0,
    loss,
    learningRate: 1e-3 / step,
    gradNorm: 2,
    tokens: 1000,
    elapsedMs: 20_000 * step,
    flops: gigaflops * 1e9,
  };
}

function evaluationEvent(step: number, loss: number, accuracy: number) {
  return { type: 'evaluation', step, loss, accuracy, tokens: 150, elapsedMs: 20_000 * step };
}

function mapEvents(step: number, shares: readonly number[], measuredSteps: readonly number[], mask: readonly number[]) {
  return [
    { type: 'errorMap', step, shares, measuredSteps },
    { type: 'mask', step, mask, lrScale: mask.map((bit) => 1.5 * bit), computeShare: 0.5 },
  ];
}

const WHOLE_RUN: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[] = [
  STARTED,
  evaluationEvent(0, 4, 0.1),
  { type: 'estimate', step: 0, durationMs: 90_000, peakMemoryBytes: 2 ** 30, diskBytes: 5 * 2 ** 20 },
  ...mapEvents(0, [0.5, 0.2, 0.1, 0.15, 0.04, 0.01], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0]),
  stepEvent(1, 4.1, 300),
  stepEvent(2, 3.6, 400),
  evaluationEvent(2, 2.5, 0.35),
  { type: 'checkpoint', step: 2, bytes: 3 * 2 ** 20, metric: 2.5 },
  ...mapEvents(2, [0.2, 0.5, 0.1, 0.15, 0.0501, -0.0001], [2, 2, 2, 2, 2, -1], [1, 1, 0, 0, 0, 0]),
  stepEvent(3, 3.2, 700),
  stepEvent(4, 3, 800),
  evaluationEvent(4, 3, 0.3),
  {
    type: 'finished',
    step: 4,
    keptStep: 4,
    elapsedMs: 81_000,
    flops: 800e9,
    referenceFlops: 2000e9,
    reason: 'completed',
  },
];

/** Mean losses 2 and 4 before, 3 and 3.2 after. */
const EVALUATIONS = [
  {
    step: 0,
    content: {
      files: [
        { path: 'a.ts', tokens: 100, totalNats: 200 },
        { path: 'b.ts', tokens: 50, totalNats: 200 },
      ],
    },
  },
  {
    step: 4,
    content: {
      files: [
        { path: 'a.ts', tokens: 100, totalNats: 300 },
        { path: 'b.ts', tokens: 50, totalNats: 160 },
      ],
    },
  },
];

function inputOf(changes: Partial<ReportInput> = {}): ReportInput {
  const { formatVersion: _, ...description } = RUN_JSON;
  return {
    name: 'my-run',
    description,
    events: WHOLE_RUN,
    evaluations: EVALUATIONS,
    isRunning: false,
    problems: [],
    ...changes,
  };
}

/** A run directory with these events. */
function runFolder(test: TestContext, events: readonly unknown[], { runJson = toJsonText(RUN_JSON) } = {}): string {
  const folder = temporaryFolder(test, {
    'run/run.json': runJson,
    'run/events.jsonl': events.map((event) => `${toJsonText(event)}\n`).join(''),
  });
  return path.join(folder, 'run');
}

/** What a reader sees: the text without tags, runs of white space as one space. */
function textOf(page: string): string {
  return page
    .slice(page.indexOf('<body>'))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

function assertContains(text: string, ...expected: readonly string[]): void {
  for (const part of expected) assert.ok(text.includes(part), `expected to find: ${part}`);
}

/** Every element is one of ours, is closed in order, and carries no attribute that could run or load something. */
function assertHarmless(page: string): void {
  const allowed = new Set(
    'html head meta title style body header main nav section footer div span p h1 h2 h3 a strong code br ul li dl dt dd pre mark figure figcaption details summary table caption thead tbody tr th td svg g path line circle rect text'.split(
      ' ',
    ),
  );
  const open: string[] = [];
  const body = page.slice('<!doctype html>'.length).replace(/<style>[^<]*<\/style>/, '');
  let numTags = 0;
  for (const [tag, slash, name, attributes, selfClosing] of body.matchAll(
    /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"]|"[^"]*")*?)(\/?)>/g,
  )) {
    numTags++;
    assert.ok(allowed.has(name), `unexpected element ${tag}`);
    if (slash) assert.equal(name, open.pop(), tag);
    else if (!selfClosing && name !== 'meta' && name !== 'br') open.push(name);
    assert.doesNotMatch(attributes, / (?:[xyrd][12]?|c[xy]|width|height)="[^"]*(?:NaN|Infinity|undefined)/, tag);
    for (const [, attribute] of attributes.matchAll(/([a-zA-Z0-9:-]+)="[^"]*"/g)) {
      assert.ok(!/^(on.*|src|srcset|action|formaction|xlink:href)$/i.test(attribute), tag);
    }
    assert.equal(attributes.replace(/\s+[a-zA-Z0-9-]+="[^"]*"/g, '').trim(), '', `attributes are quoted: ${tag}`);
  }
  assert.deepEqual(open, []);
  assert.equal(body.split('<').length - 1, numTags, 'every < begins a tag');
  for (const [, target] of page.matchAll(/href="([^"]*)"/g)) assert.match(target, /^#[a-z]+$/);
}

test('the headline has the numbers of the run', () => {
  assert.deepEqual(reportFacts(inputOf()), {
    state: 'finished',
    code: null,
    message: null,
    method: 'rgft',
    step: 4,
    totalSteps: 4,
    lossBefore: 4,
    lossAfter: 3,
    keptStep: 4,
    lossLast: 3,
    lossChange: -0.25,
    bestLoss: 2.5,
    bestStep: 2,
    accuracyBefore: 0.1,
    accuracyAfter: 0.3,
    tokens: 4000,
    elapsedMs: 81_000,
    flops: 800e9,
    computeShare: 0.4,
    budget: null,
    isBudgetSpent: false,
  });
  const text = textOf(renderReport(inputOf()));
  assertContains(
    text,
    'Fine-tuning run my-run method rgft · started 2026-01-31 12:05 UTC · tiny, 1,234,567 parameters',
    'Finished at step 4 of 4.',
    'Held-out loss, nats per token 4.0000 → 3.0000 −25.0 % (better) · best 2.5000 at step 2',
    'Held-out accuracy 10.0 % → 30.0 %',
    'Steps 4 of 4',
    'Training time 1 min 21 s',
    'Tokens learnt from 4,000',
    'Counted compute 0.8 TFLOP training and measurements',
    'Cost of the run 40.0 % of full fine-tuning over the same passes Loss',
    'Cost of a step',
  );
});

/** The run with a budget of half of full fine-tuning's operations, and events in place of its last one. */
function budgetRun(...ends: readonly object[]): readonly object[] {
  const budget = { share: 0.5, referenceFlops: 1600e9 };
  return [{ ...STARTED, totalSteps: 9, budget }, ...WHOLE_RUN.slice(1, -1), ...ends];
}

test('with a budget the cost is that of the run against full fine-tuning, from the start on, and no step is priced by its mask', () => {
  const page = renderReport(inputOf({ events: budgetRun(), isRunning: true }));
  assertContains(
    textOf(page),
    'Cost of the run 50.0 % of full fine-tuning over the same passes, so far; the budget is 50.0 %',
  );
  assert.ok(!page.includes('Cost of a step'));
  const older = inputOf({
    events: WHOLE_RUN.map(({ referenceFlops: _, ...event }) => event),
    description: { ...inputOf().description!, options: { training: { budget: 0.5 } } },
  });
  assert.deepEqual([reportFacts(older).computeShare, reportFacts(older).budget], [null, 0.5]);
  assert.doesNotMatch(textOf(renderReport(older)), /Cost of/);
});

test('a map that is only looked at is no cost of its method', () => {
  const events = WHOLE_RUN.map((event) => (event.type === 'started' ? { ...event, method: 'full' } : event));
  const text = textOf(renderReport(inputOf({ events, description: null })));
  assertContains(text, 'Counted compute 0.8 TFLOP training Cost of the run');
});

test('the maps of a run on adapters have a column for each weight', () => {
  const components = ['0.lora.q_proj', '0.lora.v_proj', '1.lora.v_proj'];
  const events = [
    { ...STARTED, method: 'rgft-lora', components },
    ...mapEvents(0, [0.5, 0.2, 0.3], [0, 0, 0], [1, 0, 1]),
  ];
  const page = renderReport(inputOf({ events }));
  assertHarmless(page);
  assertContains(
    page,
    '>LoRA</text>',
    '>q</text>',
    '>v</text>',
    '>layer 1</text>',
    '<title>layer 1, LoRA of v_proj: 30 % of the error, measured at step 0, updated at rate × 1.5</title>',
  );
  assertContains(textOf(page), 'updated LoRA 100.0 % 2 of 3');
  assert.ok(!page.includes('others'));
});

test('the page has no script, loads nothing and says so in its policy', () => {
  const page = renderReport(inputOf());
  assertContains(
    page,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
  );
  assertHarmless(page);
  assert.doesNotMatch(page, /https?:|url\(|@import/);
});

test('the same run gives the same bytes', async (t) => {
  assert.equal(renderReport(inputOf()), renderReport(inputOf()));
  const run = runFolder(t, WHOLE_RUN);
  const first = readFileSync(await writeReport(run), 'utf8');
  assert.equal(readFileSync(await writeReport(run), 'utf8'), first);
});

test('the loss chart places its points and marks the best', () => {
  const page = renderReport(inputOf());
  assertContains(page, '<title>step 2: held-out loss 2.5000</title>', '>best 2.5000, step 2</text>');
  // 5 training points, 3 held-out points at 0, 50 and 100 % of the width.
  assert.match(page, /<path class="line heldOut" d="M0 [\d.]+L500 [\d.]+L1000 [\d.]+"\/>/);
  assert.match(page, /<path class="line smooth" d="M250 [\d.]+L500 [\d.]+L750 [\d.]+L1000 [\d.]+"\/>/);
  assertContains(page, 'Held-out loss 4.0000 at step 0, 2.5000 at step 2, 3.0000 at step 4. Best: 2.5000 at step 2.');
});

test('a last evaluation of weights that were drawn back is said to be one', () => {
  const said = /lies 0\.85 of the way from the weights that it began with .*held-out loss of step 4 does not continue/;
  assert.doesNotMatch(textOf(renderReport(inputOf())), said);
  const events = WHOLE_RUN.map((event) =>
    event.type === 'evaluation' && event.step === 4 ? { ...event, interpolation: 0.85 } : event,
  );
  assert.match(textOf(renderReport(inputOf({ events }))), said);
});

test('the running mean of the squared gradient norm is shown as an estimate, with SGD beside its bound', () => {
  const adamw = renderReport(inputOf());
  // The masks leave 0.05, then 0.3 of the map out: 4 / 0.95, 4 / 0.95, 4 / 0.7 and 4 / 0.7.
  assert.match(adamw, /squared gradient norm, 4\.96 at the end\./);
  assert.match(textOf(adamw), /An estimate .*No bound: Theorem 1 covers SGD steps only/);
  const options = { training: { optimizer: 'sgd' } };
  const sgd = renderReport(inputOf({ description: { ...inputOf().description!, options } }));
  // Rates 1.5e-3 / t: w = rate * (1 - kappa), beta = 1 / 1.5e-3, noise 4, initial loss 4.1.
  const rates = [1.5e-3, 0.75e-3, 0.5e-3, 0.375e-3];
  const weights = rates.map((rate, i) => rate * (i < 2 ? 0.95 : 0.7));
  const sum = (list: number[]) => list.reduce((a, b) => a + b);
  const bound = (2 * 4.1 + (4 / 1.5e-3) * sum(rates.map((rate) => rate ** 2))) / sum(weights);
  assertContains(sgd, `bound with estimated constants, ${formatSignificant(bound)} at the end`);
  assert.doesNotMatch(sgd, /No bound/);
});

test('both maps have a cell with share, age and update for each component, and a table says the same', () => {
  const page = renderReport(inputOf());
  assertContains(
    page,
    '<title>embedding: 50 % of the error, measured at step 0, updated at rate × 1.5</title>',
    '<title>layer 0, head 0: 50 % of the error, measured at step 2, updated at rate × 1.5</title>',
    '<title>layer 0, head 1: 10 % of the error, measured at step 2, not updated</title>',
    '<title>final norm: never measured, not updated</title>',
  );
  // Outlines: 4 in the first map, 2 in the last, 1 in the legend.
  assert.equal(page.split('<rect class="active"').length - 1, 7);
  assertContains(
    textOf(page),
    'The last mask updates 2 of 6 components.',
    '0.mlp layer 0, MLP band 0 15 % 15 % 2 not updated',
    'finalNorm final norm 1 % – never not updated',
    'heads 30.0 % 60.0 % 1 of 2',
  );
  // Totals of the first map: embed 0.5; layer 0: 0.2 + 0.1 + 0.15 + 0.04 = 0.49; finalNorm 0.01.
  assertContains(page, '>49.0 %</text>', '>50.0 %</text>', '>1.0 %</text>');
});

test('Spearman correlation of first and last map is over the components that both have measured', () => {
  // Ranks 5 4 2 3 1 and 4 5 2 3 1: 1 - 6 * (1 + 1) / (5 * 24) = 0.9.
  assertContains(textOf(renderReport(inputOf())), 'of the first and the last map: 0.900 ');
});

test('held-out files stand by their loss after the run, the worst first', () => {
  const text = textOf(renderReport(inputOf()));
  assertContains(text, 'From step 0 to step 4: 1 better, 1 worse, 0 unchanged.');
  const b = text.indexOf('b.ts 50 4.0000 3.2000 −20.0 % ▼');
  const a = text.indexOf('a.ts 100 2.0000 3.0000 +50.0 % ▲');
  assert.ok(b > 0 && a > b);
});

test('beyond 20 held-out files the rest is folded away', () => {
  const files = Array.from({ length: 23 }, (_, i) => ({ path: `${i}.ts`, tokens: 10, totalNats: 10 + i }));
  const page = renderReport(inputOf({ evaluations: [{ step: 0, content: { files } }] }));
  assert.match(page, /<summary>3 more files<\/summary>/);
  const folded = page.slice(page.indexOf('3 more files'));
  assert.ok(folded.includes('<code>2.ts</code>') && !folded.includes('<code>3.ts</code>'));
  assertContains(textOf(page), 'Evaluated at step 0 only.');
});

test('settings, data, versions and machine come from run.json', () => {
  assertContains(
    textOf(renderReport(inputOf())),
    'learningRate 0.001',
    'probeEvery automatic',
    'maxSteps none',
    'folders /code (git commit 0123456789ab)',
    'trainFiles 13',
    'rejectedFiles 7',
    'secrets 2',
    'heldOutFiles 2',
    'newest step 2, 3.0 MiB',
    'memoryBytes 8.0 GiB',
    'trainingTime 1 min 30 s',
    'node 20.0.0',
  );
});

test('hostile text stays text, wherever it comes from', () => {
  const events = [
    { ...STARTED, method: HOSTILE, components: [...COMPONENTS.slice(0, 5), HOSTILE] },
    ...WHOLE_RUN.slice(1, -1),
    { type: 'sample', step: 4, name: HOSTILE, prompt: HOSTILE, completion: HOSTILE },
    { type: 'warning', step: 4, code: HOSTILE, message: HOSTILE },
    { type: 'failed', step: 4, code: HOSTILE, message: HOSTILE },
  ];
  const hostile = { [HOSTILE]: HOSTILE, nested: [{ [HOSTILE]: HOSTILE }] };
  const page = renderReport({
    name: HOSTILE,
    description: {
      createdAtMs: Number.NaN,
      method: HOSTILE,
      seed: 0,
      options: { training: hostile, repository: hostile },
      model: { folder: HOSTILE },
      workspace: { heldOutFiles: [HOSTILE], folders: [{ path: HOSTILE, commit: HOSTILE }] },
      versions: { [HOSTILE]: HOSTILE },
      machine: hostile,
    },
    events,
    evaluations: EVALUATIONS.map(({ step }) => ({
      step,
      content: { files: [{ path: HOSTILE, tokens: 1, totalNats: 1 }] },
    })),
    isRunning: false,
    problems: [HOSTILE],
  });
  assertHarmless(page);
  assert.ok(!page.includes('<img') && !page.includes('</script'));
  assert.ok(page.split(HOSTILE_ESCAPED).length > 15);
  assert.equal(escapeHtml(HOSTILE), HOSTILE_ESCAPED);
});

test('no JSON can pass for markup', () => {
  const forged = { type: 'warning', step: 1, code: 'X', message: { markup: '<img src=x>', Symbol: '<img src=x>' } };
  const page = renderReport(inputOf({ events: [...WHOLE_RUN, forged] }));
  assertHarmless(page);
  assertContains(page, '1 line of events.jsonl could be read but not understood; left out.');
});

test('samples show prompt and completion with their line breaks, the newest first, long ones cut', () => {
  const sample = (step: number, completion: string) => ({
    type: 'sample',
    step,
    name: 'add',
    prompt: '\nx = ',
    completion,
  });
  const page = renderReport(inputOf({ events: [...WHOLE_RUN, sample(2, 'old'), sample(4, `new${'y'.repeat(3000)}`)] }));
  // HTML drops one line break after <pre>: the second one is the prompt's.
  assertContains(page, '<pre>\n\nx = <mark>old</mark></pre>', '1,003 characters more');
  assert.ok(page.indexOf('<mark>newy') < page.indexOf('<mark>old'));
});

test('a run without held-out files says that nothing was measured', () => {
  const events = WHOLE_RUN.filter(({ type }) => type !== 'evaluation');
  const input = inputOf({ events, evaluations: [] });
  const { lossBefore, lossAfter, bestLoss, accuracyAfter } = reportFacts(input);
  assert.deepEqual([lossBefore, lossAfter, bestLoss, accuracyAfter], [null, null, null, null]);
  const page = renderReport(input);
  assertContains(
    textOf(page),
    'Held-out loss not measured',
    'No file was held out, so only the training loss is known.',
  );
  assert.ok(!page.includes('id="files"') && !page.includes('class="mark"'));
  assertHarmless(page);
});

test('a run that only began has a report', () => {
  const input = inputOf({ events: [STARTED], evaluations: [] });
  assert.equal(reportFacts(input).state, 'interrupted');
  const page = renderReport(input);
  assertContains(textOf(page), 'Interrupted at step 0 of 4', 'There is no checkpoint yet.', 'has not made a step yet');
  assertHarmless(page);
});

test('a failed run shows code and message, and where to go on from', () => {
  const events = [
    ...WHOLE_RUN.slice(0, -1),
    { type: 'failed', step: 4, code: 'DISK_FULL', message: 'No room. Free some.' },
  ];
  const input = inputOf({ events });
  assert.equal(reportFacts(input).state, 'failed');
  assertContains(
    textOf(renderReport(input)),
    'Failed at step 4 of 4: DISK_FULL No room. Free some. The newest checkpoint is that of step 2.',
  );
});

test('an interrupted run shows the reason; one that went on afterwards is not interrupted by it', () => {
  const interrupted = { type: 'interrupted', step: 2, reason: 'SIGINT' };
  const stopped = inputOf({ events: [...WHOLE_RUN.slice(0, 9), interrupted] });
  assert.equal(reportFacts(stopped).message, 'SIGINT');
  assertContains(textOf(renderReport(stopped)), 'Interrupted at step 2 of 4 (reason: SIGINT).');

  const failedBefore = inputOf({
    events: [...WHOLE_RUN.slice(0, 9), { type: 'failed', step: 2, code: 'X', message: 'y' }, ...WHOLE_RUN.slice(9)],
  });
  assert.equal(reportFacts(failedBefore).state, 'finished');
  const killed = inputOf({ events: WHOLE_RUN.slice(0, -1) });
  assertContains(textOf(renderReport(killed)), 'Interrupted at step 4 of 4 (the process ended without a word).');
});

test('a run in progress and one that stopped early say so', () => {
  assertContains(textOf(renderReport(inputOf({ isRunning: true }))), 'Running at step 4 of 4.');
  const early = { ...WHOLE_RUN.at(-1)!, reason: 'stoppedEarly' };
  const bannerOf = (events: readonly object[]) => textOf(renderReport(inputOf({ events })));
  assertContains(bannerOf(budgetRun(early)), 'Stopped early at step 4 of 9: the held-out loss had not improved');
  const spent = { type: 'warning', step: 4, code: 'BUDGET_SPENT', message: 'It ends here.' };
  assertContains(
    bannerOf(budgetRun(spent, early)),
    'Stopped early at step 4 of 9: another step would have cost more than was left of the budget.',
  );
  // The loss had not improved either, but there was no step left to save.
  assertContains(bannerOf([...WHOLE_RUN.slice(0, -1), early]), 'Finished at step 4 of 4.');
});

test('a diverging run keeps its place: NaN leaves a gap and is counted', () => {
  const events = [
    STARTED,
    stepEvent(1, 4, 100),
    stepEvent(2, Number.NaN, 200),
    stepEvent(3, 5, 300),
    evaluationEvent(3, Number.NaN, 0),
  ];
  const input = inputOf({ events, evaluations: [] });
  const page = renderReport(input);
  assertContains(textOf(page), 'Held-out loss, nats per token NaN', '1 step had a loss that is not a number.');
  assert.match(page, /<path class="line smooth" d="M333\.\d+ [\d.]+M1000 [\d.]+"\/>/);
  assert.doesNotMatch(page, /="NaN|="-?Infinity|NaN%/);
});

test('what has the wrong shape is left out and named, field by field', () => {
  // Every field of every event, evaluation and run.json once replaced by each of these.
  const wrongValues = [undefined, null, 'x', -1, 1e308, Number.NaN, [], {}, [null], '<b>'];
  let numPages = 0;
  for (const [i, event] of WHOLE_RUN.entries()) {
    for (const field of Object.keys(event)) {
      for (const wrong of wrongValues) {
        const events = WHOLE_RUN.with(i, { ...event, [field]: wrong });
        assertHarmless(renderReport(inputOf({ events })));
        numPages++;
      }
    }
  }
  for (const wrong of wrongValues) {
    assertHarmless(
      renderReport(
        inputOf({
          evaluations: [
            { step: 0, content: wrong },
            { step: 4, content: { files: [wrong] } },
          ],
        }),
      ),
    );
    for (const field of Object.keys(RUN_JSON)) {
      const description = { ...RUN_JSON, [field]: wrong } as unknown as ReportInput['description'];
      assertHarmless(renderReport(inputOf({ description })));
      numPages++;
    }
  }
  assert.ok(numPages > 600);
});

test('maps of another number of components than the log announced are left out', () => {
  const events = WHOLE_RUN.map((event) => (event.type === 'errorMap' ? { ...event, shares: [1] } : event));
  const page = renderReport(inputOf({ events }));
  assertContains(page, '2 maps or masks of another number of components than 6; left out.');
  assert.ok(!page.includes('id="map"'));
});

test('long series are thinned, and spikes survive', () => {
  const events = [
    STARTED,
    ...Array.from({ length: 20_000 }, (_, i) => stepEvent(i + 1, i === 12_345 ? 2.9 : 2 + (i % 7) / 10, i)),
  ];
  const page = renderReport(inputOf({ events, evaluations: [] }));
  assert.ok(page.length < 120_000, `${page.length} characters`);
  assert.match(page, /L617\.3 /); // step 12346 of 20000
});

test('writeReport finds everything in the run directory, also at another place', async (t) => {
  const run = runFolder(t, WHOLE_RUN);
  mkdirSync(path.join(run, 'eval'));
  for (const { step, content } of EVALUATIONS)
    writeFileSync(path.join(run, 'eval', `step-${step}.json`), JSON.stringify(content));
  const file = await writeReport(run);
  assert.equal(file, path.join(run, 'report.html'));
  assert.equal(readFileSync(file, 'utf8'), renderReport(inputOf({ name: 'run' })));
  const elsewhere = path.join(path.dirname(run), 'other.html');
  assert.equal(await writeReport(run, elsewhere), elsewhere);
  assert.equal(readFileSync(elsewhere, 'utf8'), readFileSync(file, 'utf8'));
});

test('when an earlier model is kept, before and after are about that one', async (t) => {
  const events = [...WHOLE_RUN.slice(0, -1), { ...WHOLE_RUN.at(-1)!, keptStep: 2 }];
  const run = runFolder(t, events);
  mkdirSync(path.join(run, 'eval'));
  for (const step of [0, 2, 4]) {
    const content = { files: [{ path: 'a.ts', tokens: 100, totalNats: 1000 - 100 * step }] };
    writeFileSync(path.join(run, 'eval', `step-${step}.json`), JSON.stringify(content));
  }
  assertContains(
    textOf(readFileSync(await writeReport(run), 'utf8')),
    'Finished at step 4 of 4. The model that was kept is that of step 2, the best on the held-out files.',
    '4.0000 → 2.5000 −37.5 % (better) · last step 3.0000',
    '10.0 % → 35.0 %',
    'a.ts 100 10.0000 8.0000 −20.0 % ▼',
  );
});

test('a damaged log gives a partial report that names the lines', async (t) => {
  const run = runFolder(t, WHOLE_RUN);
  const log = path.join(run, 'events.jsonl');
  const lines = readFileSync(log, 'utf8').split('\n');
  lines[5] = lines[5].slice(0, 20);
  writeFileSync(log, `${lines.join('\n')}{"type":"st`);
  const text = textOf(readFileSync(await writeReport(run), 'utf8'));
  assertContains(
    text,
    '1 of 15 lines of events.jsonl are damaged (line 6) and are left out.',
    'Finished at step 4 of 4.',
  );
  assertContains(text, 'Cost of the run 40.0 %');
});

test('a damaged run.json or evaluation gives a partial report; without any events it is an error', async (t) => {
  const run = runFolder(t, WHOLE_RUN, { runJson: '{"formatVersion":1,' });
  mkdirSync(path.join(run, 'eval'));
  writeFileSync(path.join(run, 'eval', 'step-0.json'), 'x');
  writeFileSync(path.join(run, 'eval', 'step-4.json'), JSON.stringify(EVALUATIONS[1].content));
  const text = textOf(readFileSync(await writeReport(run), 'utf8'));
  assertContains(
    text,
    'run.json is not JSON',
    'eval/step-0.json is not JSON',
    'model unknown',
    'Evaluated at step 4 only.',
  );
  rmSync(path.join(run, 'events.jsonl'));
  await assert.rejects(writeReport(run), { code: 'RUN_CORRUPT' });
});

test('no run, a newer run and a place that cannot be written are clear errors', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(writeReport(folder), { code: 'RUN_NOT_FOUND' });
  await assert.rejects(writeReport(path.join(folder, 'nowhere')), { code: 'RUN_NOT_FOUND' });
  const newer = runFolder(t, WHOLE_RUN, { runJson: toJsonText({ ...RUN_JSON, formatVersion: 99 }) });
  await assert.rejects(writeReport(newer), { code: 'RUN_MISMATCH' });
  const run = runFolder(t, WHOLE_RUN);
  await assert.rejects(writeReport(run, path.join(folder, 'missing', 'r.html')), { code: 'FOLDER_NOT_FOUND' });
  await assert.rejects(writeReport(run, folder), { code: 'FOLDER_NOT_FOUND' });
});

test('rgft report prints the path, or the headline as JSON', (t) => {
  const run = runFolder(t, [
    ...WHOLE_RUN,
    { type: 'evaluation', step: 5, loss: Number.NaN, accuracy: 0, tokens: 1, elapsedMs: 1 },
  ]);
  const rgft = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'report', ...args], { encoding: 'utf8' });
  const plain = rgft(run);
  assert.deepEqual([plain.status, plain.stdout], [0, `${path.join(run, 'report.html')}\n`]);
  const { report, state, lossBefore, lossLast } = JSON.parse(rgft(run, '--json').stdout);
  // JSON has no NaN.
  assert.deepEqual([report, state, lossBefore, lossLast], [path.join(run, 'report.html'), 'finished', 4, null]);
  assert.equal(rgft().status, 2);
});

test('numbers read as people write them', () => {
  assert.deepEqual([-0.25, 0.5, 0, -1e-9, Number.NaN].map(formatChange), [
    '−25.0 %',
    '+50.0 %',
    '±0.0 %',
    '±0.0 %',
    'NaN',
  ]);
  assert.deepEqual([0, 0.0002, 0.0005, 1].map(formatShare), ['0.0 %', '< 0.1 %', '0.1 %', '100.0 %']);
  assert.deepEqual([0, 0.117281, 2.5, 1234.5, 1.2e-9].map(formatSignificant), [
    '0',
    '0.117',
    '2.5',
    '1,235',
    '1.20e-9',
  ]);
  assert.deepEqual([8038, 59_960, 3_661_000].map(formatTime), ['8.0 s', '1 min 0 s', '1 h 1 min']);
});
