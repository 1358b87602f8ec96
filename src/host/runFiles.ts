/**
 * @file What lies in a run directory beside its events: losses of files and tokens, pass@k, the name that the user gave.
 * A file that cannot be understood is left out, and named, so that the rest is shown.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { FileLosses, PassAtKResult, TokenLosses } from '../protocol.ts';
import { explainDiskError, writeFileAtomically } from '../trainer/disk.ts';
import { fromJsonText } from '../trainer/events.ts';
import { runPaths } from '../trainer/runDirectory.ts';

/** Samples of each problem that the panel gets. */
const SAMPLES_SHOWN = 3;
/** Ends the name of an evaluation's folder; those of older versions have none. */
const HASH = /-[0-9a-f]{8}$/;

/** Runs of a workspace folder, by path. */
export function listRunPaths(folder: string): string[] {
  const runs = runsFolder(folder);
  let names: string[];
  try {
    names = readdirSync(runs);
  } catch {
    return []; // No run yet, or the folder is gone.
  }
  return names
    .sort()
    .map((name) => path.join(runs, name))
    .filter((run) => existsSync(runPaths(run).description) || existsSync(runPaths(run).events));
}

/** Where the runs of a workspace folder lie. */
export function runsFolder(folder: string): string {
  return path.join(folder, '.rgft', 'runs');
}

/** A path for a new run: local date and time, and a number behind them when two start in one minute. */
export function newRunPath(folder: string, now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const base = path.join(runsFolder(folder), `${date}_${two(now.getHours())}-${two(now.getMinutes())}`);
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? base : `${base}-${i}`;
    if (!existsSync(candidate) && !existsSync(`${candidate}.log`)) return candidate;
  }
}

/** The name that the user gave the run, else its folder's. */
export function runName(runPath: string): string {
  try {
    const name = readFileSync(path.join(runPath, 'name.txt'), 'utf8').trim();
    if (name !== '') return name;
  } catch {
    // Never named.
  }
  return path.basename(runPath);
}

/** Gives a run a name; its folder, by which others know it, stays. @throws NO_PERMISSION, DISK_FULL */
export function renameRun(runPath: string, name: string): void {
  writeFileAtomically(path.join(runPath, 'name.txt'), `${name.trim()}\n`);
}

/** Deletes a run with its checkpoints, model and log. @throws NO_PERMISSION */
export async function deleteRun(runPath: string): Promise<void> {
  try {
    await rm(runPath, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    await rm(`${runPath}.log`, { force: true });
  } catch (error) {
    throw explainDiskError(error, runPath);
  }
}

/** Files of the evaluations at steps 0 … N, by step. */
function filesByStep(runPath: string, pattern: RegExp): { step: number; file: string }[] {
  const folder = runPaths(runPath).evaluation;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const match = pattern.exec(name);
      return match ? [{ step: Number(match[1]), file: path.join(folder, name) }] : [];
    })
    .sort((a, b) => a.step - b.step);
}

/** Reads a value once, and again when its file has changed. Lives as long as a run is watched. */
export type FileCache = Map<string, { readonly stamp: string; readonly value: unknown }>;

function cached<Value>(cache: FileCache, file: string, read: (file: string) => Value | null): Value | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return null;
  const stamp = `${stats.size} ${stats.mtimeMs}`;
  const known = cache.get(file);
  if (known?.stamp === stamp) return known.value as Value | null;
  let value: Value | null = null;
  try {
    value = read(file);
  } catch {
    // Half written, or damaged: left out, and read again when it changes.
  }
  cache.set(file, { stamp, value });
  return value;
}

const isPresent = <Value>(value: Value | null): value is Value => value !== null;

/** `eval/step-N.json`: mean loss of each held-out file. */
export function readFileLosses(runPath: string, cache: FileCache): FileLosses[] {
  return filesByStep(runPath, /^step-(\d+)\.json$/)
    .map(({ step, file }) =>
      cached(cache, file, () => {
        const { files } = fromJsonText(readFileSync(file, 'utf8')) as {
          files: readonly { path: string; tokens: number; totalNats: number }[];
        };
        return {
          step,
          files: files.map(({ path: name, tokens, totalNats }) => ({
            path: String(name),
            tokens,
            loss: totalNats / Math.max(1, tokens),
          })),
        };
      }),
    )
    .filter(isPresent);
}

/**
 * `eval/tokens-N.json`: loss of each token of some texts, at the first evaluation and at the latest. Those in between are
 * left out: a text with its losses is a hundred times as large as all else that the panel gets.
 */
