/** @file The error map: controls, picture, keyboard grid, table, scrubber, history of the pinned cell, exports. */
import { type ChartLine, createLineChart, type LineChart } from './chart.ts';
import {
  button,
  type Choice,
  checkbox,
  element,
  iconButton,
  relabel,
  select,
  setSlider,
  setText,
  slider,
  table,
} from './dom.ts';
import { formatCount, formatMapValue } from './format.ts';
import {
  type ComponentName,
  type Direction,
  differenceOf,
  isAdditive,
  layoutMap,
  MAP_VALUES,
  type MapLayout,
  type MapScale,
  type MapValue,
  mapValues,
  neighbourOf,
  recordsAt,
  scaleOf,
  toCsv,
  totalsOf,
} from './mapModel.ts';
import { cellAt, drawMap, type Geometry, geometryOf } from './mapPicture.ts';
import { atStep, type LoadedRun, momentsOf, type RunModel } from './state.ts';
import { KIND_TEXT, MAP_VALUE_TEXT, TEXT } from './strings.ts';
import type { Context, View } from './view.ts';
import { CLIPS } from './viewState.ts';

const KEY_DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** While a run is live, the table is drawn anew this often at most. */
const TABLE_EVERY_MS = 1000;

/** What is on the screen, for hover, keyboard and export. */
interface Shown {
  readonly run: LoadedRun;
  readonly step: number;
  readonly value: MapValue;
  readonly values: Float64Array;
  readonly scale: MapScale;
  readonly isDifference: boolean;
}

/** A component by a name for people. */
export function describeComponent({ kind, layer, index, id, target }: ComponentName): string {
  const inside: Readonly<Record<string, string>> = { head: 'head', kv: 'KV group', mlp: 'MLP band', norm: 'norms' };
  if (target !== null) return `layer ${layer}, adapter of ${target}`;
  if (layer === null) return kind === 'other' ? id : KIND_TEXT[kind];
  return `layer ${layer}, ${inside[kind]}${index === null ? '' : ` ${index}`}`;
}

