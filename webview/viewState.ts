/** @file What the user chose in the panel. It outlives a reload; what is restored is checked, for it may be of another version. */
import type { Slot } from '../src/protocol.ts';
import { MAP_VALUES, type MapValue } from './mapModel.ts';

export const TABS = ['map', 'charts', 'files', 'passAtK', 'samples', 'about'] as const;
export type Tab = (typeof TABS)[number];
export const CLIPS = [100, 99, 95, 90] as const;
export const COMPARISONS = ['none', 'step', 'run'] as const;
export const SORTS = ['path', 'tokens', 'before', 'after', 'change'] as const;

export interface ViewState {
  /** Paths of the run directories shown. */
  main: string | null;
  compared: string | null;
  tab: Tab;
  map: {
    value: MapValue;
    isLogarithmic: boolean;
    clipPercent: (typeof CLIPS)[number];
    isTable: boolean;
    /** `null`: the latest, whatever it is. */
    step: number | null;
    comparison: (typeof COMPARISONS)[number];
    /** Step that is subtracted. */
    otherStep: number;
    /** Id of a component. */
    pinned: string | null;
  };
  charts: { isByTime: boolean; smoothing: number };
  files: { sort: (typeof SORTS)[number]; isDescending: boolean; text: string | null };
  /** Id of the problem whose samples are shown. */
  problem: string | null;
  sampleName: string | null;
}

export function defaultViewState(): ViewState {
  return {
    main: null,
    compared: null,
    tab: 'map',
    map: {
      value: 'share',
      isLogarithmic: true,
      clipPercent: 99,
      isTable: false,
      step: null,
      comparison: 'none',
      otherStep: 0,
      pinned: null,
    },
    charts: { isByTime: false, smoothing: 0.8 },
    files: { sort: 'after', isDescending: true, text: null },
    problem: null,
    sampleName: null,
  };
}

/** Shows a run in a slot; another run begins at its own latest step. @returns whether that is new */
export function showRun(state: ViewState, slot: Slot, path: string | null): boolean {
  if (state[slot] === path) return false;
  state[slot] = path;
  if (slot === 'main') state.map.step = null;
  return true;
}

/** The saved state, each value replaced by its default where it is none of those that there are. */
export function restoreViewState(saved: unknown): ViewState {
  const state = defaultViewState();
  const from = record(saved);
  const [map, charts, files] = [record(from.map), record(from.charts), record(from.files)];
  state.main = textOrNull(from.main);
  state.compared = textOrNull(from.compared);
  state.tab = oneOf(TABS, from.tab, state.tab);
  state.map.value = oneOf(MAP_VALUES, map.value, state.map.value);
  state.map.isLogarithmic = typeof map.isLogarithmic === 'boolean' ? map.isLogarithmic : state.map.isLogarithmic;
  state.map.clipPercent = oneOf(CLIPS, map.clipPercent, state.map.clipPercent);
  state.map.isTable = map.isTable === true;
  state.map.step = stepOr(map.step, null);
  state.map.comparison = oneOf(COMPARISONS, map.comparison, state.map.comparison);
  state.map.otherStep = stepOr(map.otherStep, 0);
  state.map.pinned = textOrNull(map.pinned);
  state.charts.isByTime = charts.isByTime === true;
  const { smoothing } = charts;
  if (typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1) state.charts.smoothing = smoothing;
  state.files.sort = oneOf(SORTS, files.sort, state.files.sort);
  state.files.isDescending = files.isDescending !== false;
  state.files.text = textOrNull(files.text);
  state.problem = textOrNull(from.problem);
  state.sampleName = textOrNull(from.sampleName);
  return state;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function stepOr<Fallback>(value: unknown, fallback: Fallback): number | Fallback {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fallback;
}

function oneOf<Item>(items: readonly Item[], value: unknown, fallback: Item): Item {
  return items.includes(value as Item) ? (value as Item) : fallback;
}
