/**
 * @file Reads single keys of `config.json` with their types checked. `null` counts as absent, as it does for
 * transformers, whose defaults the families pass in.
 */
import { FineTuneError } from '../../errors.ts';
import type { ModelConfig } from '../config.ts';
import type { ConfigJson } from './family.ts';

/** A positive integer. @throws CONFIG_INVALID */
export function positiveInteger(json: ConfigJson, key: string, fallback?: number): number {
  const value = present(json, key, fallback, 'a positive integer');
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw wrongType(key, value, 'a positive integer');
}

/** A positive, finite number. @throws CONFIG_INVALID */
export function positiveNumber(json: ConfigJson, key: string, fallback?: number): number {
  const value = present(json, key, fallback, 'a positive number');
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw wrongType(key, value, 'a positive number');
}

/** True or false. @throws CONFIG_INVALID */
export function flag(json: ConfigJson, key: string, fallback: boolean): boolean {
  const value = json[key] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw wrongType(key, value, 'true or false');
}

/** The object under `key`, or undefined. @throws CONFIG_INVALID */
export function optionalObject(json: ConfigJson, key: string): ConfigJson | undefined {
  const value = json[key] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as ConfigJson;
  throw wrongType(key, value, 'an object');
}

/** Width of a head when the configuration does not give it: hidden size over heads. @throws CONFIG_INVALID */
export function evenHeadDim(hiddenSize: number, numHeads: number): number {
  if (hiddenSize % numHeads === 0) return hiddenSize / numHeads;
  throw new FineTuneError(
    'CONFIG_INVALID',
    `config.json: hidden size ${hiddenSize} does not divide into ${numHeads} heads. Check the sizes, or give head_dim.`,
    { hiddenSize, numHeads },
  );
}

const ACTIVATIONS: Readonly<Record<string, ModelConfig['activation']>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  gelu_python_tanh: 'geluTanh',
};

/** The activation under `key`. @throws CONFIG_INVALID, UNSUPPORTED_MODEL */
export function activation(json: ConfigJson, key: string, fallback: string): ModelConfig['activation'] {
  const value = json[key] ?? fallback;
  if (typeof value !== 'string') throw wrongType(key, value, 'the name of an activation');
  const known = ACTIVATIONS[value];
  if (known) return known;
  throw unsupported(`${key} is "${value}"`, `one of ${Object.keys(ACTIVATIONS).join(', ')}`, { key, value });
}

/** Begin and end ids; `eos_token_id` is a number or a list. @throws CONFIG_INVALID */
export function tokenIds(json: ConfigJson): Pick<ModelConfig, 'bosTokenId' | 'eosTokenIds'> {
  const isId = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const bos = json.bos_token_id ?? undefined;
  const eos = json.eos_token_id ?? [];
  const eosTokenIds = Array.isArray(eos) ? eos : [eos];
  if (bos !== undefined && !isId(bos)) throw wrongType('bos_token_id', bos, 'a token id');
  if (!eosTokenIds.every(isId)) throw wrongType('eos_token_id', eos, 'a token id or a list of them');
  return { ...(bos === undefined ? {} : { bosTokenId: bos as number }), eosTokenIds: eosTokenIds as number[] };
}

/** Sets `key` must have for the numbers to come out as here; anything else changes what the model computes. */
export function requireSetting(json: ConfigJson, key: string, expected: unknown): void {
  const value = json[key] ?? expected;
  if (value !== expected)
    throw unsupported(`${key} is ${JSON.stringify(value)}`, JSON.stringify(expected), { key, value });
}

/** Refuses what no family here computes: quantised weights, mixtures of experts, ALiBi, capped logits. */
export function refuseUnsupportedFeatures(json: ConfigJson): void {
  if (json.quantization_config != null) {
    throw unsupported('the weights are quantised', 'the original F32, F16 or BF16 checkpoint', {
      key: 'quantization_config',
    });
  }
  for (const key of ['num_experts', 'num_local_experts', 'n_routed_experts', 'moe_intermediate_size']) {
    if (typeof json[key] === 'number' && json[key] > 0) {
      throw unsupported(`${key} is ${json[key]} (a mixture of experts)`, 'a dense model', { key });
    }
  }
  if (json.alibi === true || json.position_embedding_type === 'alibi') {
    throw unsupported('positions are ALiBi', 'rotary or learned positions', { key: 'alibi' });
  }
  for (const key of ['attn_logit_softcapping', 'final_logit_softcapping']) {
    if (json[key] != null) throw unsupported(`${key} is ${json[key]}`, 'uncapped logits', { key });
  }
}

/**
 * Checks what every family must satisfy and returns `config`.
 *
 * @throws CONFIG_INVALID
 */
export function checkedConfig(config: ModelConfig): ModelConfig {
  const { numHeads, numKvHeads, rope, headDim } = config;
  if (numHeads % numKvHeads !== 0) {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `config.json: ${numHeads} query heads do not divide into ${numKvHeads} key/value heads. Check num_attention_heads and num_key_value_heads.`,
      { numHeads, numKvHeads },
    );
  }
  if (rope && (rope.rotaryDim % 2 !== 0 || rope.rotaryDim < 2 || rope.rotaryDim > headDim)) {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `config.json: ${rope.rotaryDim} of ${headDim} features of a head would be rotated; an even number of at least 2 is needed. Check head_dim and rotary_pct.`,
      { rotaryDim: rope.rotaryDim, headDim },
    );
  }
  return config;
}

/** The error for a feature that is understood but not computed here. */
export function unsupported(found: string, expected: string, details: Record<string, unknown> = {}): FineTuneError {
  return new FineTuneError(
    'UNSUPPORTED_MODEL',
    `config.json: ${found}; supported: ${expected}. Choose another model.`,
    details,
  );
}

/** The error for a key of the wrong type. */
export function wrongType(key: string, value: unknown, expected: string): FineTuneError {
  return new FineTuneError(
    'CONFIG_INVALID',
    `config.json: ${key} is ${JSON.stringify(value)}, expected ${expected}. Fetch config.json again or correct it.`,
    { key, value },
  );
}

function present(json: ConfigJson, key: string, fallback: unknown, expected: string): unknown {
  const value = json[key] ?? fallback;
  if (value !== undefined) return value;
  throw new FineTuneError(
    'CONFIG_INVALID',
    `config.json has no ${key}; expected ${expected}. Fetch config.json again, and check that it belongs to this model.`,
    { key },
  );
}
