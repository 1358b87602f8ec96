/**
 * @file Lists the files of a folder as git sees them. In a git repository git itself is asked (tracked files and
 * untracked ones that are not ignored); elsewhere the folder is walked and its `.gitignore` files are honoured.
 */
import { spawn } from 'node:child_process';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { gitIn } from './git.ts';
import type { Finding, Rejection } from './rejection.ts';

export interface Listing {
  /** How the files were found. */
  readonly source: 'git' | 'walk';
  /** Relative paths with forward slashes, ascending by UTF-16 units, each once. Links and odd files are still in it. */
  readonly paths: readonly string[];
  /** Ignored files and folders (folders end in `/`), unreadable folders. */
  readonly rejected: readonly Rejection[];
  /** What a person should know, e.g. why git was not used. */
  readonly notes: readonly string[];
}

/** Folders of version control, never part of anybody's code. */
const VERSION_CONTROL = new Set(['.git', '.hg', '.svn', '.jj', 'CVS']);

export interface ListingOptions {
  /** False lists ignored files as well, by walking. @default true */
  readonly useGitIgnore?: boolean;
  /** Walking only: why a folder of this name is not entered, so that a `node_modules` is one rejection and not 50,000. */
  readonly skipFolder?: (name: string) => Finding | undefined;
  readonly signal?: AbortSignal;
}

/** Lists `folder`, which exists. The system's error comes back as it is when the folder itself cannot be read. */
export async function listFolder(folder: string, options: ListingOptions = {}): Promise<Listing> {
  if (options.useGitIgnore === false) return walk(folder, options, []);
  const tracked = await runGit(
    folder,
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    options.signal,
  );
  if (tracked.kind === 'failed') {
    const notes = tracked.isRepository
      ? [`git could not list the files, so the folder was walked: ${tracked.why}`]
      : [];
    return walk(folder, options, notes);
  }
  // A folder that its own repository ignores lists nothing; whoever chose it wants its files all the same.
  if (tracked.paths.length === 0) {
    return walk(folder, options, ['git lists no file here, so the folder was walked']);
  }
  const ignored = await runGit(
    folder,
    ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'],
    options.signal,
  );
  const paths = [...new Set(tracked.paths.map((path) => path.replace(/\/$/, '')))].sort(byUnits);
  const notes = [...tracked.notes];
  const rejected: Rejection[] = [];
  if (ignored.kind === 'failed') notes.push(`git could not list the ignored files: ${ignored.why}`);
  else {
    let folderAbove = '/';
    for (const path of ignored.paths.sort(byUnits)) {
      if (path.startsWith(folderAbove)) continue; // some versions of git list what is in an ignored folder as well
      if (path.endsWith('/')) folderAbove = path;
      rejected.push({ path, reason: 'ignored', detail: 'a .gitignore rule or another exclude rule of git matches it' });
    }
  }
  return { source: 'git', paths, rejected, notes };
}

/** Order by UTF-16 units: the same on every machine, whatever its language. */
export function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type GitAnswer =
  | { readonly kind: 'listed'; readonly paths: string[]; readonly notes: string[] }
  | { readonly kind: 'failed'; readonly isRepository: boolean; readonly why: string };

/** Runs git in the folder, whose own configuration runs nothing (git.ts). */
function runGit(folder: string, args: readonly string[], signal?: AbortSignal): Promise<GitAnswer> {
  const { args: all, cwd, env } = gitIn(folder, args);
  return new Promise((resolve) => {
    const git = spawn('git', all, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, signal });
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    git.stdout.on('data', (part: Buffer) => output.push(part));
    git.stderr.on('data', (part: Buffer) => complaints.push(part));
    git.on('error', (error) => resolve({ kind: 'failed', isRepository: false, why: error.message }));
    git.on('close', (status) => {
      const said = Buffer.concat(complaints).toString('utf8').trim();
      if (status !== 0) {
        const why = said.split('\n')[0] || `git ended with status ${status}`;
        resolve({ kind: 'failed', isRepository: !/not a git repository/i.test(said), why });
        return;
      }
      const paths = Buffer.concat(output).toString('utf8').split('\0').filter(Boolean);
      resolve({ kind: 'listed', paths, notes: said ? said.split('\n').slice(0, 20) : [] });
    });
  });
}

/** Depth-first over the folder; links are listed and not entered, so loops cannot happen. */
async function walk(folder: string, options: ListingOptions, notes: readonly string[]): Promise<Listing> {
  const paths: string[] = [];
  const rejected: Rejection[] = [];
  const open: { path: string; rules: Ignore | undefined }[] = [{ path: '', rules: undefined }];
  while (open.length > 0 && !options.signal?.aborted) {
    const { path: directory, rules: inherited } = open.pop()!;
    let entries: Dirent[];
    try {
      entries = await readdir(join(folder, directory), { withFileTypes: true });
    } catch (error) {
      if (directory === '') throw error;
      rejected.push({ path: directory, reason: 'unreadable', detail: errorCode(error) });
      continue;
    }
    const hasRules =
      options.useGitIgnore !== false && entries.some((entry) => entry.name === '.gitignore' && entry.isFile());
    const rules = hasRules ? await withRulesOf(folder, directory, inherited, rejected) : inherited;
    for (const entry of entries) {
      const path = directory + entry.name;
      const isFolder = entry.isDirectory();
      if (isFolder && VERSION_CONTROL.has(entry.name)) continue;
      const skipped = isFolder ? options.skipFolder?.(entry.name) : undefined;
      if (skipped) rejected.push({ path: `${path}/`, ...skipped });
      else if (rules?.ignores(isFolder ? `${path}/` : path)) {
        rejected.push({
          path: isFolder ? `${path}/` : path,
          reason: 'ignored',
          detail: 'a .gitignore rule matches it',
        });
      } else if (isFolder) open.push({ path: `${path}/`, rules });
      else paths.push(path);
    }
  }
  rejected.sort((a, b) => byUnits(a.path, b.path));
  return { source: 'walk', paths: paths.sort(byUnits), rejected, notes };
}

/**
 * The rules that hold inside `directory`: the inherited ones, then its own, rewritten as rules of the root. One list in
 * git's order is needed because the last matching rule wins: a rule below may take back one from above.
 */
async function withRulesOf(
  folder: string,
  directory: string,
  inherited: Ignore | undefined,
  rejected: Rejection[],
): Promise<Ignore | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, directory, '.gitignore'), 'utf8');
  } catch (error) {
    rejected.push({ path: `${directory}.gitignore`, reason: 'unreadable', detail: errorCode(error) });
    return inherited;
  }
  const rules = ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' });
  if (inherited) rules.add(inherited);
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) rules.add(atRoot(line, directory));
  return rules;
}

/** One line of `<directory>.gitignore` as a line of the root's `.gitignore`. `directory` is empty or ends in `/`. */
export function atRoot(line: string, directory: string): string {
  if (directory === '' || line === '' || line.startsWith('#')) return line;
  const negation = line.startsWith('!') ? '!' : '';
  const pattern = line.slice(negation.length);
  if (pattern.trim() === '') return '';
  const escaped = directory.replace(/[\\*?[\]!# ]/g, '\\$&');
  const isAnchored = pattern.replace(/\/\s*$/, '').includes('/');
  return `${negation}/${escaped}${isAnchored ? '' : '**/'}${pattern.replace(/^\//, '')}`;
}

/** What the system says, `EACCES` and the like, or the message of anything else. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
