import type { Database } from '#store';

/**
 * Waits for what the server still does for a client that was killed: it may commit, and hold locks, after the client is
 * gone. That is part of what was killed.
 */
export async function untilServerIsDone(database: Database): Promise<void> {
  for (;;) {
    const busy = await database.query(
      `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    if (busy.length === 0) return;
  }
}
