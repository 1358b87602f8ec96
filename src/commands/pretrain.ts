/** @file `rgft pretrain`: trains a small Llama-type base model from scratch on token shards; made the embedded model. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { saveCheckpoint } from '../models/checkpoint.ts';
import { familyOf } from '../models/families/registry.ts';
import { loadTokenizer } from '../models/huggingFaceTokenizer.ts';
import { SPECIAL_ID } from '../pretrain/bpe.ts';
import { readHeldout } from '../pretrain/corpus.ts';
import { pretrain } from '../pretrain/pretrain.ts';
import { openTokenShards } from '../pretrain/tokens.ts';
import { evaluate, makeEvaluationSet } from '../trainer/evaluate.ts';
import type { Schedule } from '../trainer/schedule.ts';
import { abortOnSignals, MAX_THREADS, ProgressLine, parseCommand, wholeOption } from './terminal.ts';

const HELP = `Usage: rgft pretrain --recipe <file.json> --tokens <dir> --tokenizer <dir> --run <dir> [--out <model dir>] [--resume]

Trains the model of a recipe from scratch. Stop it with Ctrl-C and go on with --resume.

  --recipe <file>       architecture, schedule and seeds (see src/pretrain/base.json)
  --tokens <dir>        token shards written by src/pretrain/tokens.ts
  --tokenizer <dir>     the tokenizer they were written with
  --run <dir>           run directory
  --out <dir>           where the finished model is written, F16
  --max-steps <n>       stop after so many steps (with a checkpoint), without touching the schedule
  --threads <n>         default 2
`;

/** What a recipe file holds; config is a Llama config.json. */
export interface PretrainRecipe {
  readonly config: Record<string, unknown>;
  readonly seed: number;
  readonly seqLength: number;
  readonly batchRows: readonly { readonly fromStep: number; readonly rows: number }[];
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly schedule: Schedule;
  readonly evaluateEvery: number;
  readonly checkpointEvery: number;
}

/** Held-out files of each language that are evaluated during training; the card's figures use all of them. */
const EVALUATED_BYTES = 120_000;

export async function pretrainCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const parsed = parseCommand(
    args,
    {
      recipe: text,
      tokens: text,
      tokenizer: text,
      run: text,
      out: text,
      resume: { type: 'boolean' },
      'max-steps': text,
      threads: text,
    },
    HELP,
  );
  if (!parsed) return;
  const { values } = parsed;
  for (const name of ['recipe', 'tokens', 'tokenizer', 'run'] as const) {
    if (values[name] === undefined) throw new FineTuneError('USAGE', `--${name} is missing. See rgft pretrain --help.`);
  }
  const threads = wholeOption('threads', values.threads, 1, MAX_THREADS) ?? 2;
  const recipe = readRecipe(values.recipe!);
  const family = familyOf(recipe.config);
  const config = family.config(recipe.config);
  const tokenizer = loadTokenizer(values.tokenizer!);
  const stream = openTokenShards(values.tokens!);
  const heldOut = languages(values.tokens!).map(({ language, files }) => ({
    language,
    bytes: files.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0),
    set: makeEvaluationSet(files, tokenizer, recipe.seqLength),
  }));
  const progress = new ProgressLine();
  const signal = abortOnSignals();
  const maxSteps = wholeOption('max-steps', values['max-steps'], 1) ?? Number.POSITIVE_INFINITY;
  let stepsLeft = maxSteps;
  const store = await pretrain(path.resolve(values.run!), values.resume ?? false, {
    ...recipe,
    config,
    stream,
    endOfText: SPECIAL_ID.endOfText,
    engine: { threads },
    shouldStop: () => --stepsLeft <= 0 || signal.aborted,
    report: (line) => progress.show(line),
    evaluate: async (decoder, step) => {
      let nats = 0;
      let tokens = 0;
      let right = 0;
      for (const { language, bytes, set } of heldOut) {
        const evaluation = await evaluate(decoder, set, 4);
        const bitsPerByte = (evaluation.loss * evaluation.tokens) / Math.LN2 / bytes;
        progress.end();
        process.stderr.write(`step ${step}: held-out ${language} ${bitsPerByte.toFixed(4)} bits per byte\n`);
        nats += evaluation.loss * evaluation.tokens;
        right += evaluation.accuracy * evaluation.tokens;
        tokens += evaluation.tokens;
      }
      return { loss: nats / tokens, accuracy: right / tokens, tokens };
    },
  });
  progress.end();
  stream.close();
  if (!store) {
    process.stderr.write(`Stopped; go on with --resume.\n`);
    return;
  }
  if (values.out !== undefined) {
    const source = { folder: values.tokenizer!, configJson: recipe.config, config, family };
    saveCheckpoint(values.out, source, (name) => store.get(name)!.weights, { dtype: 'F16', replace: true });
    process.stdout.write(`Model: ${values.out}\n`);
  }
}

function readRecipe(file: string): PretrainRecipe {
  try {
    const recipe = JSON.parse(readFileSync(file, 'utf8')) as PretrainRecipe | null;
    if (typeof recipe?.config === 'object' && typeof recipe.schedule === 'object') return recipe;
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new FineTuneError('USAGE', `${file} cannot be read: ${found}. Give a recipe, as src/pretrain/base.json.`);
  }
  throw new FineTuneError(
    'USAGE',
    `${file} has no "config" or no "schedule". Give a recipe, as src/pretrain/base.json.`,
  );
}

/** A fair sample of the held-out files: every third, up to a size. */
function languages(tokens: string) {
  const byLanguage = new Map<string, { path: string; text: string; removedLines: number[] }[]>();
  const sizes = new Map<string, number>();
  readHeldout(tokens).forEach(({ language, source, path: name, text }, i) => {
    const size = sizes.get(language) ?? 0;
    if (i % 3 !== 0 || size > EVALUATED_BYTES) return;
    sizes.set(language, size + Buffer.byteLength(text));
    byLanguage.set(language, [
      ...(byLanguage.get(language) ?? []),
      { path: `${source}/${name}`, text, removedLines: [] },
    ]);
  });
  return [...byLanguage].map(([language, files]) => ({ language, files }));
}
