import { type AlertRoute, after, type Repeating, repeat } from '#monitor';
import type { Database } from '#store';
import { writeLineage } from './outbox.ts';
import { type LineageTransport, sendLineage } from './send.ts';
import type { LineageOrigin } from './to-events.ts';

export interface LineageOptions extends LineageOrigin {
  readonly transport: LineageTransport;
  readonly alertChannels: readonly AlertRoute[];
  /** Called when a pass fails; the next one continues. */
  readonly onError: (error: unknown) => void;
}

export interface LineageEffects {
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  random(): number;
}

const PAUSE_MS = 2_000;
const REAL_EFFECTS: LineageEffects = { after, random: Math.random };

/**
 * Writes OpenLineage events of runs into an outbox and sends them, until stopped. No run waits for it: a receiver that is
 * away, or a process that ends, leaves the events in the outbox.
 */
export function startLineage(
  database: Database,
  { transport, alertChannels, onError, ...origin }: LineageOptions,
  { after: wait, random }: LineageEffects = REAL_EFFECTS,
): Repeating {
  const aborting = new AbortController();
  const { signal } = aborting;
  const pass = async (): Promise<void> => {
    try {
      await writeLineage(database, origin);
      await sendLineage(database, { transport, alertChannels, random, signal });
    } catch (error) {
      onError(error);
    }
  };
  const repeating = repeat(pass, { pauseMs: PAUSE_MS, after: wait });
  return {
    stop: async () => {
      aborting.abort();
      await repeating.stop();
    },
  };
}
