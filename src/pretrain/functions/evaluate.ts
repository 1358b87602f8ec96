/** @file Runs generated functions in bulk with Python, so that every example in a docstring is true. */

import { spawn } from 'node:child_process';
import { FineTuneError } from '../../errors.ts';

/** A function to run and the argument lists to call it with. */
export interface EvaluationJob {
  /** Imports and definitions. */
  readonly code: string;
  readonly name: string;
  /** Argument lists in Python: `[1, 2], 3`. */
  readonly calls: readonly string[];
}

/** Tests that no generated function may pass: those of the problems that the model will be measured with. */
export interface ForbiddenProblem {
  readonly task_id: string;
  readonly prompt: string;
  readonly entry_point: string;
  readonly canonical_solution: string;
  /** Python that defines `check(candidate)`. */
  readonly test: string;
}

/**
 * Reads the forbidden problems and then one job a line, writes one line of results: the `repr` of each call, null where
 * it raised or took longer than a second, and the forbidden problem that the function solves. Only problems whose first
 * question has arguments of the same kinds are tried. The worker protects from endless loops and endless output; it is
 * no sandbox, and needs none: it runs the generator's own text.
 */
const WORKER = `
import sys, json, signal, io, contextlib, copy, time, types
class Late(BaseException): pass
class Asked(BaseException): pass
def late(*_): raise Late()
def kinds(arguments):
    return tuple('number' if isinstance(x, (int, float)) else type(x).__name__ for x in arguments)
forbidden = {}
for problem in json.loads(sys.stdin.readline()):
    space = {'__name__': 'problem'}
    asked = []
    def recorder(*arguments):
        asked.append(arguments)
        raise Asked()
    # Some tests use helpers that the prompt defines.
    exec(problem['prompt'] + problem['canonical_solution'] + problem['test'], space)
    try:
        space['check'](recorder)
    except Asked:
        answer = space[problem['entry_point']](*copy.deepcopy(asked[0]))
        entry = (problem['task_id'], space['check'], asked[0], answer)
        forbidden.setdefault(kinds(asked[0]), []).append(entry)
def solved(job, space):
    try:
        arguments = eval('(' + job['calls'][0] + ',)', space)
    except Exception:
        return None
    function = space[job['name']]
    key = (kinds(arguments), shape(function.__code__, job['name']))
    if key not in known:
        known[key] = solves_one(function, arguments)
    return known[key]
# Functions that differ in nothing but names are tried once.
known = {}
def shape(code, own):
    constants = tuple(
        shape(c, own) if isinstance(c, types.CodeType) else type(c).__name__ + repr(c) for c in code.co_consts
    )
    return code.co_code, tuple('self' if name == own else name for name in code.co_names), constants
def solves_one(function, arguments):
    for task, check, question, answer in forbidden.get(kinds(arguments), []):
        if answers(function, question, answer):
            try:
                signal.setitimer(signal.ITIMER_REAL, 1.0)
                check(function)
                return task
            except (Exception, Late):
                pass
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    return None
def answers(function, question, answer):
    # What is right takes microseconds. A millisecond in which others had the processor does not count.
    while True:
        fresh = copy.deepcopy(question) if any(isinstance(x, (list, dict)) for x in question) else question
        used = time.process_time()
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.001)
                same = function(*fresh) == answer
            except Exception:
                same = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            return same
        except Late:
            if time.process_time() - used > 0.0005:
                return False
real = sys.stdout
signal.signal(signal.SIGALRM, late)
sys.setrecursionlimit(400)
for line in sys.stdin:
    job = json.loads(line)
    space = {'__name__': 'sample'}
    out = []
    error = None
    solves = None
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            exec(compile(job['code'], 'sample', 'exec'), space)
            for call in job['calls']:
                try:
                    out.append(repr(eval(job['name'] + '(' + call + ')', space)))
                except Exception as e:
                    out.append(None)
                    error = error or type(e).__name__ + ': ' + str(e)
        except Late:
            out = [None] * len(job['calls'])
            error = 'too slow'
        except Exception as e:
            out = [None] * len(job['calls'])
            error = type(e).__name__ + ': ' + str(e)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if job['calls'] and job['name'] in space and error != 'too slow':
            solves = solved(job, space)
    real.write(json.dumps({'out': out, 'error': error, 'solves': solves}) + '\\n')
`;

export interface EvaluationResult {
  /** `repr` of the result of each call; null where it failed. */
  readonly out: readonly (string | null)[];
  /** The first failure. */
  readonly error: string | null;
  /** The first forbidden problem whose tests the function passes. */
  readonly solves: string | null;
}

/** Runs `jobs` in `PROCESSES` Python processes; the results are in the order of the jobs. */
export async function evaluateJobs(
  jobs: readonly EvaluationJob[],
  forbidden: readonly ForbiddenProblem[] = [],
  python = 'python3',
): Promise<EvaluationResult[]> {
  const half = Math.ceil(jobs.length / PROCESSES);
  const parts = Array.from({ length: PROCESSES }, (_, i) => jobs.slice(i * half, (i + 1) * half));
  const results = await Promise.all(parts.map((part) => (part.length > 0 ? runWorker(part, forbidden, python) : [])));
  return results.flat();
}

const PROCESSES = 2;

async function runWorker(
  jobs: readonly EvaluationJob[],
  forbidden: readonly ForbiddenProblem[],
  python: string,
): Promise<EvaluationResult[]> {
  // A fixed hash seed: sets of strings print in the same order in every run.
  const child = spawn(python, ['-I', '-c', WORKER], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONHASHSEED: '0' },
  });
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', (error) => errors.push(Buffer.from(String(error))));
  const status = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.end([forbidden, ...jobs].map((line) => JSON.stringify(line)).join('\n') + '\n');
  const code = await status;
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
  if (code !== 0 || lines.length !== jobs.length) {
    throw new FineTuneError(
      'INTERNAL',
      `${python} gave ${lines.length} results for ${jobs.length} functions (exit ${code}): ${Buffer.concat(errors).toString('utf8').slice(-500)}`,
    );
  }
  return lines.map((line) => JSON.parse(line) as EvaluationResult);
}
