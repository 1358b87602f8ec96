/**
 * @file The report's pictures as inline SVG. Positions across are percentages and everything that is read (text, dots,
 * strokes) has a size in pixels, so that a picture fills whatever width there is without shrinking its letters.
 */
import {
  type Content,
  formatChange,
  formatCount,
  formatShare,
  formatSignificant,
  html,
  type Markup,
} from './reportMarkup.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  /** Shown in the legend. */
  readonly label: string;
  /** Class of the style sheet: `raw`, `smooth` or `heldOut`. */
  readonly style: string;
  /** By rising x. Points that are not finite leave a gap. */
  readonly points: readonly Point[];
  /** Text of a dot at each point, seen when the mouse rests on it. @default no dots */
  readonly dotText?: (point: Point) => string;
}

export interface LineChart {
  readonly title: string;
  /** Unit of the vertical axis. */
  readonly unit: string;
  /** What the picture shows, for those who do not see it. */
  readonly description: string;
  readonly series: readonly Series[];
  /** Last step of the horizontal axis, which starts at 0. */
  readonly lastStep: number;
  readonly heightPx: number;
  /** Vertical range that must be visible; values outside leave the picture. */
  readonly range: readonly [lowest: number, highest: number];
  /** @default false */
  readonly logarithmic?: boolean;
  /** A point to point out. @default none */
  readonly mark?: Point & { readonly text: string };
  /** @default how an axis' numbers are usually written */
  readonly formatTick?: (value: number) => string;
}

/** A line chart over steps, with axes, legend and marks. */
export function lineChart(chart: LineChart): Markup {
  const { title, unit, description, series, lastStep, heightPx, mark } = chart;
  const isLarge = heightPx > 200;
  const axis = chart.logarithmic ? logarithmicAxis(...chart.range) : linearAxis(...chart.range, isLarge ? 8 : 4);
  const formatTick = chart.formatTick ?? axis.format;
  const across = (x: number) => round((100 * x) / Math.max(lastStep, 1));
  const down = (y: number) => round(100 * (1 - axis.place(y)));
  const steps = ticksBetween(0, Math.max(lastStep, 1), isLarge ? 8 : 4).filter(Number.isInteger);
  const markAnchor = anchorAt(mark ? across(mark.x) : 0);
  const isInside = ({ x, y }: Point) => Number.isFinite(y) && axis.place(y) >= 0 && axis.place(y) <= 1 && x <= lastStep;

  return html`<figure class="chart">
<figcaption><strong>${title}</strong> <span class="unit">${unit}</span>${
    series.length > 1
      ? html`<span class="legend">${series.map(({ label, style }) => legendKey(label, style))}</span>`
      : null
  }</figcaption>
<div class="plot" style="height:${heightPx}px"><svg width="100%" height="100%" role="img" aria-label="${description}">
${axis.ticks.map(
  (tick) =>
    html`<line class="grid" x1="0" x2="100%" y1="${down(tick)}%" y2="${down(tick)}%"/><text class="tick" x="0" y="${down(tick)}%" dx="-8" dy="4" text-anchor="end">${formatTick(tick)}</text>`,
)}
${steps.map(
  (step) =>
    html`<line class="axis" x1="${across(step)}%" x2="${across(step)}%" y1="100%" y2="100%" transform="translate(0 4)"/><text class="tick" x="${across(step)}%" y="100%" dy="18" text-anchor="middle">${formatCount(step)}</text>`,
)}
<line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/>
<svg width="100%" height="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none">${series.map(
    ({ style, points }) =>
      html`<path class="line ${style}" d="${pathOf(
        points,
        (x) => 10 * across(x),
        (y) => 10 * down(y),
      )}"/>`,
  )}</svg>
