/** @file Draws the error map on a canvas: cells, row and column names, totals at the margins. Knows pixels and no DOM around it. */
import { formatCount, formatMapValue, formatShort } from './format.ts';
import { type CellKind, type MapLayout, type MapScale, type MapValue, placeOnScale, type Totals } from './mapModel.ts';
import { KIND_TEXT, TEXT } from './strings.ts';
import { type Theme, textColourOn } from './theme.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything stands, in CSS pixels. Made anew when the run or the width changes, not for a new value. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  /** By cell of the layout. */
  readonly boxes: readonly Box[];
  readonly rowTops: readonly number[];
  readonly rowHeight: number;
  readonly columnWidth: number;
  readonly labelWidth: number;
  readonly gridRight: number;
  readonly gridBottom: number;
  /** Left edge of each column, group gaps included. */
  readonly columnLefts: readonly number[];
}

const HEADING_HEIGHT = 38;
const FOOTER_HEIGHT = 54;
const GROUP_GAP = 10;
const MOST_COLUMN_WIDTH = 76;
const LEAST_COLUMN_WIDTH = 5;
const MOST_BAR_WIDTH = 120;

/** @param width CSS pixels that there are; the picture is wider where cells would become too small to see */
export function geometryOf(layout: MapLayout, width: number): Geometry {
  const isNarrow = width < 560;
  const labelWidth = isNarrow ? 74 : 78;
  const totalWidth = isNarrow ? 68 : 104;
  const gaps = GROUP_GAP * Math.max(0, layout.groups.length - 1);
  const forColumns = width - labelWidth - totalWidth - gaps;
  const columnWidth = Math.max(LEAST_COLUMN_WIDTH, Math.min(MOST_COLUMN_WIDTH, forColumns / layout.numColumns));
  const numRows = layout.rows.length;
  const least = layout.hasKeyValueGroups ? 22 : 14;
  const rowHeight = Math.max(
    least,
    Math.min(layout.hasKeyValueGroups ? 44 : 32, Math.floor(520 / Math.max(1, numRows))),
  );

  const leftOf = (column: number) => {
    const group = layout.groups.findLastIndex(({ start }) => start <= column);
    return labelWidth + column * columnWidth + Math.max(0, group) * GROUP_GAP;
  };
  const columnLefts = Array.from({ length: layout.numColumns }, (_, column) => leftOf(column));
  const gridRight = columnLefts[layout.numColumns - 1] + columnWidth;
  const space = columnWidth > 12 ? 3 : columnWidth > 7 ? 2 : 1;
  const boxes = layout.cells.map((cell): Box => {
    const first = columnLefts[Math.floor(cell.left + 1e-9)] + (cell.left % 1) * columnWidth;
    const x = cell.group < 0 ? labelWidth : first;
    const right = cell.group < 0 ? gridRight : first + (cell.right - cell.left) * columnWidth;
    const y = HEADING_HEIGHT + Math.round(cell.top * rowHeight);
    const bottom = HEADING_HEIGHT + Math.round(cell.bottom * rowHeight);
    // Rows stand further apart than a head and the group under it.
    const isOverGroup = cell.bottom < cell.row + 1;
    return {
      x: Math.round(x),
      y: y + (cell.kind === 'kv' ? 0 : 1),
      width: Math.max(2, Math.round(right) - Math.round(x) - space),
      height: Math.max(2, bottom - y - (isOverGroup ? 2 : space) - (cell.kind === 'kv' ? 0 : 1)),
    };
  });
  const gridBottom = HEADING_HEIGHT + numRows * rowHeight;
  return {
    width: Math.max(width, gridRight + totalWidth),
    height: gridBottom + FOOTER_HEIGHT,
    boxes,
    rowTops: layout.rows.map((_, row) => HEADING_HEIGHT + row * rowHeight),
    rowHeight,
    columnWidth,
    labelWidth,
    gridRight,
    gridBottom,
    columnLefts,
  };
}

/** Number of the cell at a point, or `null`. */
export function cellAt(layout: MapLayout, geometry: Geometry, x: number, y: number): number | null {
  const row = Math.floor((y - HEADING_HEIGHT) / geometry.rowHeight);
  for (const component of layout.rows[row]?.cells ?? []) {
    const box = geometry.boxes[component];
    if (x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1) return component;
  }
  return null;
}

export interface MapPicture {
  readonly layout: MapLayout;
  readonly geometry: Geometry;
  readonly theme: Theme;
  readonly value: MapValue;
  readonly values: Float64Array;
  readonly scale: MapScale;
  readonly totals: Totals;
  readonly isSum: boolean;
  /** `null` when there is no mask. */
  readonly mask: Uint8Array | null;
  readonly pinned: number | null;
}

