/** @file Components cover every trainable scalar of a decoder exactly once, whatever its family. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelConfig } from '../../src/models/config.ts';
import { weightShapes } from '../../src/models/config.ts';
import { listComponents } from '../../src/rgft/components.ts';

const llama: ModelConfig = {
  modelType: 'llama',
  hiddenSize: 6,
  numLayers: 2,
  numHeads: 4,
  numKvHeads: 2,
  headDim: 2,
  intermediateSize: 10,
  vocabSize: 7,
  maxPositionEmbeddings: 5,
  norm: 'rms',
  normEps: 1e-5,
  activation: 'silu',
  gatedMlp: true,
  rope: { rotaryDim: 2, inverseFrequencies: [1] },
  parallelResidual: false,
  qkNorm: false,
  qkvBias: false,
  outputBias: false,
  mlpBias: false,
  tieWordEmbeddings: false,
  eosTokenIds: [0],
};
const families: Record<string, ModelConfig> = {
  'Llama with grouped-query attention': llama,
  'Llama with one key/value head for each query head': { ...llama, numKvHeads: 4 },
  'Llama with a single key/value head': { ...llama, numKvHeads: 1, tieWordEmbeddings: true },
  'Qwen2-like (qkv biases, tied)': { ...llama, modelType: 'qwen2', qkvBias: true, tieWordEmbeddings: true },
  'Qwen3-like (query/key norms)': { ...llama, modelType: 'qwen3', qkNorm: true },
  'GPT-2-like (learned positions, biases, no gate, tied)': {
    ...llama,
    modelType: 'gpt2',
    numKvHeads: 4,
    rope: undefined,
    norm: 'layer',
    activation: 'geluTanh',
    gatedMlp: false,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
    tieWordEmbeddings: true,
  },
  'GPT-NeoX-like (parallel residual, biases, untied)': {
    ...llama,
    modelType: 'gpt_neox',
    numKvHeads: 4,
    norm: 'layer',
    activation: 'gelu',
    gatedMlp: false,
    parallelResidual: true,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
  },
  'StarCoder2-like (grouped queries with biases)': {
    ...llama,
    modelType: 'starcoder2',
    norm: 'layer',
    gatedMlp: false,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
    tieWordEmbeddings: true,
  },
};

for (const [family, config] of Object.entries(families)) {
  for (const mlpBands of [1, 3, 4, config.intermediateSize]) {
    test(`${family}: every scalar belongs to exactly one of the components with ${mlpBands} MLP bands`, () => {
      const counts = new Map<string, Uint8Array>();
      const shapes = weightShapes(config);
      for (const [name, shape] of shapes) counts.set(name, new Uint8Array(shape.reduce((a, b) => a * b, 1)));

      const components = listComponents(config, { mlpBands });
      assert.equal(new Set(components.map(({ id }) => id)).size, components.length);
      for (const component of components) {
        let parameterCount = 0;
        for (const { tensor, rowStart, rowCount, colStart, colCount } of component.slices) {
          const [numRows, numColumns = 1] = shapes.get(tensor) ?? assert.fail(`${tensor} is no weight of the model`);
          assert.ok(rowCount > 0 && colCount > 0, `${component.id} has an empty slice of ${tensor}`);
          assert.ok(rowStart + rowCount <= numRows && colStart + colCount <= numColumns, `${component.id}: ${tensor}`);
          for (let row = rowStart; row < rowStart + rowCount; row++) {
            for (let col = colStart; col < colStart + colCount; col++) counts.get(tensor)![row * numColumns + col]++;
          }
          parameterCount += rowCount * colCount;
        }
        assert.equal(component.parameterCount, parameterCount);
      }
      for (const [name, cells] of counts) {
        assert.ok(
          cells.every((count) => count === 1),
          `${name} is covered ${[...new Set(cells)].join(', ')} times`,
        );
      }
    });
  }
}

test('components come in the order of the forward pass under their documented ids', () => {
  const ids = listComponents({ ...llama, numLayers: 1 }, { mlpBands: 2 }).map(({ id }) => id);
  assert.deepEqual(
    ids,
    'embed 0.head.0 0.head.1 0.head.2 0.head.3 0.kv.0 0.kv.1 0.mlp.0 0.mlp.1 0.norm finalNorm lmHead'.split(' '),
  );
});

test('a single MLP band is called by its layer alone', () => {
  const ids = listComponents(llama, { mlpBands: 1 }).map(({ id }) => id);
  assert.ok(ids.includes('1.mlp') && !ids.includes('1.mlp.0'));
});

test('with one key/value head for each query head, keys and values belong to the head', () => {
  const components = listComponents({ ...llama, numKvHeads: 4, qkvBias: true });
  assert.ok(!components.some(({ kind }) => kind === 'kv'));
  const head = components.find(({ id }) => id === '1.head.2')!;
  assert.deepEqual(
    head.slices.map((s) => [s.tensor, s.rowStart, s.rowCount, s.colStart, s.colCount]),
    [
      ['layers.1.self_attn.q_proj.weight', 4, 2, 0, 6],
      ['layers.1.self_attn.o_proj.weight', 0, 6, 4, 2],
      ['layers.1.self_attn.q_proj.bias', 4, 2, 0, 1],
      ['layers.1.self_attn.k_proj.weight', 4, 2, 0, 6],
      ['layers.1.self_attn.k_proj.bias', 4, 2, 0, 1],
      ['layers.1.self_attn.v_proj.weight', 4, 2, 0, 6],
      ['layers.1.self_attn.v_proj.bias', 4, 2, 0, 1],
    ],
  );
});

test('tied embeddings make one component of embedding and head', () => {
  const ids = listComponents({ ...llama, tieWordEmbeddings: true }).map(({ id }) => id);
  assert.ok(ids.includes('embed') && !ids.includes('lmHead'));
});

test('bands whose size does not divide differ by at most one neuron, the larger ones first', () => {
  const bands = listComponents(llama, { mlpBands: 4 }).filter(({ layer, kind }) => layer === 0 && kind === 'mlp');
  assert.deepEqual(
    bands.map(({ slices }) => [slices[0].rowStart, slices[0].rowCount]),
    [
      [0, 3],
      [3, 3],
      [6, 2],
      [8, 2],
    ],
  );
});

test('a number of bands that cannot be is refused', () => {
  for (const mlpBands of [0, 1.5, 11, Number.NaN]) {
    assert.throws(() => listComponents(llama, { mlpBands }), { code: 'CONFIG_INVALID' });
  }
});
