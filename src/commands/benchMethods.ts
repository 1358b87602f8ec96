/**
 * @file `rgft bench methods`: trains with every method in processes of their own, measures the models, and writes one
 * table. Each cell of the table is a folder with a run directory in it; finished cells are kept, so the same command
 * goes on where it was stopped and may ask for more.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  agreementNotes,
  type LineOutcome,
  lowestRate,
  type MethodCell,
  type MethodRow,
  mapAgreement,
  methodsTable,
  paretoSvg,
  runsCsv,
  summarise,
  type TriedRate,
} from '../bench/methods.ts';
import { readRepository } from '../data/repository.ts';
import { splitFiles } from '../data/split.ts';
import { FineTuneError } from '../errors.ts';
import { editSimilarity } from '../eval/completionBenchmark.ts';
import type { Interval } from '../eval/passAtK.ts';
import { builtInModel, packageFile } from '../models/builtIn.ts';
import { openCheckpoint } from '../models/checkpoint.ts';
import type { ModelConfig } from '../models/config.ts';
import { modelFolder } from '../models/load.ts';
import type { RunEvent } from '../runEvents.ts';
import { HEAP_ARGUMENTS, withAllocatorSettings } from '../trainer/allocator.ts';
import { writeFileAtomically } from '../trainer/disk.ts';
import type { Evaluation } from '../trainer/evaluate.ts';
import { fromJsonText, readEvents, toJsonText } from '../trainer/events.ts';
import {
  BUDGET_METHODS,
  completeOptions,
  METHODS,
  type Method,
  NEED_BUDGET,
  SHOWN_MAP_METHODS,
} from '../trainer/options.ts';
import { listCheckpoints, runPaths } from '../trainer/runDirectory.ts';
import type { FilePerplexity, PerplexityReport } from './perplexity.ts';
import { abortOnSignals, formatDuration, numberOption, parseCommand } from './terminal.ts';

const HELP = `Usage: rgft bench methods [folder…] [options]

Trains with each method, budget and seed on each folder, each in a process of its own, and compares: held-out loss, held-out
tokens that are the most probable one, line completions, operations, processor time, memory, disk. Writes table.md,
table.json, runs.csv and two plots. Finished runs are kept: the same command goes on after an interruption, and more
methods, budgets or seeds may be asked for later (where these change the rate that --tune chose, a run is trained anew).

  --workspaces <folder>  as the folders above; may be repeated; default: the two samples that come with the program
  --model <dir|run>      default: the embedded model
  --methods <list>       default full,full-short,last-k,random-k,lora,rgft-lora,rgft; full is always run. A name may be
                         followed by options of finetune: "rgft,rgft --head-rate 0,rgft --target-draw uniform"
  --budgets <list>       shares of full fine-tuning's operations, none for no limit; default 0.3,0.4
  --seeds <list>         default 0,1,2
  --epochs <n>           default 3
  --max-steps <n>        of full fine-tuning
  --seq-length <tokens>  default as for finetune; 256 with --quick
  --held-out <share>     of the files, which all runs are measured on; default 0.2
  --folds                each seed holds out files of its own (seed s those that hash to s times the share and above),
                         so that the table is measured on more of the folder; with --tune rates are chosen for each,
                         on the files that the other seeds hold out
  --lines <n>            most line completions of a workspace; default 200, 40 with --quick; 0 for none
  --tune                 try 0.5, 1 and 2 times each method's default rate, and up to two more while the best is the
                         lowest or the highest, on files of the training part that these runs do not learn from (a
                         fifth; with --folds as many as there are other seeds), and take the lowest point of a
                         parabola through the best and its neighbours; else default rates
  --pass-at-k            also pass@1 and pass@10 on the program's own problems (ten samples of each)
  --quick                full, full-short, last-k, rgft and lora at 0.3, one seed, short rows
  --threads <n>
  --out <folder>         default: rgft-methods
  --json                 the rows on stdout
`;

const QUICK_METHODS = 'full,full-short,last-k,rgft,lora';
const DEFAULT_METHODS = 'full,full-short,last-k,random-k,lora,rgft-lora,rgft';
/** Multiples of a method's default rate that `--tune` tries, the same for every method. */
const RATE_GRID = [0.5, 1, 2];
/** How many more, by the same rule for every method, while the best is the first or the last. */
const FURTHER_RATES = 2;
/** Share of the files, out of those that are trained on later, that decides about rates. */
const TUNING_SHARE = 0.2;
/** Larger than any run: evaluations and checkpoints at both ends only, so that no method pays for them. */
const NEVER = '1000000000';

