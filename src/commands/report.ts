/** @file `rgft report <run>`: the report of a run as one HTML file. Reads the run directory and writes what report.ts makes of it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { explainDiskError, systemCode, writeFileAtomically } from '../trainer/disk.ts';
import { fromJsonText } from '../trainer/events.ts';
import { renderReport } from '../trainer/report.ts';
import { type ReportInput, reportFacts } from '../trainer/reportData.ts';
import { type RunDescription, readRunDescription, runPaths } from '../trainer/runDirectory.ts';
import { lockState } from '../trainer/runLock.ts';
import { parseCommand } from './terminal.ts';

const HELP = `Usage: rgft report <run> [--out <file>] [--json]

Writes what happened in a run as one HTML file that needs no network and no other file.

  --out <file>   default: report.html in the run directory
  --json         the path and the headline numbers as JSON on stdout

Runs that failed, were interrupted or still go on have a report, too.
`;

export async function reportCommand(args: string[]): Promise<void> {
  const parsed = parseCommand(args, { out: { type: 'string' } }, HELP);
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length !== 1) {
    throw new FineTuneError('USAGE', `${positionals.length} run directories were given, one is needed. See --help.`);
  }
  const input = readReportInput(path.resolve(positionals[0]));
  const report = writeReportFile(path.resolve(positionals[0]), input, values.out);
  if (values.json) {
    const facts = { report, problems: input.problems, ...reportFacts(input) };
    process.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  for (const problem of input.problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${report}\n`);
}

/**
 * Writes the report of a run, whatever became of it, and returns the path of the file.
 *
 * @param out @default report.html in the run directory
 * @throws RUN_NOT_FOUND, RUN_MISMATCH, RUN_CORRUPT (neither run.json nor events.jsonl is readable), DISK_FULL,
 *   NO_PERMISSION, FOLDER_NOT_FOUND (the folder of `out` does not exist)
 */
export async function writeReport(runPath: string, out?: string): Promise<string> {
  return writeReportFile(runPath, readReportInput(runPath), out);
}

function writeReportFile(runPath: string, input: ReportInput, out: string | undefined): string {
  const file = path.resolve(out ?? path.join(runPath, 'report.html'));
  try {
    writeFileAtomically(file, renderReport(input));
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') throw explainDiskError(error, file);
    throw new FineTuneError(
      'FOLDER_NOT_FOUND',
      `The report cannot be written to ${file}: ${code === 'EISDIR' ? 'that is a folder' : `${path.dirname(file)} is no folder`}. Give a file in a folder that exists.`,
      { path: file },
      { cause: error },
    );
  }
  return file;
}

/** Everything the report needs, and sentences on what of it could not be read. */
function readReportInput(runPath: string): ReportInput {
  const problems: string[] = [];
  const { events, numLines } = readReadableEvents(runPaths(runPath).events, problems);
  const withoutFiles: ReportInput = {
    name: path.basename(path.resolve(runPath)),
    description: readDescription(runPath, numLines > 0, problems),
    events,
    evaluations: [],
    isRunning: lockState(runPath).state === 'live',
    problems,
  };
  const { keptStep } = reportFacts(withoutFiles);
  return { ...withoutFiles, evaluations: readEvaluations(runPaths(runPath).evaluation, keptStep, problems) };
}

/** run.json, or `null` with a problem when it is damaged but there are events to show. */
function readDescription(runPath: string, hasEvents: boolean, problems: string[]): RunDescription | null {
  try {
    return readRunDescription(runPath);
  } catch (error) {
    if (!hasEvents || !(error instanceof FineTuneError) || error.code !== 'RUN_CORRUPT') throw error;
    problems.push(error.message);
    return null;
  }
}

/** Every line that is JSON. `readEvents` refuses a log with one damaged line; a report of the rest is still of use. */
function readReadableEvents(file: string, problems: string[]): { events: unknown[]; numLines: number } {
  const text = readText(file);
  if (text === null) {
    problems.push(`There is no ${path.basename(file)}: the run ended before it began, or the file was removed.`);
    return { events: [], numLines: 0 };
  }
  const lines = text.split('\n');
  lines.pop(); // What follows the last line break: nothing, or a line that is being written or was torn.
  const events: unknown[] = [];
  const damaged: number[] = [];
  lines.forEach((line, i) => {
    try {
      events.push(fromJsonText(line));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      damaged.push(i + 1);
    }
  });
  if (damaged.length > 0) {
    const which = damaged.slice(0, 5).join(', ') + (damaged.length > 5 ? ', …' : '');
    problems.push(
      `${damaged.length} of ${lines.length} lines of events.jsonl are damaged (line ${which}) and are left out.`,
    );
  }
  return { events, numLines: lines.length };
}

/** The first readable `step-N.json`, and the one of the model that was kept, or else the last. */
function readEvaluations(folder: string, keptStep: number | null, problems: string[]): ReportInput['evaluations'] {
  const steps = evaluatedSteps(folder);
  const first = firstReadable(folder, steps, problems);
  if (!first) return [];
  const later = steps.filter((step) => step > first.step).reverse();
  const keptFirst = [...later.filter((step) => step === keptStep), ...later.filter((step) => step !== keptStep)];
  const last = firstReadable(folder, keptFirst, problems);
  return last ? [first, last] : [first];
}

function evaluatedSteps(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return []; // No evaluation yet.
    throw explainDiskError(error, folder);
  }
  return names
    .flatMap((name) => {
      const match = /^step-(\d{1,15})\.json$/.exec(name);
      return match ? [Number(match[1])] : [];
    })
    .sort((a, b) => a - b);
}

function firstReadable(folder: string, steps: readonly number[], problems: string[]) {
  for (const step of steps) {
    const text = readText(path.join(folder, `step-${step}.json`));
    try {
      if (text !== null) return { step, content: fromJsonText(text) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problems.push(`eval/step-${step}.json is not JSON and is left out.`);
    }
  }
  return null;
}

/** @returns `null` when there is no such file. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw explainDiskError(error, file);
  }
}
