/** @file A small run whose every byte follows from its step: shared by the run directory's tests and their child process. */
import type { StepEvent } from '../../src/runEvents.ts';
import type { CheckpointBlob, RunDescription } from '../../src/trainer/runDirectory.ts';

export const description: RunDescription = {
  createdAtMs: 0,
  method: 'rgft',
  seed: 1,
  options: { budget: 0.3 },
  model: { name: 'tiny' },
  workspace: { path: 'somewhere', gitCommit: null },
  versions: { rgft: '0.1.0' },
  machine: {},
};

export function stepEvent(step: number): StepEvent {
  return {
    type: 'step',
    step,
    epoch: 0,
    loss: 1 / step,
    learningRate: 1e-3,
    gradNorm: step % 3 === 0 ? Number.NaN : 1,
    tokens: 10,
    elapsedMs: step * 7,
    flops: step * 1e9,
  };
}

const PART_BYTES = 40_000;

/** Two files of three parts each, filled with the step. */
export function blobsOf(step: number): CheckpointBlob[] {
  return ['weights.bin', 'optimizer.bin'].map((name) => ({
    name,
    byteLength: 3 * PART_BYTES,
    parts: [step, step + 1, step + 2].map((value) => new Uint8Array(PART_BYTES).fill(value)),
  }));
}
