/** Tours: a guide leads guests along stations. A tour is planned, walked once, and rated. */

import { tend } from '../core/chore.ts';
import { count, several, spare, tagOf, words } from '../core/gauge.ts';
import { bloom, bouquet, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { beds } from './beds.ts';
import { gardeners } from './gardeners.ts';

const MINUTES_PER_STATION = 12;

export interface Tour {
  readonly tag: string;
  readonly title: string;
  readonly guide: string;
  readonly stations: readonly string[];
  readonly places: number;
  readonly guests: number;
  readonly stars: readonly number[];
}

export const tours = shelf<Tour>('tours', 'tour');

export const planTour = tend(
  slip('tour.plan', {
    title: words(60),
    guide: tagOf('gardener'),
    stations: several(tagOf('bed'), 12),
    places: spare(count(2, 30), 15),
  }),
  (garden, slip) => {
    const guide = garden.shelves.pick(gardeners, slip.guide);
    if (!guide.ok) return guide;
    if (!guide.leaf.crafts.includes('guiding')) {
      return wilt('TOUR_NO_GUIDE', {
        saw: `${slip.guide} knows ${guide.leaf.crafts.join(', ')}`,
        needed: 'guiding',
        tend: 'Choose a gardener who guides.',
      });
    }
    const stations = bouquet(slip.stations.map((bed) => garden.shelves.pick(beds, bed)));
    if (!stations.ok) return stations;
    const tour = garden.shelves.place(tours, { ...slip, guests: 0, stars: [] });
    garden.diary.jot('tour.plan', { tour: tour.tag, minutes: stations.leaf.length * MINUTES_PER_STATION });
    return bloom(tour);
  },
);

export const joinTour = tend(slip('tour.join', { tour: tagOf('tour'), guests: count(1, 30) }), (garden, slip) =>
  graft(garden.shelves.pick(tours, slip.tour), (tour) => {
    const guests = tour.guests + slip.guests;
    if (guests > tour.places) {
      return wilt('TOUR_FULL', {
        saw: `${guests} guests`,
        needed: `at most ${tour.places}`,
        tend: 'Offer a second tour.',
      });
    }
    garden.diary.jot('tour.join', { tour: slip.tour, guests: slip.guests });
    return garden.shelves.revise(tours, slip.tour, { guests });
  }),
);

export const rateTour = tend(slip('tour.rate', { tour: tagOf('tour'), stars: count(1, 5) }), (garden, slip) =>
  graft(garden.shelves.pick(tours, slip.tour), (tour) => {
    if (tour.stars.length >= tour.guests) {
      return wilt('TOUR_TOO_MANY_RATINGS', {
        saw: `${tour.stars.length + 1} ratings`,
        needed: `at most one for each of ${tour.guests} guests`,
        tend: 'Every guest rates once.',
      });
    }
    if (slip.stars <= 2) garden.diary.worry('tour.rate', { tour: slip.tour, stars: slip.stars });
    return garden.shelves.revise(tours, slip.tour, { stars: [...tour.stars, slip.stars] });
  }),
);

/** Returns the mean rating of a tour, or undefined when nobody has rated it. */
export function meanStars(tour: Tour): number | undefined {
  if (tour.stars.length === 0) return undefined;
  return tour.stars.reduce((sum, stars) => sum + stars, 0) / tour.stars.length;
}
