import { CommanderError } from 'commander';
import { maybeHint, withoutSecrets } from '../project/error-text.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { showLongWork, toLongWorkEffects } from './long-work.ts';
import type { Running, Terminal } from './terminal.ts';

/** Why a file could not be opened, by error code of the system. */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOENT: 'There is no such file.',
    EACCES: 'This user may not read it.',
    EPERM: 'This user may not read it.',
    ENOTDIR: 'A part of the path is a file, not a folder.',
    ELOOP: 'The path is a cycle of links.',
    ENAMETOOLONG: 'The name is longer than the system allows.',
    EMFILE: 'Too many files are open.',
  }),
);

/**
 * Runs a command to its exit code. Errors are printed as a sentence on standard error; Ctrl-C lets the work clean up.
 */
export async function runToEnd(terminal: Terminal, work: (running: Running) => Promise<number>): Promise<number> {
  const { print, warn } = terminal;
  const interrupted = new AbortController();
  // Once: a second Ctrl-C ends the process at once.
  const forget = terminal.onSignal(['SIGINT', 'SIGTERM'], () => {
    forget();
    interrupted.abort();
  });
  const effects = toLongWorkEffects(terminal);
  const show: Running['show'] = (title, work) => showLongWork(title, work, effects);
  try {
    return await work({ signal: interrupted.signal, print, warn, show });
  } catch (error) {
    if (interrupted.signal.aborted) return EXIT_CODES.interrupted;
    // The parser prints its own message, and how to get help.
    if (error instanceof CommanderError) throw error;
    warn(`✖ ${printable(await withoutSecrets(sentenceOf(error)))}\n`);
    return exitCodeOf(error);
  } finally {
    forget();
  }
}

/** Whether the error says that a file cannot be read as a table. */
export function isUnreadable(error: unknown): boolean {
  return exitCodeOf(error) === EXIT_CODES.unreadable;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const reason = isUnreadable(error) ? REASONS.get(codeOf(error.cause)) : maybeHint(error);
  return reason === undefined ? error.message : `${error.message} ${reason}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Text of files and their names without control sequences of terminals. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
}