/** Draws everything. The context is scaled so that a unit is a CSS pixel. */
export function drawMap(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { geometry, theme } = picture;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, geometry.width, geometry.height);
  context.textBaseline = 'middle';
  drawHeadings(context, picture);
  drawCells(context, picture);
  drawTotals(context, picture);
}

function font({ fontFamily }: Theme, size: number): string {
  return `${size}px ${fontFamily}`;
}

function drawHeadings(context: CanvasRenderingContext2D, { layout, geometry, theme }: MapPicture): void {
  const { columnLefts, columnWidth, labelWidth, rowTops, rowHeight } = geometry;
  context.fillStyle = theme.muted;
  context.font = font(theme, 11);
  layout.groups.forEach(({ kind, start, count }, number) => {
    const left = columnLefts[start];
    const width = count * columnWidth;
    const name = groupName(kind, layout.hasKeyValueGroups, width > 150);
    context.textAlign = 'left';
    const isLast = number === layout.groups.length - 1;
    context.fillText(isLast ? name : fitText(context, name, width + GROUP_GAP), left, 10);
    if (count < 2) return;
    const widest = kind === 'lora' ? 60 : 22;
    const every = Math.max(1, Math.ceil(widest / columnWidth));
    context.textAlign = 'center';
    for (let index = 0; index < count; index += every) {
      context.fillText(layout.columnNames[start + index], columnLefts[start + index] + columnWidth / 2, 27);
    }
  });
  context.textAlign = 'right';
  const every = Math.max(1, Math.ceil(14 / rowHeight));
  layout.rows.forEach(({ layer, id }, row) => {
    if (layer !== null && layer % every !== 0) return;
    const name = layer === null ? (KIND_TEXT[id as CellKind] ?? id) : String(layer);
    context.fillText(fitText(context, name, labelWidth - 10), labelWidth - 8, rowTops[row] + rowHeight / 2);
  });
}

function groupName(kind: CellKind, hasKeyValueGroups: boolean, isWide: boolean): string {
  if (kind !== 'head' || !hasKeyValueGroups) return KIND_TEXT[kind];
  return isWide ? `${KIND_TEXT.head}, below them ${KIND_TEXT.kv}` : KIND_TEXT.head;
}

