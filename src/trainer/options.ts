/** @file Every option of a fine-tuning run, with its default. What run.json keeps and `--resume` reads back. */
import os from 'node:os';
import type { Device } from '../engine/session.ts';
import { FineTuneError } from '../errors.ts';
import { LORA_TARGETS, type LoraTarget, type ModelConfig, weightShapes } from '../models/config.ts';
import type { CacheMedium } from './prefixCache.ts';
import type { Decay } from './schedule.ts';

/**
 * `full`: every component at the same rate. `rgft`: rates `alpha + (1 - alpha)·s_c` and masks from the error map
 * (proposal A); with a budget, a short full start and then a suffix on a cached prefix. `rgft-b`: rates in proportion to
 * the map (proposal B).
 *
 * `lora`: adapters of low rank beside frozen weights, folded into them at the end; `rgft-lora`: rates and masks from the
 * error map of the adapters. With a budget both take fewer steps.
 *
 * `fait`: full fine-tuning with more weight on the tokens in which right and wrong variants of the code differ (data/faults.ts).
 *
 * The controls, all with a budget: `full-short`, full fine-tuning with fewer steps and its own decay; `last-k`, the last
 * layers from the first step on; `random-k`, random components with as many parameters as those layers.
 */
export type Method = 'full' | 'rgft' | 'rgft-b' | 'lora' | 'rgft-lora' | 'fait' | 'full-short' | 'last-k' | 'random-k';
export const METHODS: readonly Method[] = [
  'full',
  'rgft',
  'rgft-b',
  'lora',
  'rgft-lora',
  'fait',
  'full-short',
  'last-k',
  'random-k',
];
/** Methods that cannot do without a budget. */
export const NEED_BUDGET: readonly Method[] = ['full-short', 'last-k', 'random-k'];
/** Methods that spend a budget. */
export const BUDGET_METHODS: readonly Method[] = ['rgft', 'lora', 'rgft-lora', ...NEED_BUDGET];
/** Methods that train a suffix on a constant prefix when they have a budget. */
const SUFFIX_METHODS: readonly Method[] = ['rgft', 'last-k'];

function hasSuffix({ method, budget }: Pick<FineTuneOptions, 'method' | 'budget'>): boolean {
  return budget !== null && SUFFIX_METHODS.includes(method);
}
/** Methods that train adapters beside a frozen model. */
export const ADAPTER_METHODS: readonly Method[] = ['lora', 'rgft-lora'];
/** Their error map is there to be looked at: it changes nothing, and measuring it is no cost of theirs. */
export const SHOWN_MAP_METHODS: readonly Method[] = ['full', 'full-short', 'fait'];
/** Adapters want higher rates than weights: of 2.7, 5.5 and 11 times the rate of full fine-tuning, 5.5 did best. */
const ADAPTER_RATE = 5;

export interface FineTuneOptions {
  readonly method: Method;
  /** Passes over the training files. @default 3 */
  readonly epochs: number;
  /** Upper limit on optimizer steps. @default none */
  readonly maxSteps: number | null;
  /**
   * Peak rate. @default 6e-4·sqrt(4e6 / parameters): 5.4e-4 at 5 M, 1.0e-4 at 135 M, 5.4e-5 at 0.5 B; times
   * budget^(-1/3) for a run that has less to do (1.5 times at 30 %); 5 times that for adapters
   */
  readonly learningRate: number;
  /** Share of the steps that warm up. @default 0.05, 0.02 with a budget */
  readonly warmup: number;
  /** @default 'cosine', 'linear' with a budget; to 0 */
  readonly decay: Decay;
  /** Tokens of a row. @default 512, or the model's limit when that is lower */
  readonly seqLength: number;
  /** Rows that are computed together. @default 2; 1 for rgft and last-k with a budget */
  readonly microBatch: number;
  /** Micro-batches of an optimizer step. @default 1; 2 where the default of `microBatch` is 1 */
  readonly gradAccumulation: number;
  /** @default 'adamw' */
  readonly optimizer: 'adamw' | 'sgd';
  /**
   * AdamW's memory of gradients. A fine-tuning run is a hundred steps or a few hundred: at 0.9 what a step learns arrives ten
   * steps later, and that was a fiftieth of the gain (DECISIONS.md, 2026-11-30). @default 0.8
   */
  readonly beta1: number;
  /** AdamW's memory of their squares. @default 0.99 */
  readonly beta2: number;
  /** @default 0.01 */
  readonly weightDecay: number;
  /** Largest norm of a step's gradient. @default 1 */
  readonly clipNorm: number;
  /** Share of fill-in-the-middle examples, for models that have the tokens. @default 0.5 */
  readonly fimRate: number;
  /** Share of the files that is only evaluated on. @default 0.1 */
  readonly heldOutShare: number;
  /** Where that part begins on the range of the paths' hashes, so that other files are held out. @default 0 */
  readonly heldOutFrom: number;
  readonly seed: number;

