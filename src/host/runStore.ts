/**
 * @file The runs of the open folders, kept up to date by looking at their files: at once where the file system tells of
 * changes, every second or so where it does not. Reads only what was appended; holds no lock and writes nothing, so that
 * any number of windows may watch a run.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { FineTuneError } from '../errors.ts';
import type { RunDetails, RunSummary } from '../protocol.ts';
import type { RunEvent } from '../runEvents.ts';
import { fileSize } from '../trainer/disk.ts';
import { TAIL_START, type TailCursor, tailEvents } from '../trainer/events.ts';
import { readRunDescription, runPaths } from '../trainer/runDirectory.ts';
import { lockState } from '../trainer/runLock.ts';
import {
  type FileCache,
  listRunPaths,
  readFileLosses,
  readPassAtK,
  readTokenLosses,
  resultsStamp,
  runName,
  runsFolder,
} from './runFiles.ts';
import { addEvents, NO_PROGRESS, type RunProgress, summaryOf } from './runSummary.ts';
import { failureInLog, lastLines, logPathOf } from './trainerProcess.ts';

/** Between two looks at a run that is running, and at everything. */
const RUNNING_POLL_MS = 1000;
const ALL_POLL_MS = 5000;
/** After the first of several changes. */
const CALM_MS = 200;

/** Last words in a log that say nothing against the run: it was stopped, or a second trainer found it taken. */
const NO_FAILURES: ReadonlySet<string> = new Set(['INTERRUPTED', 'RUN_LOCKED']);

/** What a look at a run found. */
export interface RunChange {
  readonly path: string;
  /** Appended since the last look; all of them when `restarted`. */
  readonly events: readonly RunEvent[];
  /** The log was cut: what was known before is to be dropped. */
  readonly restarted: boolean;
  /** Results beside the events changed: losses of files, pass@k. */
  readonly filesChanged: boolean;
  readonly before: RunSummary | null;
  /** `null`: the run is gone, or its workspace folder was closed. */
  readonly after: RunSummary | null;
  /** Its workspace folder was closed; the run is where it was. */
  readonly wasClosed: boolean;
}

interface KnownRun {
  readonly path: string;
  cursor: TailCursor;
  progress: RunProgress;
  description: Readonly<Record<string, unknown>> | null;
  summary: RunSummary | null;
  /** Changes when a file of results does. */
  filesStamp: string;
  readonly files: FileCache;
}

/** Watches; ends with `dispose`. */
export class RunStore {
  readonly #runs = new Map<string, KnownRun>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #listeners = new Set<(changes: readonly RunChange[]) => void>();
  #folders: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #soon = new Map<string, NodeJS.Timeout>();
  #lastFullLookMs = Number.NEGATIVE_INFINITY;
  /** Resolves when the runs of the folders are known. */
  ready: Promise<void> = Promise.resolve();

