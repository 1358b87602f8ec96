/**
 * @file Holds the families to their word: every body of a family must run on the family's examples and all bodies must
 * agree. A development check; `node --import tsx src/pretrain/functions/selfCheck.ts [name]`.
 */

import { pathToFileURL } from 'node:url';
import { createDraw } from './draw.ts';
import { evaluateJobs } from './evaluate.ts';
import { allTemplates, jobOf } from './generate.ts';
import { instantiate, type Template } from './template.ts';

export interface FamilyProblem {
  readonly family: string;
  readonly problem: string;
}

/** Members of the family that differ in nothing but the body: same variables, same clauses, one wording. */
function variants(template: Template, seed: number) {
  const edges = template.edges.map((edge) => ({ ...edge, values: edge.values.slice(0, 1), required: true }));
  return template.bodies.map((body) => {
    const single: Template = { ...template, edges, bodies: [body], docs: template.docs.slice(0, 1) };
    return instantiate(single, createDraw(seed, template.names[0]));
  });
}

/** Runs every family and lists those that fail or whose bodies disagree. */
export async function checkFamilies(
  templates: readonly Template[],
  seeds: readonly number[],
): Promise<FamilyProblem[]> {
  const jobs: { family: string; group: string; job: ReturnType<typeof jobOf> }[] = [];
  for (const [index, template] of templates.entries()) {
    for (const seed of seeds) {
      const drawn = variants(template, seed);
      for (const sample of drawn) {
        // All bodies are called with the first one's examples.
        jobs.push({
          family: template.names[0],
          group: `${index}:${seed}`,
          job: { ...jobOf(sample), calls: drawn[0].calls },
        });
      }
    }
  }
  const results = await evaluateJobs(jobs.map(({ job }) => job));
  const problems: FamilyProblem[] = [];
  const reported = new Set<string>();
  const first = new Map<string, number>();
  const report = (family: string, problem: string) => {
    if (reported.has(family)) return;
    reported.add(family);
    problems.push({ family, problem });
  };
  results.forEach((result, index) => {
    const { family, group, job } = jobs[index];
    const good = result.out.filter((one) => one !== null).length;
    if (good < Math.min(2, result.out.length))
      report(family, `fails: ${result.error}\n${job.code}${job.calls.join('\n')}`);
    const reference = first.get(group);
    if (reference === undefined) first.set(group, index);
    else {
      const expected = results[reference].out;
      const at = result.out.findIndex((one, call) => one !== expected[call] && one !== null && expected[call] !== null);
      if (at >= 0) {
        report(family, `bodies disagree on (${job.calls[at]}): ${result.out[at]} against ${expected[at]}\n${job.code}`);
      }
    }
  });
  return problems;
}

async function main(): Promise<void> {
  const only = process.argv[2];
  const templates = allTemplates().filter((template) => !only || template.names.includes(only));
  const problems = await checkFamilies(templates, [1, 2, 3, 4, 5, 6]);
  for (const { family, problem } of problems) process.stdout.write(`## ${family}: ${problem}\n\n`);
  process.stdout.write(`${templates.length} families, ${problems.length} with problems\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
