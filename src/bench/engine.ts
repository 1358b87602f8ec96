/**
 * @file `rgft bench engine`: a training step of this engine against PyTorch's, in one run on this machine. The two take
 * turns step by step, so that whatever else the machine does meets both; the figures are medians of the pairs' ratios.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Optimizer } from '../engine/optimizer.ts';
import { openEngine } from '../engine/session.ts';
import type { Batch } from '../models/batch.ts';
import { packageFile } from '../models/builtIn.ts';
import type { ModelConfig } from '../models/config.ts';
import { Decoder } from '../models/decoder.ts';
import { planGradients } from '../models/gradientPlan.ts';
import { createRandom, nextBelow } from '../random.ts';
import { listComponents } from '../rgft/components.ts';
import { configOfShape, median, randomParameters } from './shape.ts';

export interface EngineBenchOptions {
  /** Pairs of steps. @default 9 */
  readonly pairs: number;
  readonly threads: number;
  readonly batch: number;
  readonly length: number;
  readonly activations: 'save' | 'recompute';
  /** Compare with PyTorch where python3 has it. */
  readonly peer: boolean;
  readonly report: (line: string) => void;
}

export interface EngineBenchResult {
  /** Medians. */
  readonly fullTokensPerSecond: number;
  /** Backward pass without any weight gradient and without an update (a frozen model above its lowest layer). */
  readonly inputGradientTokensPerSecond: number;
  /** Median over pairs of input-gradient-only speed over full speed. */
  readonly inputGradientRatio: number;
  /** The same with the frozen layers' forward products in 8 bits. */
  readonly int8Ratio: number;
  readonly gigaflopsPerSecond: number;
  /** Highest resident memory of this process before the input-gradient steps. */
  readonly peakBytes: number;
  readonly noCopy: boolean;
  readonly peer?: {
    readonly version: string;
    readonly tokensPerSecond: number;
    readonly peakBytes: number;
    /** Ours over theirs, median and range over the pairs. */
    readonly speedRatio: number;
    readonly speedRatios: readonly number[];
    readonly memoryRatio: number;
  };
}

/**
 * Debian's OpenBLAS with OpenMP threads; without the kernel's name it does not know new processors and picks one that
 * is 4.5 times slower, which would be an unfair peer.
 */
const PEER_ENVIRONMENT = {
  LD_LIBRARY_PATH: '/usr/lib/x86_64-linux-gnu/openblas-openmp',
  OPENBLAS_CORETYPE: 'SkylakeX',
  ATEN_CPU_CAPABILITY: 'avx512',
};

