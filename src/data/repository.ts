/**
 * @file Reads a folder of source code: which files a model may learn from, and for every other file the reason why not.
 * Nothing disappears without a line in the result, and no secret appears in it.
 */
import { constants, type Stats } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { FineTuneError } from '../errors.ts';
import { hashText } from '../random.ts';
import { findDuplicates } from './duplicates.ts';
import { languageOfPath, languageOfShebang } from './languages.ts';
import { byUnits, errorCode, listFolder } from './listing.ts';
import { compilePatterns, type Pattern } from './patterns.ts';
import { checkFolder, checkPath, checkText, decodeSource, type Finding, type Rejection } from './rejection.ts';
import { findSecrets, MAX_SECRET_LINES, type SecretKind, withoutLines } from './secrets.ts';

/** A file to learn from. */
export interface SourceFile {
  /** Relative, forward slashes; with several folders it starts with the folder's name. Unique. */
  readonly path: string;
  readonly absolutePath: string;
  /** e.g. `python`; see `languages.ts`. */
  readonly language: string;
  /** Size on disk. */
  readonly bytes: number;
  /** Lines of `text`. */
  readonly lines: number;
  /** Without byte order mark and without lines that held a secret; line ends as they are on disk. */
  readonly text: string;
  /** Lines of the file on disk that are not in `text`, 1-based, ascending. */
  readonly removedLines: readonly number[];
}

/** Where a secret was found. The secret itself is nowhere kept. */
export interface SecretReport {
  readonly path: string;
  /** 1-based line of the file on disk. */
  readonly line: number;
  readonly kind: SecretKind;
  readonly action: 'lineLeftOut' | 'fileLeftOut';
}

export interface Repository {
  /** The folders read, real absolute paths. */
  readonly folders: readonly { readonly name: string; readonly path: string; readonly source: 'git' | 'walk' }[];
  /** Ascending by path. */
  readonly files: readonly SourceFile[];
  /** Ascending by path. */
  readonly rejected: readonly Rejection[];
  /** Ascending by path, then line. */
  readonly secrets: readonly SecretReport[];
  /** Copies among `rejected`; `similarity` is Jaccard over 5-token shingles, 1 for exact copies. */
  readonly duplicates: readonly { readonly path: string; readonly original: string; readonly similarity: number }[];
  /** What a person should know: patterns without a match, git's complaints. */
  readonly notes: readonly string[];
  readonly totals: {
    readonly files: number;
    readonly bytes: number;
    readonly lines: number;
    readonly rejected: number;
  };
}

/** Heuristics that can be wrong and that a user may switch off. */
export const KEEPABLE_REASONS = ['ignored', 'vendored', 'generated', 'minified', 'duplicate', 'nearDuplicate'] as const;
export type KeepableReason = (typeof KEEPABLE_REASONS)[number];

export interface RepositoryOptions {
  /**
   * Globs; only files that match one are taken. Of several folders they hold inside each, unless they begin with the name
   * of one. @default everything
   */
  readonly include?: readonly string[];
  /** Globs; files that match one are left out. @default nothing */
  readonly exclude?: readonly string[];
  /** Further extensions that count as code, e.g. `['md', 'yaml']`. @default none */
  readonly extraExtensions?: readonly string[];
  /** Reasons that do not apply, e.g. `['generated']`. @default none */
  readonly keep?: readonly KeepableReason[];
  /** Larger files are left out. @default 1 MiB */
  readonly maxFileBytes?: number;
  /**
   * Sum of the sizes of all files read; it bounds the memory. Beyond it files are chosen by a hash of their path, so the
   * choice is fair and the same every time. @default 256 MiB
   */
  readonly maxTotalBytes?: number;
  readonly signal?: AbortSignal;
}

const MEBIBYTE = 2 ** 20;
const FILES_AT_ONCE = 24;

interface Candidate {
  readonly path: string;
  readonly absolutePath: string;
  readonly language: string;
  readonly bytes: number;
}

type Outcome<T> = T | Finding;

/**
 * Reads the folders and refuses when nothing is left to learn from.
 *
 * @throws FOLDER_NOT_FOUND, NO_PERMISSION, FOLDER_EMPTY, PATTERN_INVALID, USAGE, INTERRUPTED
 */
export async function readRepository(
  folders: string | readonly string[],
  options: RepositoryOptions = {},
): Promise<Repository> {
  const repository = await scanRepository(folders, options);
  requireFiles(repository);
  return repository;
}

