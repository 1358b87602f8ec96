/**
 * @file The run directory: all that a run knows, in files that survive the process.
 *
 *     run.json               what was asked for; written once
 *     events.jsonl           what happened (events.ts)
 *     discarded.jsonl        events behind the checkpoint that a resumed run went back to
 *     checkpoints/step-N/    everything needed to go on from step N, with manifest.json
 *     model/  eval/          results
 *     lock.json              who is writing (runLock.ts)
 *
 * A checkpoint is written to `checkpoints/.tmp-…`, every file and then the folder synced, and renamed: the rename is the
 * moment at which it exists. Its manifest holds size and SHA-256 of every file, and the length that events.jsonl had, to
 * which a resumed run cuts it. Killing the process or the machine at any moment leaves the newest complete one.
 *
 * SHA-256 and not CRC-32: measured at 1.9 against 6.4 GB/s, both faster than disks, and older Node has no CRC-32.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import type { CheckpointEvent, RunEvent } from '../runEvents.ts';
import {
  diskFull,
  explainDiskError,
  freeBytes,
  makeFolder,
  removeFolder,
  renamePatiently,
  syncFolder,
  systemCode,
  writeFileAtomically,
} from './disk.ts';
import type { EventLog } from './events.ts';
import { appendEventLine, closeEventLog, fromJsonText, openEventLog, syncEventLog, toJsonText } from './events.ts';
import type { RunLock } from './runLock.ts';
import { acquireLock, assertLockHeld, releaseLock } from './runLock.ts';

/** Version of the layout above. A reader refuses a newer one. */
const FORMAT_VERSION = 1;
/** Bytes written, read and hashed at a time: the event loop gets a turn in between, and heartbeats go out. */
const CHUNK_BYTES = 16 << 20;

/** What a run was asked to do, and with what: enough to ask for it again. Plain JSON values. */
export interface RunDescription {
  /** Unix time. */
  readonly createdAtMs: number;
  readonly method: string;
  readonly seed: number;
  /** Every option in force, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Identity of the base model: name, source, hash of its weights. */
  readonly model: Readonly<Record<string, unknown>>;
  /** The fine-tuned folder and its git commit. */
  readonly workspace: Readonly<Record<string, unknown>>;
  /** Versions of this program, the engine, Node. */
  readonly versions: Readonly<Record<string, string>>;
  /** Processor, memory, device. */
  readonly machine: Readonly<Record<string, unknown>>;
}

/** A run that this process may write. Ends with `closeRun`. */
export interface Run {
  readonly path: string;
  readonly description: RunDescription;
  readonly lock: RunLock;
  readonly eventLog: EventLog;
}

/** Where things are. */
export function runPaths(runPath: string) {
  return {
    description: path.join(runPath, 'run.json'),
    events: path.join(runPath, 'events.jsonl'),
    discardedEvents: path.join(runPath, 'discarded.jsonl'),
    checkpoints: path.join(runPath, 'checkpoints'),
    model: path.join(runPath, 'model'),
    evaluation: path.join(runPath, 'eval'),
    /** A file that asks the trainer to stop: works on every system and from any process that may write here. */
    stop: path.join(runPath, 'stop'),
  };
}

/** Options of `createRun` and `openRun`. */
export interface RunOptions {
  /** Time between signs of life in the lock file. @default 5000 */
  readonly heartbeatMs?: number;
}

/**
 * Starts a run in a folder that does not exist yet or is empty, and locks it.
 *
 * @throws RUN_EXISTS when the folder holds a run or anything else; RUN_LOCKED; FOLDER_NOT_FOUND when a part of the path
 * is a file; DISK_FULL; NO_PERMISSION.
 */
