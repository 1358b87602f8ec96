/** @file `rgft score`: judges samples in the official format and writes the official file of results. */
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { type Interval, type ProblemCount, pairedDifference, passAtKInterval } from '../eval/passAtK.ts';
import { findProblems } from '../eval/problemSets.ts';
import { type Problem, parseJsonLines, readMaybeGzipped } from '../eval/problems.ts';
import { readSamples, resultsFile, resultsText, type ScoredSample } from '../eval/results.ts';
import { openSandbox, type SandboxOptions } from '../eval/sandbox.ts';
import {
  checkReferences,
  reportText,
  type ScoreProgress,
  type ScoreReport,
  scoreReport,
  scoreSamples,
} from '../eval/score.ts';
import { type EvaluationReportInput, renderEvaluation } from './evaluateReport.ts';
import {
  abortOnSignals,
  checkOutput,
  formatDuration,
  numberOption,
  ProgressLine,
  parseCommand,
  wholeOption,
  writeOutput,
} from './terminal.ts';

const HELP = `Usage: rgft score <samples.jsonl> [options]

Runs samples ({"task_id", "completion"} on each line) against the tests of their problems and writes
<samples.jsonl>_results.jsonl as the official HumanEval tool does. Programs run in a sandbox; nothing has to be installed.

  --problems <set>       own (default), own-dev, own-test, humaneval (see rgft problems), or a file, .jsonl or .jsonl.gz in
                         the format of HumanEval, or of MultiPL-E with JavaScript
  -k <list>              default 1,10,100; a k above the number of samples of a problem is left out
  --timeout <seconds>    of CPython's time; default 3
  --workers <n>          default: the processors, at most 8
  --memory <MiB>         of a program; default 1024
  --python <exe>         a Python of yours instead of the bundled one, in the same sandbox
  --compare <results>    results of another model on the same problems: the paired difference, this minus that
  --report <file>        write a report too: one HTML file with every sample's code, verdict and error
  --no-once              run equal programs again instead of once
  --allow-unsandboxed    run even where the operating system offers no sandbox
  --json                 the report on stdout
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** Options that `evaluate` takes too. */
export const SCORE_OPTIONS = {
  problems: text,
  k: { type: 'string', short: 'k' },
  timeout: text,
  workers: text,
  memory: text,
  python: text,
  compare: text,
  report: text,
  'no-once': flag,
  'allow-unsandboxed': flag,
} as const;

export async function scoreCommand(args: string[]): Promise<void> {
  const parsed = parseCommand(args, SCORE_OPTIONS, HELP);
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length !== 1) throw new FineTuneError('USAGE', 'Give one file of samples. See rgft score --help.');
  const { problems, known } = findProblems(values.problems ?? 'own');
  const { report, scored } = await scoreFile(positionals[0], problems, known, values);
  if (values.report !== undefined) {
    const page = { name: path.basename(positionals[0]), settings: {}, report, scored, problems };
    writeReport(values.report, page);
  }
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : scoreText(report));
}

export interface ScoreValues {
  readonly k?: string;
  readonly timeout?: string;
  readonly workers?: string;
  readonly memory?: string;
  readonly python?: string;
  readonly compare?: string;
  readonly report?: string;
  readonly 'no-once'?: boolean;
  readonly 'allow-unsandboxed'?: boolean;
}

export interface ScoredFile extends ScoreReport {
  readonly resultsFile: string;
  /** With `--compare`: that model's pass@k and this one's minus that, for each k, and what each problem says. */
  readonly comparison?: Comparison;
}

export interface Comparison {
  readonly resultsFile: string;
  readonly passAtK: Readonly<Record<string, Interval | null>>;
  readonly difference: Readonly<Record<string, Interval | null>>;
  readonly problems: readonly ProblemCount[];
}

/** Writes the report as one HTML file. */
export function writeReport(file: string, input: EvaluationReportInput): void {
  writeOutput(file, renderEvaluation(input));
}

/**
 * Tells what would make scoring fail, before hours of drawing the samples: options, results to compare with, a sandbox
 * that does not start, files that cannot be written.
 */
export async function checkScoring(
  samplesFile: string,
  problems: readonly Problem[],
  known: readonly Problem[],
  values: ScoreValues,
): Promise<void> {
  ksOption(values.k);
  const options = sandboxOptions(values);
  if (values.compare !== undefined) readCounts(values.compare, problems, known);
  for (const file of [resultsFile(samplesFile), values.report]) if (file !== undefined) checkOutput(file);
  await (await openSandbox(options)).close();
}

/**
 * Scores a file of samples and writes its results beside it.
 *
 * @param known problems that the file may hold samples of; those that are not among `problems` are left out
 */
export async function scoreFile(
  samplesFile: string,
  problems: readonly Problem[],
  known: readonly Problem[],
  values: ScoreValues,
  signal: AbortSignal = abortOnSignals(),
): Promise<{ report: ScoredFile; scored: readonly ScoredSample[] }> {
  const chosen = new Set(problems.map(({ taskId }) => taskId));
  const samples = readSamples(samplesFile, known).filter(({ taskId }) => chosen.has(taskId));
  if (samples.length === 0) {
    throw new FineTuneError('USAGE', `${samplesFile} holds no sample of the ${problems.length} problems asked for.`, {
      file: samplesFile,
    });
  }
  const ks = ksOption(values.k);
  const options = sandboxOptions(values);
  const asked = new Set(samples.map(({ taskId }) => taskId));
  const used = problems.filter(({ taskId }) => asked.has(taskId));
  const compared = values.compare === undefined ? undefined : readCounts(values.compare, used, known);
  for (const file of [resultsFile(samplesFile), values.report]) if (file !== undefined) checkOutput(file);
  const line = new ProgressLine();
  const started = performance.now();
  const onProgress = ({ stage, done, total }: ScoreProgress) => {
    const rate = done / (performance.now() - started);
    const what = stage === 'references' ? 'reference solutions' : 'samples';
    line.show(
      `${done} / ${total} ${what}, ${(1000 * rate).toFixed(0)}/s, ${formatDuration((total - done) / rate)} left`,
    );
  };
  const sandbox = await openSandbox(options);
  try {
    await checkReferences(sandbox, used, { onProgress, signal });
    const scored = await scoreSamples(sandbox, problems, samples, { once: !values['no-once'], onProgress, signal });
    const output = resultsFile(samplesFile);
    writeOutput(output, resultsText(scored));
    const report = scoreReport(problems, scored, ks, sandbox);
    const comparison = compared && compare(values.compare!, compared, report.problems, ks);
    return { report: { ...report, resultsFile: output, comparison }, scored };
  } finally {
    line.end();
    await sandbox.close();
  }
}

function compare(
  resultsFile: string,
  other: readonly ProblemCount[],
  own: readonly ProblemCount[],
  ks: readonly number[],
): Comparison {
  const forEach = (make: (k: number) => Interval | undefined) =>
    Object.fromEntries(ks.map((k) => [String(k), make(k) ?? null]));
  return {
    resultsFile,
    passAtK: forEach((k) => passAtKInterval(other, k)),
    difference: forEach((k) => pairedDifference(other, own, k)),
    problems: other,
  };
}

/** The report, and the difference when there is one. */
export function scoreText(report: ScoredFile): string {
  const differences = Object.entries(report.comparison?.difference ?? {}).flatMap(([k, interval]) =>
    interval
      ? [
          `pass@${k} minus that of the compared results: ${points(interval.value)} points (95 % interval ${points(interval.low)} … ${points(interval.high)})\n`,
        ]
      : [],
  );
  return `${differences.join('')}${reportText(report)}Results: ${report.resultsFile}\n`;
}

function points(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)}`;
}

