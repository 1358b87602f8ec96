/** @file What the benchmarks have in common: the model's shape, and the middle of repeated measurements. */
import { allocateParameters, type ParameterStore } from '../engine/parameters.ts';
import { type ModelConfig, weightShapes } from '../models/config.ts';
import { createRandom, nextFloat } from '../random.ts';

interface Sizes {
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
}

/** As in each model's own config.json; all have heads of 64, and a head that is the embedding. */
const SIZES = {
  'smollm2-135m': {
    ...{ hiddenSize: 576, numLayers: 30, numHeads: 9, numKvHeads: 3 },
    ...{ intermediateSize: 1536, vocabSize: 49152 },
  },
  'smollm2-360m': {
    ...{ hiddenSize: 960, numLayers: 32, numHeads: 15, numKvHeads: 5 },
    ...{ intermediateSize: 2560, vocabSize: 49152 },
  },
  'qwen2.5-0.5b': {
    ...{ hiddenSize: 896, numLayers: 24, numHeads: 14, numKvHeads: 2 },
    ...{ intermediateSize: 4864, vocabSize: 151936 },
  },
} as const satisfies Record<string, Sizes>;

export type ModelShape = keyof typeof SIZES;

export const MODEL_SHAPES = Object.keys(SIZES) as readonly ModelShape[];

/** A model of this shape: a Llama, or a Qwen2 with its biases. */
export function configOfShape(shape: ModelShape, maxPositionEmbeddings: number, numLayers?: number): ModelConfig {
  const isQwen = shape.startsWith('qwen');
  const theta = isQwen ? 1e6 : 1e4;
  return {
    modelType: isQwen ? 'qwen2' : 'llama',
    ...SIZES[shape],
    ...(numLayers !== undefined && { numLayers }),
    headDim: 64,
    maxPositionEmbeddings,
    norm: 'rms',
    normEps: isQwen ? 1e-6 : 1e-5,
    activation: 'silu',
    gatedMlp: true,
    rope: { rotaryDim: 64, inverseFrequencies: Array.from({ length: 32 }, (_, i) => theta ** ((-2 * i) / 64)) },
    parallelResidual: false,
    qkNorm: false,
    qkvBias: isQwen,
    outputBias: false,
    mlpBias: false,
    tieWordEmbeddings: true,
    eosTokenIds: [],
  };
}

/** Weights for a benchmark: gains of 1, everything else small and random. */
export function randomParameters(config: ModelConfig, trainable = true): ParameterStore {
  const store = allocateParameters(weightShapes(config), trainable);
  const random = createRandom(0, 'bench');
  for (const { shape, weights } of store.values()) {
    if (shape.length === 1) weights.fill(1);
    else for (let i = 0; i < weights.length; i++) weights[i] = 0.07 * (nextFloat(random) - 0.5);
  }
  return store;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
