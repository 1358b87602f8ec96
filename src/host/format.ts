/** @file Numbers and texts for people: bytes, durations, losses, what a notification may show. */

/** `vscode.l10n.t`: a sentence with `{0}`, `{1}` … in the user's language. Pure functions are given it. */
export type Translate = (message: string, ...values: (string | number)[]) => string;

/** The sentence as it is, filled in. */
export const inEnglish: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (_whole, index) => String(values[Number(index)]));

/** 3_400_000 -> "3.2 MB"; binary units under the names that VS Code uses. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** 75_000 -> "1 min 15 s" */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes} min ${seconds % 60} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** 12_345 -> "12.3 K" */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} K`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} M` : `${(count / 1e9).toFixed(1)} B`;
}

/** `−10.8 % (1.234 → 1.101)`: held-out loss before and after. */
export function formatLossChange(before: number | null, after: number | null): string {
  if (before === null) return '';
  if (after === null) return before.toFixed(3);
  return `${formatChange(before, after)} (${before.toFixed(3)} \u2192 ${after.toFixed(3)})`;
}

/** `−10.8 %`: for places where room is scarce. Empty before there are two losses. */
export function formatLossPercent(before: number | null, after: number | null): string {
  return before === null || after === null ? '' : formatChange(before, after);
}

function formatChange(before: number, after: number): string {
  const change = (100 * (after - before)) / before;
  return `${change <= 0 ? '\u2212' : '+'}${Math.abs(change).toFixed(1)} %`;
}

/** VS Code turns `[text](command:…)` in a notification into a link that runs the command: here it stays text. */
export function plainText(text: string): string {
  return text.replaceAll('](', '] (');
}
