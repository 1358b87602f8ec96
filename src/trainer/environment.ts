/** @file What a run is made with: versions, machine, the commit of the code it learns from. Goes into run.json. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import own from '../../package.json' with { type: 'json' };
import { gitIn } from '../data/git.ts';
import { engineVersion } from '../engine/session.ts';

export function describeVersions(): Record<string, string> {
  return { rgft: own.version, onnxruntime: engineVersion(), node: process.versions.node };
}

export function describeMachine(device: string, threads: number): Record<string, unknown> {
  const cpus = os.cpus();
  return {
    platform: process.platform,
    arch: process.arch,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    device,
    threads,
  };
}

/** Commit that is checked out in a folder; null outside git, in an empty repository, or without git. */
export function gitCommit(folder: string): string | null {
  try {
    const { args, cwd, env } = gitIn(folder, ['rev-parse', 'HEAD']);
    return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
