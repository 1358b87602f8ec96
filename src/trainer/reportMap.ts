/** @file The report's section on the error map: first and last map as pictures and as tables, and how far they agree. */
import { spearman } from '../rgft/errorMap.ts';
import { colourScale, heatMap, heatMapLegend, type MapCell, type MapRow } from './reportCharts.ts';
import type { MeasuredMap, SortedEvents } from './reportData.ts';
import {
  formatCount,
  formatPercent,
  formatShare,
  formatSignificant,
  html,
  type Markup,
  type Section,
  scrollable,
} from './reportMarkup.ts';

/** A component as its id describes it; `layer` is `null` outside the layers and for ids of another version. */
interface NamedComponent {
  readonly id: string;
  readonly kind: string;
  readonly layer: number | null;
  readonly index: number;
  /** Weight that an adapter belongs to. */
  readonly target: string | null;
}

const GROUPS = [
  { name: 'head', heading: 'heads', singular: 'head', plural: 'heads' },
  { name: 'kv', heading: 'kv', singular: 'kv group', plural: 'kv groups' },
  { name: 'mlp', heading: 'MLP', singular: 'MLP band', plural: 'MLP bands' },
  { name: 'norm', heading: 'norm', singular: 'norms', plural: 'norms' },
  { name: 'lora', heading: 'LoRA', singular: 'LoRA', plural: 'LoRA' },
] as const;

/** Room for the name of a weight. */
const LABEL_PX = 34;

const OUTSIDE_LAYERS: Readonly<Record<string, string>> = {
  embed: 'embedding',
  finalNorm: 'final norm',
  lmHead: 'LM head',
};

/** Reads ids of src/rgft/components.ts: `3.head.0`, `3.kv.1`, `3.mlp.2`, `3.mlp`, `3.norm`, `3.lora.q_proj`, `embed`. */
function nameComponents(ids: readonly string[]): NamedComponent[] {
  const targets: string[] = [];
  return ids.map((id) => {
    const match = /^(\d{1,6})\.(head|kv|mlp|norm)(?:\.(\d{1,6}))?$/.exec(id);
    if (match) return { id, kind: match[2], layer: Number(match[1]), index: Number(match[3] ?? 0), target: null };
    const adapter = /^(\d{1,6})\.lora\.(\w{1,40})$/.exec(id);
    if (adapter) {
      const [, layer, target] = adapter;
      if (!targets.includes(target)) targets.push(target);
      return { id, kind: 'lora', layer: Number(layer), index: targets.indexOf(target), target };
    }
    return { id, kind: Object.hasOwn(OUTSIDE_LAYERS, id) ? id : 'other', layer: null, index: 0, target: null };
  });
}

function describeComponent({ id, kind, layer, index, target }: NamedComponent): string {
  if (layer === null) return Object.hasOwn(OUTSIDE_LAYERS, kind) ? OUTSIDE_LAYERS[kind] : id;
  if (target !== null) return `layer ${layer}, LoRA of ${target}`;
  const { singular } = GROUPS.find(({ name }) => name === kind)!;
  return kind === 'norm' ? `layer ${layer}, norms` : `layer ${layer}, ${singular} ${index}`;
}

/** The section on the error map; `null` when none was measured. */
export function errorMapSection(events: SortedEvents, maps: readonly MeasuredMap[]): Section | null {
  if (maps.length === 0) return null;
  const components = nameComponents(events.started[0].components);
  const [first, last = first] = maps;
  const scale = colourScale(maps.flatMap(({ shares }) => shares));
  const rowsOf = (map: MeasuredMap) => mapRows(components, map);
  const largestTotal = maps.flatMap(rowsOf).reduce((largest, { total }) => Math.max(largest, total), 0);
  const groups = GROUPS.map(({ name, heading }) => {
    const columns = new Map(
      components.flatMap(({ kind, index, target }) =>
        // All names of weights end alike.
        kind === name ? [[index, target?.replace(/_proj$/, '') ?? String(index)] as const] : [],
      ),
    );
    return {
      name,
      heading,
      columns: [...columns].sort(([a], [b]) => a - b).map(([column, label]) => ({ column, label })),
    };
  }).filter(({ columns }) => columns.length > 0);
  const numColumns = groups.reduce((sum, { columns }) => sum + columns.length, 0);

  const pictures = maps.map((map, m) => {
    const name = maps.length === 1 ? 'The map' : m === 0 ? 'First map' : 'Last map';
    const hottest = components
      .map((component, c) => ({ component, share: map.shares[c] }))
      .filter(({ share }) => share > 0);
    hottest.sort((a, b) => b.share - a.share);
    const top = hottest
      .slice(0, 3)
      .map(({ component, share }) => `${describeComponent(component)} ${formatPercent(share)}`);
    return heatMap({
      title: html`<strong>${name}</strong> <span class="unit">step ${formatCount(map.step)}</span>`,
      description: `${name}, step ${formatCount(map.step)}: share of the error of ${components.length} components. Largest: ${top.join('; ')}. The table below has all numbers.`,
      rows: rowsOf(map),
      groups,
      scale,
      largestTotal,
    });
  });
  const correlation = maps.length > 1 ? correlationOf(first, last) : null;
  const numActive = last.mask?.mask.filter((bit) => bit > 0).length;
  const updated =
    numActive === undefined
      ? ''
      : ` The last mask updates ${formatCount(numActive)} of ${formatCount(components.length)} components.`;
  // Two maps stand side by side only where each has room for its columns.
  const columnPx = groups.some(({ name }) => name === 'lora') ? LABEL_PX : 13;
  const leastWidthPx = Math.min(1000, 190 + columnPx * numColumns);
  const hasUnmeasured = maps.some(({ shares }) => shares.some(Number.isNaN));
  const body = html`<p class="note">Where the errors come from: each component's share of the squared gradient norms, summed to 100 %. Layers run downwards in the order of the forward pass.${updated}</p>
${correlation === null ? null : html`<p>Rank correlation (Spearman) of the first and the last map: <strong>${Number.isNaN(correlation) ? 'not defined' : correlation.toFixed(3)}</strong>${Number.isNaN(correlation) ? null : html` <span class="muted">(1: the same order of components, 0: unrelated orders)</span>`}</p>`}
<div class="maps" style="grid-template-columns:repeat(auto-fit,minmax(min(100%,${leastWidthPx}px),1fr))">${pictures}</div>
${heatMapLegend(scale, hasUnmeasured)}
${kindTable(components, first, last)}
${componentTable(components, first, last)}`;
  return { id: 'map', heading: 'Error map', body };
}

