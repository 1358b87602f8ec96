/** @file Include and exclude patterns: the globs of VS Code and .gitignore, as far as both agree. */
import picomatch from 'picomatch';
import { FineTuneError } from '../errors.ts';

/** A compiled pattern that counts what it matches, so that a misspelt one can be told from a useful one. */
export interface Pattern {
  readonly source: string;
  readonly matches: (path: string) => boolean;
  /** Whether the pattern begins with the name of this folder; in a name `?` stands for any character. */
  readonly isWithin: (folder: string) => boolean;
}

/**
 * Compiles globs: `*`, `**`, `?`, `[ab]`, `{a,b}`. A pattern without a slash matches at any depth (`*.py`), one with a
 * slash from the folder's root (`src/*.ts`), and the name of a folder stands for all that is in it (`docs`, `docs/`).
 * On Windows a back slash separates folders; elsewhere it escapes.
 *
 * @param matchFoldersByWildcard true when `gen*` shall match everything in a folder `generated` as well
 * @throws PATTERN_INVALID
 */
export function compilePatterns(
  sources: readonly string[],
  options: { readonly matchFoldersByWildcard: boolean; readonly windows?: boolean },
): Pattern[] {
  return sources.map((source) => compilePattern(source, options));
}

function compilePattern(
  source: string,
  options: { readonly matchFoldersByWildcard: boolean; readonly windows?: boolean },
): Pattern {
  const windows = options.windows ?? process.platform === 'win32';
  const pattern = (windows ? source.replaceAll('\\', '/') : source).replace(/^\.\//, '');
  const refuse = (found: string, remedy: string) =>
    new FineTuneError('PATTERN_INVALID', `The pattern "${source}" ${found}. ${remedy}`, { pattern: source });
  if (pattern.trim() === '' || pattern === '/') throw refuse('is empty', 'Write a glob such as "src/**" or "*.py".');
  if (pattern.length > 1000) throw refuse('is longer than 1,000 characters', 'Use several shorter patterns.');
  if (pattern.includes('\0')) throw refuse('has a zero byte', 'Remove it.');
  if (pattern.startsWith('!')) throw refuse('is negated', 'Put what shall stay away into the exclude list.');
  if (/^[a-z]:\//i.test(pattern)) throw refuse('is an absolute path', 'Write it relative to the folder.');
  if (pattern.split('/').includes('..')) throw refuse('leaves the folder', 'Write it relative to the folder.');
  const bare = pattern.replace(/^\//, '').replace(/\/+$/, '');
  const anchored = pattern.replace(/\/+$/, '').includes('/') ? bare : `**/${bare}`;
  const [start] = anchored.split('/');
  const hasWildcardName = /[*?[{]/.test(bare.slice(bare.lastIndexOf('/') + 1));
  const globs = pattern.endsWith('/') ? [] : [anchored];
  if (pattern.endsWith('/') || !hasWildcardName || options.matchFoldersByWildcard) globs.push(`${anchored}/**/*`);
  try {
    const isMatch = picomatch(globs, {
      dot: true,
      nonegate: true,
      noextglob: true,
      strictBrackets: true,
      windows: false,
    });
    return { source, matches: (path) => isMatch(path), isWithin: (folder) => isNamedBy(folder, start) };
  } catch (error) {
    throw refuse(`is no glob (${error instanceof Error ? error.message : String(error)})`, 'Check its brackets.');
  }
}

function isNamedBy(folder: string, start: string): boolean {
  const [name, asked] = [[...folder], [...start]];
  return name.length === asked.length && asked.every((letter, i) => letter === '?' || letter === name[i]);
}
