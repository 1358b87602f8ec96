/** Diary: what happened, with named facts, so that entries can be searched. */

import type { Almanac } from './almanac.ts';

export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Entry {
  readonly day: number;
  readonly mood: 'jot' | 'worry' | 'cry';
  readonly topic: string;
  readonly facts: Facts;
}

export interface Diary {
  /** Everything is as it should be. */
  jot(topic: string, facts: Facts): void;
  /** Somebody should look at it soon. */
  worry(topic: string, facts: Facts): void;
  /** Somebody must come at once. */
  cry(topic: string, facts: Facts): void;
  /** Returns the entries about a topic. */
  about(topic: string): readonly Entry[];
}

/** Opens an empty diary that takes its days from the almanac. */
export function openDiary(almanac: Almanac): Diary {
  const entries: Entry[] = [];
  const write = (mood: Entry['mood']) => (topic: string, facts: Facts) => {
    entries.push({ day: almanac.today(), mood, topic, facts });
  };
  return {
    jot: write('jot'),
    worry: write('worry'),
    cry: write('cry'),
    about: (topic) => entries.filter((entry) => entry.topic === topic),
  };
}

/** Shows an entry in one line. */
export function entryLine(entry: Entry): string {
  const facts = Object.entries(entry.facts).map(([name, value]) => `${name}=${value}`);
  return [`day ${entry.day}`, entry.mood, entry.topic, ...facts].join(' ');
}
