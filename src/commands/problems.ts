/** @file `rgft problems`: which sets of problems there are, and the download of the official one. */
import fs from 'node:fs';
import { FineTuneError } from '../errors.ts';
import { download } from '../eval/download.ts';
import { bundledProblems, DOWNLOADS, downloadedFile, findProblems, isDownload } from '../eval/problemSets.ts';
import { readProblems } from '../eval/problems.ts';
import { abortOnSignals, checkOutput, ProgressLine, parseCommand } from './terminal.ts';

const HELP = `Usage: rgft problems                                 the sets that --problems knows by name
       rgft problems download humaneval [options]

Downloads the official HumanEval.jsonl.gz from its repository on GitHub and checks that it is the one that scores are
published for. An interrupted download goes on where it stopped. Then --problems humaneval finds it.

  --out <file>           default: ${downloadedFile('humaneval')}
  --proxy <address>      http://[name:password@]host:port; default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY
  --json                 { "file", "problems" } on stdout
`;

export async function problemsCommand(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const parsed = parseCommand(args, { out: text, proxy: text }, HELP);
  if (!parsed) return;
  const { values, positionals } = parsed;
  const [action, name, ...rest] = positionals;
  if (action === undefined) {
    list(values.json === true);
    return;
  }
  if (action !== 'download' || name === undefined || rest.length > 0 || !isDownload(name)) {
    const found = positionals.join(' ');
    throw new FineTuneError(
      'USAGE',
      `"${found}" is not known, expected: download ${Object.keys(DOWNLOADS).join(' | ')}.`,
    );
  }
  const { address, sha256 } = DOWNLOADS[name];
  const file = values.out ?? downloadedFile(name);
  checkOutput(file);
  const line = new ProgressLine();
  const onProgress = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes?: number }) => {
    const kilobytes = (bytes: number) => (bytes / 1000).toFixed(0);
    line.show(`${kilobytes(doneBytes)}${totalBytes === undefined ? '' : ` of ${kilobytes(totalBytes)}`} kB`);
  };
  try {
    await download(address, file, { sha256, proxy: values.proxy, onProgress, signal: abortOnSignals() });
  } finally {
    line.end();
  }
  const problems = readProblems(file).length;
  process.stdout.write(values.json ? `${JSON.stringify({ file, problems })}\n` : `${problems} problems: ${file}\n`);
}

function list(asJson: boolean): void {
  const sets = [
    ...['own', 'own-dev', 'own-test'].map((name) => {
      const summary = `bundled: ${findProblems(name).problems.length} Python problems`;
      return { name, summary, file: bundledProblems(), present: true };
    }),
    ...Object.entries(DOWNLOADS).map(([name, { summary }]) => {
      const file = downloadedFile(name as keyof typeof DOWNLOADS);
      return { name, summary, file, present: fs.existsSync(file) };
    }),
  ];
  const line = ({ name, summary, file, present }: (typeof sets)[number]) =>
    `${name.padEnd(10)} ${summary}; ${present ? file : `not here: rgft problems download ${name}`}\n`;
  process.stdout.write(asJson ? `${JSON.stringify(sets)}\n` : sets.map(line).join(''));
}
