/**
 * @file Compares the first losses of a pre-training run with the committed ones: the data, the seed and the engine gave
 * what they gave before.
 *
 *   node --import tsx src/pretrain/checkLosses.ts <run> [src/pretrain/base.losses.json]
 *
 * On the same kind of processor with as many threads (the committed ones: one) the losses are equal to the last digit;
 * another adds in another order (two threads: off by 8e-4). With UPDATE_GOLDEN=1 the file is written instead.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FineTuneError } from '../errors.ts';
import { readEvents } from '../trainer/events.ts';
import { runPaths } from '../trainer/runDirectory.ts';

/** Nats per token. */
const TOLERANCE = 0.01;

const [run, file = path.join(import.meta.dirname, 'base.losses.json')] = process.argv.slice(2);
if (run === undefined) throw new FineTuneError('USAGE', 'Give the run directory of a pre-training.');
const { events } = readEvents(runPaths(run).events);
const found = events.flatMap((event) =>
  event.type === 'step' && event.step <= 200 ? [{ step: event.step, loss: event.loss }] : [],
);
if (process.env.UPDATE_GOLDEN === '1') {
  writeFileSync(file, `${JSON.stringify(found, undefined, 1)}\n`);
} else {
  const expected = JSON.parse(readFileSync(file, 'utf8')) as typeof found;
  const differences = expected.map(({ step, loss }) => {
    const here = found.find((other) => other.step === step)?.loss ?? Number.NaN;
    process.stdout.write(`step ${step}: ${here.toFixed(6)}, expected ${loss.toFixed(6)}\n`);
    return Math.abs(here - loss);
  });
  const largest = Math.max(...differences);
  // Written so that NaN, a step that is missing, fails.
  if (!(largest <= TOLERANCE)) {
    throw new FineTuneError(
      'RUN_MISMATCH',
      `The losses differ by up to ${largest}, allowed are ${TOLERANCE}. Look whether the token shards have the hashes of an earlier run, and which change of the engine moved them.`,
    );
  }
  process.stdout.write(`The same ${expected.length} losses, off by at most ${largest.toExponential(1)}.\n`);
}
