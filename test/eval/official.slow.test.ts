import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { probeLayers } from '../../src/eval/layers.ts';
import { type Problem, readProblems } from '../../src/eval/problems.ts';
import { parseSamples, readSamples, resultLine } from '../../src/eval/results.ts';
import { openSandbox, type SandboxOptions } from '../../src/eval/sandbox.ts';
import { checkReferences, scoreSamples } from '../../src/eval/score.ts';
import { fingerprint, mutatedSamples } from './mutations.ts';

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const OWN = at('../../media/problems/problems.jsonl');
/** Not part of the project: used where it lies beside the checkout. */
const HUMAN_EVAL = at('../../../shared/data/humaneval/HumanEval.jsonl.gz');

const layers = probeLayers();
const python = spawnSync('python3', ['--version']).status === 0;
const skip =
  layers.osSandbox === 'none' ? 'this machine has no sandbox (bubblewrap on Linux)' : !python && 'there is no python3';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rgft-official-'));
after(() => fs.rmSync(folder, { recursive: true }));

/**
 * Verdicts that may differ, and why. A list that can hold 2^31 elements and no more is asked for with another exception
 * (OverflowError) than natively (MemoryError): a program that catches the one does not catch the other. And a program
 * that writes a file in each call of an exponential recursion (HumanEval/63) needs more than the 3 s on a disk, and less
 * in our memory.
 *
 * Beyond these samples the bundled interpreter differs where a program needs what WebAssembly has not: numbers of 64 bits
 * as sizes (sys.maxsize is 2^31 - 1, so len, itertools.islice, str.split or str.replace refuse more), threads that wait
 * for each other, sqlite3, lzma and the time zones of zoneinfo; and time.sleep counts against a limit that is twice as
 * long. With --python none of these differs. Neither runs multiprocessing, because no program may start processes.
 */
const isExplained = (mutation: string, official: string) =>
  mutation === 'hugeCaught' || (mutation === 'writesFile' && official === 'timed out');

const withSandbox = async <Result>(
  options: SandboxOptions,
  use: (sandbox: Awaited<ReturnType<typeof openSandbox>>) => Promise<Result>,
) => {
  const sandbox = await openSandbox({ workers: 2, layers, ...options });
  try {
    return await use(sandbox);
  } finally {
    await sandbox.close();
  }
};

test('the reference solutions of HumanEval pass, all 164', {
  skip: skip || (!fs.existsSync(HUMAN_EVAL) && 'HumanEval is not beside the checkout'),
}, async () => {
  const problems = readProblems(HUMAN_EVAL);
  assert.equal(problems.length, 164);
  await withSandbox({}, (sandbox) => checkReferences(sandbox, problems));
});

test('the bundled reference solutions pass', { skip }, () =>
  withSandbox({}, (sandbox) => checkReferences(sandbox, readProblems(OWN))),
);

test('646 mutated samples pass and fail as in the official design', { skip }, async (t) => {
  const problems = [...(fs.existsSync(HUMAN_EVAL) ? readProblems(HUMAN_EVAL) : []), ...readProblems(OWN)];
  const mutated = mutatedSamples(problems, 640, 1);
  t.diagnostic(`samples ${fingerprint(mutated)} of ${problems.length} problems`);
  const file = (name: string) => path.join(folder, name);
  fs.writeFileSync(file('problems'), problems.map(problemLine).join(''));
  const line = ({ taskId, completion }: { taskId: string; completion: string }) =>
    `${JSON.stringify({ task_id: taskId, completion })}\n`;
  fs.writeFileSync(file('samples'), mutated.map(line).join(''));
  const peer = spawnSync('python3', [
    at('officialPeer.py'),
    file('problems'),
    file('samples'),
    file('official'),
    '2',
    '3',
    String(8 * 2 ** 30), // so that the peer does not take the machine's memory; the official tool has no limit
  ]);
  assert.equal(peer.status, 0, String(peer.stderr));
  const official = fs.readFileSync(file('official'), 'utf8').trim().split('\n');
  const samples = readSamples(file('samples'), problems);
  const ours = await withSandbox({}, (sandbox) => scoreSamples(sandbox, problems, samples, { once: false }));
  const different = ours.flatMap((sample, index) => {
    const theirs = JSON.parse(official[index]) as { passed: boolean; result: string };
    const { mutation } = mutated[index];
    const same = theirs.passed === (sample.verdict.kind === 'passed');
    return same || isExplained(mutation, theirs.result)
      ? []
      : [{ mutation, theirs, ours: sample.verdict, taskId: sample.taskId }];
  });
  assert.deepEqual(different, []);
  // The files have the same form: what both call passed is the same line to the byte.
  const passed = ours.findIndex(({ verdict }) => verdict.kind === 'passed');
  assert.equal(resultLine(ours[passed]), official[passed]);
});

test('a Python of the machine in the same sandbox gives the same verdicts, and no fork bomb', { skip }, async () => {
  const square: Problem = {
    taskId: 'T/0',
    prompt: 'def f(x):\n',
    entryPoint: 'f',
    canonicalSolution: '    return x * x\n',
    test: 'def check(candidate):\n    assert candidate(2) == 4\n',
  };
  const bodies = [
    ['    return x * x\n', 'passed'],
    ['    return type(x)(x * x)\n', 'passed'],
    ['    return x\n', 'wrong'],
    ['    while True: pass\n', 'timeout'],
    ['    a = [0] * 10 ** 9\n', 'memory'],
    ['    class A:\n        def __eq__(a, b): return True\n    return A()\n', 'exception'],
    ['    import posix\n    for i in range(64): posix.fork()\n    return 0\n', 'exception'],
    ['    import socket\n    socket.socket()\n    return x * x\n', 'exception'],
    ['    import posix\n    posix.kill(-1, 9)\n    return 0\n', 'exception'],
    [`    open(${JSON.stringify(`${folder}/written`)}, "w")\n    return x * x\n`, 'exception'],
    ['    open("big", "w").write("x")\n    return x * x\n', 'passed'],
    // Nothing limits what these folders hold, so they are not for writing.
    ['    open("/big", "w")\n    return x * x\n', 'exception'],
    ['    open("/dev/shm/big", "w")\n    return x * x\n', 'exception'],
    ['    open("/dev/big", "w")\n    return x * x\n', 'exception'],
    ['    import os\n    os.write(1, b\'{"verdict": {"kind": "passed"}}\\n\' * 9)\n    return 0\n', 'wrong'],
    [
      '    import os\n    for fd in range(99):\n        try: os.write(fd, b\'{"verdict": {"kind": "passed"}}\\n\')\n        except OSError: pass\n    return 0\n',
      'exception',
    ],
  ] as const;
  const samples = parseSamples(
    bodies.map(([completion]) => JSON.stringify({ task_id: 'T/0', completion })).join('\n'),
    'samples',
    [square],
  );
  const options = { python: 'python3', timeoutSeconds: 1, memoryBytes: 512 * 2 ** 20 };
  const scored = await withSandbox(options, (sandbox) => scoreSamples(sandbox, [square], samples));
  assert.deepEqual(
    scored.map(({ verdict }) => verdict.kind),
    bodies.map(([, kind]) => kind),
  );
  assert.equal(fs.existsSync(path.join(folder, 'written')), false);
});

function problemLine({ taskId, prompt, entryPoint, canonicalSolution, test: tests }: Problem): string {
  const fields = {
    task_id: taskId,
    prompt,
    entry_point: entryPoint,
    canonical_solution: canonicalSolution,
    test: tests,
  };
  return `${JSON.stringify(fields)}\n`;
}
