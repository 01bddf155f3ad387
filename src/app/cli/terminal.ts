import { createInterface } from 'node:readline';
import type { Environment } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';

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
  /** Calls the listener at each of the signals, until the returned function is called. */
  readonly onSignal: (signals: readonly NodeJS.Signals[], listener: () => void) => () => void;
  /** Calls the listener for an uncaught error instead of ending. */
  readonly onUncaughtError: (listener: (error: unknown) => void) => void;
}

/** That of this process. */
export const processTerminal: Terminal = {
  environment: process.env,
  print: (text) => void process.stdout.write(text),
  warn: (text) => void process.stderr.write(text),
  isInteractive: process.stderr.isTTY === true,
  ...(process.stdin.isTTY === true && process.stderr.isTTY === true ? { ask } : {}),
  onSignal: (signals, listener) => {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  onUncaughtError: (listener) => void process.on('uncaughtException', listener),
};

/** A question on standard error, so that standard output holds results only. */
function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise<string>((resolve, reject) => {
    lines.once('close', () =>
      reject(new UsageError('usage_invalid', 'Expected an answer, and the input ended. Nothing was written.')),
    );
    lines.question(question, resolve);
  }).finally(() => lines.close());
}

/** The context of a running command. */
export interface Running extends Pick<Terminal, 'print' | 'warn'> {
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
  /** Shows progress of long work. */
  readonly show: <T>(title: string, work: (report: (share: number) => void) => Promise<T>) => Promise<T>;
}
