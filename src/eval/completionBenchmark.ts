/**
 * @file Line completion on held-out files: how often a model writes the rest of a line exactly, and how close it comes.
 * What a person who codes sees of a model, and a finer measure than loss of whether it has learnt a repository's names.
 */
import { createRandom, shuffle } from '../random.ts';

/** A place inside a line of a held-out file. */
export interface LineCase {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** Everything before the place. */
  readonly prefix: string;
  /** The rest of the line, without the line end. */
  readonly expected: string;
}

export interface LineCaseOptions {
  /** Most cases of all files together. @default 200 */
  readonly limit?: number;
  /** @default 0 */
  readonly seed?: number;
  /** Only places whose rest of the line uses one of these names. @default every place */
  readonly names?: ReadonlySet<string>;
}

export interface LineScore {
  readonly cases: number;
  /** Share of cases whose completion is the rest of the line, white space at its end aside. */
  readonly exactMatch: number;
  /** Mean over cases of 1 - Levenshtein distance / longer length, in [0, 1]. */
  readonly editSimilarity: number;
}

/** Shortest rest of a line that is worth asking for, characters. */
const MIN_EXPECTED = 4;
const MAX_LINE = 160;
const IDENTIFIER = /[A-Za-z_$][\w$]*/g;

/**
 * Places to complete: in each line of code at most one, behind its first word, dot, comma or opening bracket, so that
 * the model knows what kind of line it is and has something left to say. Comments and blank lines are left out.
 * Deterministic: the same files and seed give the same cases.
 */
export function lineCases(
  files: readonly { readonly path: string; readonly text: string }[],
  { limit = 200, seed = 0, names }: LineCaseOptions = {},
): LineCase[] {
  const cases: LineCase[] = [];
  for (const { path, text } of files) {
    let start = 0;
    text.split('\n').forEach((content, index) => {
      const cut = cutOf(content, `${seed} ${path} ${index}`);
      if (cut !== undefined) {
        const expected = content.slice(cut).trimEnd();
        if (expected.length >= MIN_EXPECTED && (!names || usesOneOf(expected, names))) {
          cases.push({ path, line: index + 1, prefix: text.slice(0, start + cut), expected });
        }
      }
      start += content.length + 1;
    });
  }
  const order = shuffle([...cases.keys()], createRandom(seed, 'line cases')).slice(0, limit);
  return order.sort((a, b) => a - b).map((i) => cases[i]);
}

/** Names that files define at any level: functions, classes, methods, constants. Short ones are everybody's. */
export function definedNames(files: readonly { readonly text: string }[], minLength = 4): Set<string> {
  const definition = /\b(?:def|class|function|const|let|interface|type|enum)\s+([A-Za-z_$][\w$]*)/g;
  const names = new Set<string>();
  for (const { text } of files) {
    for (const [, name] of text.matchAll(definition)) if (name.length >= minLength) names.add(name);
  }
  return names;
}

/** Scores completions against their cases; only the first line of a completion counts. */
export function scoreLines(cases: readonly LineCase[], completions: readonly string[]): LineScore {
  let exact = 0;
  let similarity = 0;
  cases.forEach(({ expected }, i) => {
    const completion = completions[i].split('\n', 1)[0].trimEnd();
    if (completion === expected) exact++;
    similarity += editSimilarity(completion, expected);
  });
  const cases_ = Math.max(cases.length, 1);
  return { cases: cases.length, exactMatch: exact / cases_, editSimilarity: similarity / cases_ };
}

/** 1 - Levenshtein distance over the longer length; 1 for two empty texts. */
export function editSimilarity(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 1 : 1 - levenshtein(a, b) / longer;
}

function levenshtein(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

function cutOf(content: string, key: string): number | undefined {
  const trimmed = content.trimStart();
  if (trimmed.length < 2 * MIN_EXPECTED || content.length > MAX_LINE || /^(#|\/\/|\*|\/\*|"""|''')/.test(trimmed)) {
    return undefined;
  }
  const indent = content.length - trimmed.length;
  const cuts = [...trimmed.matchAll(/[\s.,([{=]/g)]
    .map((match) => indent + match.index + 1)
    .filter((at) => content.length - at >= MIN_EXPECTED);
  if (cuts.length === 0) return undefined;
  return shuffle(cuts, createRandom(0, key))[0];
}

function usesOneOf(text: string, names: ReadonlySet<string>): boolean {
  return [...text.matchAll(IDENTIFIER)].some(([name]) => names.has(name));
}
