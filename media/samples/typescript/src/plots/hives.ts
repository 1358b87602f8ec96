/** Hives: colonies of bees. They are inspected, fed before winter, and give honey in summer. */

import { heed } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, span, tagOf, yesNo } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { bedSown } from './beds.ts';

const WINTER_KILOS = 15;
const BEE_PLANTS = ['clover', 'borage', 'lavender', 'thyme'];

export interface Hive {
  readonly tag: string;
  readonly frames: number;
  readonly queen: boolean;
  readonly storeKilos: number;
  readonly forage: number;
}

export const hives = shelf<Hive>('hives', 'hive');

export const settleHive = tend(slip('hive.settle', { frames: count(4, 24) }), (garden, slip) => {
  const hive = garden.shelves.place(hives, { ...slip, queen: true, storeKilos: 5, forage: 0 });
  garden.diary.jot('hive.settle', { hive: hive.tag });
  return bloom(hive);
});

export const inspectHive = tend(
  slip('hive.inspect', { hive: tagOf('hive'), queen: yesNo(), storeKilos: span(0, 60, 'kg') }),
  (garden, slip) => {
    if (!slip.queen) garden.diary.cry('hive.inspect', { hive: slip.hive, queen: false });
    else garden.diary.jot('hive.inspect', { hive: slip.hive, store: slip.storeKilos });
    return garden.shelves.revise(hives, slip.hive, { queen: slip.queen, storeKilos: slip.storeKilos });
  },
);

export const feedHive = tend(slip('hive.feed', { hive: tagOf('hive'), kilos: span(0.5, 20, 'kg') }), (garden, slip) =>
  graft(garden.shelves.pick(hives, slip.hive), (hive) => {
    if (garden.almanac.season() !== 'autumn') {
      return wilt('HIVE_FED_TOO_EARLY', {
        saw: garden.almanac.season(),
        needed: 'autumn',
        tend: 'Feed when no honey is taken any more.',
      });
    }
    garden.diary.jot('hive.feed', { hive: slip.hive, kilos: slip.kilos });
    return garden.shelves.revise(hives, slip.hive, { storeKilos: hive.storeKilos + slip.kilos });
  }),
);

export const takeHoney = tend(slip('hive.honey', { hive: tagOf('hive'), kilos: span(0.5, 40, 'kg') }), (garden, slip) =>
  graft(garden.shelves.pick(hives, slip.hive), (hive) => {
    const left = hive.storeKilos - slip.kilos;
    if (left < WINTER_KILOS) {
      return wilt('HIVE_WOULD_STARVE', {
        saw: `${left} kg left`,
        needed: `at least ${WINTER_KILOS} kg`,
        tend: 'Take less honey.',
      });
    }
    garden.diary.jot('hive.honey', { hive: slip.hive, kilos: slip.kilos });
    return garden.shelves.revise(hives, slip.hive, { storeKilos: left });
  }),
);

// Bees find more to eat when plants that they like are sown.
heed(bedSown, (garden, news) => {
  if (!BEE_PLANTS.includes(news.species)) return;
  for (const hive of garden.shelves.gather(hives)) {
    garden.shelves.revise(hives, hive.tag, { forage: hive.forage + 1 });
  }
});
