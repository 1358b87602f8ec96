/** @file How the panel is bundled: one script, one style sheet, and the icons' own files, into dist/webview/. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..', '..');

/** esbuild's options for a bundle of the panel in `outdir`: panel.js, panel.css, licences, codicon.css, codicon.ttf. */
export function webviewOptionsFor(outdir) {
  return {
    absWorkingDir: root,
    entryPoints: { panel: 'webview/main.ts' },
    outdir,
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    minify: true,
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [{ name: 'codicons', setup: ({ onEnd }) => onEnd(() => copyCodicons(outdir)) }],
  };
}

function copyCodicons(outdir) {
  mkdirSync(outdir, { recursive: true });
  for (const name of ['codicon.css', 'codicon.ttf']) {
    copyFileSync(path.join(root, 'node_modules/@vscode/codicons/dist', name), path.join(outdir, name));
  }
}

/** The bundle that is shipped. */
export const webviewOptions = webviewOptionsFor(path.join(root, 'dist', 'webview'));

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ ...webviewOptions, logLevel: 'info' });
