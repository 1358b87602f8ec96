/**
 * @file Writes a Llama model as `@huggingface/transformers` reads one: config.json and onnx/model.onnx with symbolic
 * batch and sequence, in the form that Microsoft's onnxruntime-genai model builder exports for the CPU in float32
 * (com.microsoft GroupQueryAttention with rotary embedding inside, q, k and v in one product, skip connections fused
 * into the norms, weights as constants that ONNX Runtime repacks when it loads them). It is the fastest form known to us.
 * One thing is done better than there: the LM head sees the last position only, so the prompt's costs no more than ours.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writevSync } from 'node:fs';
import path from 'node:path';
import type { ParameterStore } from '../engine/parameters.ts';
import { rotaryTables } from '../models/blocks.ts';
import type { ModelConfig } from '../models/config.ts';

/** Writes the folder. `config` must be a Llama without biases and with tied embeddings. */
export function writeOnnxPeer(folder: string, config: ModelConfig, store: ParameterStore): void {
  mkdirSync(path.join(folder, 'onnx'), { recursive: true });
  const configJson = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKvHeads,
    head_dim: config.headDim,
    vocab_size: config.vocabSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    rms_norm_eps: config.normEps,
    tie_word_embeddings: true,
  };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(configJson));
  const bytes = llamaModel(config, store);
  const file = openSync(path.join(folder, 'onnx', 'model.onnx'), 'w');
  try {
    for (const chunk of bytes.chunks) writeWhole(file, chunk);
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length; ) at += writevSync(file, [chunk.subarray(at)]);
}

function llamaModel(config: ModelConfig, store: ParameterStore): Bytes {
  const { hiddenSize: C, numHeads: H, numKvHeads: K, headDim: D, vocabSize: V, intermediateSize: F } = config;
  const parts: Bytes[] = [];
  const weights = (name: string) => store.get(name)!.weights;
  const floats = (name: string, shape: readonly number[], data: Float32Array) =>
    parts.push(field(5, tensor(name, shape, 1, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))));
  const int64s = (name: string, shape: readonly number[], values: readonly bigint[]) =>
    parts.push(field(5, tensor(name, shape, 7, new Uint8Array(BigInt64Array.from(values).buffer))));
  const node = (op: string, inputs: string[], outputs: string[], attributes: Bytes[] = [], domain = '') => {
    const fields = [
      ...inputs.map((name) => text(1, name)),
      ...outputs.map((name) => text(2, name)),
      text(3, outputs[0]),
    ];
    parts.push(field(1, join([...fields, text(4, op), ...attributes.map((a) => field(5, a)), text(7, domain)])));
  };
  const norm = (name: string) => floats(name, [C], weights(name));
  const epsilon = floatAttribute('epsilon', config.normEps);
  /** First norm of a residual stream: the sum goes on as `sum`. */
  const skipNorm = (x: string, skip: string, gain: string, out: string, sum: string) =>
    node('SkipSimplifiedLayerNormalization', [x, skip, gain], [out, '', '', sum], [epsilon], 'com.microsoft');
  const matMul = (x: string, name: string, [inputs, outputs]: readonly [number, number], data: Float32Array) => {
    floats(name, [inputs, outputs], data);
    node('MatMul', [x, name], [`${name}.product`]);
    return `${name}.product`;
  };

  const { cos, sin } = rotaryTables(config, config.maxPositionEmbeddings);
  floats('cos', [config.maxPositionEmbeddings, D / 2], cos);
  floats('sin', [config.maxPositionEmbeddings, D / 2], sin);
  floats('embedding', [V, C], weights('embed_tokens.weight'));
  int64s('one', [1], [1n]);
  int64s('oneScalar', [], [1n]);
  int64s('last', [], [-1n]);
  node('ReduceSum', ['attention_mask', 'one'], ['lengths'], [intAttribute('keepdims', 0)]);
  node('Sub', ['lengths', 'one'], ['seqlens64']);
  node('Cast', ['seqlens64'], ['seqlens'], [intAttribute('to', 6)]);
  node('Shape', ['attention_mask'], ['maskShape']);
  node('Gather', ['maskShape', 'oneScalar'], ['total64']);
  node('Cast', ['total64'], ['total'], [intAttribute('to', 6)]);
  node('Gather', ['embedding', 'input_ids'], ['x.0']);
  const cacheShape = (length: string) => ['batch_size', K, length, D];
  for (let layer = 0; layer < config.numLayers; layer++) {
    const name = (part: string) => `layers.${layer}.${part}`;
    const project = (part: string) => weights(name(`self_attn.${part}_proj.weight`));
    norm(name('input_layernorm.weight'));
    const normed = name('normed');
    const residual = layer === 0 ? 'x.0' : name('sum');
    if (layer === 0) {
      const axis = [intAttribute('axis', -1), epsilon];
      node('SimplifiedLayerNormalization', ['x.0', name('input_layernorm.weight')], [normed], axis);
    } else {
      skipNorm(`h.${layer - 1}`, `mlp.${layer - 1}`, name('input_layernorm.weight'), normed, residual);
    }
    // Rows of (out, in) matrices below each other are columns side by side once turned.
    const packed = turned(concatenated([project('q'), project('k'), project('v')]), (H + 2 * K) * D, C);
    const qkv = matMul(normed, name('qkv'), [C, (H + 2 * K) * D], packed);
    node(
      'GroupQueryAttention',
      [qkv, '', '', `past_key_values.${layer}.key`, `past_key_values.${layer}.value`, 'seqlens', 'total', 'cos', 'sin'],
      [name('mixed'), `present.${layer}.key`, `present.${layer}.value`],
      [
        intAttribute('num_heads', H),
        intAttribute('kv_num_heads', K),
        intAttribute('do_rotary', 1),
        floatAttribute('scale', 1 / Math.sqrt(D)),
      ],
      'com.microsoft',
    );
    const o = matMul(name('mixed'), name('o'), [H * D, C], turned(project('o'), C, H * D));
    norm(name('post_attention_layernorm.weight'));
    skipNorm(residual, o, name('post_attention_layernorm.weight'), name('normed2'), `h.${layer}`);
    const mlp = (part: string, out: number, inputs: number) =>
      turned(weights(name(`mlp.${part}_proj.weight`)), out, inputs);
    const gate = matMul(name('normed2'), name('gate'), [C, F], mlp('gate', F, C));
    const up = matMul(name('normed2'), name('up'), [C, F], mlp('up', F, C));
    node('Sigmoid', [gate], [name('sigmoid')]);
    node('Mul', [gate, name('sigmoid')], [name('silu')]);
    node('Mul', [name('silu'), up], [name('neurons')]);
    const down = matMul(name('neurons'), name('down'), [F, C], mlp('down', C, F));
    // The residual is added by the next norm.
    node('Identity', [down], [`mlp.${layer}`]);
    for (const part of ['key', 'value']) {
      parts.push(field(11, valueInfo(`past_key_values.${layer}.${part}`, 1, cacheShape('past_sequence_length'))));
      parts.push(field(12, valueInfo(`present.${layer}.${part}`, 1, cacheShape('total_sequence_length'))));
    }
  }
  const lastLayer = config.numLayers - 1;
  norm('norm.weight');
  skipNorm(`h.${lastLayer}`, `mlp.${lastLayer}`, 'norm.weight', 'final', 'finalSum');
  int64s('lastIndex', [1], [-1n]);
  node('Gather', ['final', 'lastIndex'], ['finalLast'], [intAttribute('axis', 1)]);
  floats('head', [C, V], turned(weights('embed_tokens.weight'), V, C));
  node('MatMul', ['finalLast', 'head'], ['logits']);
  parts.push(field(11, valueInfo('input_ids', 7, ['batch_size', 'sequence_length'])));
  parts.push(field(11, valueInfo('attention_mask', 7, ['batch_size', 'total_sequence_length'])));
  parts.push(field(12, valueInfo('logits', 1, ['batch_size', 1, V])));
  const graph = join([...parts, text(2, 'peer')]);
  const opset = (domain: string, version: number) => field(8, join([text(1, domain), integer(2, version)]));
  return join([integer(1, 9), field(7, graph), opset('', 20), opset('com.microsoft', 1)]);
}

