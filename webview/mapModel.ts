/** @file The error map as numbers: where each component stands, what it is worth at a step, scales, totals, exports. No DOM. */
import { atStep, type RunModel } from './state.ts';

export type MapValue = 'share' | 'rate' | 'mask' | 'activity' | 'staleness';
export const MAP_VALUES: readonly MapValue[] = ['share', 'rate', 'mask', 'activity', 'staleness'];

export type CellKind = 'head' | 'kv' | 'mlp' | 'norm' | 'lora' | 'embed' | 'finalNorm' | 'lmHead' | 'other';

/** A component as its id of src/rgft/components.ts describes it: `3.head.0`, `3.mlp`, `3.norm`, `3.lora.q_proj`, `embed`. */
export interface ComponentName {
  readonly id: string;
  readonly kind: CellKind;
  readonly layer: number | null;
  readonly index: number | null;
  /** Weight that an adapter belongs to. */
  readonly target: string | null;
}

export function nameComponent(id: string): ComponentName {
  const match = /^(\d{1,6})\.(head|kv|mlp|norm)(?:\.(\d{1,6}))?$/.exec(id);
  if (match) {
    const index = match[3] ? Number(match[3]) : null;
    return { id, kind: match[2] as CellKind, layer: Number(match[1]), index, target: null };
  }
  const adapter = /^(\d{1,6})\.lora\.(\w{1,40})$/.exec(id);
  if (adapter) return { id, kind: 'lora', layer: Number(adapter[1]), index: null, target: adapter[2] };
  const isKnown = id === 'embed' || id === 'finalNorm' || id === 'lmHead';
  return { id, kind: isKnown ? id : 'other', layer: null, index: null, target: null };
}

/** Where a component is drawn. Across: columns. Down: rows, each 1 high; a head and the group below it share a row. */
export interface PlacedCell extends ComponentName {
  /** Number in the run's list of components. */
  readonly component: number;
  readonly row: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Group of columns, -1 for a cell across all of them. */
  readonly group: number;
}

export interface MapLayout {
  readonly cells: readonly PlacedCell[];
  /** Cells of each row, from left to right, groups of keys and values after the heads. */
  readonly rows: readonly { readonly layer: number | null; readonly id: string; readonly cells: readonly number[] }[];
  /** `start` in columns; `kind` names the group. */
  readonly groups: readonly { readonly kind: CellKind; readonly start: number; readonly count: number }[];
  readonly numColumns: number;
  /** Numbers within their group; adapters by their weight. */
  readonly columnNames: readonly string[];
  readonly hasKeyValueGroups: boolean;
}

/** Share of a row's height that heads take above the key/value groups that they share. */
const HEAD_PART = 0.64;

/**
 * Layers downwards in the order of the forward pass. Columns are heads, MLP bands and norm; a key/value group lies below
 * the heads that share it. Rows of one component (embedding, final norm, LM head, ids of another version) span all columns.
 */
