/** Gardeners: who works in the garden, what they know and what they have been asked to do. */

import { heed } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { either, several, spare, tagOf, words, yesNo } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { plagueSeen } from './pests.ts';
import { barrelDry } from './watering.ts';

const CRAFTS = ['sowing', 'pruning', 'grafting', 'guiding', 'beekeeping'] as const;

export interface Gardener {
  readonly tag: string;
  readonly name: string;
  readonly crafts: readonly (typeof CRAFTS)[number][];
  readonly apprentice: boolean;
}

export interface Errand {
  readonly tag: string;
  readonly what: string;
  readonly gardener: string | null;
  readonly done: boolean;
}

export const gardeners = shelf<Gardener>('gardeners', 'gardener');
export const errands = shelf<Errand>('errands', 'errand');

export const welcomeGardener = tend(
  slip('gardener.welcome', {
    name: words(40),
    crafts: several(either(...CRAFTS), CRAFTS.length),
    apprentice: spare(yesNo(), false),
  }),
  (garden, slip) => {
    const gardener = garden.shelves.place(gardeners, slip);
    garden.diary.jot('gardener.welcome', { gardener: gardener.tag });
    return bloom(gardener);
  },
);

export const noteErrand = tend(slip('errand.note', { what: words(80) }), (garden, slip) => {
  const errand = garden.shelves.place(errands, { ...slip, gardener: null, done: false });
  garden.diary.jot('errand.note', { errand: errand.tag });
  return bloom(errand);
});

export const takeErrand = tend(
  slip('errand.take', { errand: tagOf('errand'), gardener: tagOf('gardener') }),
  (garden, slip) => {
    const errand = garden.shelves.pick(errands, slip.errand);
    if (!errand.ok) return errand;
    const gardener = garden.shelves.pick(gardeners, slip.gardener);
    if (!gardener.ok) return gardener;
    if (errand.leaf.gardener !== null) {
      return wilt('ERRAND_TAKEN', {
        saw: `${slip.errand} with ${errand.leaf.gardener}`,
        needed: 'an errand that nobody has taken',
        tend: 'Choose another errand.',
      });
    }
    garden.diary.jot('errand.take', { errand: slip.errand, gardener: slip.gardener });
    return garden.shelves.revise(errands, slip.errand, { gardener: slip.gardener });
  },
);

export const finishErrand = tend(slip('errand.finish', { errand: tagOf('errand') }), (garden, slip) =>
  graft(garden.shelves.pick(errands, slip.errand), (errand) => {
    if (errand.gardener === null) {
      return wilt('ERRAND_NOT_TAKEN', {
        saw: `${slip.errand} without a gardener`,
        needed: 'an errand that somebody has taken',
        tend: 'Take the errand first.',
      });
    }
    garden.diary.jot('errand.finish', { errand: slip.errand });
    return garden.shelves.revise(errands, slip.errand, { done: true });
  }),
);

heed(barrelDry, (garden, news) => {
  garden.ask(noteErrand, { what: `fill ${news.barrel} from the brook` });
});

heed(plagueSeen, (garden, news) => {
  garden.ask(noteErrand, { what: `look after ${news.kind} in ${news.bed}` });
});