export function createRun(runPath: string, description: RunDescription, options: RunOptions = {}): Run {
  makeRunFolder(runPath);
  requireEmpty(runPath);
  const lock = acquireLock(runPath, options);
  try {
    requireEmpty(runPath); // Another process may have started and ended a run before we had the lock.
    const paths = runPaths(runPath);
    makeFolder(paths.checkpoints);
    writeFileAtomically(paths.description, toJsonText({ formatVersion: FORMAT_VERSION, ...description }, 2) + '\n');
    const { log } = openEventLog(paths.events, paths.discardedEvents, { keepBytes: 0 });
    return { path: runPath, description, lock, eventLog: log };
  } catch (error) {
    releaseLock(lock);
    throw error;
  }
}

/** A run opened to go on. */
export interface OpenedRun {
  readonly run: Run;
  /** Where to go on from; `null`: no checkpoint was written yet, start at step 0. */
  readonly checkpoint: Checkpoint | null;
  /** Broken checkpoints that were passed over, missing events. */
  readonly warnings: readonly FineTuneError[];
}

/**
 * Locks an existing run and puts it in the state of its newest intact checkpoint: what a killed process left half done
 * is removed, and events behind the checkpoint go to `discarded.jsonl`, so that the log of a resumed run becomes what
 * it would have been without the interruption. Without any checkpoint the log starts empty.
 *
 * @throws RUN_NOT_FOUND; RUN_CORRUPT when run.json cannot be read or there are checkpoints but none is intact;
 * RUN_MISMATCH for a run of a newer version; RUN_LOCKED; DISK_FULL; NO_PERMISSION.
 */
export async function openRun(runPath: string, options: RunOptions = {}): Promise<OpenedRun> {
  const description = readRunDescription(runPath);
  const lock = acquireLock(runPath, options);
  try {
    const paths = runPaths(runPath);
    makeFolder(paths.checkpoints);
    removeLeftovers(paths.checkpoints);
    const { checkpoint, warnings: passedOver } = await latestCheckpoint(runPath);
    if (!checkpoint && passedOver.length > 0) {
      throw new FineTuneError(
        'RUN_CORRUPT',
        `None of the ${passedOver.length} checkpoints of ${runPath} is intact: ${passedOver[0].message} Restore the folder from a backup, or start a new run.`,
        { path: runPath, reasons: passedOver.map(({ message }) => message) },
      );
    }
    const warnings = [...passedOver];
    // What was passed over leaves the names free for the checkpoints to come, and goes when the next one is in place.
    for (const { step, folder } of listCheckpoints(runPath)) {
      if (checkpoint && step > checkpoint.step) renamePatiently(folder, siblingOf(folder, 'corrupt'));
    }

    // Killed right after a checkpoint was put in place, the process had no time to log it.
    const { log, keptBytes } = openEventLog(paths.events, paths.discardedEvents, {
      keepBytes: checkpoint?.eventsBytes ?? 0,
      thenEvent: checkpoint && checkpointEvent(checkpoint),
    });
    if (checkpoint && keptBytes < checkpoint.eventsBytes) {
      warnings.push(eventsMissing(paths.events, keptBytes, checkpoint));
    }
    return { run: { path: runPath, description, lock, eventLog: log }, checkpoint, warnings };
  } catch (error) {
    releaseLock(lock);
    throw explainDiskError(error, runPath);
  }
}

/** Closes the files and gives the lock back. */
export function closeRun(run: Run): void {
  closeEventLog(run.eventLog);
  releaseLock(run.lock);
}

/**
 * What a run was asked to do. Needs no lock.
 *
 * @throws RUN_NOT_FOUND, RUN_CORRUPT, RUN_MISMATCH
 */
