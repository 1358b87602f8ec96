/**
 * @file Cuts the part of a graph that some outputs need and writes it as an ONNX model (protobuf, by hand: writing
 * needs five message types and no schema; nothing in the engine reads ONNX).
 */
import { FineTuneError } from '../errors.ts';
import type { Graph, Node, Shape, Value } from './graph.ts';
import { type OnnxAttribute, type OnnxEmitter, OPS } from './ops.ts';

/** ONNX operator set of the written models; Gelu needs 20. */
const OPSET = 20;
/** ONNX IR version, the one that opset 20 was released with. */
const IR_VERSION = 9;
const DATA_TYPE = { float32: 1, int8: 3, int64: 7, float64: 11 } as const;

export interface ExtractOptions {
  /** Values that are fed instead of computed (saved activations). */
  readonly given?: readonly Value[];
  /**
   * Outputs that are added to an input of their shape, `out = computed + input`, with the input's name. Fed with the
   * buffer that is also the output, a CPU session accumulates in place. Operators that use such a value see it without
   * the sum.
   */
  readonly accumulate?: ReadonlyMap<Value, string>;
  /** Only operators that every execution provider has a kernel for. @default false */
  readonly portable?: boolean;
  /** Puts an empty sequence before the outputs (see session.ts, no-copy mode). @default false */
  readonly leadingSequence?: boolean;
}

/** An ONNX model and its interface. */
export interface ExtractedModel {
  readonly bytes: Uint8Array;
  /** Graph inputs that the outputs depend on, in order of first use. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Floating-point operations of the products that one run executes. */
  readonly flops: number;
  readonly nodeCount: number;
}

export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly type: Value['type'];
}

/** Name of the sequence output of `leadingSequence`. */
export const SEQUENCE_OUTPUT = 'no_copy_sequence';

/** What computes some values: the nodes, and what they read that no node computes. */
function partOf(outputs: readonly Value[], given: ReadonlySet<Value>) {
  const inputs: Value[] = [];
  const constants = new Set<Value>();
  const nodes = new Set<Node>();
  const seen = new Set<Value>();
  const visit = (value: Value) => {
    if (seen.has(value)) return;
    seen.add(value);
    if (given.has(value) || (!value.node && !value.data)) inputs.push(value);
    else if (value.data) constants.add(value);
    else if (value.node && !nodes.has(value.node)) {
      nodes.add(value.node);
      value.node.inputs.forEach(visit);
    }
  };
  outputs.forEach(visit);
  return { inputs, constants, nodes };
}

/** Rules of what a node costs and how it is written. */
type Rule = { emit(e: OnnxEmitter, n: Node): void; flops?(n: Node): number };
const ruleOf = (node: Node) => OPS[node.op] as Rule;

/** Floating-point operations of the products of the model that `extractModel` would write, without writing it. */
export function countFlops(outputs: readonly Value[], given: readonly Value[] = []): number {
  let flops = 0;
  for (const node of partOf(outputs, new Set(given)).nodes) flops += ruleOf(node).flops?.(node) ?? 0;
  return flops;
}

/** Writes the model that computes `outputs` and nothing else. */
export function extractModel(graph: Graph, outputs: readonly Value[], options: ExtractOptions = {}): ExtractedModel {
  const { accumulate = new Map<Value, string>(), leadingSequence = false } = options;
  const given = new Set(options.given ?? []);
  const { inputs, constants, nodes } = partOf(outputs, given);

  for (const value of outputs) {
    if (given.has(value) || !value.node) {
      throw new FineTuneError(
        'ENGINE_FAILED',
        `Output ${value.name} is an input or a constant; nothing computes it. Ask for values that operators make.`,
      );
    }
  }

  const writer = new ModelWriter(graph.type, options.portable ?? false);
  for (const constant of constants) writer.constant(constant);
  if (leadingSequence) {
    writer.node('SequenceConstruct', [writer.int64s([0])], [SEQUENCE_OUTPUT]);
  }
  const consumed = new Set([...nodes].flatMap((node) => node.inputs));
  const accumulated: Port[] = [];
  // Values that the model's nodes know by another name than their own.
  const renamed = new Map<Value, string>();
  const local = (value: Value): Value => ({ ...value, name: renamed.get(value) ?? value.name });
  let flops = 0;
  for (const node of [...nodes].sort((a, b) => a.index - b.index)) {
    const rule = ruleOf(node);
    flops += rule.flops?.(node) ?? 0;
    const nodeInputs = node.inputs.map(local);
    // One output of the node is fed while another is computed: the computed twin must not take its name.
    for (const value of node.outputs) if (given.has(value)) renamed.set(value, writer.temporary());
    const targets = node.outputs.filter((value) => accumulate.has(value) && outputs.includes(value));
    const addends = targets.map((value): Value => ({ ...value, name: accumulate.get(value)!, node: undefined }));
    accumulated.push(...addends.map(toPort));
    if (node.op === 'Gemm' && node.inputs.length === 2 && targets.length === 1 && !consumed.has(targets[0])) {
      rule.emit(writer, { ...node, inputs: [...nodeInputs, addends[0]] });
      continue;
    }
    // Other nodes go on with what was computed, not with the sum.
    for (const value of targets) renamed.set(value, writer.temporary());
    rule.emit(writer, { ...node, inputs: nodeInputs, outputs: node.outputs.map(local) });
    for (const value of node.outputs) if (given.has(value)) renamed.delete(value);
    targets.forEach((value, i) => {
      writer.node('Add', [addends[i].name, renamed.get(value)!], [value.name]);
    });
  }
  const ports = [...inputs.map(toPort), ...accumulated];
  return {
    bytes: writer.finish(ports, outputs.map(toPort), leadingSequence),
    inputs: ports,
    outputs: outputs.map(toPort),
    flops,
    nodeCount: nodes.size,
  };
}

