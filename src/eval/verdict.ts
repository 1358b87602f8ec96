/** @file What became of a sample. */

/**
 * - `passed`: the tests ran to their end
 * - `wrong`: an assertion of the tests failed
 * - `exception`: the program raised, or ended its interpreter
 * - `syntax`: the program could not be compiled
 * - `timeout`, `memory`: a limit was met
 *
 * There is no kind for a fault of the harness: that is an error (SANDBOX_UNUSABLE), never a failed sample.
 */
export type VerdictKind = 'passed' | 'wrong' | 'exception' | 'syntax' | 'timeout' | 'memory';

export const VERDICT_KINDS: readonly VerdictKind[] = ['passed', 'wrong', 'exception', 'syntax', 'timeout', 'memory'];

export interface Verdict {
  readonly kind: VerdictKind;
  /** Class of the exception. */
  readonly type?: string;
  /** What the official tool prints after "failed: ". */
  readonly message?: string;
  /** Line of prompt and completion, from 1, where it came from. */
  readonly line?: number;
}
