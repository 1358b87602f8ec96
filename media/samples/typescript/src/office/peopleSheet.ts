/** The sheet about people: errands, lent tools and tours. */

import { sheet } from '../core/sheet.ts';
import { errands, gardeners } from '../plots/gardeners.ts';
import { tools } from '../plots/tools.ts';
import { meanStars, tours } from '../plots/tours.ts';

sheet('people', (garden, pencil) => {
  pencil.part('gardeners');
  for (const gardener of garden.shelves.gather(gardeners)) {
    const lent = garden.shelves.gather(tools, (tool) => tool.lentTo === gardener.tag);
    const busy = garden.shelves.gather(errands, (errand) => errand.gardener === gardener.tag && !errand.done);
    pencil.row(gardener.name, `${busy.length} errands, ${lent.length} tools`);
  }
  pencil.part('errands that wait');
  const waiting = garden.shelves.gather(errands, (errand) => errand.gardener === null);
  if (waiting.length === 0) pencil.blank('none');
  for (const errand of waiting) pencil.row(errand.tag, errand.what);
  pencil.part('tours');
  for (const tour of garden.shelves.gather(tours)) {
    pencil.row(tour.title, `${tour.guests}/${tour.places}, ${meanStars(tour)?.toFixed(1) ?? 'no'} stars`);
  }
});
