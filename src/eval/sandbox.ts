/**
 * @file Runs samples against their tests in confined processes and says what became of them.
 *
 * A process judges each sample before it runs (sandbox/runner.py). The verdict of a plain sample, which has no means
 * to tell anything but the truth, is taken from the process that ran it, and the interpreter's memory is put back for
 * the next. Any other sample that passes has to pass once more with the tests in another process, to which it can only
 * send data. A process in which anything changed but the interpreter's memory is not used again.
 *
 * What the layers do not protect from: see layers.ts and sandbox/interpreter.mjs.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FineTuneError } from '../errors.ts';
import { type Layers, probeLayers } from './layers.ts';
import type { Problem } from './problems.ts';
import { type Answer, SandboxProcess } from './sandboxProcess.ts';
import { VERDICT_KINDS, type Verdict, type VerdictKind } from './verdict.ts';

export interface SandboxOptions {
  /** Processes that run samples at the same time. @default the processors that are free, at most 8 */
  readonly workers?: number;
  /** Seconds that a program may take, as the official tool counts them for CPython. @default 3 */
  readonly timeoutSeconds?: number;
  /** Most memory of a program. @default 1 GiB */
  readonly memoryBytes?: number;
  /** A Python executable (3.8 or later) to use in place of the bundled one. */
  readonly python?: string;
  /** Run where the operating system offers no sandbox. @default false */
  readonly allowUnsandboxed?: boolean;
  readonly layers?: Layers;
}

/**
 * CPython in WebAssembly takes about this many times as long as natively (measured: `test/eval/official.slow.test.ts`),
 * so a program has this many times the seconds.
 */
export const WASM_SLOWDOWN = 2;
/** The official tool's second of grace before a program that holds on is killed. */
const GRACE_SECONDS = 1;
/** On a busy machine the clock is given this many times the limit (LONGEST_WAIT of interpreter.mjs). */
const BUSY_FACTOR = 3;
/** Until a process has started, and until it has judged a sample: beyond that the harness is at fault. */
const START_MS = 120_000;
const JUDGE_MS = 60_000;
/** V8 and the interpreter's code, beside a program's own memory. */
const OWN_BYTES = 1.5 * 2 ** 30;

type Level = 'plain' | 'doubtful' | 'reaching';

/** A process pool that judges samples. Close it. */
export interface Sandbox {
  readonly layers: Layers;
  readonly interpreter: string;
  readonly workers: number;
  /**
   * Runs one sample; at most `workers` run at the same time, the others wait.
   *
   * @throws SANDBOX_UNUSABLE when the harness, not the sample, is at fault
   */
  readonly run: (problem: Problem, completion: string) => Promise<Verdict>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a sandbox.
 *
 * @throws SANDBOX_REFUSED where there is no sandbox of the operating system and `allowUnsandboxed` is not set;
 *   SANDBOX_UNUSABLE when an interpreter does not start
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const layers = options.layers ?? probeLayers();
  if (layers.osSandbox === 'none' && !options.allowUnsandboxed) {
    throw new FineTuneError(
      'SANDBOX_REFUSED',
      `Programs written by a model are to run here, and this machine has no sandbox for them. What remains: ${layers.description.slice(1).join('; ')}. ${process.platform === 'linux' ? 'Install bubblewrap, or allow' : 'Allow'} it once with --allow-unsandboxed.`,
      { layers: layers.description },
    );
  }
  const workers = options.workers ?? Math.max(1, Math.min(8, os.availableParallelism()));
  const interpreter = options.python ? nativeInterpreter(layers, options) : await wasmInterpreter(layers, options);
  const free: SandboxProcess[] = [];
  const alive = new Set<SandboxProcess>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let closed = false;

  const take = async (): Promise<SandboxProcess> => {
    const kept = free.pop();
    if (kept && !kept.ended) return kept;
    const started = await interpreter.start();
    alive.add(started);
    return started;
  };
  const giveBack = async (taken: SandboxProcess, reusable: boolean): Promise<void> => {
    if (reusable && interpreter.reusable && !taken.ended) {
      free.push(taken);
      return;
    }
    await taken.kill();
    alive.delete(taken);
  };
  const runOne = async (problem: Problem, completion: string): Promise<Verdict> => {
    const worker = await take();
    const first = await runIn(worker, problem, completion, interpreter.timeoutSeconds);
    await giveBack(worker, first.clean);
    if (first.verdict.kind !== 'passed' || first.level === 'plain') return first.verdict;
    const [tests, sample] = [await take(), await take()];
    const second = await confirm(tests, sample, problem, completion, interpreter.timeoutSeconds);
    await Promise.all([giveBack(tests, second.clean), giveBack(sample, second.clean)]);
    return second.verdict;
  };
  return {
    layers,
    interpreter: interpreter.version,
    workers,
    run: async (problem, completion) => {
      if (closed) throw new FineTuneError('INTERNAL', 'The sandbox is closed.');
      if (running >= workers) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await runOne(problem, completion);
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([...alive].map((each) => each.kill()));
      await interpreter.close();
    },
  };
}

