/** @file `rgft bench budget`: what a budget buys of a larger model, and what it takes in time. */
import os from 'node:os';
import { benchBudget } from '../bench/budget.ts';
import { configOfShape, MODEL_SHAPES } from '../bench/shape.ts';
import { choiceOption, MAX_THREADS, numberOption, parseCommand, wholeOption } from './terminal.ts';

const HELP = `Usage: rgft bench budget [options]

Plans a run with a budget for a model of a known shape, as rgft finetune does, times its kinds of steps and full steps in
one process, and says which layers are trained and what share of the operations and of the time of full fine-tuning over
the same passes the run takes. Weights and rows are random: nothing is learnt.

  --shape <name>         ${MODEL_SHAPES.join(' | ')}; default ${MODEL_SHAPES[0]}
  --budget <0…1>         default 0.3
  --rows <n>             rows that the folder has; default 200
  --length <tokens>      of a row; default 512
  --ids <n>              different tokens in the folder; default 6000
  --repeats <n>          of each kind of step; default 3
  --threads <n>          default the number of cores, at most 8
  --json
`;

export async function benchBudgetCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { shape: text, budget: text, rows: text, length: text, ids: text, repeats: text, threads: text };
  const parsed = parseCommand(args, options, HELP);
  if (!parsed) return;
  const { values } = parsed;
  const length = wholeOption('length', values.length, 16) ?? 512;
  const shape = choiceOption('shape', values.shape, MODEL_SHAPES) ?? MODEL_SHAPES[0];
  const config = configOfShape(shape, length);
  const result = await benchBudget(config, {
    budget: numberOption('budget', values.budget) ?? 0.3,
    rows: wholeOption('rows', values.rows, 2) ?? 200,
    length,
    ids: wholeOption('ids', values.ids, 2, config.vocabSize) ?? 6000,
    repeats: wholeOption('repeats', values.repeats, 1) ?? 3,
    threads: wholeOption('threads', values.threads, 1, MAX_THREADS) ?? Math.min(os.availableParallelism(), 8),
    report: (line) => process.stderr.write(`${line}\n`),
  });
  if (values.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const ms = (time: number) => `${time.toFixed(0)} ms`;
  const { trainedLayers, numLayers, boundary, steps, fullSteps, idsOfPart, vocabSize } = result;
  process.stdout.write(
    `${[
      `trained     ${trainedLayers} of ${numLayers} layers (from ${boundary}), ${steps} steps (full: ${fullSteps})`,
      `later head  ${idsOfPart} of ${vocabSize} ids`,
      `operations  ${percent(result.operationsShare)} of full fine-tuning`,
      `time        ${percent(result.timeShare)}, from medians: full step ${ms(result.fullStepMs)}, step of the first pass ${ms(result.firstPassStepMs)}, later ${ms(result.laterStepMs)}, prefix of a row ${ms(result.prefixRowMs)}`,
    ].join('\n')}\n`,
  );
}
