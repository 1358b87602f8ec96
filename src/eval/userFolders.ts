/** @file Where a user's files of this program lie that belong to no project: what was downloaded, and what can be made again. */
import os from 'node:os';
import path from 'node:path';

/** Variables that move the folders; `process.env` fits. */
export type FolderVariables = Readonly<Record<string, string | undefined>>;

/**
 * Folder for files that the user asked for and wants to keep: `$XDG_DATA_HOME/rgft` (by default ~/.local/share/rgft),
 * ~/Library/Application Support/rgft on macOS, %LOCALAPPDATA%\rgft on Windows. It need not exist.
 */
export function userDataFolder(variables: FolderVariables = process.env, platform = process.platform): string {
  if (platform === 'win32') return path.join(localAppData(variables), 'rgft');
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Application Support', 'rgft');
  return path.join(absoluteOr(variables.XDG_DATA_HOME, path.join(os.homedir(), '.local', 'share')), 'rgft');
}

/** Folder for files that can be removed at any time: `$XDG_CACHE_HOME/rgft`, ~/Library/Caches/rgft, %LOCALAPPDATA%\rgft\cache. */
export function userCacheFolder(variables: FolderVariables = process.env, platform = process.platform): string {
  if (platform === 'win32') return path.join(localAppData(variables), 'rgft', 'cache');
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'rgft');
  return path.join(absoluteOr(variables.XDG_CACHE_HOME, path.join(os.homedir(), '.cache')), 'rgft');
}

function localAppData(variables: FolderVariables): string {
  return variables.LOCALAPPDATA || path.join(os.homedir(), 'AppData', 'Local');
}

/** The XDG specification: a relative path is to be ignored. */
function absoluteOr(value: string | undefined, otherwise: string): string {
  return value && path.isAbsolute(value) ? value : otherwise;
}
