import { type Database, toStorableText } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import { RUNS_CHANNEL } from '../records/read-runs.ts';

/** An attempt that runs. */
interface Running {
  readonly runId: string;
  readonly id: string;
  readonly number: number;
}

/** How long a growing log waits for other logs. */
const WRITE_EVERY_MS = 1_000;

// Locked rows are being ended, with their whole log, and are skipped; so this never waits for a commit, and a commit
// never waits long for this.
const WRITE = `
with told as (
  select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[]) as t (run_id, goal, number, log)),
running as (
  select a.run_id, a.goal, a.number, t.log from attempts a join told t using (run_id, goal, number)
  where a.outcome is null for update of a skip locked),
written as (
  update attempts a set log = r.log from running r
  where a.run_id = r.run_id and a.goal = r.goal and a.number = r.number)
select pg_notify('${RUNS_CHANNEL}', run_id::text) from (select distinct run_id from told) as runs`;

/**
 * Writes the logs of attempts while they run, so that they can be followed; the end of an attempt writes its whole log.
 */
export class LiveLogs {
  readonly #database: Database;
  readonly #effects: Pick<EngineEffects, 'after' | 'warn'>;
  /** Logs that grew since they were written, by attempt. */
  readonly #grown = new Map<Running, string>();
  #isTimed = false;

  constructor(database: Database, effects: Pick<EngineEffects, 'after' | 'warn'>) {
    this.#database = database;
    this.#effects = effects;
  }

  tell(attempt: Running, text: string): void {
    this.#grown.set(attempt, text);
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#effects.after(WRITE_EVERY_MS, () => void this.#write());
  }

  /** The attempt is over; its end writes the whole log. */
  end(attempt: Running): void {
    this.#grown.delete(attempt);
  }

  async #write(): Promise<void> {
    const grown = [...this.#grown];
    this.#grown.clear();
    try {
      if (grown.length > 0)
        await this.#database.query(WRITE, [
          grown.map(([{ runId }]) => runId),
          grown.map(([{ id }]) => id),
          grown.map(([{ number }]) => number),
          grown.map(([, text]) => toStorableText(text)),
        ]);
    } catch (error) {
      this.#effects.warn('Logs of running attempts could not be written; they are there when the attempts end', error);
    }
    this.#isTimed = false;
    const [next] = this.#grown;
    if (next !== undefined) this.tell(...next);
  }
}
