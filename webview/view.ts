/** @file What the parts of the panel share: what they are given, and how they say what the user did. */
import type { FromPanel } from '../src/protocol.ts';
import type { PanelData } from './state.ts';
import type { Theme } from './theme.ts';
import type { ViewState } from './viewState.ts';

export interface Context {
  readonly data: PanelData;
  readonly view: ViewState;
  theme: Theme;
  readonly post: (message: FromPanel) => void;
  /** The user changed `view`: keep it and draw. */
  readonly changed: () => void;
  /** Draw with the next frame. */
  readonly redraw: () => void;
  /** Draw once more after that many milliseconds; one appointment at a time. */
  readonly redrawAfter: (ms: number) => void;
  /** Says something to screen readers. */
  readonly announce: (text: string) => void;
}

/** A part of the panel. `draw` is called at most once a frame, and only while the part is visible. */
export interface View {
  readonly element: HTMLElement;
  readonly draw: () => void;
}
