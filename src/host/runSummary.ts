/** @file What a run's events add up to: state, step, losses, time left. Folds appended events, so that watching a long run costs what is new. */
import type { RunState, RunSummary } from '../protocol.ts';
import type { RunEvent } from '../runEvents.ts';

/** Steps over which the speed is taken; evaluations in between are part of it. */
const SPEED_STEPS = 50;

/** What is remembered of the events so far. Plain data; start with `NO_PROGRESS`. */
export interface RunProgress {
  readonly step: number;
  readonly totalSteps: number | null;
  /** Nats per target token of the model as it came. */
  readonly lossBefore: number | null;
  readonly lastLoss: number | null;
  /** Held-out losses by step: the one of the step that is kept is the result. */
  readonly losses: ReadonlyMap<number, number>;
  /** The last event that ends a session, unless steps followed. */
  readonly end: Extract<RunEvent, { type: 'finished' | 'failed' | 'interrupted' }> | null;
  /** Step and training time of the latest steps, oldest first. */
  readonly recent: readonly { readonly step: number; readonly elapsedMs: number }[];
  /** What the run expected of itself at its first evaluation. */
  readonly estimateMs: number | null;
}

export const NO_PROGRESS: RunProgress = {
  step: 0,
  totalSteps: null,
  lossBefore: null,
  lastLoss: null,
  losses: new Map(),
  end: null,
  recent: [],
  estimateMs: null,
};

/** The progress after some more events. */
export function addEvents(before: RunProgress, events: readonly RunEvent[]): RunProgress {
  if (events.length === 0) return before;
  let { step, totalSteps, lossBefore, lastLoss, end, estimateMs } = before;
  const losses = new Map(before.losses);
  const recent = [...before.recent];
  for (const event of events) {
    switch (event.type) {
      case 'started':
        totalSteps = event.totalSteps;
        break;
      case 'estimate':
        estimateMs = event.durationMs;
        break;
      case 'step':
        step = event.step;
        end = null;
        // A resumed run goes back: what it does again replaces what it had done.
        while (recent.length > 0 && recent[recent.length - 1].step >= step) recent.pop();
        recent.push({ step, elapsedMs: event.elapsedMs });
        if (recent.length > SPEED_STEPS) recent.shift();
        break;
      case 'evaluation':
        if (event.step === 0) lossBefore = event.loss;
        lastLoss = event.loss;
        losses.set(event.step, event.loss);
        break;
      case 'finished':
      case 'failed':
      case 'interrupted':
        end = event;
        break;
    }
  }
  return { step, totalSteps, lossBefore, lastLoss, losses, end, recent, estimateMs };
}

/** Milliseconds to the last step at the speed of the latest steps; before those, what the run expects; `null` when unknown. */
export function remainingMs({ step, totalSteps, recent, estimateMs }: RunProgress): number | null {
  if (totalSteps === null) return null;
  const [first, last] = [recent[0], recent[recent.length - 1]];
  if (recent.length < 2 || last.step <= first.step) return estimateMs;
  return ((last.elapsedMs - first.elapsedMs) / (last.step - first.step)) * (totalSteps - step);
}

/** What a summary says beside the events. */
export interface RunIdentity {
  readonly path: string;
  readonly name: string;
  readonly method: string | null;
  readonly createdAtMs: number | null;
  /** Somebody holds the run's lock. */
  readonly isAlive: boolean;
  /** Why run.json or events.jsonl cannot be read. */
  readonly problem: string | null;
  /** `CODE: message` with which a trainer ended that could not write its last event (a full disk). */
  readonly lastWords: string | null;
}

/** The run in one line. */
export function summaryOf(run: RunIdentity, progress: RunProgress): RunSummary {
  const { step, totalSteps, lossBefore, lastLoss, losses, end } = progress;
  const state = stateOf(run, progress);
  const kept = end?.type === 'finished' ? losses.get(end.keptStep) : undefined;
  return {
    path: run.path,
    name: run.name,
    state,
    method: run.method,
    createdAtMs: run.createdAtMs,
    step,
    totalSteps,
    lossBefore,
    lossAfter: kept ?? (losses.size > 1 ? lastLoss : null),
    remainingMs: state === 'running' ? remainingMs(progress) : null,
    problem:
      run.problem ?? (state === 'failed' && end?.type === 'failed' ? `${end.code}: ${end.message}` : run.lastWords),
  };
}

function stateOf({ isAlive, problem }: RunIdentity, { end, totalSteps }: RunProgress): RunState {
  if (problem !== null) return 'unreadable';
  // The end of a finished run stands before its lock is given back.
  // At the last step there is nothing left to be early for.
  if (end?.type === 'finished')
    return end.reason === 'stoppedEarly' && end.step !== totalSteps ? 'stoppedEarly' : 'finished';
  if (isAlive) return 'running';
  return end?.type === 'failed' ? 'failed' : 'interrupted';
}

/** Whole percent done, in 0 … 100. */
export function percentDone({ step, totalSteps }: Pick<RunSummary, 'step' | 'totalSteps'>): number {
  return totalSteps ? Math.min(100, Math.floor((100 * step) / totalSteps)) : 0;
}
