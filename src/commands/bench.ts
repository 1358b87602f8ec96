/** @file `rgft bench <what>`: measurements on this machine, each against a peer in the same run. */
import os from 'node:os';
import { benchEngine } from '../bench/engine.ts';
import { FineTuneError } from '../errors.ts';
import { benchBudgetCommand } from './benchBudget.ts';
import { benchGenerateCommand } from './benchGenerate.ts';
import { benchMethodsCommand } from './benchMethods.ts';
import { choiceOption, numberOption, parseCommand } from './terminal.ts';

const HELP = `Usage: rgft bench engine [options]
       rgft bench budget [options]       (see rgft bench budget --help)
       rgft bench generate [options]     (see rgft bench generate --help)
       rgft bench methods [folder…] [options]     (see rgft bench methods --help)

engine     a training step of the SmolLM2-135M shape against PyTorch (python3-torch), speed and peak memory
budget     what a budget buys of a larger model, in layers, operations and time
generate   text generation at the same shape against transformers.js
methods    the methods of fine-tuning against each other: quality kept against compute

  --pairs <n>            interleaved pairs of steps; default 9
  --threads <n>          default the number of cores, at most 8
  --batch <rows>         default 4
  --length <tokens>      default 256
  --activations <how>    save | recompute; default save
  --no-peer              without PyTorch
  --json
`;

export async function benchCommand(args: string[]): Promise<void> {
  const [what, ...rest] = args;
  if (what === 'budget') return await benchBudgetCommand(rest);
  if (what === 'generate') return await benchGenerateCommand(rest);
  if (what === 'methods') return await benchMethodsCommand(rest);
  const text = { type: 'string' } as const;
  const options = { pairs: text, threads: text, batch: text, length: text, activations: text } as const;
  const parsed = parseCommand(what === 'engine' ? rest : args, { ...options, 'no-peer': { type: 'boolean' } }, HELP);
  if (!parsed) return;
  if (what !== 'engine') {
    throw new FineTuneError(
      'USAGE',
      `There is no benchmark "${what ?? ''}". Choose engine, budget, generate or methods.`,
    );
  }
  const { values } = parsed;
  const result = await benchEngine({
    pairs: numberOption('pairs', values.pairs) ?? 9,
    threads: numberOption('threads', values.threads) ?? Math.min(os.availableParallelism(), 8),
    batch: numberOption('batch', values.batch) ?? 4,
    length: numberOption('length', values.length) ?? 256,
    activations: choiceOption('activations', values.activations, ['save', 'recompute']) ?? 'save',
    peer: !values['no-peer'],
    report: (line) => process.stderr.write(`${line}\n`),
  });
  if (values.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { peer } = result;
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const lines = [
    `full step            ${result.fullTokensPerSecond.toFixed(0)} tokens/s, ${result.gigaflopsPerSecond.toFixed(0)} GFLOP/s, peak memory ${gib(result.peakBytes)}, no-copy mode ${result.noCopy ? 'on' : 'off'}`,
    `input gradients only ${result.inputGradientTokensPerSecond.toFixed(0)} tokens/s, ${result.inputGradientRatio.toFixed(2)} x a full step`,
    `  frozen in 8 bits   ${result.int8Ratio.toFixed(2)} x a full step`,
  ];
  if (peer) {
    const range = `${Math.min(...peer.speedRatios).toFixed(2)}-${Math.max(...peer.speedRatios).toFixed(2)}`;
    lines.push(
      `PyTorch ${peer.version}       ${peer.tokensPerSecond.toFixed(0)} tokens/s, peak memory ${gib(peer.peakBytes)}`,
      `ratio                speed ${peer.speedRatio.toFixed(2)} x (pairs ${range}), memory ${peer.memoryRatio.toFixed(2)} x`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
