/**
 * @file `rgft bench generate`: text generation against `@huggingface/transformers` (transformers.js), which runs on the
 * same ONNX Runtime. The same random weights, greedy, float32, the same number of threads (ONNX Runtime's choice, or
 * `--threads` for both); the two take turns, so that whatever else the machine does meets both.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeOnnxPeer } from '../bench/onnxPeer.ts';
import { configOfShape, median, randomParameters } from '../bench/shape.ts';
import { openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { Generator } from '../models/generate.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { createRandom, nextBelow } from '../random.ts';
import { numberOption, parseCommand } from './terminal.ts';

const HELP = `Usage: rgft bench generate [options]

tokens per second with the SmolLM2-135M shape (random weights), prompt included, against transformers.js; one sample
alone also with a tiled copy of the weights, as the editor's completions use it

  --pairs <n>        interleaved pairs; default 5
  --batches <list>   samples that decode together; default 1,16
  --prompt <tokens>  default 128
  --tokens <n>       new tokens; default 128
  --threads <n>      of both; default ONNX Runtime's choice
  --layers <n>       default 30
  --no-peer          without transformers.js
  --json
`;

/** Medians over the pairs. */
export interface GenerationSpeed {
  /** New tokens of all samples over the time of the whole request. */
  readonly tokensPerSecond: number;
  /** From the request to the first token. */
  readonly firstTokenMs: number;
  /** New tokens over the time after the first one. */
  readonly decodeTokensPerSecond: number;
}

export interface GenerationBenchResult {
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly batches: readonly {
    readonly batch: number;
    /** With the generator's `tiledCopy`. */
    readonly tiledCopy: boolean;
    readonly ours: GenerationSpeed;
    readonly peer?: GenerationSpeed;
    /** Ours over theirs, each pair's. */
    readonly ratios?: readonly number[];
    readonly ratio?: number;
    readonly decodeRatio?: number;
    /** New tokens until the two differ; `newTokens` when they never do. */
    readonly equalTokens?: number;
  }[];
}

/** Times of one request, ms since its start. */
interface Timing {
  readonly first: number;
  readonly total: number;
  /** Tokens of the first sample. */
  readonly ids: readonly number[];
}

type Contender = (prompt: readonly number[], batch: number, tokens: number) => Promise<Timing>;

export async function benchGenerateCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { pairs: text, batches: text, prompt: text, tokens: text, threads: text, layers: text } as const;
  const parsed = parseCommand(args, { ...options, 'no-peer': { type: 'boolean' } }, HELP);
  if (!parsed) return;
  const { values } = parsed;
  const result = await benchGenerate({
    pairs: numberOption('pairs', values.pairs) ?? 5,
    batches: (values.batches ?? '1,16').split(',').map(Number),
    promptTokens: numberOption('prompt', values.prompt) ?? 128,
    newTokens: numberOption('tokens', values.tokens) ?? 128,
    threads: numberOption('threads', values.threads),
    numLayers: numberOption('layers', values.layers) ?? 30,
    peer: !values['no-peer'],
    report: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : render(result));
}

export interface GenerationBenchOptions {
  readonly pairs: number;
  readonly batches: readonly number[];
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly threads: number | undefined;
  readonly numLayers: number;
  readonly peer: boolean;
  readonly report: (line: string) => void;
}

