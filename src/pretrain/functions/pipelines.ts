/** @file Functions composed from a source, filters, a map and an aggregate. */

import type { Draw } from './draw.ts';
import type { FunctionSample } from './template.ts';

export function drawPipeline(_draw: Draw): FunctionSample {
  throw new Error('not yet');
}
