/** @file Where the embedded base model lies: media/ beside the sources, or beside dist/ in a package. */
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
  const folder = mediaFolder(BUILT_IN_MODEL_NAME);
  if (folder) return folder;
  throw new FineTuneError(
    'MODEL_NOT_FOUND',
    `The embedded model media/${BUILT_IN_MODEL_NAME} is missing. Install the package again, or choose a model with --model <folder>.`,
  );
}

/** A folder or file of media/, or undefined. */
export function mediaFolder(name: string): string | undefined {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  // src/models in a checkout, dist in a package.
  for (let up = 0; up < 3; up++) {
    const candidate = path.join(folder, 'media', name);
    if (existsSync(candidate)) return candidate;
    folder = path.dirname(folder);
  }
  return undefined;
}
