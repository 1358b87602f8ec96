/** @file What was run, with what, where; what went wrong. */
import { element, icon } from './dom.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';
import { METHOD_TEXT, SETTING_TEXT, TEXT } from './strings.ts';
import type { Context, View } from './view.ts';

type Fields = Readonly<Record<string, unknown>>;

export function createAboutView({ data }: Context): View {
  const root = element('div', { class: 'about' });
  let drawn: readonly unknown[] = [];

  function draw(): void {
    const run = data.main;
    if (!run) return;
    const { details, model } = run;
    const next = [details, model, model.warnings.length, model.end, model.estimate];
    if (next.every((value, i) => value === drawn[i])) return;
    drawn = next;
    const description = details.description;
    const { training, ...otherOptions } = record(description?.options);
    const estimate = model.estimate && {
      trainingTime: formatDuration(model.estimate.durationMs),
      peakMemoryBytes: model.estimate.peakMemoryBytes,
      diskBytes: model.estimate.diskBytes,
    };
    const { heldOutFiles, folders, ...workspace } = record(description?.workspace);
    const numHeldOut = Array.isArray(heldOutFiles) ? { heldOutFiles: heldOutFiles.length } : {};
    root.replaceChildren(
      ...troubles(),
      element(
        'div',
        { class: 'settings' },
        ...[
          settingList(TEXT.about.model, record(description?.model)),
          settingList(TEXT.about.options, { ...record(training), ...otherOptions }),
          settingList(TEXT.about.data, { folders: folderTexts(folders), ...workspace, ...numHeldOut }),
          settingList(TEXT.about.estimate, record(estimate)),
          settingList(TEXT.about.machine, record(description?.machine)),
          settingList(TEXT.about.versions, record(description?.versions)),
        ].filter((list) => list !== null),
      ),
      ...heldOutList(heldOutFiles),
      element('p', { class: 'note path' }, `${TEXT.about.folder}: ${details.summary.path}`),
    );
  }

  function troubles(): HTMLElement[] {
    const { details, model } = data.main!;
    const made: HTMLElement[] = [];
    const end = model.end?.type === 'finished' ? null : model.end;
    const failure = end ? [end.code, end.reason].filter(Boolean).join(': ') : details.summary.problem;
    if (failure) made.push(box('bad', 'error', TEXT.about.failure, [failure]));
    const warnings = model.warnings.map(
      ({ step, code, message }) => `${TEXT.step(formatCount(step))}: ${code}. ${message}`,
    );
    if (model.numInvalid > 0) warnings.push(TEXT.about.invalid(model.numInvalid));
    if (details.description === null) warnings.push(TEXT.about.none);
    if (warnings.length > 0) made.push(box('warn', 'warning', `${TEXT.about.warnings} (${warnings.length})`, warnings));
    return made;
  }

  return { element: root, draw };
}

function box(kind: string, iconName: string, heading: string, lines: readonly string[]): HTMLElement {
  return element(
    'section',
    { class: `trouble ${kind}` },
    element('h3', {}, icon(iconName), ` ${heading}`),
    element('ul', {}, ...lines.map((line) => element('li', {}, line))),
  );
}

function heldOutList(files: unknown): HTMLElement[] {
  if (!Array.isArray(files) || files.length === 0) return [];
  return [
    element(
      'details',
      {},
      element('summary', {}, `${TEXT.about.heldOutFiles} (${files.length})`),
      element('ul', {}, ...files.map((file) => element('li', {}, element('code', {}, settingText('', file))))),
    ),
  ];
}

/** Each folder by its path, and its commit where there is one. */
function folderTexts(folders: unknown): readonly string[] | undefined {
  if (!Array.isArray(folders)) return undefined;
  return folders.map((folder) => {
    const { path, commit } = record(folder);
    const place = String(path ?? folder);
    return typeof commit === 'string' ? TEXT.about.atCommit(place, commit.slice(0, SHORT_HASH)) : place;
  });
}

/** Characters of a hash that tell it from others. */
const SHORT_HASH = 12;

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function settingList(heading: string, settings: Fields): HTMLElement | null {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return null;
  const lines = entries.map(([name, value]) =>
    element('div', {}, element('dt', {}, words(name)), element('dd', {}, settingText(name, value))),
  );
  return element('section', { class: 'settingGroup' }, element('h3', {}, heading), element('dl', {}, ...lines));
}

/** `maxSeqLength` as `max seq length`; a unit that the value shows goes. */
function words(name: string): string {
  if (Object.hasOwn(SETTING_TEXT, name)) return SETTING_TEXT[name];
  return name
    .replace(/(Bytes|AtMs|Ms)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

/** Options whose 0 lets the run decide, by its length. */
const AUTOMATIC_AT_ZERO: readonly string[] = ['probeEvery', 'evaluateEvery', 'checkpointEvery'];

function settingText(name: string, value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    if (name.endsWith('Bytes')) return formatBytes(value);
    if (value === 0 && AUTOMATIC_AT_ZERO.includes(name)) return 'automatic';
    if (!Number.isInteger(value)) return String(Number(value.toPrecision(6)));
    return name === 'seed' ? String(value) : formatCount(value);
  }
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((item) => settingText(name, item)).join('; ');
  if (typeof value === 'object') {
    const parts = Object.entries(value as Fields).map(([key, item]) => `${words(key)} ${settingText(key, item)}`);
    return parts.length === 0 ? 'none' : parts.join(', ');
  }
  const text = String(value);
  if (name === 'method') return METHOD_TEXT[text] ?? text;
  return /^[0-9a-f]{40,}$/.test(text) ? text.slice(0, SHORT_HASH) : text;
}
