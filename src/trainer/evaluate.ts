/** @file Held-out loss: every target of every file once, forward only. */

import { type PackedSequence, packExamples } from '../data/batches.ts';
import { type Example, type ExampleSource, makeEvaluationExamples } from '../data/examples.ts';
import type { Batch } from '../models/batch.ts';
import type { Decoder } from '../models/decoder.ts';
import type { Tokenizer } from '../models/tokenizer.ts';

/** What is evaluated; made once, so that every evaluation of a run sees the same rows. */
export interface EvaluationSet {
  readonly examples: readonly Example[];
  readonly rows: readonly PackedSequence[];
}

export interface FileLoss {
  readonly path: string;
  /** Targets. */
  readonly tokens: number;
  /** Sum over targets, nats. */
  readonly totalNats: number;
}

export interface Evaluation {
  /** Mean over all targets, nats per token. */
  readonly loss: number;
  /** Share of targets that were the most probable token. */
  readonly accuracy: number;
  readonly tokens: number;
  readonly files: readonly FileLoss[];
}

export function makeEvaluationSet(
  files: readonly ExampleSource[],
  tokenizer: Tokenizer,
  maxSeqLength: number,
): EvaluationSet {
  const examples = makeEvaluationExamples(files, tokenizer, { maxSeqLength });
  return { examples, rows: packExamples(examples, maxSeqLength, 0) };
}

/** Stacks packed rows into a batch. */
export function stackRows(rows: readonly PackedSequence[]): Batch {
  const length = rows[0].inputIds.length;
  const stack = (key: 'inputIds' | 'labels' | 'positions' | 'segments') => {
    const all = new Int32Array(rows.length * length);
    rows.forEach((row, i) => {
      all.set(row[key], i * length);
    });
    return all;
  };
  return {
    size: rows.length,
    length,
    inputIds: stack('inputIds'),
    labels: stack('labels'),
    positions: stack('positions'),
    segments: stack('segments'),
  };
}

/** Evaluates a set, `microBatch` rows at a time. */
export async function evaluate(decoder: Decoder, set: EvaluationSet, microBatch: number): Promise<Evaluation> {
  const files = new Map<string, { tokens: number; totalNats: number }>();
  for (const { path } of set.examples) files.set(path, { tokens: 0, totalNats: 0 });
  let right = 0;
  for (let start = 0; start < set.rows.length; start += microBatch) {
    const rows = set.rows.slice(start, start + microBatch);
    const { losses, correct } = await decoder.loss(stackRows(rows));
    rows.forEach((row, r) => {
      row.labels.forEach((label, t) => {
        if (label < 0) return;
        const at = r * row.labels.length + t;
        const file = files.get(set.examples[row.exampleIndices[row.segments[t] - 1]].path)!;
        file.tokens++;
        file.totalNats += losses[at];
        right += correct[at];
      });
    });
  }
  const perFile = [...files].map(([path, sums]) => ({ path, ...sums }));
  const tokens = perFile.reduce((sum, file) => sum + file.tokens, 0);
  const totalNats = perFile.reduce((sum, file) => sum + file.totalNats, 0);
  return { loss: totalNats / Math.max(tokens, 1), accuracy: right / Math.max(tokens, 1), tokens, files: perFile };
}
