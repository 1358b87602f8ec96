/**
 * @file Turns files into training examples: plain causal text and fill-in-the-middle; and into the windows on which a
 * model is evaluated. Every character of every training file is in exactly one example.
 *
 * Fill-in-the-middle (Bavarian et al. 2022, "Efficient training of language models to fill in the middle"): a piece is
 * cut at two random characters, and the model reads `<prefix> A <suffix> C <middle> B <end>` (order PSM) and learns to
 * write B. As in the paper the pieces are cut first, so that the three parts always see each other ("context level"),
 * the cuts fall between any two characters, and the loss is on all tokens, not on B alone: the text is learnt as such,
 * and a rate of one half costs nothing in left-to-right quality.
 */
import { FineTuneError } from '../errors.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { createRandom, nextBelow, nextFloat, type RandomState } from '../random.ts';
import { cutText, wholeCharacters } from './cut.ts';
import { lineOnDisk, type SourceFile } from './repository.ts';

export interface Example {
  /** The file's path, as in `SourceFile`. */
  readonly path: string;
  /** Line of the file on disk on which the text begins, 1-based. */
  readonly firstLine: number;
  readonly kind: 'causal' | 'fim';
  /** (n) ids, special tokens included, 2 <= n <= maxSeqLength. */
  readonly tokens: Int32Array;
  /** Index of the first token that is to be predicted; the ones before are context only. */
  readonly firstTarget: number;
}

export interface ExampleOptions {
  /** Longest example, tokens, special ones included. At least 16. */
  readonly maxSeqLength: number;
  /** Share of the pieces that become fill-in-the-middle, in [0, 1]; 0 when the tokenizer has no markers. @default 0.5 */
  readonly fimRate?: number;
  /** Decides which pieces and where they are cut. @default 0 */
  readonly seed?: number;
  /** Another epoch draws other pieces for filling in and other holes. @default 0 */
  readonly epoch?: number;
}

/** The part of a source file that examples are made of. */
export type ExampleSource = Pick<SourceFile, 'path' | 'text' | 'removedLines'>;

/**
 * Below this number of training tokens a folder is refused: it is about ten lines of code, and whatever a model picks
 * up from so little is chance. Three small files are enough.
 */
export const MIN_TRAIN_TOKENS = 100;
const MIN_SEQ_LENGTH = 16;
/** Tokens kept free for the two tokens that a hole breaks up; a piece that needs more in four tries stays causal. */
const FIM_SLACK = 4;
const FIM_ATTEMPTS = 4;

/**
 * The training examples of the files, in the order of the files and of their text.
 *
 * Causal: `[bos] text [eos]`, `bos` when the tokenizer adds it, `eos` at the end of the file when the tokenizer has one.
 * Fill-in-the-middle: `[bos] <prefix> A <suffix> C <middle> B [eos]`, always with `eos`: it says that the gap is filled.
 * What happens to a file depends on the seed, the epoch and its own path and text only.
 *
 * @throws USAGE
 */
export function makeExamples(
  files: readonly ExampleSource[],
  tokenizer: Tokenizer,
  options: ExampleOptions,
): Example[] {
  const { maxSeqLength, seed = 0, epoch = 0 } = options;
  checkSeqLength(maxSeqLength);
  const fimRate = options.fimRate ?? 0.5;
  if (!(fimRate >= 0 && fimRate <= 1)) {
    throw new FineTuneError('USAGE', `The fill-in-the-middle rate is ${fimRate}, expected 0 to 1.`, { fimRate });
  }
  const usesFim = fimRate > 0 && tokenizer.special.fim !== undefined;
  const frame = startTokens(tokenizer).length + endTokens(tokenizer).length;
  const examples: Example[] = [];
  for (const file of files) {
    const randomOf = (index: number) => createRandom(seed, 'fim', epoch, file.path, index);
    const wantsFim = (random: RandomState) => usesFim && nextFloat(random) < fimRate;
    const kinds: Example['kind'][] = [];
    const pieces = cutText(file.text, tokenizer, {
      room: (index) => maxSeqLength - frame - (wantsFim(randomOf(index)) ? 3 + FIM_SLACK : 0),
      make(index, text, isLast) {
        const random = randomOf(index);
        const fim = wantsFim(random) ? fimTokens(text, tokenizer, maxSeqLength, random) : undefined;
        kinds[index] = fim ? 'fim' : 'causal';
        if (fim) return fim;
        const sequence = [
          ...startTokens(tokenizer),
          ...tokenizer.encode(text),
          ...(isLast ? endTokens(tokenizer) : []),
        ];
        return sequence.length <= maxSeqLength ? sequence : undefined;
      },
    });
    let line = 1;
    for (let index = 0; index < pieces.length; index++) {
      const { start, end, tokens } = pieces[index];
      const text = file.text.slice(start, end);
      if (tokens.length >= 2) {
        examples.push({
          path: file.path,
          firstLine: lineOnDisk(file, line),
          kind: kinds[index],
          tokens: Int32Array.from(tokens),
          firstTarget: 1,
        });
      }
      line += countNewlines(text);
    }
  }
  return examples;
}

