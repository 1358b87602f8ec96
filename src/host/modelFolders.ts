/** @file What a folder of a model holds, without loading it: name, sizes, or why it cannot be used. */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';

/** Sizes that the estimate of a run needs. */
export interface ModelShape {
  readonly parameters: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
}

/** A folder in Hugging Face layout, as far as a look tells. */
export type ModelFolder =
  | { readonly folder: string; readonly family: string; readonly bytes: number; readonly shape: ModelShape }
  | { readonly folder: string; readonly problem: string };

/** A safetensors header larger than this is no header. */
const MAX_HEADER_BYTES = 100 << 20;

/** Looks at `config.json`, the tokenizer and the headers of the weights. Never throws: what is wrong is `problem`. */
export function inspectModelFolder(folder: string): ModelFolder {
  const problem = (what: string) => ({ folder, problem: what });
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return problem('The folder is gone.');
  try {
    const config = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    const names = readdirSync(folder);
    if (!names.includes('tokenizer.json')) return problem('tokenizer.json is missing.');
    const files = names.filter((name) => name.endsWith('.safetensors'));
    if (files.length === 0) return problem('No weights (.safetensors) in this folder.');
    let bytes = 0;
    let parameters = 0;
    for (const name of files) {
      const file = path.join(folder, name);
      bytes += statSync(file).size;
      parameters += countParameters(file);
    }
    return { folder, family: String(config.model_type ?? 'model'), bytes, shape: shapeOf(config, parameters) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return problem('config.json is missing.');
    return problem(error instanceof Error ? error.message : String(error));
  }
}

/** Name of the embedded model's folder, which lies in that of the extension and moves with every update of it. */
export const EMBEDDED_NAME = 'rgft-base';

/** Where a remembered model is now: the embedded one of a former version is the one of today. */
export function locateModel(remembered: string, embedded: string): string {
  const hasMoved = path.basename(remembered) === EMBEDDED_NAME && !existsSync(remembered);
  return hasMoved ? embedded : remembered;
}

/** Sizes under the names that the supported families use. */
function shapeOf(config: Readonly<Record<string, unknown>>, parameters: number): ModelShape {
  const size = (...keys: string[]) => {
    for (const key of keys) if (typeof config[key] === 'number') return config[key];
    return 0;
  };
  const hiddenSize = size('hidden_size', 'n_embd');
  const numHeads = size('num_attention_heads', 'n_head');
  return {
    parameters,
    hiddenSize,
    numLayers: size('num_hidden_layers', 'n_layer'),
    numHeads,
    numKvHeads: config.multi_query === true ? 1 : size('num_key_value_heads') || numHeads,
    headDim: size('head_dim') || hiddenSize / Math.max(1, numHeads),
    intermediateSize: size('intermediate_size', 'n_inner') || 4 * hiddenSize,
    vocabSize: size('vocab_size'),
    maxPositionEmbeddings: size('max_position_embeddings', 'n_positions') || 512,
  };
}

/** Numbers stored in a safetensors file: 8 bytes of length, then JSON with a shape for each tensor. */
function countParameters(file: string): number {
  const descriptor = openSync(file, 'r');
  try {
    const lengthBytes = Buffer.alloc(8);
    readSync(descriptor, lengthBytes, 0, 8, 0);
    const length = Number(lengthBytes.readBigUInt64LE());
    if (length < 2 || length > MAX_HEADER_BYTES) throw new Error(`${path.basename(file)} is no safetensors file.`);
    const header = Buffer.alloc(length);
    readSync(descriptor, header, 0, length, 8);
    const tensors = JSON.parse(header.toString('utf8')) as Record<string, { shape?: readonly number[] }>;
    return Object.values(tensors)
      .map(({ shape }) => (shape ? shape.reduce((product, side) => product * side, 1) : 0))
      .reduce((sum, count) => sum + count, 0);
  } finally {
    closeSync(descriptor);
  }
}
