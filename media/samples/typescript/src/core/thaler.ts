/** Thaler: money in whole groats, so that sums are exact. A thaler has 24 groats. */

export const GROATS_PER_THALER = 24;

export interface Thaler {
  readonly groats: number;
}

/** Makes an amount. */
export function thaler(thalers: number, groats = 0): Thaler {
  return { groats: thalers * GROATS_PER_THALER + groats };
}

/** Adds up amounts. */
export function purse(amounts: readonly Thaler[]): Thaler {
  return { groats: amounts.reduce((sum, amount) => sum + amount.groats, 0) };
}

/** Returns the price of several pieces. */
export function pieces(price: Thaler, number: number): Thaler {
  return { groats: price.groats * number };
}

/** Takes a percentage off, rounded down to whole groats in favour of the buyer. */
export function rebate(price: Thaler, percent: number): Thaler {
  return { groats: Math.floor((price.groats * (100 - percent)) / 100) };
}

/** Shows an amount, for instance `3 th 12 gr`. */
export function shownPrice(amount: Thaler): string {
  return `${Math.floor(amount.groats / GROATS_PER_THALER)} th ${amount.groats % GROATS_PER_THALER} gr`;
}
