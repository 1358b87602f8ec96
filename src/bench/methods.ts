/**
 * @file Methods against each other: from measured runs to means, intervals, paired differences, a table and a plot of
 * quality against compute. Pure.
 */
import { createRandom, nextBelow, type RandomState } from '../random.ts';
import { spearman } from '../rgft/errorMap.ts';

/** One finished run and what was measured on its model. */
export interface MethodCell {
  readonly workspace: string;
  readonly method: string;
  /** Share of full fine-tuning's operations that the run was given; `null` for a method without one. */
  readonly budget: number | null;
  readonly seed: number;
  readonly learningRate: number;
  /**
   * The held-out files: summed losses in nats, tokens that were the most probable one, and places from which the rest of
   * the line was, before and after.
   */
  readonly files: readonly {
    readonly path: string;
    readonly tokens: number;
    readonly natsBefore: number;
    readonly natsAfter: number;
    readonly rightBefore: number;
    readonly rightAfter: number;
    readonly places: number;
    readonly restsBefore: number;
    readonly restsAfter: number;
  }[];
  /** Line completions on the held-out files; `null` where these have no line to complete. */
  readonly lines: readonly LineOutcome[] | null;
  /** pass@1, pass@10 of the base model and after, in [0, 1]; `null` when not measured. */
  readonly passAtK: Readonly<Record<string, { readonly before: number | null; readonly after: number | null }>> | null;
  /** The error map that the run began with: shares by component; absent where it measured none. */
  readonly errorMap?: ErrorShares;
  /** Counted operations of training. */
  readonly flops: number;
  /** What full fine-tuning would take over the same passes. */
  readonly referenceFlops: number;
  /** Processor and wall time of training, evaluations at both ends left out, milliseconds. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Most memory that the process ever had. */
  readonly peakMemoryBytes: number;
  /** Run directory with its last checkpoint, and the prefix cache where it was on disk. */
  readonly diskBytes: number;
}

/** Names of components and each one's share of the error. */
export interface ErrorShares {
  readonly components: readonly string[];
  readonly shares: readonly number[];
}

/** One case of line completion, by the base model and by the fine-tuned one. */
export interface LineOutcome {
  readonly path: string;
  readonly exactBefore: boolean;
  readonly exactAfter: boolean;
  readonly similarityBefore: number;
  readonly similarityAfter: number;
}

/** A number with the middle 95 % of its bootstrap distribution; `low` and `high` are `null` where nothing can vary. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** One line of the table. Shares are of full fine-tuning on the same workspace and seeds. */
export interface MethodRow {
  /** `all`: the mean over workspaces, losses and costs in absolute numbers left out. */
  readonly workspace: string;
  readonly method: string;
  readonly budget: number | null;
  readonly seeds: number;
  readonly learningRates: readonly number[];
  readonly lossBefore: number;
  readonly lossAfter: number;
  /** Share of the held-out tokens that were the most probable one. */
  readonly accuracyBefore: number;
  readonly accuracyAfter: number;
  /** Share of the places in held-out lines from which greedy decoding writes the rest of the line exactly. */
  readonly restsBefore: number;
  readonly restsAfter: number;
  readonly exactBefore: number | null;
  readonly exactAfter: number | null;
  readonly similarityAfter: number | null;
  /** Share of full fine-tuning's improvement that is kept. `null` where full fine-tuning improved nothing. */
  readonly lossKept: Estimate | null;
  readonly accuracyKept: Estimate | null;
  readonly restsKept: Estimate | null;
  readonly exactKept: Estimate | null;
  readonly similarityKept: Estimate | null;
  /** Share kept minus that of `full-short` at the same budget, paired over seeds and files. */
  readonly lossAheadOfShort: Estimate | null;
  readonly accuracyAheadOfShort: Estimate | null;
  readonly restsAheadOfShort: Estimate | null;
  readonly exactAheadOfShort: Estimate | null;
  /** The same, minus that of `last-k`. */
  readonly lossAheadOfLastK: Estimate | null;
  readonly restsAheadOfLastK: Estimate | null;
  readonly passAtK: MethodCell['passAtK'];
  readonly flopsShare: number;
  readonly cpuMs: number;
  readonly cpuShare: number;
  readonly wallMs: number;
  readonly peakMemoryBytes: number;
  readonly memoryShare: number;
  readonly diskBytes: number;
  /** A run spent more than its budget, rounding (half a point) aside. */
  readonly missedBudget: boolean;
}

