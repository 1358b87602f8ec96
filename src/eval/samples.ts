/**
 * @file Draws samples from a model: every problem's in one request, written whole as they come, so that a run that was
 * killed goes on where it stopped and ends in the same file.
 *
 * A problem's samples depend on the model, the prompt, the options, the seed and the problem's name, and on neither the
 * batch size nor the order (see models/generate.ts).
 */
import fs from 'node:fs';
import { FineTuneError } from '../errors.ts';
import type { GenerationResults } from '../models/generate.ts';
import { hashText } from '../random.ts';
import type { Problem } from './problems.ts';
import { pythonJson } from './results.ts';

export interface SampleOptions {
  /** Samples of a problem. @default 20 */
  readonly numSamples: number;
  /** @default 0.2 */
  readonly temperature: number;
  /** @default 0.95 */
  readonly topP: number;
  /** Most tokens of a sample. @default 512 */
  readonly maxTokens: number;
  /** Samples that decode together; changes the speed and nothing else. @default 16 */
  readonly batchSize: number;
  readonly seed: number;
  /** Where a problem has none of its own. @default BASE_MODEL_STOPS; nothing in the chat style, where the end token ends an answer */
  readonly stop: readonly string[];
  /** `base`: the model goes on with the prompt; `chat`: it answers a question (chatPrompt.ts). @default 'base' */
  readonly promptStyle: 'base' | 'chat';
}

/**
 * Texts that end the function of a base model, which would else go on with another: those of the BigCode harness, and
 * `<|` for end marks that a tokenizer spells out. The sample is cut before them.
 */
export const BASE_MODEL_STOPS: readonly string[] = ['\nclass', '\ndef', '\n#', '\n@', '\nprint', '\nif', '\n```', '<|'];

export const SAMPLE_DEFAULTS: SampleOptions = {
  numSamples: 20,
  temperature: 0.2,
  topP: 0.95,
  maxTokens: 512,
  batchSize: 16,
  seed: 0,
  stop: BASE_MODEL_STOPS,
  promptStyle: 'base',
};

/** What drawing needs of a model; `Generator.generate` fits. */
export interface SampleSource {
  /** Token ids of what the model is given for a problem. */
  readonly encode: (problem: Problem) => readonly number[];
  /** Makes a continuation of the prompt from what the model wrote. @default the text as it is */
  readonly completion?: (text: string, problem: Problem) => string;
  readonly generate: (request: {
    readonly prompt: readonly number[];
    readonly maxTokens: number;
    readonly numSamples: number;
    readonly batchSize: number;
    readonly seed: number;
    readonly stop: readonly string[];
    readonly temperature: number;
    readonly topP: number;
    readonly signal?: AbortSignal;
  }) => Promise<GenerationResults>;
}

export interface SampleProgress {
  readonly doneProblems: number;
  readonly totalProblems: number;
  /** Tokens generated in this process. */
  readonly tokens: number;
}

/** Seed of a problem's samples: of its name, so that another choice of problems does not change it. */
export function problemSeed(seed: number, taskId: string): number {
  return hashText(`${seed}/${taskId}`);
}

/**
 * Draws the samples that a file lacks, problem by problem, and appends each problem's at once.
 *
 * The prompt is given to the model as it stands: stripping it changes scores (a model that has learnt to begin a line
 * after a newline does not begin one before it).
 *
 * @throws USAGE when the file holds samples of other settings; INTERRUPTED when the signal ends it, with what is complete
 *   kept in the file
 */
export async function drawSamples(
  source: SampleSource,
  problems: readonly Problem[],
  file: string,
  identity: Readonly<Record<string, unknown>>,
  options: SampleOptions,
  onProgress: (progress: SampleProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  claimSettings(file, identity, options);
  const done = keepWholeProblems(file, options.numSamples);
  let tokens = 0;
  let doneProblems = 0;
  for (const problem of problems) {
    const { taskId } = problem;
    if (!done.has(taskId)) {
      const { numSamples, maxTokens, batchSize, temperature, topP } = options;
      const stop = problem.stop ?? options.stop;
      const seed = problemSeed(options.seed, taskId);
      const ids = source.encode(problem);
      const request = { prompt: ids, maxTokens, numSamples, batchSize, seed, stop, temperature, topP, signal };
      const { samples } = await source.generate(request);
      if (signal?.aborted) {
        throw new FineTuneError(
          'INTERRUPTED',
          `Stopped after ${doneProblems} of ${problems.length} problems. The same command goes on from here.`,
        );
      }
      const completions = samples.map(({ text }) => source.completion?.(text, problem) ?? text);
      fs.appendFileSync(file, completions.map((completion) => sampleLine(taskId, completion)).join(''));
      tokens += samples.reduce((sum, sample) => sum + sample.ids.length, 0);
    }
    onProgress({ doneProblems: ++doneProblems, totalProblems: problems.length, tokens });
  }
}

/** A line of the official format. */
export function sampleLine(taskId: string, completion: string): string {
  return `${pythonJson({ task_id: taskId, completion })}\n`;
}

/** The settings stand beside the samples, so that no file mixes those of two settings. */
function claimSettings(file: string, identity: Readonly<Record<string, unknown>>, options: SampleOptions): void {
  const { batchSize: _changesSpeedOnly, ...settings } = options;
  const text = `${JSON.stringify({ ...identity, ...settings }, undefined, 2)}\n`;
  const beside = `${file}.settings.json`;
  if (!fs.existsSync(file)) {
    fs.writeFileSync(beside, text);
    return;
  }
  const found = fs.existsSync(beside) ? fs.readFileSync(beside, 'utf8') : undefined;
  if (found === text) return;
  throw new FineTuneError(
    'USAGE',
    `${file} holds samples ${found === undefined ? 'of unknown settings' : 'that were drawn with other settings, from another model or for other problems'}. Give another --out, or remove the file to draw them again.`,
    { file, found, expected: text },
  );
}

/** Cuts off what a kill left incomplete: the last problem when it lacks samples. Returns the problems that are done. */
function keepWholeProblems(file: string, numSamples: number): Set<string> {
  if (!fs.existsSync(file)) return new Set();
  const counts = new Map<string, number>();
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const whole = lines.slice(0, -1).flatMap((line) => {
    try {
      return [{ line, taskId: String((JSON.parse(line) as { task_id?: unknown }).task_id) }];
    } catch {
      return []; // a line that a full disk or a power cut tore
    }
  });
  for (const { taskId } of whole) counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
  const done = new Set([...counts].filter(([, count]) => count === numSamples).map(([taskId]) => taskId));
  const kept = whole.filter(({ taskId }) => done.has(taskId)).map(({ line }) => `${line}\n`);
  fs.writeFileSync(`${file}.partial`, kept.join(''));
  fs.renameSync(`${file}.partial`, file);
  return done;
}
