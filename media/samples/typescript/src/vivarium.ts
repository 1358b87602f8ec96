/** Vivarium: brings all plots and the office together, and lays out a garden for them. */

import './plots/compost.ts';
import './plots/greenhouses.ts';
import './plots/harvest.ts';
import './plots/herbarium.ts';
import './plots/hives.ts';
import './plots/nursery.ts';
import './plots/ponds.ts';
import './plots/pruning.ts';
import './office/bedSheet.ts';
import './office/moneySheet.ts';
import './office/peopleSheet.ts';
import './office/springRound.ts';
import { type Garden, layOutGarden } from './core/garden.ts';

/** Opens an empty garden on the first day of spring, with every chore known and every chime heeded. */
export function openVivarium(): Garden {
  return layOutGarden(1);
}