${series.map(({ style, points, dotText }) =>
  dotText
    ? points
        .filter(isInside)
        .map(
          (point) =>
            html`<circle class="dot ${style}" cx="${across(point.x)}%" cy="${down(point.y)}%" r="3.5"><title>${dotText(point)}</title></circle>`,
        )
    : null,
)}
${
  mark && isInside(mark)
    ? html`<line class="leader" x1="${across(mark.x)}%" x2="${across(mark.x)}%" y1="${down(mark.y)}%" y2="100%"/><circle class="mark" cx="${across(mark.x)}%" cy="${down(mark.y)}%" r="7"/><text class="markText" x="${across(mark.x)}%" y="100%" dx="${markAnchor.dx}" dy="-8" text-anchor="${markAnchor.anchor}">${mark.text}</text>`
    : null
}
</svg></div>
<p class="axisTitle">step</p>
</figure>`;
}

/** A text beside a vertical line, on the side that has room for it; in the middle the text stands on the line. */
function anchorAt(percent: number): { anchor: string; dx: number } {
  if (percent > 70) return { anchor: 'end', dx: -8 };
  return percent < 30 ? { anchor: 'start', dx: 8 } : { anchor: 'middle', dx: 0 };
}

function legendKey(label: string, style: string): Markup {
  const dot = style === 'heldOut' ? html`<circle class="dot heldOut" cx="13" cy="6" r="3.5"/>` : null;
  return html`<span class="key"><svg width="26" height="12" aria-hidden="true"><path class="line ${style}" d="M0 6H26"/>${dot}</svg>${label}</span>`;
}

/** A path through the points; runs of points that are not finite interrupt it. */
function pathOf(points: readonly Point[], across: (x: number) => number, down: (y: number) => number): string {
  let path = '';
  let isDrawing = false;
  for (const { x, y } of points) {
    if (!Number.isFinite(y)) {
      isDrawing = false;
      continue;
    }
    path += `${isDrawing ? 'L' : 'M'}${round(across(x))} ${round(down(y))}`;
    isDrawing = true;
  }
  return path;
}

interface Axis {
  readonly ticks: readonly number[];
  /** 0 at the lower end, 1 at the upper. */
  readonly place: (value: number) => number;
  readonly format: (value: number) => string;
}

/** Room beside the range of an axis, as a share of it; below, it takes the text of a mark. */
const AIR_BELOW = 0.14;
export const AIR_ABOVE = 0.06;

/** An axis with a little air at both ends. */
function linearAxis(lowest: number, highest: number, count: number): Axis {
  const span = highest - lowest || Math.abs(highest) || 1;
  const start = highest > lowest && lowest >= 0 && lowest < 0.3 * span ? 0 : lowest - AIR_BELOW * span;
  const end = highest + AIR_ABOVE * span;
  const ticks = ticksBetween(start, end, count);
  const stepSize = ticks.length > 1 ? ticks[1] - ticks[0] : span;
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(stepSize) + 1e-9)));
  const format = (value: number) =>
    Math.abs(value) >= 1e6 || (value !== 0 && stepSize < 1e-3) ? value.toExponential(1) : value.toFixed(decimals);
  return { ticks, place: (value) => (value - start) / (end - start), format };
}

/** @param lowest above 0 */
function logarithmicAxis(lowest: number, highest: number): Axis {
  const start = Math.log10(lowest) - 0.05;
  const end = Math.max(Math.log10(highest) + 0.05, start + 0.1);
  const ticks: number[] = [];
  const every = Math.max(1, Math.ceil((end - start) / 5));
  const inDecade = end - start < 2 ? [1, 2, 5] : [1];
  for (let power = Math.floor(start); power <= end; power++) {
    if (power % every !== 0) continue;
    for (const digit of inDecade) {
      const tick = digit * 10 ** power;
      if (Math.log10(tick) >= start && Math.log10(tick) <= end) ticks.push(tick);
    }
  }
  const format = (value: number) =>
    value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(1))) : value.toExponential(0);
  return { ticks, place: (value) => (Math.log10(value) - start) / (end - start), format };
}

/** Round numbers (1, 2 or 5 times a power of ten apart) from `start` to `end`, about `count` of them. */
export function ticksBetween(start: number, end: number, count: number): number[] {
  const rough = (end - start) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [start];
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  const size = factor * power;
  const first = Math.ceil(start / size - 1e-9);
  const last = Math.floor(end / size + 1e-9);
  // Tick numbers times size, not a running sum: 3 * 0.1 accumulates an error that shows in labels.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * size).toPrecision(12)));
}

/** At most about `limit` points; each stretch keeps its lowest and its highest, so that no spike disappears. */
export function thinned(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points;
  const stretch = Math.ceil((2 * points.length) / limit);
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch).filter(({ y }) => Number.isFinite(y));
    if (part.length === 0) continue;
    const lowest = part.reduce((a, b) => (b.y < a.y ? b : a));
    const highest = part.reduce((a, b) => (b.y > a.y ? b : a));
    kept.push(...(lowest.x <= highest.x ? [lowest, highest] : [highest, lowest]));
  }
  return kept;
}

/** Mean over the `window` (odd) points around each point, fewer at the ends; what is not finite does not count. */
export function smoothed(points: readonly Point[], window: number): Point[] {
  const half = (window - 1) / 2;
  // Sums from the start: a mean is then a difference of two of them, however wide the window.
  const sums = new Float64Array(points.length + 1);
  const counts = new Int32Array(points.length + 1);
  points.forEach(({ y }, i) => {
    sums[i + 1] = sums[i] + (Number.isFinite(y) ? y : 0);
    counts[i + 1] = counts[i] + (Number.isFinite(y) ? 1 : 0);
  });
  return points.map(({ x }, i) => {
    const start = Math.max(0, i - half);
    const end = Math.min(points.length, i + half + 1);
    return { x, y: (sums[end] - sums[start]) / (counts[end] - counts[start]) };
  });
}

// --- the error map

/** Colours of the scale; `q0` is the lowest. */
export const NUM_COLOURS = 10;
/** Shares more than this factor below the largest have the lowest colour: without a limit one stray cell, a million times
 * smaller than the rest, would take all colours for itself. */
const LARGEST_SPAN = 1e4;

/** Which colour a share has; one scale for all maps that are to be compared. */
export interface ColourScale {
  /** Lower end of the lowest colour. */
  readonly lowest: number;
  /** Upper end of the highest colour. */
  readonly highest: number;
  /** Shares below `lowest` exist, and have the lowest colour too. */
  readonly isCut: boolean;
}

export function colourScale(shares: readonly number[]): ColourScale {
  const positive = shares.filter((share) => share > 0 && Number.isFinite(share));
  const highest = positive.reduce((a, b) => Math.max(a, b), 0) || 1;
  const smallest = positive.reduce((a, b) => Math.min(a, b), highest);
  const lowest = Math.min(Math.max(smallest, highest / LARGEST_SPAN), highest / 1.001);
  return { lowest, highest, isCut: smallest < lowest };
}

/** Number of the colour, equal steps of the logarithm. */
export function colourOf(share: number, { lowest, highest }: ColourScale): number {
  if (!(share > lowest)) return 0;
  const place = Math.log(share / lowest) / Math.log(highest / lowest);
  return Math.min(NUM_COLOURS - 1, Math.floor(place * NUM_COLOURS));
}

export interface MapCell {
  /** Where it stands: column `column` of the group, or across the whole row with group `null`. */
  readonly group: string | null;
  readonly column: number;
  /** Share of the error; NaN for never measured. */
  readonly share: number;
  readonly isActive: boolean;
  /** Seen when the mouse rests on it. */
  readonly text: string;
}

export interface MapRow {
  readonly label: string;
  readonly cells: readonly MapCell[];
  /** Sum of the shares in the row. */
  readonly total: number;
}

export interface HeatMap {
  readonly title: Content;
  readonly description: string;
  readonly rows: readonly MapRow[];
  /** Groups of columns from left to right, with the numbers of their columns and what stands above them. */
  readonly groups: readonly {
    readonly name: string;
    readonly heading: string;
    readonly columns: readonly { readonly column: number; readonly label: string }[];
  }[];
  readonly scale: ColourScale;
  /** Largest row total of all maps that are to be compared. */
  readonly largestTotal: number;
}

/** Empty columns between two groups. */
const GROUP_GAP = 0.6;
const HEADING_PX = 34;
/** Column numbers of a group that are written, at most. */
const NUMBERED_COLUMNS = 7;
const LONGEST_BAR_PX = 40;

/** Components as coloured cells, layers downwards, with the total of each row at its right. */
export function heatMap({ title, description, rows, groups, scale, largestTotal }: HeatMap): Markup {
  const numColumns = groups.reduce((sum, { columns }) => sum + columns.length, 0);
  const units = Math.max(1, numColumns + GROUP_GAP * Math.max(0, groups.length - 1));
  const percent = (columns: number) => round((100 * columns) / units);
  const starts = new Map<string, number>();
  let start = 0;
  for (const { name, columns } of groups) {
    starts.set(name, start);
    start += columns.length + GROUP_GAP;
  }
  const places = new Map(
    groups.flatMap(({ name, columns }) =>
      columns.map(({ column }, i): [string, number] => [`${name} ${column}`, starts.get(name)! + i]),
    ),
  );
  const rowPx = rows.length > 48 ? 14 : 20;
  const cellMarkup = (cell: MapCell, topPx: number): Markup => {
    const left = cell.group === null ? 0 : places.get(`${cell.group} ${cell.column}`)!;
    const width = cell.group === null ? units : 1;
    const colour = Number.isFinite(cell.share) ? `q${colourOf(cell.share, scale)}` : 'unmeasured';
    // The outline stands off the colour, so that it is seen around light and dark cells alike.
    const outline = cell.isActive
      ? html`<rect class="active" x="${percent(left + 0.03)}%" y="${topPx + 1}" width="${percent(width - 0.06)}%" height="${rowPx - 2}"/>`
      : null;
    return html`<g><title>${cell.text}</title>${outline}<rect class="${colour}" x="${percent(left + 0.13)}%" y="${topPx + 3.5}" width="${percent(width - 0.26)}%" height="${rowPx - 7}"/></g>`;
  };

  return html`<figure class="map">
