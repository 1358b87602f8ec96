/**
 * @file One writer for each run: `lock.json` names the process that owns the run directory.
 *
 * The file is created with O_EXCL, so of several processes one succeeds. A lock whose owner is dead is stale and may be
 * removed, but only by the holder of a second lock, `lock.json.takeover`: otherwise two processes could both see the
 * stale lock, and the slower one remove the fresh lock of the faster. That second lock is taken by the same procedure.
 *
 * Who is alive: on the same machine the process with that pid, provided that it started when the owner did (pids are
 * reused). Where that cannot be told (another machine or container, no /proc), a lock counts as alive until its
 * heartbeat, the file's modification time, is two minutes old.
 *
 * Not protected from: someone who deletes the lock by hand while its owner runs. The owner notices at its next
 * heartbeat or checkpoint and stops.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readlinkSync, statSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { explainDiskError, patiently, systemCode, unlinkPatiently, writeFully } from './disk.ts';

const LOCK_FILE = 'lock.json';
/** A heartbeat older than this means death, where the process itself cannot be looked at. */
const HEARTBEAT_LIMIT_MS = 120_000;
/** A lock without readable content is one whose creator is about to write it, or died right there. */
const UNFINISHED_LIMIT_MS = 10_000;
/** Takeover of a takeover of a takeover: each level needs a crash within a few microseconds. */
const MAX_DEPTH = 3;

/** The process that holds a lock. */
export interface LockOwner {
  /** Unique to this act of locking. */
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** Boot and start time of the process, comparable only with itself; `null` where the system does not tell. */
  readonly processStart: string | null;
  /** Pids mean something only inside their namespace (containers); `null` where the system has none. */
  readonly pidNamespace: string | null;
  readonly acquiredAtMs: number;
}

/** What a look at the lock shows. `owner` is `null` while the lock is being written, or when its creator died then. */
export type LockState =
  | { readonly state: 'free' }
  | {
      readonly state: 'live' | 'stale';
      readonly owner: LockOwner | null;
      /** Since the lock was taken. */
      readonly ageMs: number;
      readonly heartbeatAgeMs: number;
    };

/** A lock that this process holds. */
export interface RunLock {
  readonly path: string;
  readonly owner: LockOwner;
  /** Why the lock is no longer ours; `null` while it is. */
  lost: FineTuneError | null;
  /** The latest failure to refresh the heartbeat; it is tried again. */
  heartbeatError: unknown;
  /** Stops the heartbeat and the exit handler. */
  readonly stop: () => void;
}

/** Who, if anyone, is writing this run. Needs no lock and changes nothing. */
export function lockState(runPath: string): LockState {
  return inspect(path.join(runPath, LOCK_FILE));
}

/**
 * Takes the lock of an existing folder, removing a stale one. The lock is given back by `releaseLock`, or when the
 * process exits (not when it is killed: it is then stale).
 *
 * @param options.heartbeatMs Time between heartbeats. They need the event loop: call `heartbeat` in long loops. @default 5000
 * @throws RUN_LOCKED naming the owner's pid, host and age; DISK_FULL; NO_PERMISSION.
 */
export function acquireLock(runPath: string, { heartbeatMs = 5000 }: { heartbeatMs?: number } = {}): RunLock {
  const lockPath = path.join(runPath, LOCK_FILE);
  const owner: LockOwner = {
    token: randomUUID(),
    pid: process.pid,
    host: os.hostname(),
    processStart: processStart(process.pid),
    pidNamespace: pidNamespace(),
    acquiredAtMs: Date.now(),
  };
  claim(lockPath, owner, 0);

  const onExit = () => removeIfOurs(lockPath, owner);
  process.on('exit', onExit);
  const timer = setInterval(() => {
    try {
      heartbeat(lock);
      lock.heartbeatError = null;
    } catch (error) {
      lock.heartbeatError = error;
    }
  }, heartbeatMs);
  timer.unref();
  const lock: RunLock = {
    path: lockPath,
    owner,
    lost: null,
    heartbeatError: null,
    stop: () => {
      clearInterval(timer);
      process.off('exit', onExit);
    },
  };
  return lock;
}

/** Gives the lock back. Doing so twice, or after it was lost, changes nothing. */
export function releaseLock(lock: RunLock): void {
  lock.stop();
  removeIfOurs(lock.path, lock.owner);
}

/** Shows that this process is alive. @throws RUN_LOCKED when the lock has been taken away. */
export function heartbeat(lock: RunLock): void {
  assertLockHeld(lock);
  const now = Date.now() / 1000;
  utimesSync(lock.path, now, now);
}

/** Looks whether the lock is still ours. @throws RUN_LOCKED when it was removed or taken over. */
export function assertLockHeld(lock: RunLock): void {
  if (!lock.lost) {
    const held = inspect(lock.path);
    if (held.state !== 'free' && held.owner?.token === lock.owner.token) return;
    const found = held.state === 'free' ? 'its lock was deleted' : `process ${describeOwner(held)} took it over`;
    lock.lost = new FineTuneError(
      'RUN_LOCKED',
      `This run no longer belongs to this process: ${found}. Nothing more is written; resume the run from its latest checkpoint.`,
      { path: lock.path, owner: held.state === 'free' ? null : held.owner },
    );
  }
  throw lock.lost;
}

