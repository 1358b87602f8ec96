/**
 * @file The report's section on convergence: the running mean of the squared gradient norm beside the bound of
 * THEORY.md, with constants that are estimated from the run. Not a measurement of what the names say, and called that.
 */
import { type TheoryStep, theoryCurve } from '../rgft/theory.ts';
import { lineChart, type Point, thinned } from './reportCharts.ts';
import { isRecord, type ReportInput, type SortedEvents } from './reportData.ts';
import { formatSignificant, html, type Section } from './reportMarkup.ts';

/** `null` for a run that is too short, or whose log does not tell what the curve needs. */
export function theorySection({ description }: ReportInput, events: SortedEvents): Section | null {
  const steps = theorySteps(events);
  if (steps.length < 2) return null;
  const training =
    isRecord(description?.options) && isRecord(description.options.training) ? description.options.training : {};
  const curve = theoryCurve(steps, {
    optimizer: training.optimizer === 'sgd' ? 'sgd' : 'other',
    // Of the first batch, before anything was learnt from it.
    initialLoss: events.step[0].loss,
  });
  const means = curve.points.map(({ step, meanSquaredGradient }): Point => ({ x: step, y: meanSquaredGradient }));
  const bounds = curve.points.map(({ step, bound }): Point => ({ x: step, y: bound ?? Number.NaN }));
  const seen = [...means, ...bounds].map(({ y }) => y).filter((y) => Number.isFinite(y) && y > 0);
  if (seen.length === 0) return null;
  const hasBound = bounds.some(({ y }) => Number.isFinite(y));
  const last = means[means.length - 1].y;
  const chart = lineChart({
    title: 'Squared gradient norm, estimate',
    unit: 'nats² per squared unit of weight',
    description: `Running mean of the estimated squared gradient norm, ${formatSignificant(last)} at the end${hasBound ? `, and the bound with estimated constants, ${formatSignificant(bounds[bounds.length - 1].y)} at the end` : ''}.`,
    series: [
      { label: 'running mean (estimate)', style: 'smooth', points: thinned(means, 800) },
      ...(hasBound ? [{ label: 'bound (estimate)', style: 'heldOut', points: thinned(bounds, 800) }] : []),
    ],
    lastStep: means[means.length - 1].x,
    heightPx: 180,
    range: [seen.reduce((a, b) => Math.min(a, b)), seen.reduce((a, b) => Math.max(a, b))],
    logarithmic: true,
  });
  const constants = hasBound
    ? ' Beta is the largest that the theorem allows at the highest rate, the noise is the mean squared norm, the lowest loss is 0; clipping is not part of it.'
    : '';
  return {
    id: 'theory',
    heading: 'Convergence, as an estimate',
    body: html`${chart}<p class="note">An estimate from the gradients of single steps, with what the error map says lies in parts that were not trained.${constants}${curve.notCovered ? ` No bound: ${curve.notCovered}` : ''} What the theorem promises, and that it says nothing about held-out files, is in THEORY.md.</p>`,
  };
}

/** Steps with a finite gradient, under the mask and the map that were in force. */
function theorySteps({ started, step: steps, mask: masks, errorMap: maps }: SortedEvents): TheoryStep[] {
  const count = started[0]?.components.length ?? 0;
  const fits = (list: readonly unknown[]) => list.length === count;
  return steps.flatMap(({ step, learningRate, gradNorm }) => {
    const mask = masks.findLast((event) => event.step < step && fits(event.mask) && fits(event.lrScale));
    const map = maps.findLast((event) => event.step < step && fits(event.shares));
    if (!mask || !Number.isFinite(gradNorm) || !Number.isFinite(learningRate)) return [];
    const scales = mask.lrScale.filter((_, c) => mask.mask[c] === 1);
    const masked = map
      ? map.shares.reduce((sum, share, c) => sum + (mask.mask[c] === 1 ? 0 : Math.max(0, share)), 0)
      : 0;
    if (scales.length === 0 || !(masked < 1) || !scales.every(Number.isFinite)) return [];
    return {
      step,
      learningRate,
      squaredGradientNorm: gradNorm ** 2,
      lowestScale: Math.min(...scales),
      highestScale: Math.max(...scales),
      maskedShare: masked,
    };
  });
}
