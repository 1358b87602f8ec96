/** @file The series of the charts, from a run's model. No DOM. */
import { atStep, type LoadedRun, numberOf, type RunModel } from './state.ts';

/** Exponential moving average that starts at the first value, without the pull towards 0. @param weight of the past, 0 to below 1 */
export function smoothed(values: readonly number[], weight: number): number[] {
  let [average, correction] = [0, 1];
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    average = weight * average + (1 - weight) * value;
    correction *= weight;
    return average / (1 - correction);
  });
}

/** Tokens per second of each step, from the time since the step before; NaN where a step or the time is missing. */
export function tokensPerSecond({ steps }: RunModel): number[] {
  return steps.step.map((step, i) => {
    const isNext = i === 0 ? step === 1 : steps.step[i - 1] === step - 1;
    const spent = steps.elapsedMs[i] - (i === 0 ? Number.NaN : steps.elapsedMs[i - 1]);
    return isNext && spent > 0 ? (1000 * steps.tokens[i]) / spent : Number.NaN;
  });
}

const TERA = 1e12;

/** Operations so far over those of full fine-tuning over the same passes; NaN where the run does not tell. */
export function computeShareOf({ steps, referenceFlops }: RunModel): number {
  return (steps.flops.at(-1) ?? Number.NaN) / (referenceFlops ?? Number.NaN);
}

/** How far the weights that were evaluated last lie on the way from the start to the trained ones; 1 for the trained ones. */
export function lastInterpolation({ model, details }: LoadedRun): number {
  const last = model.evaluations.at(-1);
  if (!last || last.interpolation < 1) return last?.interpolation ?? 1;
  // Older runs tell it in their options alone, and draw back where the steps or the budget end.
  const isPlannedEnd =
    last.step === model.totalSteps ||
    model.warnings.some(({ code, step }) => code === 'BUDGET_SPENT' && step === last.step);
  if (!isPlannedEnd || model.end?.type !== 'finished') return 1;
  const { training } = (details.description?.options ?? {}) as { training?: { interpolation?: unknown } };
  const asked = numberOf(training?.interpolation);
  return Number.isFinite(asked) ? Math.min(asked, 1) : 1;
}

/** Training time at a step in minutes: that of the newest step not after it. */
export function minutesAt(model: RunModel, step: number): number {
  const evaluation = atStep(model.evaluations, step);
  if (evaluation?.step === step) return evaluation.elapsedMs / 60_000;
  const { steps } = model;
  let at = Number.NaN;
  for (let i = steps.step.length - 1; i >= 0; i--) {
    if (steps.step[i] > step) continue;
    at = steps.elapsedMs[i] / 60_000;
    break;
  }
  return at;
}

export type ChartName = 'loss' | 'learningRate' | 'gradNorm' | 'speed' | 'memory' | 'compute' | 'cpu';
export const CHART_NAMES: readonly ChartName[] = [
  'loss',
  'compute',
  'learningRate',
  'gradNorm',
  'speed',
  'memory',
  'cpu',
];

export type SeriesName = 'raw' | 'smooth' | 'heldOut' | 'full' | 'budget';

/** Points by rising x. */
export interface ChartSeries {
  readonly name: SeriesName;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The series of a chart; those without a single finite value are left out. @param weight of the past in smoothed curves */
export function chartSeries(
  model: RunModel,
  chart: ChartName,
  options: { readonly isByTime: boolean; readonly weight: number },
): ChartSeries[] {
  const { steps } = model;
  const x = options.isByTime ? steps.elapsedMs.map((ms) => ms / 60_000) : steps.step;
  const line = (name: SeriesName, y: readonly number[]): ChartSeries => ({ name, x, y });
  const withSmooth = (values: number[]) =>
    options.weight > 0
      ? [line('raw', values), line('smooth', smoothed(values, options.weight))]
      : [line('raw', values)];
  const all: { readonly [Name in ChartName]: () => ChartSeries[] } = {
    loss: () => [
      ...withSmooth(steps.loss),
      {
        name: 'heldOut',
        x: model.evaluations.map(({ step, elapsedMs }) => (options.isByTime ? elapsedMs / 60_000 : step)),
        y: model.evaluations.map(({ loss }) => loss),
      },
    ],
    learningRate: () => [line('raw', steps.learningRate)],
    gradNorm: () => withSmooth(steps.gradNorm),
    speed: () => withSmooth(tokensPerSecond(model)),
    memory: () => [
      line(
        'raw',
        steps.memoryBytes.map((bytes) => bytes / 2 ** 20),
      ),
    ],
    compute: () => {
      const full = (model.referenceFlops ?? Number.NaN) / TERA;
      const level = (name: SeriesName, tera: number) => line(name, Array(x.length).fill(tera));
      return [
        line(
          'raw',
          steps.flops.map((flops) => flops / TERA),
        ),
        level('full', full),
        level('budget', full * (model.budget ?? Number.NaN)),
      ];
    },
    cpu: () => [
      line(
        'raw',
        steps.cpuMs.map((ms) => ms / 1000),
      ),
    ],
  };
  return all[chart]().filter(({ y }) => y.some(Number.isFinite));
}

/** Every step with its columns, for a table. */
export function stepRecords(model: RunModel): Record<string, unknown>[] {
  const { steps } = model;
  const heldOut = new Map(model.evaluations.map(({ step, loss }) => [step, loss]));
  const speed = tokensPerSecond(model);
  const rows: Record<string, unknown>[] = steps.step.map((step, i) => ({
    step,
    elapsedMs: steps.elapsedMs[i],
    loss: steps.loss[i],
    heldOutLoss: heldOut.get(step) ?? null,
    learningRate: steps.learningRate[i],
    gradNorm: steps.gradNorm[i],
    tokens: steps.tokens[i],
    tokensPerSecond: speed[i],
    flops: steps.flops[i],
    computeShare: steps.computeShare[i],
    memoryBytes: steps.memoryBytes[i],
    cpuMs: steps.cpuMs[i],
  }));
  const before = model.evaluations[0];
  if (before?.step !== 0 || rows.length === 0) return rows;
  const blank = Object.fromEntries(Object.keys(rows[0]).map((name) => [name, null]));
  return [{ ...blank, step: 0, elapsedMs: before.elapsedMs, heldOutLoss: before.loss }, ...rows];
}
