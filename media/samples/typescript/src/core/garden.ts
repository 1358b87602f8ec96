/** Garden: where chores are done. It owns the shelves, the diary and the almanac, and strikes the chimes. */

import { type Almanac, openAlmanac } from './almanac.ts';
import type { Chime } from './chime.ts';
import type { Chore } from './chore.ts';
import { type Diary, openDiary } from './diary.ts';
import { type Reply, through } from './reply.ts';
import { buildShelves, type Shelves } from './shelf.ts';
import { type Gauges, type Offered, readSlip } from './slip.ts';

export interface Garden {
  readonly shelves: Shelves;
  readonly diary: Diary;
  readonly almanac: Almanac;
  /** Hands in a slip for a chore and returns its reply. */
  ask<G extends Gauges, R>(chore: Chore<G, R>, offered: Offered<G>): Reply<R>;
  /** Lets everyone hear the news. */
  strike<N>(chime: Chime<N>, news: N): void;
}

/** Lays out an empty garden. */
export function layOutGarden(firstDay = 1): Garden {
  const almanac = openAlmanac(firstDay);
  const garden: Garden = {
    shelves: buildShelves(),
    diary: openDiary(almanac),
    almanac,
    ask(chore, offered) {
      const read = readSlip(chore.slip, offered);
      const reply = read.ok ? chore.work(garden, read.leaf) : read;
      if (reply.ok) return reply;
      garden.diary.worry(chore.slip.chore, { blight: reply.blight.code });
      return through(reply, chore.slip.chore);
    },
    strike(chime, news) {
      for (const listen of chime.listeners) listen(garden, news);
    },
  };
  return garden;
}
