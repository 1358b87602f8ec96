/** @file The panel: takes messages in, keeps what the user chose, and draws what is visible, at most once a frame. */
import 'uplot/dist/uPlot.min.css';
import './panel.css';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import type { VscodeTabs } from '@vscode-elements/elements/dist/vscode-tabs/index.js';
import type { FromPanel, ToPanel } from '../src/protocol.ts';
import { createAboutView } from './aboutView.ts';
import { createChartsView } from './chartsView.ts';
import { button, element } from './dom.ts';
import { createFilesView } from './filesView.ts';
import { createHeaderView } from './headerView.ts';
import { createMapView } from './mapView.ts';
import { createPassAtKView } from './passAtKView.ts';
import { createSamplesView } from './samplesView.ts';
import { createPanelData, receive } from './state.ts';
import { TEXT } from './strings.ts';
import { readTheme } from './theme.ts';
import type { Context, View } from './view.ts';
import { restoreViewState, showRun, TABS, type Tab } from './viewState.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const host = acquireVsCodeApi();
const data = createPanelData();
const view = restoreViewState(host.getState());
const live = element('div', { class: 'hidden', role: 'status', 'aria-live': 'polite' });

let isScheduled = false;
function redraw(): void {
  // Hidden: nothing is drawn; becoming visible asks again.
  if (isScheduled || document.visibilityState === 'hidden') return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    draw();
  });
}

let hasAppointment = false;
function redrawAfter(ms: number): void {
  if (hasAppointment) return;
  hasAppointment = true;
  setTimeout(() => {
    hasAppointment = false;
    redraw();
  }, ms);
}

const context: Context = {
  data,
  view,
  theme: readTheme(),
  post: (message) => host.postMessage(message),
  changed: () => {
    host.setState(view);
    redraw();
  },
  redraw,
  redrawAfter,
  announce: (text) => {
    live.textContent = text;
  },
};

const header = createHeaderView(context);
const views: { readonly [Name in Tab]: View } = {
  map: createMapView(context),
  charts: createChartsView(context),
  files: createFilesView(context),
  passAtK: createPassAtKView(context),
  samples: createSamplesView(context),
  about: createAboutView(context),
};

const tabs = document.createElement('vscode-tabs') as VscodeTabs;
tabs.selectedIndex = TABS.indexOf(view.tab);
for (const name of TABS)
  tabs.append(element('vscode-tab-header', {}, TEXT.tabs[name]), element('vscode-tab-panel', {}, views[name].element));
tabs.addEventListener('vsc-tabs-select', () => {
  view.tab = TABS[tabs.selectedIndex];
  context.changed();
});
/** The tabs wrap where they do not fit, and their slot does not call itself a second list of tabs. */
tabs.updateComplete.then(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('.tablist { flex-wrap: wrap; } slot[name=header] { display: contents; }');
  tabs.shadowRoot!.adoptedStyleSheets.push(sheet);
  tabs.shadowRoot!.querySelector('slot[name=header]')?.removeAttribute('role');
});

const emptyTitle = element('h1');
const emptyText = element('p');
const fineTune = button(TEXT.fineTune, () => context.post({ type: 'command', command: 'fineTune', run: '' }), {
  iconName: 'rocket',
  isSecondary: false,
});
const empty = element('section', { class: 'empty' }, emptyTitle, emptyText, fineTune);
document.getElementById('panel')!.append(live, header.element, empty, tabs);

function draw(): void {
  header.draw();
  const hasRun = data.main !== null;
  tabs.hidden = !hasRun;
  empty.hidden = hasRun;
  if (!hasRun) {
    const isLoading = !data.isListed && data.error === null;
    emptyTitle.textContent = isLoading
      ? TEXT.loading
      : data.runs.length === 0
        ? TEXT.emptyTitle
        : TEXT.noSelectionTitle;
    emptyText.textContent = isLoading ? '' : data.runs.length === 0 ? TEXT.emptyText : TEXT.noSelectionText;
    fineTune.hidden = isLoading;
    return;
  }
  views[view.tab].draw();
}

window.addEventListener('message', ({ data: message }: MessageEvent<ToPanel>) => {
  if (typeof message !== 'object' || message === null) return;
  const isNew = receive(data, message);
  // What the host shows is what is remembered: the next panel asks for the same runs.
  if (message.type === 'run' || message.type === 'empty') {
    const path = message.type === 'run' ? message.details.summary.path : null;
    if (showRun(view, message.slot, path)) host.setState(view);
  }
  if (isNew) redraw();
});
document.addEventListener('visibilitychange', redraw);
new MutationObserver(() => {
  context.theme = readTheme();
  redraw();
}).observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
new MutationObserver(() => {
  context.theme = readTheme();
  redraw();
}).observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });

context.post({ type: 'ready', shown: { main: view.main, compared: view.compared } });
redraw();
