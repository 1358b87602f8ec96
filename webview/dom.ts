/** @file Making elements. Text is only ever set as text, so nothing that a model or a repository wrote can become markup. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type { VscodeButton } from '@vscode-elements/elements/dist/vscode-button/index.js';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { VscodeSingleSelect } from '@vscode-elements/elements/dist/vscode-single-select/index.js';

export type Child = Node | string | null;

/** An element with attributes (`true` for a bare one, `null` and `false` for none) and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number | boolean | null>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function icon(name: string): HTMLElement {
  return element('span', { class: `codicon codicon-${name}`, 'aria-hidden': 'true' });
}

/** Sets a text only where it differs: an unchanged one costs no layout. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function button(
  label: string,
  onClick: () => void,
  { iconName = '', isSecondary = true }: { iconName?: string; isSecondary?: boolean } = {},
): VscodeButton {
  const made = document.createElement('vscode-button') as VscodeButton;
  made.secondary = isSecondary;
  made.icon = iconName;
  made.textContent = label;
  made.addEventListener('click', onClick);
  return made;
}

/** A button that is a picture, named by what it does. */
export function iconButton(label: string, iconName: string, onClick: () => void): HTMLButtonElement {
  const made = element(
    'button',
    { class: 'iconButton', type: 'button', title: label, 'aria-label': label },
    icon(iconName),
  );
  made.addEventListener('click', onClick);
  return made;
}

/** Changes what an icon button shows and does. */
export function relabel(target: HTMLButtonElement, label: string, iconName: string): void {
  if (target.getAttribute('aria-label') === label) return;
  target.title = label;
  target.setAttribute('aria-label', label);
  target.replaceChildren(icon(iconName));
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A labelled list to choose from. */
export interface Select {
  readonly element: HTMLElement;
  readonly set: (choices: readonly Choice[], value: string, isDisabled?: boolean) => void;
}

export function select(label: string, onChange: (value: string) => void): Select {
  const control = document.createElement('vscode-single-select') as VscodeSingleSelect;
  control.label = label;
  control.addEventListener('change', () => onChange(control.value));
  let shown = '';
  const set = (choices: readonly Choice[], value: string, isDisabled = false) => {
    if (control.disabled !== isDisabled) control.disabled = isDisabled;
    const next = JSON.stringify(choices);
    if (next !== shown) {
      shown = next;
      control.options = choices.map((choice) => ({ ...choice, description: '', selected: false, disabled: false }));
      control.value = value;
      control.requestUpdate();
    } else if (control.value !== value) {
      control.value = value;
    }
  };
  return {
    element: element(
      'div',
      { class: 'field' },
      element('span', { class: 'fieldLabel', 'aria-hidden': 'true' }, label),
      control,
    ),
    set,
  };
}

export function checkbox(label: string, onChange: (isChecked: boolean) => void): VscodeCheckbox {
  const made = document.createElement('vscode-checkbox') as VscodeCheckbox;
  made.label = label;
  made.addEventListener('change', () => onChange(made.checked));
  return made;
}

/** A native slider with a label. */
export function slider(label: string, onInput: (value: number) => void): HTMLInputElement {
  const made = element('input', { type: 'range', 'aria-label': label, class: 'slider' });
  made.addEventListener('input', () => onInput(Number(made.value)));
  return made;
}

/** Range and place of a slider; its value last, for the range cuts it. */
export function setSlider(target: HTMLInputElement, value: number, max: number): void {
  if (target.max !== String(max)) target.max = String(max);
  if (target.value !== String(value)) target.value = String(value);
}

/** A table of texts; the first cell of each row heads it. @param numeric columns that are numbers */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly Child[])[],
  numeric: readonly number[] = [],
): HTMLElement {
  const style = (column: number) => (numeric.includes(column) ? 'number' : null);
  const head = element(
    'tr',
    {},
    ...headings.map((heading, column) => element('th', { scope: 'col', class: style(column) }, heading)),
  );
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...row.map((child, column) =>
        column === 0
          ? element('th', { scope: 'row', class: style(column) }, child)
          : element('td', { class: style(column) }, child),
      ),
    ),
  );
  return element(
    'div',
    { class: 'scrollable', role: 'region', tabindex: '0', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', { class: 'hidden' }, caption),
      element('thead', {}, head),
      element('tbody', {}, ...body),
    ),
  );
}
