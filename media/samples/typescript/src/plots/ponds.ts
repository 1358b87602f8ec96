/** Ponds: their water is sampled; bad samples call for a change of water. Fish need room. */

import { tend } from '../core/chore.ts';
import { count, span, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';

const LITRES_PER_FISH = 80;
const BEST_ACIDITY = { low: 6.5, high: 8.5 } as const;

export interface Pond {
  readonly tag: string;
  readonly name: string;
  readonly litres: number;
  readonly fish: number;
  readonly badSamples: number;
}

export const ponds = shelf<Pond>('ponds', 'pond');

export const digPond = tend(slip('pond.dig', { name: words(30), litres: count(200, 2_000_000) }), (garden, slip) => {
  const pond = garden.shelves.place(ponds, { ...slip, fish: 0, badSamples: 0 });
  garden.diary.jot('pond.dig', { pond: pond.tag, litres: pond.litres });
  return bloom(pond);
});

export const stockPond = tend(slip('pond.stock', { pond: tagOf('pond'), fish: count(1, 500) }), (garden, slip) =>
  graft(garden.shelves.pick(ponds, slip.pond), (pond) => {
    const fish = pond.fish + slip.fish;
    if (fish * LITRES_PER_FISH > pond.litres) {
      return wilt('POND_CROWDED', {
        saw: `${fish} fish in ${pond.litres} litres`,
        needed: `${LITRES_PER_FISH} litres for each fish`,
        tend: 'Put fewer fish into the pond.',
      });
    }
    if (pond.badSamples > 0) {
      return wilt('POND_BAD_WATER', {
        saw: `${pond.badSamples} bad samples of ${slip.pond}`,
        needed: 'good water',
        tend: 'Change the water first.',
      });
    }
    garden.diary.jot('pond.stock', { pond: slip.pond, fish });
    return garden.shelves.revise(ponds, slip.pond, { fish });
  }),
);

export const samplePond = tend(
  slip('pond.sample', { pond: tagOf('pond'), acidity: span(0, 14, 'pH'), oxygen: span(0, 20, 'mg/l') }),
  (garden, slip) =>
    graft(garden.shelves.pick(ponds, slip.pond), (pond) => {
      const good = slip.acidity >= BEST_ACIDITY.low && slip.acidity <= BEST_ACIDITY.high && slip.oxygen >= 5;
      if (good) {
        garden.diary.jot('pond.sample', { pond: slip.pond });
        return bloom(pond);
      }
      const badSamples = pond.badSamples + 1;
      garden.diary.worry('pond.sample', { pond: slip.pond, acidity: slip.acidity, oxygen: slip.oxygen });
      if (badSamples >= 3 && pond.fish > 0) garden.diary.cry('pond.fish', { pond: slip.pond, fish: pond.fish });
      return garden.shelves.revise(ponds, slip.pond, { badSamples });
    }),
);

export const changeWater = tend(slip('pond.change', { pond: tagOf('pond') }), (garden, slip) => {
  garden.diary.jot('pond.change', { pond: slip.pond });
  return garden.shelves.revise(ponds, slip.pond, { badSamples: 0 });
});