/** @throws USAGE */
export function ksOption(value = '1,10,100'): number[] {
  const ks = value.split(',').map((part) => Number(part));
  if (ks.every((k) => Number.isInteger(k) && k >= 1)) return ks;
  throw new FineTuneError('USAGE', `-k is "${value}", expected whole numbers from 1, as in 1,10.`);
}

/** A day. The clock of Node ends at 24 days, and a program gets several times its limit (sandbox.ts). */
const MAX_TIMEOUT_SECONDS = 86_400;
const MAX_WORKERS = 256;

function sandboxOptions(values: ScoreValues): SandboxOptions {
  const timeout = numberOption('timeout', values.timeout);
  if (timeout !== undefined && !(timeout >= 0.1 && timeout <= MAX_TIMEOUT_SECONDS)) {
    throw new FineTuneError('USAGE', `--timeout is ${timeout}, expected 0.1 to ${MAX_TIMEOUT_SECONDS} seconds.`);
  }
  const memory = wholeOption('memory', values.memory, 64, 2 ** 20);
  return {
    timeoutSeconds: timeout,
    workers: wholeOption('workers', values.workers, 1, MAX_WORKERS),
    memoryBytes: memory && memory * 2 ** 20,
    python: values.python,
    allowUnsandboxed: values['allow-unsandboxed'],
  };
}

/** Counts of a file of results that this or the official tool wrote. */
function readCounts(file: string, used: readonly Problem[], all: readonly Problem[]): ProblemCount[] {
  const known = new Set(all.map(({ taskId }) => taskId));
  const counts = new Map<string, { taskId: string; samples: number; passed: number }>();
  for (const { value, line } of parseJsonLines(readMaybeGzipped(file), file)) {
    const { task_id: taskId, passed } = value;
    if (typeof taskId !== 'string' || typeof passed !== 'boolean' || !known.has(taskId)) {
      throw new FineTuneError(
        'USAGE',
        `${file}, line ${line}: expected a scored sample ("task_id" of the same problems, "passed"). Give a file <samples>_results.jsonl.`,
      );
    }
    const count = counts.get(taskId) ?? { taskId, samples: 0, passed: 0 };
    count.samples++;
    if (passed) count.passed++;
    counts.set(taskId, count);
  }
  // Both models are compared on what this one was asked for.
  return used.map(({ taskId }) => {
    const count = counts.get(taskId);
    if (count) return count;
    throw new FineTuneError(
      'USAGE',
      `${file} holds no result of ${taskId}, one of the ${used.length} problems that are asked for here. Compare with results of the same problems.`,
      { file, taskId },
    );
  });
}
