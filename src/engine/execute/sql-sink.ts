import { type Database, hasErrorCode, type Queryable } from '#store';
import { EngineError } from '../define/errors.ts';
import { type OpenPlace, type Sink, SinkFencedError, type SinkMarker, type SinkOwner, type SinkPlace } from './sink.ts';

export interface SqlSinkOptions {
  readonly name: string;
  /** Any PostgreSQL; the tables that tasks write belong to the user. */
  readonly database: Database;
  /** Schema of the table `markers`, which the first write creates; `weir` when absent. */
  readonly schema?: string;
}

const SCHEMA_DEFAULT = 'weir';
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
/** Two processes that create the table at once would collide in the catalogue. */
const CREATION_LOCK = 7_303_014_811;
const UNDEFINED_TABLE = '42P01';
/** A task may compute between two rows. When its process is stopped, its successor waits so long for the place. */
export const WHILE_TASKS_WRITE = { silentMsMax: 60_000 } as const;

/**
 * Rows in tables of a PostgreSQL. The rows, the marker and the check of the token are one transaction, so a kill at any
 * moment never leaves a marker with rows of another write. The table of markers is created by the first write.
 */
export function sqlSink(options: SqlSinkOptions): Sink<Queryable> {
  const { name, database, schema = SCHEMA_DEFAULT } = options;
  if (!IDENTIFIER.test(schema))
    throw new EngineError(
      'sink_invalid',
      `The schema of sink ${name} is lower-case letters, digits and underscores; got ${JSON.stringify(schema)}.`,
    );
  const table = `"${schema}".markers`;
  return {
    name,
    replace: (owner, work) =>
      database.transaction(async (tx) => {
        await ensureTable(tx, { schema, table });
        await takePlace(tx, { table, sink: name, owner });
        return work(openPlace(tx, { table, owner }));
      }, WHILE_TASKS_WRITE),
    markers: (places) => readMarkers(database, { table, places }),
  };
}

/**
 * A place in a transaction that holds rows and marker together: both are committed or neither, so there is nothing to
 * flush.
 */
export function openPlace(
  tx: Queryable,
  { table, owner }: { readonly table: string; readonly owner: SinkPlace },
): OpenPlace<Queryable> {
  return {
    writer: tx,
    flush: async () => undefined,
    mark: async (rowCount) => {
      await tx.query(
        `update ${table} set row_count = $3, written_at = clock_timestamp() where goal = $1 and output = $2`,
        [owner.goal, owner.output, rowCount],
      );
    },
  };
}

/** Checked first, so that a role that may not create tables can use one that exists. */
async function ensureTable(
  tx: Queryable,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<void> {
  if (await hasTable(tx, schema)) return;
  await tx.query('select pg_advisory_xact_lock($1)', [CREATION_LOCK]);
  if (await hasTable(tx, schema)) return;
  const [found] = await tx.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (found === undefined) await tx.query(`create schema "${schema}"`);
  await tx.query(`
    create table ${table} (
      goal       text not null,
      output     text not null,
      key        text not null,
      token      bigint not null,
      row_count  bigint not null,
      written_at timestamptz not null default clock_timestamp(),
      origin     text not null,
      primary key (goal, output)
    )`);
  await tx.query(
    `comment on table ${table} is 'Written by Weir in the transaction of the rows a goal owns: the goal is complete while key and count are those of its manifest.'`,
  );
}

// Not to_regclass: its cache may miss a table that was created a moment ago.
async function hasTable(tx: Queryable, schema: string): Promise<boolean> {
  const found = await tx.query(
    `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'markers'`,
    [schema],
  );
  return found.length === 1;
}

/**
 * Locks the marker until the transaction ends, so that a second writer waits, and is fenced when it is the older one.
 * A count of -1 never equals one that was recorded: what `work` does not mark does not count, even if it is committed.
 */
async function takePlace(
  tx: Queryable,
  place: { readonly table: string; readonly sink: string; readonly owner: SinkOwner },
): Promise<void> {
  const { table, sink, owner } = place;
  const { goal, output, key, token, origin } = owner;
  const taken = await tx.query(
    `insert into ${table} as m (goal, output, key, token, row_count, origin) values ($1, $2, $3, $4, -1, $5)
     on conflict (goal, output) do update
       set key = excluded.key, token = excluded.token, row_count = -1, origin = excluded.origin, written_at = clock_timestamp()
       where m.token <= excluded.token or m.origin <> excluded.origin
     returning 1`,
    [goal, output, key, token, origin],
  );
  if (taken.length === 1) return;
  const [newer] = await tx.query<{ token: string }>(
    `select token::text from ${table} where goal = $1 and output = $2`,
    [goal, output],
  );
  throw new SinkFencedError(sink, { token, newer: newer?.token ?? 'unknown' });
}

/** The markers of a table; a table that does not exist yet has none. */
export async function readMarkers(
  database: Queryable,
  asked: { readonly table: string; readonly places: readonly SinkPlace[] },
): Promise<readonly (SinkMarker | undefined)[]> {
  const { table, places } = asked;
  const rows = await database
    .query<{ place: string; key: string; count: string }>(
      `select place::text, key, row_count::text as count
       from unnest($1::text[], $2::text[]) with ordinality as asked (goal, output, place) join ${table} using (goal, output)`,
      [places.map(({ goal }) => goal), places.map(({ output }) => output)],
    )
    .catch((error: unknown) => {
      if (hasErrorCode(error, UNDEFINED_TABLE)) return [];
      throw error;
    });
  const found: (SinkMarker | undefined)[] = places.map(() => undefined);
  for (const { place, key, count } of rows) found[Number(place) - 1] = { key, rowCount: Number(count) };
  return found;
}
