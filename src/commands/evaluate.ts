/** @file `rgft evaluate`: draws samples from a model, runs them, and estimates pass@k. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Engine, openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { chatQuestion, completionOfAnswer, encodeChat, readChatTemplate } from '../eval/chatPrompt.ts';
import { findProblems } from '../eval/problemSets.ts';
import { isScript, type Problem } from '../eval/problems.ts';
import {
  BASE_MODEL_STOPS,
  drawSamples,
  SAMPLE_DEFAULTS,
  type SampleOptions,
  type SampleProgress,
  type SampleSource,
} from '../eval/samples.ts';
import { builtInModel } from '../models/builtIn.ts';
import { Generator } from '../models/generate.ts';
import { type LoadedModel, loadModel } from '../models/load.ts';
import { explainDiskError } from '../trainer/disk.ts';
import { acquireLock } from '../trainer/runLock.ts';
import { weightsDigest } from '../trainer/trainingState.ts';
import { checkScoring, SCORE_OPTIONS, type ScoreValues, scoreFile, scoreText, writeReport } from './score.ts';
import {
  abortOnSignals,
  checkOutput,
  choiceOption,
  formatDuration,
  MAX_THREADS,
  numberOption,
  ProgressLine,
  parseCommand,
  wholeOption,
  writeOutput,
} from './terminal.ts';

const HELP = `Usage: rgft evaluate [options]

Draws samples from a model for each problem, runs them against the problem's tests and estimates pass@k. Interrupted, the
same command goes on; samples.jsonl, its results, report.json and report.html stay in --out.

  --model <dir|run>      default: the embedded model
  --problems <set>       own (default), own-dev, own-test, humaneval (see rgft problems), or a file, .jsonl or .jsonl.gz in
                         the format of HumanEval, or of MultiPL-E with JavaScript
  --out <folder>         default: rgft-evaluation
  --then-model <dir|run> afterwards another model with the same settings, in a folder of its own:
  --then-out <folder>
  -n <samples>           of each problem; default 20
  -k <list>              default: 1, and 10 with ten samples or more
  --temperature <t>      default 0.2
  --top-p <p>            default 0.95
  --max-tokens <n>       of a sample; default 512
  --prompt-style <style> base: the model goes on with the prompt as it stands; chat: the problem is a question in the
                         model's chat template, and the code is taken out of the answer. Default: chat where the model
                         has a template, which some base models have too
  --stop <text>          ends a sample; may be given again (\\n is a newline); default: the set for base models
                         ${JSON.stringify(BASE_MODEL_STOPS)}, nothing with chat
  --seed <n>             default 0
  --batch <n>            samples that decode together, 1 … 16; default 16; changes nothing but the speed
  --limit <n>            only the first n problems
  --device <name>        cpu | webgpu | cuda | dml; default cpu
  --threads <n>
  --samples-only         draw, do not run
  and the options of rgft score: --timeout --workers --memory --python --compare --report --no-once --allow-unsandboxed
  --json                 the report on stdout; of two models a line each
`;

const text = { type: 'string' } as const;

const OPTIONS = {
  ...SCORE_OPTIONS,
  model: text,
  out: text,
  'then-model': text,
  'then-out': text,
  n: { type: 'string', short: 'n' },
  temperature: text,
  'top-p': text,
  'max-tokens': text,
  'prompt-style': text,
  stop: { type: 'string', multiple: true },
  seed: text,
  batch: text,
  limit: text,
  device: text,
  threads: text,
  'samples-only': { type: 'boolean' },
} as const;

/** Files of a model folder that decide how text becomes tokens, and a question becomes text. */
const TEXT_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'chat_template.jinja'];

