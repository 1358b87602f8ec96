/** @file Sets of problems that have a name: those that come with the program, and the official one once it is downloaded. */
import fs from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { packageFile } from '../models/builtIn.ts';
import { type Problem, readProblems } from './problems.ts';
import { userDataFolder } from './userFolders.ts';

/** What `problems download` knows. */
export const DOWNLOADS = {
  humaneval: {
    summary: 'HumanEval: 164 Python problems (Chen et al. 2021, MIT)',
    address: 'https://github.com/openai/human-eval/raw/master/data/HumanEval.jsonl.gz',
    fileName: 'HumanEval.jsonl.gz',
    sha256: 'b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef',
  },
} as const;

/** Splits of the bundled problems by name. */
const OWN: Readonly<Record<string, string | undefined>> = { own: undefined, 'own-dev': 'dev', 'own-test': 'test' };

export interface ProblemSet {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** All problems of the file: samples of the others are known, and not asked for. */
  readonly known: readonly Problem[];
}

/**
 * Problems by name (`own`, `own-dev`, `own-test`, `humaneval`) or by file.
 *
 * @throws USAGE where they are missing; PROBLEMS_INVALID
 */
export function findProblems(nameOrFile: string): ProblemSet {
  if (Object.hasOwn(OWN, nameOrFile)) {
    const file = bundledProblems();
    const split = OWN[nameOrFile];
    const known = readProblems(file);
    return { file, known, problems: known.filter((problem) => split === undefined || problem.split === split) };
  }
  if (isDownload(nameOrFile)) {
    const file = downloadedFile(nameOrFile);
    if (fs.existsSync(file)) return wholeFile(file);
    throw new FineTuneError(
      'USAGE',
      `${nameOrFile} is not on this machine (${file}). Run: rgft problems download ${nameOrFile}`,
      { file },
    );
  }
  return wholeFile(nameOrFile);
}

function wholeFile(file: string): ProblemSet {
  const problems = readProblems(file);
  return { file, problems, known: problems };
}

export function isDownload(name: string): name is keyof typeof DOWNLOADS {
  return Object.hasOwn(DOWNLOADS, name);
}

/** Where a downloaded set lies unless it was put elsewhere. */
export function downloadedFile(name: keyof typeof DOWNLOADS): string {
  return path.join(userDataFolder(), 'problems', DOWNLOADS[name].fileName);
}

/** The problems that come with the program. */
export function bundledProblems(): string {
  const file = packageFile('media/problems/problems.jsonl');
  if (file) return file;
  throw new FineTuneError('USAGE', 'The bundled problems are missing from this installation; give --problems.');
}
