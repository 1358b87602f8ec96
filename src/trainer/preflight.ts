/** @file Before a run starts: what it will need of memory and disk, against what the machine has. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { sizeOf } from '../engine/graph.ts';
import { FineTuneError } from '../errors.ts';
import { buildBlock } from '../models/blocks.ts';
import { type ModelConfig, weightShapes } from '../models/config.ts';
import { isHeadInParts } from '../models/observer.ts';
import { diskFull, freeBytes } from './disk.ts';
import type { FineTuneOptions } from './options.ts';

/** Checkpoints that can lie on disk at one time: the two newest, the best, and one being written. */
const CHECKPOINTS_ON_DISK = 4;
/** Node, ONNX Runtime and the text of the repository before any tensor is allocated. */
const BASE_BYTES = 160e6;
/** Targets that the LM head handles at a time in a step; a measurement of a tied head takes a whole row of T. */
const LM_HEAD_ROWS = 128;
/**
 * ONNX Runtime keeps the temporaries of every session at their peak, and a run has several: forward with and without
 * saving, backward, measuring, each for the block and for the head. Measured: the sessions of a block hold 10 times its
 * saved values (12 times when the backward pass computes them again), those of the head 8 matrices (rows, V) for steps
 * and evaluation together, and 9 for measurements.
 */
const BLOCK_WORKSPACES = { save: 10, recompute: 12 } as const;
const HEAD_WORKSPACES = { step: 8, measurement: 9 } as const;

export interface Needs {
  readonly parameters: number;
  /** Weights, gradients and moments. */
  readonly stateBytes: number;
  /** What the backward pass keeps of the forward pass. */
  readonly activationBytes: number;
  /** Temporaries of the largest sessions, which ONNX Runtime keeps. */
  readonly workspaceBytes: number;
  readonly peakBytes: number;
  readonly checkpointBytes: number;
  readonly diskBytes: number;
}

/** What a run does not need when it never trains everything, and what it needs beside. */
export interface PartialTraining {
  /** Weights with a gradient. @default all */
  readonly trainedParameters?: number;
  /** Weights that a checkpoint holds. @default all */
  readonly checkpointParameters?: number;
  /** Weights whose moments a checkpoint holds. @default trainedParameters */
  readonly checkpointMoments?: number;
  /** Layers with a backward pass. @default all */
  readonly trainedLayers?: number;
  /** Kept output of the frozen layers. @default 0 */
  readonly cacheMemoryBytes?: number;
  /** @default 0 */
  readonly cacheDiskBytes?: number;
}

/** Estimates a run; with every component active (the most it can need) unless told otherwise. */
export function estimateNeeds(
  config: ModelConfig,
  options: Pick<FineTuneOptions, 'microBatch' | 'seqLength' | 'activations' | 'optimizer'>,
  partial: PartialTraining = {},
): Needs {
  let parameters = 0;
  for (const shape of weightShapes(config).values()) parameters += sizeOf(shape);
  const { microBatch: B, seqLength: T, activations } = options;
  // Every saved value has B as its first factor; one row is enough to know them.
  const row = buildBlock(config, 1, T);
  const hidden = 4 * B * T * config.hiddenSize;
  const saved = B * row.saved.reduce((sum, value) => sum + 4 * sizeOf(value.shape), 0);
  const perLayer = hidden + (activations === 'save' ? saved : 0);
  const { trainedParameters = parameters, trainedLayers = config.numLayers } = partial;
  const { checkpointParameters = parameters, checkpointMoments = trainedParameters } = partial;
  const { cacheMemoryBytes = 0, cacheDiskBytes = 0 } = partial;
  const stateBytes = 4 * parameters + 4 * trainedParameters * (options.optimizer === 'adamw' ? 3 : 1);
  const activationBytes = perLayer * trainedLayers + 4 * hidden + 4 * B * T * T + cacheMemoryBytes;
  const measuredRows = isHeadInParts(config, T, LM_HEAD_ROWS) ? LM_HEAD_ROWS : T;
  const headRows = HEAD_WORKSPACES.step * Math.min(LM_HEAD_ROWS, B * T) + HEAD_WORKSPACES.measurement * measuredRows;
  const workspaceBytes = BLOCK_WORKSPACES[activations] * saved + 4 * headRows * config.vocabSize;
  const checkpointBytes = 4 * checkpointParameters + (options.optimizer === 'adamw' ? 8 * checkpointMoments : 0);
  return {
    parameters,
    stateBytes,
    activationBytes,
    workspaceBytes,
    peakBytes: BASE_BYTES + stateBytes + activationBytes + workspaceBytes,
    checkpointBytes,
    diskBytes: CHECKPOINTS_ON_DISK * checkpointBytes + 4 * parameters + cacheDiskBytes,
  };
}

/** Memory that a new process can have without swapping, bytes. */
export function availableMemory(): number {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    if (match) return Number(match[1]) * 1024;
  } catch {
    // Not Linux: the portable figure below.
  }
  return os.freemem();
}

/**
 * Refuses a run that will not fit.
 *
 * @throws NOT_ENOUGH_MEMORY, DISK_FULL with both numbers and what to change.
 */
export function requireRoom(needs: Needs, runFolder: string, available = availableMemory()): void {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  if (needs.peakBytes > available) {
    throw new FineTuneError(
      'NOT_ENOUGH_MEMORY',
      `The run needs about ${gib(needs.peakBytes)} of memory (${gib(needs.stateBytes)} weights, gradients and optimizer, ${gib(needs.activationBytes + needs.workspaceBytes)} activations and temporaries); ${gib(available)} are free. Close other programs, or use --activations recompute, a shorter --seq-length, a smaller --micro-batch or a smaller model.`,
      { needs, available },
    );
  }
  if (needs.diskBytes > freeBytes(runFolder)) throw diskFull(runFolder, needs.diskBytes, 'ENOSPC');
}
