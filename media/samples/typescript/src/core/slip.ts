/** Slips: the work slips that are handed in for a chore. The gauges of a slip say what must stand on it. */

import type { Gauge, SpareGauge } from './gauge.ts';
import { bloom, type Reply, wilt } from './reply.ts';

export type Gauges = Readonly<Record<string, Gauge<unknown>>>;

/** The slip as the chore reads it: complete. */
export type Filled<G extends Gauges> = { readonly [K in keyof G]: G[K] extends Gauge<infer T> ? T : never };

type SpareKeys<G extends Gauges> = { [K in keyof G]: G[K] extends SpareGauge<unknown> ? K : never }[keyof G];

/** The slip as it is handed in: what has a spare value may be left out. */
export type Offered<G extends Gauges> = Omit<Filled<G>, SpareKeys<G>> & Partial<Pick<Filled<G>, SpareKeys<G>>>;

export interface Slip<G extends Gauges> {
  readonly chore: string;
  readonly gauges: G;
}

/** Defines the slip of a chore such as `bed.sow`. */
export function slip<G extends Gauges>(chore: string, gauges: G): Slip<G> {
  return { chore, gauges };
}

/** Reads a slip with its gauges; wilts at the first entry that is wrong. */
export function readSlip<G extends Gauges>(form: Slip<G>, offered: Offered<G>): Reply<Filled<G>> {
  const given = offered as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    if (!(name in form.gauges)) {
      return wilt('SLIP_FOREIGN', {
        saw: `${name} on a slip for ${form.chore}`,
        needed: `only ${Object.keys(form.gauges).join(', ')}`,
        tend: 'Leave it out.',
      });
    }
  }
  const filled: Record<string, unknown> = {};
  for (const [name, gauge] of Object.entries(form.gauges)) {
    const value = given[name] === undefined && 'spare' in gauge ? gauge.spare : gauge.read(given[name]);
    if (value === undefined) {
      return wilt('SLIP_WRONG', {
        saw: `${name} = ${JSON.stringify(given[name]) ?? 'nothing'} on a slip for ${form.chore}`,
        needed: gauge.wants,
        tend: `Correct ${name}.`,
      });
    }
    filled[name] = value;
  }
  return bloom(filled as Filled<G>);
}
