/** @file Held-out loss: every target of every file once, forward only. */

import { type PackedSequence, packExamples } from '../data/batches.ts';
import { type Example, type ExampleSource, makeEvaluationExamples } from '../data/examples.ts';
import type { Batch } from '../models/batch.ts';
import type { Decoder } from '../models/decoder.ts';
import { TextStream } from '../models/textStream.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { TokenLosses } from '../protocol.ts';

/** What is evaluated; made once, so that every evaluation of a run sees the same rows. */
export interface EvaluationSet {
  readonly examples: readonly Example[];
  readonly rows: readonly PackedSequence[];
  /** The ids, of those that occur, that a line ends with: special ones, and those whose text holds a line feed. */
  readonly lineEnds: ReadonlySet<number>;
}

export interface FileLoss {
  readonly path: string;
  /** Targets. */
  readonly tokens: number;
  /** Sum over targets, nats. */
  readonly totalNats: number;
  /** Targets that were the most probable token. */
  readonly right: number;
  /** Targets that no line ends with: places where a line can be completed. */
  readonly places: number;
  /**
   * Of these, those from which every target is right to the line's end, its token included (and with it the indentation
   * that the same token holds): greedy decoding from there writes the rest of the line exactly, and stops. A line that
   * the end of its example cuts is followed as far as it goes.
   */
  readonly exactRests: number;
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
  const occurring = new Set(examples.flatMap(({ tokens }) => [...tokens]));
  const special = new Set(tokenizer.special.all);
  const lineEnds = new Set([...occurring].filter((id) => special.has(id) || tokenizer.decode([id]).includes('\n')));
  return { examples, rows: packExamples(examples, maxSeqLength, 0), lineEnds };
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
  const weights = rows.some((row) => row.lossWeights) ? new Float32Array(rows.length * length).fill(1) : undefined;
  rows.forEach((row, i) => {
    if (row.lossWeights) weights!.set(row.lossWeights, i * length);
  });
  return {
    ...(weights && { lossWeights: weights }),
    size: rows.length,
    length,
    inputIds: stack('inputIds'),
    labels: stack('labels'),
    positions: stack('positions'),
    segments: stack('segments'),
  };
}

/**
 * Evaluates a set, `microBatch` rows at a time.
 *
 * @param watched examples (by index in the set) whose losses are wanted token by token. Each list, as long as the
 *   example, gets the loss in nats with which token `t` was predicted at `t`; what is no target stays as it is.
 */
export async function evaluate(
  decoder: Decoder,
  set: EvaluationSet,
  microBatch: number,
  watched: ReadonlyMap<number, Float64Array> = new Map(),
): Promise<Evaluation> {
  type Sums = { -readonly [Name in keyof Omit<FileLoss, 'path'>]: number };
  const files = new Map<string, Sums>();
  for (const { path } of set.examples) files.set(path, { tokens: 0, totalNats: 0, right: 0, places: 0, exactRests: 0 });
  for (let start = 0; start < set.rows.length; start += microBatch) {
    const rows = set.rows.slice(start, start + microBatch);
    const { losses, correct } = await decoder.loss(stackRows(rows));
    rows.forEach((row, r) => {
      let restIsRight = true;
      // Backwards: the rest of a line is right from here when it is from the next token on.
      for (let t = row.labels.length - 1; t >= 0; t--) {
        const label = row.labels[t];
        if (label < 0) {
          restIsRight = true;
          continue;
        }
        const at = r * row.labels.length + t;
        const example = row.exampleIndices[row.segments[t] - 1];
        const file = files.get(set.examples[example].path)!;
        watched.get(example)?.set([losses[at]], row.positions[t] + 1);
        file.tokens++;
        file.totalNats += losses[at];
        file.right += correct[at];
        const isLineEnd = set.lineEnds.has(label);
        restIsRight = correct[at] === 1 && (isLineEnd || restIsRight);
        if (isLineEnd) continue;
        file.places++;
        file.exactRests += Number(restIsRight);
      }
    });
  }
  const perFile = [...files].map(([path, sums]) => ({ path, ...sums }));
  const tokens = perFile.reduce((sum, file) => sum + file.tokens, 0);
  const totalNats = perFile.reduce((sum, file) => sum + file.totalNats, 0);
  const right = perFile.reduce((sum, file) => sum + file.right, 0);
  return { loss: totalNats / Math.max(tokens, 1), accuracy: right / Math.max(tokens, 1), tokens, files: perFile };
}

/** Files of which one text is kept token by token, to be looked at. */
const WATCHED_FILES = 48;

/** The first example of each of the first files, with a list for the losses that `evaluate` fills in. */
export function watchedExamples(set: EvaluationSet): Map<number, Float64Array> {
  const watched = new Map<number, Float64Array>();
  const seen = new Set<string>();
  for (const [index, { path, tokens }] of set.examples.entries()) {
    if (seen.has(path)) continue;
    if (seen.size === WATCHED_FILES) break;
    seen.add(path);
    watched.set(index, new Float64Array(tokens.length).fill(Number.NaN));
  }
  return watched;
}

/** What `eval/tokens-N.json` holds: the watched texts, cut into tokens, with the loss of each. */
export function tokenLosses(
  step: number,
  set: EvaluationSet,
  watched: ReadonlyMap<number, Float64Array>,
  tokenizer: Tokenizer,
): TokenLosses {
  const texts = [...watched].map(([index, losses]) => {
    const { path, firstLine, tokens } = set.examples[index];
    const stream = new TextStream(tokenizer, [], []);
    const pieces = [...tokens].map((id) => stream.push(id));
    pieces[pieces.length - 1] += stream.finish();
    // Four digits show as much as a colour can.
    const rounded = [...losses].map((loss) => (Number.isFinite(loss) ? Number(loss.toPrecision(4)) : null));
    return { path, firstLine, pieces, losses: rounded };
  });
  return { step, texts };
}
