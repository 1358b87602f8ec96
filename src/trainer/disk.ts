/** @file What disks do to a program: no room, no permission, writes that are not durable yet, files held open. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';

/** `code` of a system error (`ENOENT`, ...), or `undefined` for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/**
 * Bytes an ordinary user can still write on the file system of `location`, or of its nearest existing parent;
 * `Infinity` for file systems that do not tell.
 */
export function freeBytes(location: string): number {
  let existing = path.resolve(location);
  while (!existsSync(existing) && path.dirname(existing) !== existing) existing = path.dirname(existing);
  const { blocks, bavail, bsize } = statfsSync(existing);
  return blocks === 0 ? Infinity : bavail * bsize;
}

/**
 * A system error as something a user can act on: DISK_FULL for a full disk or quota, NO_PERMISSION for a folder that
 * may not be written; anything else comes back as it is. `details`: `path`, `bytesNeeded`, `bytesAvailable`.
 *
 * @param bytesNeeded What the failed act wanted to write, where known.
 */
export function explainDiskError(error: unknown, location: string, bytesNeeded: number | null = null): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(location, bytesNeeded, code, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const found = code === 'EROFS' ? 'the file system is read-only' : `permission denied (${code})`;
    return new FineTuneError(
      'NO_PERMISSION',
      `Cannot write ${location}: ${found}. Make the folder writable for this user, or choose another one for the run.`,
      { path: location, bytesNeeded, cause: code },
      { cause: error },
    );
  }
  return error;
}

/** The DISK_FULL error, with what is free now. */
export function diskFull(location: string, bytesNeeded: number | null, code: string, cause?: unknown): FineTuneError {
  const bytesAvailable = freeBytes(location);
  const needed = bytesNeeded === null ? '' : `${formatBytes(bytesNeeded)} are needed, `;
  const quota = code === 'EDQUOT' ? ' under this user quota' : '';
  return new FineTuneError(
    'DISK_FULL',
    `No room to write ${location}: ${needed}${formatBytes(bytesAvailable)} are free${quota}. What was written before is untouched. Free some space and resume the run, or choose a folder on another disk.`,
    { path: location, bytesNeeded, bytesAvailable, cause: code },
    { cause },
  );
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Makes the names in a folder durable: a rename is on disk only once its folder has been synced. */
export function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch (error) {
    if (cannotSyncFolders(error)) return;
    throw error;
  }
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!cannotSyncFolders(error)) throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Windows opens no folders (EISDIR, EPERM); some network file systems refuse to sync them (EINVAL, ENOTSUP). */
function cannotSyncFolders(error: unknown): boolean {
  const code = systemCode(error) ?? '';
  if (process.platform === 'win32') return ['EISDIR', 'EPERM'].includes(code);
  return ['EINVAL', 'ENOTSUP'].includes(code);
}

/**
 * Renames, and on Windows tries again for up to a second: virus scanners and indexers hold fresh files open there, and
 * an open file blocks its own renaming and that of its folder.
 */
export function renamePatiently(from: string, to: string): void {
  patiently(() => renameSync(from, to));
}

/** Deletes a file; see `renamePatiently`. A file that is not there is fine. */
export function unlinkPatiently(file: string): void {
  try {
    patiently(() => unlinkSync(file));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Runs `action`; on Windows again, every 50 ms for up to a second, while another program is in the way. */
export function patiently<Result>(action: () => Result): Result {
  for (let attempt = 1; ; attempt++) {
    try {
      return action();
    } catch (error) {
      const inTheWay = ['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error) ?? '');
      if (process.platform !== 'win32' || !inTheWay || attempt === 20) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/**
 * Creates a folder and those above it; one that exists is fine. (Node's own `recursive` reports a read-only file system
 * as ENOENT.)
 *
 * @throws DISK_FULL, NO_PERMISSION; EEXIST or ENOTDIR when a part of the path is a file.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const code = systemCode(error);
    const parent = path.dirname(path.resolve(folder));
    // Where nothing can be created (/proc), it is reported of a folder whose parent is there, too.
    if (code === 'ENOENT' && !existsSync(parent)) {
      makeFolder(parent);
      makeFolder(folder);
    } else if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw explainDiskError(error, folder);
    }
  }
}

/** Deletes a folder and what is in it; a folder that is not there is fine. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Size in bytes, or 0 for a file that is not there. */
export function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Writes a small file so that readers, and a crash at any moment, see either the old content or the whole new one. */
export function writeFileAtomically(file: string, text: string): void {
  const temporary = `${file}.tmp-${process.pid}`;
  try {
    const descriptor = openSync(temporary, 'w');
    try {
      writeFully(descriptor, Buffer.from(text));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renamePatiently(temporary, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explainDiskError(error, file, Buffer.byteLength(text));
  }
}

/** Writes all of `bytes` at the descriptor's position; a full disk can make single writes short before they fail. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(descriptor, bytes, done, bytes.byteLength - done);
  }
}
