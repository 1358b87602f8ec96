/** @file `rgft lines <folder>`: line completions on the held-out files of a folder, exact match and edit similarity. */
import { readRepository } from '../data/repository.ts';
import { splitFiles } from '../data/split.ts';
import { openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { definedNames, type LineCase, type LineScore, lineCases, scoreLines } from '../eval/completionBenchmark.ts';
import { builtInModel } from '../models/builtIn.ts';
import { continuationPrompt } from '../models/fillInTheMiddle.ts';
import { Generator } from '../models/generate.ts';
import { loadModel } from '../models/load.ts';
import { MAX_THREADS, numberOption, ProgressLine, parseCommand, wholeOption } from './terminal.ts';

const HELP = `Usage: rgft lines <folder…> [options]

Lets a model finish lines of the files that a run on the folder holds out, greedily, and compares with what is there.

  --model <dir|run>      default: the embedded model
  --limit <n>            most lines; default 200
  --all-lines            also lines that use no name defined in the folder's training files
  --held-out <share>     as for finetune; default 0.1
  --held-out-from <0…1>  as for finetune
  --seed <n>             which places; default 0
  --threads <n>
  --show                 print each case
  --json                 { cases, exactMatch, editSimilarity, results: [{ path, line, expected, completion }] }
`;

/** Tokens of a completion; the rest of a line is rarely longer. */
const MAX_TOKENS = 64;
/** Characters of the prefix that are looked at: more than any context holds. */
const PREFIX_CHARACTERS = 20_000;

export async function linesCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const parsed = parseCommand(
    args,
    {
      model: text,
      limit: text,
      'all-lines': flag,
      'held-out': text,
      'held-out-from': text,
      seed: text,
      threads: text,
      show: flag,
    },
    HELP,
  );
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new FineTuneError('USAGE', 'Give a folder with code. See rgft lines --help.');

  const limit = wholeOption('limit', values.limit, 1);
  const seed = wholeOption('seed', values.seed, 0);
  const threads = wholeOption('threads', values.threads, 1, MAX_THREADS);

  const { files } = await readRepository(positionals);
  const { train, heldOut } = splitFiles(files, {
    heldOutShare: numberOption('held-out', values['held-out']),
    heldOutFrom: numberOption('held-out-from', values['held-out-from']),
  });
  const cases = lineCases(heldOut, {
    limit,
    seed,
    names: values['all-lines'] ? undefined : definedNames(train),
  });
  if (cases.length === 0) {
    throw new FineTuneError(
      'TOO_LITTLE_CODE',
      `The ${heldOut.length} held-out files of ${files.length} hold no line to complete. Use --all-lines, a larger --held-out share or a larger folder.`,
    );
  }
  const engine = await openEngine({ threads });
  const { config, store, tokenizer } = await loadModel(values.model ?? builtInModel());
  const generator = new Generator(engine, config, store, tokenizer);
  const completions = await completeLines(generator, cases);
  await generator.release();
  const score = scoreLines(cases, completions);

  const results = cases.map(({ path, line, expected }, i) => ({ path, line, expected, completion: completions[i] }));
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...score, results })}\n`);
    return;
  }
  if (values.show) {
    for (const { path, line, expected, completion } of results) {
      const mark = completion === expected ? '=' : ' ';
      process.stdout.write(
        `${mark} ${path}:${line}\n    ${JSON.stringify(expected)}\n    ${JSON.stringify(completion)}\n`,
      );
    }
  }
  process.stdout.write(`${describe(score)}\n`);
}

/** The rest of each case's line as the model writes it. */
export async function completeLines(generator: Generator, cases: readonly LineCase[]): Promise<string[]> {
  const progress = new ProgressLine();
  const completions: string[] = [];
  for (const { prefix } of cases) {
    progress.show(`line ${completions.length + 1}/${cases.length}`);
    const { samples } = await generator.generate({
      prompt: continuationPrompt(generator.tokenizer, prefix.slice(-PREFIX_CHARACTERS)),
      maxTokens: MAX_TOKENS,
      temperature: 0,
      stop: ['\n'],
    });
    completions.push(samples[0].text.trimEnd());
  }
  progress.end();
  return completions;
}

function describe({ cases, exactMatch, editSimilarity }: LineScore): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `${cases} lines: exact match ${percent(exactMatch)}, edit similarity ${percent(editSimilarity)}`;
}
