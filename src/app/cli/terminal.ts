import type { Environment } from '../project/config.ts';

/** What a command line is started in: its environment, where it writes, which signals it gets. Tests hand in another. */
export interface Terminal {
  readonly environment: Environment;
  /** Writes an answer, to standard output. */
  readonly print: (text: string) => void;
  /** Writes what is said beside the answer, to standard error. */
  readonly warn: (text: string) => void;
  /** Whether `warn` writes where a line can be drawn over. */
  readonly isInteractive: boolean;
  /** Calls the listener at each of the signals, until the returned function is called. */
  readonly onSignal: (signals: readonly NodeJS.Signals[], listener: () => void) => () => void;
  /** Calls the listener instead of ending at an error that nobody catches. */
  readonly onUncaughtError: (listener: (error: unknown) => void) => void;
}

/** That of this process. */
export const processTerminal: Terminal = {
  environment: process.env,
  print: (text) => void process.stdout.write(text),
  warn: (text) => void process.stderr.write(text),
  isInteractive: process.stderr.isTTY === true,
  onSignal: (signals, listener) => {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  onUncaughtError: (listener) => void process.on('uncaughtException', listener),
};

/** What a command works with while it runs. */
export interface Running extends Pick<Terminal, 'print' | 'warn'> {
  /** Aborted when it is to stop. */
  readonly signal: AbortSignal;
  /** Shows that long work goes on. */
  readonly show: <T>(title: string, work: (report: (share: number) => void) => Promise<T>) => Promise<T>;
}
