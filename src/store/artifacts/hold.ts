import { hasErrorCode } from '../error-code.ts';
import type { Database, Queryable } from '../postgres/database.ts';

/** Number of the advisory lock between transactions that start to rely on artifacts and the one that removes them. */
const LOCK = 4_201_117_001;

/**
 * SQL of the shared lock, for statements that take it themselves. Nothing is removed from then until the end of the
 * transaction; what a later statement of the transaction finds stays until the commit.
 */
export const HOLD_ARTIFACTS: string = `pg_advisory_xact_lock_shared(${LOCK})`;

/** Takes the lock. Afterwards, check that the artifacts exist, and record that they are needed. */
export async function holdArtifacts(tx: Queryable): Promise<void> {
  await tx.query(`select ${HOLD_ARTIFACTS}`);
}

// Requests behind a waiting one wait too, so it waits only briefly and retries.
const WAIT_MS = 200;
const TRIES_MAX = 1_000;
const PAUSE_MS = 50;
const LOCK_TIMEOUT = '55P03';

/** Runs `work` in a transaction while no other one holds artifacts. Keep it short: commits wait for it. */
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
