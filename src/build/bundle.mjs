/** @file Bundles the command line, the extension and the panel into dist/ with esbuild; `--watch` keeps doing so. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';
import { webviewOptions } from './webview.mjs';

const OUT = 'dist';
const isWatching = process.argv.includes('--watch');

const cli = {
  entryPoints: { cli: 'src/cli.ts' },
  outdir: OUT,
  bundle: true,
  // A command loads its own code only.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'linked',
  metafile: true,
  // A native addon, and an interpreter that loads its own files: they stay in node_modules.
  external: ['onnxruntime-node', 'pyodide'],
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'info',
};

const extension = {
  // CommonJS in a package of ES modules: VS Code goes by the file's ending.
  entryPoints: { extension: 'src/extension.ts' },
  outdir: OUT,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: 'linked',
  metafile: true,
  external: ['vscode'],
  logLevel: 'info',
};

const all = [cli, extension, webviewOptions];

rmSync(OUT, { recursive: true, force: true });
// What the sandbox's process runs: plain files beside the chunk that starts it.
cpSync('src/eval/sandbox', `${OUT}/chunks/sandbox`, { recursive: true });
if (isWatching) {
  for (const options of all) await (await context(options)).watch();
} else {
  const results = await Promise.all(all.map((options) => build({ ...options, metafile: true })));
  // Which packages went into the bundles: the list of licences is made from it.
  const packages = new Set(
    results.flatMap(({ metafile }) =>
      Object.keys(metafile.inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
    ),
  );
  writeFileSync(`${OUT}/packages.json`, `${JSON.stringify([...packages].sort())}\n`);
}
