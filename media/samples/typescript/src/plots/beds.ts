/** Beds: where plants grow. A bed is fallow, sown, growing or resting. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, either, spare, span, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';

const SOILS = ['sand', 'loam', 'clay', 'peat'] as const;

export interface Bed {
  readonly tag: string;
  readonly name: string;
  readonly squareMetres: number;
  readonly soil: (typeof SOILS)[number];
  readonly state: 'fallow' | 'sown' | 'growing' | 'resting';
  readonly species: string | null;
  readonly since: number;
}

export const beds = shelf<Bed>('beds', 'bed');
export const bedSown = chime<{ bed: string; species: string; seeds: number }>('bed.sown');
export const bedCleared = chime<{ bed: string; species: string; squareMetres: number }>('bed.cleared');

export const digBed = tend(
  slip('bed.dig', {
    name: words(30),
    squareMetres: span(0.5, 400, 'm2'),
    soil: spare(either(...SOILS), 'loam'),
  }),
  (garden, slip) => {
    const twin = garden.shelves.gather(beds, (bed) => bed.name === slip.name)[0];
    if (twin) {
      return wilt('BED_NAME_TAKEN', {
        saw: `${twin.tag} with the name ${slip.name}`,
        needed: 'a name of its own',
        tend: 'Choose another name.',
      });
    }
    const bed = garden.shelves.place(beds, {
      ...slip,
      state: 'fallow',
      species: null,
      since: garden.almanac.today(),
    });
    garden.diary.jot('bed.dig', { bed: bed.tag, soil: bed.soil });
    return bloom(bed);
  },
);

export const sowBed = tend(
  slip('bed.sow', { bed: tagOf('bed'), species: words(40), seeds: count(1, 20_000) }),
  (garden, slip) => {
    const bed = garden.shelves.pick(beds, slip.bed);
    if (!bed.ok) return bed;
    if (bed.leaf.state !== 'fallow') {
      return wilt('BED_NOT_FALLOW', {
        saw: `${slip.bed} is ${bed.leaf.state}`,
        needed: 'a fallow bed',
        tend: 'Clear the bed, or choose another one.',
      });
    }
    if (garden.almanac.season() === 'winter') {
      return wilt('BED_FROZEN', {
        saw: 'winter',
        needed: 'spring, summer or autumn',
        tend: 'Sow in the nursery, or wait for spring.',
      });
    }
    const sown = garden.shelves.revise(beds, slip.bed, {
      state: 'sown',
      species: slip.species,
      since: garden.almanac.today(),
    });
    garden.diary.jot('bed.sow', { bed: slip.bed, seeds: slip.seeds });
    garden.strike(bedSown, slip);
    return sown;
  },
);

export const sproutBed = tend(slip('bed.sprout', { bed: tagOf('bed') }), (garden, slip) =>
  graft(garden.shelves.pick(beds, slip.bed), (bed) => {
    if (bed.state !== 'sown') {
      return wilt('BED_NOT_SOWN', {
        saw: `${slip.bed} is ${bed.state}`,
        needed: 'a sown bed',
        tend: 'Sow the bed first.',
      });
    }
    garden.diary.jot('bed.sprout', { bed: slip.bed });
    return garden.shelves.revise(beds, slip.bed, { state: 'growing', since: garden.almanac.today() });
  }),
);

export const clearBed = tend(slip('bed.clear', { bed: tagOf('bed') }), (garden, slip) =>
  graft(garden.shelves.pick(beds, slip.bed), (bed) => {
    if (bed.species === null) {
      return wilt('BED_ALREADY_CLEAR', {
        saw: `${slip.bed} without plants`,
        needed: 'a bed with plants',
        tend: 'Nothing has to be done.',
      });
    }
    garden.diary.jot('bed.clear', { bed: slip.bed });
    garden.strike(bedCleared, { bed: slip.bed, species: bed.species, squareMetres: bed.squareMetres });
    return garden.shelves.revise(beds, slip.bed, { state: 'fallow', species: null });
  }),
);
