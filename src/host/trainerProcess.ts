/**
 * @file Starts the command line as a process of its own. A fine-tuning run and an evaluation are detached and write to
 * files, so that they live through a reload of the window and its closing; short questions are asked and answered as JSON.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ErrorCode, FineTuneError } from '../errors.ts';
import { HEAP_ARGUMENTS, withAllocatorSettings } from '../trainer/allocator.ts';
import { explainDiskError, fileSize, makeFolder } from '../trainer/disk.ts';
import { runPaths } from '../trainer/runDirectory.ts';
import { lockState } from '../trainer/runLock.ts';

/** What runs the command line. */
export interface Program {
  /** Node, or an editor that acts as Node. */
  readonly executable: string;
  /** dist/cli.js. */
  readonly script: string;
}

/**
 * The environment of a child: without what the editor set for itself (its options would load its own code into the child),
 * with the switch that makes Electron act as Node (plain Node ignores it), and with the allocator's settings.
 */
export function childEnvironment(environment: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const clean: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(environment)) {
    if (/^(?:VSCODE_|ELECTRON_|APPLICATIONINSIGHTS_)|^(?:NODE_OPTIONS|NODE_CHANNEL_FD|NODE_UNIQUE_ID)$/.test(name))
      continue;
    clean[name] = value;
  }
  clean.ELECTRON_RUN_AS_NODE = '1';
  return withAllocatorSettings(clean);
}

/** A process that outlives us. `exited` tells its end only while we live. */
export interface Detached {
  readonly pid: number;
  readonly logPath: string;
  /** Exit status; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/**
 * Starts a command that goes on without us, with a lower priority than the editor; its output is appended to `logPath`.
 *
 * @throws NO_PERMISSION, DISK_FULL for the log; ENGINE_FAILED when the program cannot be started.
 */
export async function startDetached(
  program: Program,
  args: readonly string[],
  { logPath, cwd }: { readonly logPath: string; readonly cwd: string },
): Promise<Detached> {
  let log: number;
  try {
    makeFolder(path.dirname(logPath));
    log = openSync(logPath, 'a');
  } catch (error) {
    throw explainDiskError(error, logPath);
  }
  try {
    const child = spawn(program.executable, [...HEAP_ARGUMENTS, program.script, ...args], {
      cwd,
      detached: true,
      stdio: ['ignore', log, log],
      env: childEnvironment(process.env),
      windowsHide: true,
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await started(child, program);
    yieldToOthers(child.pid!);
    child.unref();
    return { pid: child.pid!, logPath, exited };
  } finally {
    closeSync(log);
  }
}

/** A trainer keeps all cores busy for minutes; whoever types meanwhile goes first. */
function yieldToOthers(pid: number): void {
  try {
    os.setPriority(pid, Math.max(os.getPriority(), os.constants.priority.PRIORITY_BELOW_NORMAL));
  } catch (error) {
    // It has ended already, and its status says why.
    if ((error as { info?: { code?: string } }).info?.code !== 'ESRCH') throw error;
  }
}

function started(child: ChildProcess, program: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      const message = `${program.executable} could not be started: ${error.message}. Check the setting "rgft.nodePath".`;
      reject(new FineTuneError('ENGINE_FAILED', message, { executable: program.executable }, { cause: error }));
    });
  });
}

/** What a short command said. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/**
 * Runs a command to its end.
 *
 * @throws INTERRUPTED when the signal came first; ENGINE_FAILED when the program cannot be started.
 */
export async function runCommand(
  program: Program,
  args: readonly string[],
  { cwd, signal }: { readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Promise<Said> {
  if (signal?.aborted) throw interrupted();
  const child = spawn(program.executable, [program.script, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment(process.env),
    windowsHide: true,
  });
  const stop = () => child.kill();
  signal?.addEventListener('abort', stop, { once: true });
  const output: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString('utf8')).slice(-2000);
  });
  try {
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    await started(child, program);
    const status = await closed;
    if (signal?.aborted) throw interrupted();
    return { stdout: Buffer.concat(output).toString('utf8'), stderr: complaints, status };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * Runs a command with `--json` and returns its answer. An answer with a `problem` may come with exit status 1.
 *
 * @throws the error that the command reported; INTERNAL for an answer that is none; those of `runCommand`.
 */
export async function askJson(
  program: Program,
  args: readonly string[],
  options: { readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  const { stdout, stderr, status } = await runCommand(program, [...args, '--json'], options);
  return readAnswer(stdout, stderr, status);
}

function interrupted(): FineTuneError {
  return new FineTuneError('INTERRUPTED', 'Cancelled.');
}

/** The answer in a command's output. Pure. @throws the error it holds; INTERNAL when it holds neither. */
export function readAnswer(stdout: string, stderr: string, status: number | null): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw failureOf(stderr, status);
  }
  const failure = (answer as { error?: { code: ErrorCode; message: string; details?: Record<string, unknown> } })
    ?.error;
  if (failure) throw new FineTuneError(failure.code, failure.message, failure.details);
  return answer;
}

/** Why a command ended without an answer: the error that it said last; INTERNAL with its last words when it said none. Pure. */
export function failureOf(stderr: string, status: number | null): FineTuneError {
  const lines = stderr.trim().split('\n');
  const failure = failureInLog(lines);
  if (failure) return new FineTuneError(failure.code as ErrorCode, failure.message);
  return new FineTuneError(
    'INTERNAL',
    `The trainer ended with status ${status ?? 'of a signal'} and no answer. ${lines.at(-1) || 'It said nothing.'}`,
    { status, stderr },
  );
}

/** The end of a log: its last lines that are text, newest last. */
export function lastLines(logPath: string, count: number, maxBytes = 1 << 16): string[] {
  const bytes = fileSize(logPath);
  if (bytes === 0) return [];
  const tail = Buffer.alloc(Math.min(bytes, maxBytes));
  const descriptor = openSync(logPath, 'r');
  try {
    readSync(descriptor, tail, 0, tail.length, bytes - tail.length);
  } finally {
    closeSync(descriptor);
  }
  return tail
    .toString('utf8')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .slice(-count);
}

/** The failure at the end of a command's log, as `CODE: message`; `null` when it does not end with one. */
export function failureInLog(lines: readonly string[]): { readonly code: string; readonly message: string } | null {
  for (const line of [...lines].reverse()) {
    const match = /^([A-Z][A-Z_]+): (.+)$/.exec(line);
    if (match) return { code: match[1], message: match[2] };
    if (!line.startsWith('{"error"')) return null;
  }
  return null;
}

/** Where the log of a run lies: beside its folder, which the trainer wants to make itself. */
export function logPathOf(runPath: string): string {
  return `${runPath}.log`;
}

/** Asks the trainer of a run to stop at its next step with a checkpoint: it looks for this file twice a second. */
export function requestStop(runPath: string): void {
  const file = runPaths(runPath).stop;
  try {
    writeFileSync(file, '');
  } catch (error) {
    throw explainDiskError(error, file);
  }
}

/** Whether a request to stop waits to be seen. */
export function isStopping(runPath: string): boolean {
  return existsSync(runPaths(runPath).stop);
}

/**
 * Ends the trainer of a run at once; its checkpoints stay.
 *
 * @returns whether there was a process on this machine to end.
 */
export function killTrainer(runPath: string, hostName: string): boolean {
  const lock = lockState(runPath);
  if (lock.state !== 'live' || lock.owner === null || lock.owner.host !== hostName) return false;
  process.kill(lock.owner.pid, 'SIGKILL');
  return true;
}