  /** Tells of changes, after each look that found any. @returns how to stop listening */
  onChange(listener: (changes: readonly RunChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches these workspace folders from now on. */
  setFolders(folders: readonly string[]): void {
    this.#folders = folders;
    for (const [folder, watcher] of this.#watchers) {
      watcher.close();
      this.#watchers.delete(folder);
    }
    this.ready = this.#lookGently();
    this.#timer ??= setInterval(() => this.#tick(), RUNNING_POLL_MS);
    this.#timer.unref();
  }

  /** Newest first. */
  get summaries(): readonly RunSummary[] {
    return [...this.#runs.values()]
      .flatMap(({ summary }) => (summary ? [summary] : []))
      .sort((a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0) || (a.path < b.path ? 1 : -1));
  }

  summary(runPath: string): RunSummary | null {
    return this.#runs.get(runPath)?.summary ?? null;
  }

  /** Whether the run's last session wrote an end of its own: somebody stopped it, it failed or it finished. */
  hasOwnEnd(runPath: string): boolean {
    return (this.#runs.get(runPath)?.progress.end ?? null) !== null;
  }

  /** run.json of a run, `null` when it cannot be read. */
  description(runPath: string): Readonly<Record<string, unknown>> | null {
    return this.#runs.get(runPath)?.description ?? null;
  }

  /** Everything about a run but its events; `null` for a run that is not known. */
  details(runPath: string): RunDetails | null {
    const run = this.#runs.get(runPath);
    if (!run?.summary) return null;
    return {
      summary: run.summary,
      description: run.description,
      fileLosses: readFileLosses(run.path, run.files),
      tokenLosses: readTokenLosses(run.path, run.files),
      passAtK: readPassAtK(run.path, run.files),
    };
  }

  /** All events of a run; what follows in `onChange` fits behind them. */
  events(runPath: string): readonly RunEvent[] {
    const run = this.#runs.get(runPath);
    if (!run) return [];
    try {
      const { events, cursor } = tailEvents(runPaths(run.path).events);
      // The next look goes on from here, and tells others of the summary that follows from these.
      run.cursor = cursor;
      run.progress = addEvents(NO_PROGRESS, events);
      return events;
    } catch {
      return []; // Its summary says what is wrong.
    }
  }

  /** Looks at everything, and lets others have their turn after each run. Resolves when all are known. */
  async #lookGently(): Promise<void> {
    for (const runPath of this.#folders.flatMap((folder) => listRunPaths(folder))) {
      await turn();
      if (this.#runs.has(runPath)) continue;
      const run = newRun(runPath);
      this.#runs.set(runPath, run);
      this.#look([run]);
    }
    this.refresh();
  }

  /** Looks at everything now. */
  refresh(): void {
    this.#lastFullLookMs = performance.now();
    const paths = new Set(this.#folders.flatMap((folder) => listRunPaths(folder)));
    for (const runPath of paths) if (!this.#runs.has(runPath)) this.#runs.set(runPath, newRun(runPath));
    this.#watchFolders();
    this.#look([...this.#runs.values()], paths);
  }

  dispose(): void {
    clearInterval(this.#timer);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#listeners.clear();
  }

  #tick(): void {
    if (performance.now() - this.#lastFullLookMs >= ALL_POLL_MS) this.refresh();
    else this.#look([...this.#runs.values()].filter(({ summary }) => summary?.state === 'running'));
  }

  #look(runs: readonly KnownRun[], existing?: ReadonlySet<string>): void {
    const changes: RunChange[] = [];
    for (const run of runs) {
      if (existing?.has(run.path) === false || (!existing && !existsSync(run.path))) {
        this.#runs.delete(run.path);
        changes.push({
          path: run.path,
          events: [],
          restarted: false,
          filesChanged: false,
          before: run.summary,
          after: null,
          wasClosed: !this.#folders.some((folder) => runsFolder(folder) === path.dirname(run.path)),
        });
        continue;
      }
      const before = run.summary;
      const { events, restarted } = look(run);
      const filesStamp = resultsStamp(run.path);
      const filesChanged = filesStamp !== run.filesStamp;
      run.filesStamp = filesStamp;
      if (events.length > 0 || restarted || filesChanged || !sameSummary(before, run.summary)) {
        changes.push({ path: run.path, events, restarted, filesChanged, before, after: run.summary, wasClosed: false });
      }
    }
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }

  /** A look at a run, or at a folder of runs, after its changes have calmed down a little. */
  #lookSoon(folder: string): void {
    if (this.#soon.has(folder)) return;
    const look = () => {
      this.#soon.delete(folder);
      const run = this.#runs.get(folder);
      if (run) this.#look([run]);
      else this.refresh();
    };
    this.#soon.set(folder, setTimeout(look, CALM_MS));
  }

  /** One watcher for each folder of runs, and one for each running run. Where there can be none, polling is enough. */
  #watchFolders(): void {
    const running = [...this.#runs.values()].filter(({ summary }) => summary?.state === 'running');
    const wanted = new Set([...this.#folders.map(runsFolder).filter(existsSync), ...running.map((run) => run.path)]);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          // Heartbeats and temporary files are not news.
          if (name !== 'lock.json' && !name?.includes('.tmp-')) this.#lookSoon(folder);
        });
        watcher.on('error', () => {
          watcher.close();
          this.#watchers.delete(folder);
        });
        this.#watchers.set(folder, watcher);
      } catch {
        // No watcher to be had (a network file system, a limit of the system): the clock looks.
      }
    }
  }
}

function newRun(runPath: string): KnownRun {
  return {
    path: runPath,
    cursor: TAIL_START,
    progress: NO_PROGRESS,
    description: null,
    summary: null,
    filesStamp: '',
    files: new Map(),
  };
}

/** Reads what is new. */
function look(run: KnownRun): { events: readonly RunEvent[]; restarted: boolean } {
  let problem: string | null = null;
  let problemInLog: ReturnType<typeof failureInLog> = null;
  let isAlive = false;
  let events: readonly RunEvent[] = [];
  let restarted = false;
  try {
    isAlive = lockState(run.path).state === 'live';
    run.description ??= readRunDescription(run.path) as unknown as Record<string, unknown>;
    const log = runPaths(run.path).events;
    // A log that has neither grown nor shrunk holds nothing new, unless it was written anew: the full look finds that.
    if (fileSize(log) !== run.cursor.offset || run.summary === null) {
      const tail = tailEvents(log, run.cursor);
      ({ events, restarted } = tail);
      run.cursor = tail.cursor;
      run.progress = addEvents(restarted ? NO_PROGRESS : run.progress, events);
    }
  } catch (error) {
    problem = error instanceof FineTuneError ? `${error.code}: ${error.message}` : String(error);
  }
  if (!isAlive && problem === null && run.progress.end === null)
    problemInLog = failureInLog(lastLines(logPathOf(run.path), 5));
  const { method, createdAtMs } = (run.description ?? {}) as { method?: string; createdAtMs?: number };
  run.summary = summaryOf(
    {
      path: run.path,
      name: runName(run.path),
      method: method ?? null,
      createdAtMs: createdAtMs ?? null,
      isAlive,
      problem,
      lastWords:
        problemInLog && !NO_FAILURES.has(problemInLog.code) ? `${problemInLog.code}: ${problemInLog.message}` : null,
    },
    run.progress,
  );
  return { events, restarted };
}

function sameSummary(a: RunSummary | null, b: RunSummary | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The folder of the workspace that a run belongs to: `<folder>/.rgft/runs/<run>`. */
export function workspaceFolderOf(runPath: string): string {
  return path.dirname(path.dirname(path.dirname(runPath)));
}
