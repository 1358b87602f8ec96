/**
 * @file The report of a run: one HTML file that needs nothing else, made from what the run directory holds. A pure
 * function of its input, so the same run gives the same bytes. What is missing or damaged is named in the report, and
 * the rest is shown.
 *
 * The page has no script and loads nothing: its content security policy forbids both. Every word that comes from a
 * model, a repository or a file of the run passes the escaping `html` tag.
 */
import type { EvaluationEvent, SampleEvent, StepEvent } from '../runEvents.ts';
import { SHOWN_MAP_METHODS } from './options.ts';
import { AIR_ABOVE, beforeAfter, lineChart, type Point, smoothed, thinned } from './reportCharts.ts';
import {
  type FileLosses,
  factsOf,
  isRecord,
  type ReportFacts,
  type ReportInput,
  readFileLosses,
  readMaps,
  type SortedEvents,
  sortEvents,
  stepShares,
} from './reportData.ts';
import { errorMapSection } from './reportMap.ts';
import {
  type Content,
  formatBytes,
  formatChange,
  formatCount,
  formatDate,
  formatLoss,
  formatNumberOf,
  formatPercent,
  formatSignificant,
  formatTime,
  html,
  type Markup,
  type Section,
  scrollable,
} from './reportMarkup.ts';
import { renderPage } from './reportPage.ts';
import { theorySection } from './reportTheory.ts';
import type { RunDescription } from './runDirectory.ts';

/** The whole report as the text of an HTML file. */
export function renderReport(input: ReportInput): string {
  const events = sortEvents(input.events);
  const facts = factsOf(input, events);
  const problems = [...input.problems];
  if (events.numInvalid > 0) {
    problems.push(
      `${formatNumberOf(events.numInvalid, 'line')} of events.jsonl could be read but not understood; left out.`,
    );
  }
  const evaluations = readFileLosses(input.evaluations, problems);
  const maps = readMaps(events, problems);
  const title = `Fine-tuning run ${input.name}`;
  const sections = [
    lossSection(events, facts),
    errorMapSection(events, maps),
    theorySection(input, events),
    filesSection(evaluations),
    samplesSection(events.sample),
    warningsSection(events),
    settingsSection(input, events),
  ].filter((section) => section !== null);

  const unread = html`<strong>Part of this run could not be read.</strong> ${problems.map((problem) => html`<br>${problem}`)}`;
  return renderPage({
    title,
    subtitle: subtitle(input, events),
    notices: html`${stateBanner(facts, events)}\n${problems.length === 0 ? null : banner('!', 'trouble', unread)}`,
    headline: headline(facts, events),
    sections,
    footer: html`Made from the run directory alone. This file names files of the workspace${events.sample.length > 0 ? ' and shows code written by the model' : ''}; think of that before you pass it on.`,
  });
}

// --- the top of the page

function subtitle({ description }: ReportInput, events: SortedEvents): Content {
  const startedAtMs = description?.createdAtMs ?? events.started[0]?.atMs;
  const method = description?.method ?? events.started[0]?.method;
  return [
    method === undefined ? 'method unknown' : `method ${method}`,
    typeof startedAtMs === 'number' ? ` · started ${formatDate(startedAtMs)}` : '',
    ` · ${modelText(description)}`,
  ];
}

function modelText(description: RunDescription | null): string {
  const model = isRecord(description?.model) ? description.model : {};
  const name = typeof model.folder === 'string' ? model.folder.split(/[\\/]/).at(-1)! : 'model unknown';
  const size = typeof model.parameters === 'number' ? `, ${formatCount(model.parameters)} parameters` : '';
  return `${name}${size}`;
}

function banner(sign: string, style: '' | 'trouble', body: Markup): Markup {
  return html`<div class="state ${style}"><span class="sign" aria-hidden="true">${sign}</span><p>${body}</p></div>`;
}

