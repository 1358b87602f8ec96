/** @file What a run is estimated to need, term by term, and what is refused for it. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { FineTuneError } from '../../src/errors.ts';
import { llama } from '../../src/models/families/llama.ts';
import { availableMemory, estimateNeeds, requireRoom } from '../../src/trainer/preflight.ts';

const config = llama.config({
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  vocab_size: 1000,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
});
const PARAMETERS = 1000 * 64 + 3 * (4 * 64 * 64 + 3 * 64 * 128 + 2 * 64) + 64;
const [B, T, L] = [2, 32, 3];
const options = { microBatch: B, seqLength: T, activations: 'save', optimizer: 'adamw' } as const;

test('state, activations and disk are counted to the byte', () => {
  const needs = estimateNeeds(config, options);
  assert.equal(needs.parameters, PARAMETERS);
  // Weights, gradients, two moments.
  assert.equal(needs.stateBytes, 16 * PARAMETERS);
  // A layer's input; q, k, v and the attention's output; probabilities; h; up and gate.
  const hidden = 4 * B * T * 64;
  const saved = 4 * hidden + 4 * B * 2 * T * T + hidden + 2 * (4 * B * T * 128);
  assert.equal(needs.activationBytes, L * (hidden + saved) + 4 * hidden + 4 * B * T * T);
  assert.equal(needs.checkpointBytes, 12 * PARAMETERS);
  assert.equal(needs.diskBytes, 4 * 12 * PARAMETERS + 4 * PARAMETERS);
  assert.ok(needs.peakBytes > needs.stateBytes + needs.activationBytes + needs.workspaceBytes);
});

test('recomputing keeps only the inputs of layers, and gradient descent no moments', () => {
  const needs = estimateNeeds(config, options);
  const hidden = 4 * B * T * 64;
  const recomputed = estimateNeeds(config, { ...options, activations: 'recompute' });
  assert.equal(recomputed.activationBytes, (L + 4) * hidden + 4 * B * T * T);
  const sgd = estimateNeeds(config, { ...options, optimizer: 'sgd' });
  assert.deepEqual([sgd.stateBytes, sgd.checkpointBytes], [needs.stateBytes / 2, needs.checkpointBytes / 3]);
});

test('a run that does not fit is refused with both numbers and what to change', () => {
  const needs = estimateNeeds(config, options);
  requireRoom(needs, tmpdir(), needs.peakBytes);
  assert.throws(
    () => requireRoom(needs, tmpdir(), needs.peakBytes - 1),
    (error) => {
      assert.ok(error instanceof FineTuneError);
      assert.equal(error.code, 'NOT_ENOUGH_MEMORY');
      assert.match(
        error.message,
        /needs about 0\.2 GiB .* 0\.2 GiB are free\..*recompute.*--seq-length.*--micro-batch/,
      );
      return true;
    },
  );
  assert.throws(
    () => requireRoom({ ...needs, diskBytes: 1e18 }, tmpdir()),
    (error) => error instanceof FineTuneError && error.code === 'DISK_FULL' && error.details.bytesNeeded === 1e18,
  );
  assert.ok(availableMemory() > 1e6);
});
