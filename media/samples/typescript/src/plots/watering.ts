/** Watering: barrels that catch rain, and the litres that each bed has got. */

import { chime, heed } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, span, tagOf } from '../core/gauge.ts';
import { bloom, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { bedCleared, beds } from './beds.ts';

const LITRES_PER_SQUARE_METRE = 25;

export interface Barrel {
  readonly tag: string;
  readonly holdsLitres: number;
  readonly litres: number;
}

export interface Pour {
  readonly tag: string;
  readonly bed: string;
  readonly litres: number;
  readonly day: number;
}

export const barrels = shelf<Barrel>('barrels', 'barrel');
export const pours = shelf<Pour>('pours', 'pour');
export const barrelDry = chime<{ barrel: string }>('barrel.dry');

export const setUpBarrel = tend(slip('barrel.set', { holdsLitres: count(50, 5000) }), (garden, slip) => {
  const barrel = garden.shelves.place(barrels, { ...slip, litres: 0 });
  garden.diary.jot('barrel.set', { barrel: barrel.tag, holds: barrel.holdsLitres });
  return bloom(barrel);
});

export const catchRain = tend(slip('barrel.rain', { millimetres: span(0.1, 200, 'mm') }), (garden, slip) => {
  let caught = 0;
  for (const barrel of garden.shelves.gather(barrels)) {
    const litres = Math.min(barrel.holdsLitres, barrel.litres + Math.round(slip.millimetres * 20));
    caught += litres - barrel.litres;
    garden.shelves.revise(barrels, barrel.tag, { litres });
  }
  garden.diary.jot('barrel.rain', { millimetres: slip.millimetres, caught });
  return bloom(caught);
});

export const waterBed = tend(
  slip('bed.water', { bed: tagOf('bed'), barrel: tagOf('barrel'), litres: count(1, 2000) }),
  (garden, slip) => {
    const bed = garden.shelves.pick(beds, slip.bed);
    if (!bed.ok) return bed;
    const barrel = garden.shelves.pick(barrels, slip.barrel);
    if (!barrel.ok) return barrel;
    const left = barrel.leaf.litres - slip.litres;
    if (left < 0) {
      return wilt('BARREL_TOO_EMPTY', {
        saw: `${barrel.leaf.litres} litres in ${slip.barrel}`,
        needed: `${slip.litres} litres`,
        tend: 'Use another barrel, or wait for rain.',
      });
    }
    const day = garden.almanac.today();
    const poured = litresOfDay(garden.shelves.gather(pours), slip.bed, day) + slip.litres;
    if (poured > bed.leaf.squareMetres * LITRES_PER_SQUARE_METRE) {
      return wilt('BED_FLOODED', {
        saw: `${poured} litres for ${slip.bed} in one day`,
        needed: `at most ${bed.leaf.squareMetres * LITRES_PER_SQUARE_METRE}`,
        tend: 'Water again tomorrow.',
      });
    }
    garden.shelves.revise(barrels, slip.barrel, { litres: left });
    const pour = garden.shelves.place(pours, { bed: slip.bed, litres: slip.litres, day });
    garden.diary.jot('bed.water', { bed: slip.bed, litres: slip.litres });
    if (left === 0) garden.strike(barrelDry, { barrel: slip.barrel });
    return bloom(pour);
  },
);

// The pours of a bed that is cleared are of no use to the next plants.
heed(bedCleared, (garden, news) => {
  for (const pour of garden.shelves.gather(pours, (one) => one.bed === news.bed)) {
    garden.shelves.discard(pours, pour.tag);
  }
});

function litresOfDay(all: readonly Pour[], bed: string, day: number): number {
  return all.filter((pour) => pour.bed === bed && pour.day === day).reduce((sum, pour) => sum + pour.litres, 0);
}