export async function evaluateCommand(args: string[]): Promise<void> {
  const parsed = parseCommand(args, OPTIONS, HELP);
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length > 0) {
    throw new FineTuneError('USAGE', `"${positionals[0]}" is no option. See rgft evaluate --help.`);
  }
  const whole = (name: 'n' | 'max-tokens' | 'seed' | 'batch' | 'limit' | 'threads', least: number, most?: number) =>
    wholeOption(name, values[name], least, most);
  const threads = whole('threads', 1, MAX_THREADS);
  const device = choiceOption('device', values.device, ['cpu', 'webgpu', 'cuda', 'dml']);
  const style = choiceOption('prompt-style', values['prompt-style'], ['base', 'chat']);
  const given = {
    numSamples: whole('n', 1) ?? SAMPLE_DEFAULTS.numSamples,
    temperature: numberOption('temperature', values.temperature) ?? SAMPLE_DEFAULTS.temperature,
    topP: numberOption('top-p', values['top-p']) ?? SAMPLE_DEFAULTS.topP,
    maxTokens: whole('max-tokens', 1) ?? SAMPLE_DEFAULTS.maxTokens,
    batchSize: whole('batch', 1, 16) ?? SAMPLE_DEFAULTS.batchSize,
    seed: whole('seed', 0) ?? SAMPLE_DEFAULTS.seed,
    stop: values.stop?.map((stop) => stop.replaceAll('\\n', '\n')),
  };
  const k = values.k ?? (given.numSamples >= 10 ? '1,10' : '1');
  const { file: problemsFile, problems: all, known } = findProblems(values.problems ?? 'own');
  const problems = all.slice(0, whole('limit', 1));
  const isPair = values['then-model'] !== undefined;
  if (isPair !== (values['then-out'] !== undefined)) {
    throw new FineTuneError('USAGE', '--then-model and --then-out belong together. Give both.');
  }
  const out = values.out ?? 'rgft-evaluation';
  const jobs: Job[] = [jobOf(values.model ?? builtInModel(), out, isPair ? '1 of 2: ' : '', values.report)];
  if (isPair) jobs.push(jobOf(values['then-model']!, values['then-out']!, '2 of 2: '));
  if (isPair && path.resolve(jobs[1].out) === path.resolve(out)) {
    throw new FineTuneError('USAGE', '--then-out is the folder of the first model. Choose another one.', { out });
  }
  for (const { samplesFile, page } of jobs) {
    if (!values['samples-only']) await checkScoring(samplesFile, problems, known, { ...values, k, report: page });
    checkOutput(samplesFile);
  }
  // What is made here is no part of anybody's code. A folder that was chosen may hold more.
  const ignore = path.join(out, '.gitignore');
  if (values.out === undefined && !fs.existsSync(ignore)) writeOutput(ignore, '*\n');
  // Two writers would mix their samples. Given back when the process ends.
  for (const { out } of jobs) acquireLock(out);
  const signal = abortOnSignals();

  const engine = await openEngine({ device, threads });
  const setting: Setting = { values, k, style, given, problemsFile, problems, known, engine, signal };
  for (const job of jobs) await evaluateModel(job, setting);
}

/** A model and where its samples and reports go. */
interface Job {
  readonly model: string;
  readonly out: string;
  readonly samplesFile: string;
  readonly page: string;
  /** Before what is told of its progress. */
  readonly label: string;
}

function jobOf(model: string, out: string, label: string, page = path.join(out, 'report.html')): Job {
  return { model, out, samplesFile: path.join(out, 'samples.jsonl'), page, label };
}