/** Creates the lock file, or throws RUN_LOCKED. */
function claim(lockPath: string, owner: LockOwner, depth: number): void {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (createExclusively(lockPath, owner)) return;
    const held = inspect(lockPath);
    if (held.state === 'live' || (held.state === 'stale' && depth === MAX_DEPTH)) throw locked(lockPath, held);
    if (held.state === 'stale') removeStale(lockPath, owner, depth);
  }
  throw locked(lockPath, inspect(lockPath));
}

function removeStale(lockPath: string, owner: LockOwner, depth: number): void {
  const guard = `${lockPath}.takeover`;
  claim(guard, owner, depth + 1);
  try {
    // Only a guard's holder removes stale locks, so one that is stale now stays until we remove it.
    if (inspect(lockPath).state === 'stale') unlinkPatiently(lockPath);
  } finally {
    removeIfOurs(guard, owner);
  }
}

function createExclusively(lockPath: string, owner: LockOwner): boolean {
  let descriptor: number;
  try {
    descriptor = patiently(() => openSync(lockPath, 'wx'));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw explainDiskError(error, lockPath);
  }
  try {
    writeFully(descriptor, Buffer.from(JSON.stringify(owner, null, 2) + '\n'));
  } catch (error) {
    unlinkPatiently(lockPath);
    throw explainDiskError(error, lockPath);
  } finally {
    closeSync(descriptor);
  }
  return true;
}

function removeIfOurs(lockPath: string, owner: LockOwner): void {
  const held = inspect(lockPath);
  if (held.state !== 'free' && held.owner?.token === owner.token) unlinkPatiently(lockPath);
}

function inspect(lockPath: string): LockState {
  let text: string;
  let heartbeatAgeMs: number;
  try {
    text = patiently(() => readFileSync(lockPath, 'utf8'));
    heartbeatAgeMs = Math.max(0, Date.now() - statSync(lockPath).mtimeMs);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { state: 'free' };
    throw explainDiskError(error, lockPath);
  }
  const owner = parseOwner(text);
  if (!owner) {
    const state = heartbeatAgeMs < UNFINISHED_LIMIT_MS ? 'live' : 'stale';
    return { state, owner, ageMs: heartbeatAgeMs, heartbeatAgeMs };
  }
  const state = isAlive(owner, heartbeatAgeMs) ? 'live' : 'stale';
  return { state, owner, ageMs: Math.max(0, Date.now() - owner.acquiredAtMs), heartbeatAgeMs };
}

function parseOwner(text: string): LockOwner | null {
  let owner: Partial<LockOwner> | null;
  try {
    owner = JSON.parse(text);
  } catch {
    return null; // Half written; the caller judges by its age.
  }
  if (!owner || typeof owner.token !== 'string' || !Number.isInteger(owner.pid) || owner.pid! <= 0) return null;
  return owner as LockOwner;
}

function isAlive(owner: LockOwner, heartbeatAgeMs: number): boolean {
  const beats = heartbeatAgeMs < HEARTBEAT_LIMIT_MS;
  if (owner.host !== os.hostname() || owner.pidNamespace !== pidNamespace()) return beats;
  if (!processExists(owner.pid)) return false;
  const start = processStart(owner.pid);
  if (start === null || owner.processStart === null) return beats;
  return start === owner.processStart;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH'; // EPERM: it exists and belongs to someone else.
  }
}

/**
 * Boot id and start time of a process from /proc (Linux), `exited` for a zombie, `null` where they cannot be read. The
 * boot id is there because start times count from the boot, so that after another boot they can repeat.
 */
function processStart(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // "pid (name) state ppid ...": the name may hold spaces and brackets, so fields count from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'exited';
    return `${bootId}:${fields[19]}`; // proc(5): field 22, starttime
  } catch {
    return null; // No /proc, or one that hides other users' processes: the heartbeat decides.
  }
}

function pidNamespace(): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null; // No /proc: both sides are null and count as one namespace.
  }
}

function locked(lockPath: string, held: LockState): FineTuneError {
  const runPath = path.dirname(lockPath);
  if (held.state === 'free' || !held.owner) {
    return new FineTuneError(
      'RUN_LOCKED',
      `${runPath} is being locked by another process at this moment. Try again, or choose another folder.`,
      { path: lockPath, owner: null },
    );
  }
  const { owner, ageMs, heartbeatAgeMs } = held;
  return new FineTuneError(
    'RUN_LOCKED',
    `${runPath} is in use by process ${describeOwner(held)}. Wait for it, stop it, or choose another folder. If that process is not a trainer, delete ${path.basename(lockPath)} there.`,
    { path: lockPath, owner, pid: owner.pid, host: owner.host, ageMs, heartbeatAgeMs },
  );
}

function describeOwner(held: Exclude<LockState, { state: 'free' }>): string {
  if (!held.owner) return 'of an unknown number';
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  return `${held.owner.pid} on ${held.owner.host}, since ${seconds(held.ageMs)} (last sign of life ${seconds(held.heartbeatAgeMs)} ago)`;
}