/** What all cells of a folder have in common; another command may not mix its own into it. */
interface Setting {
  readonly model: string;
  readonly workspaces: readonly string[];
  readonly epochs: number;
  readonly maxSteps: number | null;
  readonly seqLength: number | null;
  readonly heldOut: number;
  readonly folds: boolean;
  readonly lines: number;
  /** How rates are chosen; results of another way are those of another setting. */
  readonly tune: 'other parts' | null;
  readonly passAtK: boolean;
}

interface Workspace {
  readonly name: string;
  readonly folder: string;
}

/** A method, perhaps with options of its own: a line of the table that an ablation is read from. */
interface Variant {
  readonly method: Method;
  readonly options: readonly string[];
}

interface Kind extends Variant {
  readonly budget: number | null;
}

/** The files that a run is measured on. */
interface Part {
  /** Options of a command that splits the folder. */
  readonly options: readonly string[];
  readonly from: number;
  /** Of the names of what is measured once for all runs on the part. */
  readonly suffix: string;
}

function partOf(seed: number, { folds, heldOut }: Setting): Part {
  // Rounded as a shell would be given it.
  const from = folds ? Number(((seed * heldOut) % 1).toFixed(6)) : 0;
  return {
    from,
    options: ['--held-out', String(heldOut), '--held-out-from', String(from)],
    suffix: folds ? `-seed${seed}` : '',
  };
}

/** Runs one command of this program; gives back what it prints with `--json`. */
type RunCommand = (args: readonly string[], log: string) => Promise<unknown>;

/** What everything that is measured on one workspace has in common. */
interface Bench {
  readonly workspace: Workspace;
  /** Of the workspace's results. */
  readonly folder: string;
  readonly setting: Setting;
  readonly config: ModelConfig;
  readonly seeds: readonly number[];
  readonly command: RunCommand;
}

