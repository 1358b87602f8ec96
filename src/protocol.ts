/**
 * @file Every message between the extension host and the panel. One way each, no replies: the host sends a complete
 * snapshot of a run when it is chosen and what was appended after that; the panel says what the user asked for. Text in
 * these messages comes from models, repositories and files of a run: the panel shows it as text, never as markup.
 *
 * Messages travel as JSON. In `events` a number that is not finite stands as it does in events.jsonl ("NaN", "Infinity",
 * "-Infinity"), so the host hands lines on as it read them; elsewhere it is `null`.
 */
import type { RunEvent } from './runEvents.ts';

/** `unreadable`: run.json or events.jsonl cannot be read; `problem` says why. */
export type RunState = 'running' | 'finished' | 'stoppedEarly' | 'failed' | 'interrupted' | 'unreadable';

/** A run in a list. */
export interface RunSummary {
  /** Absolute path of the run directory: its identity. */
  readonly path: string;
  /** Name that the user gave, else the folder's. */
  readonly name: string;
  readonly state: RunState;
  readonly method: string | null;
  readonly createdAtMs: number | null;
  readonly step: number;
  readonly totalSteps: number | null;
  /** Held-out loss in nats per token of the model as it came, and of the model kept (else the last evaluation). */
  readonly lossBefore: number | null;
  readonly lossAfter: number | null;
  /** Time left in milliseconds, while it runs. */
  readonly remainingMs: number | null;
  /** `CODE: message` of a failure. */
  readonly problem: string | null;
}

/** Held-out losses of one evaluation (`eval/step-N.json`). */
export interface FileLosses {
  readonly step: number;
  readonly files: readonly {
    /** Relative to the workspace folder it came from, `/` between parts. */
    readonly path: string;
    /** Target tokens. */
    readonly tokens: number;
    /** Mean nats per token. */
    readonly loss: number;
  }[];
}

/** Loss of each token of some held-out texts (`eval/tokens-N.json`): the same texts at every evaluation of a run. */
export interface TokenLosses {
  readonly step: number;
  readonly texts: readonly {
    readonly path: string;
    /** Line of the file, from 1, where the text begins. */
    readonly firstLine: number;
    /** The text cut into tokens; joined they are the text. A character that several tokens share is in the last of them. */
    readonly pieces: readonly string[];
    /** Nats, one for each piece; `null` for a token that nothing predicts (the first). */
    readonly losses: readonly (number | null)[];
  }[];
}

/** pass@k of one model on one problem file (`report.json` and the results of `rgft evaluate`). */
export interface PassAtKResult {
  readonly model: 'base' | 'tuned';
  /** The same for models that were given the same problems with the same settings. */
  readonly group: string;
  /** Name of the problem file. */
  readonly problems: string;
  readonly numSamples: number;
  /** By k: the estimate and its 95 % bootstrap interval over problems. */
  readonly passAtK: Readonly<Record<string, { readonly value: number; readonly low: number; readonly high: number }>>;
  readonly perProblem: readonly { readonly taskId: string; readonly samples: number; readonly passed: number }[];
  /** Some samples of each problem. */
  readonly samples: readonly {
    readonly taskId: string;
    readonly completion: string;
    /** `passed`, or what happened. */
    readonly result: string;
    readonly passed: boolean;
  }[];
  /** Layers of the sandbox that were in force. */
  readonly layers: readonly string[];
}

/** Everything about a run that does not come as an event. */
export interface RunDetails {
  readonly summary: RunSummary;
  /** run.json: options, model, machine, versions, workspace; `null` when it cannot be read. */
  readonly description: Readonly<Record<string, unknown>> | null;
  readonly fileLosses: readonly FileLosses[];
  readonly tokenLosses: readonly TokenLosses[];
  readonly passAtK: readonly PassAtKResult[];
}

/** What the panel shows beside the host's own views. */
export type ToPanel =
  | { readonly type: 'runs'; readonly runs: readonly RunSummary[] }
  /** The run of a slot, complete: replaces what the slot showed. `events: []` with a `problem` when it is unreadable. */
  | { readonly type: 'run'; readonly slot: Slot; readonly details: RunDetails; readonly events: readonly RunEvent[] }
  /** Events appended to that run since. */
  | { readonly type: 'events'; readonly path: string; readonly events: readonly RunEvent[] }
  /** State, files or results of that run changed. */
  | { readonly type: 'details'; readonly details: RunDetails }
  /** No run, or no second run, in the slot. */
  | { readonly type: 'empty'; readonly slot: Slot }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

/** `compared`: the second run of a comparison. */
export type Slot = 'main' | 'compared';

export type FromPanel =
  /** The panel is drawn (again): send everything. `shown` is what its saved state says it showed. */
  | { readonly type: 'ready'; readonly shown: { readonly main: string | null; readonly compared: string | null } }
  | { readonly type: 'select'; readonly slot: Slot; readonly path: string | null }
  /** Open a file of the workspace at a line (from 1). */
  | { readonly type: 'openFile'; readonly run: string; readonly path: string; readonly line: number }
  /** Ask where, and write. `content` is text, or base64 where `isBase64`. */
  | { readonly type: 'save'; readonly fileName: string; readonly content: string; readonly isBase64: boolean }
  | { readonly type: 'command'; readonly command: PanelCommand; readonly run: string };

export type PanelCommand = 'stop' | 'resume' | 'evaluate' | 'openReport' | 'showLog' | 'fineTune';
