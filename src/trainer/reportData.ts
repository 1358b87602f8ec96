/**
 * @file What a report is made from. A run directory is read as it is found: every event and every list is checked
 * before it is used, what does not have its shape is named as a problem, and the rest becomes facts, maps and losses.
 */
import type { ErrorMapEvent, EvaluationEvent, MaskEvent, RunEvent } from '../runEvents.ts';
import { formatNumberOf } from './reportMarkup.ts';
import type { RunDescription } from './runDirectory.ts';

/** What a run directory holds, as read: nothing in it is trusted to have the shape it should have. */
export interface ReportInput {
  /** Name of the run's folder. */
  readonly name: string;
  /** run.json; `null` when it cannot be read. */
  readonly description: RunDescription | null;
  /** The lines of events.jsonl that are JSON, in order. */
  readonly events: readonly unknown[];
  /** eval/step-N.json of the first evaluation and of the model that was kept (else the last), by rising step. */
  readonly evaluations: readonly { readonly step: number; readonly content: unknown }[];
  /** A process is writing this run. */
  readonly isRunning: boolean;
  /** What could not be read, as sentences. */
  readonly problems: readonly string[];
}

/** The headline in numbers. `null` stands for what the run does not tell. */
export interface ReportFacts {
  readonly state: 'running' | 'finished' | 'stoppedEarly' | 'failed' | 'interrupted';
  /** Code of the failure. */
  readonly code: string | null;
  /** Message of the failure, or reason of the interruption. */
  readonly message: string | null;
  readonly method: string | null;
  readonly step: number;
  readonly totalSteps: number | null;
  /** Held-out loss of the model as it came, nats per token. */
  readonly lossBefore: number | null;
  /** Held-out loss of the model that was kept, else at the last evaluation; `null` when there was only one. */
  readonly lossAfter: number | null;
  /** Step whose model was kept; `null` for a run that did not finish. */
  readonly keptStep: number | null;
  /** Held-out loss at the last evaluation. */
  readonly lossLast: number | null;
  /** `(lossAfter - lossBefore) / lossBefore`. */
  readonly lossChange: number | null;
  readonly bestLoss: number | null;
  readonly bestStep: number | null;
  /** Share of held-out tokens whose most probable prediction is right. */
  readonly accuracyBefore: number | null;
  readonly accuracyAfter: number | null;
  /** Target tokens trained on, repetitions counted. */
  readonly tokens: number;
  readonly elapsedMs: number;
  /** Counted floating-point operations of training and measurements. */
  readonly flops: number;
  /** `flops` over the operations of full fine-tuning over the same passes. */
  readonly computeShare: number | null;
  /** Share that the run may spend; `null` for a run without a budget. */
  readonly budget: number | null;
  /** Why it stopped early: the budget did not pay for another step, rather than that the loss did not improve. */
  readonly isBudgetSpent: boolean;
}

/** The headline of a run. */
export function reportFacts(input: ReportInput): ReportFacts {
  return factsOf(input, sortEvents(input.events));
}

/** Events by type, each with the fields its type promises. */
export type SortedEvents = {
  readonly [Type in RunEvent['type']]: readonly Extract<RunEvent, { type: Type }>[];
} & {
  readonly inOrder: readonly RunEvent[];
  /** Lines that are JSON but no event. */
  readonly numInvalid: number;
};

type FieldType = 'number' | 'string' | 'numbers' | 'strings' | 'numberOrNull';

/** The fields that must be there, beside `type` and `step`. */
const EVENT_FIELDS: { readonly [Type in RunEvent['type']]: Readonly<Record<string, FieldType>> } = {
  started: { method: 'string', totalSteps: 'number', components: 'strings' },
  estimate: { durationMs: 'number', peakMemoryBytes: 'number', diskBytes: 'number' },
  step: {
    loss: 'number',
    learningRate: 'number',
    gradNorm: 'number',
    tokens: 'number',
    elapsedMs: 'number',
    flops: 'number',
  },
  evaluation: { loss: 'number', accuracy: 'number', tokens: 'number', elapsedMs: 'number' },
  errorMap: { shares: 'numbers', measuredSteps: 'numbers' },
  mask: { mask: 'numbers', lrScale: 'numbers', computeShare: 'number' },
  checkpoint: { bytes: 'number', metric: 'numberOrNull' },
  sample: { name: 'string', prompt: 'string', completion: 'string' },
  warning: { code: 'string', message: 'string' },
  finished: { elapsedMs: 'number', flops: 'number', reason: 'string' },
  failed: { code: 'string', message: 'string' },
  interrupted: { reason: 'string' },
};

