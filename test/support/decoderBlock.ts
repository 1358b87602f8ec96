/** @file A decoder block written on the bare graph, for tests that want everything at once at a size of their choice. */
import { type Graph, type Shape, sizeOf, type Value } from '../../src/engine/graph.ts';
import type { TensorData } from '../../src/engine/session.ts';
import { bufferFor, randomNumbers } from './numeric.ts';

export interface BlockSizes {
  /** Tokens, features, query heads, key heads, features per head (a multiple of 4), neurons, vocabulary. */
  readonly T: number;
  readonly C: number;
  readonly H: number;
  readonly K: number;
  readonly D: number;
  readonly M: number;
  readonly V: number;
}

/**
 * A causal block with grouped queries, rotation of half of each head, a bias, a gated MLP and the loss on top, with
 * seeded contents for all its inputs. `parameters` holds its input x and all weights.
 */
export function decoderBlock(
  graph: Graph,
  { T, C, H, K, D, M, V }: BlockSizes,
): { loss: Value; parameters: Map<string, Value>; feeds: Record<string, TensorData> } {
  const parameters = new Map<string, Value>();
  const parameter = (name: string, shape: Shape) => {
    const value = graph.input(name, shape);
    parameters.set(name, value);
    return value;
  };
  const positions = graph.input('positions', [1, T], 'int64');
  const labels = graph.input('labels', [T], 'int64');
  const angles = Array.from({ length: T * (D / 4) }, (_, i) => Math.floor(i / (D / 4)) / 3 ** (i % (D / 4)));
  const cos = graph.constant(angles.map(Math.cos), [T, D / 4]);
  const sin = graph.constant(angles.map(Math.sin), [T, D / 4]);
  const heads = (x: Value, count: number) => graph.transpose(graph.reshape(x, [1, T, count, D]), [0, 2, 1, 3]);
  const rotated = (x: Value, numHeads: number) =>
    graph.apply('RotaryEmbedding', [graph.reshape(x, [1, T, numHeads * D]), positions, cos, sin], { numHeads })[0];
  const norm = (x: Value, name: string) =>
    graph.apply('SimplifiedLayerNormalization', [x, parameter(name, [C])], { epsilon: 2 ** -20 })[0];

  const x = parameter('x', [T, C]);
  const normed = norm(x, 'inputNorm');
  const q = rotated(graph.linear(normed, parameter('q', [H * D, C]), parameter('qBias', [H * D])), H);
  const k = rotated(graph.linear(normed, parameter('k', [K * D, C])), K);
  const v = graph.linear(normed, parameter('v', [K * D, C]));
  const causal = Array.from({ length: T * T }, (_, i) => (i % T <= Math.floor(i / T) ? 0 : -1e9));
  const mask = graph.constant(causal, [1, 1, T, T]);
  const [o] = graph.apply('Attention', [heads(q, H), heads(k, K), heads(v, K), mask], { scale: 1 / Math.sqrt(D) });
  const mixed = graph.reshape(graph.transpose(o, [0, 2, 1, 3]), [T, H * D]);
  const residual = graph.add(x, graph.linear(mixed, parameter('o', [C, H * D])));
  const normed2 = norm(residual, 'postNorm');
  const gate = graph.apply('QuickGelu', [graph.linear(normed2, parameter('gate', [M, C]))], {})[0];
  const gated = graph.mul(gate, graph.linear(normed2, parameter('up', [M, C])));
  const hidden = graph.linear(gated, parameter('down', [C, M]), residual);
  const [losses] = graph.apply(
    'LinearCrossEntropy',
    [norm(hidden, 'finalNorm'), parameter('head', [V, C]), labels],
    {},
  );
  const feeds: Record<string, TensorData> = {
    positions: BigInt64Array.from({ length: T }, (_, i) => BigInt(i)),
    labels: BigInt64Array.from({ length: T }, (_, i) => BigInt((5 * i + V - 1) % V)),
  };
  for (const [name, value] of parameters) {
    // Scaled so that activations keep their size at any width.
    const bound = value.shape.length === 2 && name !== 'x' ? Math.sqrt(4 / value.shape[1]) : 1;
    feeds[name] = bufferFor(value, randomNumbers(sizeOf(value.shape), name.length, -bound, bound));
  }
  return { loss: graph.reduceMean(losses, [0, 1]), parameters, feeds };
}
