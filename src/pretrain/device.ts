/**
 * @file Packs a pre-training run for a machine that has a CUDA card but no ONNX Runtime that can use it: the engine's own
 * graphs (forward and backward, as sessions would be cut out of them), the recipe and the tokens.
 * device.py runs them there with PyTorch's kernels; every formula and every gradient is the engine's.
 *
 *   node --import tsx src/pretrain/device.ts --recipe <file> --tokens <dir> --out <dir>
 *   node --import tsx src/pretrain/device.ts --recipe <file> --tokenizer <dir> --weights <file> --model <dir>
 *
 * The second form writes what came back, float32 in the order of `parameters`, as a model folder.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { PretrainRecipe } from '../commands/pretrain.ts';
import { type Node, sizeOf, type Value } from '../engine/graph.ts';
import { FineTuneError } from '../errors.ts';
import { buildBlock, buildHead, rotaryTables } from '../models/blocks.ts';
import { saveCheckpoint } from '../models/checkpoint.ts';
import { type ModelConfig, weightShapes } from '../models/config.ts';
import { familyOf } from '../models/families/registry.ts';
import { SPECIAL_ID } from './bpe.ts';
import { initialisation } from './pretrain.ts';
import { openTokenShards } from './tokens.ts';

/** A part of a graph as JSON. Constants are equal in all their elements, or written out. */
interface GraphFunction {
  readonly inputs: readonly string[];
  readonly constants: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: unknown }[];
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
    readonly attributes: unknown;
  }[];
  readonly outputs: readonly string[];
}

/** The nodes that `outputs` need, in the graph's order, while the values in `given` are fed. */
export function graphFunction(outputs: readonly Value[], given: readonly Value[] = []): GraphFunction {
  const inputs = new Set<Value>();
  const constants = new Set<Value>();
  const nodes = new Set<Node>();
  const fed = new Set(given);
  const seen = new Set<Value>();
  const visit = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (value.data) constants.add(value);
    else if (fed.has(value) || !value.node) inputs.add(value);
    else {
      nodes.add(value.node);
      value.node.inputs.forEach(visit);
    }
  };
  outputs.forEach(visit);
  return {
    inputs: [...inputs].map(({ name }) => name),
    constants: [...constants].map(({ name, shape, data }) => {
      const values = Array.from(data as ArrayLike<number | bigint>, Number);
      return { name, shape, data: values.every((x) => x === values[0]) ? values[0] : values };
    }),
    nodes: [...nodes]
      .sort((a, b) => a.index - b.index)
      .map(({ op, inputs: operands, outputs: results, attributes }) => ({
        op,
        inputs: operands.map(({ name }) => name),
        outputs: results.map(({ name, shape }) => ({ name, shape })),
        attributes,
      })),
    outputs: outputs.map(({ name }) => name),
  };
}

/** Forward and backward pass of a block and of the loss head for steps of `rows` rows. */
function graphsFor(config: ModelConfig, rows: number, length: number) {
  const block = buildBlock(config, rows, length);
  const head = buildHead(config, rows * length);
  const gradients = [...block.weightGradients];
  return {
    rows,
    block: {
      forward: graphFunction([block.y, ...block.saved]),
      backward: graphFunction([block.dx, ...gradients.map(([, value]) => value)], block.saved),
      gradients: gradients.map(([name]) => name),
    },
    head: graphFunction([head.loss, head.dx, head.normGradients.get('norm.weight')!, head.headGradient]),
  };
}

/** Writes plan.json and tokens.bin (uint16) into `out`. */
function writePlan(recipe: PretrainRecipe, tokens: string, out: string): void {
  const family = familyOf(recipe.config);
  const config = family.config(recipe.config);
  if (config.norm !== 'rms' || !config.tieWordEmbeddings || !config.rope) {
    throw new FineTuneError('UNSUPPORTED_MODEL', 'device.py trains Llama-type models with tied embeddings only.');
  }
  const stream = openTokenShards(tokens);
  const { seqLength: length, batchRows, schedule, seed } = recipe;
  const rowsPerEpoch = Math.floor((stream.length - 1) / length);
  const rows = batchRows.reduce((sum, entry, i) => {
    const until = batchRows[i + 1]?.fromStep ?? schedule.totalSteps + 1;
    return sum + (until - entry.fromStep) * entry.rows;
  }, 0);
  mkdirSync(out, { recursive: true });
  const epochs = Math.ceil(rows / rowsPerEpoch);
  const file = openSync(path.join(out, 'tokens.bin'), 'w');
  for (let at = 0; at < stream.length; at += 1 << 20) {
    writeSync(file, stream.read(at, Math.min(1 << 20, stream.length - at)));
  }
  closeSync(file);
  const tables = rotaryTables(config, length);
  const parameters = [...weightShapes(config)].map(([name, shape]) => {
    const start = initialisation(config, name, shape, seed);
    return { name, shape, ...start };
  });
  const sizes = [...new Set(batchRows.map((entry) => entry.rows))];
  writeFileSync(
    path.join(out, 'plan.json'),
    JSON.stringify({
      recipe,
      epsilon: 1e-8,
      betas: [0.9, 0.95],
      endOfText: SPECIAL_ID.endOfText,
      numLayers: config.numLayers,
      rowsPerEpoch,
      rows,
      cos: [...tables.cos],
      sin: [...tables.sin],
      parameters,
      graphs: sizes.map((size) => graphsFor(config, size, length)),
    }),
  );
  stream.close();
  process.stdout.write(`${parameters.reduce((n, { shape }) => n + sizeOf(shape), 0)} parameters, ${rows} rows, `);
  process.stdout.write(`${epochs} epochs of ${rowsPerEpoch} rows\n`);
}

/** Writes float32 weights, one tensor after the other, as an F16 model folder. */
function writeModel(recipe: PretrainRecipe, tokenizer: string, weights: string, model: string): void {
  const family = familyOf(recipe.config);
  const config = family.config(recipe.config);
  const shapes = weightShapes(config);
  const bytes = readFileSync(weights);
  const expected = [...shapes.values()].reduce((n, shape) => n + 4 * sizeOf(shape), 0);
  if (bytes.length !== expected) {
    throw new FineTuneError(
      'CHECKPOINT_TRUNCATED',
      `${weights} has ${bytes.length} bytes; the recipe's model has ${expected}.`,
    );
  }
  const tensors = new Map<string, Float32Array>();
  let at = 0;
  for (const [name, shape] of shapes) {
    const count = sizeOf(shape);
    tensors.set(name, new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * count)));
    at += 4 * count;
  }
  const source = { folder: tokenizer, configJson: recipe.config, config, family };
  saveCheckpoint(model, source, (name) => tensors.get(name)!, { dtype: 'F16', replace: true });
}

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { recipe: text, tokens: text, out: text, tokenizer: text, weights: text, model: text },
});
const recipe = JSON.parse(readFileSync(values.recipe ?? 'src/pretrain/base.json', 'utf8')) as PretrainRecipe;
if (values.tokens && values.out) writePlan(recipe, values.tokens, values.out);
else if (values.tokenizer && values.weights && values.model) {
  writeModel(recipe, values.tokenizer, values.weights, values.model);
} else throw new FineTuneError('USAGE', 'Give --tokens and --out, or --tokenizer, --weights and --model.');