export async function benchMethodsCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const parsed = parseCommand(
    args,
    {
      workspaces: { type: 'string', multiple: true },
      model: text,
      methods: text,
      budgets: text,
      seeds: text,
      epochs: text,
      'max-steps': text,
      'seq-length': text,
      'held-out': text,
      folds: flag,
      lines: text,
      tune: flag,
      'pass-at-k': flag,
      quick: flag,
      threads: text,
      out: text,
    },
    HELP,
  );
  if (!parsed) return;
  const { values, positionals } = parsed;
  const quick = values.quick ?? false;
  const folders = [...positionals, ...(values.workspaces ?? [])];
  const setting: Setting = {
    model: modelFolder(path.resolve(values.model ?? builtInModel())),
    workspaces: (folders.length > 0 ? folders : sampleFolders()).map((folder) => path.resolve(folder)),
    epochs: numberOption('epochs', values.epochs) ?? 3,
    maxSteps: numberOption('max-steps', values['max-steps']) ?? null,
    seqLength: numberOption('seq-length', values['seq-length']) ?? (quick ? 256 : null),
    heldOut: numberOption('held-out', values['held-out']) ?? 0.2,
    folds: values.folds ?? false,
    lines: numberOption('lines', values.lines) ?? (quick ? 40 : 200),
    tune: values.tune ? 'other parts' : null,
    passAtK: values['pass-at-k'] ?? false,
  };
  const methods = methodList(values.methods ?? (quick ? QUICK_METHODS : DEFAULT_METHODS));
  const budgets = budgetList(values.budgets, quick ? [0.3] : [0.3, 0.4]);
  const seeds = numberList('seeds', values.seeds, quick ? [0] : [0, 1, 2]);
  const out = path.resolve(values.out ?? 'rgft-methods');
  mkdirSync(out, { recursive: true });
  requireSameSetting(path.join(out, 'setting.json'), setting);

  const { config } = openModel(setting.model);
  const kinds: Kind[] = methods.flatMap((variant): Kind[] =>
    BUDGET_METHODS.includes(variant.method)
      ? budgets.flatMap((budget) =>
          budget === null && NEED_BUDGET.includes(variant.method) ? [] : [{ ...variant, budget }],
        )
      : [{ ...variant, budget: null }],
  );
  const signal = abortOnSignals();
  const command = childCommands(signal, values.threads === undefined ? [] : ['--threads', values.threads]);
  const startedMs = performance.now();
  const total = setting.workspaces.length * seeds.length * kinds.length;
  const cells: MethodCell[] = [];
  const atEdge = new Set<string>();
  for (const workspace of namedWorkspaces(setting.workspaces)) {
    const folder = path.join(out, workspace.name);
    mkdirSync(folder, { recursive: true });
    const bench: Bench = { workspace, folder, setting, config, seeds, command };
    for (const kind of kinds) {
      for (const seed of seeds) {
        const part = partOf(seed, setting);
        const baseline = await measureBase(bench, part);
        const tuned = setting.tune ? await tunedRate(bench, kind, seed) : undefined;
        const learningRate = tuned?.rate ?? defaultRate(kind, config);
        if (tuned?.isAtEdge) {
          atEdge.add(`${labelOf(kind)} on ${workspace.name}${setting.folds ? `, seed ${seed}` : ''}`);
        }
        process.stderr.write(
          `${cells.length + 1}/${total} ${workspace.name}: ${labelOf(kind)}, seed ${seed} (${formatDuration(performance.now() - startedMs)})\n`,
        );
        const cell = { ...kind, seed, learningRate };
        cells.push(await measureCell(bench, cell, part, baseline));
      }
    }
  }

  const rows = summarise(cells);
  const agreements = mapAgreement(cells);
  const notes = [...describeSetting(setting, cells, [...atEdge]), ...agreementNotes(agreements)];
  writeFileAtomically(path.join(out, 'table.json'), `${toJsonText({ setting, rows, agreements, notes, cells }, 1)}\n`);
  writeFileAtomically(path.join(out, 'table.md'), methodsTable(rows, notes));
  writeFileAtomically(path.join(out, 'runs.csv'), runsCsv(cells));
  const plot = (across: 'flopsShare' | 'cpuShare', title: string, file: string) =>
    writeFileAtomically(path.join(out, file), paretoSvg(rows, { across, title }));
  plot('flopsShare', 'Quality kept against counted operations', 'pareto-operations.svg');
  plot('cpuShare', 'Quality kept against processor time', 'pareto-cpu.svg');
  process.stdout.write(values.json ? `${toJsonText({ rows, notes })}\n` : resultText(rows, notes, out));
}

/** What this command sets itself, or what has to be the same for all: no option of one method. */
const GIVEN = new Set([
  ...['--out', '--resume', '--json', '--model', '--method', '--seed', '--lr', '--budget', '--epochs', '--max-steps'],
  ...['--held-out', '--held-out-from', '--seq-length', '--include', '--exclude', '--evaluate-every'],
  ...['--checkpoint-every', '--threads'],
]);

function methodList(given: string): Variant[] {
  const variants = given.split(',').map((entry): Variant => {
    const [method, ...options] = entry.trim().split(/\s+/);
    if (!METHODS.includes(method as Method)) {
      throw new FineTuneError('USAGE', `There is no method "${method}". Choose from ${METHODS.join(', ')}.`, {
        method,
      });
    }
    const fixed = options.find((option) => GIVEN.has(option.split('=')[0]));
    if (fixed) {
      throw new FineTuneError(
        'USAGE',
        `"${entry.trim()}": ${fixed} is not for one method to choose. Leave it out there.`,
        {
          method,
          option: fixed,
        },
      );
    }
    return { method: method as Method, options };
  });
  return [...new Map([{ method: 'full', options: [] } as Variant, ...variants].map((v) => [nameOf(v), v])).values()];
}