/** As `readRepository`, but a folder without code comes back with its reasons instead of an error. */
export async function scanRepository(
  folders: string | readonly string[],
  options: RepositoryOptions = {},
): Promise<Repository> {
  const settings = checkOptions(options);
  const roots = await findRoots(typeof folders === 'string' ? [folders] : folders);
  const rejected: Rejection[] = [];
  const notes: string[] = [];
  const matched = new Set<Pattern>();
  const readRoots: { name: string; path: string; source: 'git' | 'walk' }[] = [];
  const listed: Candidate[] = [];
  const rootNames = roots.length > 1 ? roots.map(({ name }) => name) : [];

  for (const root of roots) {
    const listing = await listRoot(root.path, settings);
    readRoots.push({ ...root, source: listing.source });
    notes.push(...listing.notes);
    const prefix = roots.length > 1 ? `${root.name}/` : '';
    const inner = roots.map((other) => innerPrefix(root.path, other.path)).filter((path) => path !== undefined);
    for (const rejection of listing.rejected) {
      if (!inner.some((path) => rejection.path.startsWith(path))) {
        rejected.push({ ...rejection, path: prefix + rejection.path });
      }
    }
    const realFolders = new Map<string, Promise<boolean>>();
    const inspected = await mapAtOnce(listing.paths, settings.signal, async (path) => {
      if (inner.some((start) => path.startsWith(start))) return undefined; // another of the folders holds it
      const finding = inspectPath({ path, fullPath: prefix + path, rootNames }, settings, matched);
      if ('reason' in finding) return { path: prefix + path, ...finding };
      const sized = await inspectOnDisk(root.path, path, settings.maxFileBytes, realFolders);
      if ('reason' in sized) return { path: prefix + path, ...sized };
      return { path: prefix + path, absolutePath: join(root.path, path), ...finding, ...sized };
    });
    for (const found of inspected) {
      if (found && 'reason' in found) rejected.push(found);
      else if (found) listed.push(found);
    }
  }
  for (const pattern of [...settings.include, ...settings.exclude]) {
    if (!matched.has(pattern)) notes.push(`The pattern "${pattern.source}" matches no file.`);
  }

  const chosen = withinTotal(listed, settings.maxTotalBytes, rejected);
  const secrets: SecretReport[] = [];
  const files: SourceFile[] = [];
  const read = await mapAtOnce(chosen, settings.signal, (candidate) => readSource(candidate, settings));
  for (let index = 0; index < chosen.length; index++) {
    const { path } = chosen[index];
    const outcome = read[index];
    for (const secret of outcome.secrets) secrets.push({ path, ...secret });
    if ('reason' in outcome.result) rejected.push({ path, ...outcome.result });
    else files.push(outcome.result);
  }
  files.sort((a, b) => byUnits(a.path, b.path));
  const { kept, duplicates } = withoutDuplicates(files, settings.keep, rejected);
  rejected.sort((a, b) => byUnits(a.path, b.path));
  secrets.sort((a, b) => byUnits(a.path, b.path) || a.line - b.line);
  const sum = (pick: (file: SourceFile) => number) => kept.reduce((total, file) => total + pick(file), 0);
  return {
    folders: readRoots,
    files: kept,
    rejected,
    secrets,
    duplicates,
    notes,
    totals: {
      files: kept.length,
      bytes: sum((file) => file.bytes),
      lines: sum((file) => file.lines),
      rejected: rejected.length,
    },
  };
}

/** Rejections counted by reason, most frequent first. */
export function countReasons(rejected: readonly Rejection[]): { reason: Rejection['reason']; count: number }[] {
  const counts = new Map<Rejection['reason'], number>();
  for (const { reason } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || byUnits(a.reason, b.reason));
}

/** The line on disk of a line of `file.text`; both 1-based. */
export function lineOnDisk(file: Pick<SourceFile, 'removedLines'>, lineOfText: number): number {
  let line = lineOfText;
  for (const removed of file.removedLines) {
    if (removed > line) break;
    line++;
  }
  return line;
}

interface Settings {
  readonly include: readonly Pattern[];
  readonly exclude: readonly Pattern[];
  readonly extraExtensions: ReadonlySet<string>;
  readonly keep: ReadonlySet<string>;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  readonly signal?: AbortSignal;
}

