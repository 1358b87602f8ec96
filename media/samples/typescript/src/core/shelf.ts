/** Shelves: all records of a garden by their tag. Records are never changed in place; a revision replaces them. */

import { bloom, type Reply, wilt } from './reply.ts';

export interface Tagged {
  readonly tag: string;
}

/** The description of a shelf. It holds no records, so that gardens do not share them. */
export interface Shelf<T extends Tagged> {
  readonly name: string;
  readonly prefix: string;
  /** Never set; it ties the type of the records to the shelf. */
  readonly holds?: T;
}

export interface Shelves {
  /** Puts a new record on a shelf, under a new tag. */
  place<T extends Tagged>(shelf: Shelf<T>, record: Omit<T, 'tag'>): T;
  /** Finds a record, or wilts with `SHELF_EMPTY_PLACE`. */
  pick<T extends Tagged>(shelf: Shelf<T>, tag: string): Reply<T>;
  /** Replaces some entries of a record. */
  revise<T extends Tagged>(shelf: Shelf<T>, tag: string, entries: Partial<Omit<T, 'tag'>>): Reply<T>;
  /** Takes a record away. */
  discard<T extends Tagged>(shelf: Shelf<T>, tag: string): Reply<T>;
  /** Returns the records for which the question is answered with yes, oldest first. */
  gather<T extends Tagged>(shelf: Shelf<T>, question?: (record: T) => boolean): T[];
}

/** Describes a shelf, for instance `shelf<Bed>('beds', 'bed')`. */
export function shelf<T extends Tagged>(name: string, prefix: string): Shelf<T> {
  return { name, prefix };
}

/** Builds empty shelves. */
export function buildShelves(): Shelves {
  const rows = new Map<string, Map<string, Tagged>>();
  const lastNumbers = new Map<string, number>();

  function rowOf<T extends Tagged>(which: Shelf<T>): Map<string, T> {
    const row = rows.get(which.name) ?? new Map<string, Tagged>();
    rows.set(which.name, row);
    return row as Map<string, T>;
  }

  function pick<T extends Tagged>(which: Shelf<T>, tag: string): Reply<T> {
    const record = rowOf(which).get(tag);
    if (record) return bloom(record);
    return wilt('SHELF_EMPTY_PLACE', {
      saw: `no ${tag} among the ${which.name}`,
      needed: 'a tag that is on the shelf',
      tend: 'Check the tag.',
    });
  }

  return {
    pick,
    place(which, record) {
      const number = (lastNumbers.get(which.prefix) ?? 0) + 1;
      lastNumbers.set(which.prefix, number);
      const placed = { ...record, tag: `${which.prefix}-${number}` } as NonNullable<(typeof which)['holds']>;
      rowOf(which).set(placed.tag, placed);
      return placed;
    },
    revise(which, tag, entries) {
      const found = pick(which, tag);
      if (!found.ok) return found;
      const revised = { ...found.leaf, ...entries };
      rowOf(which).set(tag, revised);
      return bloom(revised);
    },
    discard(which, tag) {
      const found = pick(which, tag);
      rowOf(which).delete(tag);
      return found;
    },
    gather(which, question) {
      const records = [...rowOf(which).values()];
      return question ? records.filter(question) : records;
    },
  };
}
