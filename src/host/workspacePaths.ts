/** @file Which file of a workspace a run means: paths from run directories are material, not orders. */
import { realpathSync } from 'node:fs';
import path from 'node:path';

/** A folder that a run read. */
export interface Root {
  /** What its files' paths begin with: its name and a slash when the run read several folders. */
  readonly prefix: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * The existing file that `relative` names inside the folders of a run, or `null`: for absolute paths, for paths that lead
 * out of the folder (by `..` or by a symbolic link), and for files that are gone.
 */
export function fileInRoots(roots: readonly Root[], relative: string): string | null {
  if (relative === '' || relative.includes('\0') || path.isAbsolute(relative) || /^[a-zA-Z]:/.test(relative))
    return null;
  for (const root of roots) {
    if (!relative.startsWith(root.prefix)) continue;
    const file = existingFile(root.path, relative.slice(root.prefix.length));
    if (file !== null) return file;
  }
  return null;
}

/**
 * The folders of a run's description that lie in folders which are open now. run.json is only a file: what it names outside
 * of the workspace is not opened.
 */
export function openRoots(
  description: Readonly<Record<string, unknown>> | null,
  workspaceFolders: readonly string[],
): Root[] {
  const { folders } = (description?.workspace ?? {}) as { folders?: unknown };
  if (!Array.isArray(folders)) return [];
  const isOpen = (folder: { name?: unknown; path?: unknown } | null): folder is { name: string; path: string } =>
    typeof folder?.name === 'string' &&
    typeof folder.path === 'string' &&
    workspaceFolders.some((open) => isInside(realOf(open), folder.path as string));
  // Of several folders the paths say which, however many of them are open now.
  return folders
    .filter(isOpen)
    .map(({ name, path: at }) => ({ path: at, prefix: folders.length > 1 ? `${name}/` : '' }));
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder); // Gone: nothing in it will be found either.
  }
}

function existingFile(folder: string, name: string): string | null {
  const file = path.resolve(folder, name);
  if (!isInside(path.resolve(folder), file)) return null;
  try {
    const [realFolder, realFile] = [realpathSync(folder), realpathSync(file)];
    return isInside(realFolder, realFile) ? file : null;
  } catch {
    return null; // It is not there, or cannot be looked at: the caller says so.
  }
}

/** Whether `file` lies below `folder` (or is it); both absolute. */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}