function checkOptions(options: RepositoryOptions): Settings {
  const { maxFileBytes = MEBIBYTE, maxTotalBytes = 256 * MEBIBYTE, keep = [] } = options;
  for (const [name, value] of Object.entries({ maxFileBytes, maxTotalBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new FineTuneError('USAGE', `${name} is ${value}, expected a whole number of bytes above 0.`, {
        [name]: value,
      });
    }
  }
  for (const reason of keep) {
    if (!KEEPABLE_REASONS.includes(reason)) {
      const message = `"${reason}" cannot be kept. Reasons that can be switched off: ${KEEPABLE_REASONS.join(', ')}.`;
      throw new FineTuneError('USAGE', message, { reason });
    }
  }
  return {
    include: compilePatterns(options.include ?? [], { matchFoldersByWildcard: false }),
    exclude: compilePatterns(options.exclude ?? [], { matchFoldersByWildcard: true }),
    extraExtensions: new Set((options.extraExtensions ?? []).map((name) => name.replace(/^\*?\./, '').toLowerCase())),
    keep: new Set(keep),
    maxFileBytes,
    maxTotalBytes,
    signal: options.signal,
  };
}

/** The real folders, each once, with names that differ. */
async function findRoots(folders: readonly string[]): Promise<{ name: string; path: string }[]> {
  if (folders.length === 0) throw new FineTuneError('USAGE', 'No folder was given, expected at least one.', {});
  const roots: { name: string; path: string }[] = [];
  for (const folder of folders) {
    const path = await realFolder(folder);
    if (roots.some((root) => root.path === path)) continue;
    const name = basename(path) || 'root';
    const same = roots.filter((root) => root.name === name || root.name.startsWith(`${name}~`)).length;
    roots.push({ path, name: same === 0 ? name : `${name}~${same + 1}` });
  }
  return roots;
}

async function realFolder(folder: string): Promise<string> {
  let found: Stats;
  try {
    found = await stat(folder);
    if (found.isDirectory()) return await realpath(folder);
  } catch (error) {
    throw folderError(folder, error);
  }
  throw new FineTuneError('FOLDER_NOT_FOUND', `"${folder}" is a file, expected a folder with source code.`, { folder });
}

function folderError(folder: string, error: unknown): FineTuneError {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `The folder "${folder}" cannot be read (${code}). Give yourself the right to read it or choose another.`;
    return new FineTuneError('NO_PERMISSION', message, { folder, system: code }, { cause: error });
  }
  const message = `The folder "${folder}" was not found (${code}). Check the spelling of its path.`;
  return new FineTuneError('FOLDER_NOT_FOUND', message, { folder, system: code }, { cause: error });
}

async function listRoot(path: string, settings: Settings) {
  try {
    return await listFolder(path, {
      useGitIgnore: !settings.keep.has('ignored'),
      skipFolder: settings.keep.has('vendored') ? undefined : checkFolder,
      signal: settings.signal,
    });
  } catch (error) {
    stopIfAborted(settings.signal);
    throw folderError(path, error);
  }
}

/** `inner` as a prefix of paths in `outer`, when it lies inside. */
function innerPrefix(outer: string, inner: string): string | undefined {
  const path = relative(outer, inner);
  if (path === '' || path === '..' || path.startsWith(`..${sep}`) || /^[a-z]:/i.test(path)) return undefined;
  return `${path.split(sep).join('/')}/`;
}

/** What patterns and names tell, before the disk is touched. */
function inspectPath(
  { path, fullPath, rootNames }: { readonly path: string; readonly fullPath: string; readonly rootNames: string[] },
  settings: Settings,
  matched: Set<Pattern>,
): Outcome<{ readonly language: string }> {
  const firstMatch = (patterns: readonly Pattern[]) => {
    const found = patterns.filter(
      (pattern) =>
        pattern.matches(fullPath) ||
        // What begins with the name of one of the folders does not mean one of that name inside another.
        (!rootNames.some(pattern.isWithin) && pattern.matches(path)),
    );
    for (const pattern of found) matched.add(pattern);
    return found[0];
  };
  const included = firstMatch(settings.include);
  const excluded = firstMatch(settings.exclude);
  if (excluded) return { reason: 'excluded', detail: `"${excluded.source}" excludes it` };
  if (settings.include.length > 0 && !included) return { reason: 'excluded', detail: 'no include pattern matches it' };
  const finding = checkPath(path);
  if (finding && !settings.keep.has(finding.reason)) return finding;
  const language = languageOfPath(path, settings.extraExtensions);
  if (language !== 'none') return { language };
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return { reason: 'notCode', detail: dot > 0 ? `the extension "${name.slice(dot)}"` : 'a settings file' };
}

