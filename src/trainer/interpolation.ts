/** @file The end of a run: weights between those that a model came with and those that it was trained to. */
import { createHash } from 'node:crypto';
import type { ParameterStore } from '../engine/parameters.ts';
import { FineTuneError } from '../errors.ts';
import { openCheckpoint } from '../models/checkpoint.ts';
import { type ModelConfig, weightShapes } from '../models/config.ts';
import { updateWeightsDigest } from './trainingState.ts';

/** The model that a run began with. */
export interface StartModel {
  readonly folder: string;
  readonly config: ModelConfig;
  /** `weightsDigest` of its weights. */
  readonly digest: string;
}

/**
 * Moves every weight to `start + share · (trained - start)`; one that was not trained stays as it is, to the bit.
 *
 * A high rate gets further in few steps and ends too far out: what it learnt is in the direction, and what it overdid in
 * the length (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", arXiv 2109.01903, section 3: the mixing
 * coefficient). The start is read again, so that it takes no memory while the run goes on. An LM head of its own
 * (`models/untie.ts`) began as the embedding.
 *
 * @param share in (0, 1]
 * @throws RUN_MISMATCH when the folder no longer holds the weights that the run began with (nothing is changed then), and
 *   the errors of opening a checkpoint
 */
export function interpolateFromStart(
  store: ParameterStore,
  { folder, config, digest }: StartModel,
  share: number,
): void {
  const start = openCheckpoint(folder);
  try {
    const shapes = weightShapes(config);
    const largest = [...store.values()].reduce((most, { weights }) => Math.max(most, weights.length), 0);
    const buffer = new Float32Array(largest);
    const hash = createHash('sha256');
    for (const [name, shape] of shapes) {
      const weights = buffer.subarray(
        0,
        shape.reduce((a, b) => a * b, 1),
      );
      start.read(name, weights);
      updateWeightsDigest(hash, { name, shape, weights });
    }
    const found = hash.digest('hex');
    if (found !== digest) {
      throw new FineTuneError(
        'RUN_MISMATCH',
        `The weights of the base model in ${folder} are not those this run began with, and it ends between them and the trained ones. Put the former model back and go on with --resume.`,
        { model: folder, expected: digest, found },
      );
    }
    for (const { name, weights } of store.values()) {
      const from = buffer.subarray(0, weights.length);
      start.read(shapes.has(name) ? name : 'embed_tokens.weight', from);
      for (let i = 0; i < weights.length; i++) weights[i] = from[i] + share * (weights[i] - from[i]);
    }
  } finally {
    start.close();
  }
}
