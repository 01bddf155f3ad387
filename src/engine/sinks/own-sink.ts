import type { Database, Queryable } from '#store';
import { assertClaimHeld } from '../claims/start-attempts.ts';
import type { Sink } from './sink.ts';
import { openPlace, readMarkers } from './sql-sink.ts';

const TABLE = 'sink_markers';

/**
 * Rows in Weir's own database. The claim itself is locked in the transaction, which fences earlier than any marker:
 * nobody takes it over while the rows are written.
 */
export function ownSink(database: Database): Sink<Queryable> {
  return {
    name: '',
    replace: (owner, work) =>
      database.transaction(async (tx) => {
        const { goal, output, key, token } = owner;
        await assertClaimHeld(tx, { key, token });
        await tx.query(
          `insert into ${TABLE} (goal, output, key, token, row_count) values ($1, $2, $3, $4, -1)
           on conflict (goal, output) do update set key = excluded.key, token = excluded.token, row_count = -1`,
          [goal, output, key, token],
        );
        return work(openPlace(tx, { table: TABLE, owner }));
      }),
    markers: (places) => readMarkers(database, { table: TABLE, places }),
  };
}
