/** @file What the model wrote after the same prompts at each evaluation. */
import { element, select } from './dom.ts';
import { formatCount } from './format.ts';
import { TEXT } from './strings.ts';
import type { Context, View } from './view.ts';

/** Characters of a prompt that are shown: its end is what the completion goes on from. */
const SHOWN_CHARACTERS = 1200;

export function createSamplesView(context: Context): View {
  const { data, view } = context;
  const nameSelect = select(TEXT.samples.name, (name) => {
    view.sampleName = name;
    context.changed();
  });
  const controls = element('div', { class: 'controls' }, nameSelect.element);
  const note = element('p', { class: 'note' });
  const list = element('div');
  const root = element('div', {}, controls, note, list);
  let drawn: readonly unknown[] = [];

  function draw(): void {
    const model = data.main?.model;
    if (!model) return;
    const next = [model, model.samples.length, view.sampleName];
    if (next.every((value, i) => value === drawn[i])) return;
    drawn = next;
    const names = [...new Set(model.samples.map(({ name }) => name))];
    const chosen = names.includes(view.sampleName ?? '') ? view.sampleName : (names[0] ?? null);
    controls.hidden = names.length < 2;
    nameSelect.set(
      names.map((name) => ({ value: name, label: name })),
      chosen ?? '',
    );
    note.textContent = names.length === 0 ? TEXT.samples.none : TEXT.samples.note;
    const shown = model.samples.filter(({ name }) => name === chosen).toReversed();
    list.replaceChildren(
      ...shown.map(({ step, name, prompt, completion }) => {
        const hidden = Math.max(0, prompt.length - SHOWN_CHARACTERS);
        return element(
          'section',
          { class: 'sample' },
          element('h3', {}, `${TEXT.step(formatCount(step))} `, element('span', { class: 'note' }, name)),
          element(
            'pre',
            { tabindex: '0', role: 'region', 'aria-label': `${TEXT.step(formatCount(step))}, ${name}` },
            hidden > 0 ? element('span', { class: 'note' }, `${TEXT.samples.hidden(formatCount(hidden))}\n`) : null,
            element('span', { class: 'prompt' }, prompt.slice(hidden)),
            element('ins', { class: 'completion' }, completion),
          ),
        );
      }),
    );
  }

  return { element: root, draw };
}