export function readRunDescription(runPath: string): RunDescription {
  const file = runPaths(runPath).description;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (!['ENOENT', 'ENOTDIR'].includes(code)) throw explainDiskError(error, file);
    throw new FineTuneError(
      'RUN_NOT_FOUND',
      `${runPath} holds no run.json, so it is no run. Check the path; the folder of a run holds run.json and events.jsonl.`,
      { path: runPath },
      { cause: error },
    );
  }
  const corrupt = (reason: string, cause?: unknown) =>
    new FineTuneError(
      'RUN_CORRUPT',
      `${file} ${reason}. Restore it from a backup; the checkpoints beside it may still be intact.`,
      { path: file, reason },
      { cause },
    );
  let stored: (RunDescription & { formatVersion?: unknown }) | null;
  try {
    stored = fromJsonText(text) as typeof stored;
  } catch (error) {
    throw corrupt('is not JSON', error);
  }
  if (!Number.isInteger(stored?.formatVersion)) throw corrupt('has no formatVersion');
  const { formatVersion, ...description } = stored!;
  if ((formatVersion as number) > FORMAT_VERSION) {
    throw new FineTuneError(
      'RUN_MISMATCH',
      `${file} has format ${formatVersion}, this version reads up to ${FORMAT_VERSION}. Update the program.`,
      { path: file, found: formatVersion, expected: FORMAT_VERSION },
    );
  }
  if (typeof description.method !== 'string' || typeof description.options !== 'object') {
    throw corrupt('lacks "method" or "options"');
  }
  return description;
}

/**
 * Appends one event to the log.
 *
 * @throws RUN_LOCKED when the run has been taken over; DISK_FULL; NO_PERMISSION.
 */
export function appendEvent(run: Run, event: RunEvent): void {
  if (run.lock.lost) throw run.lock.lost;
  appendEventLine(run.eventLog, event);
}

