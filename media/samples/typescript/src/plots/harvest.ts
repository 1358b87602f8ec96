/** Harvest: crates of fruit and vegetables from growing beds, sorted by quality and kept in the cellar. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { either, span, tagOf } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { beds } from './beds.ts';

const KEEPS_DAYS = { first: 60, second: 30, third: 10 } as const;
const DAYS_TO_RIPEN = 45;

export interface Crate {
  readonly tag: string;
  readonly bed: string;
  readonly species: string;
  readonly kilos: number;
  readonly quality: keyof typeof KEEPS_DAYS;
  readonly pickedOn: number;
}

export const crates = shelf<Crate>('crates', 'crate');
export const cratePicked = chime<{ crate: string; species: string; kilos: number }>('crate.picked');

export const pickCrate = tend(
  slip('crate.pick', { bed: tagOf('bed'), kilos: span(0.1, 40, 'kg'), quality: either('first', 'second', 'third') }),
  (garden, slip) => {
    const bed = garden.shelves.pick(beds, slip.bed);
    if (!bed.ok) return bed;
    if (bed.leaf.state !== 'growing' || bed.leaf.species === null) {
      return wilt('CRATE_NOTHING_GROWS', {
        saw: `${slip.bed} is ${bed.leaf.state}`,
        needed: 'a growing bed',
        tend: 'Check the tag of the bed.',
      });
    }
    const age = garden.almanac.today() - bed.leaf.since;
    if (age < DAYS_TO_RIPEN) {
      return wilt('CRATE_NOT_RIPE', {
        saw: `plants of ${age} days`,
        needed: `at least ${DAYS_TO_RIPEN} days`,
        tend: 'Leave them on the bed.',
      });
    }
    const species = bed.leaf.species;
    const crate = garden.shelves.place(crates, { ...slip, species, pickedOn: garden.almanac.today() });
    garden.diary.jot('crate.pick', { crate: crate.tag, kilos: crate.kilos });
    garden.strike(cratePicked, { crate: crate.tag, species, kilos: crate.kilos });
    return bloom(crate);
  },
);

export const eatFrom = tend(
  slip('crate.eat', { crate: tagOf('crate'), kilos: span(0.1, 40, 'kg') }),
  (garden, slip) =>
    graft(garden.shelves.pick(crates, slip.crate), (crate) => {
      const left = crate.kilos - slip.kilos;
      if (left < 0) {
        return wilt('CRATE_TOO_LITTLE', {
          saw: `${crate.kilos} kg in ${slip.crate}`,
          needed: `${slip.kilos} kg`,
          tend: 'Open a second crate.',
        });
      }
      garden.diary.jot('crate.eat', { crate: slip.crate, left });
      if (left === 0) return garden.shelves.discard(crates, slip.crate);
      return garden.shelves.revise(crates, slip.crate, { kilos: left });
    }),
);

export const sortCellar = tend(slip('cellar.sort', {}), (garden) => {
  const today = garden.almanac.today();
  const spoiled = garden.shelves.gather(crates, (crate) => today - crate.pickedOn > KEEPS_DAYS[crate.quality]);
  for (const crate of spoiled) garden.shelves.discard(crates, crate.tag);
  if (spoiled.length > 0) garden.diary.worry('cellar.sort', { spoiled: spoiled.length });
  return bloom(spoiled.map((crate) => crate.tag));
});
