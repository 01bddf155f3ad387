/** What this part can refuse: codes stay the same when the words change. `docs/errors.md` is proven equal. */
export const APP_ERRORS = {
  usage_invalid: 'A command was called with arguments that do not fit, or names what does not exist.',
  config_invalid: 'A setting is missing, unknown or wrong.',
} as const;

export type AppErrorCode = keyof typeof APP_ERRORS;

/** What a person can mend: printed as its message alone, without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly part = 'app';
  readonly code: AppErrorCode = 'usage_invalid';
}

/** A setting is missing, unknown or wrong. */
export class ConfigError extends UsageError {
  override name = 'ConfigError';
  override readonly code = 'config_invalid';
}

/** An error of one of the parts: its message says what was expected, what came and what to do. */
export interface PartError extends Error {
  readonly part: string;
  readonly code: string;
}

/** By its shape, because to load the parts would cost every command a second. */
export function isPartError(error: unknown): error is PartError {
  return error instanceof Error && 'part' in error && 'code' in error && typeof error.code === 'string';
}
