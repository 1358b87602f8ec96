/**
 * @file What a run will need on this machine, before it starts. The trainer's own preflight (trainer/preflight.ts) has the
 * last word; it builds the model's graphs, which the extension does not load. These formulas are held to it by a test.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { formatBytes, inEnglish, type Translate } from './format.ts';
import type { ModelShape } from './modelFolders.ts';

/** Rows computed together and their longest length: the trainer's defaults. */
const MICRO_BATCH = 2;
const SEQ_LENGTH = 512;
const BASE_BYTES = 160e6;
const LM_HEAD_ROWS = 256;
const CHECKPOINTS_ON_DISK = 4;
/** The cache of a run with a budget: at most so much, and a digest with each row. */
const CACHE_BYTES = 16e9;
const CACHE_DIGEST_BYTES = 32;
/**
 * Operations a core does in a second of training, where no run has shown it: a quarter of what AVX2 cores reach in large
 * products, so that the first guess errs towards patience.
 */
const FLOPS_PER_CORE = 12e9;

export interface Needs {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** `null` with a budget: how many it pays for is known when the trainer has planned the run. */
  readonly steps: number | null;
  readonly durationMs: number;
  /** The time comes from a run of this model on this machine, not from a guess. */
  readonly isMeasured: boolean;
}

/** Length of a run: an upper limit on steps, or passes over the files. */
export interface RunLength {
  readonly epochs: number;
  readonly maxSteps: number | null;
}

/** What a run may do. */
export interface RunPlan extends RunLength {
  /** Share of full fine-tuning's operations; `null`: no limit. */
  readonly budget: number | null;
}

/**
 * Estimates a run; with a budget memory and disk are the most that it can need.
 *
 * @param rows packed training rows of one epoch
 * @param msPerStep what steps of this model took in an earlier run here, `null` where there was none
 */
export function estimateRun(
  shape: ModelShape,
  rows: number,
  { epochs, maxSteps, budget }: RunPlan,
  msPerStep: number | null,
  cores = os.availableParallelism(),
): Needs {
  const { parameters: P, hiddenSize: C, numLayers: L, numHeads: H, numKvHeads: K, headDim: D } = shape;
  const [B, T, V] = [MICRO_BATCH, Math.min(SEQ_LENGTH, shape.maxPositionEmbeddings), shape.vocabSize];
  const hidden = 4 * B * T * C;
  // Queries, the heads' outputs, keys, values, one norm's output, two matrices of the MLP; half of the attention matrix.
  const saved = 4 * B * (T * (2 * H * D + 2 * K * D + C + 2 * shape.intermediateSize) + H * (T * T * 0.5 + 64 * T));
  const activations = (hidden + saved) * L + 4 * hidden + 4 * B * T * T;
  const workspace = 10 * saved + 4 * V * (8 * Math.min(LM_HEAD_ROWS, B * T) + 9 * T);
  const fullSteps = Math.min(epochs * Math.ceil(rows / B), maxSteps ?? Number.POSITIVE_INFINITY);
  // 2 operations a weight forward, 4 backward; a tenth more for evaluations and measurements.
  const guessMs = (1.1 * 6 * P * B * T * 1000) / (FLOPS_PER_CORE * Math.min(8, Math.max(1, cores)));
  // With a budget a tied LM head becomes a weight of its own, and the frozen layers' output of every row is kept as f16.
  const stored = budget === null ? P : P + V * C;
  const cacheBytes = budget === null ? 0 : Math.min(CACHE_BYTES, rows * (2 * T * C + CACHE_DIGEST_BYTES));
  return {
    memoryBytes: BASE_BYTES + 16 * P + activations + workspace,
    diskBytes: CHECKPOINTS_ON_DISK * 12 * stored + 4 * stored + cacheBytes,
    steps: budget === null ? fullSteps : null,
    durationMs: fullSteps * (budget ?? 1) * (msPerStep ?? guessMs),
    isMeasured: msPerStep !== null,
  };
}

/** Something that would stop the run, with its way out. */
export interface Obstacle {
  readonly code: 'NOT_ENOUGH_MEMORY' | 'DISK_FULL' | 'NO_PERMISSION';
  readonly cause: string;
  readonly fix: string;
}

/** What the machine has. */
export interface Room {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly isWritable: boolean;
  /** Where the run goes, for the message. */
  readonly folder: string;
}

/**
 * What stands in the way of a run with these needs; empty when it fits.
 *
 * @param t puts the sentences into the user's language
 */
export function findObstacles(
  needs: Pick<Needs, 'memoryBytes' | 'diskBytes'>,
  room: Room,
  t: Translate = inEnglish,
): Obstacle[] {
  const found: Obstacle[] = [];
  if (!room.isWritable) {
    found.push({
      code: 'NO_PERMISSION',
      cause: t('{0} cannot be written.', room.folder),
      fix: t('Make the folder writable for this user, or open a copy of it.'),
    });
  }
  if (needs.memoryBytes > room.memoryBytes) {
    found.push({
      code: 'NOT_ENOUGH_MEMORY',
      cause: t(
        'The run needs about {0} of memory; {1} are free.',
        formatBytes(needs.memoryBytes),
        formatBytes(room.memoryBytes),
      ),
      fix: t('Close other programs, or choose a smaller model.'),
    });
  }
  if (needs.diskBytes > room.diskBytes) {
    found.push({
      code: 'DISK_FULL',
      cause: t(
        'The run needs {0} on disk; {1} are free at {2}.',
        formatBytes(needs.diskBytes),
        formatBytes(room.diskBytes),
        room.folder,
      ),
      fix: t('Free some space, or delete old runs.'),
    });
  }
  return found;
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
