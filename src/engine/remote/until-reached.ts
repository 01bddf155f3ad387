import { setTimeout as delay } from 'node:timers/promises';
import { classifyError } from '../define/failure.ts';

const PAUSE_FIRST_MS = 50;
const PAUSE_MS_MAX = 2_000;

/**
 * Repeats work while the database, or another server, cannot be reached: it may be done twice. Rejects with any other
 * error, and with the last one once the signal has aborted.
 */
export async function untilReached<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || classifyError(error) !== 'infrastructure') throw error;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
