/** @file What happens in a run: the events that the trainer writes and that everyone who watches draws from. */

/**
 * First line of a run. A resumed run appends no second one: its log goes on as if it had never stopped.
 */
export interface StartedEvent {
  readonly type: 'started';
  readonly step: 0;
  /** Unix time. */
  readonly atMs: number;
  readonly method: string;
  readonly totalSteps: number;
  /** Component ids, in the order of every list in `errorMap` and `mask` events. */
  readonly components: readonly string[];
  /** What a run with a budget is going to do with it. Missing without one, and in older runs. */
  readonly budget?: {
    /** Share of full fine-tuning's operations that may be spent. */
    readonly share: number;
    /** Operations of full fine-tuning over the same passes. */
    readonly referenceFlops: number;
    /** Operations that the run takes at most: steps, measurements, filling the cache. */
    readonly plannedFlops: number;
    /** Steps that train everything before the suffix does. */
    readonly warmSteps: number;
    /** Where the trained suffix begins (`4.mlp`, `3.attention`), or `null` where there is none. */
    readonly suffix: string | null;
    /** Share of the rows that passes after the first leave out. */
    readonly skipShare: number;
    /** Where the frozen layers' output is kept, and how much room it takes. */
    readonly cacheMedium: 'memory' | 'disk' | 'off';
    readonly cacheBytes: number;
  };
}

/** What the run is expected to need, once the first evaluation has shown how fast the machine is. */
export interface EstimateEvent {
  readonly type: 'estimate';
  readonly step: number;
  /** From here to the last step, evaluations and measurements included. */
  readonly durationMs: number;
  readonly peakMemoryBytes: number;
  /** Checkpoints and the final model. */
  readonly diskBytes: number;
}

/** One optimizer step. */
export interface StepEvent {
  readonly type: 'step';
  readonly step: number;
  readonly epoch: number;
  /** Mean over the step's target tokens, nats per token. */
  readonly loss: number;
  readonly learningRate: number;
  /** Norm of the whole gradient before clipping. */
  readonly gradNorm: number;
  /** Target tokens of this step. */
  readonly tokens: number;
  /** Training time since the start, pauses between sessions left out. */
  readonly elapsedMs: number;
  /** Counted floating-point operations since the start: training, probes, caching. */
  readonly flops: number;
  /** Processor time of the trainer since the start, all threads, evaluations included. Missing in older runs. */
  readonly cpuMs?: number;
  /** Resident memory of the trainer. Missing in older runs. */
  readonly memoryBytes?: number;
}

/** One pass over held-out files. */
export interface EvaluationEvent {
  readonly type: 'evaluation';
  readonly step: number;
  /** Mean nats per target token. */
  readonly loss: number;
  /** Share of target tokens whose most probable prediction is right. */
  readonly accuracy: number;
  readonly tokens: number;
  readonly elapsedMs: number;
  /** Processor time of the trainer since the start, this evaluation included. Missing in older runs. */
  readonly cpuMs?: number;
  /**
   * The weights that were measured lie so far on the way from those that the model came with to the trained ones: the end
   * of a run with `interpolation`. Missing where they are the trained ones.
   */
  readonly interpolation?: number;
}

/** The error map as it stands after a measurement. */
export interface ErrorMapEvent {
  readonly type: 'errorMap';
  readonly step: number;
  /** `Êc`, one for each component; their sum is 1. */
  readonly shares: readonly number[];
  /** Step at which each component was last measured, -1 for never. */
  readonly measuredSteps: readonly number[];
}

/** What is trained from this step on. Written when it changes. */
export interface MaskEvent {
  readonly type: 'mask';
  readonly step: number;
  /** 1 for each component that is updated, 0 for each that is not. */
  readonly mask: readonly number[];
  /** Factor on the base learning rate of each component. */
  readonly lrScale: readonly number[];
  /** Counted cost of a step under this mask over that of a step of full fine-tuning. */
  readonly computeShare: number;
}

/** A checkpoint is in place; written by `writeCheckpoint`. */
export interface CheckpointEvent {
  readonly type: 'checkpoint';
  readonly step: number;
  readonly bytes: number;
  /** Held-out loss that ranks it, or `null`. */
  readonly metric: number | null;
}

/** What the model writes at this step, for a person to look at. */
export interface SampleEvent {
  readonly type: 'sample';
  readonly step: number;
  readonly name: string;
  readonly prompt: string;
  readonly completion: string;
}

export interface WarningEvent {
  readonly type: 'warning';
  readonly step: number;
  readonly code: string;
  readonly message: string;
}

export interface FinishedEvent {
  readonly type: 'finished';
  readonly step: number;
  /** The step whose weights are in `model/`: the last one, or the one of the lowest held-out loss. */
  readonly keptStep: number;
  readonly elapsedMs: number;
  readonly flops: number;
  /** Operations of full fine-tuning over the same passes. Missing in older runs. */
  readonly referenceFlops?: number;
  /** Most memory that the process ever had, model loading and evaluations included. Missing in older runs. */
  readonly memoryBytes?: number;
  readonly reason: 'completed' | 'stoppedEarly';
}

export interface FailedEvent {
  readonly type: 'failed';
  readonly step: number;
  readonly code: string;
  readonly message: string;
}

export interface InterruptedEvent {
  readonly type: 'interrupted';
  readonly step: number;
  readonly reason: string;
}

export type RunEvent =
  | StartedEvent
  | EstimateEvent
  | StepEvent
  | EvaluationEvent
  | ErrorMapEvent
  | MaskEvent
  | CheckpointEvent
  | SampleEvent
  | WarningEvent
  | FinishedEvent
  | FailedEvent
  | InterruptedEvent;
