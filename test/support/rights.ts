/** @file Processes for which permissions count, whoever runs the tests. */
import { spawnSync } from 'node:child_process';

/**
 * The words in front of a command that takes from root the power to write where permissions forbid it (Linux: out of the
 * bounding set of capabilities). None are needed for other users. `undefined` where it cannot be done.
 */
export function respectingPermissions(): readonly string[] | undefined {
  if (process.platform === 'win32') return undefined;
  if (process.getuid!() !== 0) return [];
  const words = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'];
  return spawnSync(words[0], [...words.slice(1), 'true']).status === 0 ? words : undefined;
}
