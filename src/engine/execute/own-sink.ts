import type { Database, Queryable } from '#store';
import { assertClaimHeld } from '../records/start-attempts.ts';
import type { Sink, SinkOwner } from './sink.ts';
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

/** Removes the rows of a result with their marker, if it is theirs still and nobody wrote there under a newer token. */
export function removeOwnRows(
  database: Database,
  rows: {
    readonly owner: Omit<SinkOwner, 'output' | 'origin'>;
    readonly output: string;
    remove(tx: Queryable): Promise<unknown>;
  },
): Promise<'removed' | 'replaced'> {
  const { goal, key, token } = rows.owner;
  return database.transaction(async (tx) => {
    const [marker] = await tx.query<{ isTheirs: boolean }>(
      `select key = $3 and token <= $4 as "isTheirs" from ${TABLE} where goal = $1 and output = $2 for update`,
      [goal, rows.output, key, token],
    );
    if (marker === undefined) return 'removed';
    if (!marker.isTheirs) return 'replaced';
    await rows.remove(tx);
    await tx.query(`delete from ${TABLE} where goal = $1 and output = $2`, [goal, rows.output]);
    return 'removed';
  });
}
