/** @file Assembles src/engine/kernels.wat; `npm run kernels` writes the result where the engine imports it. */
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';

const SOURCE = new URL('../engine/kernels.wat', import.meta.url);
const TARGET = new URL('../engine/kernels.generated.ts', import.meta.url);

/** Text of kernels.generated.ts for the present kernels.wat. */
export async function generateKernels(): Promise<string> {
  const module = (await wabt()).parseWat('kernels.wat', await readFile(SOURCE, 'utf8'), { simd: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  return [
    '/** @file Generated from kernels.wat by `npm run kernels`; do not edit. */',
    'export const KERNELS_WASM_BASE64 =',
    `  '${base64}';`,
    '',
  ].join('\n');
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].replaceAll('\\', '/').split('/').slice(-2).join('/'))) {
  await writeFile(TARGET, await generateKernels());
}