  /** rgft: rate of a component with score 0, as a share of the base rate; 1 leaves rates alone. @default 1 */
  readonly alpha: number;
  /** rgft: a component is updated while its share is above tau / C (literal: above tau). @default 0.1 */
  readonly tau: number;
  /** Half width of the band in which a mask stays as it was, as a share of the threshold; literal: 0. @default 0.2 */
  readonly hysteresis: number;
  /** The proposals' literal form: rates alpha + (1 - alpha)·Êc unscaled and unclipped, tau absolute. @default false */
  readonly literal: boolean;
  /** Exponent on the shares before they steer rates. @default 1 */
  readonly temper: number;
  /** @default 'none' */
  readonly normalise: 'none' | 'parameters';
  /** Share of the old map that a new measurement leaves standing. @default 0.5 */
  readonly ema: number;
  /**
   * Steps between measurements of the whole map. Methods that only show it (`full`, `full-short`, `fait`) measure none
   * where this is longer than the run. @default 0, which stands for a tenth of the run
   */
  readonly probeEvery: number;
  /** Rows of one measurement. @default 8 */
  readonly probeRows: number;

  /**
   * What the run may execute, as a share of the operations of full fine-tuning over the same passes: warm start,
   * measurements, filling the cache and steps, everything but evaluations. `null` for none. @default null
   */
  readonly budget: number | null;
  /** rgft with a budget: share of the steps that train everything first. @default 0 */
  readonly warmStart: number;
  /**
   * With a budget: rate of the chosen part as a multiple of the base rate; rgft: of the last MLP alone, a deeper suffix
   * takes less (`depthRate`). @default 3 for rgft, else 2.5
   */
  readonly suffixRate: number;
  /**
   * Where a run ends: `start + interpolation · (trained - start)` in all weights (WiSE-FT, Wortsman et al. 2022,
   * arXiv 2109.01903, section 3), at the end of the schedule: a run that `patience` ends stays where it is. Not with
   * adapters. @default 0.85 for rgft with a budget, else 1
   */
  readonly interpolation: number;
  /**
   * rgft with a budget: rate of the LM head as a multiple of the base rate. A step trains the head's rows of the tokens that
   * are targets in it; where the head is tied to the embedding it becomes a weight of its own. 0 leaves it as it is. @default 1
   */
  readonly headRate: number;
  /**
   * With a budget and a suffix: ids of the vocabulary whose logits pass their gradients on one by one, those with the largest
   * of 128 targets; the others do so together. Fewer operations; with a large vocabulary most of the LM head's backward
   * pass. 0 for all. @default 512 for rgft, else 0
   */
  readonly headColumns: number;
  /**
   * With a budget and a suffix: the LM head of later passes has a logit for each id that is a target in the folder, and one
   * for all others together (models/vocabulary.ts); or one for each id. Not after a warm start. @default 'folder' for rgft, else 'all'
   */
  readonly headVocabulary: 'folder' | 'all';
  /** With a budget: share of the rows, those of lowest loss, that later passes leave out. @default 0 */
  readonly skipShare: number;
  /** With a budget and a suffix: share of a row's targets that later passes leave out, drawn by their loss and made up for by weights. @default 0.3 for rgft, else 0 */
  readonly targetSkipShare: number;
  /**
   * Whether those that stay are drawn by their loss, or each with the same chance: the control that drawing by loss has to
   * beat. @default 'loss'
   */
  readonly targetDraw: 'loss' | 'uniform';
  /** rgft with a budget: all of a suffix, or single components by score and cost. @default 'suffix' */
  readonly selection: 'suffix' | 'components';
  /** rgft with a budget: exponent on the error shares before components are compared. @default 0.2 */
  readonly scoreTemper: number;
  /** Where the output of the frozen layers is kept. @default 'auto': on the disk while all of it fits there, else in memory */
  readonly cache: 'auto' | CacheMedium;
  /** @default a quarter of the machine's memory, at most 4 GB */
  readonly cacheMemoryBytes: number;
  /** @default 16 GB; never more than half of what is free */
  readonly cacheDiskBytes: number;
  /** fait: weight of a target that is part of a fault. @default 2 */
  readonly faultWeight: number;
  /** lora: rows of A and columns of B. @default 16 */
  readonly loraRank: number;
  /** lora: the adapters' output is multiplied by this over the rank. @default 32 */
  readonly loraAlpha: number;
  /** lora: products with an adapter. @default all seven (those that the model has) */
  readonly loraTargets: readonly LoraTarget[];

