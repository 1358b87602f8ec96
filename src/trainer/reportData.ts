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
  /** Counted cost of the steps over that of the same steps of full fine-tuning, measurements of the map left out. */
  readonly computeShare: number | null;
  /** The same with the measurements. */
  readonly computeShareWithProbes: number | null;
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
  const counted = events.inOrder.filter((event) => 'flops' in event);
  return {
    state: stateOf(isRunning, end),
    code: end?.type === 'failed' ? end.code : null,
    message: end?.type === 'failed' ? end.message : end?.type === 'interrupted' ? end.reason : null,
    method: description?.method ?? events.started[0]?.method ?? null,
    step: steps.at(-1)?.step ?? 0,
    totalSteps: events.started[0]?.totalSteps ?? null,
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
    flops: counted.at(-1)?.flops ?? 0,
    ...computeShares(events),
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

function stateOf(isRunning: boolean, end: End | undefined): ReportFacts['state'] {
  if (isRunning) return 'running';
  if (end?.type === 'failed') return 'failed';
  if (end?.type === 'finished') return end.reason === 'stoppedEarly' ? 'stoppedEarly' : 'finished';
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

/**
 * What the steps cost against the same number of steps of full fine-tuning. The events give the share of a step
 * without measurements. Including them: a step without one has `flops` operations at `computeShare`, so one of full
 * fine-tuning has `flops / computeShare` (the same whatever the mask; their median is taken), and the run's total is
 * compared with so many of those as there were steps.
 */
function computeShares(events: SortedEvents): Pick<ReportFacts, 'computeShare' | 'computeShareWithProbes'> {
  const steps = stepShares(events);
  const known = steps.filter(({ share }) => Number.isFinite(share));
  if (known.length === 0) return { computeShare: null, computeShareWithProbes: null };
  const computeShare = known.reduce((sum, { share }) => sum + share, 0) / known.length;

  const measuredAt = new Set(events.errorMap.map(({ step }) => step));
  const fullStepFlops: number[] = [];
  steps.forEach(({ step, flops, share }, i) => {
    const previous = steps[i - 1];
    if (previous?.step !== step - 1 || measuredAt.has(step - 1) || !(share > 0)) return;
    fullStepFlops.push((flops - previous.flops) / share);
  });
  const median = fullStepFlops.sort((a, b) => a - b)[Math.floor(fullStepFlops.length / 2)];
  const last = steps.at(-1)!;
  const isWhole = steps.length === last.step; // No line of the log is missing.
  const computeShareWithProbes = isWhole && median > 0 ? last.flops / (median * steps.length) : null;
  return { computeShare, computeShareWithProbes };
}

/** Each step with the compute share of the mask in force; NaN before the first mask. A mask of step n holds from n + 1. */
export function stepShares({
  step: steps,
  mask: masks,
}: SortedEvents): { step: number; flops: number; share: number }[] {
  let next = 0;
  let share = Number.NaN;
  return steps.map(({ step, flops }) => {
    while (next < masks.length && masks[next].step < step) share = masks[next++].computeShare;
    return { step, flops, share };
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
