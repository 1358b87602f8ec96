/** @file Which run, how it goes, what can be done with it. */
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { VscodeProgressBar } from '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { PanelCommand, RunDetails, RunState, RunSummary } from '../src/protocol.ts';
import { computeShareOf } from './chartModel.ts';
import { button, type Choice, element, icon, select, setText } from './dom.ts';
import { formatChange, formatCount, formatDuration, formatLoss, formatPercent } from './format.ts';
import { type RunModel, resultStep } from './state.ts';
import { METHOD_TEXT, STATE_TEXT, TEXT } from './strings.ts';
import type { Context, View } from './view.ts';
import { showRun } from './viewState.ts';

const COMMANDS: readonly {
  readonly command: PanelCommand;
  readonly label: string;
  readonly icon: string;
  readonly states: readonly RunState[];
}[] = [
  { command: 'stop', label: TEXT.stop, icon: 'debug-stop', states: ['running'] },
  { command: 'resume', label: TEXT.resume, icon: 'debug-continue', states: ['interrupted', 'failed'] },
  { command: 'evaluate', label: TEXT.evaluate, icon: 'beaker', states: ['finished', 'stoppedEarly'] },
  {
    command: 'openReport',
    label: TEXT.report,
    icon: 'file-code',
    states: ['finished', 'stoppedEarly', 'failed', 'interrupted'],
  },
  { command: 'showLog', label: TEXT.log, icon: 'output', states: ['running', 'failed', 'interrupted', 'unreadable'] },
];

export function createHeaderView(context: Context): View {
  const { data, view } = context;
  const choose = (slot: 'main' | 'compared') => (value: string) => {
    const path = value === '' ? null : value;
    showRun(view, slot, path);
    if (path === null) data[slot] = null;
    context.post({ type: 'select', slot, path });
    context.changed();
  };
  const runSelect = select(TEXT.run, choose('main'));
  const compareSelect = select(TEXT.compareWith, choose('compared'));
  const buttons = COMMANDS.map(({ command, label, icon: iconName, states }) => {
    const made = button(
      label,
      () => {
        if (data.main) context.post({ type: 'command', command, run: data.main.details.summary.path });
      },
      { iconName, isSecondary: command !== 'resume' && command !== 'evaluate' },
    );
    return { made, states };
  });
  const stateIcon = element('span', { 'aria-hidden': 'true' });
  const stateText = element('span', { class: 'stateText' });
  const facts = element('span', { class: 'stateFacts' });
  const progress = document.createElement('vscode-progress-bar') as VscodeProgressBar;
  progress.ariaLabel = TEXT.progress;
  const problemText = element('span');
  const problem = element('p', { class: 'problem' }, icon('error'), ' ', problemText);
  const status = element('div', { class: 'status' }, stateIcon, stateText, facts);
  const root = element(
    'header',
    {},
    element(
      'div',
      { class: 'headerLine' },
      element('div', { class: 'choosers' }, runSelect.element, compareSelect.element),
      element('div', { class: 'buttons' }, ...buttons.map(({ made }) => made)),
    ),
    status,
    progress,
    problem,
  );
  let announced = '';

  function draw(): void {
    const { runs, main } = data;
    root.hidden = runs.length === 0;
    runSelect.set(choicesOf(runs, TEXT.noRun), view.main ?? '');
    compareSelect.set(
      choicesOf(
        runs.filter(({ path }) => path !== view.main),
        TEXT.noComparison,
      ),
      view.compared ?? '',
    );
    status.hidden = main === null;
    for (const { made, states } of buttons) made.hidden = main === null || !states.includes(main.details.summary.state);
    const summary = main?.details.summary;
    const isRunning = summary?.state === 'running';
    progress.hidden = !isRunning;
    const text = problemOf(context);
    problem.hidden = text === '';
    setText(problemText, text);
    if (!main || !summary) return;
    const { text: state, icon: iconName } = STATE_TEXT[summary.state];
    if (announced !== `${summary.path} ${state}`) {
      if (announced.startsWith(`${summary.path} `)) context.announce(TEXT.stateAnnouncement(summary.name, state));
      announced = `${summary.path} ${state}`;
    }
    stateIcon.className = `codicon codicon-${iconName} state-${summary.state}`;
    setText(stateText, state);
    const { model } = main;
    const step = model.steps.step.at(-1) ?? summary.step;
    const total = model.totalSteps ?? summary.totalSteps;
    const parts = [
      methodText(summary.method ?? model.method, main.details.description),
      total === null ? TEXT.step(formatCount(step)) : TEXT.stepOf(formatCount(step), formatCount(total)),
      isRunning ? remainingText(model, summary, total) : null,
      lossText(model),
      isRunning ? null : computeText(model),
    ];
    setText(facts, parts.filter(Boolean).join('  ·  '));
    if (isRunning && total !== null && total > 0) {
      progress.indeterminate = false;
      progress.max = total;
      progress.value = step;
    } else progress.indeterminate = isRunning;
  }

  return { element: root, draw };
}

/** `RGFT with 40 % of the compute` */
function methodText(method: string | null, description: RunDetails['description']): string | null {
  if (method === null) return null;
  const name = METHOD_TEXT[method] ?? method;
  const { training } = (description?.options ?? {}) as { training?: { budget?: unknown } };
  const budget = training?.budget;
  return typeof budget === 'number' ? TEXT.withBudget(name, formatPercent(budget)) : name;
}

function choicesOf(runs: readonly RunSummary[], none: string): Choice[] {
  return [
    { value: '', label: none },
    ...runs.map(({ path, name, state }) => ({
      value: path,
      label: `${name} (${STATE_TEXT[state].text.toLowerCase()})`,
    })),
  ];
}

/** Steps over which the pace is taken: those of the tree and the status bar, which are to say the same. */
const PACE_STEPS = 50;

/** From the pace of the latest steps; from the host's word before there is one. */
function remainingText({ steps }: RunModel, summary: RunSummary, total: number | null): string | null {
  const last = steps.step.length - 1;
  const first = Math.max(0, steps.step.length - PACE_STEPS);
  const isPaced = total !== null && last > first;
  const perStep = (steps.elapsedMs[last] - steps.elapsedMs[first]) / (steps.step[last] - steps.step[first]);
  const ms = summary.remainingMs ?? (isPaced ? perStep * (total - steps.step[last]) : null);
  return ms === null ? null : TEXT.remaining(formatDuration(ms));
}

function lossText(model: RunModel): string | null {
  const before = model.evaluations[0];
  if (!before) return null;
  const last = resultStep(model);
  const after = model.evaluations.find(({ step }) => step === last) ?? model.evaluations.at(-1)!;
  if (after === before) return TEXT.heldOutOnly(formatLoss(before.loss));
  return TEXT.heldOut(
    formatLoss(before.loss),
    formatLoss(after.loss),
    formatChange((after.loss - before.loss) / before.loss),
  );
}

/** What the run has cost, where it tells. */
function computeText(model: RunModel): string | null {
  const share = computeShareOf(model);
  return Number.isNaN(share) ? null : TEXT.computeSpent(formatPercent(share));
}

function problemOf({ data }: Context): string {
  if (data.error) return `${data.error.code}: ${data.error.message}`;
  return data.main?.details.summary.problem ?? '';
}
