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

/** A folder to read, by its real path, with its own patterns. */
export interface FolderPatterns extends Pick<Settings, 'include' | 'exclude'> {
  readonly path: string;
}

/**
 * Options of the commands that read files. The patterns of one of several folders are tied to it by its name, with which
 * the paths of its files begin then; a folder without `include` keeps everything.
 */
export function patternArguments(folders: readonly FolderPatterns[]): string[] {
  const names = rootNames(folders.map((folder) => folder.path));
  const isAlone = new Set(names).size === 1;
  const ofFolder = (at: number, globs: readonly string[]) =>
    isAlone ? globs : globs.map((glob) => inRoot(names[at], glob));
  const someInclude = folders.some(({ include }) => include.length > 0);
  const includes = folders.flatMap(({ include }, at) =>
    someInclude && include.length === 0 ? ofFolder(at, ['/**']) : ofFolder(at, include),
  );
  const excludes = folders.flatMap(({ exclude }, at) => ofFolder(at, exclude));
  return [...includes.flatMap((glob) => ['--include', glob]), ...excludes.flatMap((glob) => ['--exclude', glob])];
}

/** The names that the command line gives to folders (`findRoots` in data/repository.ts): those of equal names get a number. */
function rootNames(paths: readonly string[]): string[] {
  const roots = new Map<string, string>();
  for (const folder of paths) {
    if (roots.has(folder)) continue;
    const name = path.basename(folder) || 'root';
    const same = [...roots.values()].filter((other) => other === name || other.startsWith(`${name}~`)).length;
    roots.set(folder, same === 0 ? name : `${name}~${same + 1}`);
  }
  return paths.map((folder) => roots.get(folder)!);
}

/** A glob for one folder only. As without the name, one without a slash inside matches at any depth. */
function inRoot(name: string, glob: string): string {
  const pattern = (process.platform === 'win32' ? glob.replaceAll('\\', '/') : glob).replace(/^\.\//, '');
  // What is no pattern is refused by the command line, in the user's own words.
  if (/^(?:!|\/*$|[a-z]:\/)/i.test(pattern)) return glob;
  const isAnchored = pattern.replace(/\/+$/, '').includes('/');
  // `?` stands for what has a meaning in globs; a back slash could not escape it on Windows.
  const literalName = name.replace(/[^\w .~\u0080-\uffff-]/g, '?');
  return `${literalName}/${isAnchored ? '' : '**/'}${pattern.replace(/^\//, '')}`;
}

/** Options of the commands that compute. */
export function machineArguments({ device, threads }: Pick<Settings, 'device' | 'threads'>): string[] {
  return ['--device', device, ...(threads > 0 ? ['--threads', String(threads)] : [])];
}
