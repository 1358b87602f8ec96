/** @file Where the model is wrong: held-out files by loss, and texts whose tokens are shaded by theirs, before and after. */
import type { FileLosses, TokenLosses } from '../src/protocol.ts';
import { element, icon, select, setText, table } from './dom.ts';
import { formatChange, formatCount, formatLoss } from './format.ts';
import { type LoadedRun, numberOf, resultStep } from './state.ts';
import { TEXT } from './strings.ts';
import type { Context, View } from './view.ts';
import type { ViewState } from './viewState.ts';

export interface FileRow {
  readonly path: string;
  readonly tokens: number;
  readonly before: number;
  readonly after: number;
  readonly change: number;
}

/** The first of a list, and the one of the step that counts as the result (else the last). */
export function firstAndResult<Item extends { readonly step: number }>(
  list: readonly Item[],
  run: LoadedRun,
): [Item, Item] | null {
  const sorted = [...list].sort((a, b) => a.step - b.step);
  if (sorted.length === 0) return null;
  const step = resultStep(run.model);
  return [sorted[0], sorted.find((item) => item.step === step) ?? sorted[sorted.length - 1]];
}

export function fileRows(
  [first, last]: readonly [FileLosses, FileLosses],
  { sort, isDescending }: ViewState['files'],
): FileRow[] {
  const before = new Map(first.files.map((file) => [file.path, numberOf(file.loss)]));
  const rows = last.files.map(({ path, tokens, loss }): FileRow => {
    const [from, to] = [before.get(path) ?? Number.NaN, numberOf(loss)];
    return { path, tokens, before: from, after: to, change: (to - from) / from };
  });
  // What is not a number is the worst of all; equal ones stand by name, so that the order is always the same.
  const rank = (value: number) => (Number.isNaN(value) ? Infinity : value);
  const order = (a: FileRow, b: FileRow) => {
    if (sort === 'path') return a.path < b.path ? -1 : 1;
    const [left, right] = [rank(a[sort]), rank(b[sort])];
    return left === right ? 0 : left - right;
  };
  const byName = (a: FileRow, b: FileRow) => (a.path < b.path ? -1 : 1);
  return rows.sort((a, b) => (isDescending ? order(b, a) : order(a, b)) || byName(a, b));
}

/** Upper ends of the shades in nats: a probability of 61 %, 37 %, 14 %, 5 % and 0.7 %. */
export const SHADE_LIMITS = [0.5, 1, 2, 3, 5];

export function shadeOf(loss: number): number {
  const shade = SHADE_LIMITS.findIndex((limit) => loss < limit);
  return shade < 0 ? SHADE_LIMITS.length : shade;
}

/** Token and loss by line of the text; a token that spans lines is cut at their ends. */
export function linesOf(text: TokenLosses['texts'][number]): { text: string; loss: number | null }[][] {
  const lines: { text: string; loss: number | null }[][] = [[]];
  text.pieces.forEach((piece, i) => {
    const value = text.losses[i];
    const loss = value === null || value === undefined ? null : numberOf(value);
    piece.split('\n').forEach((part, n) => {
      if (n > 0) lines.push([]);
      if (part !== '' || n > 0 || piece === '') lines[lines.length - 1].push({ text: part, loss });
    });
  });
  return lines;
}

const SHOWN_WORST = 12;

