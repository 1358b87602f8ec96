/** Pests: sightings in the beds, and what was done about them. Poison is the last means and needs a pause. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, either, tagOf } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { beds } from './beds.ts';

const KINDS = ['aphids', 'slugs', 'mildew', 'voles'] as const;
const MANY = 50;
const PAUSE_DAYS = 21;

export interface Sighting {
  readonly tag: string;
  readonly bed: string;
  readonly kind: (typeof KINDS)[number];
  readonly number: number;
  readonly state: 'open' | 'treated' | 'over';
}

export interface Treatment {
  readonly tag: string;
  readonly sighting: string;
  readonly means: string;
  readonly day: number;
}

export const sightings = shelf<Sighting>('sightings', 'pest');
export const treatments = shelf<Treatment>('treatments', 'cure');
export const plagueSeen = chime<{ bed: string; kind: string }>('pest.plague');

export const reportPest = tend(
  slip('pest.report', { bed: tagOf('bed'), kind: either(...KINDS), number: count(1, 10_000) }),
  (garden, slip) =>
    graft(garden.shelves.pick(beds, slip.bed), () => {
      const sighting = garden.shelves.place(sightings, { ...slip, state: 'open' });
      garden.diary.worry('pest.report', { bed: slip.bed, kind: slip.kind });
      if (slip.number >= MANY) {
        garden.diary.cry('pest.plague', { bed: slip.bed, number: slip.number });
        garden.strike(plagueSeen, { bed: slip.bed, kind: slip.kind });
      }
      return bloom(sighting);
    }),
);

export const treatPest = tend(
  slip('pest.treat', { pest: tagOf('pest'), means: either('soap', 'traps', 'poison') }),
  (garden, slip) => {
    const sighting = garden.shelves.pick(sightings, slip.pest);
    if (!sighting.ok) return sighting;
    const today = garden.almanac.today();
    const last = garden.shelves
      .gather(treatments, (treatment) => treatment.means === 'poison')
      .find((treatment) => today - treatment.day < PAUSE_DAYS);
    if (slip.means === 'poison' && last) {
      return wilt('PEST_POISON_TOO_SOON', {
        saw: `poison on day ${last.day}`,
        needed: `a pause of ${PAUSE_DAYS} days`,
        tend: 'Use soap or traps.',
      });
    }
    garden.shelves.place(treatments, { sighting: slip.pest, means: slip.means, day: today });
    garden.diary.jot('pest.treat', { pest: slip.pest, means: slip.means });
    return garden.shelves.revise(sightings, slip.pest, { state: 'treated' });
  },
);

export const checkPest = tend(
  slip('pest.check', { pest: tagOf('pest'), number: count(0, 10_000) }),
  (garden, slip) => {
    const state = slip.number === 0 ? 'over' : 'open';
    garden.diary.jot('pest.check', { pest: slip.pest, state });
    return garden.shelves.revise(sightings, slip.pest, { number: slip.number, state });
  },
);