export function createMapView(context: Context): View {
  const { view, data } = context;
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const drawing = canvas.getContext('2d')!;
  const focusCells = [0, 1].map((n) => element('div', { id: `mapCell${n}`, role: 'gridcell', class: 'mapCell' }));
  const focusRow = element('div', { role: 'row' }, focusCells[0]);
  const grid = element('div', { role: 'grid', tabindex: '0', class: 'mapGrid' }, focusRow);
  const tooltip = element('div', { class: 'tooltip', hidden: true });
  const stage = element('div', { class: 'mapStage' }, canvas, grid, tooltip);
  const scroller = element('div', { class: 'mapScroller' }, stage);
  const tableHolder = element('div', { class: 'mapTable' });
  const note = element('p', { class: 'note' });
  const empty = element('p', { class: 'note' }, TEXT.map.none);

  let layout: MapLayout = layoutMap([]);
  let layoutOf: readonly string[] = [];
  let geometry: Geometry | null = null;
  let shown: Shown | null = null;
  let focused = 0;
  let flip = 0;
  let hovered: { component: number; x: number; y: number } | null = null;
  let playing: ReturnType<typeof setInterval> | null = null;
  let width = 0;

  const settings = view.map;
  const change = (apply: () => void) => {
    apply();
    context.changed();
  };

  // Controls
  const valueSelect = select(TEXT.map.value, (value) => change(() => Object.assign(settings, { value })));
  const scaleSelect = select(TEXT.map.scale, (value) =>
    change(() => Object.assign(settings, { isLogarithmic: value === 'log' })),
  );
  const clipSelect = select(TEXT.map.clip, (value) =>
    change(() => Object.assign(settings, { clipPercent: Number(value) })),
  );
  const compareSelect = select(TEXT.map.compare, (value) =>
    change(() => Object.assign(settings, { comparison: value })),
  );
  const tableBox = checkbox(TEXT.map.table, (isTable) => change(() => Object.assign(settings, { isTable })));
  const exportButtons = element(
    'div',
    { class: 'buttons', role: 'group', 'aria-label': TEXT.map.exportAs },
    ...(
      [
        ['PNG', TEXT.map.savePng, savePng],
        ['CSV', TEXT.map.saveCsv, () => save('csv')],
        ['JSON', TEXT.map.saveJson, () => save('json')],
      ] as const
    ).map(([label, title, onClick]) => {
      const made = button(label, onClick, { iconName: 'export' });
      made.title = title;
      made.setAttribute('aria-label', title);
      return made;
    }),
  );
  const controls = element(
    'div',
    { class: 'controls' },
    valueSelect.element,
    scaleSelect.element,
    clipSelect.element,
    compareSelect.element,
    tableBox,
  );

  // Scrubber
  const stepSlider = slider(TEXT.map.shownStep, (step) => showStep(step));
  const stepText = element('output', { class: 'stepText' });
  const playButton = iconButton(TEXT.map.play, 'play', togglePlay);
  const latestButton = button(TEXT.map.latest, () => showStep(null));
  latestButton.title = TEXT.map.latestHint;
  const scrubber = element(
    'div',
    { class: 'scrubber' },
    playButton,
    iconButton(TEXT.map.previous, 'chevron-left', () => moveMoment(-1)),
    iconButton(TEXT.map.next, 'chevron-right', () => moveMoment(1)),
    stepSlider,
    stepText,
    latestButton,
  );
  const otherSlider = slider(TEXT.map.otherStep, (otherStep) => change(() => Object.assign(settings, { otherStep })));
  const otherText = element('output', { class: 'stepText' });
  const otherLine = element(
    'div',
    { class: 'scrubber other' },
    element('span', { 'aria-hidden': 'true' }, TEXT.map.otherStep),
    otherSlider,
    otherText,
  );

  // Legend
  const legendBar = element('canvas', { class: 'legendBar', width: 256, height: 12, 'aria-hidden': 'true' });
  const legendLow = element('span');
  const legendHigh = element('span');
  const legend = element(
    'div',
    { class: 'legend' },
    element('span', { class: 'legendScale' }, legendLow, legendBar, legendHigh),
    element('span', { class: 'legendKey' }, element('span', { class: 'swatch active' }), TEXT.map.outline),
    element('span', { class: 'legendKey' }, element('span', { class: 'swatch unknown' }), TEXT.map.unmeasured),
    element('span', { class: 'legendKey' }, TEXT.map.keys),
  );

  // Pinned cell
  const pinTitle = element('h3');
  const pinFacts = element('dl', { class: 'facts' });
  const pinChart: LineChart = createLineChart();
  const pinPanel = element(
    'section',
    { class: 'pin', 'aria-label': 'Pinned cell' },
    element(
      'div',
      { class: 'pinHead' },
      pinTitle,
      iconButton(TEXT.map.unpin, 'close', () => pin(null)),
    ),
    pinFacts,
    pinChart.element,
  );
  const body = element('div', { class: 'mapBody' }, scrubber, otherLine, legend, scroller, tableHolder, pinPanel);
  // What is shown, and what it is saved as: beside each other they leave the map a row.
  const noteLine = element('div', { class: 'noteLine' }, note, exportButtons);
  const root = element('div', { class: 'mapView' }, controls, noteLine, empty, body);

  grid.addEventListener('keydown', onKey);
  grid.addEventListener('focus', () => announceCell());
  stage.addEventListener('pointermove', (event) => hover(event));
  stage.addEventListener('pointerleave', () => {
    hovered = null;
    tooltip.hidden = true;
  });
  stage.addEventListener('click', (event) => {
    const component = componentAt(event);
    if (component === null) return;
    focused = component;
    pin(component);
    announceCell();
  });
  new ResizeObserver(() => {
    const next = Math.floor(scroller.clientWidth);
    if (next === width || next === 0) return;
    width = next;
    geometry = null;
    context.redraw();
  }).observe(scroller);

  function showStep(step: number | null): void {
    stopPlaying();
    change(() => Object.assign(settings, { step }));
  }

  function moveMoment(direction: 1 | -1): void {
    if (!data.main || !shown) return;
    const { step } = shown;
    const moments = momentsOf(data.main.model);
    const next = direction === 1 ? moments.find((at) => at > step) : moments.findLast((at) => at < step);
    if (next !== undefined) showStep(next);
  }

  function togglePlay(): void {
    if (playing !== null) {
      stopPlaying();
      context.redraw();
      return;
    }
    if (!data.main) return;
    const last = data.main.model.lastStep;
    const isReduced = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const [stride, everyMs] = isReduced
      ? [Math.max(1, Math.ceil(last / 10)), 1000]
      : [Math.max(1, Math.ceil(last / 80)), 100];
    settings.step = 0;
    playing = setInterval(() => {
      if (document.visibilityState === 'hidden') return;
      const next = (settings.step ?? last) + stride;
      settings.step = next >= last ? null : next;
      if (settings.step === null) stopPlaying();
      context.changed();
    }, everyMs);
    context.changed();
  }

  function stopPlaying(): void {
    if (playing !== null) clearInterval(playing);
    playing = null;
  }

  function pin(component: number | null): void {
    const id = component === null ? null : layout.cells[component].id;
    change(() => Object.assign(settings, { pinned: id === settings.pinned ? null : id }));
  }

  function onKey(event: KeyboardEvent): void {
    const direction = KEY_DIRECTIONS[event.key];
    const row = layout.cells[focused]?.row ?? 0;
    let next = focused;
    if (direction) next = neighbourOf(layout, focused, direction);
    else if (event.key === 'Home') next = event.ctrlKey ? 0 : layout.rows[row].cells[0];
    else if (event.key === 'End') next = event.ctrlKey ? layout.cells.length - 1 : layout.rows[row].cells.at(-1)!;
    else if (event.key === 'PageUp') next = layout.rows[Math.max(0, row - 10)].cells[0];
    else if (event.key === 'PageDown') next = layout.rows[Math.min(layout.rows.length - 1, row + 10)].cells[0];
    else if (event.key === 'Enter' || event.key === ' ') pin(focused);
    else return;
    event.preventDefault();
    focused = next;
    announceCell();
  }

  /** Puts the one gridcell that exists onto the cell with the focus. Two take turns: a new id is what gets read out. */
  function announceCell(): void {
    if (!shown || !geometry) return;
    const cell = layout.cells[focused];
    const box = geometry.boxes[focused];
    if (!cell || !box) return;
    flip = 1 - flip;
    const target = focusCells[flip];
    focusRow.replaceChildren(target);
    focusRow.setAttribute('aria-rowindex', String(cell.row + 1));
    target.setAttribute('aria-colindex', String(layout.rows[cell.row].cells.indexOf(focused) + 1));
    target.setAttribute('aria-selected', String(cell.id === settings.pinned));
    target.textContent = `${describeComponent(cell)}: ${summaryOf(focused).join(', ')}`;
    Object.assign(target.style, {
      left: `${box.x - 3}px`,
      top: `${box.y - 3}px`,
      width: `${box.width + 6}px`,
      height: `${box.height + 6}px`,
    });
    grid.setAttribute('aria-activedescendant', target.id);
  }

  /** The value shown first, then everything else that is known. */
  function summaryOf(component: number): string[] {
    if (!shown) return [];
    const { run, step, value, values, isDifference } = shown;
    const first = isDifference ? [`${TEXT.map.difference} ${formatMapValue(value, values[component])}`] : [];
    const mask = atStep(run.model.masks, step);
    const state = mask ? [mask.mask[component] === 1 ? TEXT.map.active : TEXT.map.inactive] : [];
    const all = MAP_VALUES.filter((name) => name !== 'mask').map(
      (name) =>
        `${MAP_VALUE_TEXT[name].name.toLowerCase()} ${formatMapValue(name, mapValues(run.model, name, step)[component])}`,
    );
    return [...first, ...state, ...all];
  }

  function componentAt(event: MouseEvent): number | null {
    if (!geometry) return null;
    const { left, top } = canvas.getBoundingClientRect();
    return cellAt(layout, geometry, event.clientX - left, event.clientY - top);
  }

  function hover(event: PointerEvent): void {
    const component = componentAt(event);
    hovered = component === null ? null : { component, x: event.clientX, y: event.clientY };
    drawTooltip();
  }

  function drawTooltip(): void {
    tooltip.hidden = hovered === null || !shown;
    if (hovered === null || !shown) return;
    const { left, top } = stage.getBoundingClientRect();
    tooltip.replaceChildren(
      element('strong', {}, describeComponent(layout.cells[hovered.component])),
      ...summaryOf(hovered.component).map((line) => element('div', {}, line)),
    );
    const x = Math.min(
      hovered.x - left + 14,
      Math.max(0, scroller.scrollLeft + scroller.clientWidth - tooltip.offsetWidth - 4),
    );
    const below = hovered.y - top + 18;
    const isLow = below + tooltip.offsetHeight > stage.clientHeight;
    tooltip.style.left = `${x}px`;
    tooltip.style.top = `${isLow ? Math.max(0, hovered.y - top - tooltip.offsetHeight - 10) : below}px`;
  }

  /** Name of a file without the characters that file systems refuse. */
  function fileName(extension: string): string {
    const name = (shown?.run.details.summary.name ?? 'run').replace(/[^\w.-]+/g, '-');
    return `${name}-map-step-${shown?.step ?? 0}.${extension}`;
  }

  function savePng(): void {
    if (!shown || !geometry) return;
    // While the table is shown, the picture is that of another moment, or none.
    drawCanvas(geometry, shown.run, shown.step, shown);
    const content = canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
    context.post({ type: 'save', fileName: fileName('png'), content, isBase64: true });
  }

  function save(format: 'csv' | 'json'): void {
    if (!shown) return;
    const { run, step, value, values, isDifference } = shown;
    const records = recordsAt(run.model, step).map((record, c) =>
      isDifference ? { ...record, [`${value}Difference`]: values[c] } : record,
    );
    const finite = (_key: string, item: unknown) =>
      typeof item === 'number' && !Number.isFinite(item) ? (Number.isNaN(item) ? null : String(item)) : item;
    const content =
      format === 'csv'
        ? toCsv(records)
        : `${JSON.stringify({ run: run.details.summary.name, step, components: records }, finite, 2)}\n`;
    context.post({ type: 'save', fileName: fileName(format), content, isBase64: false });
  }

  /** What is subtracted, with its components, or `null` where nothing is. */
  function subtracted(model: RunModel, step: number): { components: readonly string[]; values: Float64Array } | null {
    const { comparison, value, otherStep } = settings;
    if (comparison === 'step') {
      return { components: model.components, values: mapValues(model, value, Math.min(otherStep, model.lastStep)) };
    }
    const other = comparison === 'run' ? data.compared?.model : undefined;
    if (!other) return null;
    return { components: other.components, values: mapValues(other, value, Math.min(step, other.lastStep)) };
  }

  /** Shares and rates are compared by their ratio; the others begin at 0, and differences have a sign. */
  function canBeLogarithmic(): boolean {
    return (settings.value === 'share' || settings.value === 'rate') && settings.comparison === 'none';
  }

  /** Values from 0 to 1 by their nature: the same colours at every step and in every run. */
  function isFromZeroToOne(): boolean {
    return (settings.value === 'mask' || settings.value === 'activity') && settings.comparison === 'none';
  }

  function drawControls(run: LoadedRun, step: number): void {
    const asChoices = <Value extends string>(values: readonly Value[], label: (value: Value) => string): Choice[] =>
      values.map((value) => ({ value, label: label(value) }));
    valueSelect.set(
      asChoices(MAP_VALUES, (value) => MAP_VALUE_TEXT[value].name),
      settings.value,
    );
    const isLinear = !canBeLogarithmic();
    scaleSelect.set(
      [
        { value: 'log', label: TEXT.map.logarithmic },
        { value: 'linear', label: TEXT.map.linear },
      ],
      settings.isLogarithmic && !isLinear ? 'log' : 'linear',
      isLinear,
    );
    clipSelect.set(
      CLIPS.map((percent) => ({
        value: String(percent),
        label: percent === 100 ? TEXT.map.clipNone : TEXT.map.clipAt(percent),
      })),
      String(settings.clipPercent),
      isFromZeroToOne(),
    );
    compareSelect.set(
      [
        { value: 'none', label: TEXT.map.compareNone },
        { value: 'step', label: TEXT.map.compareStep },
        { value: 'run', label: TEXT.map.compareRun },
      ],
      settings.comparison,
    );
    if (tableBox.checked !== settings.isTable) tableBox.checked = settings.isTable;

    const last = run.model.lastStep;
    setSlider(stepSlider, step, last);
    setText(stepText, TEXT.stepOf(formatCount(step), formatCount(last)));
    stepSlider.setAttribute('aria-valuetext', TEXT.stepOf(formatCount(step), formatCount(last)));
    relabel(playButton, playing === null ? TEXT.map.play : TEXT.map.pause, playing === null ? 'play' : 'debug-pause');
    const isFollowing = settings.step === null;
    if (latestButton.disabled !== isFollowing) latestButton.disabled = isFollowing;
    otherLine.hidden = settings.comparison !== 'step';
    const other = Math.min(settings.otherStep, last);
    setSlider(otherSlider, other, last);
    setText(otherText, TEXT.step(formatCount(other)));
    otherSlider.setAttribute('aria-valuetext', TEXT.step(formatCount(other)));
  }

  function drawLegend(value: MapValue, scale: MapScale): void {
    const brush = legendBar.getContext('2d')!;
    const colours = scale.isDiverging ? context.theme.diverging : context.theme.sequential;
    for (let i = 0; i < 256; i++) {
      brush.fillStyle = colours[i];
      brush.fillRect(i, 0, 1, 12);
    }
    setText(legendLow, formatMapValue(value, scale.lowest));
    setText(legendHigh, formatMapValue(value, scale.highest));
  }

  function drawCanvas(place: Geometry, run: LoadedRun, step: number, current: Shown): void {
    const ratio = Math.min(3, Math.max(1, devicePixelRatio));
    const [pixelsWide, pixelsHigh] = [Math.round(place.width * ratio), Math.round(place.height * ratio)];
    if (canvas.width !== pixelsWide || canvas.height !== pixelsHigh) {
      canvas.width = pixelsWide;
      canvas.height = pixelsHigh;
      for (const { style } of [canvas, stage]) {
        style.width = `${place.width}px`;
        style.height = `${place.height}px`;
      }
    }
    drawing.setTransform(ratio, 0, 0, ratio, 0, 0);
    const pinned = settings.pinned === null ? -1 : run.model.components.indexOf(settings.pinned);
    drawMap(drawing, {
      layout,
      geometry: place,
      theme: context.theme,
      value: current.value,
      values: current.values,
      scale: current.scale,
      totals: totalsOf(layout, current.values, isAdditive(current.value)),
      isSum: isAdditive(current.value),
      mask: atStep(run.model.masks, step)?.mask ?? null,
      pinned: pinned < 0 ? null : pinned,
    });
  }

  /** One row for each layer and each single component; cells carry id and exact value. */
  function drawTable(current: Shown): void {
    const { value, values } = current;
    const headings = [
      TEXT.map.layer,
      isAdditive(value) ? TEXT.map.sum : TEXT.map.mean,
      ...layout.groups.flatMap(({ kind, start, count }) =>
        Array.from({ length: count }, (_, i) =>
          count === 1 ? KIND_TEXT[kind] : `${SHORT_KIND[kind] ?? ''} ${layout.columnNames[start + i]}`.trim(),
        ),
      ),
    ];
    const numKeyValue = layout.cells.reduce(
      (most, { kind, index }) => (kind === 'kv' ? Math.max(most, index! + 1) : most),
      0,
    );
    headings.push(...Array.from({ length: numKeyValue }, (_, i) => `KV ${i}`));
    const totals = totalsOf(layout, values, isAdditive(value));
    const rows = layout.rows.map((row, r) => {
      const at = new Map(
        row.cells.map((c) => {
          const cell = layout.cells[c];
          const column = cell.kind === 'kv' ? layout.numColumns + cell.index! : Math.max(0, cell.left);
          const text = element(
            'span',
            { 'data-component': cell.id, 'data-value': String(values[c]) },
            formatMapValue(value, values[c]),
          );
          return [column, text];
        }),
      );
      const columns = Array.from({ length: layout.numColumns + numKeyValue }, (_, column) => at.get(column) ?? '');
      // A row of one component: its value stands where a layer has its total.
      if (row.layer === null) {
        const [only] = at.values();
        return [describeComponent(layout.cells[row.cells[0]]), only, ...columns.fill('')];
      }
      return [String(row.layer), formatMapValue(value, totals.rows[r]), ...columns];
    });
    const caption = `${MAP_VALUE_TEXT[value].name}, ${TEXT.step(formatCount(current.step)).toLowerCase()}`;
    const numbers = headings.map((_, column) => column).slice(1);
    const old = tableHolder.firstElementChild;
    const [left, top] = [old?.scrollLeft ?? 0, old?.scrollTop ?? 0];
    const hadFocus = old !== null && document.activeElement === old;
    const made = table(caption, headings, rows, numbers);
    tableHolder.replaceChildren(made);
    made.scrollTo(left, top);
    if (hadFocus) made.focus();
  }

  let pinnedDrawn = '';

  function drawPinned(run: LoadedRun, step: number): void {
    const component = settings.pinned === null ? -1 : run.model.components.indexOf(settings.pinned);
    pinPanel.hidden = component < 0;
    if (component < 0) {
      pinnedDrawn = '';
      return;
    }
    const { model } = run;
    const drawn = [
      settings.pinned,
      step,
      settings.value,
      model.version,
      data.compared?.model.version,
      context.theme.foreground,
    ].join();
    if (drawn === pinnedDrawn) return;
    pinnedDrawn = drawn;
    setText(pinTitle, TEXT.map.pinned(describeComponent(layout.cells[component])));
    const map = atStep(model.maps, step);
    const facts = MAP_VALUES.map((name) => [
      MAP_VALUE_TEXT[name].name,
      formatMapValue(name, mapValues(model, name, step)[component]),
    ]);
    facts.push([
      TEXT.map.measuredAt,
      map && map.measuredSteps[component] >= 0 ? formatCount(map.measuredSteps[component]) : '–',
    ]);
    pinFacts.replaceChildren(
      ...facts.map(([name, text]) => element('div', {}, element('dt', {}, name), element('dd', {}, text))),
    );
    const series = [historyOf(model, component, '')];
    if (data.compared && settings.pinned !== null) {
      const other = data.compared.model.components.indexOf(settings.pinned);
      if (other >= 0)
        series.push({
          ...historyOf(data.compared.model, other, TEXT.charts.compared(data.compared.details.summary.name)),
          isDashed: true,
        });
    }
    const name = MAP_VALUE_TEXT[settings.value].name;
    pinChart.draw({
      title: TEXT.map.history(name),
      unit: '',
      series,
      xLabel: TEXT.charts.step,
      marks: [{ x: step, text: '' }],
      theme: context.theme,
      height: 160,
      formatY: (y) => formatMapValue(settings.value, y),
    });
  }

  function historyOf(model: RunModel, component: number, suffix: string): ChartLine {
    const moments = momentsOf(model);
    if (moments.at(-1) !== model.lastStep) moments.push(model.lastStep);
    return {
      label: MAP_VALUE_TEXT[settings.value].name + suffix,
      x: moments,
      y: moments.map((at) => mapValues(model, settings.value, at)[component]),
      colour: suffix ? context.theme.heldOut : context.theme.training,
      isStepped: settings.value !== 'activity' && settings.value !== 'staleness',
      hasDots: moments.length < 60,
    };
  }

  let tableDrawnAt = 0;
  let tableDrawn = '';
  let tableModel: RunModel | null = null;

  function draw(): void {
    const run = data.main;
    const hasMap =
      run !== null && run.model.components.length > 0 && (run.model.maps.length > 0 || run.model.masks.length > 0);
    body.hidden = !hasMap;
    controls.hidden = !hasMap;
    noteLine.hidden = !hasMap;
    empty.hidden = hasMap || run === null;
    setText(note, '');
    if (!run || !hasMap) {
      shown = null;
      stopPlaying();
      return;
    }
    if (layoutOf !== run.model.components) {
      layoutOf = run.model.components;
      layout = layoutMap(layoutOf);
      geometry = null;
      focused = Math.min(focused, layout.cells.length - 1);
      grid.setAttribute('aria-rowcount', String(layout.rows.length));
      grid.setAttribute('aria-colcount', String(Math.max(...layout.rows.map(({ cells }) => cells.length))));
    }
    if (width === 0) width = Math.floor(scroller.clientWidth) || 800;
    geometry ??= geometryOf(layout, width);

    const { model } = run;
    const step = Math.min(settings.step ?? model.lastStep, model.lastStep);
    drawControls(run, step);
    const others = subtracted(model, step);
    const own = mapValues(model, settings.value, step);
    const values = others ? differenceOf(model.components, own, others.components, others.values) : own;
    const isDifference = others !== null;
    const scale = scaleOf(values, {
      isLogarithmic: settings.isLogarithmic && canBeLogarithmic(),
      clipPercent: settings.clipPercent,
      isDiverging: isDifference,
    });
    const fixed = isFromZeroToOne() ? { ...scale, lowest: 0, highest: 1 } : scale;
    shown = { run, step, value: settings.value, values, scale: fixed, isDifference };

    setText(note, noteOf(model, step, isDifference));
    scroller.hidden = settings.isTable;
    legend.hidden = settings.isTable;
    tableHolder.hidden = !settings.isTable;
    grid.setAttribute('aria-label', TEXT.map.gridLabel(MAP_VALUE_TEXT[settings.value].name, formatCount(step)));
    if (settings.isTable) {
      const drawn = [
        step,
        settings.value,
        settings.comparison,
        settings.otherStep,
        model.version,
        data.compared?.model.version,
      ].join();
      const waited = performance.now() - tableDrawnAt;
      const isLive = settings.step === null && tableDrawn !== '' && tableModel === model;
      // A thousand cells ten times a second would be no table to read.
      if (drawn !== tableDrawn && isLive && waited < TABLE_EVERY_MS) context.redrawAfter(TABLE_EVERY_MS - waited);
      else if (drawn !== tableDrawn) {
        tableDrawn = drawn;
        tableDrawnAt = performance.now();
        tableModel = model;
        drawTable(shown);
      }
    } else {
      tableDrawn = '';
      drawLegend(settings.value, fixed);
      drawCanvas(geometry, run, step, shown);
      if (hovered) drawTooltip();
      if (!grid.hasAttribute('aria-activedescendant')) announceCell();
    }
    drawPinned(run, step);
  }

  function noteOf(model: RunModel, step: number, isDifference: boolean): string {
    const parts: string[] = [MAP_VALUE_TEXT[settings.value].what];
    if (isDifference) {
      const other =
        settings.comparison === 'step'
          ? TEXT.step(formatCount(Math.min(settings.otherStep, model.lastStep))).toLowerCase()
          : (data.compared?.details.summary.name ?? '');
      parts.push(TEXT.map.isDifference(TEXT.step(formatCount(step)), other));
    }
    if (settings.comparison === 'run' && !isDifference) parts.push(TEXT.map.noComparedRun);
    if (model.masks.length === 0 && settings.value !== 'share' && settings.value !== 'staleness')
      parts.push(TEXT.map.noMask);
    if (model.isThinned) parts.push(TEXT.map.thinned);
    return parts.join(' ');
  }

  return { element: root, draw };
}

const SHORT_KIND: Readonly<Record<string, string>> = { head: 'head', mlp: 'MLP', norm: 'norm' };
