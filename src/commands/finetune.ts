/** @file `rgft finetune <folder>`: the main job, from a terminal. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { builtInModel } from '../models/builtIn.ts';
import { LORA_TARGETS, type LoraTarget } from '../models/config.ts';
import { collectOften } from '../trainer/allocator.ts';
import { type FineTuneOptions, METHODS } from '../trainer/options.ts';
import { type FineTuneResult, fineTune, type Progress } from '../trainer/run.ts';
import { runPaths } from '../trainer/runDirectory.ts';
import { lockState } from '../trainer/runLock.ts';
import { writeReport } from './report.ts';
import { abortOnSignals, choiceOption, formatDuration, numberOption, ProgressLine, parseCommand } from './terminal.ts';

const HELP = `Usage: rgft finetune <folder…> [options]
       rgft finetune --resume --out <run>

Fine-tunes a code model on the folders and leaves a run directory with the model in <run>/model.

  --model <dir>             model folder (Hugging Face layout) or finished run; default: the embedded model
  --out <dir>               run directory; default: .rgft/runs/<date and time> in the first folder
  --resume                  go on with an interrupted run
  --method <name>           ${METHODS.join(' | ')}; default rgft
  --epochs <n>              passes over the training files; default 3
  --max-steps <n>           stop after so many optimizer steps
  --lr <rate>               peak learning rate; default depends on the size of the model
  --seq-length <tokens>     length of a training row; default 512
  --micro-batch <rows>      rows computed together; default 2, for rgft and last-k with a budget 1
  --grad-accumulation <n>   micro-batches of a step; default 1, or 2 where the default of --micro-batch is 1
  --optimizer <name>        adamw | sgd; default adamw
  --beta1, --beta2 <x>      AdamW's memory of gradients and of their squares; default 0.8 and 0.99
  --weight-decay <x>        default 0.01
  --clip-norm <x>           largest gradient norm; default 1
  --interpolation <share>   end so far on the straight way from the model's weights to the trained ones; default 0.85
                            for rgft with a budget, else 1; a run that --patience stops keeps its best weights as they are
  --decay <shape>           cosine | linear | constant; default cosine, linear with a budget
  --warmup <share>          share of the steps; default 0.05, with a budget 0.02
  --fim-rate <share>        fill-in-the-middle examples, for models that know them; default 0.5
  --held-out <share>        share of the files that is only evaluated on; default 0.1
  --held-out-from <0…1>     hold out others: those whose paths hash to this and the share above; default 0
  --include, --exclude <glob>  which files; may be repeated
  --seed <n>                default 0

  --fault-weight <x>        fait: loss weight of tokens in which right and wrong variants differ; default 2
  --lora-rank <n>           lora, rgft-lora: default 16
  --lora-alpha <x>          the adapters' output is multiplied by this over the rank; default 32
  --lora-targets <list>     products with an adapter: ${LORA_TARGETS.join(',')}; default all

  Budget (methods rgft, lora, rgft-lora, full-short, last-k and random-k; evaluations are not counted):
  --budget <0…1>            what may be executed, as a share of full fine-tuning over the same epochs
  --warm-start <share>      rgft: steps that train everything first; default 0
  --suffix-rate <x>         rate of the chosen part, as a multiple of --lr; default 2.5; rgft: that of the last MLP,
                            3, of which a suffix of n times its weights takes 1/sqrt(n)
  --head-rate <x>           rate of the LM head's rows of a step's targets; 0 freezes the head; default 1
  --head-columns <n>        ids whose logits pass their gradients on one by one, the others together; 0 for all;
                            default 512 for rgft, else 0
  --head-vocabulary <what>  logits of later passes: folder (one for each id that is a target in the folder, one for all
                            others together) | all; default folder for rgft, else all
  --skip-share <share>      rows of lowest loss that later passes leave out; default 0
  --target-skip <share>     targets that later passes leave out, mostly easy ones; default 0.3 for rgft, else 0
  --target-draw <how>       which of them stay: by loss, or uniform (a control); default loss
  --selection <how>         rgft: suffix | components; default suffix
  --score-temper <x>        rgft: exponent on the error shares before components are compared; default 0.2
  --cache <where>           output of the frozen layers: auto | memory | disk | off; default auto
  --cache-memory <MiB>      default a quarter of the memory, at most 4 GB
  --cache-disk <MiB>        default 16 GB, at most half of what is free
  --redraw <on|off>         random-k: draw anew at each measurement; default on

  Error map and steering (methods rgft, rgft-b and rgft-lora):
  --alpha <0…1>             rate of a component without error, as a share of the rate; default 1 (rates not steered)
  --tau <x>                 update components whose share of the error is above x times the mean; default 0.1
  --literal                 the proposals' literal form: unscaled rates, absolute tau
  --temper <x>              exponent on the shares before they steer rates; default 1
  --normalise <how>         none | parameters; default none
  --ema <0…1>               memory of the error map; default 0.5
  --probe-every <steps>     measure the map every so many steps; default a tenth of the run
  --probe-rows <rows>       rows of one measurement; default 8, fewer (two at least) where all of them would take more than
                            a twentieth of the rows that are trained on; a hundredth with a budget

  --evaluate-every <steps>  default a tenth of the run
  --patience <n>            stop after n evaluations without improvement; default 0 (never)
  --checkpoint-every <steps>  default as evaluate-every
  --device <name>           cpu | webgpu | cuda | dml; default cpu
  --threads <n>             default the number of cores, at most 8
  --activations <how>       save | recompute; default save
  --frozen-products <how>   float32 | int8 (products of frozen layers in 8 bits, on the CPU);
                            default float32
  --json                    the result as JSON on stdout
`;

export async function finetuneCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const parsed = parseCommand(
    args,
    {
      model: text,
      out: text,
      resume: { type: 'boolean' },
      method: text,
      epochs: text,
      'max-steps': text,
      lr: text,
      'seq-length': text,
      'micro-batch': text,
      'grad-accumulation': text,
      optimizer: text,
      beta1: text,
      beta2: text,
      'weight-decay': text,
      'clip-norm': text,
      decay: text,
      warmup: text,
      'fim-rate': text,
      'held-out': text,
      'held-out-from': text,
      include: { type: 'string', multiple: true },
      exclude: { type: 'string', multiple: true },
      seed: text,
      alpha: text,
      tau: text,
      literal: { type: 'boolean' },
      temper: text,
      normalise: text,
      ema: text,
      'probe-every': text,
      'probe-rows': text,
      budget: text,
      'warm-start': text,
      'suffix-rate': text,
      'head-rate': text,
      interpolation: text,
      'skip-share': text,
      'target-skip': text,
      'head-columns': text,
      'head-vocabulary': text,
      'target-draw': text,
      selection: text,
      'score-temper': text,
      cache: text,
      'cache-memory': text,
      'cache-disk': text,
      redraw: text,
      'fault-weight': text,
      'lora-rank': text,
      'lora-alpha': text,
      'lora-targets': text,
      'evaluate-every': text,
      patience: text,
      'checkpoint-every': text,
      device: text,
      threads: text,
      activations: text,
      'frozen-products': text,
    },
    HELP,
  );
  if (!parsed) return;
  const { values, positionals } = parsed;
  const number = (name: keyof typeof values & string) => numberOption(name, values[name] as string | undefined);
  if (values.resume ? positionals.length > 0 || values.out === undefined : positionals.length === 0) {
    throw new FineTuneError('USAGE', 'Give a folder with code, or --resume --out <run>. See rgft finetune --help.');
  }
  const leftOver = Object.keys(values).filter((name) => !['resume', 'out', 'json'].includes(name));
  if (values.resume && leftOver.length > 0) {
    throw new FineTuneError(
      'USAGE',
      `A resumed run goes on with the model and the options it began with; leave out --${leftOver.join(', --')}.`,
      { options: leftOver },
    );
  }
  const mebibytes = (name: 'cache-memory' | 'cache-disk') => {
    const given = number(name);
    return given === undefined ? undefined : given * 2 ** 20;
  };
  const redraw = choiceOption('redraw', values.redraw, ['on', 'off']);
  const options: Partial<FineTuneOptions> = {
    method: choiceOption('method', values.method, METHODS),
    epochs: number('epochs'),
    maxSteps: number('max-steps'),
    learningRate: number('lr'),
    seqLength: number('seq-length'),
    microBatch: number('micro-batch'),
    gradAccumulation: number('grad-accumulation'),
    optimizer: choiceOption('optimizer', values.optimizer, ['adamw', 'sgd']),
    beta1: number('beta1'),
    beta2: number('beta2'),
    weightDecay: number('weight-decay'),
    clipNorm: number('clip-norm'),
    decay: choiceOption('decay', values.decay, ['cosine', 'linear', 'constant']),
    warmup: number('warmup'),
    fimRate: number('fim-rate'),
    heldOutShare: number('held-out'),
    heldOutFrom: number('held-out-from'),
    seed: number('seed'),
    alpha: number('alpha'),
    tau: number('tau'),
    literal: values.literal,
    temper: number('temper'),
    normalise: choiceOption('normalise', values.normalise, ['none', 'parameters']),
    ema: number('ema'),
    probeEvery: number('probe-every'),
    probeRows: number('probe-rows'),
    budget: number('budget'),
    warmStart: number('warm-start'),
    suffixRate: number('suffix-rate'),
    headRate: number('head-rate'),
    interpolation: number('interpolation'),
    skipShare: number('skip-share'),
    targetSkipShare: number('target-skip'),
    headColumns: number('head-columns'),
    headVocabulary: choiceOption('head-vocabulary', values['head-vocabulary'], ['folder', 'all']),
    targetDraw: choiceOption('target-draw', values['target-draw'], ['loss', 'uniform']),
    selection: choiceOption('selection', values.selection, ['suffix', 'components']),
    scoreTemper: number('score-temper'),
    cache: choiceOption('cache', values.cache, ['auto', 'memory', 'disk', 'off']),
    cacheMemoryBytes: mebibytes('cache-memory'),
    cacheDiskBytes: mebibytes('cache-disk'),
    redraw: redraw === undefined ? undefined : redraw === 'on',
    faultWeight: number('fault-weight'),
    loraRank: number('lora-rank'),
    loraAlpha: number('lora-alpha'),
    loraTargets: values['lora-targets']?.split(',') as readonly LoraTarget[] | undefined,
    evaluateEvery: number('evaluate-every'),
    patience: number('patience'),
    checkpointEvery: number('checkpoint-every'),
    device: choiceOption('device', values.device, ['cpu', 'webgpu', 'cuda', 'dml']),
    threads: number('threads'),
    activations: choiceOption('activations', values.activations, ['save', 'recompute']),
    frozenProducts: choiceOption('frozen-products', values['frozen-products'], ['float32', 'int8']),
  };

  collectOften();
  const runPath = path.resolve(values.out ?? defaultRunPath(positionals[0]));
  const progress = new ProgressLine();
  const result = await fineTune({
    folders: positionals,
    model: values.resume ? '' : (values.model ?? builtInModel()),
    runPath,
    resume: values.resume,
    options,
    repository: { include: values.include, exclude: values.exclude },
    signal: AbortSignal.any([abortOnSignals(), stopRequested(runPath)]),
    onProgress: (now) => progress.show(progressText(now)),
    onEvent: (event) => {
      if (event.type === 'started' && values.out === undefined) hideFromGit(path.join(runPath, '..', '..'));
      if (event.type === 'estimate') {
        const size = (bytes: number) =>
          bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
        progress.end();
        process.stderr.write(
          `About ${formatDuration(event.durationMs)}, at most ${size(event.peakMemoryBytes)} of memory and ${size(event.diskBytes)} of disk.\n`,
        );
      }
      if (event.type === 'warning') {
        progress.end();
        process.stderr.write(`${event.code}: ${event.message}\n`);
      }
    },
  }).finally(() => progress.end());
  // The model is what the hours went into; a report that cannot be written does not make the run a failure.
  const report = await writeReport(result.runPath).catch((error: unknown) => {
    process.stderr.write(`No report: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  process.stdout.write(values.json ? `${JSON.stringify(jsonResult(result, report))}\n` : resultText(result, report));
}

/** Time between two looks for a request to stop. */
const STOP_POLL_MS = 500;

