/** @file `rgft perplexity`: the loss it reports is that of the bytes of each file, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perplexity } from '../../src/commands/perplexity.ts';
import { openEngine } from '../../src/engine/session.ts';
import type { Batch } from '../../src/models/batch.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { loadModel } from '../../src/models/load.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

/** The loss of each target by itself: row by row, without packing. In float64 sums. */
async function plainNats(decoder: Decoder, ids: readonly number[], window: number): Promise<number> {
  let nats = 0;
  for (let start = 0; start + 1 < ids.length; start += window - 1) {
    const part = ids.slice(start, start + window);
    const { losses } = await decoder.loss({
      size: 1,
      length: part.length,
      inputIds: Int32Array.from(part),
      labels: Int32Array.from(part, (_, t) => part[t + 1] ?? -100),
      positions: Int32Array.from(part, (_, t) => t),
      segments: Int32Array.from(part, () => 1),
    });
    nats += losses.reduce((sum, loss) => sum + loss, 0);
  }
  return nats;
}

test('every target of every file counts once, in windows that share one token, byte for byte', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`, { seed: 3, maxPositionEmbeddings: 64 });
  const model = await loadModel(`${folder}/model`);
  const decoder = new Decoder(await openEngine({ threads: 1 }), model.config, model.store);
  const [first, second] = Object.values(pythonFiles(2, 3));
  const texts = { 'a.py': first, 'b.py': `\uFEFF${second.replaceAll('\n', '\r\n')}`, 'empty.py': '', 'one.py': 'x' };
  const files = Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  // The same file again is a file like any other.
  files.push(files[0]);

  for (const window of [undefined, 17]) {
    const report = await perplexity(decoder, model, files, window);
    let totalNats = 0;
    for (const [i, { path, bytes }] of files.entries()) {
      const ids = model.tokenizer.encode(bytes.toString('utf8'));
      const nats = await plainNats(decoder, ids, window ?? 64);
      totalNats += nats;
      const found = report.files[i];
      assert.deepEqual([found.path, found.bytes], [path, bytes.length]);
      assert.equal(found.tokens, Math.max(ids.length - 1, 0), path);
      // Packed beside others the products add in another order: float32.
      assert.ok(Math.abs(found.lossNats * found.tokens - nats) <= 1e-5 * nats, `${path}: ${found.lossNats}`);
      const bits = bytes.length === 0 ? 0 : nats / Math.LN2 / bytes.length;
      assert.ok(Math.abs(found.bitsPerByte - bits) <= 1e-5 * bits);
    }
    assert.equal(
      report.tokens,
      report.files.reduce((sum, { tokens }) => sum + tokens, 0),
    );
    assert.ok(Math.abs(report.lossNats * report.tokens - totalNats) < 1e-5 * totalNats);
  }
  await decoder.release();
});

test('of a model with a long maximum windows are 4096 tokens by default', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`, { maxPositionEmbeddings: 131072 });
  const model = await loadModel(`${folder}/model`);
  const decoder = new Decoder(await openEngine({ threads: 1 }), model.config, model.store);
  // Only the batches matter here; computing them would take a gigabyte.
  const { mock } = t.mock.method(decoder, 'loss', async ({ labels }: Batch) => ({
    losses: new Float32Array(labels.length),
    correct: new Uint8Array(labels.length),
  }));
  // A digit is a token of its own.
  const report = await perplexity(decoder, model, [{ path: 'a.txt', bytes: Buffer.from('7'.repeat(5000)) }]);
  assert.deepEqual(
    mock.calls.map(({ arguments: [{ size, length }] }) => [size, length]),
    [
      [1, 4096],
      [1, 4096],
    ],
  );
  assert.equal(report.tokens, 4999);
});

test('a window whose mask no machine has room for is refused with the numbers', async (t) => {
  const folder = temporaryFolder(t);
  const window = 2 ** 19;
  makeTinyModel(`${folder}/model`, { maxPositionEmbeddings: window });
  const model = await loadModel(`${folder}/model`);
  const decoder = new Decoder(await openEngine({ threads: 1 }), model.config, model.store);
  const files = [{ path: 'a.txt', bytes: Buffer.from('7'.repeat(window)) }];
  await assert.rejects(perplexity(decoder, model, files, window), {
    code: 'OUT_OF_MEMORY',
    message: /^A window of 524288 tokens needs 1024\.0 GiB for its mask alone; .* Lower --window\.$/,
  });
});
