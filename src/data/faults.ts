/**
 * @file Where code tends to be wrong: pairs of a right line and a wrong variant of it, and the tokens in which they
 * differ. Fault-aware fine-tuning (FAIT, arXiv 2503.16913) gives those tokens more weight in the loss.
 *
 * The paper lets a teacher model write the wrong variants and sets the weight as it goes; neither is to be had here, and
 * its formula for the weight is not published in full. Ours: variants from mutations of the training text, from the
 * history of fixes and from the model's own mistakes, and one constant weight.
 */

import { createRandom, nextBelow, nextFloat, type RandomState } from '../random.ts';
import { languageOfPath } from './languages.ts';
import { findSecrets } from './secrets.ts';

/** A line as it should be and as it should not. `wrong` is empty where the right line was missing altogether. */
export interface Variant {
  readonly right: string;
  readonly wrong: string;
}

/** Characters from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Share of the lines that can be mutated that are. */
const MUTATED_SHARE = 0.5;
/** Similarity from which a removed line counts as the earlier form of an added one (difflib's ratio). */
const SIMILAR = 0.5;
/** Lexical tokens of a line that are compared; longer lines are data. */
const MAX_TOKENS = 200;

/** String literals are one token: a fault inside a message is no fault of the code. */
const TOKEN =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|[=!<>]=+|&&|\|\||[^\s\w]|\s+/g;
const COMMENT = /^\s*(?:#|\/\/|\/?\*)/;

const SWAPS: ReadonlyMap<string, string> = new Map(
  [
    ['==', '!='],
    ['===', '!=='],
    ['<', '<='],
    ['>', '>='],
    ['+', '-'],
    ['*', '/'],
    ['&&', '||'],
    ['and', 'or'],
    ['True', 'False'],
    ['true', 'false'],
  ].flatMap(([a, b]) => [
    [a, b],
    [b, a],
  ]) as [string, string][],
);

/** Words that are no names; enough of Python and TypeScript for names that are swapped to be names. */
const KEYWORDS = new Set(
  'and as assert async await break case class const continue def del do elif else enum except export extends False false finally for from function global if implements import in instanceof interface is lambda let new None not null of or pass raise return self static super switch this throw True true try type typeof undefined var void while with yield'.split(
    ' ',
  ),
);

interface Lexeme extends Span {
  readonly text: string;
}

function lexemes(line: string): Lexeme[] {
  return [...line.matchAll(TOKEN)].map(({ 0: text, index }) => ({ text, start: index, end: index + text.length }));
}

function words(line: string): Lexeme[] {
  return lexemes(line).filter(({ text }) => text.trim() !== '');
}

/**
 * The characters of `right` that are not in `wrong`, by a longest common subsequence of lexical tokens; neighbours are
 * joined. Where `wrong` only has something too much, the token that follows it is marked: that is where the model would
 * have gone wrong.
 */
export function differingSpans(right: string, wrong: string): Span[] {
  const [a, b] = [words(right).slice(0, MAX_TOKENS), words(wrong).slice(0, MAX_TOKENS)];
  const isCommon = new Uint8Array(a.length);
  const isMarked = new Uint8Array(a.length);
  let [lastA, lastB] = [-1, -1];
  for (const [i, j] of [...commonSubsequence(a, b), [a.length, b.length] as const]) {
    if (i < a.length) isCommon[i] = 1;
    // Something in between on the wrong side alone.
    if (i === lastA + 1 && j > lastB + 1 && i < a.length) isMarked[i] = 1;
    [lastA, lastB] = [i, j];
  }
  const spans: { start: number; end: number }[] = [];
  a.forEach(({ start, end }, i) => {
    if (isCommon[i] && !isMarked[i]) return;
    const last = spans[spans.length - 1];
    const isNeighbour = i > 0 && last?.end === a[i - 1].end;
    if (isNeighbour) last.end = end;
    else spans.push({ start, end });
  });
  return spans;
}

/** Pairs of indices of a longest common subsequence, ascending. */
function commonSubsequence(a: readonly Lexeme[], b: readonly Lexeme[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i].text === b[j].text
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i].text === b[j].text) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
    else j++;
  }
  return pairs;
}

/** Twice the common tokens over all tokens, in [0, 1]. */
function similarity(a: string, b: string): number {
  const [left, right] = [words(a).slice(0, MAX_TOKENS), words(b).slice(0, MAX_TOKENS)];
  const all = left.length + right.length;
  return all === 0 ? 0 : (2 * commonSubsequence(left, right).length) / all;
}

/**
 * A line with one small fault: another operator, a number off by one, two names swapped, a negation dropped. Each place
 * that allows one is equally likely. `undefined` for comments and lines without such a place.
 */