function toPort({ name, shape, type }: Value): Port {
  return { name, shape, type };
}

/** Protobuf wire format: `tag = field << 3 | wireType`, wire types 0 varint, 2 length-delimited, 5 fixed 32 bits. */
class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  integer(field: number, value: number): this {
    return this.#varint(field << 3).#varint(value);
  }
  float(field: number, value: number): this {
    return this.#varint((field << 3) | 5).#append(new Uint8Array(Float32Array.of(value).buffer));
  }
  bytes(field: number, value: Uint8Array): this {
    return this.#varint((field << 3) | 2)
      .#varint(value.length)
      .#append(value);
  }
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }
  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }
  encode(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #append(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
  #varint(value: number): this {
    // Negative integers are written as their 64-bit two's complement.
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
    return this.#append(Uint8Array.from(bytes));
  }
}

class ModelWriter implements OnnxEmitter {
  readonly #graph = new Message();
  readonly #constants = new Map<string, string>();
  #count = 0;

  constructor(
    readonly type: 'float32' | 'float64',
    readonly portable: boolean,
  ) {}

  node(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    const node = new Message();
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    // Named after its first output, so that profiles and dumped files can be read.
    node.text(3, `${op}:${outputs[0]}`).text(4, op);
    for (const [name, attribute] of Object.entries(attributes)) node.message(5, attributeMessage(name, attribute));
    if (domain) node.text(7, domain);
    this.#graph.message(1, node);
  }

  temporary(): string {
    return `_${this.#count++}`;
  }

  int64s(values: readonly number[], shape: Shape = [values.length]): string {
    return this.#shared(`i:${shape}:${values}`, shape, 'int64', BigInt64Array.from(values.map(BigInt)));
  }

  floats(values: readonly number[], shape: Shape): string {
    const data = this.type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
    return this.#shared(`f:${shape}:${values}`, shape, this.type, data);
  }

  constant({ name, shape, type, data }: Value): void {
    this.#initializer(name, shape, type, data!);
  }

  finish(inputs: readonly Port[], outputs: readonly Port[], leadingSequence: boolean): Uint8Array {
    this.#graph.text(2, 'rgft');
    for (const port of inputs) this.#graph.message(11, valueInfo(port));
    if (leadingSequence) this.#graph.message(12, sequenceInfo(SEQUENCE_OUTPUT));
    for (const port of outputs) this.#graph.message(12, valueInfo(port));
    const opset = (domain: string, version: number) => new Message().text(1, domain).integer(2, version);
    return new Message()
      .integer(1, IR_VERSION)
      .text(2, 'rgft')
      .message(7, this.#graph)
      .message(8, opset('', OPSET))
      .message(8, opset('com.microsoft', 1))
      .encode();
  }

  #shared(key: string, shape: Shape, type: Value['type'], data: Value['data'] & object): string {
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = this.temporary();
      this.#constants.set(key, name);
      this.#initializer(name, shape, type, data);
    }
    return name;
  }

  #initializer(name: string, shape: Shape, type: Value['type'], data: Value['data'] & object): void {
    const tensor = new Message();
    for (const length of shape) tensor.integer(1, length);
    tensor.integer(2, DATA_TYPE[type]).text(8, name);
    this.#graph.message(5, tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  }
}

function attributeMessage(name: string, attribute: OnnxAttribute): Message {
  const message = new Message().text(1, name);
  if ('int' in attribute) return message.integer(3, attribute.int).integer(20, 2);
  if ('float' in attribute) return message.float(2, attribute.float).integer(20, 1);
  if ('string' in attribute) return message.text(4, attribute.string).integer(20, 3);
  for (const n of attribute.ints) message.integer(8, n);
  return message.integer(20, 7);
}

function valueInfo({ name, shape, type }: Port): Message {
  const dims = new Message();
  for (const length of shape) dims.message(1, new Message().integer(1, length));
  const tensor = new Message().integer(1, DATA_TYPE[type]).message(2, dims);
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}

function sequenceInfo(name: string): Message {
  const element = new Message().message(1, new Message().integer(1, DATA_TYPE.int64));
  const sequence = new Message().message(1, element);
  return new Message().text(1, name).message(2, new Message().message(4, sequence));
}
