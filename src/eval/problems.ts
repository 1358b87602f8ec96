/** @file Reads problems in the format of HumanEval: one JSON object a line, plain or gzipped. */
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { FineTuneError } from '../errors.ts';

export interface Problem {
  readonly taskId: string;
  /** `js`: a problem in the format of MultiPL-E. @default 'python' */
  readonly language?: 'python' | 'js' | 'ts';
  /** Given to the model as it is; the sample's program begins with it. */
  readonly prompt: string;
  /** Name of the function that the tests call; empty where the tests name it themselves (MultiPL-E). */
  readonly entryPoint: string;
  /** Empty where the set has none (MultiPL-E). */
  readonly canonicalSolution: string;
  /** Defines `check(candidate)`; in MultiPL-E a script of its own. */
  readonly test: string;
  /** Texts that end a sample of this problem, where the file says so. */
  readonly stop?: readonly string[];
  /** Part of the set that it belongs to, where the file says so. */
  readonly split?: string;
}

const FIELDS = {
  taskId: 'task_id',
  prompt: 'prompt',
  entryPoint: 'entry_point',
  canonicalSolution: 'canonical_solution',
  test: 'test',
} as const;

/**
 * Reads a file of problems.
 *
 * @throws USAGE for a file that cannot be read; PROBLEMS_INVALID with the line for one that is no such file
 */
export function readProblems(file: string): Problem[] {
  return parseProblems(readMaybeGzipped(file), file);
}

/** The text of a file, unpacked where it begins as gzip does, whatever its name. */
export function readMaybeGzipped(file: string): string {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new FineTuneError(
      'USAGE',
      `${file} cannot be read: ${messageOf(error)}. Give an existing .jsonl or .jsonl.gz file.`,
      { file },
      { cause: error },
    );
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw invalid(file, undefined, `it begins like gzip but cannot be unpacked (${messageOf(error)})`);
  }
}

/** @param name of the file, for errors */
export function parseProblems(text: string, name: string): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const { value, line } of parseJsonLines(text, name)) {
    const problem =
      'language' in value
        ? multiPlProblem(value, name, line)
        : (Object.fromEntries(
            Object.entries(FIELDS).map(([field, key]) => {
              if (typeof value[key] !== 'string') {
                throw invalid(name, line, `"${key}" is ${value[key] === undefined ? 'missing' : typeof value[key]}`);
              }
              return [field, value[key]];
            }),
          ) as unknown as Problem);
    if (seen.has(problem.taskId)) throw invalid(name, line, `task_id "${problem.taskId}" occurs twice`);
    if (!isScript(problem) && !/^[^\W\d]\w*$/u.test(problem.entryPoint)) {
      throw invalid(name, line, `entry_point "${problem.entryPoint}" is no name of a function`);
    }
    seen.add(problem.taskId);
    problems.push(typeof value['split'] === 'string' ? { ...problem, split: value['split'] } : problem);
  }
  if (problems.length === 0) throw invalid(name, undefined, 'it holds no problem');
  return problems;
}

/** Whether Node runs the problem's programs. */
export function isScript({ language }: Pick<Problem, 'language'>): boolean {
  return language === 'js' || language === 'ts';
}

/** A line in the format of MultiPL-E (Cassano et al. 2022): name, language, prompt, tests, stop_tokens. */
function multiPlProblem(value: Record<string, unknown>, file: string, line: number): Problem {
  const { name: taskId, language, prompt, tests, stop_tokens: stop = [], canonical_solution: reference = '' } = value;
  if (language !== 'js' && language !== 'ts') {
    throw invalid(
      file,
      line,
      `"language" is ${JSON.stringify(language)}, and of the languages of MultiPL-E only "js" and "ts" can be run`,
    );
  }
  const texts = [taskId, prompt, tests, reference, ...(Array.isArray(stop) ? stop : [undefined])];
  if (texts.some((text) => typeof text !== 'string')) {
    throw invalid(file, line, 'name, prompt, tests and the stop_tokens of a MultiPL-E problem are not all texts');
  }
  return {
    taskId: taskId as string,
    language,
    prompt: prompt as string,
    entryPoint: '',
    canonicalSolution: reference as string,
    test: tests as string,
    stop: stop as string[],
  };
}

/** Objects of a file of JSON lines with their line numbers; empty lines are passed over, as the official tool does. */
export function parseJsonLines(text: string, name: string): { value: Record<string, unknown>; line: number }[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(content);
    } catch (error) {
      throw invalid(name, index + 1, messageOf(error));
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(name, index + 1, 'the line is no JSON object');
    }
    return [{ value: value as Record<string, unknown>, line: index + 1 }];
  });
}

function invalid(file: string, line: number | undefined, found: string): FineTuneError {
  const place = line === undefined ? file : `${file}, line ${line}`;
  return new FineTuneError(
    'PROBLEMS_INVALID',
    `${place}: ${found}. Expected one JSON object a line with ${Object.values(FIELDS).join(', ')} as texts (samples: task_id, completion).`,
    { file, line },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
