import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import type { Environment } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import { readSecret } from './read-secret.ts';

/** The terminal of a command line: environment, output, signals. Tests pass their own. */
export interface Terminal {
  readonly environment: Environment;
  /** Writes a result to standard output. */
  readonly print: (text: string) => void;
  /** Writes messages to standard error. */
  readonly warn: (text: string) => void;
  /** Whether `warn` writes to a terminal, where a line can be overwritten. */
  readonly isInteractive: boolean;
  /** Asks a person and resolves to the line that was typed; absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string>;
  /** Reads a secret from a terminal, without showing it, or else a line of standard input. */
  readonly readSecret: (question: string) => Promise<string>;
  /** Calls the listener at each of the signals, until the returned function is called. */
  readonly onSignal: (signals: readonly NodeJS.Signals[], listener: () => void) => () => void;
  /** Calls the listener for an uncaught error instead of ending. */
  readonly onUncaughtError: (listener: (error: unknown) => void) => void;
}

/**
 * Questions on standard error, so that standard output holds results only. Lines are read without raw mode, in which Ctrl-C
 * would be a key and no signal, and by one reader, which keeps those that were typed ahead.
 */
function createAsk(): NonNullable<Terminal['ask']> {
  let lines: AsyncIterator<string> | undefined;
  return async (question) => {
    lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    process.stderr.write(question);
    const line = await lines.next();
    if (!line.done) return line.value;
    throw new UsageError('usage_invalid', 'Expected an answer, and the input ended. Nothing was written.');
  };
}

/** That of this process. */
export const processTerminal: Terminal = {
  environment: process.env,
  print: (text) => void process.stdout.write(text),
  warn: (text) => void process.stderr.write(text),
  isInteractive: process.stderr.isTTY === true,
  // Not by the stream of standard input, which takes 3 ms to open and few commands read.
  ...(process.stderr.isTTY === true && isatty(0) ? { ask: createAsk() } : {}),
  readSecret,
  onSignal: (signals, listener) => {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  onUncaughtError: (listener) => void process.on('uncaughtException', listener),
};

/** The context of a running command. */
export interface Running extends Pick<Terminal, 'print' | 'warn'> {
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
  /** Shows progress of long work. */
  readonly show: <T>(title: string, work: (report: (share: number) => void) => Promise<T>) => Promise<T>;
}
