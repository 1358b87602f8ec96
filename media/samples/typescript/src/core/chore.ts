/** Chores: the work of the garden, each with its slip. Every chore has one name in the whole program. */

import type { Garden } from './garden.ts';
import type { Reply } from './reply.ts';
import type { Filled, Gauges, Slip } from './slip.ts';

export interface Chore<G extends Gauges, R> {
  readonly slip: Slip<G>;
  readonly work: (garden: Garden, slip: Filled<G>) => Reply<R>;
}

const names = new Set<string>();

/** Defines how a chore is done. */
export function tend<G extends Gauges, R>(
  slip: Slip<G>,
  work: (garden: Garden, slip: Filled<G>) => Reply<R>,
): Chore<G, R> {
  if (names.has(slip.chore)) throw new Error(`two chores are called ${slip.chore}`);
  names.add(slip.chore);
  return { slip, work };
}

/** Returns the names of all chores that were defined so far. */
export function choreNames(): string[] {
  return [...names].sort();
}
