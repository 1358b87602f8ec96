/**
 * @file Angular frequencies of rotary positions from `config.json`: `theta^(-2i/rotaryDim)`, then the scaling. Both
 * spellings are read: `rope_theta` + `rope_scaling`, and the `rope_parameters` of transformers 5.
 */
import { FineTuneError } from '../../errors.ts';
import type { RopeConfig } from '../config.ts';
import { optionalObject, positiveNumber, unsupported } from './configJson.ts';
import type { ConfigJson } from './family.ts';

/**
 * @param headDim features of a head
 * @param thetaKey where the base stands outside `rope_parameters` @default 'rope_theta'
 * @param partialKey share of the head that is rotated; undefined: all of it is, and another share is refused
 * @throws CONFIG_INVALID, UNSUPPORTED_MODEL (yarn, longrope, other rules, rules that differ between layers)
 */
export function ropeConfig(
  json: ConfigJson,
  headDim: number,
  thetaKey = 'rope_theta',
  partialKey?: { readonly key: string; readonly fallback: number },
): RopeConfig {
  const parameters = optionalObject(json, 'rope_parameters');
  const scaling = parameters ?? optionalObject(json, 'rope_scaling') ?? {};
  if (Object.values(scaling).some((value) => typeof value === 'object' && value !== null && !Array.isArray(value))) {
    throw unsupported('rope_parameters differ between kinds of layers', 'one rule for all layers');
  }
  const theta =
    parameters?.rope_theta != null
      ? positiveNumber(parameters, 'rope_theta')
      : json[thetaKey] != null
        ? positiveNumber(json, thetaKey)
        : positiveNumber(json, 'rope_theta', 10000);
  const share =
    parameters?.partial_rotary_factor != null
      ? positiveNumber(parameters, 'partial_rotary_factor')
      : json.partial_rotary_factor != null
        ? positiveNumber(json, 'partial_rotary_factor')
        : partialKey
          ? positiveNumber(json, partialKey.key, partialKey.fallback)
          : 1;
  if (!partialKey && share !== 1) {
    throw unsupported(`partial_rotary_factor is ${share}`, 'all of a head rotated, as this family does');
  }
  const rotaryDim = Math.trunc(headDim * share);
  const inverseFrequencies = scaledFrequencies(scaling, plainFrequencies(theta, rotaryDim));
  return { rotaryDim, inverseFrequencies };
}

/** `theta^(-2i/rotaryDim)`, rounded to f32 after each step as PyTorch does: at position 16,000 the last bit shows. */
function plainFrequencies(theta: number, rotaryDim: number): number[] {
  const frequencies: number[] = [];
  for (let i = 0; i < rotaryDim; i += 2) {
    frequencies.push(Math.fround(1 / Math.fround(theta ** Math.fround(i / rotaryDim))));
  }
  return frequencies;
}

function scaledFrequencies(scaling: ConfigJson, frequencies: number[]): number[] {
  const rule = scaling.rope_type ?? scaling.type ?? 'default';
  switch (rule) {
    case 'default':
      return frequencies;
    case 'dynamic': // equals the plain rule up to max_position_embeddings, which is the limit here
      return frequencies;
    case 'linear': {
      const factor = positiveNumber(scaling, 'factor');
      return frequencies.map((frequency) => Math.fround(frequency / factor));
    }
    case 'llama3':
      return llama3Frequencies(scaling, frequencies);
    default:
      throw unsupported(`rotary scaling is ${JSON.stringify(rule)}`, 'default, linear, dynamic or llama3', { rule });
  }
}

/** Llama 3.1: long wavelengths are stretched by `factor`, short ones kept, those between are blended. */
function llama3Frequencies(scaling: ConfigJson, frequencies: number[]): number[] {
  const factor = positiveNumber(scaling, 'factor');
  const low = positiveNumber(scaling, 'low_freq_factor');
  const high = positiveNumber(scaling, 'high_freq_factor');
  const original = positiveNumber(scaling, 'original_max_position_embeddings');
  if (high <= low) {
    throw new FineTuneError(
      'CONFIG_INVALID',
      `config.json: high_freq_factor ${high} is not above low_freq_factor ${low}. Fetch config.json again or correct it.`,
      { low, high },
    );
  }
  return frequencies.map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency; // positions per turn
    if (wavelength > original / low) return Math.fround(frequency / factor);
    if (wavelength < original / high) return frequency;
    const smooth = (original / wavelength - low) / (high - low);
    return Math.fround(((1 - smooth) * frequency) / factor + smooth * frequency);
  });
}
