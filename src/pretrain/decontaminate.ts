/**
 * @file Keeps benchmarks out of the training text: a document that shares a run of words or characters with a problem's
 * prompt or solution is dropped, and the counts are reported.
 */

import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { type CorpusDocument, readDocuments } from './corpus.ts';

/** A problem in HumanEval's format. */
export interface BenchmarkProblem {
  readonly task_id: string;
  readonly prompt: string;
  readonly canonical_solution: string;
}

/** Runs of this many words or numbers count as overlap. */
const WORDS = 10;
/** Runs of this many characters, lower case and without white space, count as overlap. */
const CHARACTERS = 50;

/** Reads a JSON Lines file of problems, gzipped or not. */
export function readProblems(path: string): BenchmarkProblem[] {
  const bytes = readFileSync(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as BenchmarkProblem);
}

/** Fingerprints of the problems' text and of how common each is among them. */
export interface ContaminationIndex {
  readonly words: ReadonlyMap<string, string>;
  readonly characters: ReadonlyMap<number, { readonly text: string; readonly task: string }[]>;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function squash(text: string): string {
  return text.toLowerCase().replace(/\s+/g, '');
}

/** Distinct words (numbers do not count) and characters a run must have: `0, 1, 2, 3, …` is nobody's text. */
const MIN_DISTINCT_WORDS = 5;
const MIN_DISTINCT_CHARACTERS = 12;

/** Polynomial rolling hash modulo 2^32 over UTF-16 units. */
const HASH_BASE = 16_777_619;

function hashOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, HASH_BASE) + text.charCodeAt(index)) >>> 0;
  return hash;
}

/** Hash of every run of `CHARACTERS` units of `text`, in order. */
function* rollingHashes(text: string): Generator<readonly [start: number, hash: number]> {
  if (text.length < CHARACTERS) return;
  let top = 1;
  for (let index = 1; index < CHARACTERS; index++) top = Math.imul(top, HASH_BASE) >>> 0;
  let hash = hashOf(text.slice(0, CHARACTERS));
  yield [0, hash];
  for (let start = 1; start + CHARACTERS <= text.length; start++) {
    hash = (hash - Math.imul(text.charCodeAt(start - 1), top)) >>> 0;
    hash = (Math.imul(hash, HASH_BASE) + text.charCodeAt(start + CHARACTERS - 1)) >>> 0;
    yield [start, hash];
  }
}

/**
 * Fingerprints of all prompts and solutions. The prompt's signature and docstring and the solution are each their own
 * text, so that no run spans two of them.
 */
export function indexProblems(problems: readonly BenchmarkProblem[]): ContaminationIndex {
  const words = new Map<string, string>();
  const characters = new Map<number, { text: string; task: string }[]>();
  for (const { task_id: task, prompt, canonical_solution: solution } of problems) {
    for (const text of [prompt, solution]) {
      const tokens = wordsOf(text);
      for (let start = 0; start + WORDS <= tokens.length; start++) {
        const run = tokens.slice(start, start + WORDS);
        const distinct = new Set(run.filter((word) => /[a-z]/.test(word))).size;
        if (distinct >= MIN_DISTINCT_WORDS && !words.has(run.join(' '))) words.set(run.join(' '), task);
      }
      const squashed = squash(text);
      for (const [start, hash] of rollingHashes(squashed)) {
        const run = squashed.slice(start, start + CHARACTERS);
        if (new Set(run).size < MIN_DISTINCT_CHARACTERS) continue;
        const list = characters.get(hash);
        if (list) list.push({ text: run, task });
        else characters.set(hash, [{ text: run, task }]);
      }
    }
  }
  return { words, characters };
}

/** The first overlap of `text` with a problem, or undefined. */
export function findOverlap(
  text: string,
  index: ContaminationIndex,
): { readonly task: string; readonly run: string; readonly kind: 'words' | 'characters' } | undefined {
  const tokens = wordsOf(text);
  for (let start = 0; start + WORDS <= tokens.length; start++) {
    const run = tokens.slice(start, start + WORDS).join(' ');
    const task = index.words.get(run);
    if (task) return { task, run, kind: 'words' };
  }
  const squashed = squash(text);
  for (const [start, hash] of rollingHashes(squashed)) {
    const candidates = index.characters.get(hash);
    if (!candidates) continue;
    const run = squashed.slice(start, start + CHARACTERS);
    const found = candidates.find((one) => one.text === run);
    if (found) return { task: found.task, run, kind: 'characters' };
  }
  return undefined;
}

export interface ContaminationReport {
  /** Names of the problem files, without their folders. */
  readonly problemFiles: readonly string[];
  readonly problems: number;
  readonly wordRun: number;
  readonly characterRun: number;
  readonly documents: number;
  readonly dropped: number;
  readonly droppedBySource: Readonly<Record<string, number>>;
  /** Problems that at least one dropped document overlapped. */
  readonly tasks: readonly string[];
  readonly examples: readonly {
    readonly source: string;
    readonly path: string;
    readonly task: string;
    readonly run: string;
  }[];
}

/** A filter that remembers what it dropped. */
export function createDecontaminator(problemFiles: readonly string[]): {
  /** True when the document may be trained on. */
  accept(document: CorpusDocument): boolean;
  report(): ContaminationReport;
} {
  const problems = problemFiles.flatMap(readProblems);
  const index = indexProblems(problems);
  const droppedBySource: Record<string, number> = {};
  const tasks = new Set<string>();
  const examples: { source: string; path: string; task: string; run: string }[] = [];
  let documents = 0;
  let dropped = 0;
  return {
    accept(document) {
      documents++;
      const overlap = findOverlap(document.text, index);
      if (!overlap) return true;
      dropped++;
      droppedBySource[document.source] = (droppedBySource[document.source] ?? 0) + 1;
      tasks.add(overlap.task);
      if (examples.length < 25 && (droppedBySource[document.source] ?? 0) <= 8) {
        examples.push({ source: document.source, path: document.path, task: overlap.task, run: overlap.run });
      }
      return false;
    },
    report: () => ({
      problemFiles: problemFiles.map((path) => basename(path)),
      problems: problems.length,
      wordRun: WORDS,
      characterRun: CHARACTERS,
      documents,
      dropped,
      droppedBySource,
      tasks: [...tasks].sort(),
      examples,
    }),
  };
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { problems: { type: 'string', multiple: true, default: [] } },
  });
  const filter = createDecontaminator(values.problems.map((path) => resolve(path)));
  for (const file of positionals) for (const document of readDocuments(resolve(file))) filter.accept(document);
  process.stdout.write(JSON.stringify(filter.report(), null, 1) + '\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