/** Cut to the width, three dots where something is missing. */
function fitText(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length - 1;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

function drawCells(context: CanvasRenderingContext2D, picture: MapPicture): void {
  const { geometry, theme, values, scale, mask } = picture;
  const colours = scale.isDiverging ? theme.diverging : theme.sequential;
  const hatch = new Path2D();
  const unknown = new Path2D();
  context.font = font(theme, 11);
  context.textAlign = 'center';
  const texts = textsOf(context, picture);
  drawOutlines(context, picture);
  for (let c = 0; c < geometry.boxes.length; c++) {
    const { x, y, width, height } = geometry.boxes[c];
    const place = placeOnScale(values[c], scale);
    if (Number.isNaN(place)) {
      if (mask?.[c] === 1) {
        context.fillStyle = theme.background;
        context.fillRect(x, y, width, height);
      }
      unknown.rect(x + 0.5, y + 0.5, width - 1, height - 1);
      hatch.moveTo(x, y + height);
      hatch.lineTo(x + Math.min(width, height), y + height - Math.min(width, height));
    } else {
      const colour = colours[Math.round(place * 255)];
      context.fillStyle = colour;
      const inset = mask?.[c] === 1 && Math.min(width, height) >= LEAST_SPACED ? 1 : 0;
      context.fillRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
      if (texts !== null && height >= 13) {
        context.fillStyle = textColourOn(colour);
        context.fillText(texts[c], x + width / 2, y + height / 2 + 0.5);
      }
    }
  }
  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.stroke(unknown);
  context.strokeStyle = theme.muted;
  context.stroke(hatch);
  if (picture.pinned !== null) drawPin(context, geometry.boxes[picture.pinned], theme);
}

/** Cells smaller than this get no space between colour and outline, in pixels. */
const LEAST_SPACED = 9;

/** Larger rectangles below the active cells: thousands of filled rectangles cost far less than one path of their edges. */
function drawOutlines(context: CanvasRenderingContext2D, { geometry, theme, mask }: MapPicture): void {
  if (!mask) return;
  context.fillStyle = theme.foreground;
  geometry.boxes.forEach(({ x, y, width, height }, c) => {
    if (mask[c] === 1) context.fillRect(x - 1, y - 1, width + 2, height + 2);
  });
  // A ring of background inside, so that the outline shows around a cell of its own colour too.
  context.fillStyle = theme.background;
  geometry.boxes.forEach(({ x, y, width, height }, c) => {
    if (mask[c] === 1 && Math.min(width, height) >= LEAST_SPACED) context.fillRect(x, y, width, height);
  });
}

/** The least width at which a number is worth trying, in pixels. */
const LEAST_TEXT_WIDTH = 26;

/** What is written in the cells: in all of them in full, or in all of them short, or in none. */
function textsOf(context: CanvasRenderingContext2D, { geometry, values, value }: MapPicture): string[] | null {
  if (geometry.columnWidth < LEAST_TEXT_WIDTH) return null;
  for (const format of [formatMapValue, formatShort]) {
    const texts = Array.from(values, (number) => format(value, number));
    if (texts.every((text, c) => context.measureText(text).width <= geometry.boxes[c].width - 2)) return texts;
  }
  return null;
}

/** Two frames, so that it shows on any colour. */
function drawPin(context: CanvasRenderingContext2D, { x, y, width, height }: Box, theme: Theme): void {
  context.lineWidth = 2;
  context.strokeStyle = theme.background;
  context.strokeRect(x + 1, y + 1, width - 2, height - 2);
  context.strokeStyle = theme.heldOut;
  context.lineWidth = 3;
  context.strokeRect(x - 1.5, y - 1.5, width + 3, height + 3);
}

function drawTotals(
  context: CanvasRenderingContext2D,
  { layout, geometry, theme, totals, value, isSum, scale }: MapPicture,
): void {
  const { gridRight, gridBottom, rowTops, rowHeight, columnLefts, columnWidth, labelWidth, width } = geometry;
  const label = isSum ? TEXT.map.sum : TEXT.map.mean;
  const largest = (list: Float64Array) =>
    list.reduce((most, total) => (Number.isNaN(total) ? most : Math.max(most, Math.abs(total))), 0) || 1;
  context.font = font(theme, 11);
  context.fillStyle = theme.muted;
  context.textAlign = 'right';
  const barLeft = gridRight + 8;
  const textWidth = 52;
  const room = width - barLeft - textWidth - 6;
  // A sliver says nothing: the numbers stand alone.
  const barWidth = room < 16 ? 0 : Math.min(MOST_BAR_WIDTH, room);
  const textRight = barLeft + barWidth + textWidth + 4;
  context.fillText(label, textRight, 27);
  context.fillText(label, labelWidth - 8, gridBottom + 16);

  const inLayers = totals.rows.filter((_, row) => layout.rows[row].layer !== null);
  const largestRow = largest(inLayers.length > 0 ? inLayers : totals.rows);
  const writesEvery = Math.max(1, Math.ceil(13 / rowHeight));
  layout.rows.forEach(({ layer }, row) => {
    const total = totals.rows[row];
    if (Number.isNaN(total)) return;
    const middle = rowTops[row] + rowHeight / 2;
    const length = Math.min(1, Math.abs(total) / largestRow) * barWidth;
    const [top, thickness] = [middle - Math.min(4, rowHeight / 4), Math.min(8, rowHeight / 2)];
    context.fillStyle = scale.isDiverging ? theme.diverging[total < 0 ? 30 : 225] : theme.muted;
    context.fillRect(barLeft, top, length, thickness);
    // A row outside the layers may be far larger than all of them: its bar is broken and ends at the margin.
    if (Math.abs(total) > largestRow) {
      context.fillStyle = theme.background;
      context.fillRect(barLeft + 0.75 * barWidth, top, 2, thickness);
      context.fillRect(barLeft + 0.75 * barWidth + 4, top, 2, thickness);
    }
    if (layer !== null && layer % writesEvery !== 0) return;
    context.fillStyle = theme.foreground;
    context.fillText(totalText(value, isSum, total), textRight, middle + 0.5);
  });

  const largestColumn = largest(totals.columns);
  totals.columns.forEach((total, column) => {
    if (Number.isNaN(total)) return;
    const height = (Math.abs(total) / largestColumn) * 22;
    context.fillStyle = scale.isDiverging ? theme.diverging[total < 0 ? 30 : 225] : theme.muted;
    const wide = Math.max(1, columnWidth - (columnWidth > 12 ? 3 : 1));
    context.fillRect(columnLefts[column], gridBottom + 8, wide, Math.max(1, height));
    if (columnWidth < 44) return;
    context.fillStyle = theme.foreground;
    context.textAlign = 'center';
    context.fillText(totalText(value, isSum, total), columnLefts[column] + wide / 2, gridBottom + 18 + height);
  });
}

function totalText(value: MapValue, isSum: boolean, total: number): string {
  if (value === 'mask' && isSum) return formatCount(total).replace('-', '−');
  return formatMapValue(value, value === 'staleness' ? Math.round(total) : total);
}