<figcaption>${title}</figcaption>
<div class="mapPlot"><svg width="100%" height="${HEADING_PX + rowPx * rows.length}" role="img" aria-label="${description}">
${groups.map(({ name, heading, columns }) => {
  const isNarrow = columns.length === 1;
  const x = percent(starts.get(name)! + (isNarrow ? 0 : columns.length / 2));
  const every = Math.ceil(columns.length / NUMBERED_COLUMNS);
  const numbers = columns.map(({ label }, i) =>
    isNarrow || i % every !== 0
      ? null
      : html`<text class="columnNumber" x="${percent(starts.get(name)! + i + 0.5)}%" y="29" text-anchor="middle">${label}</text>`,
  );
  return html`<text class="tick" x="${x}%" y="14" text-anchor="${isNarrow ? 'start' : 'middle'}">${heading}</text>${numbers}`;
})}
<text class="tick" x="100%" y="14" dx="${LONGEST_BAR_PX + 56}" text-anchor="end">row total</text>
${rows.map(({ label, cells, total }, r) => {
  const topPx = HEADING_PX + r * rowPx;
  const barPx = largestTotal > 0 && total > 0 ? round((LONGEST_BAR_PX * total) / largestTotal) : 0;
  return html`<text class="tick" x="0" y="${topPx + rowPx / 2 + 4}" dx="-8" text-anchor="end">${label}</text>${cells.map((cell) => cellMarkup(cell, topPx))}<rect class="total" x="100%" y="${topPx + 4}" width="${barPx}" height="${rowPx - 8}" transform="translate(8 0)"/><text class="tick" x="100%" y="${topPx + rowPx / 2 + 4}" dx="${LONGEST_BAR_PX + 56}" text-anchor="end">${formatShare(total)}</text>`;
})}
</svg></div>
</figure>`;
}

/** The colours with what they stand for, the outline, and, if there is any, the sign for what was never measured. */
export function heatMapLegend(scale: ColourScale, hasUnmeasured: boolean): Markup {
  const { lowest, highest, isCut } = scale;
  const share = (value: number) => `${formatSignificant(100 * value)} %`;
  const width = 27;
  const middle = Math.sqrt(lowest * highest);
  return html`<div class="mapLegend"><span>Share of the error, logarithmic</span>
