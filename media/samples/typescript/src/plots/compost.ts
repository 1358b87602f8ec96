/** Compost: heaps that need green and brown matter, get warm and become soil. */

import { heed } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { either, span, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { bedCleared } from './beds.ts';

const RIPE_DAYS = 120;
const KILOS_PER_SQUARE_METRE = 3;

export interface Heap {
  readonly tag: string;
  readonly corner: string;
  readonly greenKilos: number;
  readonly brownKilos: number;
  readonly turnedOn: number;
  readonly begunOn: number;
}

export const heaps = shelf<Heap>('heaps', 'heap');

export const beginHeap = tend(slip('heap.begin', { corner: words(30) }), (garden, slip) => {
  const today = garden.almanac.today();
  const heap = garden.shelves.place(heaps, { ...slip, greenKilos: 0, brownKilos: 0, turnedOn: today, begunOn: today });
  garden.diary.jot('heap.begin', { heap: heap.tag });
  return bloom(heap);
});

export const feedHeap = tend(
  slip('heap.feed', { heap: tagOf('heap'), matter: either('green', 'brown'), kilos: span(0.1, 500, 'kg') }),
  (garden, slip) =>
    graft(garden.shelves.pick(heaps, slip.heap), (heap) => {
      const greenKilos = heap.greenKilos + (slip.matter === 'green' ? slip.kilos : 0);
      const brownKilos = heap.brownKilos + (slip.matter === 'brown' ? slip.kilos : 0);
      if (greenKilos > 3 * Math.max(brownKilos, 10)) {
        return wilt('HEAP_TOO_GREEN', {
          saw: `${greenKilos} kg green and ${brownKilos} kg brown`,
          needed: 'at most three times as much green as brown',
          tend: 'Add leaves, straw or cardboard first.',
        });
      }
      garden.diary.jot('heap.feed', { heap: slip.heap, matter: slip.matter, kilos: slip.kilos });
      return garden.shelves.revise(heaps, slip.heap, { greenKilos, brownKilos });
    }),
);

export const turnHeap = tend(slip('heap.turn', { heap: tagOf('heap') }), (garden, slip) => {
  garden.diary.jot('heap.turn', { heap: slip.heap });
  return garden.shelves.revise(heaps, slip.heap, { turnedOn: garden.almanac.today() });
});

export const spreadHeap = tend(slip('heap.spread', { heap: tagOf('heap') }), (garden, slip) =>
  graft(garden.shelves.pick(heaps, slip.heap), (heap) => {
    const age = garden.almanac.today() - heap.begunOn;
    if (age < RIPE_DAYS) {
      return wilt('HEAP_NOT_RIPE', {
        saw: `a heap of ${age} days`,
        needed: `at least ${RIPE_DAYS} days`,
        tend: 'Turn it and wait.',
      });
    }
    garden.diary.jot('heap.spread', { heap: slip.heap, age });
    garden.shelves.discard(heaps, slip.heap);
    return bloom((heap.greenKilos + heap.brownKilos) / 2);
  }),
);

// What is cleared from a bed goes to the newest heap, if it can take it.
heed(bedCleared, (garden, news) => {
  const heap = garden.shelves.gather(heaps).at(-1);
  if (!heap) return;
  const kilos = Math.max(0.1, news.squareMetres * KILOS_PER_SQUARE_METRE);
  garden.ask(feedHeap, { heap: heap.tag, matter: 'green', kilos });
});