export function layoutMap(components: readonly string[]): MapLayout {
  const named = components.map(nameComponent);
  const targets = [...new Set(named.flatMap(({ target }) => target ?? []))];
  const names = named.map((name) => (name.target === null ? name : { ...name, index: targets.indexOf(name.target) }));
  const countOf = (kind: CellKind) =>
    names.reduce((most, name) => (name.kind === kind ? Math.max(most, (name.index ?? 0) + 1) : most), 0);
  const numHeads = Math.max(countOf('head'), countOf('kv'));
  const numKeyValue = countOf('kv');
  const groups: { kind: CellKind; start: number; count: number }[] = [];
  let numColumns = 0;
  for (const [kind, count] of [
    ['head', numHeads],
    ['mlp', countOf('mlp')],
    ['norm', countOf('norm')],
    ['lora', targets.length],
  ] as const) {
    if (count > 0) groups.push({ kind, start: numColumns, count });
    numColumns += count;
  }
  numColumns = Math.max(numColumns, 1);

  const rows: { layer: number | null; id: string; cells: number[] }[] = [];
  const rowOfLayer = new Map<number, number>();
  const cells = names.map((name, component): PlacedCell => {
    const isInLayer = name.layer !== null;
    let row = isInLayer ? rowOfLayer.get(name.layer!) : undefined;
    if (row === undefined) {
      row = rows.push({ layer: name.layer, id: isInLayer ? String(name.layer) : name.id, cells: [] }) - 1;
      if (isInLayer) rowOfLayer.set(name.layer!, row);
    }
    rows[row].cells.push(component);
    const whole = { ...name, component, row, top: row, bottom: row + 1 };
    if (!isInLayer) return { ...whole, left: 0, right: numColumns, group: -1 };
    const group = groups.findIndex(({ kind }) => kind === (name.kind === 'kv' ? 'head' : name.kind));
    const { start } = groups[group];
    const index = name.index ?? 0;
    if (name.kind === 'kv') {
      const span = numHeads / numKeyValue;
      return { ...whole, group, top: row + HEAD_PART, left: start + index * span, right: start + (index + 1) * span };
    }
    const bottom = name.kind === 'head' && numKeyValue > 0 ? row + HEAD_PART : row + 1;
    return { ...whole, group, bottom, left: start + index, right: start + index + 1 };
  });
  const columnNames = groups.flatMap(({ kind, count }) =>
    kind === 'lora' ? targets : Array.from({ length: count }, (_, i) => String(i)),
  );
  return { cells, rows, groups, numColumns, columnNames, hasKeyValueGroups: numKeyValue > 0 };
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The cell that an arrow key leads to, or the same one at an edge. */
export function neighbourOf(layout: MapLayout, current: number, direction: Direction): number {
  const cell = layout.cells[current];
  const isAcross = direction === 'left' || direction === 'right';
  const rows = isAcross ? [cell.row] : [cell.row - 1, cell.row, cell.row + 1];
  let best = current;
  let shortest = Infinity;
  for (const row of rows) {
    for (const candidate of layout.rows[row]?.cells ?? []) {
      const distance = distanceTo(cell, layout.cells[candidate], direction);
      if (candidate !== current && distance < shortest) [best, shortest] = [candidate, distance];
    }
  }
  return best;
}

/** Distance in the direction, how far beside counting little; Infinity for what does not lie there. */
function distanceTo(from: PlacedCell, to: PlacedCell, direction: Direction): number {
  const overlapAcross = Math.min(from.right, to.right) - Math.max(from.left, to.left) > 1e-9;
  const overlapDown = Math.min(from.bottom, to.bottom) - Math.max(from.top, to.top) > 1e-9;
  const beside = Math.abs(from.left - to.left) * 1e-3 + Math.abs(from.top - to.top) * 1e-3;
  const gap = {
    left: overlapDown ? from.left - to.right : Number.NaN,
    right: overlapDown ? to.left - from.right : Number.NaN,
    up: overlapAcross ? from.top - to.bottom : Number.NaN,
    down: overlapAcross ? to.top - from.bottom : Number.NaN,
  }[direction];
  return gap >= -1e-9 ? gap + beside : Infinity;
}

/**
 * The value of every component at a step; NaN where nothing is known: never measured, no mask yet.
 * - `share`: `Êc` of the newest measurement; `rate` and `mask`: of the newest mask;
 * - `activity`: share of the steps since the first mask, up to `step`, in which the mask was 1;
 * - `staleness`: steps since it was measured.
 */
export function mapValues(model: RunModel, value: MapValue, step: number): Float64Array {
  const values = new Float64Array(model.components.length).fill(Number.NaN);
  if (value === 'share' || value === 'staleness') {
    const map = atStep(model.maps, step);
    if (!map) return values;
    for (let c = 0; c < values.length; c++) {
      if (map.measuredSteps[c] < 0) continue;
      values[c] = value === 'share' ? map.shares[c] : step - map.measuredSteps[c];
    }
    return values;
  }
  const mask = atStep(model.masks, step);
  if (!mask) return values;
  if (value === 'rate') return mask.lrScale;
  if (value === 'mask') return values.map((_, c) => mask.mask[c]);
  const numSteps = step - model.masks[0].step;
  if (numSteps <= 0) return values;
  const since = step - mask.step;
  return values.map((_, c) => (mask.activeStepsBefore[c] + (mask.mask[c] === 1 ? since : 0)) / numSteps);
}

/** `values - others`, components paired by id; NaN where one side does not have it. */
export function differenceOf(
  components: readonly string[],
  values: Float64Array,
  otherComponents: readonly string[],
  others: Float64Array,
): Float64Array {
  const places = otherComponents === components ? null : new Map(otherComponents.map((id, i) => [id, i]));
  return values.map((value, c) => value - (others[places ? (places.get(components[c]) ?? -1) : c] ?? Number.NaN));
}

export interface MapScale {
  readonly lowest: number;
  readonly highest: number;
  readonly isLogarithmic: boolean;
  /** Symmetric about 0, for differences. */
  readonly isDiverging: boolean;
}

/** Largest quotient of a logarithmic scale's ends: below, everything has the palest colour. */
const LARGEST_SPAN = 1e5;

/**
 * Ends of the colour scale.
 *
 * @param clipPercent 100: the extremes; 95: the values at the 5th and the 95th percentile
 */
export function scaleOf(
  values: Float64Array,
  options: { readonly isLogarithmic: boolean; readonly clipPercent: number; readonly isDiverging: boolean },
): MapScale {
  const { isLogarithmic, clipPercent, isDiverging } = options;
  if (isDiverging) {
    const sizes = values.filter(Number.isFinite).map(Math.abs).sort();
    const highest = percentile(sizes, clipPercent) || 1;
    return { lowest: -highest, highest, isLogarithmic: false, isDiverging };
  }
  const sorted = values.filter((value) => Number.isFinite(value) && (!isLogarithmic || value > 0)).sort();
  if (sorted.length === 0) return { lowest: isLogarithmic ? 0.1 : 0, highest: 1, isLogarithmic, isDiverging };
  const highest = percentile(sorted, clipPercent);
  const lowest = percentile(sorted, 100 - clipPercent);
  if (isLogarithmic) {
    return { lowest: Math.max(lowest, highest / LARGEST_SPAN), highest, isLogarithmic, isDiverging };
  }
  return { lowest, highest, isLogarithmic, isDiverging };
}

/** Linear between the neighbours. @param sorted rising */
export function percentile(sorted: Float64Array, percent: number): number {
  if (sorted.length === 0) return 0;
  const place = ((sorted.length - 1) * Math.min(100, Math.max(0, percent))) / 100;
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** 0 at the lower end of the scale, 1 at the upper; NaN for NaN. One value alone stands in the middle. */
export function placeOnScale(value: number, { lowest, highest, isLogarithmic }: MapScale): number {
  if (Number.isNaN(value)) return Number.NaN;
  if (!(highest > lowest)) return value > highest ? 1 : value < lowest ? 0 : 0.5;
  const place = isLogarithmic
    ? value > 0
      ? Math.log(value / lowest) / Math.log(highest / lowest)
      : 0
    : (value - lowest) / (highest - lowest);
  return Math.min(1, Math.max(0, place));
}

/** Values that add up; of the others a mean is shown at the margins. */
export function isAdditive(value: MapValue): boolean {
  return value === 'share' || value === 'mask';
}

export interface Totals {
  /** By row of the layout. */
  readonly rows: Float64Array;
  /** By column: heads, bands and norm of all layers. */
  readonly columns: Float64Array;
}

/** Sums (or means) of rows and columns; key/value groups count in their rows only. NaN where nothing is known. */
export function totalsOf(layout: MapLayout, values: Float64Array, isSum: boolean): Totals {
  const rows = new Float64Array(layout.rows.length);
  const columns = new Float64Array(layout.numColumns);
  const inRow = new Float64Array(rows.length);
  const inColumn = new Float64Array(columns.length);
  for (const cell of layout.cells) {
    const value = values[cell.component];
    if (Number.isNaN(value)) continue;
    rows[cell.row] += value;
    inRow[cell.row]++;
    if (cell.group < 0 || cell.kind === 'kv') continue;
    columns[cell.left] += value;
    inColumn[cell.left]++;
  }
  const finish = (totals: Float64Array, counts: Float64Array) =>
    totals.map((total, i) => (counts[i] === 0 ? Number.NaN : isSum ? total : total / counts[i]));
  return { rows: finish(rows, inRow), columns: finish(columns, inColumn) };
}

/** Everything about every component at a step, as records. */
export function recordsAt(model: RunModel, step: number) {
  const columns = Object.fromEntries(MAP_VALUES.map((value) => [value, mapValues(model, value, step)]));
  const map = atStep(model.maps, step);
  return model.components.map((id, c) => {
    const { kind, layer, index } = nameComponent(id);
    return {
      component: id,
      kind,
      layer,
      index,
      share: columns.share[c],
      rateMultiplier: columns.rate[c],
      mask: columns.mask[c],
      activeFraction: columns.activity[c],
      measuredStep: map && map.measuredSteps[c] >= 0 ? map.measuredSteps[c] : null,
      staleness: columns.staleness[c],
    };
  });
}

/** CSV (RFC 4180) of records with the same keys; what is not known is empty. */
export function toCsv(records: readonly Readonly<Record<string, unknown>>[]): string {
  if (records.length === 0) return '';
  const names = Object.keys(records[0]);
  const field = (value: unknown) => {
    if (value === null || value === undefined || Number.isNaN(value)) return '';
    const text = String(value);
    // A text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers.
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [names, ...records.map((record) => names.map((name) => record[name]))]
    .map((row) => row.map(field).join(','))
    .join('\r\n')
    .concat('\r\n');
}