export interface SummaryOptions {
  /** Bootstrap draws. @default 1000 */
  readonly draws?: number;
  /** @default 0 */
  readonly seed?: number;
}

/** A rate that was tried, and the loss that it led to. */
export interface TriedRate {
  readonly rate: number;
  readonly loss: number;
}

/**
 * The rate of the lowest loss, read off rates that lie a factor of 2 apart: the vertex of the parabola through the best of
 * them and its two neighbours, over the logarithm of the rate. Between two rates that are as good it takes neither: which of
 * them is a hair better on the files of the choice would decide about a factor of 2.
 *
 * @param tried ascending, one at least
 * @returns with `isAtEdge` the lowest or the highest rate that was tried, as it is
 */
export function lowestRate(tried: readonly TriedRate[]): { readonly rate: number; readonly isAtEdge: boolean } {
  const best = tried.reduce((lowest, { loss }, i) => (loss < tried[lowest].loss ? i : lowest), 0);
  const { rate, loss } = tried[best];
  if (best === 0 || best === tried.length - 1) return { rate, isAtEdge: true };
  const [below, above] = [tried[best - 1].loss - loss, tried[best + 1].loss - loss];
  // Both are at least 0. Where both are 0 the middle is as good as any; a run that came apart says nothing about a slope.
  const bend = below + above;
  const octaves = bend > 0 && Number.isFinite(bend) ? (below - above) / (2 * bend) : 0;
  return { rate: rate * 2 ** octaves, isAtEdge: false };
}

const REFERENCE = 'full';
/** Spending that counts as missing a budget, as a share of full fine-tuning. */
const BUDGET_TOLERANCE = 0.005;
/** Name of the rows over all workspaces. */
export const ALL_WORKSPACES = 'all';

type Gain = 'loss' | 'accuracy' | 'rests' | 'exact' | 'similarity';

/** How often each seed and each held-out file counts. */
interface Draw {
  readonly seeds: readonly number[];
  readonly weightOf: (path: string) => number;
}

/**
 * The rows of the table, workspace by workspace and then over all, in the order in which methods first occur.
 *
 * A share kept is the ratio of the gains, summed over the held-out files and the seeds that method and `full` have in
 * common; a method and `full` are measured on the same files with the same seed, but seeds may have files of their own.
 * Intervals: seeds and held-out files are drawn again with replacement, the same for every method (paired), tokens and
 * lines following their file. With one seed they say nothing about the seed.
 */
