/** @file `rgft`: the command line. Each command is a file of src/commands; this one picks it and turns errors into exit codes. */
import { describeFailure, EXIT_CODES } from './commands/terminal.ts';
import { FineTuneError } from './errors.ts';

interface Command {
  readonly summary: string;
  /** Loads the command's code only when it is called. */
  readonly load: () => Promise<(args: string[]) => Promise<void>>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  finetune: {
    summary: 'fine-tune a model on a folder of code',
    load: async () => (await import('./commands/finetune.ts')).finetuneCommand,
  },
  data: {
    summary: 'show what a run would learn from, without training',
    load: async () => (await import('./commands/dataCommand.ts')).dataCommand,
  },
  complete: {
    summary: 'continue a text with a model',
    load: async () => (await import('./commands/complete.ts')).completeCommand,
  },
  perplexity: {
    summary: 'loss of a model on files',
    load: async () => (await import('./commands/perplexity.ts')).perplexityCommand,
  },
  lines: {
    summary: 'let a model finish lines of held-out files: exact match, edit similarity',
    load: async () => (await import('./commands/lines.ts')).linesCommand,
  },
  evaluate: {
    summary: 'let a model solve problems and judge them: pass@k',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  },
  score: {
    summary: 'judge code samples in the HumanEval format, in a sandbox: pass@k',
    load: async () => (await import('./commands/score.ts')).scoreCommand,
  },
  problems: {
    summary: 'sets of problems; download HumanEval',
    load: async () => (await import('./commands/problems.ts')).problemsCommand,
  },
  runs: {
    summary: 'list runs',
    load: async () => (await import('./commands/runs.ts')).runsCommand,
  },
  report: {
    summary: 'write the report of a run as one HTML file',
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  pretrain: {
    summary: 'train the embedded base model from scratch',
    load: async () => (await import('./commands/pretrain.ts')).pretrainCommand,
  },
  bench: {
    summary: 'measure the engine on this machine',
    load: async () => (await import('./commands/bench.ts')).benchCommand,
  },
};

const HELP = `Usage: rgft <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

rgft <command> --help shows the options of a command. Every command takes --json.
Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted (a checkpoint is kept).
`;

// A reader that goes away (`| head`) ends no run: what it trains is worth more than what it says.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`The output could not be written: ${error.message}. Write it to another place.\n`);
  process.exitCode = EXIT_CODES.failed;
});

const [name, ...args] = process.argv.slice(2);
if (name === undefined || ['--help', '-h', 'help'].includes(name)) {
  process.stdout.write(HELP);
  process.exitCode = name === undefined ? EXIT_CODES.usage : EXIT_CODES.done;
} else {
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) {
      throw new FineTuneError('USAGE', `There is no command "${name}". Commands: ${Object.keys(COMMANDS).join(', ')}.`);
    }
    await (await command.load())(args);
  } catch (error) {
    process.exitCode = describeFailure(error, args.includes('--json'));
  }
}
