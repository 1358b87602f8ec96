/** @file The large part of a checkpoint: weights and optimizer moments, to the bit. */
import { createHash, type Hash } from 'node:crypto';
import type { Optimizer } from '../engine/optimizer.ts';
import type { Parameter, ParameterStore } from '../engine/parameters.ts';
import { FineTuneError } from '../errors.ts';
import { type Checkpoint, type CheckpointBlob, readBlob } from './runDirectory.ts';

const WEIGHTS = 'weights.bin';
const MOMENTS = 'moments.bin';

/** Name of a weight that holds NaN or an infinity, if there is one. */
export function brokenWeight(store: ParameterStore): string | undefined {
  for (const { name, weights } of store.values()) {
    // 0 · x is 0 for every finite x and NaN for the others; one sum is faster than a million comparisons.
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += 0 * weights[i];
    if (sum !== 0) return name;
  }
  return undefined;
}

/**
 * Refuses a model that nothing can be learnt or read from.
 *
 * @throws CHECKPOINT_INVALID naming the weight
 */
export function requireFiniteWeights(store: ParameterStore, model: string): void {
  const tensor = brokenWeight(store);
  if (tensor === undefined) return;
  throw new FineTuneError(
    'CHECKPOINT_INVALID',
    `The weight ${tensor} of ${model} holds numbers that are not finite (NaN or infinite), expected finite ones. Fetch the model again, or choose another one.`,
    { model, tensor },
  );
}

const DIGEST_CHUNK_BYTES = 2 ** 26;

/** SHA-256 of all names, shapes and weights, lower-case hexadecimal: tells whether a model is still the one it was. */
export function weightsDigest(store: ParameterStore): string {
  const hash = createHash('sha256');
  for (const parameter of store.values()) updateWeightsDigest(hash, parameter);
  return hash.digest('hex');
}

/** Takes the next weight into a digest of all. */
export function updateWeightsDigest(
  hash: Hash,
  { name, shape, weights }: Pick<Parameter, 'name' | 'shape' | 'weights'>,
): void {
  hash.update(`${name}\0${shape.join()}\0`);
  const bytes = bytesOf(weights);
  // Node takes less than 2 GiB at a time, and an embedding can have more.
  for (let start = 0; start < bytes.length; start += DIGEST_CHUNK_BYTES) {
    hash.update(bytes.subarray(start, start + DIGEST_CHUNK_BYTES));
  }
}

/**
 * Weights (f32, in the store's order), the moments of the components that have any, and what a run keeps of its training
 * targets, by its name.
 */
export function trainingStateBlobs(
  store: ParameterStore,
  optimizer: Optimizer,
  ofTargets: Readonly<Record<string, Float32Array>> = {},
): CheckpointBlob[] {
  const weights = [...store.values()].map(({ weights }) => weights);
  const moments = optimizer.components.flatMap((_, c) => optimizer.moments(c));
  const others = Object.entries(ofTargets).map(([name, values]) => blob(`${name}.bin`, [values]));
  return [blob(WEIGHTS, weights), blob(MOMENTS, moments), ...others];
}

/**
 * Puts a checkpoint's weights and moments back, and what is asked for of the training targets.
 *
 * @param stepCounts the optimizer's step counts at the checkpoint; they say which components have moments.
 * @throws CHECKPOINT_CORRUPT, RUN_MISMATCH when the sizes are not those of this model and these components.
 */
export async function restoreTrainingState(
  checkpoint: Checkpoint,
  store: ParameterStore,
  optimizer: Optimizer,
  stepCounts: readonly number[],
  ofTargets: Readonly<Record<string, Float32Array>> = {},
): Promise<void> {
  if (stepCounts.length !== optimizer.components.length) {
    throw new FineTuneError(
      'RUN_MISMATCH',
      `The checkpoint has ${stepCounts.length} components, this model ${optimizer.components.length}. Resume with the model and options of the run.`,
    );
  }
  optimizer.stepCounts.set(stepCounts);
  await restoreWeights(checkpoint, store);
  const moments = optimizer.components.flatMap((_, c) => optimizer.moments(c).map(bytesOf));
  await readBlob(checkpoint, MOMENTS, moments);
  for (const [name, values] of Object.entries(ofTargets)) await readBlob(checkpoint, `${name}.bin`, [bytesOf(values)]);
}

/** Puts a checkpoint's weights back, without the optimizer's state. @throws CHECKPOINT_CORRUPT, RUN_MISMATCH */
export async function restoreWeights(checkpoint: Checkpoint, store: ParameterStore): Promise<void> {
  await readBlob(
    checkpoint,
    WEIGHTS,
    [...store.values()].map(({ weights }) => bytesOf(weights)),
  );
}

function blob(name: string, arrays: readonly Float32Array[]): CheckpointBlob {
  return { name, byteLength: arrays.reduce((sum, array) => sum + array.byteLength, 0), parts: arrays.map(bytesOf) };
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
