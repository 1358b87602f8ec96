/** Nursery: trays of seedlings that are raised indoors and planted out when they are strong enough. */

import { tend } from '../core/chore.ts';
import { count, span, spare, tagOf, words } from '../core/gauge.ts';
import { bloom, bouquet, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { beds } from './beds.ts';

const STRONG_CM = 12;
const SEEDLINGS_PER_SQUARE_METRE = 16;

export interface Tray {
  readonly tag: string;
  readonly species: string;
  readonly seedlings: number;
  readonly heightCm: number;
  readonly plantedIn: string | null;
}

export const trays = shelf<Tray>('trays', 'tray');

export const raiseTray = tend(
  slip('tray.raise', { species: words(40), seedlings: spare(count(1, 200), 48) }),
  (garden, slip) => {
    const tray = garden.shelves.place(trays, { ...slip, heightCm: 0, plantedIn: null });
    garden.diary.jot('tray.raise', { tray: tray.tag, seedlings: tray.seedlings });
    return bloom(tray);
  },
);

export const measureTray = tend(
  slip('tray.measure', { tray: tagOf('tray'), heightCm: span(0, 80, 'cm'), dead: spare(count(0, 200), 0) }),
  (garden, slip) =>
    graft(garden.shelves.pick(trays, slip.tray), (tray) => {
      if (slip.heightCm < tray.heightCm) {
        return wilt('TRAY_SHRUNK', {
          saw: `${slip.heightCm} cm after ${tray.heightCm} cm`,
          needed: 'seedlings that do not shrink',
          tend: 'Measure again.',
        });
      }
      const seedlings = Math.max(0, tray.seedlings - slip.dead);
      if (slip.dead > 0) garden.diary.worry('tray.measure', { tray: slip.tray, dead: slip.dead });
      return garden.shelves.revise(trays, slip.tray, { heightCm: slip.heightCm, seedlings });
    }),
);

export const plantOut = tend(slip('tray.plant', { tray: tagOf('tray'), bed: tagOf('bed') }), (garden, slip) => {
  const tray = garden.shelves.pick(trays, slip.tray);
  if (!tray.ok) return tray;
  const bed = garden.shelves.pick(beds, slip.bed);
  if (!bed.ok) return bed;
  if (tray.leaf.heightCm < STRONG_CM) {
    return wilt('TRAY_TOO_WEAK', {
      saw: `${tray.leaf.heightCm} cm in ${slip.tray}`,
      needed: `at least ${STRONG_CM} cm`,
      tend: 'Leave the seedlings indoors for some more days.',
    });
  }
  if (bed.leaf.state !== 'fallow') {
    return wilt('TRAY_BED_TAKEN', {
      saw: `${slip.bed} is ${bed.leaf.state}`,
      needed: 'a fallow bed',
      tend: 'Choose another bed.',
    });
  }
  const room = Math.floor(bed.leaf.squareMetres * SEEDLINGS_PER_SQUARE_METRE);
  if (tray.leaf.seedlings > room) {
    return wilt('TRAY_TOO_MANY', {
      saw: `${tray.leaf.seedlings} seedlings`,
      needed: `at most ${room} for ${slip.bed}`,
      tend: 'Choose a larger bed.',
    });
  }
  const since = garden.almanac.today();
  const planted = bouquet<unknown>([
    garden.shelves.revise(trays, slip.tray, { plantedIn: slip.bed }),
    garden.shelves.revise(beds, slip.bed, { state: 'growing', species: tray.leaf.species, since }),
  ]);
  garden.diary.jot('tray.plant', { tray: slip.tray, bed: slip.bed });
  return graft(planted, () => bloom({ bed: slip.bed, species: tray.leaf.species }));
});
