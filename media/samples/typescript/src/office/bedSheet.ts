/** The sheet about beds: what grows where, and what has been seen there. */

import { dayName } from '../core/almanac.ts';
import { sheet } from '../core/sheet.ts';
import { beds } from '../plots/beds.ts';
import { sightings } from '../plots/pests.ts';
import { barrels } from '../plots/watering.ts';

sheet('beds', (garden, pencil) => {
  pencil.part('beds');
  const all = garden.shelves.gather(beds);
  if (all.length === 0) pencil.blank('no bed yet');
  for (const bed of all) {
    pencil.row(bed.name, bed.species ? `${bed.species}, ${bed.state} since ${dayName(bed.since)}` : bed.state);
  }
  pencil.part('pests');
  const open = garden.shelves.gather(sightings, (sighting) => sighting.state === 'open');
  if (open.length === 0) pencil.blank('nothing to treat');
  for (const sighting of open) pencil.row(`${sighting.kind} in ${sighting.bed}`, sighting.number);
  pencil.part('water');
  for (const barrel of garden.shelves.gather(barrels)) {
    pencil.row(barrel.tag, `${barrel.litres} of ${barrel.holdsLitres} l`);
  }
});
