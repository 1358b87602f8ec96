/** Seed bank: jars of seeds that lose their strength with the years. */

import { heed } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { DAYS_PER_YEAR } from '../core/almanac.ts';
import { count, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { bedSown } from './beds.ts';

const OLDEST_YEARS = 4;

export interface Jar {
  readonly tag: string;
  readonly species: string;
  readonly seeds: number;
  readonly filledOn: number;
}

export const jars = shelf<Jar>('jars', 'jar');

export const fillJar = tend(slip('jar.fill', { species: words(40), seeds: count(1, 100_000) }), (garden, slip) => {
  const jar = garden.shelves.place(jars, { ...slip, filledOn: garden.almanac.today() });
  garden.diary.jot('jar.fill', { jar: jar.tag, species: jar.species });
  return bloom(jar);
});

export const drawSeeds = tend(slip('jar.draw', { jar: tagOf('jar'), seeds: count(1, 20_000) }), (garden, slip) =>
  graft(garden.shelves.pick(jars, slip.jar), (jar) => {
    if (jar.seeds < slip.seeds) {
      return wilt('JAR_TOO_FEW', {
        saw: `${jar.seeds} seeds in ${slip.jar}`,
        needed: `${slip.seeds} seeds`,
        tend: 'Draw fewer, or from a second jar.',
      });
    }
    const years = Math.floor((garden.almanac.today() - jar.filledOn) / DAYS_PER_YEAR);
    if (years > OLDEST_YEARS) {
      return wilt('JAR_TOO_OLD', {
        saw: `seeds of ${years} years`,
        needed: `at most ${OLDEST_YEARS} years`,
        tend: 'Throw the jar away and fill a new one.',
      });
    }
    garden.diary.jot('jar.draw', { jar: slip.jar, seeds: slip.seeds });
    return garden.shelves.revise(jars, slip.jar, { seeds: jar.seeds - slip.seeds });
  }),
);

export const emptyJar = tend(slip('jar.empty', { jar: tagOf('jar') }), (garden, slip) => {
  garden.diary.jot('jar.empty', { jar: slip.jar });
  return garden.shelves.discard(jars, slip.jar);
});

// A species of which the bank has no more seeds than were just sown should be collected again.
heed(bedSown, (garden, news) => {
  const left = garden.shelves
    .gather(jars, (jar) => jar.species === news.species)
    .reduce((sum, jar) => sum + jar.seeds, 0);
  if (left < news.seeds) garden.diary.worry('jar.scarce', { species: news.species.replaceAll(' ', '_'), left });
});
