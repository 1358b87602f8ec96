/** @file The settings, checked: settings.json is edited by hand, and a wrong value is said before it does harm. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';

export interface Settings {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Absolute paths. */
  readonly modelFolders: readonly string[];
  readonly device: 'cpu' | 'webgpu' | 'cuda' | 'dml';
  /** 0: the trainer's default. */
  readonly threads: number;
  readonly completionTokens: number;
  /** Empty: the Node inside VS Code. */
  readonly nodePath: string;
}

const DEVICES: readonly unknown[] = ['cpu', 'webgpu', 'cuda', 'dml'];

/**
 * The settings, by a function that looks one up (`include` for `rgft.include`).
 *
 * @throws SETTING_INVALID naming the setting, what it is, and what was expected
 */
export function readSettings(get: (name: string) => unknown): Settings {
  const refuse = (name: string, expected: string): never => {
    const found = JSON.stringify(get(name)) ?? 'nothing';
    throw new FineTuneError('SETTING_INVALID', `The setting "rgft.${name}" is ${found}, expected ${expected}.`, {
      setting: `rgft.${name}`,
    });
  };
  const texts = (name: string): readonly string[] => {
    const value = get(name) ?? [];
    const isFit = Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== '');
    return isFit ? value : refuse(name, 'a list of texts');
  };
  const whole = (name: string, least: number, most: number, otherwise: number): number => {
    const value = get(name) ?? otherwise;
    const isFit = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return isFit ? value : refuse(name, `a whole number from ${least} to ${most}`);
  };
  const modelFolders = texts('modelFolders');
  if (!modelFolders.every((folder) => path.isAbsolute(folder))) refuse('modelFolders', 'absolute paths');
  const device = get('device') ?? 'cpu';
  if (!DEVICES.includes(device)) refuse('device', `one of ${DEVICES.join(', ')}`);
  const nodePath = get('nodePath') ?? '';
  if (typeof nodePath !== 'string') return refuse('nodePath', 'the path of a Node.js');
  if (nodePath !== '' && !(path.isAbsolute(nodePath) && existsSync(nodePath))) {
    refuse('nodePath', 'empty, or the absolute path of a Node.js that exists');
  }
  return {
    include: texts('include'),
    exclude: texts('exclude'),
    modelFolders,
    device: device as Settings['device'],
    threads: whole('threads', 0, 1024, 0),
    completionTokens: whole('completionTokens', 1, 1024, 64),
    nodePath,
  };
}

/** Options of the commands that read files. */
export function patternArguments({ include, exclude }: Pick<Settings, 'include' | 'exclude'>): string[] {
  return [...include.flatMap((glob) => ['--include', glob]), ...exclude.flatMap((glob) => ['--exclude', glob])];
}

/** Options of the commands that compute. */
export function machineArguments({ device, threads }: Pick<Settings, 'device' | 'threads'>): string[] {
  return ['--device', device, ...(threads > 0 ? ['--threads', String(threads)] : [])];
}
