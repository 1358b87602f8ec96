/** Chimes: news for everyone who wants to hear it. The news of a chime has a fixed shape. */

import type { Garden } from './garden.ts';

export interface Chime<N> {
  readonly name: string;
  readonly listeners: ((garden: Garden, news: N) => void)[];
}

/** Hangs up a chime, for instance `chime<{ bed: string }>('bed.sown')`. */
export function chime<N>(name: string): Chime<N> {
  return { name, listeners: [] };
}

/** Listens to a chime in every garden. */
export function heed<N>(which: Chime<N>, listen: (garden: Garden, news: N) => void): void {
  which.listeners.push(listen);
}
