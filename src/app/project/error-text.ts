import { isPartError } from './errors.ts';

/** Hints for errors of the system, or of PostgreSQL, by code. */
const HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOSPC: 'The disk is full: make room and start again; what is stored stays whole.',
    EDQUOT: 'The disk quota is used up: make room and start again; what is stored stays whole.',
    '53100': 'The disk is full: make room and start again; what is stored stays whole.',
    EACCES: 'Give this user the right to it, or set state.folder and folders.* in config/ to folders of its own.',
    EPERM: 'Give this user the right to it, or set state.folder and folders.* in config/ to folders of its own.',
    EROFS: 'The filesystem is read-only: set state.folder and folders.* in config/ to folders that can be written.',
    EMFILE: 'Too many files are open: raise the limit with "ulimit -n 4096" and start again.',
  }),
);

/** What to print for an error that ends a command: the message, or the stack for an unexpected error. */
export async function errorText(error: unknown): Promise<string> {
  return withoutSecrets(wordsOf(error));
}

/** A foreign error may contain a URL with its password. */
export async function withoutSecrets(text: string): Promise<string> {
  // Loaded only for an error, because it would cost every command a tenth of a second.
  const { withoutCredentials } = await import('#store');
  return withoutCredentials(text);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isPartError(error)) return error.message;
  const hint = maybeHint(error);
  if (hint !== undefined) return `${error.message}\n${hint}`;
  return `Weir met an error that it did not expect, and ended: ${error.stack ?? error.message}`;
}

/** The hint for the first known code, of the error or its causes. */
export function maybeHint(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const own = 'code' in error ? HINTS.get(String(error.code)) : undefined;
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return causes.reduce<string | undefined>((hint, cause) => hint ?? maybeHint(cause), own);
}

/** The message of an error in the project's code, with its line in the folder if the stack has one. */
export function describeWithPlace(error: unknown, folder: string): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const place = frames.find((line) => line.includes(`${folder}/`) && !line.includes('node_modules'))?.trim();
  return place === undefined ? error.message : `${error.message}\n  ${place}`;
}
