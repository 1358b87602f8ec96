/** Rounds: steps that are done one after the other with a shared basket. A round stops at the first blight. */

import type { Garden } from './garden.ts';
import { bloom, type Reply, through } from './reply.ts';

export interface Round<B> {
  readonly name: string;
  /** Adds a step; what it returns is put into the basket under its own keys. */
  step<Add extends object>(work: (garden: Garden, basket: B) => Reply<Add>): Round<B & Add>;
  /** Goes the round. */
  walk(garden: Garden, basket: object): Reply<B>;
}

type Step = (garden: Garden, basket: never) => Reply<object>;

/** Begins a round, for instance `round<{ bed: string }>('sowing')`; the type says what the basket starts with. */
export function round<B extends object>(name: string): Round<B> {
  return withSteps<B>(name, []);
}

function withSteps<B>(name: string, steps: readonly Step[]): Round<B> {
  return {
    name,
    step: (work) => withSteps(name, [...steps, work as Step]),
    walk(garden, start) {
      let basket = start;
      for (const [index, step] of steps.entries()) {
        const reply = step(garden, basket as never);
        if (!reply.ok) {
          garden.diary.worry(`round.${name}`, { stoppedAt: index + 1 });
          return through(reply, `round.${name}`);
        }
        basket = { ...basket, ...reply.leaf };
      }
      garden.diary.jot(`round.${name}`, { steps: steps.length });
      return bloom(basket as B);
    },
  };
}