export function summarise(cells: readonly MethodCell[], { draws = 1000, seed = 0 }: SummaryOptions = {}): MethodRow[] {
  const workspaces = [...new Set(cells.map(({ workspace }) => workspace))];
  const kinds = [...new Map(cells.map((cell) => [kindOf(cell), cell])).values()];
  const groups = workspaces.map((workspace) => {
    const own = cells.filter((cell) => cell.workspace === workspace);
    const random = createRandom(seed, 'methods', workspace);
    return {
      workspace,
      own,
      draws: [everything(own), ...Array.from({ length: draws }, () => drawAgain(own, random))],
    };
  });

  /** Draw by draw the share that a method keeps, on one workspace. */
  const known = new Map<string, number[] | null>();
  const keptOn = (group: (typeof groups)[number], kind: string, gain: Gain): number[] | null => {
    const key = `${group.workspace}\0${kind}\0${gain}`;
    if (!known.has(key)) {
      const kept = group.draws.map((draw) => shareKept(group.own, kind, gain, draw));
      known.set(key, Number.isFinite(kept[0]) ? kept : null);
    }
    return known.get(key)!;
  };
  const meanOver = (lists: readonly (number[] | null)[]): number[] | null =>
    lists.length === 0 || lists.includes(null) ? null : lists[0]!.map((_, d) => mean(lists.map((list) => list![d])));

  const rows: MethodRow[] = [];
  for (const over of [...groups.map((group) => [group]), ...(groups.length > 1 ? [groups] : [])]) {
    const isAll = over.length > 1;
    for (const { method, budget } of kinds) {
      const kind = kindOf({ method, budget });
      const present = over.filter(({ own }) => own.some((cell) => kindOf(cell) === kind));
      if (present.length < over.length) continue;
      const kept = (gain: Gain) => meanOver(present.map((group) => keptOn(group, kind, gain)));
      const ahead = (gain: Gain, of: 'full-short' | 'last-k'): Estimate | null => {
        if (budget === null || method === of) return null;
        const control = kindOf({ method: of, budget });
        if (present.some(({ own }) => !own.some((cell) => kindOf(cell) === control))) return null;
        const [mine, theirs] = [kept(gain), meanOver(present.map((group) => keptOn(group, control, gain)))];
        return estimate(mine && theirs && mine.map((value, d) => value - theirs[d]));
      };
      const parts = present.map(({ own }) => plainNumbers(own, kind));
      const average = (of: (part: (typeof parts)[number]) => number) => mean(parts.map(of));
      const averageOrNull = (of: (part: (typeof parts)[number]) => number | null) =>
        parts.some((part) => of(part) === null) ? null : mean(parts.map((part) => of(part)!));
      rows.push({
        workspace: isAll ? ALL_WORKSPACES : present[0].workspace,
        method,
        budget,
        seeds: Math.min(...parts.map(({ seeds }) => seeds)),
        learningRates: [...new Set(parts.flatMap(({ learningRates }) => learningRates))],
        lossBefore: average((part) => part.lossBefore),
        lossAfter: average((part) => part.lossAfter),
        accuracyBefore: average((part) => part.accuracyBefore),
        accuracyAfter: average((part) => part.accuracyAfter),
        restsBefore: average((part) => part.restsBefore),
        restsAfter: average((part) => part.restsAfter),
        exactBefore: averageOrNull((part) => part.exactBefore),
        exactAfter: averageOrNull((part) => part.exactAfter),
        similarityAfter: averageOrNull((part) => part.similarityAfter),
        lossKept: estimate(kept('loss')),
        accuracyKept: estimate(kept('accuracy')),
        restsKept: estimate(kept('rests')),
        exactKept: estimate(kept('exact')),
        similarityKept: estimate(kept('similarity')),
        lossAheadOfShort: ahead('loss', 'full-short'),
        accuracyAheadOfShort: ahead('accuracy', 'full-short'),
        restsAheadOfShort: ahead('rests', 'full-short'),
        exactAheadOfShort: ahead('exact', 'full-short'),
        lossAheadOfLastK: ahead('loss', 'last-k'),
        restsAheadOfLastK: ahead('rests', 'last-k'),
        passAtK: meanPassAtK(parts.map(({ passAtK }) => passAtK)),
        flopsShare: average((part) => part.flopsShare),
        cpuMs: average((part) => part.cpuMs),
        cpuShare: average((part) => part.cpuShare),
        wallMs: average((part) => part.wallMs),
        peakMemoryBytes: average((part) => part.peakMemoryBytes),
        memoryShare: average((part) => part.memoryShare),
        diskBytes: average((part) => part.diskBytes),
        missedBudget: parts.some((part) => part.missedBudget),
      });
    }
  }
  return rows;
}

function kindOf({ method, budget }: Pick<MethodCell, 'method' | 'budget'>): string {
  return budget === null ? method : `${method} ${budget}`;
}

function everything(cells: readonly MethodCell[]): Draw {
  return { seeds: [...new Set(cells.map(({ seed }) => seed))], weightOf: () => 1 };
}

function drawAgain(cells: readonly MethodCell[], random: RandomState): Draw {
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const paths = [...new Set(cells.flatMap(({ files }) => files.map(({ path }) => path)))];
  const again = <T>(list: readonly T[]) => list.map(() => list[nextBelow(random, list.length)]);
  const counts = new Map<string, number>();
  for (const path of again(paths)) counts.set(path, (counts.get(path) ?? 0) + 1);
  return { seeds: again(seeds), weightOf: (path) => counts.get(path) ?? 0 };
}

/** Gain of a method over that of full fine-tuning; NaN where there is no gain to compare with, or nothing measured. */
function shareKept(cells: readonly MethodCell[], kind: string, gain: Gain, draw: Draw): number {
  let [own, full] = [0, 0];
  for (const seed of draw.seeds) {
    const [mine, reference] = [kind, REFERENCE].map((wanted) =>
      cells.find((cell) => cell.seed === seed && kindOf(cell) === wanted),
    );
    if (!mine || !reference) continue;
    own += gainOf(mine, gain, draw);
    full += gainOf(reference, gain, draw);
  }
  return full > 0 ? own / full : Number.NaN;
}