  /** random-k: draw other components at each measurement, or keep the first draw. @default true */
  readonly redraw: boolean;

  /** Steps between evaluations on held-out files. @default 0, which stands for a tenth of the run */
  readonly evaluateEvery: number;
  /** Evaluations without improvement after which the run stops; 0 never stops early. @default 0 */
  readonly patience: number;
  /** Steps between checkpoints. @default 0, which stands for evaluateEvery */
  readonly checkpointEvery: number;

  readonly device: Device;
  /** @default the number of cores, at most 8 */
  readonly threads: number;
  /** Keep what the backward pass needs, or compute it again: slower, with much less memory. @default 'save' */
  readonly activations: 'save' | 'recompute';
  /** Forward products of layers without an active component: as they are, or in 8 bits, 3 x faster (CPU). @default 'float32' */
  readonly frozenProducts: 'float32' | 'int8';
}

/**
 * The given options with defaults for the others. Those that depend on the length of the run are 0 here; run.ts fills
 * them in when it knows the steps.
 *
 * @throws USAGE for a value out of range, or a sequence that is longer than the model allows
 */
export function completeOptions(given: Partial<FineTuneOptions>, config: ModelConfig): FineTuneOptions {
  let parameters = 0;
  for (const shape of weightShapes(config).values()) parameters += shape.reduce((a, b) => a * b, 1);
  const budget = given.budget ?? null;
  const method = given.method ?? 'rgft';
  const trainsSuffix = hasSuffix({ method, budget });
  const options: FineTuneOptions = {
    method: 'rgft',
    epochs: 3,
    maxSteps: null,
    learningRate:
      6e-4 *
      Math.sqrt(4e6 / parameters) *
      (budget ?? 1) ** (-1 / 3) *
      (ADAPTER_METHODS.includes(method) ? ADAPTER_RATE : 1),
    warmup: budget === null ? 0.05 : 0.02,
    decay: budget === null ? 'cosine' : 'linear',
    seqLength: Math.min(512, config.maxPositionEmbeddings),
    // A suffix is there for what it saves, memory too, and one row keeps the cores as busy.
    microBatch: trainsSuffix ? 1 : 2,
    gradAccumulation: trainsSuffix && given.microBatch === undefined ? 2 : 1,
    optimizer: 'adamw',
    beta1: 0.8,
    beta2: 0.99,
    weightDecay: 0.01,
    clipNorm: 1,
    fimRate: 0.5,
    heldOutShare: 0.1,
    heldOutFrom: 0,
    seed: 0,
    alpha: 1,
    tau: 0.1,
    hysteresis: 0.2,
    literal: false,
    temper: 1,
    normalise: 'none',
    ema: 0.5,
    probeEvery: 0,
    probeRows: 8,
    budget,
    warmStart: 0,
    suffixRate: method === 'rgft' ? 3 : 2.5,
    interpolation: method === 'rgft' && budget !== null ? 0.85 : 1,
    headRate: 1,
    headColumns: method === 'rgft' && budget !== null ? 512 : 0,
    headVocabulary: method === 'rgft' && budget !== null && !given.warmStart ? 'folder' : 'all',
    skipShare: 0,
    targetSkipShare: method === 'rgft' && budget !== null ? 0.3 : 0,
    targetDraw: 'loss',
    selection: 'suffix',
    scoreTemper: 0.2,
    cache: 'auto',
    cacheMemoryBytes: Math.min(Math.floor(os.totalmem() / 4), 4e9),
    cacheDiskBytes: 16e9,
    faultWeight: 2,
    loraRank: 16,
    loraAlpha: 32,
    loraTargets: LORA_TARGETS,
    redraw: true,
    evaluateEvery: 0,
    patience: 0,
    checkpointEvery: 0,
    device: 'cpu',
    threads: Math.min(os.availableParallelism(), 8),
    activations: 'save',
    frozenProducts: 'float32',
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  checkOptions(options);
  checkBudget(options);
  if (options.optimizer === 'sgd' && (given.beta1 !== undefined || given.beta2 !== undefined)) {
    throw new FineTuneError(
      'USAGE',
      'Plain gradient descent has no memory of gradients: leave out --beta1 and --beta2.',
      {
        optimizer: 'sgd',
      },
    );
  }
  if (options.seqLength > config.maxPositionEmbeddings) {
    throw new FineTuneError(
      'USAGE',
      `The sequence length is ${options.seqLength}; this model was made for at most ${config.maxPositionEmbeddings} tokens. Lower --seq-length.`,
      { option: 'seqLength', value: options.seqLength, maxPositionEmbeddings: config.maxPositionEmbeddings },
    );
  }
  return options;
}

/** @throws USAGE for a budget that the method cannot spend, or none where it needs one */
function checkBudget(options: FineTuneOptions): void {
  const { method, budget, literal, frozenProducts, interpolation, skipShare, targetSkipShare } = options;
  if (ADAPTER_METHODS.includes(method) && interpolation < 1) {
    throw new FineTuneError(
      'USAGE',
      `Adapters have no weights of the model to be drawn back to; with ${method} leave out --interpolation, or lower --lora-alpha.`,
      { method },
    );
  }
  if ([...ADAPTER_METHODS, 'full', 'full-short', 'fait', 'rgft-b'].includes(method) && frozenProducts === 'int8') {
    throw new FineTuneError(
      'USAGE',
      `Products in 8 bits are made for layers without a trained part; with ${method} every layer has one. Leave out --frozen-products int8.`,
      { method },
    );
  }
  // Residuals are kept where every pass has the same rows: with a trained suffix.
  const trainsSuffix = hasSuffix(options);
  const leftOut = skipShare > 0 ? '--skip-share' : targetSkipShare > 0 ? '--target-skip' : null;
  if (leftOut && !trainsSuffix) {
    throw new FineTuneError(
      'USAGE',
      `${leftOut} leaves out what was learnt in earlier passes; that is known with --budget and the methods rgft and last-k only, and this is ${method}${budget === null ? ' without a budget' : ''}. Leave it out.`,
      { method, budget },
    );
  }
  const ofHead =
    options.headColumns > 0
      ? '--head-columns'
      : options.headVocabulary === 'folder'
        ? '--head-vocabulary folder'
        : null;
  if (ofHead && !trainsSuffix) {
    throw new FineTuneError(
      'USAGE',
      `${ofHead} makes the LM head above a suffix cheaper; that is what --budget and the methods rgft and last-k train, and this is ${method}${budget === null ? ' without a budget' : ''}. Leave it out.`,
      { method, budget },
    );
  }
  if (options.headVocabulary === 'folder' && options.warmStart > 0) {
    throw new FineTuneError(
      'USAGE',
      '--head-vocabulary folder needs a first pass in which the suffix sees every row, and --warm-start takes rows out of it. Leave out one of the two.',
      { warmStart: options.warmStart },
    );
  }
  if (budget === null && NEED_BUDGET.includes(method)) {
    throw new FineTuneError('USAGE', `The method ${method} needs a budget, for example --budget 0.3.`, { method });
  }
  if (budget === null) return;
  if (!BUDGET_METHODS.includes(method)) {
    const instead = method === 'full' ? ' Full fine-tuning with a budget is the method full-short.' : '';
    throw new FineTuneError(
      'USAGE',
      `The method ${method} spends no budget; those that do are ${BUDGET_METHODS.join(', ')}.${instead}`,
      { method, budget },
    );
  }
  if (literal) {
    throw new FineTuneError(
      'USAGE',
      'The literal form chooses components by tau alone and cannot keep a budget. Give --budget or --literal.',
      { budget },
    );
  }
}

const RANGES: { readonly [Name in keyof FineTuneOptions]?: readonly [min: number, max: number, whole?: 'whole'] } = {
  epochs: [1, 1e4, 'whole'],
  learningRate: [0, 10],
  warmup: [0, 1],
  seqLength: [16, 1 << 20, 'whole'],
  microBatch: [1, 4096, 'whole'],
  gradAccumulation: [1, 4096, 'whole'],
  beta1: [0, 0.9999],
  beta2: [0, 0.999999],
  weightDecay: [0, 10],
  clipNorm: [1e-6, 1e9],
  fimRate: [0, 1],
  heldOutShare: [0, 0.9],
  heldOutFrom: [0, 0.999999],
  seed: [0, 2 ** 32 - 1, 'whole'],
  alpha: [0, 1],
  tau: [0, 1e6],
  hysteresis: [0, 0.99],
  temper: [0, 10],
  ema: [0, 0.999],
  probeEvery: [0, 1e9, 'whole'],
  probeRows: [1, 4096, 'whole'],
  warmStart: [0, 1],
  suffixRate: [0, 100],
  interpolation: [0.01, 1],
  headRate: [0, 100],
  headColumns: [0, 1e7, 'whole'],
  skipShare: [0, 0.95],
  targetSkipShare: [0, 0.95],
  scoreTemper: [0, 10],
  faultWeight: [0, 1000],
  loraRank: [1, 4096, 'whole'],
  loraAlpha: [0, 1e6],
  cacheMemoryBytes: [0, 1e15],
  cacheDiskBytes: [0, 1e15],
  evaluateEvery: [0, 1e9, 'whole'],
  patience: [0, 1e6, 'whole'],
  checkpointEvery: [0, 1e9, 'whole'],
  threads: [1, 1024, 'whole'],
};

const CHOICES: { readonly [Name in keyof FineTuneOptions]?: readonly FineTuneOptions[Name][] } = {
  method: METHODS,
  decay: ['cosine', 'linear', 'constant'],
  optimizer: ['adamw', 'sgd'],
  literal: [false, true],
  normalise: ['none', 'parameters'],
  device: ['cpu', 'webgpu', 'cuda', 'dml'],
  activations: ['save', 'recompute'],
  frozenProducts: ['float32', 'int8'],
  targetDraw: ['loss', 'uniform'],
  headVocabulary: ['folder', 'all'],
  selection: ['suffix', 'components'],
  cache: ['auto', 'memory', 'disk', 'off'],
  redraw: [true, false],
};

/**
 * Refuses values that no model could be trained with; needs no model, so it can be the first thing that happens.
 *
 * @throws USAGE with the option, what was given and what is expected
 */
export function checkOptions(options: Partial<FineTuneOptions>): void {
  const refuse = (option: string, value: unknown, expected: string) => {
    throw new FineTuneError('USAGE', `${option} is ${String(value)}, expected ${expected}.`, { option, value });
  };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const choices: readonly unknown[] | undefined = CHOICES[name as keyof FineTuneOptions];
    const range = RANGES[name as keyof FineTuneOptions];
    if (choices && !choices.includes(value)) refuse(name, value, `one of ${choices.join(', ')}`);
    if (range) {
      const [min, max, whole] = range;
      const isFit = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
      if (!isFit) refuse(name, value, `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
    } else if (!choices && name !== 'maxSteps' && name !== 'budget' && name !== 'loraTargets') {
      throw new FineTuneError('USAGE', `There is no option "${name}".`, { option: name, value });
    }
  }
  const { maxSteps, budget, loraTargets } = options;
  const unknown = loraTargets?.filter((target) => !LORA_TARGETS.includes(target)) ?? [];
  if (unknown.length > 0 || loraTargets?.length === 0) {
    refuse('loraTargets', loraTargets!.join(','), `some of ${LORA_TARGETS.join(', ')}`);
  }
  if (budget !== undefined && budget !== null && !(budget > 0 && budget <= 1)) {
    refuse('budget', budget, 'a number above 0 and up to 1');
  }
  if (maxSteps !== undefined && maxSteps !== null && !(Number.isInteger(maxSteps) && maxSteps >= 1)) {
    refuse('maxSteps', maxSteps, 'a whole number from 1');
  }
}
