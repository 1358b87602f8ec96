/** Greenhouses: houses with a climate that is read, and corrected by windows and heating. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { span, spare, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';

export interface Greenhouse {
  readonly tag: string;
  readonly name: string;
  readonly coldestC: number;
  readonly warmestC: number;
  readonly windows: 'open' | 'shut';
  readonly heating: boolean;
  readonly lastC: number | null;
}

export const greenhouses = shelf<Greenhouse>('greenhouses', 'house');
export const frostInside = chime<{ house: string; celsius: number }>('house.frost');

export const buildHouse = tend(
  slip('house.build', {
    name: words(30),
    coldestC: span(-5, 30, 'degrees'),
    warmestC: spare(span(0, 50, 'degrees'), 35),
  }),
  (garden, slip) => {
    if (slip.coldestC >= slip.warmestC) {
      return wilt('HOUSE_RANGE_EMPTY', {
        saw: `from ${slip.coldestC} to ${slip.warmestC} degrees`,
        needed: 'a coldest temperature below the warmest',
        tend: 'Exchange the two numbers.',
      });
    }
    const house = garden.shelves.place(greenhouses, { ...slip, windows: 'shut', heating: false, lastC: null });
    garden.diary.jot('house.build', { house: house.tag });
    return bloom(house);
  },
);

export const readClimate = tend(
  slip('house.read', { house: tagOf('house'), celsius: span(-30, 70, 'degrees') }),
  (garden, slip) =>
    graft(garden.shelves.pick(greenhouses, slip.house), (house) => {
      const tooCold = slip.celsius < house.coldestC;
      const tooWarm = slip.celsius > house.warmestC;
      if (tooCold || tooWarm) garden.diary.worry('house.read', { house: slip.house, celsius: slip.celsius });
      if (slip.celsius <= 0) {
        garden.diary.cry('house.frost', { house: slip.house });
        garden.strike(frostInside, slip);
      }
      return garden.shelves.revise(greenhouses, slip.house, {
        lastC: slip.celsius,
        heating: tooCold,
        windows: tooWarm ? 'open' : 'shut',
      });
    }),
);

export const airHouse = tend(slip('house.air', { house: tagOf('house') }), (garden, slip) =>
  graft(garden.shelves.pick(greenhouses, slip.house), (house) => {
    if (house.heating) {
      return wilt('HOUSE_HEATED', {
        saw: `heating in ${slip.house}`,
        needed: 'a house without heating',
        tend: 'Wait until it is warm enough.',
      });
    }
    garden.diary.jot('house.air', { house: slip.house });
    return garden.shelves.revise(greenhouses, slip.house, { windows: 'open' });
  }),
);
