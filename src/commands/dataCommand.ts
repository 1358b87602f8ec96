/** @file `rgft data <folder>`: the arguments of the data report in data.ts. */
import { FineTuneError } from '../errors.ts';
import { builtInModel } from '../models/builtIn.ts';
import { readModelConfigJson } from '../models/checkpoint.ts';
import { loadTokenizer } from '../models/huggingFaceTokenizer.ts';
import { modelFolder } from '../models/load.ts';
import { runDataCommand } from './data.ts';
import { EXIT_CODES, numberOption, parseCommand, wholeOption } from './terminal.ts';

const HELP = `Usage: rgft data <folder…> [options]

Shows what a run would learn from: files, tokens, what is left out and why, secrets, examples. Trains nothing.

  --model <dir>             whose tokenizer counts; default: the embedded model
  --include, --exclude <glob>  which files; may be repeated
  --held-out <share>        default 0.1
  --held-out-from <0…1>     as for finetune
  --seq-length <tokens>     default 512
  --fim-rate <share>        default 0.5
  --seed <n>                default 0
  --examples <n>            how many to print; default 2
  --verbose                 every file that is left out
  --json                    the report as JSON on stdout
`;

export async function dataCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const parsed = parseCommand(
    args,
    {
      model: text,
      include: { type: 'string', multiple: true },
      exclude: { type: 'string', multiple: true },
      'held-out': text,
      'held-out-from': text,
      'seq-length': text,
      'fim-rate': text,
      seed: text,
      examples: text,
      verbose: { type: 'boolean' },
    },
    HELP,
  );
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new FineTuneError('USAGE', 'Give a folder with code. See rgft data --help.');
  const folder = modelFolder(values.model ?? builtInModel());
  readModelConfigJson(folder); // says whether there is a model at all; its tokenizer is what counts
  const { report, text: rendered } = await runDataCommand({
    folders: positionals,
    tokenizer: loadTokenizer(folder),
    repository: { include: values.include, exclude: values.exclude },
    heldOutShare: numberOption('held-out', values['held-out']),
    heldOutFrom: numberOption('held-out-from', values['held-out-from']),
    examples: {
      maxSeqLength: wholeOption('seq-length', values['seq-length'], 16, 2 ** 20) ?? 512,
      fimRate: numberOption('fim-rate', values['fim-rate']),
      seed: wholeOption('seed', values.seed, 0),
    },
    verbose: values.verbose,
    shownExamples: wholeOption('examples', values.examples, 0),
  });
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : rendered);
  if (report.problem) process.exitCode = EXIT_CODES.failed;
}