function stateBanner(facts: ReportFacts, events: SortedEvents): Markup {
  const { state, step, totalSteps, keptStep, code, message } = facts;
  const at =
    totalSteps === null ? `step ${formatCount(step)}` : `step ${formatCount(step)} of ${formatCount(totalSteps)}`;
  const kept =
    keptStep === null || keptStep === step
      ? ''
      : ` The model that was kept is that of step ${formatCount(keptStep)}, the best on the held-out files.`;
  const checkpoint = events.checkpoint.at(-1);
  const newest = checkpoint
    ? `The newest checkpoint is that of step ${formatCount(checkpoint.step)}.`
    : 'There is no checkpoint yet.';
  const resume = html`${newest} ${checkpoint ? 'Go on' : 'Begin again'} with <code>rgft finetune --resume --out ⟨folder of the run⟩</code>.`;
  switch (state) {
    case 'running':
      return banner(
        '▶',
        '',
        html`<strong>Running</strong> at ${at}. This report shows the run as it was when the report was made.`,
      );
    case 'finished':
      return banner('✓', '', html`<strong>Finished</strong> at ${at}.${kept}`);
    case 'stoppedEarly':
      return banner(
        '■',
        '',
        html`<strong>Stopped early</strong> at ${at}: ${facts.isBudgetSpent ? 'another step would have cost more than was left of the budget' : html`the held-out loss had not improved for the number of evaluations set by <code>patience</code>`}.${kept}`,
      );
    case 'failed':
      return banner(
        '✕',
        'trouble',
        html`<strong>Failed</strong> at ${at}: <code>${code}</code> ${message}${checkpoint ? html`<br>${resume}` : null}`,
      );
    case 'interrupted': {
      const reason = message === null ? 'the process ended without a word' : `reason: ${message}`;
      return banner('‖', 'trouble', html`<strong>Interrupted</strong> at ${at} (${reason}). ${resume}`);
    }
  }
}

function headline(facts: ReportFacts, events: SortedEvents): Markup {
  const { lossBefore, lossAfter, lossLast, lossChange, bestLoss, bestStep, accuracyBefore, accuracyAfter } = facts;
  const fact = (label: string, value: Content, aside: Content, style = '') =>
    html`<div class="${style}"><dt>${label}</dt><dd class="value">${value}</dd><dd class="aside">${aside}</dd></div>`;

  const boxes: Markup[] = [];
  if (lossBefore === null) boxes.push(fact('Held-out loss', 'not measured', 'No file was evaluated.', 'wide'));
  else {
    const value = lossAfter === null ? formatLoss(lossBefore) : `${formatLoss(lossBefore)} → ${formatLoss(lossAfter)}`;
    const change =
      lossChange === null
        ? 'before training; no later evaluation'
        : `${formatChange(lossChange)} (${trend(lossChange)})`;
    const others = [
      bestLoss !== null && lossAfter !== null && bestLoss !== lossAfter
        ? ` · best ${formatLoss(bestLoss)} at step ${formatCount(bestStep!)}`
        : '',
      lossLast !== null && lossLast !== lossAfter ? ` · last step ${formatLoss(lossLast)}` : '',
    ].join('');
    boxes.push(fact('Held-out loss, nats per token', value, `${change}${others}`, 'wide'));
    boxes.push(
      fact(
        'Held-out accuracy',
        accuracyAfter === null
          ? formatPercent(accuracyBefore!)
          : `${formatPercent(accuracyBefore!)} → ${formatPercent(accuracyAfter)}`,
        'most probable token is right',
      ),
    );
  }
  boxes.push(
    fact(
      'Steps',
      formatCount(facts.step),
      facts.totalSteps === null ? 'length of the run unknown' : `of ${formatCount(facts.totalSteps)}`,
    ),
  );
  boxes.push(fact('Training time', formatTime(facts.elapsedMs), 'evaluations included'));
  boxes.push(fact('Tokens learnt from', formatCount(facts.tokens), 'targets, repetitions counted'));
  const counted =
    events.errorMap.length > 0 && !SHOWN_MAP_METHODS.some((method) => method === facts.method)
      ? 'training and measurements'
      : 'training';
  boxes.push(fact('Counted compute', `${formatSignificant(facts.flops / 1e12)} TFLOP`, counted));
  if (facts.computeShare !== null) {
    const isOver = facts.state === 'finished' || facts.state === 'stoppedEarly';
    const budget = facts.budget === null ? '' : `; the budget is ${formatPercent(facts.budget)}`;
    boxes.push(
      fact(
        'Cost of the run',
        formatPercent(facts.computeShare),
        `of full fine-tuning over the same passes${isOver ? '' : ', so far'}${budget}`,
      ),
    );
  }
  return html`<dl class="facts">${boxes}</dl>`;
}

