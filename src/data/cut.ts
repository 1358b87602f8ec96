/**
 * @file Cuts a long text into pieces that fit a number of tokens. A cut prefers the place where a reader would pause:
 * before something that starts at the left margin after a blank line (a function, a class, its comment), then a blank
 * line, then the end of a line, and only inside a line when that line would take half of the room or more.
 */
import { FineTuneError } from '../errors.ts';
import type { Tokenizer } from '../models/tokenizer.ts';

export interface Piece {
  /** Offsets in the text, UTF-16 units, end exclusive. Pieces follow each other without gap. */
  readonly start: number;
  readonly end: number;
  /** Ids of `text.slice(start, end)`, no special token. */
  readonly tokens: number[];
}

/** The part of a tokenizer that cutting needs. */
export type Codec = Pick<Tokenizer, 'encode' | 'decode'>;

/** Guess for the first piece, characters in one token; code has about 3. Later pieces go by the one before. */
const FIRST_CHARACTERS_PER_TOKEN = 3;
/** How much more text than expected is tokenised to see where the room ends. */
const LOOK_AHEAD = 1.15;
/** Share of a piece that may be given up for a cut at that kind of boundary. */
const GIVE_UP_FOR_TOP_LEVEL = 0.15;
const GIVE_UP_FOR_BLANK_LINE = 0.08;

/**
 * The pieces of `text`. They depend on this text and the room alone. A text that fits is tokenised once, a longer one
 * about twice.
 *
 * @param room tokens that piece number `index` may have
 */
export function cutText(text: string, room: (index: number) => number, codec: Codec): Piece[] {
  const pieces: Piece[] = [];
  let charactersPerToken = FIRST_CHARACTERS_PER_TOKEN;
  for (let start = 0; start < text.length; ) {
    const piece = nextPiece(text, start, room(pieces.length), charactersPerToken, codec);
    pieces.push(piece);
    charactersPerToken = Math.max((piece.end - piece.start) / Math.max(piece.tokens.length, 1), 0.25);
    start = piece.end;
  }
  return pieces;
}

function nextPiece(text: string, start: number, maxTokens: number, charactersPerToken: number, codec: Codec): Piece {
  // Tokenise until the room is overfull, or the text ends before that.
  let windowEnd = start;
  let window: number[] = [];
  for (let length = maxTokens * charactersPerToken * LOOK_AHEAD; window.length <= maxTokens; length *= 1.5) {
    if (windowEnd === text.length) return { start, end: windowEnd, tokens: window };
    windowEnd = wholeCharacters(text, start, start + Math.ceil(length));
    window = codec.encode(text.slice(start, windowEnd));
  }
  // Where the room ends, in characters. Half a character at the end comes back as U+FFFD.
  const fitting = codec.decode(window.slice(0, maxTokens)).replace(/\uFFFD{1,4}$/, '');
  let limit = Math.max(start + 1, Math.min(start + fitting.length, windowEnd));
  for (;;) {
    const end = chooseCut(text, start, limit);
    const tokens = codec.encode(text.slice(start, end));
    if (tokens.length <= maxTokens) return { start, end, tokens };
    // Text that ends elsewhere may be tokenised otherwise, so a cut can need a little more than its share.
    if (end <= wholeCharacters(text, start, start + 1)) {
      const message = `One character takes ${tokens.length} tokens, the room is ${maxTokens}. Use longer sequences.`;
      throw new FineTuneError('USAGE', message, { maxTokens });
    }
    limit = Math.max(start + 1, Math.min(end - 1, start + Math.floor(((end - start) * maxTokens) / tokens.length)));
  }
}

/** The best place to cut in (start, limit]. */
function chooseCut(text: string, start: number, limit: number): number {
  const topLevelFrom = limit - GIVE_UP_FOR_TOP_LEVEL * (limit - start);
  const blankFrom = limit - GIVE_UP_FOR_BLANK_LINE * (limit - start);
  let lineEnd = 0;
  let blankLine = 0;
  for (let newline = text.lastIndexOf('\n', limit - 1); newline >= start; ) {
    const cut = newline + 1;
    if (lineEnd === 0) lineEnd = cut;
    if (cut < topLevelFrom) break;
    const previousEnd = newline > 0 ? text.lastIndexOf('\n', newline - 1) : -1;
    const isAfterBlank = text.slice(Math.max(previousEnd + 1, newline - 200), newline).trim() === '';
    const nextLine = text.slice(cut, cut + 100);
    const isPause = isAfterBlank && !CLOSING_LINE.test(nextLine);
    if (isPause && /^\S/.test(nextLine)) return cut;
    if (isPause && blankLine === 0 && cut >= blankFrom) blankLine = cut;
    newline = previousEnd;
  }
  const isLongLine = lineEnd - start < 0.5 * (limit - start);
  return blankLine || (isLongLine ? wholeCharacters(text, start, limit) : lineEnd);
}

/** The line closes what came before: brackets, `else`, `end`. */
const CLOSING_LINE = /^[ \t]*(?:[)\]}]|(?:else|elif|except|finally|end|fi|done)\b)/;

/** The largest offset up to `limit` that halves neither a surrogate pair nor, if possible, a CRLF. */
export function wholeCharacters(text: string, start: number, limit: number): number {
  if (limit >= text.length) return text.length;
  const before = text.charCodeAt(limit - 1);
  const after = text.charCodeAt(limit);
  const halvesPair = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  const halvesLineEnd = before === 13 && after === 10;
  if (!halvesPair && !halvesLineEnd) return limit;
  if (limit - 1 > start) return limit - 1;
  return halvesPair ? limit + 1 : limit;
}
