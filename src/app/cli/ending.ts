import { CommanderError } from 'commander';
import type { ContractErrorCode, Verdict } from '#contracts';
import { maybeHint, withoutSecrets } from '../project/error-text.ts';
import { UsageError } from '../project/errors.ts';
import { showLongWork, toLongWorkEffects } from './long-work.ts';
import type { Running, Terminal } from './terminal.ts';

/** Exit codes of commands. Those above 63 are the ones of sysexits.h, so that no verdict looks like them. */
export const EXIT_CODES = {
  done: 0,
  /** A run failed or was cancelled; something asked about is not as it should be. */
  failed: 1,
  unreadable: 3,
  usage: 64,
  software: 70,
  /** Another process has the state folder; later it may be free. */
  busy: 75,
  interrupted: 130,
} as const;

/** Exit codes of a check. */
export const VERDICT_CODES: Readonly<Record<Verdict, number>> = { pass: 0, warn: 1, fail: 2, quarantined: 3 };

const CONTRACT_CODES: Readonly<Partial<Record<ContractErrorCode, number>>> = {
  contract_invalid: EXIT_CODES.usage,
  expectation_invalid: EXIT_CODES.usage,
  corrupt_failed: EXIT_CODES.usage,
  file_unreadable: EXIT_CODES.unreadable,
  file_too_large: EXIT_CODES.unreadable,
  split_failed: EXIT_CODES.unreadable,
};

/** Why a file could not be opened, by the code of the system. */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOENT: 'There is no such file.',
    EACCES: 'This user may not read it.',
    EPERM: 'This user may not read it.',
    ENOTDIR: 'A part of the path is a file, not a folder.',
    ELOOP: 'The path is a circle of links.',
    ENAMETOOLONG: 'The name is longer than the system allows.',
    EMFILE: 'Too many files are open.',
  }),
);

/**
 * Runs a command to its exit code. What goes wrong is said in a sentence on standard error; Ctrl-C lets the work clean up.
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
    // The parser says its own words, and where the help is.
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

/** Of the engine: it was asked for what cannot be. By name, because to load it would cost every command a second. */
const REFUSALS: readonly string[] = ['EngineError', 'ParamsRefusedError'];

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (error instanceof Error && REFUSALS.includes(error.name)) return EXIT_CODES.usage;
  if (error instanceof Error && error.name === 'StateFolderInUseError') return EXIT_CODES.busy;
  return isContractError(error) ? (CONTRACT_CODES[error.code] ?? EXIT_CODES.software) : EXIT_CODES.software;
}

// By name: to load the part that throws it would cost every command half a second.
const isContractError = (error: unknown): error is Error & { readonly code: ContractErrorCode } =>
  error instanceof Error && error.name === 'ContractError' && 'code' in error;

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const reason = isUnreadable(error) ? REASONS.get(codeOf(error.cause)) : maybeHint(error);
  return reason === undefined ? error.message : `${error.message} ${reason}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Text of files and their names without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
}