function trend(change: number): string {
  if (!Number.isFinite(change) || change === 0) return 'unchanged';
  return change < 0 ? 'better' : 'worse';
}

// --- loss

function lossSection(events: SortedEvents, facts: ReportFacts): Section {
  const { step: steps, evaluation: evaluations } = events;
  const lastStep = Math.max(steps.at(-1)?.step ?? 0, evaluations.at(-1)?.step ?? 0);
  const parts: (Markup | null)[] = [];
  if (steps.length === 0 && evaluations.length === 0) {
    parts.push(html`<p class="muted">The run has not made a step yet.</p>`);
  } else {
    parts.push(lossChart(steps, evaluations, facts, lastStep));
    if (steps.length > 0) parts.push(smallCharts(events, facts, lastStep));
    if (evaluations.length > 0) parts.push(evaluationTable(evaluations));
    else
      parts.push(
        html`<p class="note">No file was held out, so only the training loss is known. A falling training loss alone does not show that the model got better.</p>`,
      );
  }
  return { id: 'loss', heading: 'Loss', body: html`${parts}` };
}

function lossChart(
  steps: readonly StepEvent[],
  evaluations: readonly EvaluationEvent[],
  facts: ReportFacts,
  lastStep: number,
): Markup {
  const training: Point[] = steps.map(({ step, loss }) => ({ x: step, y: loss }));
  const window = smoothingWindow(training.length);
  const isSmoothed = window > 1;
  const heldOut: Point[] = evaluations.map(({ step, loss }) => ({ x: step, y: loss }));
  const smooth = isSmoothed ? smoothed(training, window) : [];
  const sorted = training
    .map(({ y }) => y)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  // The noise belongs into the picture. A step far outside it does not: it would press everything else flat.
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const noise = quantile(0.99) - quantile(0.01);
  const lowest = Math.max(sorted[0], quantile(0.01) - noise / 2);
  const highest = Math.min(sorted[sorted.length - 1], quantile(0.99) + noise / 2);
  const range = rangeOf([...smooth.map(({ y }) => y), ...heldOut.map(({ y }) => y), lowest, highest]);
  const numOutside = sorted.filter((y) => y > range[1] + AIR_ABOVE * (range[1] - range[0])).length;
  const numNotFinite = training.length - sorted.length;

  const chart = lineChart({
    title: 'Training and held-out loss',
    unit: 'nats per token',
    description: lossDescription(smooth.length > 0 ? smooth : training, evaluations, facts),
    series: [
      {
        label: isSmoothed ? 'training, each step' : 'training',
        style: isSmoothed ? 'raw' : 'smooth',
        points: thinned(training, 1500),
      },
      ...(isSmoothed
        ? [{ label: `training, mean over ${window} steps`, style: 'smooth', points: thinned(smooth, 1500) }]
        : []),
      ...(heldOut.length > 0
        ? [
            {
              label: 'held-out files',
              style: 'heldOut',
              points: heldOut,
              dotText: ({ x, y }: Point) => `step ${formatCount(x)}: held-out loss ${formatLoss(y)}`,
            },
          ]
        : []),
    ],
    lastStep,
    heightPx: 320,
    range,
    ...(facts.bestLoss !== null &&
      evaluations.length > 1 && {
        mark: {
          x: facts.bestStep!,
          y: facts.bestLoss,
          text: `best ${formatLoss(facts.bestLoss)}, step ${formatCount(facts.bestStep!)}`,
        },
      }),
  });
  const drawnBack = evaluations.findLast(({ interpolation }) => interpolation !== undefined);
  const notes = [
    drawnBack
      ? `The model that the run ended with lies ${drawnBack.interpolation} of the way from the weights that it began with to those that the steps led to, so the held-out loss of step ${formatCount(drawnBack.step)} does not continue the curve before it. `
      : '',
    numNotFinite > 0 ? `${formatNumberOf(numNotFinite, 'step')} had a loss that is not a number. ` : '',
    numOutside > 0 ? `${formatNumberOf(numOutside, 'single step lies', 'single steps lie')} above the picture.` : '',
  ].join('');
  return html`${chart}${notes ? html`<p class="note">${notes}</p>` : null}`;
}