export function readTokenLosses(runPath: string, cache: FileCache): TokenLosses[] {
  const files = filesByStep(runPath, /^tokens-(\d+)\.json$/);
  const wanted = files.length > 2 ? [files[0], files[files.length - 1]] : files;
  return wanted
    .map(({ file }) =>
      cached(cache, file, () => {
        const stored = fromJsonText(readFileSync(file, 'utf8')) as TokenLosses;
        return Number.isInteger(stored.step) && Array.isArray(stored.texts) ? stored : null;
      }),
    )
    .filter(isPresent);
}

/** What tells an evaluation of a run from another one of the same model. */
export interface PassAtKSettings {
  /** File of problems. */
  readonly problems: string;
  readonly numSamples: number;
  readonly limit: number | null;
  /** Of the extension: another one may have other defaults. */
  readonly version: string;
}

/** Where an evaluation of a run lies: `rgft evaluate` refuses a folder that holds samples of other settings. */
export function passAtKFolder(runPath: string, model: 'base' | 'tuned', settings: PassAtKSettings): string {
  const { problems, numSamples, limit, version } = settings;
  // The samples' settings name model and problems by their full paths, so a run that was moved begins anew.
  const key = JSON.stringify([path.resolve(runPath), path.resolve(problems), numSamples, limit, version]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  return path.join(runPaths(runPath).evaluation, 'pass-at-k', `${model}-${path.basename(problems)}-${hash}`);
}

/** `eval/pass-at-k/<base|tuned>-<problems>-<settings>/`: the reports of `rgft evaluate`, the newest first. */
export function readPassAtK(runPath: string, cache: FileCache): PassAtKResult[] {
  return listPassAtK(runPath)
    .map((folder) => path.join(folder, 'report.json'))
    .map((file) => ({ file, atMs: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.atMs - a.atMs || (a.file < b.file ? -1 : 1))
    .map(({ file }) => {
      const match = /^(base|tuned)-(.+)$/.exec(path.basename(path.dirname(file)));
      if (!match) return null;
      return cached(cache, file, () => parsePassAtK(match[1] as 'base' | 'tuned', match[2], file));
    })
    .filter(isPresent);
}

/** The folders of a run's evaluations; their logs lie beside them. */
export function listPassAtK(runPath: string): string[] {
  const folder = path.join(runPaths(runPath).evaluation, 'pass-at-k');
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return found.map(({ name }) => path.join(folder, name));
}

/** Changes when a file of results does: an evaluation of the run, or a report of pass@k. */
export function resultsStamp(runPath: string): string {
  const folder = runPaths(runPath).evaluation;
  const changedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const reports = listPassAtK(runPath).map((evaluation) => path.join(evaluation, 'report.json'));
  return [folder, ...reports].map(changedAt).join(' ');
}

interface StoredReport {
  readonly passAtK: Readonly<Record<string, { value: number; low: number; high: number } | null>>;
  readonly problems: readonly { taskId: string; samples: number; passed: number }[];
  readonly settings?: { readonly numSamples?: number };
  readonly layers?: readonly string[];
}

function parsePassAtK(model: 'base' | 'tuned', group: string, reportFile: string): PassAtKResult {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as StoredReport;
  const samples: PassAtKResult['samples'][number][] = [];
  const shown = new Map<string, number>();
  const resultsFile = path.join(path.dirname(reportFile), 'samples.jsonl_results.jsonl');
  if (existsSync(resultsFile)) {
    for (const line of readFileSync(resultsFile, 'utf8').split('\n')) {
      if (line.trim() === '') continue;
      const { task_id: taskId, completion, result, passed } = JSON.parse(line);
      const count = shown.get(taskId) ?? 0;
      if (count >= SAMPLES_SHOWN) continue;
      shown.set(taskId, count + 1);
      samples.push({
        taskId: String(taskId),
        completion: String(completion),
        result: String(result),
        passed: passed === true,
      });
    }
  }
  return {
    model,
    group,
    problems: group.replace(HASH, ''),
    numSamples: report.settings?.numSamples ?? Math.max(0, ...report.problems.map((problem) => problem.samples)),
    passAtK: Object.fromEntries(
      Object.entries(report.passAtK).flatMap(([k, interval]) => (interval === null ? [] : [[k, interval]])),
    ),
    perProblem: report.problems.map(({ taskId, samples: drawn, passed }) => ({ taskId, samples: drawn, passed })),
    samples,
    layers: report.layers ?? [],
  };
}
