/** @file Folders that exist for one test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new folder with the given files (path to content), removed after the test. Its real path. */
export function temporaryFolder(test: TestContext, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rgft-test-')));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  addFiles(folder, files);
  return folder;
}

export function addFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Runs git in `folder`, without anybody's own settings. */
export function git(folder: string, ...args: readonly string[]): string {
  const environment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * Makes a repository hostile: its configuration names a program wherever git would run one to list files or to show the
 * history. Gives the file that is there once it has run.
 */
export function plantTraps(folder: string): string {
  const trap = join(folder, '.git', 'trap');
  const program = `${trap}.sh`;
  writeFileSync(program, `#!/bin/sh\ntouch '${trap}'\n`, { mode: 0o755 });
  const settings = {
    'core.repositoryFormatVersion': '1',
    'core.fsmonitor': program,
    'core.sshCommand': program,
    'diff.external': program,
    'diff.submodule': 'diff',
    'diff.trap.command': program,
    'diff.trap.textconv': program,
    'extensions.partialClone': 'origin',
    'filter.trap.clean': program,
    'filter.trap.process': program,
    'filter.trap.smudge': program,
    'format.pretty': '%G?',
    'gpg.program': program,
    'remote.origin.promisor': 'true',
    'remote.origin.uploadpack': program,
    'remote.origin.url': folder,
  };
  for (const [name, value] of Object.entries(settings)) git(folder, 'config', name, value);
  writeFileSync(join(folder, '.git', 'info', 'attributes'), '* diff=trap filter=trap\n');
  return trap;
}
