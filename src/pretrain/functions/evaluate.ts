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

/**
 * Reads one job a line, writes one line of results: the `repr` of each call, null where it raised or took longer than
 * a second. The worker protects from endless loops and endless output; it is no sandbox, and needs none: it runs the
 * generator's own text.
 */
const WORKER = `
import sys, json, signal, io, contextlib
class Late(BaseException): pass
def late(*_): raise Late()
signal.signal(signal.SIGALRM, late)
sys.setrecursionlimit(400)
real = sys.stdout
for line in sys.stdin:
    job = json.loads(line)
    space = {'__name__': 'sample'}
    out = []
    error = None
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
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    real.write(json.dumps({'out': out, 'error': error}) + '\\n')
`;

export interface EvaluationResult {
  /** `repr` of the result of each call; null where it failed. */
  readonly out: readonly (string | null)[];
  /** The first failure. */
  readonly error: string | null;
}

/** Runs `jobs` in one Python process. */
export async function evaluateJobs(jobs: readonly EvaluationJob[], python = 'python3'): Promise<EvaluationResult[]> {
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
  child.stdin.end(jobs.map((job) => JSON.stringify(job)).join('\n') + '\n');
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
