/** @file Small models and tokenizers for the tests of generation. */
import { allocateParameters, type ParameterStore } from '../../src/engine/parameters.ts';
import { openCheckpoint } from '../../src/models/checkpoint.ts';
import { type ModelConfig, weightShapes } from '../../src/models/config.ts';
import type { Tokenizer } from '../../src/models/tokenizer.ts';
import { createRandom, nextFloat } from '../../src/random.ts';
import { type GoldenModel, goldenFolder } from './golden.ts';

/** One character for each id, from U+0100 on; no special token. */
export function letterTokenizer(vocabSize: number): Tokenizer {
  return {
    vocabSize,
    special: { all: [] },
    addsBos: false,
    encode: (text) => [...text].map((letter) => letter.codePointAt(0)! - 0x100),
    decode: (ids) => String.fromCodePoint(...Array.from(ids, (id) => 0x100 + id)),
  };
}

/** Configuration and weights of a golden model. */
export function loadGolden(name: GoldenModel): { config: ModelConfig; store: ParameterStore } {
  const checkpoint = openCheckpoint(goldenFolder(name));
  const store = allocateParameters(weightShapes(checkpoint.config), false);
  for (const parameter of store.values()) checkpoint.read(parameter.name, parameter.weights);
  checkpoint.close();
  return { config: checkpoint.config, store };
}

/** A Llama of two layers with random weights, wide enough that its products run on several threads. */
export function randomModel(changes: Partial<ModelConfig> = {}): { config: ModelConfig; store: ParameterStore } {
  const headDim = changes.headDim ?? 32;
  const config: ModelConfig = {
    modelType: 'llama',
    hiddenSize: 192,
    numLayers: 2,
    numHeads: 6,
    numKvHeads: 2,
    headDim,
    intermediateSize: 320,
    vocabSize: 300,
    maxPositionEmbeddings: 1024,
    norm: 'rms',
    normEps: 1e-5,
    activation: 'silu',
    gatedMlp: true,
    rope: {
      rotaryDim: headDim,
      inverseFrequencies: Array.from({ length: headDim / 2 }, (_, i) => 1e4 ** ((-2 * i) / headDim)),
    },
    parallelResidual: false,
    qkNorm: false,
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    tieWordEmbeddings: true,
    eosTokenIds: [],
    ...changes,
  };
  const store = allocateParameters(weightShapes(config), false);
  for (const { name, shape, weights } of store.values()) {
    const random = createRandom(1, name);
    const isGain = shape.length === 1;
    const width = 3 / Math.sqrt(shape[shape.length - 1]);
    for (let i = 0; i < weights.length; i++) {
      weights[i] = isGain ? 1 + 0.2 * (nextFloat(random) - 0.5) : width * (nextFloat(random) - 0.5);
    }
  }
  return { config, store };
}