/** What the disk tells without opening the file. */
async function inspectOnDisk(
  root: string,
  path: string,
  maxFileBytes: number,
  realFolders: Map<string, Promise<boolean>>,
): Promise<Outcome<{ readonly bytes: number }>> {
  const absolutePath = join(root, path);
  try {
    const found = await lstat(absolutePath);
    if (found.isSymbolicLink()) return { reason: 'symlink', detail: await linkTarget(root, absolutePath) };
    if (found.isDirectory()) return { reason: 'nestedRepository', detail: 'open it as a folder of its own to use it' };
    if (!found.isFile()) return { reason: 'notAFile', detail: 'a pipe, a socket or a device' };
    // git keeps listing tracked files when a folder above them has become a link, which may lead anywhere.
    const slash = path.lastIndexOf('/');
    if (slash > 0 && !(await isRealFolder(root, path.slice(0, slash), realFolders))) {
      return { reason: 'symlink', detail: 'a folder above it is a link' };
    }
    if (found.size > maxFileBytes) return tooLarge(found.size, maxFileBytes);
    return { bytes: found.size };
  } catch (error) {
    return diskFinding(path, error);
  }
}

async function linkTarget(root: string, absolutePath: string): Promise<string> {
  try {
    const target = relative(root, await realpath(absolutePath));
    return target === '..' || target.startsWith(`..${sep}`) || /^[a-z]:/i.test(target)
      ? 'it leads out of the folder'
      : `it leads to "${target.split(sep).join('/') || '.'}"`;
  } catch (error) {
    return errorCode(error) === 'ELOOP' ? 'it leads back to itself' : `it leads nowhere (${errorCode(error)})`;
  }
}

function isRealFolder(root: string, folder: string, known: Map<string, Promise<boolean>>): Promise<boolean> {
  const answer = known.get(folder);
  if (answer) return answer;
  const expected = join(root, folder);
  // Only the comparison with the real path tells; case and Unicode spelling may differ from the listing's.
  const asked = realpath(expected).then(
    (actual) => actual.normalize('NFC').toLowerCase() === expected.normalize('NFC').toLowerCase(),
  );
  known.set(folder, asked);
  return asked;
}

function tooLarge(bytes: number, limit: number): Finding {
  return { reason: 'tooLarge', detail: `${bytes} bytes, at most ${limit} are taken` };
}

function diskFinding(path: string, error: unknown): Finding {
  const code = errorCode(error);
  if (code === 'ELOOP') return { reason: 'symlink', detail: 'it leads back to itself' };
  if (code === 'ENOENT' && path.includes('\uFFFD')) return { reason: 'invalidName', detail: 'it is not valid UTF-8' };
  if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'missing', detail: 'it was deleted or moved' };
  return { reason: 'unreadable', detail: code };
}

/** Takes files in the order of a hash of their paths until the limit is reached. */
function withinTotal(candidates: readonly Candidate[], limit: number, rejected: Rejection[]): Candidate[] {
  const total = candidates.reduce((sum, candidate) => sum + candidate.bytes, 0);
  if (total <= limit) return [...candidates];
  const chosen: Candidate[] = [];
  let taken = 0;
  const order = candidates.map((candidate) => ({ candidate, hash: hashText(`sample:${candidate.path}`) }));
  for (const { candidate } of order.sort((a, b) => a.hash - b.hash || byUnits(a.candidate.path, b.candidate.path))) {
    if (taken + candidate.bytes <= limit) {
      taken += candidate.bytes;
      chosen.push(candidate);
    } else {
      const detail = `${total} bytes of code, at most ${limit} are read; raise the limit or exclude folders`;
      rejected.push({ path: candidate.path, reason: 'totalLimit', detail });
    }
  }
  return chosen;
}

