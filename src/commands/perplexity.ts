/** @file `rgft perplexity`: mean negative log-likelihood of files under a model, exactly as stated in the help. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { packExamples } from '../data/batches.ts';
import type { Example } from '../data/examples.ts';
import { openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { builtInModel } from '../models/builtIn.ts';
import { Decoder } from '../models/decoder.ts';
import { type LoadedModel, loadModel } from '../models/load.ts';
import { evaluate } from '../trainer/evaluate.ts';
import { availableMemory } from '../trainer/preflight.ts';
import { requireFiniteWeights } from '../trainer/trainingState.ts';
import { choiceOption, MAX_THREADS, numberOption, parseCommand, wholeOption } from './terminal.ts';

const HELP = `Usage: rgft perplexity <files…> [options]

Loss of a model on each file, in nats per target token. A file is taken on its own and byte for byte; no special token
is added unless the tokenizer's configuration adds one. Targets are the tokens from the second one on, in windows (each
begins with the last token of the one before).

  --model <dir|run>   default: the embedded model
  --window <tokens>   default: the model's maximum length, at most 4096; memory grows with the square
  --device <name>     cpu | webgpu | cuda | dml; default cpu
  --threads <n>
  --json              { files: [{ path, bytes, tokens, lossNats, bitsPerByte }], tokens, lossNats, bitsPerByte }
`;

/** Default for models with a longer maximum, whose attention masks alone would take gigabytes. */
const MAX_DEFAULT_WINDOW = 4096;

export interface FilePerplexity {
  readonly path: string;
  readonly bytes: number;
  /** Targets. */
  readonly tokens: number;
  /** Mean over targets. */
  readonly lossNats: number;
  /** Sum over targets in bits, over all bytes of the file. */
  readonly bitsPerByte: number;
}

export interface PerplexityReport {
  readonly files: readonly FilePerplexity[];
  readonly tokens: number;
  readonly lossNats: number;
  readonly bitsPerByte: number;
}

export async function perplexityCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const parsed = parseCommand(args, { model: text, window: text, device: text, threads: text }, HELP);
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new FineTuneError('USAGE', 'Give one file or more. See rgft perplexity --help.');
  const threads = wholeOption('threads', values.threads, 1, MAX_THREADS);
  const window = numberOption('window', values.window);
  const files = positionals.map((path) => ({ path, bytes: readSource(path) }));
  const engine = await openEngine({
    device: choiceOption('device', values.device, ['cpu', 'webgpu', 'cuda', 'dml']),
    threads,
  });
  const model = await loadModel(values.model ?? builtInModel());
  requireFiniteWeights(model.store, model.folder);
  const decoder = new Decoder(engine, model.config, model.store);
  const report = await perplexity(decoder, model, files, window);
  if (values.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const line = (name: string, { tokens, lossNats, bitsPerByte }: Omit<PerplexityReport, 'files'>) =>
    `${lossNats.toFixed(4)} nats/token  ${bitsPerByte.toFixed(4)} bits/byte  ${String(tokens).padStart(8)} tokens  ${name}\n`;
  for (const file of report.files) process.stdout.write(line(file.path, file));
  if (report.files.length > 1) process.stdout.write(line('total', report));
}

/**
 * Loss of each file.
 *
 * @param window longest row, tokens. @default the model's maximum length, at most 4096
 * @throws USAGE for a window below 2 or beyond the model's length; OUT_OF_MEMORY for one whose mask does not fit
 */
export async function perplexity(
  decoder: Decoder,
  model: Pick<LoadedModel, 'config' | 'tokenizer'>,
  files: readonly { readonly path: string; readonly bytes: Buffer }[],
  window = Math.min(model.config.maxPositionEmbeddings, MAX_DEFAULT_WINDOW),
): Promise<PerplexityReport> {
  const { config, tokenizer } = model;
  if (!(Number.isInteger(window) && window >= 2 && window <= config.maxPositionEmbeddings)) {
    throw new FineTuneError(
      'USAGE',
      `--window is ${window}, expected a whole number from 2 to ${config.maxPositionEmbeddings}, the model's maximum length.`,
    );
  }
  // A file may be given twice; its place tells it apart.
  const examples: Example[] = files.flatMap(({ bytes }, index) => {
    const ids = tokenizer.encode(bytes.toString('utf8'));
    if (tokenizer.addsBos && tokenizer.special.bos !== undefined) ids.unshift(tokenizer.special.bos);
    const windows: Example[] = [];
    for (let start = 0; start + 1 < ids.length; start += window - 1) {
      const tokens = Int32Array.from(ids.slice(start, start + window));
      windows.push({ path: String(index), firstLine: 1, kind: 'causal', tokens, firstTarget: 1 });
    }
    return windows;
  });
  // Short files do not pay for the model's whole length.
  const longest = examples.reduce((length, { tokens }) => Math.max(length, tokens.length), 2);
  // The mask of a row alone is a square of numbers; a typed array that the system refuses says only that its length is invalid.
  const maskBytes = 4 * longest ** 2;
  const free = availableMemory();
  if (maskBytes > free) {
    throw new FineTuneError(
      'OUT_OF_MEMORY',
      `A window of ${longest} tokens needs ${(maskBytes / 2 ** 30).toFixed(1)} GiB for its mask alone; ${(free / 2 ** 30).toFixed(1)} GiB are free. Lower --window.`,
      { longest, maskBytes, free },
    );
  }
  const rows = packExamples(examples, longest, 0);
  const { files: losses } = await evaluate(
    decoder,
    { examples, rows, lineEnds: new Set() },
    Math.max(1, Math.floor(2048 / longest)),
  );
  const lossOf = new Map(losses.map((file) => [file.path, file]));
  const perFile = files.map(({ path, bytes }, index) => {
    const { tokens, totalNats } = lossOf.get(String(index)) ?? { tokens: 0, totalNats: 0 };
    return summary(path, bytes.length, tokens, totalNats);
  });
  const sum = (of: (file: { tokens: number; totalNats: number }) => number) =>
    losses.reduce((n, file) => n + of(file), 0);
  const totalBytes = perFile.reduce((n, file) => n + file.bytes, 0);
  const {
    path: _path,
    bytes: _bytes,
    ...total
  } = summary(
    '',
    totalBytes,
    sum((f) => f.tokens),
    sum((f) => f.totalNats),
  );
  return { files: perFile, ...total };
}

function summary(path: string, bytes: number, tokens: number, totalNats: number): FilePerplexity {
  return {
    path,
    bytes,
    tokens,
    lossNats: tokens === 0 ? 0 : totalNats / tokens,
    bitsPerByte: bytes === 0 ? 0 : totalNats / Math.LN2 / bytes,
  };
}

function readSource(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FineTuneError(
      'USAGE',
      `${path} cannot be read: ${message}. Give existing text files.`,
      { path },
      { cause: error },
    );
  }
  if (!isUtf8(bytes)) {
    throw new FineTuneError(
      'USAGE',
      `${path} is not UTF-8 text; the loss of other bytes would not be that of the file.`,
      { path },
    );
  }
  return bytes;
}
