/**
 * @file The report of an evaluation: one HTML file with pass@k, every problem, every sample's code, verdict and error, and
 * behind which layers the programs ran. A pure function of its input; no script, nothing loaded, and every word that
 * comes from a model or a file passes the escaping `html` tag.
 */
import { type Interval, type ProblemCount, passAtK } from '../eval/passAtK.ts';
import type { Problem } from '../eval/problems.ts';
import type { ScoredSample } from '../eval/results.ts';
import type { ProblemScore } from '../eval/score.ts';
import { VERDICT_KINDS, type Verdict, type VerdictKind } from '../eval/verdict.ts';
import {
  type Content,
  formatCount,
  formatNumberOf,
  formatPercent,
  html,
  type Markup,
  type Section,
  scrollable,
} from '../trainer/reportMarkup.ts';
import { renderPage } from '../trainer/reportPage.ts';
import type { ScoredFile } from './score.ts';

export interface EvaluationReportInput {
  /** Of the model, or of the file of samples. */
  readonly name: string;
  /** What the samples were drawn with, as far as it is known. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly report: ScoredFile;
  readonly scored: readonly ScoredSample[];
  readonly problems: readonly Problem[];
}

const VERDICT_WORDS: Readonly<Record<VerdictKind, string>> = {
  passed: 'passed',
  wrong: 'wrong result',
  exception: 'exception',
  syntax: 'syntax error',
  timeout: 'time limit',
  memory: 'memory limit',
};

/** The whole report as the text of an HTML file. */
export function renderEvaluation(input: EvaluationReportInput): string {
  const { name, report } = input;
  const title = `pass@k of ${name}`;
  const sections = [
    comparisonSection(report),
    problemsSection(report),
    samplesSection(input),
    isolationSection(report),
    settingsSection(input),
  ].filter((section) => section !== null);
  return renderPage({
    title,
    subtitle: html`${formatNumberOf(report.samples, 'sample')} of ${formatNumberOf(report.problems.length, 'problem')}, run in ${report.interpreter}`,
    notices: missingBanner(report),
    headline: html`<dl class="facts">${Object.entries(report.passAtK).map(([k, interval]) => passFact(k, interval))}${verdictFact(report)}</dl>`,
    sections,
    footer:
      'Intervals are 95 % bootstrap intervals over problems. This file shows code written by a model and the problems it was given.',
  });
}

function missingBanner({ missing }: ScoredFile): Markup | null {
  if (missing.length === 0) return null;
  return html`<div class="state trouble"><span class="sign" aria-hidden="true">!</span><p><strong>${formatNumberOf(missing.length, 'problem')} without samples</strong> left out: ${missing.slice(0, 20).join(', ')}${missing.length > 20 ? ' …' : ''}</p></div>`;
}

function passFact(k: string, interval: Interval | null): Markup {
  const value = interval ? formatPercent(interval.value) : 'not defined';
  const aside = interval
    ? `95 % interval ${formatPercent(interval.low)} … ${formatPercent(interval.high)}`
    : `a problem has fewer than ${k} samples`;
  return html`<div class="wide"><dt>pass@${k}</dt><dd class="value">${value}</dd><dd class="aside">${aside}</dd></div>`;
}

function verdictFact({ verdicts, samples }: ScoredFile): Markup {
  return html`<div class="wide"><dt>Samples that passed</dt><dd class="value">${formatCount(verdicts.passed)} of ${formatCount(samples)}</dd><dd class="aside">${verdictText(verdicts) || 'all'}</dd></div>`;
}

/** Verdicts other than `passed` with their counts. */
function verdictText(verdicts: Readonly<Record<VerdictKind, number>>): string {
  return VERDICT_KINDS.filter((kind) => kind !== 'passed' && verdicts[kind] > 0)
    .map((kind) => `${VERDICT_WORDS[kind]} ${formatCount(verdicts[kind])}`)
    .join(', ');
}

/** A difference of shares in points, with its sign: 0.0123 -> "+1.2". */
function points(share: number): string {
  const digits = Math.abs(100 * share).toFixed(1);
  return digits === '0.0' ? '±0.0' : `${share < 0 ? '−' : '+'}${digits}`;
}

function comparisonSection({ comparison, passAtK: own, problems }: ScoredFile): Section | null {
  if (!comparison) return null;
  const rows = Object.entries(comparison.difference).map(([k, difference]) => {
    const other = comparison.passAtK[k];
    const mine = own[k];
    if (!difference || !other || !mine) {
      return html`<tr><th scope="row">pass@${k}</th><td colspan="5">not defined: a problem has fewer than ${k} samples</td></tr>`;
    }
    const clear = difference.low > 0 || difference.high < 0;
    return html`<tr><th scope="row">pass@${k}</th><td class="number">${formatPercent(other.value)}</td><td class="number">${formatPercent(mine.value)}</td><td class="number">${points(difference.value)}</td><td class="number">${points(difference.low)} … ${points(difference.high)}</td><td>${clear ? 'clear of zero' : 'could be chance'}</td></tr>`;
  });
  const otherOf = new Map(comparison.problems.map((count) => [count.taskId, count]));
  const changed = problems.flatMap((problem) => {
    const other = otherOf.get(problem.taskId);
    const change = other ? shareOf(problem) - shareOf(other) : 0;
    return other && change !== 0 ? [{ problem, other, change }] : [];
  });
  changed.sort((a, b) => b.change - a.change);
  const body = html`<p class="note">Compared with ${comparison.resultsFile}. Differences are paired by problem: what makes a problem hard for both models cancels.</p>
${scrollable('Comparison', html`<table><thead><tr><th></th><th class="number">compared</th><th class="number">this</th><th class="number">difference, points</th><th class="number">95 % interval</th><th></th></tr></thead><tbody>${rows}</tbody></table>`)}
<details><summary>${formatNumberOf(changed.length, 'problem')} with another share of passes</summary>${scrollable('Changed problems', html`<table><thead><tr><th>problem</th><th class="number">compared</th><th class="number">this</th></tr></thead><tbody>${changed.map(({ problem, other }) => html`<tr><th scope="row">${problem.taskId}</th><td class="number">${other.passed} of ${other.samples}</td><td class="number">${problem.passed} of ${problem.samples}</td></tr>`)}</tbody></table>`)}</details>`;
  return { id: 'comparison', heading: 'Comparison', body };
}

function shareOf({ samples, passed }: ProblemCount): number {
  return passAtK(samples, passed, 1);
}

function problemsSection({ problems, passAtK: overall }: ScoredFile): Section {
  const ks = Object.keys(overall);
  const row = ({ taskId, samples, passed, passAtK: scores, verdicts }: ProblemScore, index: number) =>
    html`<tr><th scope="row"><a href="#problem-${index}">${taskId}</a></th><td class="number">${passed} of ${samples}</td>${ks.map((k) => html`<td class="number">${k in scores ? formatPercent(scores[k]) : '–'}</td>`)}<td>${verdictText(verdicts)}</td></tr>`;
  const table = html`<table><thead><tr><th>problem</th><th class="number">passed</th>${ks.map((k) => html`<th class="number">pass@${k}</th>`)}<th>other verdicts</th></tr></thead><tbody>${problems.map(row)}</tbody></table>`;
  const unsolved = problems.filter(({ passed }) => passed === 0).length;
  const body = html`<p class="note">${formatNumberOf(unsolved, 'problem')} without a sample that passed.</p>${scrollable('Problems', table)}`;
  return { id: 'problems', heading: 'Problems', body };
}

function samplesSection({ report, scored, problems }: EvaluationReportInput): Section {
  const problemOf = new Map(problems.map((problem) => [problem.taskId, problem]));
  const samplesOf = new Map<string, ScoredSample[]>(report.problems.map(({ taskId }) => [taskId, []]));
  for (const sample of scored) samplesOf.get(sample.taskId)?.push(sample);
  const body = html`<p class="note">Equal samples of a problem are shown once. Lines are those of prompt and sample together.</p>
${report.problems.map(
  (
    { taskId, passed, samples },
    index,
  ) => html`<details class="bulk" id="problem-${index}"><summary>${taskId} <span class="muted">${passed} of ${samples} passed</span></summary>
<h3>Prompt</h3><pre>${problemOf.get(taskId)?.prompt ?? null}</pre>
${equalSamples(samplesOf.get(taskId) ?? []).map(sampleMarkup)}</details>
`,
)}`;
  return { id: 'samples', heading: 'Samples', body };
}

interface EqualSamples {
  readonly completion: string;
  readonly verdict: Verdict;
  /** Their places among the problem's samples, from 1. */
  readonly places: number[];
}

function equalSamples(samples: readonly ScoredSample[]): EqualSamples[] {
  const groups = new Map<string, EqualSamples>();
  samples.forEach(({ completion, verdict }, index) => {
    const key = JSON.stringify([completion, verdict]);
    const group = groups.get(key) ?? { completion, verdict, places: [] };
    group.places.push(index + 1);
    groups.set(key, group);
  });
  return [...groups.values()];
}

function sampleMarkup({ completion, verdict, places }: EqualSamples): Markup {
  const numbers = places.length > 1 ? `Samples ${places.join(', ')}` : `Sample ${places[0]}`;
  return html`<div class="sample"><h3>${numbers}: ${VERDICT_WORDS[verdict.kind]}</h3>${errorMarkup(verdict)}<pre>${completion}</pre></div>`;
}

function errorMarkup({ kind, type, message, line }: Verdict): Content {
  if (kind === 'passed') return null;
  const words = [type, message].filter((word) => word !== undefined && word !== '').join(': ');
  return html`<p>${words === '' ? null : html`<code>${words}</code>`}${line === undefined ? null : ` in line ${line}`}</p>`;
}

function isolationSection({ interpreter, layers, limits }: ScoredFile): Section {
  const list = (sentences: readonly string[]) =>
    html`<ul class="list">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
  const body = html`<p>Programs written by the model ran in ${interpreter}, each from the same fresh state, behind:</p>
${list(layers)}
<h3>What this does not protect from</h3>
${list(limits)}`;
  return { id: 'isolation', heading: 'Isolation', body };
}

function settingsSection({ settings, report }: EvaluationReportInput): Section {
  const all = Object.entries({ ...settings, results: report.resultsFile });
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const body = html`<div class="settingGroup"><dl>${all.map(([key, value]) => html`<div><dt>${key}</dt><dd><code>${text(value) ?? ''}</code></dd></div>`)}</dl></div>`;
  return { id: 'settings', heading: 'Settings', body };
}
