/** @file Files of samples and results in the format of the official HumanEval tool. */
import { FineTuneError } from '../errors.ts';
import type { ProblemCount } from './passAtK.ts';
import { type Problem, parseJsonLines, readMaybeGzipped } from './problems.ts';
import type { Verdict } from './verdict.ts';

/** A line of a file of samples. Fields that we do not know are kept and written again. */
export interface Sample {
  readonly taskId: string;
  readonly completion: string;
  /** The object as it was read, keys in their order. */
  readonly source: Readonly<Record<string, unknown>>;
}

export interface ScoredSample extends Sample {
  readonly verdict: Verdict;
}

/**
 * Reads samples: `task_id` and `completion` on each line, others kept.
 *
 * @throws USAGE for a file that cannot be read or names a problem that is not there; PROBLEMS_INVALID
 */
export function readSamples(file: string, problems: readonly Problem[]): Sample[] {
  return parseSamples(readMaybeGzipped(file), file, problems);
}

/** @param name of the file, for errors */
export function parseSamples(text: string, name: string, problems: readonly Problem[]): Sample[] {
  const known = new Set(problems.map(({ taskId }) => taskId));
  return parseJsonLines(text, name).map(({ value, line }) => {
    const { task_id: taskId, completion } = value;
    if (typeof taskId !== 'string' || typeof completion !== 'string') {
      throw new FineTuneError('PROBLEMS_INVALID', `${name}, line ${line}: expected the texts task_id and completion.`, {
        file: name,
        line,
      });
    }
    if (!known.has(taskId)) {
      throw new FineTuneError(
        'USAGE',
        `${name}, line ${line}: there is no problem "${taskId}". Give the file of problems that the samples were drawn for (--problems).`,
        { file: name, line, taskId },
      );
    }
    return { taskId, completion, source: value };
  });
}

/** One line of `<samples>_results.jsonl`: the sample's own fields, then `result` and `passed`, as the official tool. */
export function resultLine({ source, verdict }: ScoredSample): string {
  return pythonJson({ ...source, result: officialResult(verdict), passed: verdict.kind === 'passed' });
}

/** The official tool's word for a verdict. */
export function officialResult(verdict: Verdict): string {
  if (verdict.kind === 'passed') return 'passed';
  if (verdict.kind === 'timeout') return 'timed out';
  return `failed: ${verdict.message}`;
}

/** Name of the results' file: the official tool adds to the whole name. */
export function resultsFile(samplesFile: string): string {
  return `${samplesFile}_results.jsonl`;
}

/** The file of results. */
export function resultsText(scored: readonly ScoredSample[]): string {
  return scored.map((sample) => `${resultLine(sample)}\n`).join('');
}

/** Samples and passes of each problem, in the order of the problems; problems without samples are left out. */
export function countByProblem(problems: readonly Problem[], scored: readonly ScoredSample[]): ProblemCount[] {
  const counts = new Map(problems.map(({ taskId }) => [taskId, { taskId, samples: 0, passed: 0 }]));
  for (const { taskId, verdict } of scored) {
    const count = counts.get(taskId)!;
    count.samples++;
    if (verdict.kind === 'passed') count.passed++;
  }
  return [...counts.values()].filter(({ samples }) => samples > 0);
}

/** JSON as Python's json.dumps writes it: ", " and ": " between, other characters than ASCII escaped. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${pythonJson(key)}: ${pythonJson(member)}`).join(', ')}}`;
  }
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
