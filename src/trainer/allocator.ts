/** @file How a process that trains asks the system for memory. */
import { setFlagsFromString } from 'node:v8';

/**
 * Settings of glibc's allocator (mallopt(3)), for the environment of a process before it starts; other systems do not read
 * them. ONNX Runtime is called from several threads, each with an arena of its own that keeps what it frees. One arena,
 * and blocks from half a mebibyte on go back to the system. (C)
 */
const SETTINGS = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '524288' } as const;

/**
 * Arguments for Node, before the script: what V8 allocates into, MiB (default 16, of which it keeps three). Training makes
 * large buffers and few objects.
 */
export const HEAP_ARGUMENTS = ['--max-semi-space-size=2'] as const;

/**
 * Lets V8 collect when its heap has grown by two fifths. By itself it lets the 15 MiB that a run keeps grow to 70 before it
 * looks again at what steps leave behind; looking more often costs no time that can be measured. A V8 that does not know
 * the flag says so and goes on.
 */
export function collectOften(): void {
  setFlagsFromString('--heap-growing-percent=40');
}

/** The environment with these settings, where it does not have others. */
export function withAllocatorSettings(environment: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return { ...SETTINGS, ...environment };
}
