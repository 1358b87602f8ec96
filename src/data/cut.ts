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
  /** What `Cutting.make` made of it. */
  readonly tokens: readonly number[];
}

export interface Cutting {
  /** Tokens that the plain text of piece number `index` may have. */
  readonly room: (index: number) => number;
  /** The final tokens of a piece, or undefined when they are too many. */
  readonly make: (index: number, text: string, isLast: boolean) => readonly number[] | undefined;
}

/** The part of a tokenizer that cutting needs. */
export type Codec = Pick<Tokenizer, 'encode' | 'decode'>;

/** Guess for the first piece, characters in one token; code has about 3. Later pieces go by the one before. */
const FIRST_CHARACTERS_PER_TOKEN = 3;
/** How much more text than expected is tokenised to see where the room ends. */
const LOOK_AHEAD = 1.1;
/** Share of a piece that may be given up for a cut at that kind of boundary. */
const GIVE_UP_FOR_TOP_LEVEL = 0.15;
const GIVE_UP_FOR_BLANK_LINE = 0.08;

/**
 * The pieces of `text`, as large as they may be. They depend on the arguments alone. A text that fits is tokenised once,
 * a longer one about twice: once to see how much fits, once as the piece it became.
 */
export function cutText(text: string, codec: Codec, cutting: Cutting): Piece[] {
  const pieces: Piece[] = [];
  let charactersPerToken = FIRST_CHARACTERS_PER_TOKEN;
  for (let start = 0; start < text.length; ) {
    const piece = nextPiece(text, start, pieces.length, charactersPerToken, codec, cutting);
    pieces.push(piece);
    charactersPerToken = Math.max((piece.end - piece.start) / Math.max(piece.tokens.length, 1), 0.25);
    start = piece.end;
  }
  return pieces;
}

function nextPiece(
  text: string,
  start: number,
  index: number,
  charactersPerToken: number,
  codec: Codec,
  { room, make }: Cutting,
): Piece {
  const maxTokens = room(index);
  if (text.length - start <= maxTokens * charactersPerToken) {
    const tokens = make(index, text.slice(start), true);
    if (tokens) return { start, end: text.length, tokens };
  }
  let limit = characterLimit(text, start, maxTokens, charactersPerToken, codec);
  for (;;) {
    const end = limit === text.length ? limit : chooseCut(text, start, limit);
    const tokens = make(index, text.slice(start, end), end === text.length);
    if (tokens) return { start, end, tokens };
    // Text that ends elsewhere may be tokenised otherwise, so a cut can need a little more than its share.
    if (end <= wholeCharacters(text, start, start + 1)) {
      const message = `One character does not fit into ${maxTokens} tokens. Use longer sequences.`;
      throw new FineTuneError('USAGE', message, { maxTokens });
    }
    limit = Math.max(start + 1, Math.min(end - 1, start + Math.floor(0.97 * (end - start))));
  }
}

/** The offset at which text from `start` on fills `maxTokens`, or the end of the text. */
function characterLimit(
  text: string,
  start: number,
  maxTokens: number,
  charactersPerToken: number,
  codec: Codec,
): number {
  let windowEnd = start;
  let window: number[] = [];
  for (let length = maxTokens * charactersPerToken * LOOK_AHEAD; window.length <= maxTokens; length *= 1.5) {
    if (windowEnd === text.length) return windowEnd;
    windowEnd = wholeCharacters(text, start, start + Math.ceil(length));
    window = codec.encode(text.slice(start, windowEnd));
  }
  // Half a character at the end comes back as U+FFFD.
  const fitting = codec.decode(window.slice(0, maxTokens)).replace(/\uFFFD{1,4}$/, '');
  return Math.max(start + 1, Math.min(start + fitting.length, windowEnd));
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
