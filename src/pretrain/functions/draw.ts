/** @file Seeded choices, in the words the generator speaks: pick, chance, between. */

import { createRandom, nextBelow, nextFloat } from '../../random.ts';

/** Choices drawn from one seeded stream. */
export interface Draw {
  /** Integer in [0, limit). */
  below(limit: number): number;
  /** Integer in [low, high], both included. */
  between(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Up to `count` different elements in random order. */
  sample<T>(list: readonly T[], count: number): T[];
  /** Picks by weight. */
  weighted<T>(list: readonly (readonly [weight: number, value: T])[]): T;
}

export function createDraw(seed: number, ...streams: readonly (number | string)[]): Draw {
  const state = createRandom(seed, ...streams);
  const draw: Draw = {
    below: (limit) => nextBelow(state, limit),
    between: (low, high) => low + nextBelow(state, high - low + 1),
    chance: (probability) => nextFloat(state) < probability,
    pick: (list) => list[nextBelow(state, list.length)],
    sample(list, count) {
      const rest = [...list];
      const out = [];
      while (out.length < count && rest.length > 0) out.push(rest.splice(nextBelow(state, rest.length), 1)[0]);
      return out;
    },
    weighted(list) {
      let left = nextFloat(state) * list.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of list) {
        left -= weight;
        if (left < 0) return value;
      }
      return list[list.length - 1][1];
    },
  };
  return draw;
}