const HAS_TYPE: { readonly [Type in FieldType]: (value: unknown) => boolean } = {
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  numbers: (value) => Array.isArray(value) && value.every((item) => typeof item === 'number'),
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  numberOrNull: (value) => value === null || typeof value === 'number',
};

export function sortEvents(values: readonly unknown[]): SortedEvents {
  const inOrder = values.filter(isEvent);
  const ofType = <Type extends RunEvent['type']>(type: Type) =>
    inOrder.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
  return {
    inOrder,
    numInvalid: values.length - inOrder.length,
    started: ofType('started'),
    estimate: ofType('estimate'),
    step: ofType('step'),
    evaluation: ofType('evaluation'),
    errorMap: ofType('errorMap'),
    mask: ofType('mask'),
    checkpoint: ofType('checkpoint'),
    sample: ofType('sample'),
    warning: ofType('warning'),
    finished: ofType('finished'),
    failed: ofType('failed'),
    interrupted: ofType('interrupted'),
  };
}

function isEvent(value: unknown): value is RunEvent {
  if (!isRecord(value) || typeof value.type !== 'string' || !Object.hasOwn(EVENT_FIELDS, value.type)) return false;
  if (!Number.isSafeInteger(value.step) || (value.step as number) < 0) return false;
  const fields = EVENT_FIELDS[value.type as RunEvent['type']];
  return Object.entries(fields).every(([name, type]) => HAS_TYPE[type](value[name]));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function factsOf({ isRunning, description }: ReportInput, events: SortedEvents): ReportFacts {
  const { step: steps, evaluation: evaluations } = events;
  const end = isRunning ? undefined : lastWord(events.inOrder);
  const [before] = evaluations;
  const keptStep = end?.type === 'finished' && Number.isSafeInteger(end.keptStep) ? end.keptStep : null;
  const last = evaluations.length > 1 ? evaluations.at(-1) : undefined;
  const after = last && (evaluations.find(({ step }) => step === keptStep) ?? last);
  const best = bestEvaluation(evaluations);
  const timed = events.inOrder.filter((event) => 'elapsedMs' in event);
  const flops = events.inOrder.filter((event) => 'flops' in event).at(-1)?.flops ?? 0;
  const referenceFlops = referenceOf(events);
  const totalSteps = events.started[0]?.totalSteps ?? null;
  return {
    state: stateOf(isRunning, end, totalSteps),
    code: end?.type === 'failed' ? end.code : null,
    message: end?.type === 'failed' ? end.message : end?.type === 'interrupted' ? end.reason : null,
    method: description?.method ?? events.started[0]?.method ?? null,
    step: steps.at(-1)?.step ?? 0,
    totalSteps,
    lossBefore: before?.loss ?? null,
    lossAfter: after?.loss ?? null,
    keptStep,
    lossLast: last?.loss ?? null,
    lossChange: before && after ? (after.loss - before.loss) / before.loss : null,
    bestLoss: best?.loss ?? null,
    bestStep: best?.step ?? null,
    accuracyBefore: before?.accuracy ?? null,
    accuracyAfter: after?.accuracy ?? null,
    tokens: steps.reduce((sum, { tokens }) => sum + tokens, 0),
    elapsedMs: timed.at(-1)?.elapsedMs ?? 0,
    flops,
    computeShare: referenceFlops === null ? null : flops / referenceFlops,
    budget: budgetOf(description, events),
    isBudgetSpent: events.warning.some(({ code, step }) => code === 'BUDGET_SPENT' && step === end?.step),
  };
}

type End = Extract<RunEvent, { type: 'finished' | 'failed' | 'interrupted' }>;

/** How the run ended, unless it went on after that. */
function lastWord(events: readonly RunEvent[]): End | undefined {
  for (const event of events.toReversed()) {
    if (event.type === 'finished' || event.type === 'failed' || event.type === 'interrupted') return event;
    if (event.type === 'step') return undefined;
  }
  return undefined;
}

function stateOf(isRunning: boolean, end: End | undefined, totalSteps: number | null): ReportFacts['state'] {
  if (isRunning) return 'running';
  if (end?.type === 'failed') return 'failed';
  // A loss that has not improved by the last step stops nothing.
  if (end?.type === 'finished')
    return end.reason === 'stoppedEarly' && end.step !== totalSteps ? 'stoppedEarly' : 'finished';
  return 'interrupted';
}

/** The lowest held-out loss, the first of equals. */
function bestEvaluation(evaluations: readonly EvaluationEvent[]): EvaluationEvent | undefined {
  let best: EvaluationEvent | undefined;
  for (const evaluation of evaluations) {
    if (Number.isFinite(evaluation.loss) && !(best && best.loss <= evaluation.loss)) best = evaluation;
  }
  return best;
}

/** Operations of full fine-tuning over the same passes: told at the start of a run with a budget, at the end of others. */
function referenceOf(events: SortedEvents): number | null {
  const known = [events.finished.at(-1)?.referenceFlops, events.started[0]?.budget?.referenceFlops];
  return known.find((flops) => typeof flops === 'number' && flops > 0) ?? null;
}

/** The budget's share; runs of older versions tell it in their options alone. */
function budgetOf(description: RunDescription | null, events: SortedEvents): number | null {
  const options = isRecord(description?.options) ? description.options : {};
  const training = isRecord(options.training) ? options.training : {};
  const share = events.started[0]?.budget?.share ?? training.budget;
  return typeof share === 'number' ? share : null;
}

/** Each step with the compute share of the mask in force; NaN before the first mask. A mask of step n holds from n + 1. */
export function stepShares({ step: steps, mask: masks }: SortedEvents): { step: number; share: number }[] {
  let next = 0;
  let share = Number.NaN;
  return steps.map(({ step }) => {
    while (next < masks.length && masks[next].step < step) share = masks[next++].computeShare;
    return { step, share };
  });
}

export interface FileLosses {
  readonly step: number;
  /** Path to mean loss in nats per token and number of tokens. */
  readonly files: ReadonlyMap<string, { readonly loss: number; readonly tokens: number }>;
}

export function readFileLosses(evaluations: ReportInput['evaluations'], problems: string[]): FileLosses[] {
  return evaluations.flatMap(({ step, content }) => {
    const listed = isRecord(content) && Array.isArray(content.files) ? (content.files as unknown[]) : null;
    const files = new Map<string, { loss: number; tokens: number }>();
    for (const file of listed ?? []) {
      if (!isRecord(file) || typeof file.path !== 'string' || typeof file.tokens !== 'number') continue;
      // A loss that is not finite is stored as null.
      const totalNats = typeof file.totalNats === 'number' ? file.totalNats : Number.NaN;
      files.set(file.path, { loss: file.tokens > 0 ? totalNats / file.tokens : Number.NaN, tokens: file.tokens });
    }
    if (!listed || files.size < listed.length)
      problems.push(`eval/step-${step}.json does not list files as it should.`);
    return listed ? [{ step, files }] : [];
  });
}

/** A measurement of the map, with the mask that followed from it. */
export interface MeasuredMap {
  readonly step: number;
  /** One for each component; NaN for never measured. */
  readonly shares: readonly number[];
  readonly measuredSteps: readonly number[];
  /** `null` when no mask was in force. */
  readonly mask: MaskEvent | null;
}

/** The first and the last map, or the only one. */
export function readMaps(events: SortedEvents, problems: string[]): MeasuredMap[] {
  const count = events.started[0]?.components.length ?? 0;
  if (events.errorMap.length > 0 && count === 0) {
    problems.push('The first event of the log is missing, and with it the names of the components: no error map.');
    return [];
  }
  const fits = ({ shares, measuredSteps }: ErrorMapEvent) => shares.length === count && measuredSteps.length === count;
  const usable = events.errorMap.filter(fits);
  const masks = events.mask.filter(({ mask, lrScale }) => mask.length === count && lrScale.length === count);
  const numUnfit = events.errorMap.length - usable.length + events.mask.length - masks.length;
  if (numUnfit > 0)
    problems.push(
      `${formatNumberOf(numUnfit, 'map or mask', 'maps or masks')} of another number of components than ${count}; left out.`,
    );
  const toMap = ({ step, shares, measuredSteps }: ErrorMapEvent): MeasuredMap => ({
    step,
    shares: shares.map((share, c) => (measuredSteps[c] < 0 ? Number.NaN : share)),
    measuredSteps,
    mask: masks.findLast((mask) => mask.step <= step) ?? null,
  });
  const chosen = usable.length > 1 ? [usable[0], usable.at(-1)!] : usable;
  return chosen.map(toMap);
}
