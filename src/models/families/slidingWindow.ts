/**
 * @file Sliding-window attention is not computed here; within one window it equals full attention, so the window
 * becomes the limit of the sequence length.
 */
import { positiveInteger, unsupported } from './configJson.ts';
import type { ConfigJson } from './family.ts';

/**
 * Longest sequence, tokens.
 *
 * @param windowUsed whether the window of `sliding_window` is in force when `layer_types` does not say so
 * @throws UNSUPPORTED_MODEL for kinds of layers other than full and sliding attention
 */
export function lengthLimit(json: ConfigJson, maxPositionEmbeddings: number, windowUsed: boolean): number {
  const layerTypes = Array.isArray(json.layer_types) ? (json.layer_types as unknown[]) : undefined;
  const strange = layerTypes?.find((type) => type !== 'full_attention' && type !== 'sliding_attention');
  if (strange !== undefined) {
    throw unsupported(`layer_types holds ${JSON.stringify(strange)}`, 'full_attention and sliding_attention');
  }
  const used = layerTypes ? layerTypes.includes('sliding_attention') : windowUsed;
  if (!used || json.sliding_window == null) return maxPositionEmbeddings;
  return Math.min(maxPositionEmbeddings, positiveInteger(json, 'sliding_window'));
}