/** Over the components that both maps have measured. */
function correlationOf(first: MeasuredMap, last: MeasuredMap): number {
  const both = first.shares.flatMap((_, c) =>
    Number.isFinite(first.shares[c]) && Number.isFinite(last.shares[c]) ? [c] : [],
  );
  return spearman(
    both.map((c) => first.shares[c]),
    both.map((c) => last.shares[c]),
  );
}

function mapRows(components: readonly NamedComponent[], map: MeasuredMap): MapRow[] {
  const rows = new Map<string, { label: string; cells: MapCell[]; total: number }>();
  components.forEach((component, c) => {
    const { id, kind, layer, index } = component;
    const key = layer === null ? id : `layer ${layer}`;
    const label = layer === null ? (OUTSIDE_LAYERS[kind] ?? id.slice(0, 12)) : `layer ${layer}`;
    const row = rows.get(key) ?? { label, cells: [], total: 0 };
    rows.set(key, row);
    const share = map.shares[c];
    if (Number.isFinite(share)) row.total += share;
    row.cells.push({
      group: layer === null ? null : kind,
      column: index,
      share,
      isActive: isActive(map, c),
      text: cellText(component, map, c),
    });
  });
  return [...rows.values()];
}

function isActive({ mask }: MeasuredMap, c: number): boolean {
  return mask !== null && mask.mask[c] > 0;
}

function cellText(component: NamedComponent, map: MeasuredMap, c: number): string {
  const share = Number.isFinite(map.shares[c])
    ? `${formatSignificant(100 * map.shares[c])} % of the error, measured at step ${formatCount(map.measuredSteps[c])}`
    : 'never measured';
  return `${describeComponent(component)}: ${share}, ${updateText(map, c)}`;
}

function updateText(map: MeasuredMap, c: number): string {
  if (map.mask === null) return 'no mask yet';
  return isActive(map, c) ? `updated at rate × ${formatSignificant(map.mask.lrScale[c])}` : 'not updated';
}

function kindTable(components: readonly NamedComponent[], first: MeasuredMap, last: MeasuredMap): Markup {
  const kinds = [...new Set(components.map(({ kind }) => kind))];
  const names: Readonly<Record<string, string>> = {
    ...OUTSIDE_LAYERS,
    ...Object.fromEntries(GROUPS.map(({ name, plural }) => [name, plural])),
  };
  const rows = kinds.map((kind) => {
    const members = components.flatMap((component, c) => (component.kind === kind ? [c] : []));
    const total = (map: MeasuredMap) =>
      members.reduce((sum, c) => sum + (Number.isFinite(map.shares[c]) ? map.shares[c] : 0), 0);
    const active = last.mask === null ? '–' : `${members.filter((c) => isActive(last, c)).length} of ${members.length}`;
    return html`<tr><th scope="row">${names[kind] ?? 'others'}</th>${first === last ? null : html`<td class="number">${formatShare(total(first))}</td>`}<td class="number">${formatShare(total(last))}</td><td class="number">${active}</td></tr>`;
  });
  return scrollable(
    'Shares by kind of component',
    html`<table class="narrow"><caption>By kind of component</caption><thead><tr><th scope="col">kind</th>${first === last ? null : html`<th scope="col" class="number">share, step ${formatCount(first.step)}</th>`}<th scope="col" class="number">share, step ${formatCount(last.step)}</th><th scope="col" class="number">updated</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function componentTable(components: readonly NamedComponent[], first: MeasuredMap, last: MeasuredMap): Markup {
  const share = (map: MeasuredMap, c: number) =>
    html`<td class="number">${Number.isFinite(map.shares[c]) ? `${formatSignificant(100 * map.shares[c])} %` : '–'}</td>`;
  const rows = components.map(
    (component, c) =>
      html`<tr><th scope="row"><code>${component.id}</code></th><td>${describeComponent(component)}</td>${first === last ? null : share(first, c)}${share(last, c)}<td class="number">${last.measuredSteps[c] < 0 ? 'never' : last.measuredSteps[c]}</td><td>${updateText(last, c)}</td></tr>`,
  );
  return html`<details class="bulk"><summary>The map as a table (${components.length} components)</summary>${scrollable(
    'Error map by component',
    html`<table><thead><tr><th scope="col">id</th><th scope="col">component</th>${first === last ? null : html`<th scope="col" class="number">share, step ${formatCount(first.step)}</th>`}<th scope="col" class="number">share, step ${formatCount(last.step)}</th><th scope="col" class="number">measured at step</th><th scope="col">last mask</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</details>`;
}
