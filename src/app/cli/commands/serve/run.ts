import { errorText } from '../../../project/error-text.ts';
import { type ServeOptions, type Serving, serve } from '../../../serve/serve.ts';
import { EXIT_CODES, exitCodeOf } from '../../exit-codes.ts';
import type { Terminal } from '../../terminal.ts';

export interface ServeFlags {
  readonly project?: string;
  readonly port?: number;
}

/** How long the stop of a start in progress may take before the process ends anyway. */
const START_STOP_MS_MAX = 20_000;

/** Serves until Ctrl-C, which also stops a start in progress; a second one, or a stop that takes too long, ends at once. The database survives either. */
export async function serveUntilStopped(
  { print, warn, onSignal, onUncaughtError }: Terminal,
  options: Omit<ServeOptions, 'print' | 'warn' | 'signal'>,
): Promise<number> {
  const stopping = new AbortController();
  let end: (exitCode: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  let serving: Serving | undefined;
  const fail = async (error: unknown): Promise<void> => {
    warn(`\n✖ ${await errorText(error)}\n`);
    end(exitCodeOf(error));
  };
  const stop = (error?: unknown): void => {
    // Before that, `start` itself ends what it has started.
    serving?.stop().then(() => (error === undefined ? end(EXIT_CODES.done) : fail(error)), fail);
  };
  // SIGHUP: the terminal was closed.
  const forget = onSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], () => {
    if (stopping.signal.aborted) return end(EXIT_CODES.interrupted);
    print('\nStopping …\n');
    stopping.abort();
    setTimeout(() => end(EXIT_CODES.failed), serving?.stopMsMax ?? START_STOP_MS_MAX).unref();
    stop();
  });
  const begin = async (): Promise<void> => {
    try {
      serving = await serve({ ...options, print, warn, signal: stopping.signal });
    } catch (error) {
      if (stopping.signal.aborted) return end(EXIT_CODES.done);
      throw error;
    }
    onUncaughtError((error) => {
      const isStopping = stopping.signal.aborted;
      stopping.abort();
      if (isStopping) void fail(error);
      else stop(error);
    });
    print(`\nWeir is running at ${serving.url} (API docs at ${serving.url}/docs). Ctrl-C stops it.\n`);
  };
  await Promise.race([begin(), ended]);
  return ended.finally(forget);
}