/**
 * Aborts when somebody puts a file named `stop` into the run directory, and removes it. The editor asks this way: there
 * is no gentle signal on Windows, and a run may have been started by a window that is gone.
 */
function stopRequested(runPath: string): AbortSignal {
  const controller = new AbortController();
  const { stop } = runPaths(runPath);
  // Until the run is ours, another process may be the one that is asked.
  const isAsked = () => {
    if (!existsSync(stop)) return false;
    const lock = lockState(runPath);
    return lock.state !== 'live' || lock.owner?.pid === process.pid;
  };
  // One that came too late for the process it was meant for.
  if (isAsked()) removeRequest(stop);
  const timer = setInterval(() => {
    if (!isAsked()) return;
    clearInterval(timer);
    controller.abort('stop requested');
    removeRequest(stop);
  }, STOP_POLL_MS);
  timer.unref();
  return controller.signal;
}

/** One that stays, because the folder may not be written any more, is removed by the process that resumes the run. */
function removeRequest(stop: string): void {
  try {
    rmSync(stop, { force: true });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Runs are large and no code: neither git nor the next run is to take them for a part of the folder. */
function hideFromGit(folder: string): void {
  const file = path.join(folder, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

/** `.rgft/runs/2026-01-31T12-00-00` in the folder; another number behind it when two start in one second. */
function defaultRunPath(folder: string): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const base = path.join(path.resolve(folder), '.rgft', 'runs', stamp);
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? base : `${base}-${i}`;
    if (!existsSync(candidate)) return candidate;
  }
}

function progressText({ phase, step, totalSteps, loss, tokensPerSecond, remainingMs }: Progress): string {
  const at = totalSteps > 0 ? `step ${step}/${totalSteps} (${Math.floor((100 * step) / totalSteps)} %)` : '';
  if (phase !== 'training') return `${phase} ${at}`.trim();
  return `${at}  loss ${loss!.toFixed(4)}  ${tokensPerSecond!.toFixed(0)} tokens/s  ${formatDuration(remainingMs!)} left`;
}

function jsonResult(result: FineTuneResult, report: string | undefined): Record<string, unknown> {
  const { before, after, ...rest } = result;
  const side = ({ loss, accuracy, tokens }: FineTuneResult['before']) => ({ loss, accuracy, tokens });
  return { ...rest, report, before: side(before), after: side(after) };
}

function resultText(result: FineTuneResult, report: string | undefined): string {
  const { before, after, steps, keptStep, elapsedMs, modelFolder, reason, flops, referenceFlops } = result;
  const change = (100 * (after.loss - before.loss)) / before.loss;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const heldOut =
    before.tokens === 0
      ? 'No file was held out, so nothing could be measured.'
      : `Held-out loss ${before.loss.toFixed(4)} -> ${after.loss.toFixed(4)} nats per token (${change.toFixed(1)} %), accuracy ${percent(before.accuracy)} -> ${percent(after.accuracy)}, on ${before.tokens} tokens of ${before.files.length} files.`;
  return [
    heldOut,
    `${steps} steps in ${formatDuration(elapsedMs)}${reason === 'stoppedEarly' ? ', stopped early' : ''}${referenceFlops === null ? '' : `, ${percent(flops / referenceFlops)} of the operations of full fine-tuning`}.${keptStep < steps ? ` The model is that of step ${keptStep}, the best on held-out files.` : ''}`,
    `Model:  ${modelFolder}`,
    ...(report ? [`Report: ${report}`] : []),
    '',
  ].join('\n');
}
