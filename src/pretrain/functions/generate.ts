/**
 * @file Files of small Python functions with true examples: draws families, runs them with Python, renders them, and
 * keeps each text once. One seed gives one corpus.
 */

import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { CorpusDocument } from '../corpus.ts';
import { readProblems } from '../decontaminate.ts';
import { ALGORITHM_TEMPLATES } from './algorithms.ts';
import { DAILY_TEMPLATES } from './daily.ts';
import { createDraw, type Draw } from './draw.ts';
import { type EvaluationJob, type EvaluationResult, evaluateJobs, type ForbiddenProblem } from './evaluate.ts';
import { drawLifted, liftable } from './lifted.ts';
import { LIST_TEMPLATES } from './lists.ts';
import { MISC_TEMPLATES } from './misc.ts';
import { MORE_TEMPLATES } from './more.ts';
import { NUMBER_TEMPLATES } from './numbers.ts';
import { drawPipeline } from './pipelines.ts';
import { PLAIN_TEMPLATES } from './plain.ts';
import { drawStyle, type HouseStyle, renderFunction } from './render.ts';
import { STRING_TEMPLATES } from './strings.ts';
import { type FunctionSample, instantiate, parseTemplates, type Template } from './template.ts';
import { drawTypeScriptFile, typeScriptTemplates } from './typescript.ts';
import { extendSample, rephrase } from './wording.ts';

/** Every family, in a fixed order. */
export function allTemplates(): Template[] {
  return [
    STRING_TEMPLATES,
    NUMBER_TEMPLATES,
    LIST_TEMPLATES,
    MISC_TEMPLATES,
    MORE_TEMPLATES,
    DAILY_TEMPLATES,
    PLAIN_TEMPLATES,
    ALGORITHM_TEMPLATES,
  ].flatMap(parseTemplates);
}

/** A file before its functions are run. */
interface DraftFile {
  readonly style: HouseStyle;
  readonly samples: readonly FunctionSample[];
  readonly draw: Draw;
}

export function jobOf(sample: FunctionSample): EvaluationJob {
  const parameters = sample.parameters.map(({ name, fallback }) => (fallback ? `${name}=${fallback}` : name));
  const body = sample.body.replace(/^(?=.)/gm, '    ');
  return {
    code: `${sample.imports.join('\n')}\ndef ${sample.name}(${parameters.join(', ')}):\n${body}\n`,
    name: sample.name,
    calls: sample.calls,
  };
}

/** How often each kind of function is drawn. */
const SHARE = { family: 0.52, pipeline: 0.34, lifted: 0.14 } as const;

interface Pools {
  readonly families: readonly Template[];
  readonly liftable: readonly Template[];
}

function drawFunction({ families, liftable }: Pools, draw: Draw): FunctionSample | undefined {
  const kind = draw.weighted([
    [SHARE.family, 'family'],
    [SHARE.pipeline, 'pipeline'],
    [SHARE.lifted, 'lifted'],
  ] as const);
  if (kind === 'pipeline') return drawPipeline(draw);
  if (kind === 'lifted') return drawLifted(liftable, draw);
  const sample = instantiate(draw.pick(families), draw);
  return draw.chance(0.08) ? extendSample(sample, draw) : sample;
}

function draftFile(pools: Pools, draw: Draw): DraftFile {
  const count = draw.weighted([
    [6, 1],
    [1.5, 2],
    [1, 3],
    [0.6, 4],
  ]);
  const samples: FunctionSample[] = [];
  for (let tries = 0; samples.length < count && tries < 12; tries++) {
    const sample = drawFunction(pools, draw);
    if (sample && !samples.some((one) => one.name === sample.name)) samples.push(rephrase(sample, draw));
  }
  return { style: drawStyle(draw), samples, draw };
}

const MODULE_LINES = [
  'Small helper functions.',
  'Helpers.',
  'Exercises.',
  'A collection of small functions.',
  'Text and number helpers.',
  'Common utilities.',
];

/** Text of a file, or undefined when a function in it did not work. */
function renderFile({ style, samples, draw }: DraftFile, results: readonly EvaluationResult[]): string | undefined {
  const typing = new Set<string>();
  const functions: string[] = [];
  const checks: string[] = [];
  for (const [index, sample] of samples.entries()) {
    const text = renderFunction(sample, results[index].out, style, draw, typing);
    if (!text) return undefined;
    functions.push(text);
    sample.calls.forEach((call, at) => {
      const result = results[index].out[at];
      if (result !== null && result.length + call.length < 70) checks.push(`${sample.name}(${call}) == ${result}`);
    });
  }
  const imports = new Set(samples.flatMap((sample) => sample.imports));
  if (typing.size > 0) imports.add(`from typing import ${[...typing].sort().join(', ')}`);
  const order = (line: string) => (line.startsWith('import') ? `0${line}` : `1${line}`);
  const head = [...imports].sort((a, b) => (order(a) < order(b) ? -1 : 1)).join('\n');
  const opening = draw.chance(0.05) ? `"""${draw.pick(MODULE_LINES)}"""\n\n` : '';
  let text = opening + (head ? `${head}\n\n\n` : '') + functions.join('\n\n');
  if (checks.length > 1 && draw.chance(0.07)) text += testBlock(samples, checks, draw);
  return text;
}

