/** @file Scores a file of samples: the reference solutions first, then every sample, then pass@k. */
import { FineTuneError } from '../errors.ts';
import { type BootstrapOptions, type Interval, passAtK, passAtKInterval } from './passAtK.ts';
import { isScript, type Problem } from './problems.ts';
import { countByProblem, type Sample, type ScoredSample } from './results.ts';
import type { Sandbox } from './sandbox.ts';
import { VERDICT_KINDS, type Verdict, type VerdictKind } from './verdict.ts';

export interface ScoreProgress {
  readonly stage: 'references' | 'samples';
  readonly done: number;
  readonly total: number;
}

export interface ScoreOptions {
  /** Run equal programs of a problem once. Programs start from the same state, so they end the same. @default true */
  readonly once?: boolean;
  readonly onProgress?: (progress: ScoreProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Passes every problem's reference solution through the sandbox; problems of a format without references are left out.
 *
 * @throws SANDBOX_UNUSABLE naming the problems whose reference fails: their samples could not be judged either
 */
export async function checkReferences(
  sandbox: Sandbox,
  all: readonly Problem[],
  options: ScoreOptions = {},
): Promise<void> {
  const problems = all.filter((problem) => !isScript(problem) || problem.canonicalSolution !== '');
  const verdicts = await runAll(
    sandbox,
    problems.map((problem) => ({ problem, completion: problem.canonicalSolution })),
    'references',
    options,
  );
  const failed = problems.flatMap(({ taskId }, index) => {
    const { kind, type, message } = verdicts[index];
    return kind === 'passed' ? [] : [{ taskId, kind, type, message }];
  });
  if (failed.length === 0) return;
  const [{ taskId, kind, type, message }] = failed;
  throw new FineTuneError(
    'SANDBOX_UNUSABLE',
    `${failed.length} of ${problems.length} reference solutions do not pass here, the first ${taskId} (${kind}${type ? `, ${type}: ${message}` : ''}). The harness cannot score these problems on this machine; no sample was counted as failed. A reference that imports a package needs --python with that package.`,
    { failed },
  );
}

/** Judges samples; the order of the result is theirs. */
export async function scoreSamples(
  sandbox: Sandbox,
  problems: readonly Problem[],
  samples: readonly Sample[],
  options: ScoreOptions = {},
): Promise<ScoredSample[]> {
  const problemOf = new Map(problems.map((problem) => [problem.taskId, problem]));
  const keyOf = ({ taskId, completion }: Sample) => `${taskId}\0${completion}`;
  const distinct = new Map<string, number>();
  const jobs: Job[] = [];
  const jobOf = samples.map((sample) => {
    const key = keyOf(sample);
    const known = options.once === false ? undefined : distinct.get(key);
    if (known !== undefined) return known;
    distinct.set(key, jobs.length);
    return jobs.push({ problem: problemOf.get(sample.taskId)!, completion: sample.completion }) - 1;
  });
  const verdicts = await runAll(sandbox, jobs, 'samples', options);
  return samples.map((sample, index) => ({ ...sample, verdict: verdicts[jobOf[index]] }));
}

interface Job {
  readonly problem: Problem;
  readonly completion: string;
}

async function runAll(
  sandbox: Sandbox,
  jobs: readonly Job[],
  stage: ScoreProgress['stage'],
  { onProgress, signal }: ScoreOptions,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = new Array(jobs.length);
  let next = 0;
  let done = 0;
  let failure: unknown;
  const worker = async () => {
    while (next < jobs.length && failure === undefined) {
      if (signal?.aborted) throw new FineTuneError('INTERRUPTED', 'Scoring was interrupted; nothing was written.');
      const index = next++;
      const { problem, completion } = jobs[index];
      verdicts[index] = await sandbox.run(problem, completion);
      onProgress?.({ stage, done: ++done, total: jobs.length });
    }
  };
  await Promise.all(
    Array.from({ length: sandbox.capacity }, () =>
      worker().catch((error: unknown) => {
        failure ??= error;
      }),
    ),
  );
  if (failure !== undefined) throw failure;
  return verdicts;
}

export interface ProblemScore {
  readonly taskId: string;
  readonly samples: number;
  readonly passed: number;
  /** pass@k for each k. */
  readonly passAtK: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
}

export interface ScoreReport {
  /** Mean over problems with its bootstrap interval, for each k; null where a problem has fewer than k samples. */
  readonly passAtK: Readonly<Record<string, Interval | null>>;
  readonly problems: readonly ProblemScore[];
  readonly samples: number;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  /** Problems of the file for which there was no sample; the official tool refuses such a file. */
  readonly missing: readonly string[];
  readonly interpreter: string;
  readonly layers: readonly string[];
  /** What the layers do not protect from. */
  readonly limits: readonly string[];
}

/** Sums up scored samples. */
export function scoreReport(
  problems: readonly Problem[],
  scored: readonly ScoredSample[],
  ks: readonly number[],
  sandbox: Pick<Sandbox, 'interpreter' | 'layers'>,
  bootstrap: BootstrapOptions = {},
): ScoreReport {
  const counts = countByProblem(problems, scored);
  const byTask = groupByTask(scored);
  return {
    passAtK: Object.fromEntries(ks.map((k) => [String(k), passAtKInterval(counts, k, bootstrap) ?? null])),
    problems: counts.map(({ taskId, samples, passed }) => ({
      taskId,
      samples,
      passed,
      passAtK: Object.fromEntries(ks.filter((k) => k <= samples).map((k) => [String(k), passAtK(samples, passed, k)])),
      verdicts: countVerdicts(byTask.get(taskId) ?? []),
    })),
    samples: scored.length,
    verdicts: countVerdicts(scored),
    missing: problems.map(({ taskId }) => taskId).filter((taskId) => !byTask.has(taskId)),
    interpreter: interpretersOf(problems, sandbox.interpreter),
    layers: sandbox.layers.description,
    limits: sandbox.layers.limits,
  };
}

function interpretersOf(problems: readonly Problem[], python: string): string {
  const javaScript = `a context of Node ${process.version}`;
  const numJavaScript = problems.filter(isScript).length;
  if (numJavaScript === 0) return python;
  return numJavaScript === problems.length ? javaScript : `${python}, JavaScript in ${javaScript}`;
}

function groupByTask(scored: readonly ScoredSample[]): Map<string, ScoredSample[]> {
  const groups = new Map<string, ScoredSample[]>();
  for (const sample of scored) {
    const group = groups.get(sample.taskId);
    if (group) group.push(sample);
    else groups.set(sample.taskId, [sample]);
  }
  return groups;
}

function countVerdicts(scored: readonly ScoredSample[]): Record<VerdictKind, number> {
  const counts = Object.fromEntries(VERDICT_KINDS.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
  for (const { verdict } of scored) counts[verdict.kind]++;
  return counts;
}

/** The report as text: pass@k, verdicts, a line for each problem, the layers in force. */
export function reportText(report: ScoreReport): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const lines: string[] = [];
  for (const [k, interval] of Object.entries(report.passAtK)) {
    lines.push(
      interval
        ? `pass@${k}  ${percent(interval.value)}  (95 % interval over problems ${percent(interval.low)} … ${percent(interval.high)})`
        : `pass@${k}  not defined: a problem has fewer than ${k} samples`,
    );
  }
  const kinds = Object.entries(report.verdicts).filter(([, count]) => count > 0);
  lines.push(`${report.samples} samples: ${kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
  if (report.missing.length > 0)
    lines.push(`${report.missing.length} problems without samples, left out: ${report.missing.slice(0, 8).join(' ')}`);
  lines.push('');
  for (const { taskId, samples, passed, verdicts } of report.problems) {
    const others = Object.entries(verdicts).filter(([kind, count]) => count > 0 && kind !== 'passed');
    const rest = others.map(([kind, count]) => `${kind} ${count}`).join(', ');
    lines.push(`${taskId.padEnd(16)} ${String(passed).padStart(4)} / ${samples}  ${rest}`.trimEnd());
  }
  lines.push('', `Run in ${report.interpreter}, behind:`, ...report.layers.map((layer) => `- ${layer}`));
  lines.push('Not protected from:', ...report.limits.map((limit) => `- ${limit}`));
  return `${lines.join('\n')}\n`;
}
