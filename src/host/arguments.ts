/** @file What commands are called with: VS Code hands a view's own element over, other extensions and tests a path. Pure. */

/** The run of a call; `undefined` for one from the palette. */
export function runPathOf(argument: unknown): string | undefined {
  return typeof argument === 'string' ? argument : undefined;
}

/** The model of a call: an entry of the models view, a run of the runs view, or a folder. */
export function modelPathOf(argument: unknown): string | undefined {
  const { path } = (argument ?? {}) as { path?: unknown };
  return typeof path === 'string' ? path : runPathOf(argument);
}