function testBlock(samples: readonly FunctionSample[], checks: readonly string[], draw: Draw): string {
  const chosen = draw.sample(checks, 4);
  const compare = (check: string) => check.replace(/ == (True|False|None)$/, ' is $1');
  return draw.weighted<() => string>([
    [2, () => `\n\ndef test_${samples[0].name}():\n${chosen.map((one) => `    assert ${compare(one)}\n`).join('')}`],
    [1, () => `\n\n${chosen.map((one) => `assert ${compare(one)}\n`).join('')}`],
    [
      1,
      () =>
        `\n\nif __name__ == "__main__":\n${chosen.map((one) => `    print(${one.replace(/ == .*$/, '')})\n`).join('')}`,
    ],
  ])();
}

export interface GenerationReport {
  readonly seed: number;
  readonly documents: number;
  readonly functions: number;
  readonly bytes: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Functions that pass the tests of a problem that measures the model, by problem; their files were dropped. */
  readonly solved: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Yields distinct files until `targetBytes` of text are reached. The report is the generator's return value. */
export async function* generateFunctionFiles(options: {
  readonly seed: number;
  readonly targetBytes: number;
  /** Files that are drawn and run together; part of what a seed means. @default 12 000 */
  readonly batchFiles?: number;
  /** Problems that no function may solve. @default none */
  readonly forbidden?: readonly ForbiddenProblem[];
  readonly log?: (line: string) => void;
}): AsyncGenerator<string, GenerationReport> {
  const { seed, targetBytes, batchFiles = 12_000, forbidden = [], log = () => {} } = options;
  const families = allTemplates();
  const pools = { families, liftable: liftable(families) };
  const seen = new Set<string>();
  const solved: Record<string, number> = {};
  const started = performance.now();
  let [documents, functions, bytes, duplicates, rejected] = [0, 0, 0, 0, 0];
  const draft = (batch: number) =>
    Array.from({ length: batchFiles }, (_, index) => draftFile(pools, createDraw(seed, 'functions', batch, index)));
  const run = (files: readonly DraftFile[]) =>
    evaluateJobs(
      files.flatMap(({ samples }) => samples.map(jobOf)),
      forbidden,
    );
  let files = draft(0);
  let running = run(files);
  for (let batch = 1; bytes < targetBytes; batch++) {
    // The next batch is drawn and run while this one is rendered.
    const current = files;
    const results = await running;
    files = draft(batch);
    running = run(files);
    let at = 0;
    for (const file of current) {
      const own = results.slice(at, at + file.samples.length);
      at += file.samples.length;
      const solves = own.flatMap((result) => result.solves ?? []);
      for (const task of solves) solved[task] = (solved[task] ?? 0) + 1;
      const text = solves.length === 0 && renderFile(file, own);
      if (!text) {
        rejected++;
        continue;
      }
      const key = createHash('sha1').update(text).digest('base64');
      if (seen.has(key)) {
        duplicates++;
        continue;
      }
      seen.add(key);
      documents++;
      functions += file.samples.length;
      bytes += Buffer.byteLength(text);
      yield text;
      if (bytes >= targetBytes) break;
    }
    log(
      `functions: ${documents} files, ${(bytes / 1e6).toFixed(1)} MB, ${rejected} rejected, ${duplicates} duplicates`,
    );
  }
  await running;
  const seconds = (performance.now() - started) / 1000;
  return { seed, documents, functions, bytes, duplicates, rejected, solved, seconds };
}

/** One TypeScript file for this many Python files. */
const TYPESCRIPT_EVERY = 20;

/** Writes generated files as `CorpusDocument` lines to `path`. */
export async function writeFunctionFiles(
  path: string,
  options: Parameters<typeof generateFunctionFiles>[0],
): Promise<GenerationReport> {
  mkdirSync(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  const files = generateFunctionFiles(options);
  const typeScript = typeScriptTemplates();
  const seen = new Set<string>();
  for (let index = 0; ; index++) {
    const next = await files.next();
    if (next.done) {
      await new Promise<void>((done, fail) => {
        stream.on('error', fail);
        stream.end(done);
      });
      return next.value;
    }
    const documents: CorpusDocument[] = [
      { source: 'functions', path: `f${index}.py`, language: 'python', text: next.value },
    ];
    if (index % TYPESCRIPT_EVERY === 0) {
      const text = drawTypeScriptFile(typeScript, createDraw(options.seed, 'typescript', index));
      if (text && !seen.has(text)) {
        seen.add(text);
        documents.push({ source: 'functions', path: `f${index}.ts`, language: 'typescript', text });
      }
    }
    const lines = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
    if (!stream.write(lines)) await new Promise<void>((drained) => stream.once('drain', () => drained()));
  }
}

/** Problems of a file in HumanEval's format; where it has splits, those of the test split. */
function forbiddenProblems(file: string): ForbiddenProblem[] {
  const problems = readProblems(file) as unknown as (ForbiddenProblem & { split?: string; language?: string })[];
  return problems.filter(({ split, language = 'python' }) => (split ?? 'test') === 'test' && language === 'python');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: '.rgft/corpus/functions.jsonl' },
      seed: { type: 'string', default: '1' },
      megabytes: { type: 'string', default: '70' },
      problems: { type: 'string', multiple: true, default: [] },
    },
  });
  const report = await writeFunctionFiles(resolve(values.out), {
    seed: Number(values.seed),
    targetBytes: Number(values.megabytes) * 1e6,
    forbidden: values.problems.flatMap(forbiddenProblems),
    log: (line) => process.stderr.write(line + '\n'),
  });
  process.stdout.write(JSON.stringify(report) + '\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.title = basename(process.argv[1]);
  await main();
}
