/**
 * @file Reads the PyTorch golden files of test/golden (made by generate.py): tiny checkpoints with their logits, loss,
 * gradients and the losses of ten AdamW steps. Gradients come by checkpoint name or, through the family's mapping, by
 * canonical name.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { allocateParameters, type ParameterStore } from '../../src/engine/parameters.ts';
import type { Batch } from '../../src/models/batch.ts';
import { type Checkpoint, openCheckpoint } from '../../src/models/checkpoint.ts';
import { type ModelConfig, weightShapes } from '../../src/models/config.ts';
import { takeFromSource } from '../../src/models/families/family.ts';
import { planGradients } from '../../src/models/gradientPlan.ts';
import { openSafetensors, type SafetensorsReader } from '../../src/models/safetensors.ts';
import { untieHead } from '../../src/models/untie.ts';
import { listComponents } from '../../src/rgft/components.ts';

/** Folders with config.json, model.safetensors and a full golden.safetensors, one for each variant of a family. */
export const goldenModels = [
  'llama-gqa-untied',
  'llama-biases-tied',
  'llama-rope-llama3',
  'llama-rope-linear',
  'qwen2',
  'qwen3',
  'gpt2',
  'gpt-bigcode-multi-query',
  'gpt-bigcode-multi-head',
  'gpt-neox',
  'starcoder2',
] as const;

export type GoldenModel = (typeof goldenModels)[number];

export interface AdamWSettings {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** Decoupled, on every tensor. */
  readonly weight_decay: number;
}

/** What PyTorch computed for one tiny checkpoint and one batch. */
export interface Golden {
  readonly folder: string;
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** (B, T) */
  readonly inputIds: Int32Array;
  /** (B, T), -100 where no loss is taken. Not shifted: the logits at t are scored against the label at t + 1. */
  readonly labels: Int32Array;
  /** (B, T, V) */
  readonly logits: Float32Array;
  /** Mean over the labelled targets, nats. */
  readonly loss: number;
  /** Loss before each of ten AdamW steps on this batch; the first is `loss`. */
  readonly stepLosses: readonly number[];
  readonly lossAfterSteps: number;
  readonly adamw: AdamWSettings;
  /** Llama-like models: the angular frequencies PyTorch used. */
  readonly inverseFrequencies: Float32Array | undefined;
  /** Gradient of `loss` for a tensor of the checkpoint, in its shape. */
  checkpointGradient(checkpointName: string): { readonly shape: readonly number[]; readonly data: Float32Array };
  /** Gradient of `loss` for a canonical weight, in the shape that `weightShapes` gives. */
  gradient(canonicalName: string): Float32Array;
}

/** Path of a folder in test/golden. */
export function goldenFolder(name: string): string {
  return path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'golden', name);
}

/** Reads the golden file of one variant. */
export function readGolden(name: GoldenModel): Golden {
  const folder = goldenFolder(name);
  const reader = openSafetensors([path.join(folder, 'golden.safetensors')]);
  const checkpoint = openCheckpoint(folder);
  try {
    const tensors = new Map([...reader.tensors.keys()].map((key) => [key, readTensor(reader, key)]));
    const floats = (key: string) => tensors.get(key)!.data as Float32Array;
    const checkpointGradient = (checkpointName: string) => {
      const gradient = tensors.get(`grad.${checkpointName}`);
      if (!gradient) throw new Error(`golden ${name} has no gradient of ${checkpointName}`);
      return { shape: gradient.shape, data: gradient.data as Float32Array };
    };
    const { family, config } = checkpoint;
    const places = family.tensors(config);
    const shapes = weightShapes(config);
    const [batchSize, sequenceLength] = tensors.get('input_ids')!.shape;
    return {
      folder,
      batchSize,
      sequenceLength,
      inputIds: tensors.get('input_ids')!.data as Int32Array,
      labels: tensors.get('labels')!.data as Int32Array,
      logits: floats('logits'),
      loss: floats('loss')[0],
      stepLosses: [...floats('step_losses')],
      lossAfterSteps: floats('loss_after_steps')[0],
      adamw: JSON.parse(reader.metadata.adamw) as AdamWSettings,
      inverseFrequencies: tensors.get('inverse_frequencies')?.data as Float32Array | undefined,
      checkpointGradient,
      gradient(canonicalName) {
        const place = places.get(canonicalName)!;
        const source = checkpointGradient(place.source);
        return takeFromSource(place, shapes.get(canonicalName)!, source.data, source.shape);
      },
    };
  } finally {
    checkpoint.close();
    reader.close();
  }
}