/** One file of a checkpoint to be written. */
export interface CheckpointBlob {
  /** File name: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Sum of the lengths of `parts`. */
  readonly byteLength: number;
  /** The content in order; read once. The bytes must not change until the checkpoint is written. */
  readonly parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface CheckpointOptions {
  /** Held-out loss at this step, lower is better: decides which checkpoint is the best. @default null */
  readonly metric?: number | null;
  /** Newest checkpoints to keep, this one included; at least 1. @default 2 */
  readonly keepLast?: number;
  /** Keep the one of lowest metric, too. @default true */
  readonly keepBest?: boolean;
}

/** A checkpoint on disk. */
export interface Checkpoint {
  readonly step: number;
  readonly folder: string;
  readonly metric: number | null;
  /** What was given as `state`. */
  readonly state: unknown;
  /** Length of events.jsonl when it was written. */
  readonly eventsBytes: number;
  /** Every file but the manifest. */
  readonly files: readonly CheckpointFile[];
}

/** A file that the manifest vouches for. */
export interface CheckpointFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

interface Manifest {
  readonly formatVersion: number;
  readonly step: number;
  readonly metric: number | null;
  readonly eventsBytes: number;
  readonly files: readonly CheckpointFile[];
}

const MANIFEST_FILE = 'manifest.json';
const STATE_FILE = 'state.json';

/**
 * Writes a checkpoint, appends its event to the log and removes checkpoints that are no longer kept. When it resolves,
 * the checkpoint survives the loss of power. An older checkpoint of the same step is replaced.
 *
 * @param state Everything small that is needed to go on, as plain JSON values (numbers that are not finite included).
 * @returns the checkpoint, and warnings for older ones that could not be removed.
 * @throws DISK_FULL (asked before the first byte is written, and whenever a write fails), NO_PERMISSION: the half-written
 * folder is then removed and earlier checkpoints are as they were. RUN_LOCKED when the run has been taken over. INTERNAL
 * for unfit names or a wrong `byteLength`.
 */
export async function writeCheckpoint(
  run: Run,
  step: number,
  blobs: readonly CheckpointBlob[],
  state: unknown,
  { metric = null, keepLast = 2, keepBest = true }: CheckpointOptions = {},
): Promise<{ checkpoint: Checkpoint; warnings: readonly FineTuneError[] }> {
  assertLockHeld(run.lock);
  requireValidBlobs(step, blobs, keepLast);
  syncEventLog(run.eventLog);
  const eventsBytes = run.eventLog.bytes;

  const checkpoints = runPaths(run.path).checkpoints;
  const folder = path.join(checkpoints, `step-${step}`);
  const temporary = siblingOf(folder, 'tmp');
  const stateText = toJsonText(state) ?? 'null';
  const bytesNeeded = blobs.reduce((sum, { byteLength }) => sum + byteLength, Buffer.byteLength(stateText));
  try {
    if (bytesNeeded > freeBytes(run.path)) throw diskFull(folder, bytesNeeded, 'ENOSPC');
    makeFolder(temporary);
    const files: CheckpointFile[] = [];
    for (const blob of blobs) files.push(await writeBlob(temporary, blob));
    files.push(await writeBlob(temporary, textBlob(STATE_FILE, stateText)));
    const manifest: Manifest = { formatVersion: FORMAT_VERSION, step, metric, eventsBytes, files };
    await writeBlob(temporary, textBlob(MANIFEST_FILE, manifestText(manifest)));
    syncFolder(temporary);

    assertLockHeld(run.lock); // Writing took time; a run that was taken over meanwhile is not ours to change.
    moveIntoPlace(temporary, folder);
    syncFolder(checkpoints);
    const checkpoint: Checkpoint = { ...withoutVersion(manifest), folder, state };
    appendEventLine(run.eventLog, checkpointEvent(checkpoint));
    return { checkpoint, warnings: pruneCheckpoints(run.path, keepLast, keepBest) };
  } catch (error) {
    throw cleanUpAfter(temporary, explainDiskError(error, folder, bytesNeeded));
  }
}

/**
 * The checkpoint of one step, verified; `null` when there is none (it may have been pruned).
 *
 * @throws CHECKPOINT_CORRUPT
 */
export async function checkpointAt(runPath: string, step: number): Promise<Checkpoint | null> {
  const found = listCheckpoints(runPath).find((checkpoint) => checkpoint.step === step);
  return found ? readCheckpoint(found.folder, step) : null;
}

/** Checkpoint folders by rising step, intact or not. */
export function listCheckpoints(runPath: string): { step: number; folder: string }[] {
  const checkpoints = runPaths(runPath).checkpoints;
  return namesIn(checkpoints)
    .flatMap((name) => {
      const match = /^step-(\d+)$/.exec(name);
      return match ? [{ step: Number(match[1]), folder: path.join(checkpoints, name) }] : [];
    })
    .sort((a, b) => a.step - b.step);
}

/**
 * The newest checkpoint whose every byte is as it was written; broken ones are passed over, with a warning
 * (CHECKPOINT_CORRUPT) for each. Needs no lock. Reads all files: about a second for a gigabyte.
 */
export async function latestCheckpoint(
  runPath: string,
): Promise<{ checkpoint: Checkpoint | null; warnings: readonly FineTuneError[] }> {
  const warnings: FineTuneError[] = [];
  for (const { step, folder } of listCheckpoints(runPath).reverse()) {
    try {
      return { checkpoint: await readCheckpoint(folder, step), warnings };
    } catch (error) {
      if (!(error instanceof FineTuneError) || error.code !== 'CHECKPOINT_CORRUPT') throw error;
      warnings.push(error);
    }
  }
  return { checkpoint: null, warnings };
}

/**
 * Reads a file of a checkpoint into the given buffers, one after the other, and checks it against the manifest.
 *
 * @param buffers Their lengths sum to that of the file. Their content is undefined when this throws.
 * @throws RUN_MISMATCH when the checkpoint has no such file, or one of another length; CHECKPOINT_CORRUPT when the file
 * is missing, cut short or changed.
 */
export async function readBlob(checkpoint: Checkpoint, name: string, buffers: readonly Uint8Array[]): Promise<void> {
  const expected = checkpoint.files.find((file) => file.name === name);
  const wanted = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  if (expected?.bytes !== wanted) {
    const found = expected ? `${expected.bytes} bytes of ${name}` : `no file ${name}`;
    throw new FineTuneError(
      'RUN_MISMATCH',
      `${checkpoint.folder} holds ${found}, this run needs ${wanted} bytes. Resume with the model and the options that the run was started with.`,
      { path: checkpoint.folder, name, found: expected?.bytes ?? null, expected: wanted },
    );
  }
  await verifyFile(checkpoint.folder, expected, buffers);
}

// --- writing

async function writeBlob(folder: string, { name, byteLength, parts }: CheckpointBlob): Promise<CheckpointFile> {
  const hash = createHash('sha256');
  const handle = await open(path.join(folder, name), 'wx');
  try {
    let bytes = 0;
    for await (const part of parts) {
      for (let start = 0; start < part.byteLength; start += CHUNK_BYTES) {
        const chunk = part.subarray(start, start + CHUNK_BYTES);
        hash.update(chunk);
        await handle.writeFile(chunk); // Loops over short writes, from the current position.
        bytes += chunk.byteLength;
      }
    }
    if (bytes !== byteLength) {
      throw new FineTuneError(
        'INTERNAL',
        `The parts of ${name} have ${bytes} bytes, ${byteLength} were announced. This is a fault of the program; please report it.`,
        { name, found: bytes, expected: byteLength },
      );
    }
    await handle.sync();
    return { name, bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

/** Renames, putting an older folder of that name aside, and back if the new one cannot take its place. */
function moveIntoPlace(temporary: string, folder: string): void {
  if (!existsSync(folder)) {
    renamePatiently(temporary, folder);
    return;
  }
  const replaced = siblingOf(folder, 'old');
  renamePatiently(folder, replaced);
  try {
    renamePatiently(temporary, folder);
  } catch (error) {
    renamePatiently(replaced, folder);
    throw error;
  }
}

function textBlob(name: string, text: string): CheckpointBlob {
  const bytes = Buffer.from(text);
  return { name, byteLength: bytes.length, parts: [bytes] };
}

/** The manifest with its own hash: it is what vouches for the rest. */
function manifestText(manifest: Manifest): string {
  const text = toJsonText(manifest);
  return `{"manifest":${text},"sha256":"${sha256(text)}"}\n`;
}

function checkpointEvent({ step, files, metric }: Checkpoint): CheckpointEvent {
  return { type: 'checkpoint', step, bytes: files.reduce((sum, file) => sum + file.bytes, 0), metric };
}

function requireValidBlobs(step: number, blobs: readonly CheckpointBlob[], keepLast: number): void {
  const names = blobs.map(({ name }) => name.toLowerCase());
  const isValid =
    Number.isSafeInteger(step) &&
    step >= 0 &&
    Number.isInteger(keepLast) &&
    keepLast >= 1 &&
    names.every((name) => /^[a-z0-9_-][a-z0-9._-]*$/.test(name)) &&
    new Set([...names, MANIFEST_FILE, STATE_FILE]).size === names.length + 2;
  if (isValid) return;
  throw new FineTuneError(
    'INTERNAL',
    `A checkpoint of step ${step} with the files ${names.join(', ')} (keepLast ${keepLast}) cannot be written: steps are whole, names are plain, distinct whatever their case, and neither ${MANIFEST_FILE} nor ${STATE_FILE}. This is a fault of the program; please report it.`,
    { step, names, keepLast },
  );
}

/** Removes a half-written folder after `error`, and returns the error to throw. */
function cleanUpAfter(temporary: string, error: unknown): unknown {
  try {
    removeFolder(temporary);
    return error;
  } catch (cleanUpError) {
    return new AggregateError([error, cleanUpError], `${String(error)}; ${temporary} could not be removed`);
  }
}

/** Removes what is not kept. Runs only after the newest checkpoint is in place. */
function pruneCheckpoints(runPath: string, keepLast: number, keepBest: boolean): FineTuneError[] {
  const checkpoints = runPaths(runPath).checkpoints;
  const existing = listCheckpoints(runPath);
  const kept = new Set(existing.slice(-keepLast).map(({ folder }) => folder));
  const best = keepBest ? bestCheckpoint(existing.map(({ folder }) => folder)) : null;
  if (best) kept.add(best);

  const warnings: FineTuneError[] = [];
  const attempt = (folder: string, remove: () => void) => {
    try {
      remove();
    } catch (error) {
      const reason = explainDiskError(error, folder);
      warnings.push(
        new FineTuneError(
          'NO_PERMISSION',
          `The old checkpoint ${folder} could not be removed: ${reason instanceof Error ? reason.message : String(reason)} Training goes on; remove it by hand to free its space.`,
          { path: folder },
          { cause: error },
        ),
      );
    }
  };
  for (const { folder } of existing) {
    if (kept.has(folder)) continue;
    // Renamed first: a folder that is being deleted must at no moment look like a checkpoint.
    attempt(folder, () => renamePatiently(folder, siblingOf(folder, 'trash')));
  }
  for (const name of namesIn(checkpoints)) {
    if (/^\.(trash|old|corrupt)-/.test(name)) {
      attempt(path.join(checkpoints, name), () => removeFolder(path.join(checkpoints, name)));
    }
  }
  return warnings;
}

/** The folder of lowest metric, the newest of equals; `null` when none has a readable metric. */
function bestCheckpoint(folders: readonly string[]): string | null {
  let best: string | null = null;
  let lowest = Infinity;
  for (const folder of folders) {
    const manifest = readManifest(folder);
    if (typeof manifest === 'string' || manifest.metric === null || !(manifest.metric <= lowest)) continue;
    best = folder;
    lowest = manifest.metric;
  }
  return best;
}

/** Removes what a killed process left in the checkpoint folder. Runs under the lock. */
function removeLeftovers(checkpoints: string): void {
  for (const name of namesIn(checkpoints)) {
    const leftover = path.join(checkpoints, name);
    const replaced = /^\.old-(step-\d+)-/.exec(name);
    const original = replaced ? path.join(checkpoints, replaced[1]) : null;
    // Killed between moving the old checkpoint of a step away and moving the new one in: the old one is whole.
    if (original && !existsSync(original)) renamePatiently(leftover, original);
    else if (/^\.(tmp|trash|old)-/.test(name)) removeFolder(leftover);
  }
}

/** `checkpoints/.tmp-step-8-…`: a name beside `folder` that no reader takes for a checkpoint. */
function siblingOf(folder: string, purpose: 'tmp' | 'old' | 'trash' | 'corrupt'): string {
  const unique = `${process.pid}-${process.hrtime.bigint().toString(36)}`;
  return path.join(path.dirname(folder), `.${purpose}-${path.basename(folder)}-${unique}`);
}

// --- reading

/** A checkpoint all of whose files were compared with the manifest. @throws CHECKPOINT_CORRUPT */
async function readCheckpoint(folder: string, step: number): Promise<Checkpoint> {
  const manifest = readManifest(folder);
  if (typeof manifest === 'string') throw corruptCheckpoint(folder, manifest);
  if (manifest.step !== step) throw corruptCheckpoint(folder, `its manifest speaks of step ${manifest.step}`);
  for (const file of manifest.files) await verifyFile(folder, file, null);
  const state = fromJsonText(readFileSync(path.join(folder, STATE_FILE), 'utf8'));
  return { ...withoutVersion(manifest), folder, state };
}

/** The manifest, or what is wrong with it. */
function readManifest(folder: string): Manifest | string {
  const file = path.join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return `${MANIFEST_FILE} is missing`;
    throw explainDiskError(error, file);
  }
  const match = /^\{"manifest":(\{.*\}),"sha256":"([0-9a-f]{64})"\}\n$/.exec(text);
  if (!match || sha256(match[1]) !== match[2]) return `${MANIFEST_FILE} was changed or cut short`;
  const manifest = fromJsonText(match[1]) as Manifest;
  return manifest.formatVersion > FORMAT_VERSION
    ? `it has format ${manifest.formatVersion}, this version reads up to ${FORMAT_VERSION}`
    : manifest;
}

/** Compares a file with the manifest, filling `buffers` on the way; their total is the file's length. */
async function verifyFile(folder: string, expected: CheckpointFile, buffers: readonly Uint8Array[] | null) {
  const file = path.join(folder, expected.name);
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw corruptCheckpoint(folder, `${expected.name} is missing`);
    throw explainDiskError(error, file);
  }
  try {
    const { size } = await handle.stat();
    if (size !== expected.bytes) {
      throw corruptCheckpoint(folder, `${expected.name} has ${size} bytes, expected ${expected.bytes}`);
    }
    const hash = createHash('sha256');
    for (const target of buffers ?? throwAwayBuffers(expected.bytes)) {
      for (let start = 0; start < target.byteLength; ) {
        const chunk = target.subarray(start, start + CHUNK_BYTES);
        const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, null);
        if (bytesRead === 0) throw corruptCheckpoint(folder, `${expected.name} ends early`);
        hash.update(chunk.subarray(0, bytesRead));
        start += bytesRead;
      }
    }
    if (hash.digest('hex') !== expected.sha256) {
      throw corruptCheckpoint(folder, `the bytes of ${expected.name} are not those that were written`);
    }
  } finally {
    await handle.close();
  }
}

/** The same buffer again and again, `total` bytes in all. */
function* throwAwayBuffers(total: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(total, CHUNK_BYTES));
  for (let left = total; left > 0; left -= buffer.byteLength) {
    yield left < buffer.byteLength ? buffer.subarray(0, left) : buffer;
  }
}