/** What both models have in common. */
interface Setting {
  readonly values: ScoreValues & { readonly 'samples-only'?: boolean; readonly json?: boolean };
  readonly k: string;
  readonly style: 'base' | 'chat' | undefined;
  readonly given: Omit<SampleOptions, 'stop' | 'promptStyle'> & { readonly stop: readonly string[] | undefined };
  readonly problemsFile: string;
  readonly problems: readonly Problem[];
  readonly known: readonly Problem[];
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** Draws, scores, reports. */
async function evaluateModel({ model: from, out, samplesFile, page, label }: Job, setting: Setting): Promise<void> {
  const { values, k, style, given, problemsFile, problems, known, engine, signal } = setting;
  const model = await loadModel(from);
  const { config, store, tokenizer } = model;
  const chat = style === 'base' ? undefined : readChatTemplate(model.folder);
  if (style === 'chat' && !chat) {
    throw new FineTuneError('USAGE', `${model.folder} has no chat template. Leave --prompt-style out, or give base.`);
  }
  if (chat && problems.some(isScript)) {
    throw new FineTuneError('USAGE', 'Questions are put for Python only. Give --prompt-style base for these problems.');
  }
  const options: SampleOptions = {
    ...given,
    stop: given.stop ?? (chat ? [] : SAMPLE_DEFAULTS.stop),
    promptStyle: chat ? 'chat' : 'base',
  };
  const generator = new Generator(engine, config, store, tokenizer);
  const line = new ProgressLine();
  const started = performance.now();
  let resumed: number | undefined;
  const onProgress = ({ doneProblems, totalProblems, tokens }: SampleProgress) => {
    if (tokens === 0) resumed = doneProblems;
    const ms = performance.now() - started;
    const left = (ms / Math.max(1, doneProblems - (resumed ?? 0))) * (totalProblems - doneProblems);
    const rate = ((1000 * tokens) / ms).toFixed(0);
    line.show(
      `${label}${doneProblems} / ${totalProblems} problems drawn, ${rate} tokens/s, ${formatDuration(left)} left`,
    );
  };
  const encodePrompt = ({ prompt }: Problem) => {
    const ids = tokenizer.encode(prompt);
    return tokenizer.addsBos && tokenizer.special.bos !== undefined ? [tokenizer.special.bos, ...ids] : ids;
  };
  const generate = generator.generate.bind(generator);
  const source: SampleSource = chat
    ? {
        generate,
        encode: (problem) => encodeChat(chat, chatQuestion(problem), tokenizer.encode),
        completion: (answer, problem) => completionOfAnswer(answer, problem, chat.endings),
      }
    : { generate, encode: encodePrompt };
  // By content too: a model that was trained on, or problems that were changed, may lie where the old ones did.
  const identity = {
    model: path.resolve(model.folder),
    modelDigest: modelDigest(model),
    problemsFile: path.resolve(problemsFile),
    problemsDigest: createHash('sha256').update(fs.readFileSync(problemsFile)).digest('hex'),
  };
  try {
    await drawSamples(source, problems, samplesFile, identity, options, onProgress, signal);
  } catch (error) {
    throw explainDiskError(error, samplesFile);
  } finally {
    line.end();
    await generator.release();
  }
  if (values['samples-only']) {
    process.stdout.write(values.json ? `${JSON.stringify({ samples: samplesFile })}\n` : `Samples: ${samplesFile}\n`);
    return;
  }
  const { report, scored } = await scoreFile(samplesFile, problems, known, { ...values, k, report: page }, signal);
  const full = { ...identity, settings: options, drawnMs: Math.round(performance.now() - started), ...report };
  writeOutput(path.join(out, 'report.json'), `${JSON.stringify(full, undefined, 2)}\n`);
  const name = path.basename(path.resolve(model.folder));
  writeReport(page, {
    name,
    settings: { problems: path.basename(problemsFile), ...options },
    report,
    scored,
    problems,
  });
  process.stdout.write(values.json ? `${JSON.stringify(full)}\n` : `${scoreText(report)}Report: ${page}\n`);
}

/** SHA-256 of what a model's samples depend on: weights, architecture, and the files of the tokenizer and its template. */
function modelDigest({ folder, config, store }: LoadedModel): string {
  const hash = createHash('sha256').update(weightsDigest(store)).update(JSON.stringify(config));
  for (const name of TEXT_FILES) {
    const file = path.join(folder, name);
    if (fs.existsSync(file)) hash.update(`\0${name}\0`).update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}