function numberList(name: string, given: string | undefined, standard: readonly number[]): number[] {
  return given === undefined ? [...standard] : [...new Set(given.split(',').map((part) => numberOption(name, part)!))];
}

function budgetList(given: string | undefined, standard: readonly number[]): (number | null)[] {
  const parts = given?.split(',').map((part) => part.trim());
  const shares = parts?.filter((part) => part !== 'none');
  const budgets = shares?.length === 0 ? [] : numberList('budgets', shares?.join(','), standard);
  return parts?.includes('none') ? [null, ...budgets] : budgets;
}

function sampleFolders(): string[] {
  return ['python', 'typescript'].flatMap((name) => packageFile(`media/samples/${name}`) ?? []);
}

/** Folders by their last name, with a number behind it where two have the same. */
function namedWorkspaces(folders: readonly string[]): Workspace[] {
  const seen = new Map<string, number>();
  return folders.map((folder) => {
    const name = path.basename(folder);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { name: count === 1 ? name : `${name}-${count}`, folder };
  });
}

/** @throws RUN_MISMATCH when the folder holds cells that were measured otherwise */
function requireSameSetting(file: string, setting: Setting): void {
  const now = toJsonText(setting, 1);
  if (existsSync(file)) {
    const before = readFileSync(file, 'utf8');
    if (before.trimEnd() === now) return;
    throw new FineTuneError(
      'RUN_MISMATCH',
      `${path.dirname(file)} holds results of another setting: ${before.replace(/\s+/g, ' ')}. Choose another --out, or give the same options.`,
      { before, now },
    );
  }
  writeFileAtomically(file, `${now}\n`);
}

function openModel(folder: string): { config: ModelConfig } {
  const checkpoint = openCheckpoint(folder);
  checkpoint.close();
  return { config: checkpoint.config };
}

function defaultRate({ method, budget }: Kind, config: ModelConfig): number {
  return completeOptions({ method, budget }, config).learningRate;
}

/** `rgft --head-rate 0`. */
function nameOf({ method, options }: Variant): string {
  return [method, ...options].join(' ');
}

/** `rgft-0.3`, `rgft_head-rate_0-0.3`; names a folder. */
function labelOf({ budget, ...variant }: Kind): string {
  const name = nameOf(variant).replace(/[^\w.]+/g, (text) => (text === '-' ? text : '_'));
  return budget === null ? name : `${name}-${budget}`;
}

/** Starts this program again for each command: a run's processor time and peak memory are then its own. */
function childCommands(signal: AbortSignal, everywhere: readonly string[]): RunCommand {
  return async (args, log) => {
    // A run that goes on has the options that it began with.
    const all = [...args, ...(args.includes('--resume') ? [] : everywhere), '--json'];
    const child = spawn(process.execPath, [...HEAP_ARGUMENTS, ...process.execArgv, process.argv[1], ...all], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // As the extension starts a run.
      env: withAllocatorSettings(process.env),
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => appendFileSync(log, chunk));
    const stop = () => child.kill('SIGINT');
    signal.addEventListener('abort', stop);
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    }).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) {
      throw new FineTuneError(
        'INTERRUPTED',
        'Stopped; finished runs are kept. The same command goes on with the rest.',
      );
    }
    const result =
      stdout.trim() === '' ? undefined : (JSON.parse(stdout) as { error?: { code: string; message: string } });
    if (status === 0 && result) return result;
    const { code, message } = result?.error ?? { code: 'INTERNAL', message: `It ended with status ${status}.` };
    throw new FineTuneError(code as FineTuneError['code'], `rgft ${args.join(' ')}: ${message} The log is ${log}.`, {
      args,
    });
  };
}

interface Baseline {
  readonly lines: readonly LineResult[] | null;
  readonly passAtK: Readonly<Record<string, number | null>> | null;
}

