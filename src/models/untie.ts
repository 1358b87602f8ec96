/** @file An LM head of its own for a model whose head is its embedding, so that one can be trained without the other. */
import { allocateParameters, type Parameter, type ParameterStore } from '../engine/parameters.ts';
import type { CheckpointSource } from './checkpoint.ts';
import type { ModelConfig } from './config.ts';

/**
 * Adds `lm_head.weight`, a copy of the embedding, to the store of a tied model, and gives the config that goes with it:
 * the same function, with the same loss; trainable where the embedding is. An untied model stays as it is.
 */
export function untieHead(store: ParameterStore, config: ModelConfig): ModelConfig {
  if (!config.tieWordEmbeddings) return config;
  const { shape, weights, kernels } = store.get('embed_tokens.weight')!;
  const [head] = allocateParameters(new Map([['lm_head.weight', shape]]), kernels !== undefined).values();
  head.weights.set(weights);
  (store as Map<string, Parameter>).set(head.name, head);
  return { ...config, tieWordEmbeddings: false };
}

/** What the checkpoint of an untied model is saved with. */
export function untiedSource(source: CheckpointSource): CheckpointSource {
  if (!source.config.tieWordEmbeddings) return source;
  return {
    ...source,
    configJson: { ...source.configJson, tie_word_embeddings: false },
    config: { ...source.config, tieWordEmbeddings: false },
  };
}
