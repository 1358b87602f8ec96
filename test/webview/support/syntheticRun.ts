/** @file Runs made of numbers that are easy to check: what the panel gets from the host, without a host. */
import type {
  FileLosses,
  PassAtKResult,
  RunDetails,
  RunState,
  RunSummary,
  TokenLosses,
} from '../../../src/protocol.ts';
import type { RunEvent } from '../../../src/runEvents.ts';

/** Ids of a decoder's components, in the order of src/rgft/components.ts. */
export function componentIds(shape: {
  readonly layers: number;
  readonly heads: number;
  readonly keyValueGroups?: number;
  readonly bands?: number;
  readonly lmHead?: boolean;
}): string[] {
  const numbered = (kind: string, layer: number, count: number) =>
    Array.from({ length: count }, (_, i) => `${layer}.${kind}.${i}`);
  const layers = Array.from({ length: shape.layers }, (_, layer) => [
    ...numbered('head', layer, shape.heads),
    ...numbered('kv', layer, shape.keyValueGroups ?? 0),
    ...(shape.bands === 1 ? [`${layer}.mlp`] : numbered('mlp', layer, shape.bands ?? 2)),
    `${layer}.norm`,
  ]);
  return ['embed', ...layers.flat(), 'finalNorm', ...(shape.lmHead ? ['lmHead'] : [])];
}

/**
 * A run of `numSteps` steps that measures at steps 0, 4, 8 …; component c has the weight `c + 1 + step` in the map, every
 * third component (shifted by the number of the measurement) is left out of the mask.
 */
export function syntheticEvents({
  components,
  numSteps = 12,
  totalSteps = 20,
  method = 'rgft',
}: {
  readonly components: readonly string[];
  readonly numSteps?: number;
  readonly totalSteps?: number;
  readonly method?: string;
}): RunEvent[] {
  const events: RunEvent[] = [
    { type: 'started', step: 0, atMs: 1_700_000_000_000, method, totalSteps, components },
    { type: 'evaluation', step: 0, loss: 3, accuracy: 0.4, tokens: 100, elapsedMs: 500 },
    { type: 'sample', step: 0, name: 'a.py:1', prompt: 'def add(a, b):\n', completion: '    pass' },
    { type: 'estimate', step: 0, durationMs: 12_000, peakMemoryBytes: 2 ** 29, diskBytes: 2 ** 27 },
    ...measurement(components, 0),
  ];
  for (let step = 1; step <= numSteps; step++) {
    events.push({
      type: 'step',
      step,
      epoch: 0,
      loss: 3 - 0.05 * step,
      learningRate: 1e-3 * (1 - step / totalSteps),
      gradNorm: 1 + 0.1 * (step % 3),
      tokens: 500,
      elapsedMs: 500 + 1000 * step,
      flops: 6e9 * step,
    });
    if (step % 4 === 0) events.push(...measurement(components, step));
  }
  return events;
}

export function measurement(components: readonly string[], step: number): RunEvent[] {
  const weights = components.map((_, c) => c + 1 + step);
  const sum = weights.reduce((a, b) => a + b, 0);
  return [
    {
      type: 'errorMap',
      step,
      shares: weights.map((weight) => weight / sum),
      measuredSteps: components.map((_, c) => (c === 1 ? 0 : step)),
    },
    {
      type: 'mask',
      step,
      mask: components.map((_, c) => ((c + step / 4) % 3 === 0 ? 0 : 1)),
      lrScale: components.map((_, c) => 0.5 + c / 10),
      computeShare: 0.6,
    },
  ];
}

export function summaryOf(path: string, state: RunState = 'finished', problem: string | null = null): RunSummary {
  return {
    path,
    name: path.split('/').at(-1)!,
    state,
    method: 'rgft',
    createdAtMs: 1_700_000_000_000,
    step: 12,
    totalSteps: 20,
    lossBefore: 3,
    lossAfter: 2.4,
    remainingMs: state === 'running' ? 65_000 : null,
    problem,
  };
}

export function detailsOf(summary: RunSummary, more: Partial<RunDetails> = {}): RunDetails {
  return {
    summary,
    description: {
      method: 'rgft',
      seed: 0,
      options: {
        folders: ['example'],
        training: {
          epochs: 3,
          maxSteps: 100,
          learningRate: 0.0005375135798548999,
          seqLength: 512,
          microBatch: 2,
          optimizer: 'adamw',
          clipNorm: 1,
          probeEvery: 50,
          device: 'cpu',
        },
      },
      model: { modelType: 'llama', parameters: 4_984_064 },
      workspace: { trainFiles: 61, heldOutFiles: ['src/reader.py', 'src/routing.py'], rejectedFiles: 0, secrets: 0 },
      versions: { rgft: '0.1.0', onnxruntime: '1.30.0' },
      machine: { platform: 'linux', arch: 'x64', cores: 2, memoryBytes: 25_276_502_016, device: 'cpu' },
    },
    fileLosses: [fileLosses(0, 0), fileLosses(12, -0.4)],
    tokenLosses: [tokenLosses(0, 1), tokenLosses(12, 0.6)],
    passAtK: [passAtK('base', 0), passAtK('tuned', 2)],
    ...more,
  };
}

export function fileLosses(step: number, change: number): FileLosses {
  return {
    step,
    files: [
      { path: 'src/reader.py', tokens: 1200, loss: 2.5 + change },
      { path: 'src/routing.py', tokens: 800, loss: 3.1 + change },
      { path: 'src/deeply/nested/folder/with/a/long/name/handlers_of_requests.py', tokens: 64, loss: 1.9 - change },
    ],
  };
}

const CODE =
  'class Reader:\n    """Reads a stream."""\n\n    def __init__(self, stream, size=4096):\n        self.stream = stream\n        self._buffer = b""\n\n    def read(self, size=-1):\n        if size < 0:\n            return self._read_all()\n        return self._read(size)\n';

export function tokenLosses(step: number, scale: number): TokenLosses {
  const pieces = CODE.match(/\n[ ]*|\w+|[^\w\n]/g)!;
  const losses = pieces.map((piece, i) => (i === 0 ? null : scale * ((piece.length * 7 + i * 3) % 60) * 0.1));
  return {
    step,
    texts: [
      { path: 'src/reader.py', firstLine: 10, pieces, losses },
      { path: 'src/routing.py', firstLine: 1, pieces: ['import', ' os', '\n'], losses: [null, 0.5 * scale, 2 * scale] },
    ],
  };
}

export function passAtK(model: 'base' | 'tuned', more: number): PassAtKResult {
  const perProblem = Array.from({ length: 40 }, (_, i) => ({
    taskId: `Example/${i}`,
    samples: 20,
    passed: Math.min(20, ((i * 7) % 13) + more),
  }));
  return {
    model,
    group: 'example.jsonl',
    problems: 'example.jsonl',
    numSamples: 20,
    passAtK: {
      '1': { value: 0.28 + more / 100, low: 0.22 + more / 100, high: 0.35 + more / 100 },
      '10': { value: 0.55 + more / 100, low: 0.47 + more / 100, high: 0.62 + more / 100 },
    },
    perProblem,
    samples: perProblem.slice(0, 3).flatMap(({ taskId }) => [
      { taskId, completion: '    return a + b\n', result: 'passed', passed: true },
      { taskId, completion: '    return a - b\n', result: 'AssertionError', passed: false },
    ]),
    layers: ['WebAssembly', 'process limits'],
  };
}