/** In nats, tokens, places or lines; NaN for lines where none were measured. */
function gainOf(cell: MethodCell, gain: Gain, { weightOf }: Draw): number {
  if (gain === 'loss' || gain === 'accuracy' || gain === 'rests') {
    return sum(cell.files.map((file) => weightOf(file.path) * fileGain(file, gain)));
  }
  if (!cell.lines) return Number.NaN;
  const lineGain = (line: LineOutcome) =>
    gain === 'exact'
      ? Number(line.exactAfter) - Number(line.exactBefore)
      : line.similarityAfter - line.similarityBefore;
  return sum(cell.lines.map((line) => weightOf(line.path) * lineGain(line)));
}

function fileGain(file: MethodCell['files'][number], gain: 'loss' | 'accuracy' | 'rests'): number {
  if (gain === 'loss') return file.natsBefore - file.natsAfter;
  return gain === 'accuracy' ? file.rightAfter - file.rightBefore : file.restsAfter - file.restsBefore;
}

/** Means over the tokens, places, lines and runs of one method on one workspace. */
function plainNumbers(cells: readonly MethodCell[], kind: string) {
  const own = cells.filter((cell) => kindOf(cell) === kind);
  const reference = (seed: number) => cells.find((cell) => cell.method === REFERENCE && cell.seed === seed);
  const over = (of: (cell: MethodCell) => number) => mean(own.map(of));
  const files = own.flatMap((cell) => cell.files);
  type Count = Exclude<keyof (typeof files)[number], 'path'>;
  const ratio = (part: Count, whole: Count) =>
    sum(files.map((file) => file[part])) / sum(files.map((file) => file[whole]));
  const overLines = (of: (line: LineOutcome) => number): number | null =>
    own.some(({ lines }) => lines === null) ? null : mean(own.flatMap(({ lines }) => lines!.map(of)));
  const flopsShareOf = (cell: MethodCell) => cell.flops / (reference(cell.seed)?.flops ?? cell.referenceFlops);
  const relative = (of: (cell: MethodCell) => number) =>
    mean(own.flatMap((cell) => (reference(cell.seed) ? [of(cell) / of(reference(cell.seed)!)] : [])));
  return {
    seeds: own.length,
    learningRates: [...new Set(own.map(({ learningRate }) => learningRate))],
    lossBefore: ratio('natsBefore', 'tokens'),
    lossAfter: ratio('natsAfter', 'tokens'),
    accuracyBefore: ratio('rightBefore', 'tokens'),
    accuracyAfter: ratio('rightAfter', 'tokens'),
    restsBefore: ratio('restsBefore', 'places'),
    restsAfter: ratio('restsAfter', 'places'),
    exactBefore: overLines((line) => Number(line.exactBefore)),
    exactAfter: overLines((line) => Number(line.exactAfter)),
    similarityAfter: overLines((line) => line.similarityAfter),
    passAtK: meanPassAtK(own.map(({ passAtK }) => passAtK)),
    flopsShare: over(flopsShareOf),
    cpuMs: over(({ cpuMs }) => cpuMs),
    cpuShare: relative(({ cpuMs }) => cpuMs),
    wallMs: over(({ wallMs }) => wallMs),
    peakMemoryBytes: over(({ peakMemoryBytes }) => peakMemoryBytes),
    memoryShare: relative(({ peakMemoryBytes }) => peakMemoryBytes),
    diskBytes: over(({ diskBytes }) => diskBytes),
    missedBudget: own.some((cell) => cell.budget !== null && flopsShareOf(cell) > cell.budget + BUDGET_TOLERANCE),
  };
}

function meanPassAtK(all: readonly MethodCell['passAtK'][]): MethodCell['passAtK'] {
  if (all.length === 0 || all.includes(null)) return null;
  const side = (k: string, which: 'before' | 'after') => {
    const values = all.map((one) => one![k]?.[which] ?? null);
    return values.includes(null) ? null : mean(values as number[]);
  };
  return Object.fromEntries(
    Object.keys(all[0]!).map((k) => [k, { before: side(k, 'before'), after: side(k, 'after') }]),
  );
}