interface LineResult {
  readonly path: string;
  readonly line: number;
  readonly expected: string;
  readonly completion: string;
}

/** Lines and problems as the model does them before any training. */
async function measureBase(bench: Bench, part: Part): Promise<Baseline> {
  const { folder, setting, command } = bench;
  const file = path.join(folder, `base${part.suffix}.json`);
  if (existsSync(file)) return fromJsonText(readFileSync(file, 'utf8')) as Baseline;
  const baseline = {
    lines: await completedLines(bench, setting.model, part, path.join(folder, 'base.log')),
    passAtK: setting.passAtK ? await passAtK(setting.model, path.join(folder, 'base-problems'), command) : null,
  };
  writeFileAtomically(file, `${toJsonText(baseline)}\n`);
  return baseline;
}

/** `null` where the held-out files have no line to complete, or none is asked for. */
async function completedLines(
  { workspace, setting: { lines }, command }: Bench,
  model: string,
  part: Part,
  log: string,
): Promise<readonly LineResult[] | null> {
  if (lines === 0) return null;
  try {
    const args = ['lines', workspace.folder, '--model', model, '--limit', String(lines), ...part.options];
    const result = await command(args, log);
    return (result as { results: LineResult[] }).results;
  } catch (error) {
    if (error instanceof FineTuneError && error.code === 'TOO_LITTLE_CODE') return null;
    throw error;
  }
}

async function passAtK(model: string, out: string, command: RunCommand): Promise<Record<string, number | null>> {
  const args = ['evaluate', '--model', model, '--problems', 'own', '-n', '10', '-k', '1,10', '--out', out];
  const report = await command(args, `${out}.log`);
  const { passAtK } = report as { passAtK: Record<string, Interval | null> };
  return Object.fromEntries(Object.entries(passAtK).map(([k, interval]) => [k, interval?.value ?? null]));
}

/** The arguments of a run that all methods have in common. */
function commonArguments({ model, epochs, maxSteps, seqLength }: Setting): string[] {
  return [
    ...['--model', model, '--epochs', String(epochs)],
    ...(maxSteps === null ? [] : ['--max-steps', String(maxSteps)]),
    ...(seqLength === null ? [] : ['--seq-length', String(seqLength)]),
    ...['--evaluate-every', NEVER, '--checkpoint-every', NEVER],
  ];
}

/** Those that a method has for itself. */
function methodArguments({ method, options }: Variant): string[] {
  return [...(SHOWN_MAP_METHODS.includes(method) ? ['--probe-every', NEVER] : []), ...options];
}

/**
 * Trains and measures one cell, or takes it from its file. A run that was stopped with a checkpoint goes on. What was
 * trained at another rate is trained anew: seeds that were added later decide, too.
 */
async function measureCell(
  bench: Bench,
  cell: Kind & { readonly seed: number; readonly learningRate: number },
  part: Part,
  baseline: Baseline,
): Promise<MethodCell> {
  const { workspace, setting, command } = bench;
  const { method, budget, seed, learningRate } = cell;
  const folder = path.join(bench.folder, `${labelOf(cell)}-seed${seed}`);
  const file = path.join(folder, 'cell.json');
  if (existsSync(file)) {
    const measured = fromJsonText(readFileSync(file, 'utf8')) as MethodCell;
    if (measured.learningRate === learningRate) return measured;
  }
  const runPath = path.join(folder, 'run');
  const log = path.join(folder, 'log.txt');
  const isBegun = !existsSync(file) && isRunAt(runPath, learningRate);
  if (!isBegun) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const begin = [
    ...['finetune', workspace.folder, '--out', runPath, '--method', method],
    ...['--seed', String(seed), '--lr', String(learningRate)],
    ...(budget === null ? [] : ['--budget', String(budget)]),
    ...[...part.options, ...commonArguments(setting), ...methodArguments(cell)],
  ];
  await command(isBegun ? ['finetune', '--resume', '--out', runPath] : begin, log);
  const lines = await completedLines(bench, runPath, part, log);
  const solved = setting.passAtK ? await passAtK(runPath, path.join(folder, 'problems'), command) : null;
  const measured: MethodCell = {
    workspace: workspace.name,
    method: nameOf(cell),
    budget,
    seed,
    learningRate,
    ...readRun(runPath),
    lines: lines && baseline.lines && outcomes(baseline.lines, lines),
    passAtK:
      solved &&
      Object.fromEntries(
        Object.entries(solved).map(([k, after]) => [k, { before: baseline.passAtK?.[k] ?? null, after }]),
      ),
  };
  writeFileAtomically(file, `${toJsonText(measured)}\n`);
  // The model and the log are what a reader may want to look at; the optimizer's state has done its work.
  rmSync(runPaths(runPath).checkpoints, { recursive: true, force: true });
  return measured;
}

