/** The round of spring: dig a bed, draw seeds from the bank, sow and water. */

import { bloom, graft } from '../core/reply.ts';
import { round } from '../core/round.ts';
import { digBed, sowBed } from '../plots/beds.ts';
import { drawSeeds } from '../plots/seedBank.ts';
import { waterBed } from '../plots/watering.ts';

export interface SpringBasket {
  readonly name: string;
  readonly squareMetres: number;
  readonly jar: string;
  readonly seeds: number;
  readonly barrel: string;
}

const LITRES_AFTER_SOWING = 10;

export const springRound = round<SpringBasket>('spring')
  .step((garden, basket) =>
    graft(garden.ask(digBed, { name: basket.name, squareMetres: basket.squareMetres }), (bed) =>
      bloom({ bed: bed.tag }),
    ),
  )
  .step((garden, basket) =>
    graft(garden.ask(drawSeeds, { jar: basket.jar, seeds: basket.seeds }), (jar) => bloom({ species: jar.species })),
  )
  .step((garden, basket) =>
    garden.ask(sowBed, { bed: basket.bed, species: basket.species, seeds: basket.seeds }),
  )
  .step((garden, basket) =>
    graft(
      garden.ask(waterBed, { bed: basket.bed, barrel: basket.barrel, litres: LITRES_AFTER_SOWING }),
      (pour) => bloom({ litres: pour.litres }),
    ),
  );
