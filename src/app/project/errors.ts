/** What a person can mend: printed as its message alone, without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A setting is missing, unknown or wrong. */
export class ConfigError extends UsageError {
  override name = 'ConfigError';
}
