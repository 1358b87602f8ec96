/** @file The charts: loss, cost, rate, gradient, speed, memory, processor time; a second run laid over them. */
import { type ChartLine, createLineChart } from './chart.ts';
import {
  CHART_NAMES,
  type ChartName,
  type ChartSeries,
  chartSeries,
  computeShareOf,
  lastInterpolation,
  minutesAt,
  stepRecords,
} from './chartModel.ts';
import { button, element, select, setSlider, setText, slider } from './dom.ts';
import { formatCount, formatPercent } from './format.ts';
import { toCsv } from './mapModel.ts';
import type { LoadedRun, RunModel } from './state.ts';
import { TEXT } from './strings.ts';
import type { Theme } from './theme.ts';
import type { Context, View } from './view.ts';

const CHART_TEXT: { readonly [Name in ChartName]: { readonly title: string; readonly unit: string } } = {
  loss: { title: TEXT.charts.loss, unit: TEXT.charts.lossUnit },
  compute: { title: TEXT.charts.compute, unit: TEXT.charts.computeUnit },
  learningRate: { title: TEXT.charts.learningRate, unit: '' },
  gradNorm: { title: TEXT.charts.gradNorm, unit: TEXT.charts.gradNormUnit },
  speed: { title: TEXT.charts.speed, unit: TEXT.charts.speedUnit },
  memory: { title: TEXT.charts.memory, unit: TEXT.charts.memoryUnit },
  cpu: { title: TEXT.charts.cpu, unit: TEXT.charts.cpuUnit },
};

/** While a run is live, charts are drawn anew this often at most. */
const REDRAW_EVERY_MS = 250;

export function createChartsView(context: Context): View {
  const { data, view } = context;
  const axisSelect = select(TEXT.charts.xAxis, (value) => {
    view.charts.isByTime = value === 'time';
    context.changed();
  });
  const smoothing = slider(TEXT.charts.smoothing, (percent) => {
    view.charts.smoothing = percent / 100;
    context.changed();
  });
  const smoothingText = element('output', { class: 'stepText' });
  const exportButton = button(TEXT.charts.csv, saveCsv, { iconName: 'export' });
  const controls = element(
    'div',
    { class: 'controls' },
    axisSelect.element,
    element(
      'div',
      { class: 'field' },
      element('span', { class: 'fieldLabel', 'aria-hidden': 'true' }, TEXT.charts.smoothing),
      element('div', { class: 'sliderLine' }, smoothing, smoothingText),
    ),
    exportButton,
  );
  const charts = new Map(CHART_NAMES.map((name) => [name, createLineChart()]));
  const holder = element('div', { class: 'charts' }, ...[...charts.values()].map((chart) => chart.element));
  charts.get('loss')!.element.classList.add('wide');
  const empty = element('p', { class: 'note' }, TEXT.charts.none);
  const root = element('div', {}, controls, empty, holder);
  let drawnAt = 0;
  let drawnChoices = '';
  let drawn: readonly unknown[] = [];

  function saveCsv(): void {
    if (!data.main) return;
    const name = data.main.details.summary.name.replace(/[^\w.-]+/g, '-');
    const content = toCsv(stepRecords(data.main.model));
    context.post({ type: 'save', fileName: `${name}-steps.csv`, content, isBase64: false });
  }

  function draw(): void {
    const run = data.main;
    const hasSteps = run !== null && (run.model.steps.step.length > 0 || run.model.evaluations.length > 0);
    holder.hidden = !hasSteps;
    controls.hidden = !hasSteps;
    empty.hidden = hasSteps || run === null;
    if (!run || !hasSteps) return;
    const { isByTime, smoothing: weight } = view.charts;
    axisSelect.set(
      [
        { value: 'step', label: TEXT.charts.byStep },
        { value: 'time', label: TEXT.charts.byTime },
      ],
      isByTime ? 'time' : 'step',
    );
    setSlider(smoothing, Math.round(weight * 100), 99);
    setText(smoothingText, weight.toFixed(2));

    const { compared } = data;
    const choices = JSON.stringify([
      view.charts,
      run.details.summary.path,
      compared?.details.summary.path,
      context.theme.foreground,
    ]);
    const content = [run.model, run.model.version, compared?.model, compared?.model.version];
    const isSameView = choices === drawnChoices && run.model === drawn[0];
    if (isSameView && content.every((item, i) => item === drawn[i])) return;
    const waited = performance.now() - drawnAt;
    if (isSameView && waited < REDRAW_EVERY_MS) {
      context.redrawAfter(REDRAW_EVERY_MS - waited);
      return;
    }
    drawnChoices = choices;
    drawn = content;
    drawnAt = performance.now();
    for (const [name, chart] of charts) {
      const series = [
        ...linesOf(run, name, ''),
        ...(data.compared
          ? linesOf(data.compared, name, TEXT.charts.compared(data.compared.details.summary.name))
          : []),
      ];
      chart.element.hidden = series.length === 0;
      if (series.length === 0) continue;
      chart.draw({
        ...CHART_TEXT[name],
        series,
        xLabel: isByTime ? TEXT.charts.minutes : TEXT.charts.step,
        marks: name === 'loss' ? marksOf(run.model) : [],
        theme: context.theme,
        height: name === 'loss' ? 260 : 170,
        note: noteOf(name, run),
      });
    }
  }

  function linesOf({ model }: LoadedRun, name: ChartName, suffix: string): ChartLine[] {
    const options = { isByTime: view.charts.isByTime, weight: view.charts.smoothing };
    const series = chartSeries(model, name, options);
    // Of the other run the raw values would only hide the curves.
    const shown =
      suffix && series.some((one) => one.name === 'smooth') ? series.filter((one) => one.name !== 'raw') : series;
    return shown.map((one) => ({
      ...styleOf(
        name,
        one,
        series.some((each) => each.name === 'smooth'),
        suffix !== '',
        context.theme,
      ),
      x: one.x,
      y: one.y,
      label: labelOf(name, one) + suffix,
    }));
  }

  function marksOf(model: RunModel): { x: number; text: string }[] {
    if (model.end?.type !== 'finished') return [];
    const place = (step: number) => (view.charts.isByTime ? minutesAt(model, step) : step);
    const { keptStep, step, reason } = model.end;
    const marks = keptStep === null ? [] : [{ x: place(keptStep), text: TEXT.charts.kept(formatCount(keptStep)) }];
    if (reason === 'stoppedEarly' && step !== model.totalSteps)
      marks.push({ x: place(step), text: TEXT.charts.stoppedEarly(formatCount(step)) });
    return marks;
  }

  return { element: root, draw };
}