/** (rows, columns) -> (columns, rows) */
function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const data = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) data[column * rows + row] = matrix[row * columns + column];
  }
  return data;
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// ------------------------------------------------------------------------------------- protobuf, without copying weights

interface Bytes {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;
}

function join(parts: readonly Bytes[]): Bytes {
  return {
    chunks: parts.flatMap(({ chunks }) => chunks),
    length: parts.reduce((sum, { length }) => sum + length, 0),
  };
}

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return bytes;
}

function raw(bytes: Uint8Array): Bytes {
  return { chunks: [bytes], length: bytes.length };
}

function integer(number: number, value: number): Bytes {
  return raw(Uint8Array.from([...varint(number << 3), ...varint(value)]));
}

function field(number: number, content: Bytes): Bytes {
  return join([raw(Uint8Array.from([...varint((number << 3) | 2), ...varint(content.length)])), content]);
}

function text(number: number, value: string): Bytes {
  return field(number, raw(new TextEncoder().encode(value)));
}

function tensor(name: string, shape: readonly number[], type: number, data: Uint8Array): Bytes {
  return join([...shape.map((n) => integer(1, n)), integer(2, type), text(8, name), field(9, raw(data))]);
}

function intAttribute(name: string, value: number): Bytes {
  return join([text(1, name), integer(3, value), integer(20, 2)]);
}

function floatAttribute(name: string, value: number): Bytes {
  const bytes = new Uint8Array(Float32Array.of(value).buffer);
  return join([text(1, name), raw(Uint8Array.from([(2 << 3) | 5, ...bytes])), integer(20, 1)]);
}

function valueInfo(name: string, type: number, shape: readonly (number | string)[]): Bytes {
  const dims = shape.map((n) => field(1, typeof n === 'number' ? integer(1, n) : text(2, n)));
  const tensorType = join([integer(1, type), field(2, join(dims))]);
  return join([text(1, name), field(2, field(1, tensorType))]);
}
