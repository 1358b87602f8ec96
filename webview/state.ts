/**
 * @file What the panel knows of a run, from its events alone. Appending is incremental: a snapshot costs its own length,
 * never that of the run so far. No DOM in here.
 *
 * Numbers that are not finite arrive as they stand in events.jsonl ("NaN", "Infinity", "-Infinity"), or as `null` where
 * JSON ate them; either way they are numbers again in the model.
 */
import type { RunDetails, RunSummary, Slot, ToPanel } from '../src/protocol.ts';

/** Columns of the step events; all of the same length, by rising step. NaN for what an event does not tell. */
export interface StepColumns {
  readonly step: number[];
  readonly loss: number[];
  readonly learningRate: number[];
  readonly gradNorm: number[];
  readonly tokens: number[];
  readonly elapsedMs: number[];
  readonly flops: number[];
  readonly memoryBytes: number[];
  readonly cpuMs: number[];
  /** Compute share of the mask under which the step ran; NaN before the first mask. */
  readonly computeShare: number[];
}

export interface Evaluation {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly elapsedMs: number;
  /** How far the measured weights are on the way from the start to the trained ones; below 1 at the end of some runs. */
  readonly interpolation: number;
}

/** One measurement of the error map, in the order of `components`. */
export interface MapSnapshot {
  readonly step: number;
  readonly shares: Float64Array;
  /** -1: never. */
  readonly measuredSteps: Int32Array;
}

/** One mask, in force from the step after `step`. */
export interface MaskSnapshot {
  readonly step: number;
  readonly mask: Uint8Array;
  readonly lrScale: Float64Array;
  readonly computeShare: number;
  /** Steps up to and including `step` in which each component was active. */
  readonly activeStepsBefore: Float64Array;
}

export interface Sample {
  readonly step: number;
  readonly name: string;
  readonly prompt: string;
  readonly completion: string;
}

export interface Notice {
  readonly step: number;
  readonly code: string;
  readonly message: string;
}

/** How a run ended, unless it went on after that. */
export interface RunEnd {
  readonly type: 'finished' | 'failed' | 'interrupted';
  readonly step: number;
  /** Step whose weights were kept. */
  readonly keptStep: number | null;
  readonly reason: string;
  readonly code: string | null;
}

export interface RunModel {
  method: string | null;
  startedAtMs: number | null;
  totalSteps: number | null;
  components: readonly string[];
  /** Operations of full fine-tuning over the same passes; unknown before the end of a run without a budget. */
  referenceFlops: number | null;
  /** Share of them that a run with a budget may spend. */
  budget: number | null;
  readonly steps: StepColumns;
  readonly evaluations: Evaluation[];
  readonly maps: MapSnapshot[];
  readonly masks: MaskSnapshot[];
  readonly samples: Sample[];
  readonly warnings: Notice[];
  readonly checkpoints: { readonly step: number; readonly bytes: number }[];
  estimate: { readonly durationMs: number; readonly peakMemoryBytes: number; readonly diskBytes: number } | null;
  end: RunEnd | null;
  /** Events without the shape that their type promises; left out. */
  numInvalid: number;
  /** Older snapshots were dropped, every second one, to keep within `SNAPSHOT_BUDGET_BYTES`. */
  isThinned: boolean;
  /** Step of the newest event. */
  lastStep: number;
  /** Another one after every change, and in every model: whoever draws can tell whether there is anything new. */
  version: number;
}

/** Bytes of maps and masks that are kept of one run; beyond it every second of the older ones goes. */
export const SNAPSHOT_BUDGET_BYTES = 24 * 2 ** 20;

export function createRunModel(): RunModel {
  return {
    method: null,
    startedAtMs: null,
    totalSteps: null,
    components: [],
    referenceFlops: null,
    budget: null,
    steps: {
      step: [],
      loss: [],
      learningRate: [],
      gradNorm: [],
      tokens: [],
      elapsedMs: [],
      flops: [],
      memoryBytes: [],
      cpuMs: [],
      computeShare: [],
    },
    evaluations: [],
    maps: [],
    masks: [],
    samples: [],
    warnings: [],
    checkpoints: [],
    estimate: null,
    end: null,
    numInvalid: 0,
    isThinned: false,
    lastStep: 0,
    version: 0,
  };
}

/** A number as it may stand in a message; NaN for anything that is none. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === 'Infinity') return Infinity;
  return value === '-Infinity' ? -Infinity : Number.NaN;
}

function positiveOrNull(value: unknown): number | null {
  const number = numberOf(value);
  return number > 0 && Number.isFinite(number) ? number : null;
}

/** A text as it may stand in a message: one tilde before the spelling of a number belongs to the file, not to the text. */
export function textOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  return /^~+(NaN|-?Infinity)$/.test(value) ? value.slice(1) : value;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Takes events into the model, in order. A `started` event begins it anew; a step that was there already (the run was
 * resumed from an earlier checkpoint) replaces everything from that step on.
 */
