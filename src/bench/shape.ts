/** @file What the benchmarks have in common: the model's shape, and the middle of repeated measurements. */
import type { ModelConfig } from '../models/config.ts';

/** The shape of SmolLM2-135M. */
export function smolLm2Config(numLayers: number, maxPositionEmbeddings: number): ModelConfig {
  return {
    modelType: 'llama',
    hiddenSize: 576,
    numLayers,
    numHeads: 9,
    numKvHeads: 3,
    headDim: 64,
    intermediateSize: 1536,
    vocabSize: 49152,
    maxPositionEmbeddings,
    norm: 'rms',
    normEps: 1e-5,
    activation: 'silu',
    gatedMlp: true,
    rope: { rotaryDim: 64, inverseFrequencies: Array.from({ length: 32 }, (_, i) => 10000 ** ((-2 * i) / 64)) },
    parallelResidual: false,
    qkNorm: false,
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    tieWordEmbeddings: true,
    eosTokenIds: [],
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
