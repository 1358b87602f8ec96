/** @file Every model family, and the one that a `config.json` asks for. Adding a family: one file and one line here. */
import { FineTuneError } from '../../errors.ts';
import type { ConfigJson, Family } from './family.ts';
import { gpt2 } from './gpt2.ts';
import { gptBigCode } from './gptBigCode.ts';
import { gptNeoX } from './gptNeoX.ts';
import { llama } from './llama.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';
import { starcoder2 } from './starcoder2.ts';

export const families: readonly Family[] = [llama, qwen2, qwen3, gpt2, gptBigCode, gptNeoX, starcoder2];

/** Every `model_type` that can be read. */
export const supportedModelTypes: readonly string[] = families.flatMap((family) => family.modelTypes);

/**
 * The family of a parsed `config.json`.
 *
 * @throws CONFIG_INVALID (no model_type), UNSUPPORTED_MODEL (one that no family here has)
 */
export function familyOf(json: ConfigJson): Family {
  const { model_type: modelType } = json;
  if (typeof modelType !== 'string') {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `config.json: model_type is ${JSON.stringify(modelType)}, expected one of ${supportedModelTypes.join(', ')}. Fetch config.json again; an adapter's folder is no model.`,
      { key: 'model_type', value: modelType },
    );
  }
  const family = families.find(({ modelTypes }) => modelTypes.includes(modelType));
  if (family) return family;
  throw new FineTuneError(
    'UNSUPPORTED_MODEL',
    `config.json: model_type "${modelType}" is not supported; supported are ${supportedModelTypes.join(', ')}. Choose a model of one of these types.`,
    { modelType, supported: supportedModelTypes },
  );
}