function lossDescription(
  training: readonly Point[],
  evaluations: readonly EvaluationEvent[],
  { bestLoss, bestStep }: ReportFacts,
): string {
  const from = training.at(0);
  const to = training.at(-1);
  const first =
    from && to
      ? `Training loss from ${formatLoss(from.y)} at step ${formatCount(from.x)} to ${formatLoss(to.y)} at step ${formatCount(to.x)}. `
      : '';
  if (evaluations.length === 0) return first;
  const held = evaluations.map(({ step, loss }) => `${formatLoss(loss)} at step ${formatCount(step)}`);
  const shown = held.length > 12 ? [...held.slice(0, 6), '…', ...held.slice(-5)] : held;
  return `${first}Held-out loss ${shown.join(', ')}.${bestLoss === null ? '' : ` Best: ${formatLoss(bestLoss)} at step ${formatCount(bestStep!)}.`}`;
}

function smallCharts(events: SortedEvents, { budget }: ReportFacts, lastStep: number): Markup {
  const { step: steps } = events;
  const rates = steps.map(({ step, learningRate }) => ({ x: step, y: learningRate }));
  const norms = steps.map(({ step, gradNorm }) => ({ x: step, y: gradNorm }));
  const shares = stepShares(events).map(({ step, share }) => ({ x: step, y: 100 * share }));
  const normRange = rangeOf(norms.map(({ y }) => y));
  // With a budget a mask alone does not tell what a step costs: later passes have fewer targets, first ones fill the cache.
  const isSteered = budget === null && shares.some(({ y }) => y !== 100 && Number.isFinite(y));
  // Rates fall to 0 and shares are read against the whole, so both begin at 0. Norms can differ by orders of magnitude.
  return html`<div class="small">${smallChart('Learning rate', 'base rate', rates, lastStep, { formatTick: shortNumber })}${smallChart(
    'Gradient norm',
    'before clipping',
    norms,
    lastStep,
    { isNoisy: true, logarithmic: normRange[0] > 0 && normRange[1] / normRange[0] > 50 },
  )}${isSteered ? smallChart('Cost of a step', '% of full fine-tuning', shares, lastStep, { atLeast: 100 }) : null}</div>`;
}

interface SmallChartOptions {
  readonly formatTick?: (value: number) => string;
  readonly logarithmic?: boolean;
  /** The axis reaches at least this high. @default 0 */
  readonly atLeast?: number;
  /** Long series get a smoothed line beside the single steps. @default false */
  readonly isNoisy?: boolean;
}

