/** @file Prompts for code generation: what stands before the cursor, and what stands behind it. */
import { FineTuneError } from '../errors.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Share of the prompt that the suffix may take when the prefix needs all the rest. */
const SUFFIX_SHARE = 0.25;
/** No token is expected to be longer, on the average over a prompt: what lies further away is not even encoded. */
const CHARACTERS_PER_TOKEN = 32;

/**
 * The prompt of a plain continuation: `[bos] prefix`, `bos` when the tokenizer's configuration adds it. An empty text
 * begins as a new text does: after `bos`, or where the model has none, after the end of another text.
 *
 * @throws USAGE when the text is empty and the tokenizer has no such token
 */
export function continuationPrompt(tokenizer: Tokenizer, prefix: string): number[] {
  const { bos, eos } = tokenizer.special;
  const ids = [...(tokenizer.addsBos && bos !== undefined ? [bos] : []), ...tokenizer.encode(prefix)];
  if (ids.length > 0) return ids;
  const start = bos ?? eos;
  if (start !== undefined) return [start];
  throw new FineTuneError(
    'USAGE',
    'The prefix is empty, and the model has no token that a text begins with. Give a prefix.',
  );
}

/**
 * The prompt of a gap, in the order the model was trained with (Bavarian et al. 2022, prefix-suffix-middle; the same
 * as the examples of a run): `[bos] <prefix> … <suffix> … <middle>`.
 *
 * What does not fit is cut off far from the gap: the beginning of the prefix and the end of the suffix. The suffix gets
 * a quarter of the room, or more where the prefix leaves more; the prefix gets the rest.
 *
 * @param maxTokens most tokens of the prompt, e.g. the context length minus the tokens to generate
 * @throws UNSUPPORTED_MODEL for a model without fill-in-the-middle markers; USAGE for less than 8 tokens
 */
export function fillInTheMiddlePrompt(
  tokenizer: Tokenizer,
  prefix: string,
  suffix: string,
  maxTokens: number,
): number[] {
  const { fim, bos } = tokenizer.special;
  if (!fim) {
    throw new FineTuneError(
      'UNSUPPORTED_MODEL',
      'The model has no fill-in-the-middle tokens that can be used here, so it cannot see what follows the gap. Leave the suffix out, or choose a model that has them.',
    );
  }
  if (!(maxTokens >= 8)) {
    throw new FineTuneError('USAGE', `The prompt may have ${maxTokens} tokens, expected 8 or more.`, { maxTokens });
  }
  const start = tokenizer.addsBos && bos !== undefined ? [bos] : [];
  const room = Math.floor(maxTokens) - start.length - 3;
  const reach = room * CHARACTERS_PER_TOKEN;
  const before = tokenizer.encode(lastCharacters(prefix, reach));
  const after = tokenizer.encode(firstCharacters(suffix, reach));
  const afterRoom = Math.min(after.length, Math.max(Math.floor(room * SUFFIX_SHARE), room - before.length));
  const beforeRoom = Math.min(before.length, room - afterRoom);
  return [
    ...start,
    fim.prefix,
    ...before.slice(before.length - beforeRoom),
    fim.suffix,
    ...after.slice(0, afterRoom),
    fim.middle,
  ];
}

/** Never half of a surrogate pair. */
function lastCharacters(text: string, count: number): string {
  const start = Math.max(0, text.length - count);
  return text.slice(start > 0 && isLowSurrogate(text, start) ? start + 1 : start);
}

function firstCharacters(text: string, count: number): string {
  return text.slice(0, count < text.length && isLowSurrogate(text, count) ? count - 1 : count);
}

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