/** From draws, the first of which is the data as they are. Draws without a gain to compare with count for nothing. */
function estimate(values: readonly number[] | null): Estimate | null {
  if (!values) return null;
  const [value, ...drawn] = values;
  const sorted = drawn.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0 || sorted[0] === sorted[sorted.length - 1]) return { value, low: null, high: null };
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { value, low: at(0.025), high: at(0.975) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** How far error maps agree: Spearman's rank correlation, the lowest and the highest of some pairs. */
export interface MapAgreement {
  /** A workspace, across seeds; `all`: pairs of workspaces, with the first seed. */
  readonly workspace: string;
  readonly pairs: number;
  /** Of the components, and of their sums over layers. */
  readonly components: readonly [low: number, high: number];
  readonly layers: readonly [low: number, high: number];
}

/** Agreement of the maps that `rgft` runs began with, one budget standing for all: the map does not depend on it. */
export function mapAgreement(cells: readonly MethodCell[]): MapAgreement[] {
  const maps = new Map<string, ErrorShares[]>();
  const seen = new Set<string>();
  for (const { workspace, method, seed, errorMap } of cells) {
    const key = `${workspace}\0${seed}`;
    if (method !== 'rgft' || !errorMap || seen.has(key)) continue;
    seen.add(key);
    maps.set(workspace, [...(maps.get(workspace) ?? []), errorMap]);
  }
  const firsts = [...maps.values()].map(([first]) => first);
  return [...maps, [ALL_WORKSPACES, firsts] as const].flatMap(([workspace, own]) => {
    const pairs = own.flatMap((left, i) => own.slice(i + 1).map((right) => [left, right] as const));
    if (pairs.length === 0) return [];
    const range = (of: (map: ErrorShares) => readonly number[]): [number, number] => {
      const values = pairs.map(([left, right]) => spearman(of(left), of(right)));
      return [Math.min(...values), Math.max(...values)];
    };
    return [{ workspace, pairs: pairs.length, components: range(({ shares }) => shares), layers: range(sumsOfLayers) }];
  });
}

/** Sums over the components whose names begin with the same number. */
function sumsOfLayers({ components, shares }: ErrorShares): number[] {
  const sums: number[] = [];
  components.forEach((id, c) => {
    const layer = /^(\d+)\./.exec(id);
    if (layer) sums[Number(layer[1])] = (sums[Number(layer[1])] ?? 0) + shares[c];
  });
  return sums;
}

/** A line of the notes for each agreement. */
export function agreementNotes(agreements: readonly MapAgreement[]): string[] {
  const range = ([low, high]: readonly [number, number]) =>
    low === high ? low.toFixed(3) : `${low.toFixed(3)} to ${high.toFixed(3)}`;
  return agreements.map(
    ({ workspace, pairs, components, layers }) =>
      `Error maps of rgft at the start, ${workspace === ALL_WORKSPACES ? 'between workspaces' : `${workspace}, between seeds`} (${pairs} ${pairs === 1 ? 'pair' : 'pairs'}): rank correlation of components ${range(components)}, of layers ${range(layers)}.`,
  );
}

/** The table as Markdown, one for each workspace and one over all. `notes` stand below it, one a line. */
export function methodsTable(rows: readonly MethodRow[], notes: readonly string[]): string {
  const sections = [...new Set(rows.map(({ workspace }) => workspace))].map((workspace) => {
    const own = rows.filter((row) => row.workspace === workspace);
    const hasPass = own.some(({ passAtK }) => passAtK !== null);
    const columns: [string, (row: MethodRow) => string][] = [
      ['method', ({ method }) => method],
      ['budget', ({ budget }) => (budget === null ? '' : percent(budget))],
      ['operations', (row) => `${percent(row.flopsShare, 1)}${row.missedBudget ? ' **(missed its budget)**' : ''}`],
      ['CPU time', ({ cpuMs, cpuShare }) => `${(cpuMs / 1000).toFixed(1)} s, ${percent(cpuShare)}`],
      ['wall time', ({ wallMs }) => `${(wallMs / 1000).toFixed(1)} s`],
      ['peak memory', (row) => `${(row.peakMemoryBytes / 2 ** 20).toFixed(0)} MiB, ${percent(row.memoryShare)}`],
      ['disk', ({ diskBytes }) => `${(diskBytes / 2 ** 20).toFixed(0)} MiB`],
      ['held-out loss', ({ lossBefore, lossAfter }) => `${lossBefore.toFixed(4)} → ${lossAfter.toFixed(4)}`],
      ['gain kept', ({ lossKept }) => estimateText(lossKept)],
      ['− full-short', ({ lossAheadOfShort }) => estimateText(lossAheadOfShort, true)],
      ['− last-k', ({ lossAheadOfLastK }) => estimateText(lossAheadOfLastK, true)],
      [
        'right tokens',
        ({ accuracyBefore, accuracyAfter }) => `${percent(accuracyBefore, 1)} → ${percent(accuracyAfter, 1)}`,
      ],
      ['gain kept', ({ accuracyKept }) => estimateText(accuracyKept)],
      ['− full-short', ({ accuracyAheadOfShort }) => estimateText(accuracyAheadOfShort, true)],
      ['exact rests', ({ restsBefore, restsAfter }) => `${percent(restsBefore, 1)} → ${percent(restsAfter, 1)}`],
      ['gain kept', ({ restsKept }) => estimateText(restsKept)],
      ['− full-short', ({ restsAheadOfShort }) => estimateText(restsAheadOfShort, true)],
      ['− last-k', ({ restsAheadOfLastK }) => estimateText(restsAheadOfLastK, true)],
      ['exact lines', ({ exactBefore, exactAfter }) => `${percentOrNone(exactBefore)} → ${percentOrNone(exactAfter)}`],
      ['gain kept', ({ exactKept }) => estimateText(exactKept)],
      ['− full-short', ({ exactAheadOfShort }) => estimateText(exactAheadOfShort, true)],
      ['edit similarity', ({ similarityAfter }) => percentOrNone(similarityAfter)],
      ['gain kept', ({ similarityKept }) => estimateText(similarityKept)],
      ...(hasPass
        ? (['1', '10'] as const).map((k): [string, (row: MethodRow) => string] => [
            `pass@${k}`,
            ({ passAtK }) =>
              `${percentOrNone(passAtK?.[k]?.before ?? null)} → ${percentOrNone(passAtK?.[k]?.after ?? null)}`,
          ])
        : []),
      ['rate', ({ learningRates }) => learningRates.map((rate) => rate.toExponential(1)).join(', ')],
    ];
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    const heading = workspace === ALL_WORKSPACES ? 'Mean over the workspaces' : workspace;
    const seeds = Math.min(...own.map((row) => row.seeds));
    return [
      `## ${heading} (${seeds} ${seeds === 1 ? 'seed' : 'seeds'})`,
      '',
      line(columns.map(([name]) => name)),
      line(columns.map(() => '---')),
      ...own.map((row) => line(columns.map(([, text]) => text(row)))),
      '',
    ].join('\n');
  });
  return `# Methods\n\n${sections.join('\n')}\n${notes.map((note) => `- ${note}`).join('\n')}\n`;
}

/** One line for each run, means over its held-out files; what the table is made from, for a spreadsheet. */
export function runsCsv(cells: readonly MethodCell[]): string {
  const columns: [string, (cell: MethodCell, tokens: number) => string | number][] = [
    ['workspace', ({ workspace }) => workspace],
    ['method', ({ method }) => method],
    ['budget', ({ budget }) => budget ?? ''],
    ['seed', ({ seed }) => seed],
    ['learningRate', ({ learningRate }) => learningRate.toExponential(3)],
    ['heldOutTokens', (_, tokens) => tokens],
    ['lossBefore', ({ files }, tokens) => (sum(files.map((file) => file.natsBefore)) / tokens).toFixed(4)],
    ['lossAfter', ({ files }, tokens) => (sum(files.map((file) => file.natsAfter)) / tokens).toFixed(4)],
    ['rightBefore', ({ files }) => sum(files.map((file) => file.rightBefore))],
    ['rightAfter', ({ files }) => sum(files.map((file) => file.rightAfter))],
    ['places', ({ files }) => sum(files.map((file) => file.places))],
    ['restsBefore', ({ files }) => sum(files.map((file) => file.restsBefore))],
    ['restsAfter', ({ files }) => sum(files.map((file) => file.restsAfter))],
    ['operationsShare', ({ flops, referenceFlops }) => (flops / referenceFlops).toFixed(4)],
    ['cpuSeconds', ({ cpuMs }) => (cpuMs / 1000).toFixed(1)],
    ['wallSeconds', ({ wallMs }) => (wallMs / 1000).toFixed(1)],
    ['peakMiB', ({ peakMemoryBytes }) => (peakMemoryBytes / 2 ** 20).toFixed(0)],
    ['diskMiB', ({ diskBytes }) => (diskBytes / 2 ** 20).toFixed(0)],
    ['lines', ({ lines }) => lines?.length ?? ''],
    ['linesExact', ({ lines }) => lines?.filter(({ exactAfter }) => exactAfter).length ?? ''],
    ['editSimilarity', ({ lines }) => (lines ? mean(lines.map((line) => line.similarityAfter)).toFixed(4) : '')],
    ...['1', '10'].flatMap((k) =>
      (['before', 'after'] as const).map((side): [string, (cell: MethodCell) => string] => [
        `passAt${k}${side === 'before' ? 'Before' : 'After'}`,
        ({ passAtK }) => passAtK?.[k]?.[side]?.toFixed(4) ?? '',
      ]),
    ),
  ];
  // A workspace is a folder's name, and may hold anything.
  const quoted = (value: string | number) =>
    typeof value === 'string' && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);
  const lines = cells.map((cell) => {
    const tokens = sum(cell.files.map((file) => file.tokens));
    return columns.map(([, of]) => quoted(of(cell, tokens))).join(',');
  });
  return `${[columns.map(([name]) => name).join(','), ...lines].join('\n')}\n`;
}