/** Whether a run lies there, finished or with a checkpoint, that was begun at this rate. */
function isRunAt(runPath: string, learningRate: number): boolean {
  const { description, model } = runPaths(runPath);
  if (!existsSync(description) || !(existsSync(model) || listCheckpoints(runPath).length > 0)) return false;
  const { options } = fromJsonText(readFileSync(description, 'utf8')) as {
    options: { training: { learningRate: number } };
  };
  return options.training.learningRate === learningRate;
}

/** What a finished run cost and gained, from its directory. */
function readRun(
  runPath: string,
): Pick<
  MethodCell,
  'files' | 'errorMap' | 'flops' | 'referenceFlops' | 'cpuMs' | 'wallMs' | 'peakMemoryBytes' | 'diskBytes'
> {
  const { events: log, evaluation } = runPaths(runPath);
  const { events } = readEvents(log);
  const last = <Type extends RunEvent['type']>(type: Type) =>
    events.findLast((event): event is Extract<RunEvent, { type: Type }> => event.type === type)!;
  const finished = last('finished');
  const step = last('step');
  const first = events.find((event) => event.type === 'evaluation');
  const side = (at: number) =>
    fromJsonText(readFileSync(path.join(evaluation, `step-${at}.json`), 'utf8')) as Evaluation;
  const after = new Map(side(finished.keptStep).files.map((file) => [file.path, file]));
  const { components, budget: cache } = last('started');
  const map = events.find((event) => event.type === 'errorMap');
  return {
    ...(map && { errorMap: { components, shares: map.shares } }),
    files: side(0).files.map((file) => ({
      path: file.path,
      tokens: file.tokens,
      natsBefore: file.totalNats,
      natsAfter: after.get(file.path)!.totalNats,
      rightBefore: file.right,
      rightAfter: after.get(file.path)!.right,
      places: file.places,
      restsBefore: file.exactRests,
      restsAfter: after.get(file.path)!.exactRests,
    })),
    flops: finished.flops,
    referenceFlops: finished.referenceFlops!,
    cpuMs: step.cpuMs! - (first?.cpuMs ?? 0),
    wallMs: step.elapsedMs - (first?.elapsedMs ?? 0),
    peakMemoryBytes: finished.memoryBytes!,
    diskBytes: folderBytes(runPath) + (cache?.cacheMedium === 'disk' ? cache.cacheBytes : 0),
  };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(path.join(entry.parentPath, entry.name)).size : 0),
    0,
  );
}

function outcomes(before: readonly LineResult[], after: readonly LineResult[]): LineOutcome[] {
  return before.map(({ path: file, expected, completion }, i) => ({
    path: file,
    exactBefore: completion === expected,
    exactAfter: after[i].completion === expected,
    similarityBefore: editSimilarity(completion, expected),
    similarityAfter: editSimilarity(after[i].completion, expected),
  }));
}

/** Files that decide about a rate: those that another seed holds out, or the next ones by their hash. */
interface TuningPart {
  /** Seed of the runs; the same for a pair of parts, whichever is tuned for. */
  readonly seed: number;
  /** Of the folder of these runs. */
  readonly name: string;
  readonly paths: ReadonlySet<string>;
}