interface Interpreter {
  readonly version: string;
  readonly timeoutSeconds: number;
  /** Whether a process can take another sample. */
  readonly reusable: boolean;
  readonly start: () => Promise<SandboxProcess>;
  readonly close: () => Promise<void>;
}

async function runIn(
  worker: SandboxProcess,
  problem: Problem,
  completion: string,
  timeoutSeconds: number,
): Promise<{ verdict: Verdict; level: Level; clean: boolean }> {
  worker.send(request('run', problem, completion, timeoutSeconds));
  const level = levelOf(await worker.answer(JUDGE_MS), problem);
  const answer = await worker.answer((BUSY_FACTOR * timeoutSeconds + GRACE_SECONDS) * 1000);
  return { verdict: verdictOf(answer), level, clean: 'line' in answer && (await isClean(worker)) };
}

/** Whether a process is as it was before the sample. It says so itself, from outside its interpreter. */
async function isClean(worker: SandboxProcess): Promise<boolean> {
  const answer = await worker.answer(GRACE_SECONDS * 1000);
  // Anything else here was written by the sample behind its verdict.
  return 'own' in answer && answer.own['clean'] === true;
}

/** `timeoutSeconds` comes first: the interpreter reads it before Python does. */
function request(mode: 'run' | 'serve' | 'confirm', problem: Problem, completion: string, timeoutSeconds: number) {
  const { prompt, entryPoint, canonicalSolution, test } = problem;
  return { timeoutSeconds, mode, prompt, completion, entryPoint, canonicalSolution, test };
}

function levelOf(answer: Answer, problem: Problem): Level {
  const level = 'line' in answer ? answer.line['level'] : undefined;
  if (level === 'plain' || level === 'doubtful' || level === 'reaching') return level;
  const found = 'ended' in answer ? `ended: ${answer.ended || 'without a word'}` : 'did not answer';
  throw unusable(`the interpreter ${found} before the program for ${problem.taskId} ran`);
}

/** What a process says of a sample, or what its end says. Nothing of it is believed beyond its form. */
function verdictOf(answer: Answer): Verdict {
  if ('own' in answer) return verdictOfEnd(''); // the interpreter came back without a verdict
  if ('late' in answer) return { kind: 'timeout', type: 'TimeoutException', message: 'Timed out!' };
  if ('ended' in answer) return verdictOfEnd(answer.ended);
  const verdict = answer.line['verdict'] as Partial<Record<keyof Verdict, unknown>> | null | undefined;
  if (!VERDICT_KINDS.includes(verdict?.kind as VerdictKind)) {
    return { kind: 'exception', type: 'Forged', message: 'the program wrote to the channel of results' };
  }
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 2000) : undefined);
  return {
    kind: verdict!.kind as VerdictKind,
    type: text(verdict!.type),
    message: verdict!.kind === 'passed' ? undefined : (text(verdict!.message) ?? ''),
    line: typeof verdict!.line === 'number' ? verdict!.line : undefined,
  };
}

function verdictOfEnd(stderr: string): Verdict {
  const reason = stderr.split('\n').pop() ?? '';
  if (reason.startsWith('stack:')) {
    return { kind: 'exception', type: 'RecursionError', message: 'the program used up the stack' };
  }
  if (/memory|ENOMEM|heap/i.test(reason)) return { kind: 'memory', type: 'MemoryError', message: 'out of memory' };
  const refused = /refused: (\w+)/.exec(reason);
  if (refused)
    return {
      kind: 'exception',
      type: 'Refused',
      message: `the program tried to leave the interpreter (${refused[1]})`,
    };
  return { kind: 'exception', type: 'Ended', message: 'the program ended its interpreter' };
}

/** Relays calls and their results between the process that runs the tests and the one that runs the sample. */
async function confirm(
  tests: SandboxProcess,
  sample: SandboxProcess,
  problem: Problem,
  completion: string,
  timeoutSeconds: number,
): Promise<{ verdict: Verdict; clean: boolean }> {
  tests.send(request('confirm', problem, '', timeoutSeconds));
  sample.send(request('serve', problem, completion, timeoutSeconds));
  levelOf(await sample.answer(JUDGE_MS), problem);
  const until = performance.now() + (BUSY_FACTOR * timeoutSeconds + GRACE_SECONDS) * 1000;
  const left = () => until - performance.now();
  for (let first = true; ; first = false) {
    const fromTests = await tests.answer(first ? JUDGE_MS : left());
    if (!('line' in fromTests)) {
      if ('ended' in fromTests)
        throw unusable(`the tests of ${problem.taskId} ended their process: ${fromTests.ended}`);
      return { verdict: verdictOf(fromTests), clean: false };
    }
    if ('verdict' in fromTests.line) {
      // Only a process that has said its last word can take the next request.
      sample.send({ end: true });
      const last = await sample.answer(GRACE_SECONDS * 1000);
      const clean = 'line' in last && last.line['done'] === true && (await isClean(sample)) && (await isClean(tests));
      return { verdict: explained(verdictOf(fromTests)), clean };
    }
    if (!('start' in fromTests.line)) sample.send(fromTests.line);
    const fromSample = await sample.answer(left());
    if (!('line' in fromSample)) return { verdict: explained(verdictOf(fromSample)), clean: false };
    tests.send(fromSample.line);
  }
}

