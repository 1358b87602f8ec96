/** @file A random Llama model small enough to train for a few steps in a test, with the tokenizer of the golden files. */

import { saveCheckpoint } from '../../src/models/checkpoint.ts';
import { weightShapes } from '../../src/models/config.ts';
import { llama } from '../../src/models/families/llama.ts';
import type { FloatDtype } from '../../src/models/safetensors.ts';
import { createRandom, nextBelow, nextFloat } from '../../src/random.ts';
import { goldenFolder } from './golden.ts';

export interface TinyModelOptions {
  /** @default 0 */
  readonly seed?: number;
  /** How the weights are stored. @default 'F32' */
  readonly dtype?: FloatDtype;
  /** @default 32; a multiple of 4 * 2 */
  readonly hiddenSize?: number;
  /** @default 2 */
  readonly numLayers?: number;
  /** @default 128 */
  readonly maxPositionEmbeddings?: number;
  /** Rows of the embedding; the tokenizer has 308 ids. @default 320 */
  readonly vocabSize?: number;
  /** Changes a weight before it is written. */
  readonly change?: (name: string, weights: Float32Array) => void;
}

/**
 * Writes a model folder: 4 query heads over 2 key/value heads, a gated MLP of twice the hidden size, tied embeddings.
 * Matrices are normal with deviation 0.08 (small sizes want larger weights than 0.02), gains are 1, so a fresh model's
 * loss is close to ln(vocabSize).
 */
export function makeTinyModel(folder: string, options: TinyModelOptions = {}): void {
  const { seed = 0, dtype = 'F32', hiddenSize = 32, numLayers = 2, vocabSize = 320, change } = options;
  const configJson = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: hiddenSize,
    intermediate_size: 2 * hiddenSize,
    num_hidden_layers: numLayers,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: vocabSize,
    max_position_embeddings: options.maxPositionEmbeddings ?? 128,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 0,
  };
  const config = llama.config(configJson);
  const shapes = weightShapes(config);
  const weightOf = (name: string): Float32Array => {
    const shape = shapes.get(name)!;
    const size = shape.reduce((product, length) => product * length, 1);
    const weights = shape.length === 1 ? new Float32Array(size).fill(1) : normal(size, 0.08, seed, name);
    change?.(name, weights);
    return weights;
  };
  saveCheckpoint(folder, { folder: goldenFolder('tokenizer'), configJson, config, family: llama }, weightOf, { dtype });
}

/** Normal numbers (Box and Muller 1958). */
function normal(size: number, deviation: number, seed: number, stream: string): Float32Array {
  const random = createRandom(seed, stream);
  return Float32Array.from(
    { length: size },
    () => deviation * Math.sqrt(-2 * Math.log(1 - nextFloat(random))) * Math.cos(2 * Math.PI * nextFloat(random)),
  );
}

/**
 * Files of made-up Python, path to content, the same for the same seed: real code with a pattern to learn (names,
 * indentation, `return`), and different enough from file to file not to count as copies.
 */
export function pythonFiles(numFiles: number, functionsInFile = 6, seed = 0): Record<string, string> {
  const random = createRandom(seed, 'python');
  const pick = <T>(list: readonly T[]): T => list[nextBelow(random, list.length)];
  const word = () => pick(SYLLABLES) + pick(SYLLABLES) + pick(['', '_' + pick(SYLLABLES)]);
  const files: Record<string, string> = {};
  for (let file = 0; file < numFiles; file++) {
    const functions = Array.from({ length: functionsInFile }, () => {
      const [name, left, right] = [word(), word(), word()];
      const body = pick([
        `    return ${left} ${pick(['+', '-', '*'])} ${right}\n`,
        `    if ${left} > ${nextBelow(random, 100)}:\n        return ${right}\n    return ${left}\n`,
        `    total = 0\n    for item in ${left}:\n        total += item * ${right}\n    return total\n`,
      ]);
      return `def ${name}(${left}, ${right}):\n    """${word()} of ${word()}."""\n${body}`;
    });
    files[`${pick(SYLLABLES)}${file}.py`] = functions.join('\n\n');
  }
  return files;
}

const SYLLABLES = ['ba', 'co', 'di', 'fu', 'ge', 'ha', 'ki', 'lo', 'mu', 'ne', 'pa', 'ri', 'so', 'tu', 've', 'za'];