function percent(share: number, digits = 0): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '–';
}

function percentOrNone(share: number | null): string {
  return share === null ? '–' : percent(share, 1);
}

function estimateText(estimate: Estimate | null, isDifference = false): string {
  if (!estimate) return '–';
  const number = (value: number) => `${isDifference && value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
  const { value, low, high } = estimate;
  return low === null || high === null ? `${number(value)} %` : `${number(value)} % [${number(low)}, ${number(high)}]`;
}

/** A colour and a mark for each method, so that neither alone has to tell them apart. */
const COLOURS = ['#1f6feb', '#b35900', '#1a7f37', '#8250df', '#cf222e', '#0a7d87', '#6e5494', '#57606a', '#9a6700'];
const MARKS = ['circle', 'square', 'diamond', 'triangle'] as const;

export interface ParetoOptions {
  /** What is across: counted operations or processor time, as a share of full fine-tuning's. */
  readonly across: 'flopsShare' | 'cpuShare';
  readonly title: string;
}

/**
 * Share of the loss improvement that is kept (up) against compute (across), with intervals, as an SVG that stands alone.
 * Rows over all workspaces where there are any; a line joins the points that no other beats at less compute.
 */
export function paretoSvg(rows: readonly MethodRow[], { across, title }: ParetoOptions): string {
  const isAll = rows.some(({ workspace }) => workspace === ALL_WORKSPACES);
  const shown = rows.filter((row) => (row.workspace === ALL_WORKSPACES) === isAll && row.lossKept !== null);
  const points = shown.map((row) => ({ ...row, x: row[across], kept: row.lossKept! }));
  // The names of methods with options stand beside the plot.
  const longest = Math.max(0, ...points.map(({ method }) => method.length));
  const [width, height] = [Math.max(760, 610 + 7 * longest), 460];
  const box = { left: 64, right: 560, top: 44, bottom: 408 };
  const highest = Math.max(1.05, ...points.map(({ kept }) => kept.high ?? kept.value));
  const lowest = Math.min(0.5, ...points.map(({ kept }) => kept.low ?? kept.value));
  const widest = Math.max(1.05, ...points.map(({ x }) => x));
  const [floor, ceiling] = [Math.floor(lowest * 10) / 10, Math.ceil(highest * 10) / 10];
  const right = Math.ceil(widest * 5) / 5;
  const px = (x: number) => box.left + ((box.right - box.left) * x) / right;
  const py = (y: number) => box.bottom - ((box.bottom - box.top) * (y - floor)) / (ceiling - floor);
  const at = (value: number) => value.toFixed(1);
  const text = (x: number, y: number, content: string, anchor = 'start', size = 12) =>
    `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" font-size="${size}">${escapeXml(content)}</text>`;

  const parts: string[] = [
    text(box.left, 24, title, 'start', 15),
    text(
      (box.left + box.right) / 2,
      height - 10,
      across === 'flopsShare'
        ? 'counted operations, share of full fine-tuning'
        : 'processor time, share of full fine-tuning',
      'middle',
    ),
    `<text transform="translate(16 ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle" font-size="12">share of the loss improvement kept</text>`,
  ];
  for (let x = 0; x <= right + 1e-9; x += 0.2) {
    parts.push(`<line x1="${at(px(x))}" x2="${at(px(x))}" y1="${box.top}" y2="${box.bottom}" stroke="#d0d7de"/>`);
    parts.push(text(px(x), box.bottom + 18, percent(x), 'middle'));
  }
  const yStep = ceiling - floor > 1.2 ? 0.2 : 0.1;
  for (let y = floor; y <= ceiling + 1e-9; y += yStep) {
    parts.push(`<line x1="${box.left}" x2="${box.right}" y1="${at(py(y))}" y2="${at(py(y))}" stroke="#d0d7de"/>`);
    parts.push(text(box.left - 8, py(y) + 4, percent(y), 'end'));
  }
  const front = paretoFront(points.map(({ x, kept }) => ({ x, y: kept.value })));
  if (front.length > 1) {
    const line = front.map(({ x, y }) => `${at(px(x))},${at(py(y))}`).join(' ');
    parts.push(`<polyline points="${line}" fill="none" stroke="#57606a" stroke-dasharray="4 3"/>`);
  }
  const methods = [...new Set(points.map(({ method }) => method))];
  for (const { method, budget, x, kept, missedBudget } of points) {
    const index = methods.indexOf(method);
    const colour = COLOURS[index % COLOURS.length];
    const name = `${method}${budget === null ? '' : ` at ${percent(budget)}`}: ${percent(kept.value, 1)} kept at ${percent(x, 1)}${missedBudget ? ', missed its budget' : ''}`;
    const interval =
      kept.low === null || kept.high === null
        ? ''
        : `<line x1="${at(px(x))}" x2="${at(px(x))}" y1="${at(py(kept.low))}" y2="${at(py(kept.high))}" stroke="${colour}"/>`;
    parts.push(
      `<g><title>${escapeXml(name)}</title>${interval}${mark(MARKS[index % MARKS.length], px(x), py(kept.value), colour, missedBudget)}</g>`,
    );
  }
  methods.forEach((method, index) => {
    const y = box.top + 12 + 22 * index;
    parts.push(mark(MARKS[index % MARKS.length], box.right + 24, y - 4, COLOURS[index % COLOURS.length], false));
    parts.push(text(box.right + 38, y, method));
  });
  if (points.some(({ missedBudget }) => missedBudget)) {
    parts.push(text(box.right + 14, box.top + 22 * methods.length + 20, 'hollow: missed its budget'));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" fill="#1f2328"><rect width="${width}" height="${height}" fill="#ffffff"/>${parts.join('')}</svg>\n`;
}

/** The points that no other beats: none has as much for less, or more for as much. In order of cost. */
export function paretoFront(points: readonly { readonly x: number; readonly y: number }[]): { x: number; y: number }[] {
  const front: { x: number; y: number }[] = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
    if (front.length === 0 || point.y > front[front.length - 1].y) front.push(point);
  }
  return front;
}

function mark(shape: (typeof MARKS)[number], x: number, y: number, colour: string, isHollow: boolean): string {
  const paint = `fill="${isHollow ? '#ffffff' : colour}" stroke="${colour}" stroke-width="1.5"`;
  const points = (list: readonly (readonly [number, number])[]) =>
    `<polygon points="${list.map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(' ')}" ${paint}/>`;
  if (shape === 'circle') return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5" ${paint}/>`;
  if (shape === 'square')
    return points([
      [-4.5, -4.5],
      [4.5, -4.5],
      [4.5, 4.5],
      [-4.5, 4.5],
    ]);
  if (shape === 'diamond')
    return points([
      [0, -6],
      [6, 0],
      [0, 6],
      [-6, 0],
    ]);
  return points([
    [0, -6],
    [5.5, 4.5],
    [-5.5, 4.5],
  ]);
}

function escapeXml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => names[character]);
}