function noteOf(name: ChartName, run: LoadedRun): string {
  const interpolation = lastInterpolation(run);
  if (name === 'loss' && interpolation < 1) return TEXT.charts.drawnBack(formatPercent(interpolation));
  if (name !== 'compute') return '';
  const { model } = run;
  const share = computeShareOf(model);
  if (Number.isNaN(share)) return '';
  const budget = model.budget === null ? '' : TEXT.charts.budgetShare(formatPercent(model.budget));
  return TEXT.charts.computeShare(formatPercent(share)) + budget;
}

function labelOf(chart: ChartName, { name }: ChartSeries): string {
  if (name === 'full') return TEXT.charts.fullFineTuning;
  if (name === 'budget') return TEXT.charts.budget;
  if (chart === 'compute') return TEXT.charts.thisRun;
  if (name === 'heldOut') return TEXT.charts.heldOut;
  if (chart !== 'loss') return name === 'smooth' ? `${CHART_TEXT[chart].title}, smoothed` : CHART_TEXT[chart].title;
  return name === 'smooth' ? TEXT.charts.trainSmooth : TEXT.charts.trainRaw;
}

/** Colour with a second sign: dots for held-out files, dashes for the other run and for what was not run. */
function styleOf(
  chart: ChartName,
  { name, x }: ChartSeries,
  hasSmooth: boolean,
  isOther: boolean,
  theme: Theme,
): Pick<ChartLine, 'colour' | 'isDashed' | 'hasDots' | 'width'> {
  const isDashed = isOther || name === 'full' || name === 'budget';
  if (name === 'heldOut') return { colour: theme.heldOut, isDashed, hasDots: x.length < 200, width: 2 };
  if (name === 'full') return { colour: theme.muted, isDashed };
  if (name === 'budget') return { colour: theme.heldOut, isDashed };
  const isFaint = name === 'raw' && hasSmooth && chart !== 'compute';
  return {
    colour: isFaint ? theme.trainingRaw : theme.training,
    isDashed,
    hasDots: x.length === 1,
    width: isFaint ? 1 : 2,
  };
}