export async function benchGenerate(options: GenerationBenchOptions): Promise<GenerationBenchResult> {
  const { pairs, promptTokens, newTokens, report } = options;
  const config = configOfShape('smollm2-135m', promptTokens + newTokens, options.numLayers);
  const store = randomParameters(config, false);
  const random = createRandom(0, 'bench generate');
  const prompt = Array.from({ length: promptTokens }, () => nextBelow(random, config.vocabSize));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rgft-bench-'));
  try {
    const engine = await openEngine({ threads: options.threads });
    const generator = new Generator(engine, config, store, WITHOUT_TEXT);
    const tiled = new Generator(engine, config, store, WITHOUT_TEXT, { tiledCopy: true });
    let peer: Contender | undefined;
    if (options.peer) {
      report('writing the model for transformers.js');
      writeOnnxPeer(path.join(folder, 'peer'), config, store);
      peer = await loadPeer(folder, options.threads);
    }
    const batches: GenerationBenchResult['batches'][number][] = [];
    const variants = options.batches.flatMap((batch) =>
      batch === 1
        ? [
            { batch, tiledCopy: false },
            { batch, tiledCopy: true },
          ]
        : [{ batch, tiledCopy: false }],
    );
    for (const { batch, tiledCopy } of variants) {
      const ours: Contender = (...work) => timeOurs(tiledCopy ? tiled : generator, ...work);
      await ours(prompt, batch, newTokens); // compiles every capacity
      await peer?.(prompt, batch, 8);
      const timings = { ours: [] as Timing[], peer: [] as Timing[] };
      for (let pair = 0; pair < pairs; pair++) {
        const turns = [
          async () => timings.ours.push(await ours(prompt, batch, newTokens)),
          async () => peer && timings.peer.push(await peer(prompt, batch, newTokens)),
        ];
        for (const turn of pair % 2 === 0 ? turns : turns.reverse()) await turn();
        const seconds = (list: readonly Timing[]) => ((list.at(-1)?.total ?? 0) / 1000).toFixed(2);
        report(
          `batch ${batch}${tiledCopy ? ' tiled' : ''}, pair ${pair + 1}: ours ${seconds(timings.ours)} s, peer ${seconds(timings.peer)} s`,
        );
      }
      batches.push({ batch, tiledCopy, ...summarise(batch, newTokens, timings.ours, timings.peer) });
    }
    await Promise.all([generator.release(), tiled.release()]);
    return { promptTokens, newTokens, batches };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Neither contender makes text of its tokens. */
const WITHOUT_TEXT: Tokenizer = {
  vocabSize: 49152,
  special: { all: [] },
  addsBos: false,
  encode: () => [],
  decode: () => '',
};

async function timeOurs(
  generator: Generator,
  prompt: readonly number[],
  batch: number,
  maxTokens: number,
): Promise<Timing> {
  const started = performance.now();
  let first = 0;
  const { samples } = await generator.generate({
    prompt,
    maxTokens,
    numSamples: batch,
    batchSize: batch,
    onToken: () => {
      first ||= performance.now() - started;
    },
  });
  return { first, total: performance.now() - started, ids: samples[0].ids };
}

async function loadPeer(folder: string, threads: number | undefined): Promise<Contender> {
  const name: string = '@huggingface/transformers'; // not a literal, so that the bundle does not hold it
  let library: typeof import('@huggingface/transformers');
  try {
    library = (await import(name)) as typeof library;
  } catch (error) {
    throw new FineTuneError(
      'USAGE',
      `${name} is not installed. Run this in a checkout of the project, or with --no-peer.`,
      {},
      { cause: error },
    );
  }
  const { AutoModelForCausalLM, StoppingCriteria, Tensor, env } = library;
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  const model = await AutoModelForCausalLM.from_pretrained('peer', {
    dtype: 'fp32',
    device: 'cpu',
    ...(threads && { session_options: { intraOpNumThreads: threads } }),
  });
  return async (prompt, batch, tokens) => {
    const shape = [batch, prompt.length];
    const ids = BigInt64Array.from({ length: batch * prompt.length }, (_, i) => BigInt(prompt[i % prompt.length]));
    const started = performance.now();
    let first = 0;
    /** Never stops; it is asked after each token. */
    class Clock extends StoppingCriteria {
      override _call(inputIds: number[][]): boolean[] {
        first ||= performance.now() - started;
        return inputIds.map(() => false);
      }
    }
    const output = (await model.generate({
      inputs: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
      max_new_tokens: tokens,
      do_sample: false,
      stopping_criteria: new Clock(),
      // biome-ignore lint/suspicious/noExplicitAny: the library's types ask for every generation option
    } as any)) as InstanceType<typeof Tensor>;
    const total = performance.now() - started;
    const [, length] = output.dims;
    const row = Array.from((output.data as BigInt64Array).subarray(prompt.length, length), Number);
    return { first, total, ids: row };
  };
}

function summarise(
  batch: number,
  newTokens: number,
  ours: readonly Timing[],
  peer: readonly Timing[],
): Omit<GenerationBenchResult['batches'][number], 'batch' | 'tiledCopy'> {
  const decodeSpeed = ({ first, total }: Timing) => (batch * (newTokens - 1) * 1000) / (total - first);
  const speed = (timings: readonly Timing[]): GenerationSpeed => ({
    tokensPerSecond: median(timings.map(({ total }) => (batch * newTokens * 1000) / total)),
    firstTokenMs: median(timings.map(({ first }) => first)),
    decodeTokensPerSecond: median(timings.map(decodeSpeed)),
  });
  if (peer.length === 0) return { ours: speed(ours) };
  const ratios = ours.map(({ total }, i) => peer[i].total / total);
  const differs = ours[0].ids.findIndex((id, i) => id !== peer[0].ids[i]);
  return {
    ours: speed(ours),
    peer: speed(peer),
    ratios,
    ratio: median(ratios),
    decodeRatio: median(ours.map((timing, i) => decodeSpeed(timing) / decodeSpeed(peer[i]))),
    equalTokens: differs < 0 ? newTokens : differs,
  };
}

function render({ promptTokens, newTokens, batches }: GenerationBenchResult): string {
  const line = (name: string, { tokensPerSecond, firstTokenMs, decodeTokensPerSecond }: GenerationSpeed) =>
    `  ${name.padEnd(16)}${tokensPerSecond.toFixed(1).padStart(8)} tokens/s   first token after ${firstTokenMs.toFixed(0)} ms, then ${decodeTokensPerSecond.toFixed(1)} tokens/s\n`;
  let text = `prompt ${promptTokens} tokens, ${newTokens} new tokens, greedy, float32\n`;
  for (const { batch, tiledCopy, ours, peer, ratio, ratios, decodeRatio, equalTokens } of batches) {
    text += `batch ${batch}${tiledCopy ? ', tiled copy of the weights' : ''}\n${line('ours', ours)}`;
    if (!peer || !ratios) continue;
    const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
    text += line('transformers.js', peer);
    text += `  ratio ${ratio!.toFixed(2)} x (pairs ${range}), after the first token ${decodeRatio!.toFixed(2)} x; the first ${equalTokens} tokens are equal\n`;
  }
  return text;
}