export function appendEvents(model: RunModel, events: readonly unknown[]): void {
  for (const event of events) {
    const isTaken = typeof event === 'object' && event !== null && takeEvent(model, event as Fields);
    if (!isTaken) model.numInvalid++;
  }
  keepWithinBudget(model);
  model.version = ++newestVersion;
}

let newestVersion = 0;

function takeEvent(model: RunModel, event: Fields): boolean {
  const step = event.step;
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) return false;
  if (event.type === 'started') return takeStart(model, event);
  const taken = takeLater(model, event, step);
  if (taken) model.lastStep = Math.max(model.lastStep, step);
  return taken;
}

function takeStart(model: RunModel, event: Fields): boolean {
  const { components } = event;
  if (!Array.isArray(components) || !components.every((id) => typeof id === 'string')) return false;
  const { version, numInvalid } = model;
  Object.assign(model, createRunModel(), { version, numInvalid });
  model.method = textOf(event.method);
  model.startedAtMs = Number.isFinite(numberOf(event.atMs)) ? numberOf(event.atMs) : null;
  model.totalSteps = Number.isFinite(numberOf(event.totalSteps)) ? numberOf(event.totalSteps) : null;
  model.components = components;
  const { share, referenceFlops } = (event.budget ?? {}) as Fields;
  model.budget = positiveOrNull(share);
  model.referenceFlops = positiveOrNull(referenceFlops);
  return true;
}

function takeLater(model: RunModel, event: Fields, step: number): boolean {
  switch (event.type) {
    case 'step':
      return takeStep(model, event, step);
    case 'evaluation': {
      dropFrom(model.evaluations, step);
      model.evaluations.push({
        step,
        loss: numberOf(event.loss),
        accuracy: numberOf(event.accuracy),
        elapsedMs: numberOf(event.elapsedMs),
        interpolation: Number.isFinite(numberOf(event.interpolation)) ? numberOf(event.interpolation) : 1,
      });
      return true;
    }
    case 'errorMap':
      return takeMap(model, event, step);
    case 'mask':
      return takeMask(model, event, step);
    case 'sample': {
      if (typeof event.prompt !== 'string' || typeof event.completion !== 'string') return false;
      model.samples.push({
        step,
        name: textOf(event.name),
        prompt: textOf(event.prompt),
        completion: textOf(event.completion),
      });
      return true;
    }
    case 'warning':
      model.warnings.push({ step, code: textOf(event.code), message: textOf(event.message) });
      return true;
    case 'checkpoint':
      model.checkpoints.push({ step, bytes: numberOf(event.bytes) });
      return true;
    case 'estimate':
      model.estimate = {
        durationMs: numberOf(event.durationMs),
        peakMemoryBytes: numberOf(event.peakMemoryBytes),
        diskBytes: numberOf(event.diskBytes),
      };
      return true;
    case 'finished': {
      const keptStep = Number.isSafeInteger(event.keptStep) ? (event.keptStep as number) : null;
      model.end = { type: 'finished', step, keptStep, reason: textOf(event.reason), code: null };
      model.referenceFlops = positiveOrNull(event.referenceFlops) ?? model.referenceFlops;
      return true;
    }
    case 'failed':
      model.end = {
        type: 'failed',
        step,
        keptStep: null,
        reason: textOf(event.message),
        code: textOf(event.code),
      };
      return true;
    case 'interrupted':
      model.end = { type: 'interrupted', step, keptStep: null, reason: textOf(event.reason), code: null };
      return true;
    default:
      return false;
  }
}

function takeStep(model: RunModel, event: Fields, step: number): boolean {
  const { steps } = model;
  if (step <= (steps.step.at(-1) ?? -1)) forgetFrom(model, step);
  const mask = model.masks.findLast((candidate) => candidate.step < step);
  steps.step.push(step);
  steps.loss.push(numberOf(event.loss));
  steps.learningRate.push(numberOf(event.learningRate));
  steps.gradNorm.push(numberOf(event.gradNorm));
  steps.tokens.push(numberOf(event.tokens));
  steps.elapsedMs.push(numberOf(event.elapsedMs));
  steps.flops.push(numberOf(event.flops));
  steps.memoryBytes.push(numberOf(event.memoryBytes));
  steps.cpuMs.push(numberOf(event.cpuMs));
  steps.computeShare.push(mask?.computeShare ?? Number.NaN);
  model.end = null;
  return true;
}

/** Drops everything that a step done anew makes obsolete. What was measured right before it stays. */
function forgetFrom(model: RunModel, step: number): void {
  const kept = lowerBound(model.steps.step, step);
  for (const column of Object.values(model.steps)) column.length = kept;
  for (const list of [model.evaluations, model.maps, model.masks, model.samples, model.checkpoints, model.warnings]) {
    dropFrom(list, step);
  }
  model.lastStep = Math.max(0, step - 1);
}

function dropFrom(list: { readonly step: number }[], step: number): void {
  while (list.length > 0 && list[list.length - 1].step >= step) list.pop();
}

