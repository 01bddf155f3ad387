import { hasErrorCode } from '../error-code.ts';
import type { Database, Queryable } from '../postgres/database.ts';

/** One number for the advisory lock between those who begin to rely on artifacts and the one who removes them. */
const LOCK = 4_201_117_001;

/**
 * SQL of the shared hold, for statements that take it on their way. Nothing is removed from then until the end of the
 * transaction; what a later statement of the transaction finds to be there stays there until it has committed.
 */
export const HOLD_ARTIFACTS: string = `pg_advisory_xact_lock_shared(${LOCK})`;

/** Takes the hold. Then look whether the artifacts are there, and record that they are needed. */
export async function holdArtifacts(tx: Queryable): Promise<void> {
  await tx.query(`select ${HOLD_ARTIFACTS}`);
}

// Those who come after one who waits for the lock wait behind it, so it waits briefly and tries again.
const WAIT_MS = 200;
const TRIES_MAX = 1_000;
const PAUSE_MS = 50;
const LOCK_TIMEOUT = '55P03';

/** Runs `work` in a transaction while nobody holds artifacts. Keep it short: commits wait meanwhile. */
export async function withArtifactsToMyself<T>(database: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await database.transaction(async (tx) => {
        await tx.query(`set local lock_timeout = ${WAIT_MS}`);
        await tx.query(`select pg_advisory_xact_lock(${LOCK})`);
        await tx.query('set local lock_timeout = 0');
        return work(tx);
      });
    } catch (error) {
      const isBusy = hasErrorCode(error, LOCK_TIMEOUT);
      if (!isBusy || tries >= TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