function explained(verdict: Verdict): Verdict {
  if (verdict.kind === 'passed') return verdict;
  const message = `${verdict.message ?? ''} (with the tests in a process of their own; beside the sample they passed)`;
  return { ...verdict, message: message.trim() };
}

/** Folder of runner.py and interpreter.mjs: beside the sources, or beside the bundle. */
function programFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const folder = path.join(here, 'sandbox');
  if (fs.existsSync(path.join(folder, 'runner.py'))) return folder;
  throw unusable(`${folder} is missing from this installation`);
}

async function wasmInterpreter(layers: Layers, options: SandboxOptions): Promise<Interpreter> {
  const programs = programFolder();
  const pyodide = `${path.dirname(createRequire(import.meta.url).resolve('pyodide/package.json'))}${path.sep}`;
  const memoryBytes = options.memoryBytes ?? 2 ** 30;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-snapshot-'));
  const snapshot = path.join(folder, 'snapshot');
  const launch = async (snapshotPath?: string): Promise<SandboxProcess> => {
    const readable = [pyodide, programs, ...(snapshotPath ? [snapshotPath] : [])];
    const settings = { pyodide, runner: path.join(programs, 'runner.py'), snapshot: snapshotPath, memoryBytes };
    const grants = layers.permissionFlags.length > 0 ? readable.map((file) => `--allow-fs-read=${grantFor(file)}`) : [];
    const args = [...layers.permissionFlags, ...grants, '--no-warnings', '--max-old-space-size=512'];
    const started = new SandboxProcess(layers, {
      program: process.execPath,
      args: [...args, path.join(programs, 'interpreter.mjs'), JSON.stringify(settings)],
      readable,
      env: process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {},
      dataBytes: memoryBytes + OWN_BYTES,
    });
    const answer = await started.answer(START_MS);
    if ('own' in answer && answer.own['started']) return started;
    await started.kill();
    throw unusable(`the interpreter did not start (${'ended' in answer ? answer.ended : 'no answer'})`);
  };
  try {
    const first = await launch();
    // The state of a fresh interpreter, taken before any sample: later processes start from it.
    first.send({ mode: 'snapshot' });
    const answer = await first.answer(START_MS);
    const state = 'own' in answer ? answer.own['snapshot'] : undefined;
    if (typeof state !== 'string')
      throw unusable(`the interpreter did not hand out its state (${'ended' in answer ? answer.ended : 'no answer'})`);
    fs.writeFileSync(snapshot, Buffer.from(state, 'base64'));
    let kept: SandboxProcess | undefined = first;
    return {
      version: 'CPython 3.12 in WebAssembly (pyodide 0.27.7)',
      timeoutSeconds: (options.timeoutSeconds ?? 3) * WASM_SLOWDOWN,
      reusable: true,
      start: async () => {
        const start = kept ?? (await launch(snapshot));
        kept = undefined;
        return start;
      },
      close: async () => {
        await kept?.kill(); // where no sample was run
        fs.rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function grantFor(file: string): string {
  return file.endsWith(path.sep) || fs.statSync(file).isDirectory() ? path.join(file, '*') : file;
}

/** A Python of the user's: a process for each sample. */
function nativeInterpreter(layers: Layers, options: SandboxOptions): Interpreter {
  const runner = path.join(programFolder(), 'runner.py');
  const question =
    'import sys, json; print(json.dumps([sys.version.split()[0], sys.executable, sys.prefix, sys.base_prefix]))';
  const asked = spawnSync(options.python!, ['-I', '-c', question], { encoding: 'utf8', timeout: 30_000 });
  if (asked.status !== 0) {
    const found = asked.error?.message ?? asked.stderr.trim();
    throw unusable(`${options.python} does not run: ${found}. Give a Python 3.8 or later (--python)`);
  }
  const [version, executable, ...prefixes] = JSON.parse(asked.stdout) as string[];
  const readable = [...new Set([runner, ...prefixes])].filter((file) => file !== '/usr');
  return {
    version: `CPython ${version}`,
    timeoutSeconds: options.timeoutSeconds ?? 3,
    reusable: false,
    start: async () =>
      new SandboxProcess(layers, {
        program: executable,
        args: ['-I', '-B', runner],
        readable,
        env: { PYTHONHASHSEED: '0' },
        dataBytes: options.memoryBytes ?? 2 ** 30,
      }),
    close: async () => undefined,
  };
}

function unusable(found: string): FineTuneError {
  return new FineTuneError(
    'SANDBOX_UNUSABLE',
    `Programs cannot be run on this machine: ${found}. This is a fault of the harness; no sample was counted as failed.`,
    { found },
  );
}
