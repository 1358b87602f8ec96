/** Claims: a tiny test runner, so that the sample needs no package at all. */

import { explain, type Reply } from '../src/core/reply.ts';

const failures: string[] = [];
let checked = 0;

/** Checks a claim; what it throws is kept until `settle`. */
export function claim(words: string, check: () => void): void {
  checked += 1;
  try {
    check();
  } catch (error) {
    failures.push(`${words}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Throws unless both values have the same JSON. */
export function same(found: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`found ${left}, wanted ${right}`);
}

/** Returns the leaf of a reply that must bloom. */
export function leafOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(explain(reply.blight));
  return reply.leaf;
}

/** Returns the code of a reply that must wilt. */
export function codeOf(reply: Reply<unknown>): string {
  if (reply.ok) throw new Error(`bloomed with ${JSON.stringify(reply.leaf)}`);
  return reply.blight.code;
}

/** Throws when a claim has failed; returns the number of claims otherwise. */
export function settle(): number {
  if (failures.length > 0) throw new Error(`${failures.length} of ${checked} claims failed\n${failures.join('\n')}`);
  return checked;
}