function takeMap(model: RunModel, event: Fields, step: number): boolean {
  const { shares, measuredSteps } = event;
  const count = model.components.length;
  if (!isListOf(shares, count) || !isListOf(measuredSteps, count)) return false;
  dropFrom(model.maps, step);
  model.maps.push({
    step,
    shares: numbersOf(shares, new Float64Array(count)),
    measuredSteps: numbersOf(measuredSteps, new Int32Array(count)),
  });
  return true;
}

function takeMask(model: RunModel, event: Fields, step: number): boolean {
  const { mask, lrScale } = event;
  const count = model.components.length;
  if (!isListOf(mask, count) || !isListOf(lrScale, count)) return false;
  dropFrom(model.masks, step);
  const previous = model.masks.at(-1);
  const activeStepsBefore = new Float64Array(count);
  if (previous) {
    const span = step - previous.step;
    for (let c = 0; c < count; c++) {
      activeStepsBefore[c] = previous.activeStepsBefore[c] + (previous.mask[c] === 1 ? span : 0);
    }
  }
  model.masks.push({
    step,
    mask: numbersOf(mask, new Uint8Array(count)),
    lrScale: numbersOf(lrScale, new Float64Array(count)),
    computeShare: numberOf(event.computeShare),
    activeStepsBefore,
  });
  return true;
}

function numbersOf<Target extends Float64Array | Int32Array | Uint8Array>(
  values: readonly unknown[],
  target: Target,
): Target {
  for (let i = 0; i < target.length; i++) target[i] = numberOf(values[i]);
  return target;
}

function isListOf(value: unknown, length: number): value is readonly unknown[] {
  return Array.isArray(value) && length > 0 && value.length === length;
}

/** Counts of active steps stand in every mask, so that dropping masks in between falsifies no fraction. */
function keepWithinBudget(model: RunModel): void {
  const count = model.components.length;
  const bytes = () => count * (model.maps.length * 12 + model.masks.length * 17);
  while (bytes() > SNAPSHOT_BUDGET_BYTES && model.maps.length + model.masks.length > 8) {
    dropEverySecond(model.maps);
    dropEverySecond(model.masks);
    model.isThinned = true;
  }
}

/** The first and the last stay. */
function dropEverySecond(list: unknown[]): void {
  let kept = 0;
  for (let i = 0; i < list.length; i++) if (i % 2 === 0 || i === list.length - 1) list[kept++] = list[i];
  list.length = kept;
}

/** First index whose value is at least `value`, in a rising list. */
export function lowerBound(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The newest of a list at a step: the last one not after it. */
export function atStep<Item extends { readonly step: number }>(list: readonly Item[], step: number): Item | null {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].step <= step) low = middle + 1;
    else high = middle;
  }
  return list[low - 1] ?? null;
}

/** Steps at which the map or the mask changes, rising. */
export function momentsOf(model: RunModel): number[] {
  return [...new Set([...model.maps, ...model.masks].map(({ step }) => step))].sort((a, b) => a - b);
}

/** A run in a slot of the panel. */
export interface LoadedRun {
  details: RunDetails;
  readonly model: RunModel;
}

export interface PanelData {
  runs: readonly RunSummary[];
  /** The host has said which runs there are. */
  isListed: boolean;
  main: LoadedRun | null;
  compared: LoadedRun | null;
  error: { readonly code: string; readonly message: string } | null;
}

export function createPanelData(): PanelData {
  return { runs: [], isListed: false, main: null, compared: null, error: null };
}

/** Takes a message of the host in. @returns whether there is anything new to draw */
export function receive(data: PanelData, message: ToPanel): boolean {
  switch (message.type) {
    case 'runs':
      data.runs = message.runs;
      data.isListed = true;
      return true;
    case 'run': {
      const model = createRunModel();
      appendEvents(model, message.events);
      data[message.slot] = { details: message.details, model };
      if (message.slot === 'main') data.error = null;
      return true;
    }
    case 'events': {
      const loaded = slotsOf(data).filter((run) => run.details.summary.path === message.path);
      for (const run of loaded) appendEvents(run.model, message.events);
      return loaded.length > 0;
    }
    case 'details': {
      const loaded = slotsOf(data).filter((run) => run.details.summary.path === message.details.summary.path);
      for (const run of loaded) run.details = message.details;
      return loaded.length > 0;
    }
    case 'empty':
      data[message.slot] = null;
      return true;
    case 'error':
      data.error = { code: message.code, message: message.message };
      return true;
    default:
      return false;
  }
}

const SLOTS: readonly Slot[] = ['main', 'compared'];

function slotsOf(data: PanelData): LoadedRun[] {
  return SLOTS.flatMap((slot) => data[slot] ?? []);
}

/** Step whose model counts as the result: the kept one, else that of the last evaluation. */
export function resultStep(model: RunModel): number | null {
  return model.end?.keptStep ?? model.evaluations.at(-1)?.step ?? null;
}
