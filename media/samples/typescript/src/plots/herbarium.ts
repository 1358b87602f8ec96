/** Herbarium: dried plants on numbered pages, named by one person and confirmed by another. */

import { tend } from '../core/chore.ts';
import { spare, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { gardeners } from './gardeners.ts';

const DRYING_DAYS = 14;

export interface Specimen {
  readonly tag: string;
  readonly found: string;
  readonly pressedOn: number;
  readonly name: string | null;
  readonly namedBy: string | null;
  readonly confirmedBy: string | null;
}

export const specimens = shelf<Specimen>('specimens', 'page');

export const pressPlant = tend(slip('page.press', { found: spare(words(60), 'in the garden') }), (garden, slip) => {
  const specimen = garden.shelves.place(specimens, {
    ...slip,
    pressedOn: garden.almanac.today(),
    name: null,
    namedBy: null,
    confirmedBy: null,
  });
  garden.diary.jot('page.press', { page: specimen.tag });
  return bloom(specimen);
});

export const nameSpecimen = tend(
  slip('page.name', { page: tagOf('page'), gardener: tagOf('gardener'), name: words(60) }),
  (garden, slip) => {
    const specimen = garden.shelves.pick(specimens, slip.page);
    if (!specimen.ok) return specimen;
    const gardener = garden.shelves.pick(gardeners, slip.gardener);
    if (!gardener.ok) return gardener;
    if (specimen.leaf.confirmedBy !== null) {
      return wilt('PAGE_NAME_CONFIRMED', {
        saw: `${slip.page} confirmed as ${specimen.leaf.name}`,
        needed: 'a name that is not confirmed',
        tend: 'Press a second plant and name that one.',
      });
    }
    garden.diary.jot('page.name', { page: slip.page, gardener: slip.gardener });
    return garden.shelves.revise(specimens, slip.page, { name: slip.name, namedBy: slip.gardener });
  },
);

export const confirmName = tend(
  slip('page.confirm', { page: tagOf('page'), gardener: tagOf('gardener') }),
  (garden, slip) =>
    graft(garden.shelves.pick(specimens, slip.page), (specimen) => {
      if (specimen.name === null) {
        return wilt('PAGE_WITHOUT_NAME', {
          saw: `${slip.page} without a name`,
          needed: 'a named specimen',
          tend: 'Name it first.',
        });
      }
      if (specimen.namedBy === slip.gardener) {
        return wilt('PAGE_SAME_PERSON', {
          saw: `${slip.gardener} for both`,
          needed: 'a second person',
          tend: 'Ask somebody else.',
        });
      }
      const age = garden.almanac.today() - specimen.pressedOn;
      if (age < DRYING_DAYS) {
        return wilt('PAGE_NOT_DRY', {
          saw: `a plant pressed ${age} days ago`,
          needed: `${DRYING_DAYS} days`,
          tend: 'Wait until it is dry.',
        });
      }
      garden.diary.jot('page.confirm', { page: slip.page });
      return garden.shelves.revise(specimens, slip.page, { confirmedBy: slip.gardener });
    }),
);
