/** @file A line chart: uPlot with the theme's colours, marks on the x-axis, and a text for those who do not see it. */
import uPlot from 'uplot';
import { element } from './dom.ts';
import { formatSignificant } from './format.ts';
import type { Theme } from './theme.ts';

export interface ChartLine {
  readonly label: string;
  /** By rising x. */
  readonly x: readonly number[];
  /** Values that are not finite leave a gap. */
  readonly y: readonly number[];
  readonly colour: string;
  /** @default false */
  readonly isDashed?: boolean;
  /** Holds its value until the next. @default false */
  readonly isStepped?: boolean;
  /** @default false */
  readonly hasDots?: boolean;
  /** Px. @default 1.5 */
  readonly width?: number;
}

export interface ChartContent {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly ChartLine[];
  readonly xLabel: string;
  /** Vertical lines with a text. */
  readonly marks: readonly { readonly x: number; readonly text: string }[];
  readonly theme: Theme;
  /** Px of the picture without title and legend. */
  readonly height: number;
  /** @default three significant digits */
  readonly formatY?: (value: number) => string;
  /** A sentence below the title. @default none */
  readonly note?: string;
}

export interface LineChart {
  readonly element: HTMLElement;
  readonly draw: (content: ChartContent) => void;
}

export function createLineChart(): LineChart {
  const title = element('strong');
  const unit = element('span', { class: 'unit' });
  const note = element('span', { class: 'note' });
  const holder = element('div', { class: 'plot' });
  const figure = element('figure', { class: 'chart' }, element('figcaption', {}, title, ' ', unit, note), holder);
  let plot: uPlot | null = null;
  let structure = '';
  let content: ChartContent | null = null;
  let isZoomed = false;
  let width = 0;

  new ResizeObserver(() => {
    const next = Math.floor(holder.clientWidth);
    if (next === 0 || next === width) return;
    width = next;
    if (plot && content) plot.setSize({ width, height: content.height });
    else if (content) draw(content);
  }).observe(holder);

  function draw(next: ChartContent): void {
    content = next;
    title.textContent = next.title;
    unit.textContent = next.unit;
    note.textContent = next.note ?? '';
    if (width === 0) width = Math.floor(holder.clientWidth);
    if (width === 0) return;
    const { series, theme, xLabel, height } = next;
    const wanted = JSON.stringify([
      xLabel,
      height,
      theme.foreground,
      theme.background,
      series.map(({ label, colour, isDashed, isStepped, hasDots }) => [label, colour, isDashed, isStepped, hasDots]),
    ]);
    const data = align(series);
    if (plot && wanted === structure) {
      plot.setData(data, !isZoomed);
      if (isZoomed) plot.redraw();
    } else {
      plot?.destroy();
      holder.replaceChildren();
      isZoomed = false;
      structure = wanted;
      plot = new uPlot(optionsOf(next), data, holder);
      plot.over.addEventListener('dblclick', () => {
        isZoomed = false;
      });
    }
    plot.ctx.canvas.setAttribute('role', 'img');
    plot.ctx.canvas.setAttribute('aria-label', descriptionOf(next));
  }

  function optionsOf(first: ChartContent): uPlot.Options {
    const { series, theme, xLabel, height } = first;
    const fontText = `11px ${theme.fontFamily}`;
    const axis = {
      stroke: theme.muted,
      font: fontText,
      grid: { stroke: theme.grid, width: 1 },
      ticks: { stroke: theme.grid, width: 1, size: 4 },
    };
    const formatY = (value: number) => (content?.formatY ?? formatSignificant)(value);
    return {
      width,
      height,
      padding: [10, 12, 0, 0],
      scales: { x: { time: false } },
      cursor: { y: false, drag: { x: true, y: false } },
      legend: {
        show: true,
        markers: { width: 0, fill: (_, number) => markerOf(series[number - 1]) },
      },
      axes: [
        { ...axis, size: 30, values: (_, ticks) => ticks.map((tick) => formatTick(tick)) },
        {
          ...axis,
          size: (_, values) => 14 + 6.4 * Math.max(3, ...(values ?? []).map(({ length }) => length)),
          values: (_, ticks) => ticks.map(formatY),
        },
      ],
      series: [
        { label: xLabel, value: (self, value, number) => legendText(self, value, number, formatTick) },
        ...series.map(
          (line): uPlot.Series => ({
            label: line.label,
            stroke: line.colour,
            width: line.width ?? 1.5,
            dash: line.isDashed ? [5, 4] : undefined,
            paths: line.isStepped ? uPlot.paths.stepped!({ align: 1 }) : undefined,
            points: { show: line.hasDots ?? false, size: 6, fill: line.colour },
            value: (self, value, number) => legendText(self, value, number, formatY),
          }),
        ),
      ],
      hooks: {
        draw: [(self) => drawMarks(self)],
        setSelect: [
          (self) => {
            if (self.select.width > 0) isZoomed = true;
          },
        ],
      },
    };
  }

  function drawMarks(self: uPlot): void {
    if (!content) return;
    const { ctx, bbox } = self;
    ctx.save();
    ctx.strokeStyle = content.theme.foreground;
    ctx.fillStyle = content.theme.foreground;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([3 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    ctx.font = `${11 * uPlot.pxRatio}px ${content.theme.fontFamily}`;
    ctx.textBaseline = 'top';
    content.marks.forEach(({ x, text }, number) => {
      const at = self.valToPos(x, 'x', true);
      if (!(at >= bbox.left - 1 && at <= bbox.left + bbox.width + 1)) return;
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
      const isRight = at > bbox.left + bbox.width / 2;
      ctx.textAlign = isRight ? 'right' : 'left';
      ctx.fillText(text, at + (isRight ? -5 : 5) * uPlot.pxRatio, bbox.top + (2 + 14 * number) * uPlot.pxRatio);
    });
    ctx.restore();
  }

  return { element: figure, draw };
}

/** Background of a line's key: dashed as the line is. */
function markerOf(line: ChartLine | undefined): string {
  if (!line) return 'transparent';
  return line.isDashed ? `repeating-linear-gradient(90deg, ${line.colour} 0 4px, transparent 4px 6px)` : line.colour;
}

/** The value under the pointer; without a pointer the last one that there is. */
function legendText(self: uPlot, value: number | null, number: number, format: (value: number) => string): string {
  const isPointing = typeof self.cursor.idx === 'number';
  const shown = isPointing
    ? value
    : (self.data[number] as (number | null)[]).findLast((one) => typeof one === 'number');
  return typeof shown === 'number' ? format(shown) : '–';
}

function formatTick(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

/** One list of x for all lines; what a line has no value for there is no gap in it. */
function align(series: readonly ChartLine[]): uPlot.AlignedData {
  const tables = series.map(
    ({ x, y }): uPlot.AlignedData => [[...x], y.map((value) => (Number.isFinite(value) ? value : null))],
  );
  if (tables.length === 0) return [[]];
  const isShared = series.every(({ x }) => x === series[0].x);
  return isShared ? [tables[0][0], ...tables.map((part) => part[1])] : uPlot.join(tables);
}

/** First, last, lowest and highest of each line as a sentence. */
function descriptionOf({ title, unit, series, formatY = formatSignificant }: ChartContent): string {
  const lines = series.map(({ label, y }) => {
    const finite = y.filter(Number.isFinite);
    if (finite.length === 0) return `${label}: no values`;
    let [lowest, highest] = [finite[0], finite[0]];
    for (const value of finite) [lowest, highest] = [Math.min(lowest, value), Math.max(highest, value)];
    return `${label}: from ${formatY(finite[0])} to ${formatY(finite.at(-1)!)}, between ${formatY(lowest)} and ${formatY(highest)}`;
  });
  return `${title}${unit ? ` (${unit})` : ''}. ${lines.join('; ')}.`;
}
