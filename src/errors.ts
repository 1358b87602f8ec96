/** @file The one error type that crosses module and process borders: a stable code, both sides, a remedy. */

/** Stable codes. Scripts and the extension match on these; messages may change, codes may not. */
export type ErrorCode =
  // engine
  | 'SHAPE_MISMATCH'
  | 'UNSUPPORTED_OPERATOR'
  | 'ENGINE_FAILED'
  | 'DEVICE_UNAVAILABLE'
  | 'OUT_OF_MEMORY'
  // models
  | 'MODEL_NOT_FOUND'
  | 'CONFIG_INVALID'
  | 'UNSUPPORTED_MODEL'
  | 'CHECKPOINT_TRUNCATED'
  | 'CHECKPOINT_INVALID'
  | 'TENSOR_MISSING'
  | 'TENSOR_SHAPE'
  | 'TENSOR_DTYPE'
  | 'TOKENIZER_MISSING'
  | 'TOKENIZER_INVALID'
  | 'TOKENIZER_MISMATCH'
  | 'OUTPUT_EXISTS'
  // data
  | 'FOLDER_NOT_FOUND'
  | 'FOLDER_EMPTY'
  | 'TOO_LITTLE_CODE'
  | 'PATTERN_INVALID'
  // training
  | 'RUN_LOCKED'
  | 'RUN_NOT_FOUND'
  | 'RUN_CORRUPT'
  | 'RUN_EXISTS'
  | 'RUN_MISMATCH'
  | 'CHECKPOINT_CORRUPT'
  | 'DISK_FULL'
  | 'NO_PERMISSION'
  | 'LOSS_NOT_FINITE'
  | 'NOT_ENOUGH_MEMORY'
  | 'CACHE_DAMAGED'
  | 'BUDGET_SPENT'
  | 'INTERRUPTED'
  // pre-training data
  | 'SOURCE_UNAVAILABLE'
  | 'LICENSE_REFUSED'
  // evaluation
  | 'PROBLEMS_INVALID'
  | 'SANDBOX_REFUSED'
  | 'SANDBOX_UNUSABLE'
  | 'DOWNLOAD_FAILED'
  | 'DOWNLOAD_MISMATCH'
  // extension
  | 'SETTING_INVALID'
  | 'WORKSPACE_UNTRUSTED'
  // command line
  | 'USAGE'
  | 'INTERNAL';

/**
 * An error a user can act on.
 *
 * `message` says what was found, what was expected and what to do; `details` carries the same facts for programs.
 */
export class FineTuneError extends Error {
  override readonly name = 'FineTuneError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