function corruptCheckpoint(folder: string, reason: string): FineTuneError {
  return new FineTuneError(
    'CHECKPOINT_CORRUPT',
    `Checkpoint ${folder} is broken: ${reason}. Resume the run: it goes on from the newest intact one.`,
    { path: folder, reason },
  );
}

function withoutVersion({ step, metric, eventsBytes, files }: Manifest): Omit<Manifest, 'formatVersion'> {
  return { step, metric, eventsBytes, files };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

// --- folders

function makeRunFolder(runPath: string): void {
  try {
    makeFolder(runPath);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new FineTuneError(
        'FOLDER_NOT_FOUND',
        `${runPath} cannot be a folder: there is a file of this name, or in place of a folder above it. Choose another folder for the run.`,
        { path: runPath },
        { cause: error },
      );
    }
    throw error;
  }
}

/** Names in a folder; none when it does not exist. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw explainDiskError(error, folder);
  }
}

/** What `createRun` itself leaves when it is killed before run.json is there does not count. */
function requireEmpty(runPath: string): void {
  const names = namesIn(runPath);
  if (names.includes('run.json')) {
    throw new FineTuneError(
      'RUN_EXISTS',
      `${runPath} already holds a run. Resume it, or choose another folder for the new one.`,
      { path: runPath, isRun: true },
    );
  }
  const ours = /^(lock\.json.*|run\.json\.tmp-\d+|events\.jsonl|discarded\.jsonl|checkpoints)$/;
  const foreign = names.filter((name) => !ours.test(name));
  for (const name of namesIn(runPaths(runPath).checkpoints)) foreign.push(`checkpoints/${name}`);
  if (foreign.length > 0) {
    throw new FineTuneError(
      'RUN_EXISTS',
      `${runPath} is not empty (${foreign.slice(0, 3).join(', ')}) and is no run. Choose a new or empty folder for the run.`,
      { path: runPath, isRun: false, names: foreign.slice(0, 20) },
    );
  }
}

function eventsMissing(events: string, found: number, checkpoint: Checkpoint): FineTuneError {
  return new FineTuneError(
    'RUN_CORRUPT',
    `${events} has ${found} whole bytes, ${checkpoint.eventsBytes} belong to the checkpoint of step ${checkpoint.step}. Training goes on; charts lack what is missing.`,
    { path: events, found, expected: checkpoint.eventsBytes },
  );
}
