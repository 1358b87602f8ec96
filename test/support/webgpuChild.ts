/** @file Runs a test file again in a process with the environment that a software Vulkan driver needs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Engine, openEngine } from '../../src/engine/session.ts';

const IN_CHILD = 'RGFT_WEBGPU_TEST';
/** SwiftShader, as Debian's chromium-common holds it. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const NO_DRIVER = 'no WebGPU adapter';

/** True in the process that `runInChild` started. */
export const isChild = process.env[IN_CHILD] !== undefined;

/** Runs the tests of a file again with the driver's environment; skips by name where there is no driver. */
export function runInChild(t: TestContext, fileUrl: string): void {
  const software = existsSync(SWIFTSHADER) ? { VK_ICD_FILENAMES: SWIFTSHADER } : {};
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const arguments_ = ['--import', 'tsx', '--test', '--test-reporter=spec', fileURLToPath(fileUrl)];
  const child = spawnSync(process.execPath, arguments_, {
    env: { ...environment, ...software, [IN_CHILD]: '1' },
    encoding: 'utf8',
    timeout: 300_000,
  });
  const output = `${child.stdout}${child.stderr}`;
  if (output.includes(NO_DRIVER)) t.skip('no WebGPU driver here (Debian: chromium-common and libvulkan1 have one)');
  else assert.equal(child.status, 0, output);
}

/** The WebGPU engine, or undefined (said on stdout, so that the parent skips) where there is no driver. */
export async function openWebGpu(): Promise<Engine | undefined> {
  try {
    return await openEngine({ device: 'webgpu' });
  } catch (error) {
    console.log(`${NO_DRIVER}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