/**
 * The windows on which held-out loss is measured: each file as `[bos] text [eos]`, tokenised as a whole, cut into windows
 * of `maxSeqLength`. A window begins with the last token of the one before, so that every token but the first is
 * predicted exactly once. Plain causal, nothing dropped, no randomness: two models see the same.
 *
 * @throws USAGE
 */
export function makeEvaluationExamples(
  files: readonly ExampleSource[],
  tokenizer: Tokenizer,
  options: { readonly maxSeqLength: number },
): Example[] {
  const { maxSeqLength } = options;
  checkSeqLength(maxSeqLength);
  const examples: Example[] = [];
  for (const file of files) {
    const tokens = Int32Array.from([
      ...startTokens(tokenizer),
      ...tokenizer.encode(file.text),
      ...endTokens(tokenizer),
    ]);
    let line = 1;
    for (let start = 0; start + 1 < tokens.length; start += maxSeqLength - 1) {
      const window = tokens.slice(start, start + maxSeqLength);
      examples.push({
        path: file.path,
        firstLine: lineOnDisk(file, line),
        kind: 'causal',
        tokens: window,
        firstTarget: 1,
      });
      line += countNewlines(tokenizer.decode(window.subarray(0, maxSeqLength - 1)));
    }
  }
  return examples;
}

/** Number of tokens in all examples, special ones included. */
export function countTokens(examples: readonly Example[]): number {
  return examples.reduce((sum, example) => sum + example.tokens.length, 0);
}

/**
 * Refuses training data that is too small to learn from.
 *
 * @throws TOO_LITTLE_CODE with the numbers
 */
export function requireEnoughCode(examples: readonly Example[]): void {
  const tokens = countTokens(examples);
  if (tokens >= MIN_TRAIN_TOKENS) return;
  const files = new Set(examples.map((example) => example.path)).size;
  throw new FineTuneError(
    'TOO_LITTLE_CODE',
    `${files} file${files === 1 ? '' : 's'} with ${tokens} tokens are left for training, expected at least ` +
      `${MIN_TRAIN_TOKENS} tokens (about ten lines of code). Choose a larger folder or leave out less.`,
    { files, tokens, required: MIN_TRAIN_TOKENS },
  );
}

function startTokens(tokenizer: Tokenizer): readonly number[] {
  return tokenizer.addsBos && tokenizer.special.bos !== undefined ? [tokenizer.special.bos] : [];
}

function endTokens(tokenizer: Tokenizer): readonly number[] {
  return tokenizer.special.eos === undefined ? [] : [tokenizer.special.eos];
}

/** The piece with a hole in it, or undefined when it is too short or four random holes did not fit. */
function fimTokens(
  text: string,
  tokenizer: Tokenizer,
  maxSeqLength: number,
  random: RandomState,
): readonly number[] | undefined {
  const markers = tokenizer.special.fim!;
  for (let attempt = 0; attempt < FIM_ATTEMPTS && text.length >= 2; attempt++) {
    const cuts = [randomCut(text, random), randomCut(text, random)].sort((a, b) => a - b);
    if (cuts[0] === cuts[1]) continue; // an empty middle teaches nothing
    const sequence = [
      ...startTokens(tokenizer),
      markers.prefix,
      ...tokenizer.encode(text.slice(0, cuts[0])),
      markers.suffix,
      ...tokenizer.encode(text.slice(cuts[1])),
      markers.middle,
      ...tokenizer.encode(text.slice(cuts[0], cuts[1])),
      ...endTokens(tokenizer),
    ];
    if (sequence.length <= maxSeqLength) return sequence;
  }
  return undefined;
}

/** An offset in [0, length], between two characters and not inside a CRLF. */
function randomCut(text: string, random: RandomState): number {
  const offset = nextBelow(random, text.length + 1);
  return offset === 0 ? 0 : wholeCharacters(text, 0, offset);
}

function checkSeqLength(maxSeqLength: number): void {
  if (Number.isSafeInteger(maxSeqLength) && maxSeqLength >= MIN_SEQ_LENGTH) return;
  const message = `The sequence length is ${maxSeqLength}, expected a whole number of at least ${MIN_SEQ_LENGTH} tokens.`;
  throw new FineTuneError('USAGE', message, { maxSeqLength });
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
