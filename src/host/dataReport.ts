/** @file The answer of `rgft data --json`, as far as the extension shows it, and the sentences about it. Pure. */
import { formatCount, inEnglish, type Translate } from './format.ts';

/** See DataReport of the command; only what is used here. */
export interface DataSummary {
  readonly totals: {
    readonly files: number;
    readonly lines: number;
    readonly tokens: number;
    readonly rejected: number;
  };
  readonly languages: readonly { readonly language: string; readonly files: number; readonly tokens: number }[];
  readonly rejected: readonly {
    readonly reason: string;
    readonly count: number;
    readonly files: readonly { readonly path: string; readonly sentence: string }[];
  }[];
  readonly secrets: readonly { readonly path: string; readonly line: number }[];
  readonly split: {
    readonly train: { readonly files: number; readonly tokens: number };
    readonly heldOut: { readonly files: number; readonly tokens: number };
  };
  /** Rows of one epoch. */
  readonly packing: { readonly rows: number };
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Languages whose name is not their id with a capital. */
const LANGUAGE_NAMES: Readonly<Record<string, string>> = {
  cmake: 'CMake',
  cpp: 'C++',
  csharp: 'C#',
  css: 'CSS',
  cuda: 'CUDA',
  fsharp: 'F#',
  glsl: 'GLSL',
  graphql: 'GraphQL',
  hlsl: 'HLSL',
  html: 'HTML',
  javascript: 'JavaScript',
  matlab: 'MATLAB',
  'objective-c': 'Objective-C',
  ocaml: 'OCaml',
  php: 'PHP',
  powershell: 'PowerShell',
  sql: 'SQL',
  typescript: 'TypeScript',
  vhdl: 'VHDL',
  wgsl: 'WGSL',
};

function languageName(id: string): string {
  return LANGUAGE_NAMES[id] ?? id.charAt(0).toUpperCase() + id.slice(1);
}

/** `1 234 files, 2.1 M tokens: Python 80 %, TypeScript 20 %` */
export function whatIsLearned({ totals, languages }: DataSummary, t: Translate = inEnglish): string {
  const known = languages.reduce((sum, { tokens }) => sum + tokens, 0);
  const shares = languages
    .slice(0, 3)
    .map(({ language, tokens }) => `${languageName(language)} ${Math.round((100 * tokens) / Math.max(1, known))} %`);
  const sizes = t('{0} files, {1} tokens', totals.files, formatCount(totals.tokens));
  return shares.length > 0 ? `${sizes}: ${shares.join(', ')}` : sizes;
}

/** `12 generated, 3 duplicate, 1 too large` */
export function whatIsLeftOut({ rejected }: DataSummary): string {
  const words = (reason: string) =>
    reason.replaceAll('-', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return rejected.map(({ reason, count }) => `${count} ${words(reason)}`).join(', ');
}

/** Files with secrets, most first: `config.py (2), .env.py`. */
export function whereSecretsAre({ secrets }: DataSummary): string {
  const counts = new Map<string, number>();
  for (const { path } of secrets) counts.set(path, (counts.get(path) ?? 0) + 1);
  const names = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => (count > 1 ? `${name} (${count})` : name));
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', \u2026' : ''}`;
}
