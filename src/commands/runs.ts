/** @file `rgft runs [folder]`: the runs below a folder and what became of them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import type { RunEvent } from '../runEvents.ts';
import { readEvents } from '../trainer/events.ts';
import { readRunDescription, runPaths } from '../trainer/runDirectory.ts';
import { lockState } from '../trainer/runLock.ts';
import { parseCommand } from './terminal.ts';

const HELP = `Usage: rgft runs [folder] [--json]

Lists the runs in <folder>/.rgft/runs (default: the current folder).
`;

export interface RunSummary {
  readonly path: string;
  readonly state: 'running' | 'finished' | 'failed' | 'interrupted' | 'unreadable';
  readonly method?: string;
  readonly createdAtMs?: number;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly lossBefore?: number;
  readonly lossAfter?: number;
  /** Why it is unreadable or failed. */
  readonly problem?: string;
}

export async function runsCommand(args: string[]): Promise<void> {
  const parsed = parseCommand(args, {}, HELP);
  if (!parsed) return;
  const folder = path.resolve(parsed.positionals[0] ?? '.');
  if (parsed.positionals.length > 1) {
    throw new FineTuneError('USAGE', `${parsed.positionals.length} folders were given, at most one is taken.`);
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new FineTuneError('FOLDER_NOT_FOUND', `${folder} is no folder, expected one with runs. Check the spelling.`, {
      folder,
    });
  }
  const summaries = listRuns(folder);
  if (parsed.values.json) {
    process.stdout.write(`${JSON.stringify(summaries)}\n`);
    return;
  }
  if (summaries.length === 0) process.stdout.write('No runs here yet. Start one with: rgft finetune <folder>\n');
  for (const run of summaries) {
    const loss =
      run.lossAfter === undefined ? '' : `  loss ${run.lossBefore?.toFixed(4)} -> ${run.lossAfter.toFixed(4)}`;
    const steps = run.totalSteps === undefined ? '' : `  step ${run.step}/${run.totalSteps}`;
    const problem = run.problem ? `  ${run.problem}` : '';
    process.stdout.write(`${run.path}  ${run.state}  ${run.method ?? ''}${steps}${loss}${problem}\n`);
  }
}

/** Runs of a workspace folder, oldest first. */
export function listRuns(folder: string): RunSummary[] {
  const runs = path.join(folder, '.rgft', 'runs');
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .sort()
    .map((name) => path.join(runs, name))
    .filter((run) => existsSync(runPaths(run).description))
    .map(summarise);
}

/** What became of a run, from its files alone. */
export function summarise(runPath: string): RunSummary {
  try {
    const { method, createdAtMs } = readRunDescription(runPath);
    const { events } = readEvents(runPaths(runPath).events);
    const of = <Type extends RunEvent['type']>(type: Type) =>
      events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
    const evaluations = of('evaluation');
    const failed = of('failed').at(-1);
    const alive = lockState(runPath).state === 'live';
    const state = alive ? 'running' : of('finished').length > 0 ? 'finished' : failed ? 'failed' : 'interrupted';
    return {
      path: runPath,
      state,
      method,
      createdAtMs,
      step: of('step').at(-1)?.step ?? 0,
      totalSteps: of('started')[0]?.totalSteps,
      lossBefore: evaluations[0]?.loss,
      lossAfter: evaluations.at(-1)?.loss,
      ...(state === 'failed' && { problem: `${failed!.code}: ${failed!.message}` }),
    };
  } catch (error) {
    return { path: runPath, state: 'unreadable', problem: error instanceof Error ? error.message : String(error) };
  }
}