export function mutateLine(line: string, random: RandomState): string | undefined {
  if (COMMENT.test(line)) return undefined;
  const all = lexemes(line);
  const code = all.filter(({ text }) => text.trim() !== '');
  const replace = (...changes: readonly (readonly [Span, string])[]): string =>
    [...changes]
      .sort(([a], [b]) => b.start - a.start)
      .reduce((text, [{ start, end }, by]) => text.slice(0, start) + by + text.slice(end), line);
  const faults: (() => string)[] = [];
  code.forEach((lexeme, i) => {
    const { text, start, end } = lexeme;
    const next = code[i + 1];
    const swapped = SWAPS.get(text);
    // `*args`, `-1` and `<T>` are no operators between two operands: those have space around them, or are words.
    const isBetween =
      /\w/.test(text) || text.length > 1 || (/\s/.test(line[start - 1] ?? '') && /\s/.test(line[end] ?? ''));
    if (swapped !== undefined && isBetween) faults.push(() => replace([lexeme, swapped]));
    if (/^\d{1,9}$/.test(text)) faults.push(() => replace([lexeme, String(Number(text) + 1)]));
    if (next && (text === 'not' || (text === '!' && next.start === end))) {
      faults.push(() => replace([{ start, end: next.start }, '']));
    }
    if (!isName(text)) return;
    const other = code.slice(i + 1).find((later) => isName(later.text) && later.text !== text);
    if (other) faults.push(() => replace([lexeme, other.text], [other, text]));
  });
  return faults.length === 0 ? undefined : faults[nextBelow(random, faults.length)]();
}

function isName(text: string): boolean {
  return /^[A-Za-z_$]/.test(text) && !KEYWORDS.has(text);
}

/** Mutated lines of files, seeded; what happens to a line depends on the seed, its file's path and its number alone. */
export function mutations(files: readonly { readonly path: string; readonly text: string }[], seed: number): Variant[] {
  const variants: Variant[] = [];
  for (const { path, text } of files) {
    text.split('\n').forEach((right, number) => {
      const random = createRandom(seed, 'mutation', path, number);
      if (nextFloat(random) >= MUTATED_SHARE) return;
      const wrong = mutateLine(right, random);
      if (wrong !== undefined && wrong !== right) variants.push({ right, wrong });
    });
  }
  return variants;
}

/**
 * What fixes changed: lines after and before, from the output of `git log -p -U0`. An added line is paired with the
 * first similar removed one of its hunk that lies behind the last pair; one that resembles none is wrong as a whole.
 * Lines with secrets are left out, as they are of the training text: a history is where people have removed them.
 *
 * @param isWanted which files count, by their path in the log
 */
export function fixesOf(log: string, isWanted: (path: string) => boolean): Variant[] {
  const variants: Variant[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  let wanted = false;
  let language = 'none';
  let isHeader = true;
  const endHunk = () => {
    const secrets = wanted ? [...secretLines(removed, language), ...secretLines(added, language)] : [];
    let from = 0;
    for (const right of added) {
      const at = removed.findIndex((line, i) => i >= from && similarity(line, right) >= SIMILAR);
      if (at >= 0) from = at + 1;
      const wrong = at < 0 ? '' : removed[at];
      const isCode = right.trim() !== '' && !COMMENT.test(right) && right.trim() !== wrong.trim();
      const isSecret = secrets.includes(right) || secrets.includes(wrong);
      if (wanted && isCode && !isSecret) variants.push({ right, wrong });
    }
    removed = [];
    added = [];
  };
  for (const line of log.split('\n')) {
    if (line.startsWith('diff --git ') || line.startsWith('@@') || line.startsWith('commit ')) endHunk();
    if (line.startsWith('diff --git ')) isHeader = true;
    if (line.startsWith('@@')) isHeader = false;
    if (isHeader) {
      if (line.startsWith('+++ ')) {
        const path = line.slice('+++ b/'.length);
        wanted = line.startsWith('+++ b/') && isWanted(path);
        language = languageOfPath(path);
      }
    } else if (line.startsWith('+')) added.push(line.slice(1));
    else if (line.startsWith('-')) removed.push(line.slice(1));
  }
  endHunk();
  return variants;
}

/** The lines that hold a secret; all of them where one begins a private key, whose other lines tell nothing. */
function secretLines(lines: readonly string[], language: string): readonly string[] {
  const found = findSecrets(lines.join('\n'), language);
  return found.some(({ kind }) => kind === 'private-key') ? lines : found.map(({ line }) => lines[line - 1]);
}

/** Faults of each right line, by its text without the white space around it; offsets count from its first character. */
export function faultsByLine(variants: readonly Variant[]): Map<string, Span[]> {
  const faults = new Map<string, Span[]>();
  for (const { right, wrong } of variants) {
    const line = right.trim();
    if (line === '') continue;
    const spans = differingSpans(line, wrong.trim());
    if (spans.length > 0) faults.set(line, [...(faults.get(line) ?? []), ...spans]);
  }
  return faults;
}

/** Which pieces of a text (its tokens) hold a character of a fault: 1 or 0 for each. */
export function faultPieces(pieces: readonly string[], faults: ReadonlyMap<string, readonly Span[]>): Uint8Array {
  const text = pieces.join('');
  const isFault = new Uint8Array(text.length);
  let start = 0;
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length;
    for (const span of faults.get(line.trim()) ?? []) {
      isFault.fill(1, start + indent + span.start, start + indent + span.end);
    }
    start += line.length + 1;
  }
  let at = 0;
  return Uint8Array.from(pieces, (piece) => {
    const end = at + piece.length;
    const found = isFault.subarray(at, end).includes(1) ? 1 : 0;
    at = end;
    return found;
  });
}
