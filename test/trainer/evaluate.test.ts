/** @file Held-out loss: every target once, whatever the batches, and every file its own sum. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEngine } from '../../src/engine/session.ts';
import { Decoder } from '../../src/models/decoder.ts';
import { loadModel } from '../../src/models/load.ts';
import { evaluate, makeEvaluationSet, stackRows, tokenLosses, watchedExamples } from '../../src/trainer/evaluate.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { makeTinyModel, pythonFiles } from '../support/tinyModel.ts';

test('an evaluation takes every token of every file but the first one, whatever the size of its batches', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`);
  const { config, store, tokenizer } = await loadModel(`${folder}/model`);
  const decoder = new Decoder(await openEngine({ threads: 1 }), config, store);
  const sources = Object.entries(pythonFiles(3)).map(([path, text]) => ({ path, text, removedLines: [] }));
  const set = makeEvaluationSet(sources, tokenizer, 48);
  const one = await evaluate(decoder, set, 1);
  assert.deepEqual(
    one.files.map(({ path, tokens }) => ({ path, tokens })),
    // The end-of-text token is a target, too; nothing stands before the first.
    sources.map(({ path, text }) => ({ path, tokens: tokenizer.encode(text).length })),
  );
  assert.equal(
    one.tokens,
    one.files.reduce((sum, { tokens }) => sum + tokens, 0),
  );
  // A fresh model guesses.
  assert.ok(Math.abs(one.loss - Math.log(320)) < 0.5, `${one.loss}`);
  assert.ok(one.accuracy >= 0 && one.accuracy < 0.1);

  const five = await evaluate(decoder, set, 5);
  // Larger batches add in another order: float32, 1e-7 relative.
  assert.ok(Math.abs(five.loss - one.loss) < 1e-6);
  assert.deepEqual([five.tokens, five.accuracy], [one.tokens, one.accuracy]);

  // Packed beside others or alone, a file's loss is the same.
  const alone = await evaluate(decoder, makeEvaluationSet([sources[1]], tokenizer, 48), 2);
  assert.ok(Math.abs(alone.files[0].totalNats - one.files[1].totalNats) < 1e-4 * one.files[1].totalNats);
  assert.equal(alone.files[0].right, one.files[1].right);
  assert.deepEqual(await evaluate(decoder, makeEvaluationSet([], tokenizer, 48), 2), {
    ...{ loss: 0, accuracy: 0, tokens: 0, files: [] },
  });
  await decoder.release();
});

test('the rest of a line is exact where every token to its end is right, the end as well', async () => {
  // Two texts in a row: `1 2 <line end> 3` and `4 5`. A window that ends within a line ends it.
  const row = {
    inputIds: Int32Array.of(1, 2, 9, 3, 4, 5),
    labels: Int32Array.of(2, 9, 3, -100, 5, -100),
    positions: Int32Array.of(0, 1, 2, 3, 0, 1),
    segments: Int32Array.of(1, 1, 1, 1, 2, 2),
    exampleIndices: [0, 1],
  };
  const text = (path: string, ...tokens: number[]) => ({
    ...{ path, firstLine: 1, kind: 'causal' as const, tokens: Int32Array.from(tokens), firstTarget: 1 },
  });
  const set = {
    ...{ examples: [text('a', 1, 2, 9, 3), text('b', 4, 5)], rows: [row], lineEnds: new Set([9]) },
  };
  const restsWhen = async (...correct: number[]) => {
    // What is counted depends on these alone.
    const decoder = { loss: async () => ({ losses: new Float32Array(6), correct: Uint8Array.from(correct) }) };
    const { files } = await evaluate(decoder as unknown as Decoder, set, 1);
    return files.map(({ right, places, exactRests }) => [right, places, exactRests]);
  };
  assert.deepEqual(await restsWhen(1, 1, 0, 0, 1, 0), [
    [2, 2, 1],
    [1, 1, 1],
  ]);
  assert.deepEqual(await restsWhen(1, 0, 1, 0, 0, 0), [
    [2, 2, 1],
    [0, 1, 0],
  ]);
  assert.deepEqual(await restsWhen(0, 1, 1, 0, 1, 0), [
    [2, 2, 1],
    [1, 1, 1],
  ]);
});

test('a line ends with a token that holds a line feed, and with the end of the text', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`);
  const { tokenizer } = await loadModel(`${folder}/model`);
  const set = makeEvaluationSet([{ path: 'a.py', text: 'x = 1\n\ny = 2\n', removedLines: [] }], tokenizer, 48);
  const ends = [...new Set(set.examples.flatMap(({ tokens }) => [...tokens]))].filter((id) => set.lineEnds.has(id));
  assert.ok(ends.includes(tokenizer.special.eos!));
  assert.deepEqual([...new Set(ends.map((id) => tokenizer.decode([id]).trim()))], ['']);
  assert.ok(!set.lineEnds.has(tokenizer.encode('x')[0]));
  assert.ok(set.lineEnds.has(tokenizer.encode('\n')[0]));
});

test('stacked rows lie one after the other', () => {
  const row = (base: number) => ({
    inputIds: Int32Array.of(base, base + 1),
    labels: Int32Array.of(base + 1, -100),
    positions: Int32Array.of(0, 1),
    segments: Int32Array.of(1, 1),
    exampleIndices: [0],
  });
  assert.deepEqual(stackRows([row(5), row(8)]), {
    size: 2,
    length: 2,
    inputIds: Int32Array.of(5, 6, 8, 9),
    labels: Int32Array.of(6, -100, 9, -100),
    positions: Int32Array.of(0, 1, 0, 1),
    segments: Int32Array.of(1, 1, 1, 1),
  });
});

test('a watched text is there token by token, and its losses sum up to what its file lost there', async (t) => {
  const folder = temporaryFolder(t);
  makeTinyModel(`${folder}/model`);
  const { config, store, tokenizer } = await loadModel(`${folder}/model`);
  const decoder = new Decoder(await openEngine({ threads: 1 }), config, store);
  const sources = [
    { path: 'short.py', text: 'x = "é"\n', removedLines: [] },
    { path: 'other.py', text: 'def f(a):\n    return a + 1\n', removedLines: [] },
  ];
  const set = makeEvaluationSet(sources, tokenizer, 48);
  const watched = watchedExamples(set);
  const { files } = await evaluate(decoder, set, 2, watched);
  const { step, texts } = tokenLosses(7, set, watched, tokenizer);
  assert.equal(step, 7);
  assert.deepEqual(
    texts.map(({ path, firstLine }) => ({ path, firstLine })),
    sources.map(({ path }) => ({ path, firstLine: 1 })),
  );
  for (const [i, { pieces, losses }] of texts.entries()) {
    assert.ok(pieces.join('').startsWith(sources[i].text), JSON.stringify(pieces));
    assert.equal(pieces.length, losses.length);
    assert.equal(losses[0], null);
    const sum = losses.reduce<number>((total, loss) => total + (loss ?? 0), 0);
    // Rounded to four digits each.
    assert.ok(Math.abs(sum - files[i].totalNats) < 1e-3 * files[i].totalNats, `${sum} ${files[i].totalNats}`);
  }
  await decoder.release();
});