/**
 * The rate of the lowest loss on files that are trained on later and not in these runs; the files that the table reports
 * on are no part of what is learnt or decided. With folds these are the parts of all other seeds, one at a time: a run that
 * leaves out the parts of two seeds decides for each of the two by the files of the other, so three seeds take three runs a
 * rate and have two parts each. While the best rate is the lowest or the highest that was tried, the next one is tried.
 */
async function tunedRate(bench: Bench, kind: Kind, seed: number): Promise<{ rate: number; isAtEdge: boolean }> {
  const { setting, config, seeds } = bench;
  const { files } = await readRepository([bench.workspace.folder]);
  const pathsOf = (from: number, share: number, among = files): ReadonlySet<string> =>
    new Set(splitFiles(among, { heldOutShare: share, heldOutFrom: from }).heldOut.map((file) => file.path));
  const { from } = partOf(seed, setting);
  const reported = pathsOf(from, setting.heldOut);
  const others = (setting.folds ? seeds : [])
    .map((other): TuningPart => {
      const pair = [seed, other].sort((a, b) => a - b);
      const paths = [...pathsOf(partOf(other, setting).from, setting.heldOut)];
      return {
        seed: pair[0],
        name: `seeds-${pair.join('-')}`,
        paths: new Set(paths.filter((file) => !reported.has(file))),
      };
    })
    .filter(({ paths }) => paths.size > 0);
  const rest = files.filter((file) => !reported.has(file.path));
  const next: TuningPart = {
    seed: setting.folds ? seed : seeds[0],
    name: setting.folds ? `seed-${seed}` : 'next',
    paths: pathsOf(Number(((from + setting.heldOut) % 1).toFixed(6)), TUNING_SHARE, rest),
  };
  const parts = others.length > 0 ? others : [next];

  const standard = defaultRate(kind, config);
  const tried: TriedRate[] = [];
  const measure = async (factor: number): Promise<void> => {
    const rate = factor * standard;
    let [nats, tokens] = [0, 0];
    for (const part of parts) {
      const left = new Set([...reported, ...part.paths]);
      // A pair's run decides for both of its parts.
      const decides = files.filter(({ path: file }) => (others.length > 0 ? left : part.paths).has(file));
      const learnt = files.filter((file) => !left.has(file.path));
      for (const file of await tuningLosses(bench, kind, { ...part, rate, learnt, decides })) {
        if (!part.paths.has(file.path)) continue;
        nats += file.lossNats * file.tokens;
        tokens += file.tokens;
      }
    }
    tried.push({ rate, loss: nats / tokens });
    tried.sort((a, b) => a.rate - b.rate);
  };
  const best = () => tried.reduce((lowest, other) => (other.loss < lowest.loss ? other : lowest));
  for (const factor of RATE_GRID) await measure(factor);
  let [low, high] = [RATE_GRID[0], RATE_GRID[RATE_GRID.length - 1]];
  for (let further = 0; further < FURTHER_RATES; further++) {
    if (best() === tried[0]) {
      low /= 2;
      await measure(low);
    } else if (best() === tried[tried.length - 1]) {
      high *= 2;
      await measure(high);
    }
  }
  return lowestRate(tried);
}

type TuningLoss = Pick<FilePerplexity, 'path' | 'tokens' | 'lossNats'>;

interface TuningRun extends Pick<TuningPart, 'seed' | 'name'> {
  readonly rate: number;
  readonly learnt: readonly { readonly path: string }[];
  readonly decides: readonly { readonly path: string }[];
}

