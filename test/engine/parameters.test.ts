/** @file Frozen weights give their gradients and moments back; nothing that counts changes by a bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateParameters, fitsTrainingMemory, releaseFrozen } from '../../src/engine/parameters.ts';

test('releasing frozen weights keeps every weight and the moments of the others, in new memory', () => {
  const store = allocateParameters(
    new Map([
      ['frozen', [2, 3]],
      ['trained', [4]],
    ]),
  );
  const old = new Map(store);
  for (const { weights, gradient, first, second } of store.values()) {
    [weights, gradient, first, second].forEach((array, a) => {
      array.forEach((_, i) => {
        array[i] = a + i / 8;
      });
    });
  }
  releaseFrozen(store, (name) => name === 'trained');
  const [frozen, trained] = [store.get('frozen')!, store.get('trained')!];
  assert.deepEqual(frozen.weights, old.get('frozen')!.weights);
  assert.deepEqual([frozen.gradient.length, frozen.first.length, frozen.second.length], [0, 0, 0]);
  assert.equal(frozen.kernels, undefined);
  assert.deepEqual(trained.weights, old.get('trained')!.weights);
  assert.deepEqual(trained.first, old.get('trained')!.first);
  assert.deepEqual(trained.second, old.get('trained')!.second);
  assert.ok(trained.kernels);
  for (const [name, parameter] of store) assert.notEqual(parameter.weights.buffer, old.get(name)!.weights.buffer);
});

test('of a store without room for training, only what is trained moves, and gets it', () => {
  const store = allocateParameters(
    new Map([
      ['frozen', [2, 3]],
      ['trained', [4]],
    ]),
    false,
  );
  for (const { weights } of store.values()) weights.set(weights.map((_, i) => i + 1));
  const old = new Map(store);
  releaseFrozen(store, (name) => name === 'trained');
  assert.equal(store.get('frozen'), old.get('frozen'), 'no second copy of what stays as it is');
  const trained = store.get('trained')!;
  assert.deepEqual(trained.weights, Float32Array.of(1, 2, 3, 4));
  assert.deepEqual([trained.gradient.length, trained.first.length, trained.second.length], [4, 4, 4]);
  assert.ok(trained.kernels);
});

test('a tensor that needs more than one memory with gradient and optimizer state is refused, and says what helps', () => {
  // 65535 pages of 64 KiB, 16 bytes an element.
  assert.equal(fitsTrainingMemory(65535 * 4096), true);
  assert.equal(fitsTrainingMemory(65535 * 4096 + 1), false);
  assert.throws(() => allocateParameters(new Map([['embed_tokens.weight', [65536, 4096]]])), {
    code: 'OUT_OF_MEMORY',
    message: /^embed_tokens\.weight \(65536, 4096\) needs 4\.0 GiB .* one tensor can have 4 GiB\. .*--method lora/,
  });
});
