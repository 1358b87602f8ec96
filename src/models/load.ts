/** @file Loads a whole model into memory: configuration, weights and tokenizer of a model folder or a finished run. */
import fs from 'node:fs';
import path from 'node:path';
import { allocateParameters, type ParameterStore } from '../engine/parameters.ts';
import { FineTuneError } from '../errors.ts';
import { type CheckpointSource, openCheckpoint } from './checkpoint.ts';
import { type ModelConfig, weightShapes } from './config.ts';
import { checkTokenizerFits, loadTokenizer } from './huggingFaceTokenizer.ts';
import type { FloatDtype } from './safetensors.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface LoadOptions {
  /** Reserve room for gradients and optimizer state. @default false */
  readonly trainable?: boolean;
}

export interface LoadedModel {
  /** The Hugging Face folder that was read. */
  readonly folder: string;
  /**
   * Sizes of the model. `eosTokenIds` holds every id that ends a text: those of config.json, of generation_config.json
   * and the tokenizer's own.
   */
  readonly config: ModelConfig;
  /** What `saveCheckpoint` takes over from the model: config.json, family, companion files. The weights' files are closed. */
  readonly checkpoint: CheckpointSource;
  /** How the folder stores its weights. */
  readonly dtype: FloatDtype;
  /** All weights as f32. */
  readonly store: ParameterStore;
  readonly tokenizer: Tokenizer;
}

/**
 * Reads a model folder (config.json, safetensors, tokenizer.json), or the final model of a run directory.
 *
 * @throws MODEL_NOT_FOUND, CONFIG_INVALID, UNSUPPORTED_MODEL, CHECKPOINT_TRUNCATED, CHECKPOINT_INVALID, TENSOR_MISSING,
 *   TENSOR_SHAPE, TENSOR_DTYPE, TOKENIZER_MISSING, TOKENIZER_INVALID, TOKENIZER_MISMATCH, NO_PERMISSION, OUT_OF_MEMORY
 */
export async function loadModel(folderOrRun: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const folder = modelFolder(folderOrRun);
  const checkpoint = openCheckpoint(folder);
  try {
    const { configJson, family } = checkpoint;
    // The tokenizer is the cheaper check: a folder without one is refused before gigabytes are read.
    const tokenizer = loadTokenizer(folder);
    checkTokenizerFits(tokenizer, checkpoint.config);
    const { eos } = tokenizer.special;
    const eosTokenIds = [...new Set([...checkpoint.config.eosTokenIds, ...(eos === undefined ? [] : [eos])])];
    const config: ModelConfig = { ...checkpoint.config, eosTokenIds };
    const store = allocateParameters(weightShapes(config), options.trainable ?? false);
    for (const parameter of store.values()) checkpoint.read(parameter.name, parameter.weights);
    return {
      folder,
      config,
      dtype: checkpoint.dtype,
      checkpoint: { folder, configJson, config: checkpoint.config, family },
      store,
      tokenizer,
    };
  } finally {
    checkpoint.close();
  }
}

/**
 * The model folder that a path stands for: itself, or `model/` of a run directory.
 *
 * @throws MODEL_NOT_FOUND for a run that has not finished.
 */
export function modelFolder(folderOrRun: string): string {
  if (!fs.existsSync(path.join(folderOrRun, 'run.json'))) return folderOrRun;
  const folder = path.join(folderOrRun, 'model');
  if (fs.existsSync(path.join(folder, 'config.json'))) return folder;
  throw new FineTuneError(
    'MODEL_NOT_FOUND',
    `${folderOrRun} is a run without a final model. Let it finish (rgft finetune --resume), or give a model folder.`,
    { folder: folderOrRun },
  );
}
