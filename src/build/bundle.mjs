/** @file Bundles the command line (and later the extension and its webview) into dist/ with esbuild. */
import { cpSync, rmSync } from 'node:fs';
import { build, context } from 'esbuild';

const options = {
  entryPoints: { cli: 'src/cli.ts' },
  outdir: 'dist',
  bundle: true,
  // A command loads its own code only.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'linked',
  // A native addon, and an interpreter that loads its own files: they stay in node_modules.
  external: ['onnxruntime-node', 'pyodide'],
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'info',
};

rmSync(options.outdir, { recursive: true, force: true });
// What the sandbox's process runs: plain files beside the chunk that starts it.
cpSync('src/eval/sandbox', `${options.outdir}/chunks/sandbox`, { recursive: true });
if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