async function readSource(
  candidate: Candidate,
  settings: Settings,
): Promise<{ result: Outcome<SourceFile>; secrets: Omit<SecretReport, 'path'>[] }> {
  const refused = (result: Finding) => ({ result, secrets: [] });
  const bytes = await readBounded(candidate, settings.maxFileBytes);
  if (!(bytes instanceof Uint8Array)) return refused(bytes);
  const decoded = decodeSource(bytes);
  if ('reason' in decoded) return refused(decoded);
  const language = candidate.language === 'ask-first-line' ? languageOfShebang(decoded.text) : candidate.language;
  if (language === 'none')
    return refused({ reason: 'notCode', detail: 'no extension and no "#!" line that names one' });
  const finding = checkText(decoded.text, settings.keep);
  if (finding) return refused(finding);

  const found = findSecrets(decoded.text, language);
  const leavesFileOut = found.length > MAX_SECRET_LINES || found.some((secret) => secret.kind === 'private-key');
  const secrets = found.map((secret) => ({
    ...secret,
    action: leavesFileOut ? ('fileLeftOut' as const) : ('lineLeftOut' as const),
  }));
  if (leavesFileOut) {
    const lines = found.map((secret) => secret.line);
    const shown = lines.length > 8 ? `${lines.slice(0, 8).join(', ')} …` : lines.join(', ');
    const detail = `${found.some((secret) => secret.kind === 'private-key') ? 'a private key, ' : ''}line${lines.length > 1 ? 's' : ''} ${shown}`;
    return { result: { reason: 'secrets', detail }, secrets };
  }
  const removedLines = found.map((secret) => secret.line);
  const text = withoutLines(decoded.text, new Set(removedLines));
  if (text.trim() === '') return { result: { reason: 'secrets', detail: 'nothing else is in it' }, secrets };
  const { path, absolutePath } = candidate;
  const lines = countLines(text);
  return { result: { path, absolutePath, language, bytes: bytes.length, lines, text, removedLines }, secrets };
}

/** The bytes of a regular file; links and pipes put in its place since it was listed are not followed. */
async function readBounded(candidate: Candidate, maxFileBytes: number): Promise<Outcome<Uint8Array>> {
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const file = await open(candidate.absolutePath, flags);
    try {
      const found = await file.stat();
      if (!found.isFile()) return { reason: 'notAFile', detail: 'a pipe, a socket or a device' };
      const buffer = Buffer.allocUnsafe(Math.min(found.size, maxFileBytes) + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > maxFileBytes) return tooLarge(found.size, maxFileBytes);
      return buffer.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    return diskFinding(candidate.path, error);
  }
}

function withoutDuplicates(
  files: readonly SourceFile[],
  keep: ReadonlySet<string>,
  rejected: Rejection[],
): { kept: SourceFile[]; duplicates: { path: string; original: string; similarity: number }[] } {
  const found = findDuplicates(files.map((file) => file.text)).filter(
    (duplicate) => !keep.has(duplicate.exact ? 'duplicate' : 'nearDuplicate'),
  );
  const gone = new Set(found.map((duplicate) => duplicate.index));
  const duplicates = found.map(({ index, original, similarity, exact }) => {
    const path = files[index].path;
    const percent = Math.floor(similarity * 100);
    rejected.push({
      path,
      reason: exact ? 'duplicate' : 'nearDuplicate',
      detail: `${exact ? '' : `${percent} % of `}"${files[original].path}"`,
    });
    return { path, original: files[original].path, similarity };
  });
  return { kept: files.filter((_, index) => !gone.has(index)), duplicates };
}

/** Refuses a repository without files. @throws FOLDER_EMPTY with the counts by reason */
export function requireFiles(repository: Repository): void {
  if (repository.files.length > 0) return;
  const names = repository.folders.map((folder) => `"${folder.path}"`).join(', ');
  const counts = countReasons(repository.rejected);
  const why = counts.map(({ reason, count }) => `${reason} ${count}`).join(', ');
  const message =
    repository.rejected.length === 0
      ? `${names} is empty. Choose a folder with source code.`
      : `${names} holds no code to learn from: all ${repository.rejected.length} entries are left out (${why}). ` +
        'Choose another folder, or change the include and exclude patterns.';
  throw new FineTuneError('FOLDER_EMPTY', message, { folders: names, counts });
}

/** Lines of a text; a last line without line end counts. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text === '' || text.endsWith('\n') ? lines : lines + 1;
}

/** `work` over `items`, a few at a time; the results are in the order of the items. */
async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      stopIfAborted(signal);
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(FILES_AT_ONCE, items.length) }, worker));
  stopIfAborted(signal);
  return results;
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new FineTuneError('INTERRUPTED', 'Reading the folder was stopped. Start it again.', {});
}
