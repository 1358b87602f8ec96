/**
 * @file TypeScript programs as JavaScript: types are taken out, nothing is checked. A program that a type checker would
 * refuse runs here all the same, and passes if it is right.
 */
import { FineTuneError } from '../errors.ts';
import type { Verdict } from './verdict.ts';

/** The program without its types, lines where they were; or what a program gets that is no TypeScript. */
export type Stripped = { readonly program: string } | { readonly verdict: Verdict };

/** Takes the types out of a program. */
export async function stripTypes(program: string): Promise<Stripped> {
  // 3 MB of parser, which only these problems need. The bundle knows a CommonJS module by its default alone.
  const amaro: Amaro & { readonly default?: Amaro } = await import('amaro');
  const { transformSync } = amaro.default ?? amaro;
  try {
    return { program: transformSync(program, { mode: 'strip-only' }).code };
  } catch (error) {
    if (isRefusal(error) && error.code === 'UnsupportedSyntax') return transform(program, transformSync);
    return { verdict: syntaxVerdict(error) };
  }
}

type Amaro = typeof import('amaro');

/** Enums, namespaces and parameter properties become code, so lines may move. */
function transform(program: string, transformSync: Amaro['transformSync']): Stripped {
  try {
    return { program: transformSync(program, { mode: 'transform' }).code };
  } catch (error) {
    return { verdict: syntaxVerdict(error) };
  }
}

/** What the parser throws: plain objects. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly startLine?: number;
}

function isRefusal(error: unknown): error is Refusal {
  return typeof error === 'object' && error !== null && typeof (error as Refusal).code === 'string';
}

function syntaxVerdict(error: unknown): Verdict {
  if (!isRefusal(error)) throw error;
  return { kind: 'syntax', type: 'SyntaxError', message: error.message, line: error.startLine };
}

/** The tests of a problem without their types. @throws PROBLEMS_INVALID: they are not the sample's fault. */
export async function stripTestTypes(taskId: string, tests: string): Promise<string> {
  const stripped = await stripTypes(tests);
  if ('program' in stripped) return stripped.program;
  throw new FineTuneError(
    'PROBLEMS_INVALID',
    `The tests of ${taskId} are no TypeScript: ${stripped.verdict.message}. Correct the file of problems.`,
    { taskId },
  );
}
