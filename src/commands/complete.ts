/** @file `rgft complete`: continues a text, or fills the gap between two. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { openEngine } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { builtInModel } from '../models/builtIn.ts';
import { continuationPrompt, fillInTheMiddlePrompt } from '../models/fillInTheMiddle.ts';
import { Generator } from '../models/generate.ts';
import { loadModel } from '../models/load.ts';
import { checkSampling } from '../models/sampling.ts';
import { abortOnSignals, MAX_THREADS, numberOption, parseCommand, wholeOption } from './terminal.ts';

const HELP = `Usage: rgft complete [options]

Continues a text. The prefix is taken byte for byte; no special token is added unless the tokenizer's configuration adds
one, or a suffix is given. The text ends at the model's end-of-text token or at a marker that its family puts behind a
file or a filled gap, at a given stop string (which is not part of the result) or at the limit, and nowhere else. A
prefix longer than the model's context, or than 8192 tokens together with the text, loses its beginning.

  --model <dir|run>      default: the embedded model
  --prefix-file <file>   default: standard input
  --suffix-file <file>   fill the gap between prefix and suffix; for models with fill-in-the-middle tokens
  --max-tokens <n>       default 64
  --temperature <t>      0 takes the most probable token each time; default 0.2
  --top-p <p>            default 1
  --seed <n>             default 0
  --stop <text>          can be given several times
  --threads <n>
  --json                 { text, tokens }: the text and the number of its tokens
`;

/** Most tokens of prompt and text together: attention over a prompt takes its square times 4 bytes for each head. */
const MAX_CONTEXT = 8192;

export async function completeCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = {
    model: text,
    'prefix-file': text,
    'suffix-file': text,
    'max-tokens': text,
    temperature: text,
    'top-p': text,
    seed: text,
    stop: { type: 'string', multiple: true },
    threads: text,
  } as const;
  const parsed = parseCommand(args, options, HELP);
  if (!parsed) return;
  const { values, positionals } = parsed;
  if (positionals.length > 0) {
    throw new FineTuneError('USAGE', `"${positionals[0]}" is no option. See rgft complete --help.`);
  }
  const maxTokens = wholeOption('max-tokens', values['max-tokens'], 0) ?? 64;
  const seed = wholeOption('seed', values.seed, 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const sampling = {
    temperature: numberOption('temperature', values.temperature) ?? 0.2,
    topP: numberOption('top-p', values['top-p']) ?? 1,
  };
  checkSampling(sampling);
  const threads = wholeOption('threads', values.threads, 1, MAX_THREADS);
  if (values.stop?.includes('')) throw new FineTuneError('USAGE', '--stop is empty, expected a text.');
  const prefix = readText(values['prefix-file'] ?? 0, values['prefix-file'] ?? 'standard input');
  const suffixFile = values['suffix-file'];
  const suffix = suffixFile === undefined ? undefined : readText(suffixFile, suffixFile);

  const { config, store, tokenizer } = await loadModel(values.model ?? builtInModel());
  const engine = await openEngine({ threads });
  const weightBytes = [...store.values()].reduce((bytes, { weights }) => bytes + weights.byteLength, 0);
  const generator = new Generator(engine, config, store, tokenizer, {
    contextLength: MAX_CONTEXT,
    // Making the copy costs as much as 30 tokens save.
    tiledCopy: maxTokens >= 32 && os.freemem() > 1.5 * weightBytes,
  });
  const room = Math.max(generator.contextLength - maxTokens, Math.ceil(generator.contextLength / 2));
  const prompt =
    suffix === undefined
      ? continuationPrompt(tokenizer, prefix)
      : fillInTheMiddlePrompt(tokenizer, prefix, suffix, room);
  const signal = abortOnSignals();
  const { samples, droppedPromptTokens } = await generator.generate({
    prompt,
    maxTokens,
    seed,
    ...sampling,
    stop: values.stop ?? [],
    signal,
    // A person reads along; a program gets the whole.
    ...(!values.json && { onToken: (token) => process.stdout.write(token.text) }),
  });
  await generator.release();
  const [{ text: completion, ids, finish }] = samples;
  if (finish === 'aborted') throw new FineTuneError('INTERRUPTED', 'Interrupted; what was written so far is a part.');
  if (droppedPromptTokens > 0) {
    process.stderr.write(
      `The prefix is longer than the context of ${generator.contextLength} tokens: its first ${droppedPromptTokens} tokens were left out.\n`,
    );
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ text: completion, tokens: ids.length })}\n`);
}

/** @param source a path, or 0 for standard input */
function readText(source: string | 0, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FineTuneError(
      'USAGE',
      `${name} cannot be read: ${message}. Give a text file.`,
      { name },
      { cause: error },
    );
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new FineTuneError('USAGE', `${name} is not UTF-8; text is needed. Convert it first.`, { name });
}
