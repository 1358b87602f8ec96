/**
 * @file Which files are held out for evaluation. But for very small folders a file's side depends on its path alone, so it
 * stays the same when other files come, go or change, and a later run never evaluates on what an earlier one has learnt.
 */
import { FineTuneError } from '../errors.ts';
import { hashText } from '../random.ts';

export interface Split<File> {
  readonly train: readonly File[];
  readonly heldOut: readonly File[];
}

/**
 * Splits by a hash of each file's path: held out when the hash falls in the lowest `heldOutShare` of its range, or, with
 * `heldOutFrom`, in as much of it from there on, around the end. Ranges that do not overlap hold out other files each.
 *
 * The compromise: with two files or more (and a share above 0) at least one file is on each side, and a loss on a hundred
 * tokens says nothing. When the hashes would leave a side empty, the file with the lowest (or highest) hash changes sides;
 * when the files held out have less than a quarter of their share of all text, those with the next hashes join them, but
 * for files that would make it half of the text. Only these may come back as the folder grows; from about 30 files of like
 * size on, at the default share, that is rarer than one in twenty.
 * With one file nothing is held out. The order of the files is kept.
 *
 * @param options.heldOutShare expected share of the files, in [0, 1). @default 0.1
 * @param options.heldOutFrom where the held-out part of the hashes begins, in [0, 1). @default 0
 * @throws USAGE when one of them is out of range
 */
export function splitFiles<File extends { readonly path: string; readonly text?: string }>(
  files: readonly File[],
  options: { readonly heldOutShare?: number; readonly heldOutFrom?: number } = {},
): Split<File> {
  const { heldOutShare: share = 0.1, heldOutFrom: from = 0 } = options;
  for (const [name, value] of Object.entries({ 'held-out share': share, 'start of the held-out part': from })) {
    if (value >= 0 && value < 1) continue;
    throw new FineTuneError('USAGE', `The ${name} is ${value}, expected a number from 0 to below 1.`, { name, value });
  }
  if (share === 0 || files.length < 2) return { train: files, heldOut: [] };
  const positions = files.map((file) => (pathPosition(file.path) - from + 1) % 1);
  const heldOut = new Set(files.filter((_, index) => positions[index] < share));
  const byPosition = [...files.keys()].sort(
    (a, b) => positions[a] - positions[b] || (files[a].path < files[b].path ? -1 : 1),
  );
  if (heldOut.size === 0) heldOut.add(files[byPosition[0]]);
  const lengthOf = (some: Iterable<File>) => [...some].reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
  const total = lengthOf(files);
  for (const index of byPosition) {
    const held = lengthOf(heldOut);
    if (held >= (share / 4) * total) break;
    if (held + lengthOf([files[index]]) < total / 2) heldOut.add(files[index]);
  }
  if (heldOut.size === files.length) heldOut.delete(files[byPosition[files.length - 1]]);
  return { train: files.filter((file) => !heldOut.has(file)), heldOut: files.filter((file) => heldOut.has(file)) };
}

/**
 * A path's place in [0, 1). Windows and macOS spell the same path differently (back slashes, decomposed accents), so the
 * hash is taken of one spelling.
 */
export function pathPosition(path: string): number {
  const normalised = path
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .normalize('NFC');
  return hashText(normalised) / 2 ** 32;
}