function smallChart(
  title: string,
  unit: string,
  points: readonly Point[],
  lastStep: number,
  { formatTick, logarithmic = false, atLeast = 0, isNoisy = false }: SmallChartOptions,
): Markup {
  const values = points.map(({ y }) => y).filter(Number.isFinite);
  const [lowest, highest] = rangeOf(values);
  const [first, last] = [values.at(0) ?? Number.NaN, values.at(-1) ?? Number.NaN].map(formatSignificant);
  const window = isNoisy && points.length > 200 ? smoothingWindow(points.length) : 1;
  const whole = thinned(points, 800);
  return lineChart({
    title,
    unit,
    description: `${title} from ${first} to ${last}; lowest ${formatSignificant(lowest)}, highest ${formatSignificant(highest)}.`,
    series:
      window === 1
        ? [{ label: title, style: 'smooth', points: whole }]
        : [
            { label: 'each step', style: 'raw', points: whole },
            { label: `mean over ${window}`, style: 'smooth', points: thinned(smoothed(points, window), 800) },
          ],
    lastStep,
    heightPx: 150,
    range: logarithmic ? [lowest, highest] : [0, Math.max(highest, atLeast)],
    logarithmic,
    formatTick,
  });
}

/** Odd, about a twentieth of the series. */
function smoothingWindow(count: number): number {
  return 2 * Math.round(count / 40) + 1;
}

function shortNumber(value: number): string {
  return value === 0 ? '0' : value.toExponential(1).replace('.0e', 'e');
}

/** Lowest and highest finite value; [0, 1] when there is none. */
function rangeOf(values: readonly number[]): [number, number] {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return lowest <= highest ? [lowest, highest] : [0, 1];
}

