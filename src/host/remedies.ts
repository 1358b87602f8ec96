/** @file What a user can do about an error: the ways out that its message is shown with. Pure. */
import type { ErrorCode } from '../errors.ts';

/** Something that one click does. */
export type Remedy =
  | 'openSettings'
  | 'selectModel'
  | 'previewData'
  | 'resume'
  | 'deleteRun'
  | 'trustWorkspace'
  | 'showLog'
  | 'startNew'
  | 'openFolder'
  | 'showErrorMap';

const REMEDIES: { readonly [Code in ErrorCode]?: readonly Remedy[] } = {
  SETTING_INVALID: ['openSettings'],
  WORKSPACE_UNTRUSTED: ['trustWorkspace'],
  MODEL_NOT_FOUND: ['selectModel'],
  UNSUPPORTED_MODEL: ['selectModel'],
  CONFIG_INVALID: ['selectModel'],
  TOKENIZER_MISSING: ['selectModel'],
  TOKENIZER_INVALID: ['selectModel'],
  TOKENIZER_MISMATCH: ['selectModel'],
  CHECKPOINT_INVALID: ['selectModel'],
  CHECKPOINT_TRUNCATED: ['selectModel'],
  NOT_ENOUGH_MEMORY: ['selectModel'],
  OUT_OF_MEMORY: ['selectModel', 'showLog'],
  FOLDER_EMPTY: ['previewData'],
  TOO_LITTLE_CODE: ['previewData'],
  PATTERN_INVALID: ['openSettings'],
  DEVICE_UNAVAILABLE: ['openSettings'],
  ENGINE_FAILED: ['openSettings', 'showLog'],
  DISK_FULL: ['resume', 'deleteRun'],
  NO_PERMISSION: ['resume', 'openFolder'],
  RUN_LOCKED: ['showErrorMap'],
  RUN_CORRUPT: ['deleteRun', 'showLog'],
  RUN_MISMATCH: ['startNew'],
  FOLDER_NOT_FOUND: ['startNew', 'showLog'],
  LOSS_NOT_FINITE: ['startNew', 'showLog'],
};

/** The ways out of an error, best first; the log where there is none better. */
export function remediesFor(code: string): readonly Remedy[] {
  return REMEDIES[code as ErrorCode] ?? ['showLog'];
}
