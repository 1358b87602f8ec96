/** @file Finds the files that come with the package: the embedded base model first of all. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FineTuneError } from '../errors.ts';

export const BUILT_IN_MODEL_NAME = 'rgft-base';

/**
 * Folder of the embedded model.
 *
 * @throws MODEL_NOT_FOUND in a checkout or package that lost it.
 */
export function builtInModel(): string {
  const folder = packageFile(`media/${BUILT_IN_MODEL_NAME}`);
  if (folder) return folder;
  throw new FineTuneError(
    'MODEL_NOT_FOUND',
    `The embedded model media/${BUILT_IN_MODEL_NAME} is missing. Install the package again, or choose a model with --model <folder>.`,
  );
}

/** Where a remembered model is now. The embedded one lies where the program does, and an update puts that elsewhere. */
export function locateModel(folder: string): string {
  const hasMoved = path.basename(folder) === BUILT_IN_MODEL_NAME && !existsSync(folder);
  return hasMoved ? builtInModel() : folder;
}

/** A file or folder of this package by its path from the top; undefined where the package does not hold it. */
export function packageFile(name: string): string | undefined {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  // src/models in a checkout, dist/chunks in a package.
  for (let up = 0; up < 3; up++) {
    const candidate = path.join(folder, name);
    if (existsSync(candidate)) return candidate;
    folder = path.dirname(folder);
  }
  return undefined;
}
