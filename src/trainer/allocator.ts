/** @file How a process that trains asks the system for memory. */

/**
 * Settings of glibc's allocator (mallopt(3)), for the environment of a process before it starts; other systems do not read
 * them. ONNX Runtime is called from several threads, each with an arena of its own that keeps what it frees; one arena,
 * and blocks from half a mebibyte on that go back to the system, take a sixth less memory at 30 % of the operations and a
 * thirtieth less with everything trained. (C)
 */
const SETTINGS = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '524288' } as const;

/** The environment with these settings, where it does not have others. */
export function withAllocatorSettings(environment: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return { ...SETTINGS, ...environment };
}
