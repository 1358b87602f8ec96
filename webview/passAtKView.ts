/** @file pass@k: base against tuned with intervals, every problem, and samples with their verdicts. */
import type { PassAtKResult } from '../src/protocol.ts';
import { element, icon, table } from './dom.ts';
import { formatCount, formatPercent } from './format.ts';
import { TEXT } from './strings.ts';
import type { Context, View } from './view.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function createPassAtKView(context: Context): View {
  const { data, view } = context;
  const root = element('div');
  let drawn: readonly unknown[] = [];

  function draw(): void {
    const results = data.main?.details.passAtK ?? [];
    const next = [results, view.problem];
    if (next.every((value, i) => value === drawn[i])) return;
    const lists = () => [...root.querySelectorAll('[role=listbox]')];
    const inList = lists().findIndex((list) => list.contains(document.activeElement));
    drawn = next;
    if (results.length === 0) {
      root.replaceChildren(element('p', { class: 'note' }, TEXT.passAtK.none));
      return;
    }
    const groups = [...new Set(results.map(({ group }) => group))];
    root.replaceChildren(...groups.flatMap((group) => sectionOf(results.filter((result) => result.group === group))));
    if (inList >= 0) lists()[inList]?.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
  }

  function sectionOf(group: readonly PassAtKResult[]): HTMLElement[] {
    const [{ problems }] = group;
    const base = group.find(({ model }) => model === 'base');
    const tuned = group.find(({ model }) => model === 'tuned');
    const present = [base, tuned].filter((result) => result !== undefined);
    const ks = [...new Set(present.flatMap(({ passAtK }) => Object.keys(passAtK)))].sort(
      (a, b) => Number(a) - Number(b),
    );
    const rows = present.flatMap((result) =>
      ks.flatMap((k) => {
        const estimate = result.passAtK[k];
        if (!estimate) return [];
        const { value, low, high } = estimate;
        const name = result.model === 'base' ? TEXT.passAtK.base : TEXT.passAtK.tuned;
        return [
          [
            name,
            `pass@${k}`,
            formatPercent(value),
            `${formatPercent(low)} – ${formatPercent(high)}`,
            intervalPicture(estimate, result.model),
          ],
        ];
      }),
    );
    // Same k together: that is what is compared.
    rows.sort((a, b) => ks.indexOf(String(a[1]).slice(5)) - ks.indexOf(String(b[1]).slice(5)));
    const headings = [TEXT.passAtK.model, 'k', 'Estimate', TEXT.passAtK.interval, '0 – 100 %'];
    const [{ numSamples, perProblem }] = present;
    const layers = [...new Set(present.flatMap((result) => result.layers))];
    return [
      element('h2', {}, problems),
      element(
        'p',
        { class: 'note' },
        `${TEXT.passAtK.samples(formatCount(numSamples), formatCount(perProblem.length))}.`,
      ),
      element(
        'details',
        { class: 'note' },
        element('summary', {}, TEXT.passAtK.layers(layers.length)),
        element('ul', {}, ...layers.map((layer) => element('li', {}, layer))),
      ),
      element('div', { class: 'intervals' }, table(`pass@k, ${problems}`, headings, rows, [2, 3])),
      element('h3', {}, TEXT.passAtK.problems),
      element('p', { class: 'note' }, TEXT.passAtK.problemsNote),
      problemGrid(problems, base, tuned),
      samplesOf(base, tuned),
    ];
  }

  function problemGrid(
    problems: string,
    base: PassAtKResult | undefined,
    tuned: PassAtKResult | undefined,
  ): HTMLElement {
    const ids = [...new Set([base, tuned].flatMap((result) => result?.perProblem.map(({ taskId }) => taskId) ?? []))];
    const chosen = ids.includes(view.problem ?? '') ? view.problem! : ids[0];
    const tiles = ids.map((id) => {
      const [left, right] = [base, tuned].map((result) => result?.perProblem.find(({ taskId }) => taskId === id));
      const text = (one: typeof left) => (one ? TEXT.passAtK.of(one.passed, one.samples) : TEXT.passAtK.notRun);
      const half = (one: typeof left) =>
        element(
          'span',
          { class: `half rate${one && one.samples > 0 ? Math.ceil((4 * one.passed) / one.samples) : 0}` },
          one ? String(one.passed) : '–',
        );
      return element(
        'div',
        {
          role: 'option',
          class: 'tile',
          tabindex: id === chosen ? '0' : '-1',
          'aria-selected': String(id === chosen),
          title: TEXT.passAtK.problemLabel(id, text(left), text(right)),
          'data-problem': id,
        },
        element('span', { class: 'tileName', 'aria-hidden': 'true' }, id.split('/').at(-1)!),
        element('span', { class: 'halves', 'aria-hidden': 'true' }, half(left), half(right)),
        element('span', { class: 'hidden' }, TEXT.passAtK.problemLabel(id, text(left), text(right))),
      );
    });
    const grid = element(
      'div',
      { role: 'listbox', class: 'problems', 'aria-label': `${TEXT.passAtK.problems}, ${problems}` },
      ...tiles,
    );
    const choose = (index: number) => {
      const tile = tiles[Math.max(0, Math.min(tiles.length - 1, index))];
      view.problem = tile.dataset.problem!;
      tile.focus();
      context.changed();
    };
    grid.addEventListener('click', (event) => {
      const tile = (event.target as Element).closest<HTMLElement>('[role=option]');
      if (tile) choose(tiles.indexOf(tile as HTMLDivElement));
    });
    grid.addEventListener('keydown', (event) => {
      const current = ids.indexOf(chosen);
      const perRow = Math.max(
        1,
        tiles.findIndex((tile) => tile.offsetTop > tiles[0].offsetTop),
      );
      const steps: Readonly<Record<string, number>> = {
        ArrowLeft: -1,
        ArrowRight: 1,
        ArrowUp: -perRow,
        ArrowDown: perRow,
        Home: -ids.length,
        End: ids.length,
      };
      if (!(event.key in steps)) return;
      event.preventDefault();
      choose(current + steps[event.key]);
    });
    return grid;
  }

  function samplesOf(base: PassAtKResult | undefined, tuned: PassAtKResult | undefined): HTMLElement {
    const first = (tuned ?? base)?.perProblem[0]?.taskId;
    const ids = new Set([base, tuned].flatMap((result) => result?.perProblem.map(({ taskId }) => taskId) ?? []));
    const chosen = ids.has(view.problem ?? '') ? view.problem : first;
    const part = (result: PassAtKResult | undefined) => {
      if (!result) return null;
      const name = result.model === 'base' ? TEXT.passAtK.base : TEXT.passAtK.tuned;
      const samples = result.samples.filter(({ taskId }) => taskId === chosen);
      return element(
        'section',
        { class: 'pane', 'aria-label': `${name}, ${chosen}` },
        element('h3', {}, name, ' ', element('span', { class: 'note' }, chosen ?? '')),
        ...(samples.length === 0 ? [element('p', { class: 'note' }, TEXT.passAtK.noSamples)] : []),
        ...samples.map(({ completion, result: verdict, passed }) =>
          element(
            'div',
            { class: 'sample' },
            element(
              'p',
              { class: passed ? 'verdict good' : 'verdict bad' },
              icon(passed ? 'pass' : 'error'),
              // `failed: ` with nothing behind it: an assertion without a message.
              ` ${verdict.replace(/:\s*$/, '')}`,
            ),
            element('pre', { tabindex: '0', role: 'region', 'aria-label': `${name}, ${chosen}` }, completion),
          ),
        ),
      );
    };
    return element('div', { class: 'panes' }, part(base), part(tuned));
  }

  return { element: root, draw };
}

/** The estimate as a mark on its interval: a square for the base model, a circle for the tuned one. */
function intervalPicture(
  { value, low, high }: { value: number; low: number; high: number },
  model: PassAtKResult['model'],
): SVGElement {
  const shape = (tag: string, attributes: Readonly<Record<string, string | number>>) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, item] of Object.entries(attributes)) made.setAttribute(name, String(item));
    return made;
  };
  const across = (share: number) => 6 + 108 * Math.min(1, Math.max(0, share));
  const picture = shape('svg', { width: 120, height: 16, class: `interval ${model}`, 'aria-hidden': 'true' });
  picture.append(
    shape('line', { x1: 6, x2: 114, y1: 8, y2: 8, class: 'track' }),
    shape('line', { x1: across(low), x2: across(high), y1: 8, y2: 8, class: 'span' }),
    model === 'base'
      ? shape('rect', { x: across(value) - 4, y: 4, width: 8, height: 8 })
      : shape('circle', { cx: across(value), cy: 8, r: 4.5 }),
  );
  return picture as SVGElement;
}