<svg width="${width * NUM_COLOURS}" height="30" role="img" aria-label="${`Colours from ${share(lowest)}${isCut ? ' and less' : ''} to ${share(highest)}`}">${Array.from(
    { length: NUM_COLOURS },
    (_, i) => html`<rect class="q${i}" x="${i * width}" y="0" width="${width}" height="13"/>`,
  )}<text class="tick" x="0" y="27">${isCut ? `≤ ${share(lowest)}` : share(lowest)}</text><text class="tick" x="${(width * NUM_COLOURS) / 2}" y="27" text-anchor="middle">${share(middle)}</text><text class="tick" x="${width * NUM_COLOURS}" y="27" text-anchor="end">${share(highest)}</text></svg>
<span class="key"><svg width="26" height="18" aria-hidden="true"><rect class="active" x="1" y="1" width="24" height="16"/><rect class="q4" x="4" y="4" width="18" height="10"/></svg>outlined: updated</span>${
    hasUnmeasured
      ? html`<span class="key"><svg width="26" height="18" aria-hidden="true"><rect class="unmeasured" x="4" y="4" width="18" height="10"/></svg>never measured</span>`
      : null
  }</div>`;
}

/** Before and after as two dots on a line, on a scale from 0 to `largest`. */
export function beforeAfter(before: number, after: number, largest: number): Markup | null {
  if (!Number.isFinite(before) || !Number.isFinite(after) || !(largest > 0)) return null;
  const across = (value: number) => round(4 + (92 * value) / largest);
  return html`<svg class="beforeAfter" width="120" height="14" role="img" aria-label="${formatChange((after - before) / before)}"><line class="line" x1="${across(before)}%" x2="${across(after)}%" y1="7" y2="7"/><circle class="before" cx="${across(before)}%" cy="7" r="3.5"/><circle class="after" cx="${across(after)}%" cy="7" r="3.5"/></svg>`;
}

/** Two decimals are a hundredth of a percent, less than a pixel; more only makes files larger. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