/** Losses on some files of a model that has learnt from others, trained at one rate; kept in a folder of the kind. */
async function tuningLosses(
  bench: Bench,
  kind: Kind,
  { seed, name, rate, learnt, decides }: TuningRun,
): Promise<readonly TuningLoss[]> {
  const { setting, command } = bench;
  const code = bench.workspace.folder;
  const folder = path.join(bench.folder, `tuning-${labelOf(kind)}`, name);
  const file = path.join(folder, `${rate}.json`);
  if (existsSync(file)) return fromJsonText(readFileSync(file, 'utf8')) as TuningLoss[];
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`tuning ${labelOf(kind)}, ${name}: ${rate.toExponential(2)}, from ${learnt.length} files\n`);
  const [runPath, log] = [path.join(folder, 'run'), path.join(folder, 'log.txt')];
  rmSync(runPath, { recursive: true, force: true });
  await command(
    [
      ...['finetune', code, '--out', runPath, '--method', kind.method],
      ...['--seed', String(seed), '--lr', String(rate), '--held-out', '0'],
      ...(kind.budget === null ? [] : ['--budget', String(kind.budget)]),
      ...learnt.flatMap((source) => ['--include', `/${source.path.replace(/[*?[\]{}!\\]/g, '?')}`]),
      ...[...commonArguments(setting), ...methodArguments(kind)],
    ],
    log,
  );
  const paths = decides.map((source) => path.join(code, source.path));
  const report = (await command(['perplexity', ...paths, '--model', runPath], log)) as PerplexityReport;
  const losses = report.files
    .map(({ tokens, lossNats }, i) => ({ path: decides[i].path, tokens, lossNats }))
    .filter(({ tokens }) => tokens > 0);
  writeFileAtomically(file, `${toJsonText(losses)}\n`);
  rmSync(runPath, { recursive: true, force: true });
  return losses;
}

function describeSetting(setting: Setting, cells: readonly MethodCell[], atEdge: readonly string[]): string[] {
  const { epochs, maxSteps, seqLength, lines, tune, folds } = setting;
  const measured = [...new Set(cells.map(({ workspace }) => workspace))].map((workspace) => {
    const [first, ...others] = cells.filter((cell) => cell.workspace === workspace && cell.method === 'full');
    const parts = folds ? [first, ...others] : [first];
    const files = new Map(parts.flatMap((cell) => cell.files.map((file) => [file.path, file.tokens])));
    const tokens = [...files.values()].reduce((sum, count) => sum + count, 0);
    return `${workspace}: ${files.size} files, ${tokens} tokens, ${parts.reduce((sum, cell) => sum + (cell.lines?.length ?? 0), 0)} lines`;
  });
  return [
    `Model ${path.basename(setting.model)}, ${epochs} epochs${maxSteps === null ? '' : `, at most ${maxSteps} steps`}${seqLength === null ? '' : `, rows of ${seqLength} tokens`}; line completions: at most ${lines} of a workspace.`,
    `Held out${folds ? ', over all seeds, each of which holds out another part' : ''}: ${measured.join('; ')}.`,
    tune
      ? `Rates: for every method the lowest point of a parabola through the best of ${RATE_GRID.join(', ')} times its default, of up to ${FURTHER_RATES} more while the best was the lowest or the highest, and its two neighbours, chosen ${folds && new Set(cells.map(({ seed }) => seed)).size > 1 ? 'for each seed on the parts that the other seeds hold out, one at a time' : 'with one seed on a part of the training files'}, by runs that learnt neither from these files nor from those that are reported.`
      : 'Rates: every method at its documented default, none tuned here.',
    ...(atEdge.length > 0
      ? [`Still the lowest or the highest that was tried, and so perhaps better elsewhere: ${atEdge.join(', ')}.`]
      : []),
    'Gains kept are shares of full fine-tuning’s gain. Brackets hold the middle 95 % of 1000 bootstrap draws of seeds and held-out files, the same for all methods; with one seed they say nothing about the seed.',
    'Operations are counted on the graphs that ran, as a share of full fine-tuning; processor and wall time leave out loading and the evaluations at both ends; peak memory is that of the whole process.',
  ];
}

function resultText(rows: readonly MethodRow[], notes: readonly string[], out: string): string {
  return `${methodsTable(rows, notes)}\nTable: ${path.join(out, 'table.md')}\nPlots: ${path.join(out, 'pareto-operations.svg')}, ${path.join(out, 'pareto-cpu.svg')}\n`;
}