function evaluationTable(evaluations: readonly EvaluationEvent[]): Markup {
  const rows = evaluations.map(
    ({ step, loss, accuracy, tokens, elapsedMs }) =>
      html`<tr><th scope="row" class="number">${formatCount(step)}</th><td class="number">${formatLoss(loss)}</td><td class="number">${formatPercent(accuracy)}</td><td class="number">${formatCount(tokens)}</td><td class="number">${formatTime(elapsedMs)}</td></tr>`,
  );
  return html`<details><summary>Evaluations as a table (${evaluations.length})</summary>${scrollable(
    'Evaluations',
    html`<table class="narrow"><thead><tr><th scope="col" class="number">step</th><th scope="col" class="number">held-out loss</th><th scope="col" class="number">accuracy</th><th scope="col" class="number">tokens</th><th scope="col" class="number">training time</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</details>`;
}

// --- files

/** Rows that stand open. */
const OPEN_ROWS = 20;

interface FileRow {
  readonly path: string;
  readonly tokens: number;
  readonly before: number;
  readonly after: number;
}

function filesSection(evaluations: readonly FileLosses[]): Section | null {
  if (evaluations.length === 0) return null;
  const first = evaluations[0];
  const last = evaluations.at(-1)!;
  const isOnlyOne = first === last;
  const rows: FileRow[] = [...last.files].map(([path, { loss, tokens }]) => ({
    path,
    tokens,
    before: first.files.get(path)?.loss ?? Number.NaN,
    after: loss,
  }));
  // What is not a number is the worst of all; equal losses stand by name, so that the order is always the same.
  const rank = (loss: number) => (Number.isNaN(loss) ? Infinity : loss);
  rows.sort((a, b) => {
    const [left, right] = [rank(a.after), rank(b.after)];
    return left === right ? (a.path < b.path ? -1 : 1) : right - left;
  });
  const largest = rangeOf(rows.flatMap(({ before, after }) => [before, after]))[1];
  const table = (part: readonly FileRow[], label: string) =>
    fileTable(part, label, { isOnlyOne, largest, first, last });
  const better = rows.filter(({ before, after }) => after < before).length;
  const worse = rows.filter(({ before, after }) => after > before).length;
  const summary = isOnlyOne
    ? `Evaluated at step ${formatCount(last.step)} only.`
    : `From step ${formatCount(first.step)} to step ${formatCount(last.step)}: ${better} better, ${worse} worse, ${rows.length - better - worse} unchanged.`;
  const body = html`<p class="note">Files the model never learnt from, the highest loss first. ${summary}</p>
${table(rows.slice(0, OPEN_ROWS), 'Held-out files')}
${rows.length > OPEN_ROWS ? html`<details><summary>${rows.length - OPEN_ROWS} more files</summary>${table(rows.slice(OPEN_ROWS), 'More held-out files')}</details>` : null}`;
  return { id: 'files', heading: 'Held-out files', body };
}

function fileTable(
  rows: readonly FileRow[],
  label: string,
  { isOnlyOne, largest, first, last }: { isOnlyOne: boolean; largest: number; first: FileLosses; last: FileLosses },
): Markup {
  const cells = ({ before, after }: FileRow) => {
    if (isOnlyOne) return null;
    const change = (after - before) / before;
    return html`<td class="number">${Number.isFinite(change) ? `${formatChange(change)} ${change < 0 ? '▼' : change > 0 ? '▲' : '·'}` : '–'}</td><td>${beforeAfter(before, after, largest)}</td>`;
  };
  return scrollable(
    label,
    html`<table><thead><tr><th scope="col">file</th><th scope="col" class="number">tokens</th>${isOnlyOne ? null : html`<th scope="col" class="number">loss, step ${formatCount(first.step)}</th>`}<th scope="col" class="number">loss, step ${formatCount(last.step)}</th>${isOnlyOne ? null : html`<th scope="col" class="number">change</th><th scope="col">○ before ● after</th>`}</tr></thead><tbody>${rows.map(
      (row) =>
        html`<tr><th scope="row" class="path"><code>${row.path}</code></th><td class="number">${formatCount(row.tokens)}</td>${isOnlyOne ? null : html`<td class="number">${formatLoss(row.before)}</td>`}<td class="number">${formatLoss(row.after)}</td>${cells(row)}</tr>`,
    )}</tbody></table>`,
  );
}

// --- samples and warnings

const OPEN_SAMPLES = 6;
/** Characters of a prompt and of a completion that are shown. */
const SHOWN_CHARACTERS = 2000;

function samplesSection(samples: readonly SampleEvent[]): Section | null {
  if (samples.length === 0) return null;
  const markup = ({ step, name, prompt, completion }: SampleEvent) => {
    // The end of a prompt is what the completion goes on from.
    const hidden = Math.max(0, prompt.length - SHOWN_CHARACTERS);
    const unshown = Math.max(0, completion.length - SHOWN_CHARACTERS);
    return html`<div class="sample"><h3>${name} <span class="muted">step ${formatCount(step)}</span></h3><pre>\n${hidden > 0 ? html`<span class="muted">… ${formatCount(hidden)} characters before …</span>\n` : null}${prompt.slice(hidden)}<mark>${completion.slice(0, SHOWN_CHARACTERS)}</mark>${unshown > 0 ? html`\n<span class="muted">… ${formatCount(unshown)} characters more …</span>` : null}</pre></div>`;
  };
  const newestFirst = samples.toReversed();
  const rest = newestFirst.slice(OPEN_SAMPLES);
  const body = html`<p class="note">What the model writes after a prompt, the newest first; its words are underlined.</p>
${newestFirst.slice(0, OPEN_SAMPLES).map(markup)}
${rest.length > 0 ? html`<details><summary>${rest.length} earlier samples</summary>${rest.map(markup)}</details>` : null}`;
  return { id: 'samples', heading: 'Samples', body };
}

const OPEN_WARNINGS = 10;

function warningsSection({ warning: warnings }: SortedEvents): Section | null {
  if (warnings.length === 0) return null;
  const item = ({ step, code, message }: (typeof warnings)[number]) =>
    html`<li>Step ${formatCount(step)}: <code>${code}</code> ${message}</li>`;
  const rest = warnings.slice(OPEN_WARNINGS);
  const body = html`<ul class="list">${warnings.slice(0, OPEN_WARNINGS).map(item)}</ul>${
    rest.length > 0
      ? html`<details><summary>${rest.length} more warnings</summary><ul class="list">${rest.map(item)}</ul></details>`
      : null
  }`;
  return { id: 'warnings', heading: `Warnings (${warnings.length})`, body };
}

// --- settings

function settingsSection({ description }: ReportInput, events: SortedEvents): Section | null {
  if (description === null) return null;
  const {
    training,
    folders,
    model: _modelFolder,
    repository,
    fingerprint,
    ...otherOptions
  } = record(description.options);
  const { heldOutFiles, folders: workspaceFolders, ...workspace } = record(description.workspace);
  const newest = events.checkpoint.at(-1);
  const data = {
    folders: folderText(workspaceFolders ?? folders),
    ...workspace,
    heldOutFiles: Array.isArray(heldOutFiles) ? heldOutFiles.length : heldOutFiles,
    ...record(repository),
    fingerprint,
  };
  const estimate = events.estimate.at(-1);
  const expected = estimate && {
    trainingTime: formatTime(estimate.durationMs),
    peakMemoryBytes: estimate.peakMemoryBytes,
    diskBytes: estimate.diskBytes,
  };
  const checkpoints = {
    written: events.checkpoint.length,
    newest: newest ? `step ${formatCount(newest.step)}, ${formatBytes(newest.bytes)}` : 'none',
  };
  const body = html`${settingList('Options', { ...record(training), ...otherOptions }, 'wide')}
<div class="settings">
${settingList('Data', data)}
<div>${settingList('Model', record(description.model))}${settingList('Checkpoints', checkpoints)}${settingList('Estimated before the run', record(expected))}</div>
<div>${settingList('Machine', record(description.machine))}${settingList('Versions', record(description.versions))}</div>
</div>${
    Array.isArray(heldOutFiles) && heldOutFiles.length > 0
      ? html`<details><summary>Names of the held-out files (${heldOutFiles.length})</summary><ul class="list">${heldOutFiles.map((file) => html`<li><code>${settingText('', file)}</code></li>`)}</ul></details>`
      : null
  }`;
  return { id: 'settings', heading: 'What was run', body };
}

/** `name, path (git commit 0123456789ab)`; anything of another shape as it is. */
function folderText(folders: unknown): unknown {
  if (!Array.isArray(folders)) return folders;
  return folders.map((folder: unknown) => {
    if (!isRecord(folder) || typeof folder.path !== 'string') return folder;
    return typeof folder.commit === 'string'
      ? `${folder.path} (git commit ${folder.commit.slice(0, 12)})`
      : folder.path;
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function settingList(heading: string, settings: Readonly<Record<string, unknown>>, style = ''): Markup | null {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return null;
  return html`<div class="settingGroup"><h3>${heading}</h3><dl class="${style}">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${settingText(name, value)}</dd></div>`)}</dl></div>`;
}

/** Options whose 0 lets the run decide, by its length. */
const AUTOMATIC_AT_ZERO: readonly string[] = ['probeEvery', 'evaluateEvery', 'checkpointEvery'];

/** A value of run.json for a reader. */
function settingText(name: string, value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'number') {
    if (name.endsWith('Bytes')) return formatBytes(value);
    if (value === 0 && AUTOMATIC_AT_ZERO.includes(name)) return 'automatic';
    if (!Number.isInteger(value)) return String(Number(value.toPrecision(6)));
    return name === 'seed' ? String(value) : formatCount(value);
  }
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((item) => settingText(name, item)).join('; ');
  if (isRecord(value)) {
    return Object.entries(value)
      .map(([key, item]) => `${key} ${settingText(key, item)}`)
      .join(', ');
  }
  return String(value);
}
