/**
 * @file Low-rank adapters (Hu et al. 2021, arXiv 2106.09685) beside a frozen model: `y = x·Wᵀ + s·(x·Aᵀ)·Bᵀ` with
 * `s = alpha / rank`. blocks.ts computes them; here they are made, and folded into the weights at the end.
 */
import { allocateParameters, type ParameterStore } from '../engine/parameters.ts';
import { createRandom, nextFloat } from '../random.ts';
import { type ModelConfig, weightShapes } from './config.ts';

/**
 * The store with the adapters of `config.lora` behind the model's weights; only they are trainable.
 *
 * A is uniform in ±1/√in, which is what peft draws (`kaiming_uniform_` with a = √5; the paper says "random Gaussian"), B
 * is zero, so that the model is the one it was.
 */
export function addAdapters(store: ParameterStore, config: ModelConfig, seed: number): ParameterStore {
  const shapes = [...weightShapes(config)].filter(([name]) => name.includes('.lora_'));
  const adapters = allocateParameters(new Map(shapes));
  for (const { name, shape, weights } of adapters.values()) {
    if (!name.includes('.lora_A.')) continue;
    const random = createRandom(seed, 'lora', name);
    const bound = 1 / Math.sqrt(shape[1]);
    for (let i = 0; i < weights.length; i++) weights[i] = bound * (2 * nextFloat(random) - 1);
  }
  return new Map([...store, ...adapters]);
}

/** The adapters alone: what a checkpoint has to hold. */
export function adaptersOf(store: ParameterStore): ParameterStore {
  return new Map([...store].filter(([name]) => name.includes('.lora_')));
}

/** A weight with its adapter folded in, `W + s·B·A`, in a new array; the weight itself where there is no adapter. */
export function mergedWeight(store: ParameterStore, config: ModelConfig, name: string): Float32Array {
  const { weights } = store.get(name)!;
  const module = name.replace(/\.weight$/, '');
  const down = store.get(`${module}.lora_A.weight`);
  const up = store.get(`${module}.lora_B.weight`);
  if (!down || !up) return weights;
  const { rank, scale } = config.lora!;
  const [outputs, inputs] = [up.shape[0], down.shape[1]];
  const merged = weights.slice();
  for (let o = 0; o < outputs; o++) {
    const row = merged.subarray(o * inputs, (o + 1) * inputs);
    for (let r = 0; r < rank; r++) {
      const factor = scale * up.weights[o * rank + r];
      if (factor === 0) continue;
      const direction = down.weights.subarray(r * inputs, (r + 1) * inputs);
      for (let i = 0; i < inputs; i++) row[i] += factor * direction[i];
    }
  }
  return merged;
}