export function createFilesView(context: Context): View {
  const { data, view } = context;
  const empty = element('p', { class: 'note' }, TEXT.files.none);
  const summary = element('p', { class: 'note' });
  const files = element('div', { class: 'fileTable' });
  const textSelect = select(TEXT.files.text, (value) => {
    view.files.text = value;
    context.changed();
  });
  const scale = element(
    'div',
    { class: 'tokenScale' },
    element('span', { class: 'note' }, TEXT.files.scale),
    ...scaleSwatches(),
  );
  const panes = element('div', { class: 'panes' });
  const worst = element('div');
  const noTexts = element('p', { class: 'note' }, TEXT.files.noTexts);
  const texts = element('div', {}, element('div', { class: 'controls' }, textSelect.element, scale), panes, worst);
  const root = element(
    'div',
    {},
    empty,
    element('h2', {}, TEXT.files.heading),
    element('p', { class: 'note' }, TEXT.files.note),
    summary,
    files,
    element('h2', {}, TEXT.files.textHeading),
    element('p', { class: 'note' }, TEXT.files.textNote),
    noTexts,
    texts,
  );
  let drawn: readonly unknown[] = [];

  function draw(): void {
    const run = data.main;
    if (!run) return;
    const { fileLosses, tokenLosses } = run.details;
    const end = resultStep(run.model);
    const next = [fileLosses, tokenLosses, end, view.files.sort, view.files.isDescending, view.files.text];
    if (next.every((value, i) => value === drawn[i])) return;
    drawn = next;
    const pair = firstAndResult(fileLosses, run);
    const textPair = firstAndResult(tokenLosses, run);
    empty.hidden = pair !== null || textPair !== null;
    for (const child of root.children)
      if (child !== empty) (child as HTMLElement).hidden = pair === null && textPair === null;
    if (pair) drawFiles(run, pair);
    texts.hidden = textPair === null;
    noTexts.hidden = textPair !== null || pair === null;
    if (textPair) drawTexts(run, textPair);
  }

  function drawFiles(run: LoadedRun, pair: [FileLosses, FileLosses]): void {
    const [first, last] = pair;
    const isOnlyOne = first === last;
    const rows = fileRows(pair, view.files);
    const better = rows.filter(({ before, after }) => after < before).length;
    const worse = rows.filter(({ before, after }) => after > before).length;
    setText(summary, isOnlyOne ? '' : TEXT.files.summary(better, worse));
    const columns = [
      ['path', TEXT.files.path],
      ['tokens', TEXT.files.tokens],
      ['before', TEXT.files.before(formatCount(first.step))],
      ['after', TEXT.files.after(formatCount(last.step))],
      ['change', TEXT.files.change],
    ] as const;
    const body = rows.map((row) => {
      const open = element(
        'button',
        { type: 'button', class: 'link', title: TEXT.files.openLine(row.path, 1) },
        row.path,
      );
      open.addEventListener('click', () => openFile(run, row.path, 1));
      return [open, formatCount(row.tokens), formatLoss(row.before), formatLoss(row.after), changeText(row)];
    });
    const made = table(
      TEXT.files.heading,
      columns.map(([, label]) => label),
      body,
      [1, 2, 3, 4],
    );
    made.querySelectorAll('thead th').forEach((heading, i) => {
      const [key, label] = columns[i];
      const isSorted = view.files.sort === key;
      const { isDescending } = view.files;
      if (isSorted) heading.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
      const sort = element(
        'button',
        { type: 'button', class: 'sort' },
        element('span', {}, label),
        isSorted ? icon(isDescending ? 'arrow-down' : 'arrow-up') : null,
      );
      sort.addEventListener('click', () => {
        view.files.isDescending = isSorted ? !isDescending : key !== 'path';
        view.files.sort = key;
        context.changed();
        files.querySelectorAll<HTMLElement>('button.sort')[i]?.focus();
      });
      heading.replaceChildren(sort);
    });
    const focusedSort = [...files.querySelectorAll('button.sort')].indexOf(document.activeElement as Element);
    files.replaceChildren(made);
    if (focusedSort >= 0) files.querySelectorAll<HTMLElement>('button.sort')[focusedSort]?.focus();
  }

  function openFile(run: LoadedRun, path: string, line: number): void {
    context.post({ type: 'openFile', run: run.details.summary.path, path, line });
  }

  function drawTexts(run: LoadedRun, [first, last]: [TokenLosses, TokenLosses]): void {
    const keyOf = ({ path, firstLine }: TokenLosses['texts'][number]) => `${path}:${firstLine}`;
    const keys = last.texts.map(keyOf);
    const chosen = Math.max(0, keys.indexOf(view.files.text ?? ''));
    textSelect.set(
      keys.map((key) => ({ value: key, label: key })),
      keys[chosen] ?? '',
    );
    const after = last.texts[chosen];
    if (!after) {
      panes.replaceChildren();
      worst.replaceChildren();
      return;
    }
    const before = first === last ? undefined : first.texts.find((text) => keyOf(text) === keys[chosen]);
    panes.replaceChildren(
      ...(before ? [pane(run, TEXT.files.beforePane(formatCount(first.step)), before)] : []),
      pane(run, TEXT.files.afterPane(formatCount(last.step)), after),
    );
    drawWorst(run, before, after);
  }

  function pane(run: LoadedRun, heading: string, text: TokenLosses['texts'][number]): HTMLElement {
    const known = text.losses.map(numberOf).filter((loss) => !Number.isNaN(loss));
    const mean = known.reduce((sum, loss) => sum + loss, 0) / known.length;
    const lines = linesOf(text).map((tokens, n) => {
      const line = text.firstLine + n;
      const number = element(
        'button',
        { type: 'button', class: 'lineNumber', 'aria-label': TEXT.files.openLine(text.path, line) },
        String(line),
      );
      const code = element('code', { 'data-line': line });
      for (const { text: piece, loss } of tokens) {
        const made = element('span', { class: loss === null ? 'token' : `token shade${shadeOf(loss)}` }, piece);
        if (loss !== null) made.title = `${formatLoss(loss)} nats`;
        code.append(made);
      }
      const row = element('div', { class: 'codeLine' }, number, code);
      row.addEventListener('click', () => openFile(run, text.path, line));
      return row;
    });
    return element(
      'section',
      { class: 'pane', 'aria-label': heading },
      element('h3', {}, heading, ' ', element('span', { class: 'note' }, TEXT.files.meanLoss(formatLoss(mean)))),
      element('div', { class: 'code', role: 'region', tabindex: '0', 'aria-label': heading }, ...lines),
    );
  }

  /** The same as text, for those who do not see the shades. */
  function drawWorst(
    run: LoadedRun,
    before: TokenLosses['texts'][number] | undefined,
    after: TokenLosses['texts'][number],
  ): void {
    let line = after.firstLine;
    const tokens = after.pieces.map((piece, i) => {
      const at = line;
      line += piece.split('\n').length - 1;
      return { piece, line: at, before: numberOf(before?.losses[i]), after: numberOf(after.losses[i]) };
    });
    const rows = tokens
      .filter((token) => !Number.isNaN(token.after))
      .sort((a, b) => b.after - a.after)
      .slice(0, SHOWN_WORST)
      .map((token) => {
        const open = element(
          'button',
          { type: 'button', class: 'link', 'aria-label': TEXT.files.openLine(after.path, token.line) },
          String(token.line),
        );
        open.addEventListener('click', () => openFile(run, after.path, token.line));
        return [
          element('code', {}, JSON.stringify(token.piece)),
          open,
          formatLoss(token.before),
          formatLoss(token.after),
        ];
      });
    const headings = [TEXT.files.token, TEXT.files.line, 'Before', 'After'];
    worst.replaceChildren(
      element('h3', {}, TEXT.files.worstHeading),
      table(TEXT.files.worstHeading, headings, rows, [1, 2, 3]),
    );
  }

  return { element: root, draw };
}

function changeText({ change }: FileRow): string {
  if (!Number.isFinite(change)) return '–';
  // In a narrow panel the words are wrapped, and the sign stays with its number.
  return `${formatChange(change).replace(' %', '\u00a0%')} ${change < 0 ? TEXT.files.better : change > 0 ? TEXT.files.worse : TEXT.files.same}`;
}

function scaleSwatches(): HTMLElement[] {
  return [...SHADE_LIMITS, Infinity].map((limit, shade) => {
    const text = limit === Infinity ? `≥ ${SHADE_LIMITS.at(-1)}` : `< ${limit}`;
    return element('span', { class: `token shade${shade}` }, text);
  });
}
