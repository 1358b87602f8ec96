/**
 * @file How git is asked about a folder that may be anybody's: nothing in the folder gets to run a program. Its
 * configuration could name some in many places (`core.fsmonitor`, hooks, the transport that fetches missing objects).
 */
import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import { dirname, resolve } from 'node:path';

/** Commits with fixes that are looked at, their text, and the time for it. */
const MAX_COMMITS = 200;
const MAX_LOG_BYTES = 8e6;
const TIMEOUT_MS = 20_000;

/** Arguments, folder and environment to start `git` with. It takes no locks that would disturb the user's own git. */
export function gitIn(folder: string, args: readonly string[]) {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    // A partial clone fetches what it lacks by a program that its configuration names. `none` is no protocol; the second
    // variable, which older versions of git do not know, lets git go on without what is missing.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
  // What a surrounding git hook sets would lead to another repository.
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']) delete env[name];
  const settings = ['core.fsmonitor=false', `core.hooksPath=${devNull}`, 'core.quotePath=false'];
  return {
    args: ['-C', resolve(folder), ...settings.flatMap((setting) => ['-c', setting]), ...args],
    // Not the folder itself: Windows would take a git.exe that lies there.
    cwd: dirname(process.execPath),
    env,
  };
}

/**
 * The patches of commits whose message speaks of a fix or a bug, newest first; nothing without git or a history. A log
 * that is too long or takes too long is used as far as it came.
 */
export function fixLog(folder: string): Promise<string> {
  const { args, cwd, env } = gitIn(folder, [
    ...['-c', 'log.showSignature=false', '--no-pager', 'log', '-p', '-U0', '--no-color', '--no-merges', '--no-renames'],
    // No program of the folder's choice: external diffs (a submodule has its own), text conversions, gpg by a format.
    ...['--no-ext-diff', '--no-textconv', '--submodule=short', '--format=medium'],
    ...['--relative', '--src-prefix=a/', '--dst-prefix=b/', '-i', '-E', '--grep=fix|bug'],
    ...[`--max-count=${MAX_COMMITS}`, '--', '.'],
  ]);
  const limits = { cwd, env, maxBuffer: MAX_LOG_BYTES, timeout: TIMEOUT_MS, windowsHide: true };
  return new Promise((resolve) => execFile('git', args, limits, (_error, stdout) => resolve(stdout)));
}