export async function benchEngine(options: EngineBenchOptions): Promise<EngineBenchResult> {
  const { pairs, threads, batch: B, length: T, report } = options;
  const tokens = B * T;
  const config = configOfShape('smollm2-135m', T);
  const peer = options.peer ? await startPeer({ ...config, threads, batch: B, length: T }) : undefined;
  if (options.peer && !peer) report('python3 has no torch here (Debian: python3-torch libopenblas0-openmp): no peer.');

  const engine = await openEngine({ threads });
  const store = randomParameters(config);
  const random = createRandom(0, 'bench ids');
  const ids = () => Int32Array.from({ length: tokens }, () => nextBelow(random, config.vocabSize));
  const batch: Batch = {
    size: B,
    length: T,
    inputIds: ids(),
    labels: ids(),
    positions: Int32Array.from({ length: tokens }, (_, i) => i % T),
    segments: new Int32Array(tokens).fill(1),
  };
  const components = listComponents(config);
  const everything = new Uint8Array(components.length).fill(1);
  const lowestNorm = Uint8Array.from(components, ({ id }) => (id === '0.norm' ? 1 : 0));
  const full = planGradients(config, components, everything);
  const inputsOnly = planGradients(config, components, lowestNorm);
  const lrScale = new Float64Array(components.length).fill(1);
  const decoder = new Decoder(engine, config, store, { activations: options.activations });
  const optimizer = new Optimizer(store, components);

  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const fullStep = async () => {
    await decoder.lossAndGradients(batch, { plan: full });
    optimizer.step({ learningRate: 1e-4, lrScale, updateMask: everything, place: full.place, gradientScale: 1 });
  };
  const inputStep = () => decoder.lossAndGradients(batch, { plan: inputsOnly });
  const int8Decoder = new Decoder(engine, config, store, { activations: options.activations, frozenProducts: 'int8' });
  // Its copies in 8 bits are those of the first step: full steps between change the weights, not the time.
  const int8Step = () => int8Decoder.lossAndGradients(batch, { plan: inputsOnly });

  await fullStep();
  engine.flops = 0;
  await fullStep();
  const flops = engine.flops;
  const fullMs: number[] = [];
  const peerMs: number[] = [];
  let peerPeak = 0;
  for (let pair = 1; pair <= pairs; pair++) {
    // Who goes first alternates: the second finds warmer or slower surroundings.
    if (peer && pair % 2 === 0) ({ ms: peerMs[pair - 1], peakBytes: peerPeak } = await peer.step());
    fullMs.push(await timed(fullStep));
    if (peer && pair % 2 === 1) ({ ms: peerMs[pair - 1], peakBytes: peerPeak } = await peer.step());
    const beside = peer ? `, PyTorch ${peerMs[pair - 1].toFixed(0)} ms` : '';
    report(`pair ${pair}/${pairs}: ${fullMs[pair - 1].toFixed(0)} ms${beside}`);
  }
  peer?.stop();
  const peakBytes = process.resourceUsage().maxRSS * 1024;

  const inputMs: number[] = [];
  const int8Ms: number[] = [];
  const besideMs: number[] = [];
  await inputStep();
  await int8Step();
  for (let pair = 0; pair < pairs; pair++) {
    inputMs.push(await timed(inputStep));
    besideMs.push(await timed(fullStep));
    int8Ms.push(await timed(int8Step));
  }
  await Promise.all([decoder.release(), int8Decoder.release()]);

  const perSecond = (ms: number) => (tokens * 1000) / ms;
  const speedRatios = peerMs.map((ms, i) => ms / fullMs[i]);
  return {
    fullTokensPerSecond: perSecond(median(fullMs)),
    inputGradientTokensPerSecond: perSecond(median(inputMs)),
    inputGradientRatio: median(besideMs.map((ms, i) => ms / inputMs[i])),
    int8Ratio: median(besideMs.map((ms, i) => ms / int8Ms[i])),
    gigaflopsPerSecond: flops / median(fullMs) / 1e6,
    peakBytes,
    noCopy: engine.noCopy,
    ...(peer && {
      peer: {
        version: peer.version,
        tokensPerSecond: perSecond(median(peerMs)),
        peakBytes: peerPeak,
        speedRatio: median(speedRatios),
        speedRatios,
        memoryRatio: peakBytes / peerPeak,
      },
    }),
  };
}

interface Peer {
  readonly version: string;
  step(): Promise<{ ms: number; peakBytes: number }>;
  stop(): void;
}

/** Starts torchPeer.py and waits until it has taken a first step; undefined where there is no PyTorch. */
async function startPeer(
  shape: ModelConfig & { readonly threads: number; readonly batch: number; readonly length: number },
): Promise<Peer | undefined> {
  const script = packageFile('src/bench/torchPeer.py');
  if (!script) return undefined;
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const child: ChildProcess = spawn(python, [script, JSON.stringify(shape)], {
    env: { ...process.env, ...PEER_ENVIRONMENT, OMP_NUM_THREADS: String(shape.threads) },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout! });
  const next = async (): Promise<string | undefined> => {
    const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [undefined])]);
    return line as string | undefined;
  };
  const ready = await next().catch(() => undefined);
  if (ready === undefined) return undefined;
  return {
    version: (JSON.parse(ready) as { torch: string }).torch,
    async step() {
      child.stdin!.write('\n');
      return JSON.parse((await next()) ?? '{}') as { ms: number; peakBytes: number };
    },
    stop: () => child.kill(),
  };
}
