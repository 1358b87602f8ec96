/** Sheets: plain text reports with two columns. */

import type { Garden } from './garden.ts';
import { bloom, type Reply, wilt } from './reply.ts';

const WIDTH = 44;

export interface Pencil {
  /** Begins a part of the sheet. */
  part(title: string): void;
  /** Writes a label and its value. */
  row(label: string, value: string | number): void;
  /** Says that a part has no rows. */
  blank(remark: string): void;
}

const sheets = new Map<string, (garden: Garden, pencil: Pencil) => void>();

/** Defines a sheet. */
export function sheet(title: string, fill: (garden: Garden, pencil: Pencil) => void): void {
  sheets.set(title, fill);
}

/** Writes a sheet and returns its text. */
export function writeSheet(garden: Garden, title: string): Reply<string> {
  const fill = sheets.get(title);
  if (!fill) {
    return wilt('SHEET_UNKNOWN', {
      saw: `sheet ${title}`,
      needed: `one of ${[...sheets.keys()].sort().join(', ')}`,
      tend: 'Import the office file that defines it.',
    });
  }
  const lines = [`* ${title} *`];
  fill(garden, {
    part: (name) => lines.push('', `[${name}]`),
    row: (label, value) => lines.push(`${label} ${'.'.repeat(fillLength(label, String(value)))} ${value}`),
    blank: (remark) => lines.push(`-- ${remark} --`),
  });
  return bloom(`${lines.join('\n')}\n`);
}

function fillLength(label: string, value: string): number {
  return Math.max(2, WIDTH - label.length - value.length - 2);
}
