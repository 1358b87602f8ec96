/**
 * @file Markup that is safe by construction, and numbers as people read them. The `html` tag escapes every string put
 * into it; only what the tag itself has made goes in as it is, and nothing read from a file can pass for that.
 */

const MARKUP = Symbol('markup');

/** Finished HTML. The key is a symbol, so no JSON value can be one. */
export interface Markup {
  readonly [MARKUP]: string;
}

/** A part of the page with its own heading and a link to it. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: Markup;
}

/** What may stand in an `html` template. `null` leaves nothing. */
export type Content = string | number | Markup | null | readonly Content[];

/** Markup with every interpolated string escaped, for use as element content and inside double-quoted attributes. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = parts[0];
  contents.forEach((content, i) => {
    text += textOf(content) + parts[i + 1];
  });
  return { [MARKUP]: text };
}

/** The HTML text of markup. */
export function htmlText(markup: Markup): string {
  return markup[MARKUP];
}

/** Text that this program wrote, taken as it is: the style sheet. Never for anything that was read from a file. */
export function trustedText(text: string): Markup {
  return { [MARKUP]: text };
}

function textOf(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return isMarkup(content) ? content[MARKUP] : content.map(textOf).join('');
}

function isMarkup(content: Markup | readonly Content[]): content is Markup {
  return MARKUP in content;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes for content and quoted attributes. Control characters and those that change the direction of writing, with
 * which a file name can pose as another, become visible: `\u0000` as `␀`, U+202E as `[U+202E]`.
 */
export function escapeHtml(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (character) => ENTITIES[character])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (control) =>
        String.fromCharCode(0x2400 + control.charCodeAt(0)),
      )
      .replace(
        /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
        (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
      )
  );
}

/** Wide tables scroll in their own frame, which the keyboard can reach. */
export function scrollable(label: string, table: Markup): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${table}</div>`;
}

/** 1234567 -> "1,234,567" */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return formatNotFinite(count);
  return Math.abs(count) < 1e15 ? count.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',') : formatSignificant(count);
}

/** Nats per token with the four decimals that the command line prints. */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return formatNotFinite(loss);
  return Math.abs(loss) < 1e6 ? loss.toFixed(4) : formatSignificant(loss);
}

/** 0.1234 -> "12.3 %" */
export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : formatNotFinite(share);
}

/** Like `formatPercent`, but what is not nothing never reads as nothing: 0.0002 -> "< 0.1 %". */
export function formatShare(share: number): string {
  return share > 0 && share < 0.0005 ? '< 0.1 %' : formatPercent(share);
}

/** 1, "step" -> "1 step"; 2 -> "2 steps". */
export function formatNumberOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A relative change with its sign: -0.346 -> "−34.6 %", no change -> "±0.0 %". */
export function formatChange(change: number): string {
  if (!Number.isFinite(change)) return formatNotFinite(change);
  const digits = `${Math.abs(100 * change).toFixed(1)} %`;
  if (digits === '0.0 %') return '±0.0 %';
  return `${change < 0 ? '−' : '+'}${digits}`;
}

/** At most three significant digits: 0.00012345 -> "0.000123", 2.5 -> "2.5", 1.2e-9 -> "1.20e-9". */
export function formatSignificant(value: number): string {
  if (!Number.isFinite(value)) return formatNotFinite(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(2);
  return size >= 100 ? formatCount(value) : String(Number(value.toPrecision(3)));
}

/** 8_038 -> "8.0 s", 75_000 -> "1 min 15 s" */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms)) return formatNotFinite(ms);
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Unix time -> "2026-01-31 12:00 UTC"; the zone of whoever makes the report must not show in it. */
export function formatDate(ms: number): string {
  if (!(Math.abs(ms) <= 8.64e15)) return 'unknown';
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function formatNotFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '∞' : '−∞';
}
