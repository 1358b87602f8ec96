/** Almanac: the calendar of a garden. Days pass only when somebody lets them pass. */

export const DAYS_PER_YEAR = 360;
export const SEASONS = ['spring', 'summer', 'autumn', 'winter'] as const;

export type Season = (typeof SEASONS)[number];

export interface Almanac {
  /** The number of the day; the first day of the first spring is 1. */
  today(): number;
  season(): Season;
  /** Lets days pass and returns the new day. */
  letPass(days: number): number;
}

/** Opens an almanac at a day. */
export function openAlmanac(firstDay = 1): Almanac {
  let day = firstDay;
  return {
    today: () => day,
    season: () => seasonOf(day),
    letPass: (days) => {
      day += Math.max(0, Math.floor(days));
      return day;
    },
  };
}

/** Returns the season of a day; each season has ninety days. */
export function seasonOf(day: number): Season {
  const dayOfYear = (day - 1) % DAYS_PER_YEAR;
  return SEASONS[Math.floor(dayOfYear / (DAYS_PER_YEAR / SEASONS.length))] ?? 'winter';
}

/** Shows a day, for instance `year 1, summer 12`. */
export function dayName(day: number): string {
  const year = Math.floor((day - 1) / DAYS_PER_YEAR) + 1;
  return `year ${year}, ${seasonOf(day)} ${((day - 1) % (DAYS_PER_YEAR / SEASONS.length)) + 1}`;
}