/** torch.optim.AdamW on one vector: `gradients[s]` and `weightsAfter[s]` belong to step s. */
export interface GoldenAdamW {
  readonly settings: AdamWSettings;
  readonly weight: Float32Array;
  readonly gradients: readonly Float32Array[];
  readonly weightsAfter: readonly Float32Array[];
}

/** Reads the AdamW golden file. */
export function readGoldenAdamW(): GoldenAdamW {
  const reader = openSafetensors([path.join(goldenFolder('adamw'), 'golden.safetensors')]);
  try {
    const weight = readTensor(reader, 'weight').data as Float32Array;
    const rows = (key: string) => {
      const { shape, data } = readTensor(reader, key);
      const at = (row: number) => (data as Float32Array).slice(row * shape[1], (row + 1) * shape[1]);
      return Array.from({ length: shape[0] }, (_, row) => at(row));
    };
    return {
      settings: JSON.parse(reader.metadata.adamw) as AdamWSettings,
      weight,
      gradients: rows('gradients'),
      weightsAfter: rows('weights_after'),
    };
  } finally {
    reader.close();
  }
}

/** Every canonical weight of an open checkpoint, in canonical order. */
export function readAllWeights(checkpoint: Checkpoint): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of weightShapes(checkpoint.config)) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    checkpoint.read(name, values);
    weights.set(name, values);
  }
  return weights;
}

/** Every tensor of a reader as stored: F32 (or halves widened) or I32. */
export function readTensor(reader: SafetensorsReader, name: string) {
  const { shape, dtype } = reader.tensors.get(name)!;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (dtype === 'I32') {
    const data = new Int32Array(elements);
    reader.readBytes(name, new Uint8Array(data.buffer));
    return { shape, data };
  }
  const data = new Float32Array(elements);
  reader.read(name, 0, data);
  return { shape, data };
}

/** The model with its weights in the engine's memory. */
export function loadGoldenModel(name: GoldenModel): { config: ModelConfig; store: ParameterStore } {
  const checkpoint = openCheckpoint(goldenFolder(name));
  const store = allocateParameters(weightShapes(checkpoint.config));
  for (const parameter of store.values()) checkpoint.read(parameter.name, parameter.weights);
  checkpoint.close();
  return { config: checkpoint.config, store };
}

/** The smallest suffix of a golden model with an LM head of its own: last MLP, final norm and head; a weight of each. */
export function goldenSuffix(name: GoldenModel) {
  const { config: tied, store } = loadGoldenModel(name);
  const config = untieHead(store, tied);
  const components = listComponents(config);
  const last = config.numLayers - 1;
  const mask = components.map(({ kind, layer }) =>
    Number(kind === 'lmHead' || kind === 'finalNorm' || (kind === 'mlp' && layer === last)),
  );
  const trained = ['lm_head.weight', 'norm.weight', `layers.${last}.mlp.down_proj.weight`];
  return { config, store, plan: planGradients(config, components, mask), trained };
}

/** The golden batch in our form: the label of position t is what PyTorch scores at t + 1. */
export function batchOf({ batchSize: size, sequenceLength: length, inputIds, labels }: Golden): Batch {
  return {
    size,
    length,
    inputIds,
    labels: inputIds.map((_, i) => ((i + 1) % length === 0 ? -100 : labels[i + 1])),
    positions: inputIds.map((_, i) => i % length),
    segments: inputIds.map(() => 1),
  };
}
