import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type HeldClient, holdClient } from './held-client.ts';
import { toReachError } from './unreachable.ts';

const BOOLEAN = 16;
const TIMESTAMP = 1114;
const TIMESTAMP_WITH_ZONE = 1184;
const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US';

/**
 * Streams the rows of a query as CSV with a header. Booleans are `true` and `false`, times are ISO 8601, those with a zone
 * in UTC: what PostgreSQL itself writes (`t`, `2026-01-01 00:00:00+00`) depends on the session and means nothing elsewhere.
 */
export async function* copyToCsv(pool: pg.Pool, sql: string): AsyncGenerator<Uint8Array> {
  try {
    yield* streamCsv(await holdClient(pool), sql);
  } catch (error) {
    throw toReachError(error);
  }
}

async function* streamCsv({ client, lost, release }: HeldClient, sql: string): AsyncGenerator<Uint8Array> {
  let broken: Error | undefined = new Error('The reader stopped before the end of the copy.');
  try {
    await client.query(`begin read only; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'`);
    // The line break keeps a trailing comment from swallowing the bracket.
    const query = `(${sql.trim().replace(/;+$/, '')}\n) as query`;
    const { fields } = await client.query(`select * from ${query} limit 0`);
    const columns = fields.map(({ name, dataTypeID }) => portable(pg.escapeIdentifier(name), dataTypeID));
    const copy = copyTo(`copy (select ${columns.join(', ')} from ${query}) to stdout (format csv, header)`);
    // After a reader has left, closing the connection fails the copy without a listener.
    copy.on('error', ignore);
    yield* client.query(copy);
    await client.query('commit');
    broken = undefined;
  } catch (error) {
    throw lost() ?? error;
  } finally {
    release(broken);
  }
}

function portable(column: string, type: number): string {
  switch (type) {
    case BOOLEAN:
      return `${column}::text as ${column}`;
    case TIMESTAMP:
      return `case when isfinite(${column}) then to_char(${column}, '${ISO}') else ${column}::text end as ${column}`;
    case TIMESTAMP_WITH_ZONE:
      return `case when isfinite(${column}) then to_char(${column} at time zone 'UTC', '${ISO}"Z"') else ${column}::text end as ${column}`;
    default:
      return column;
  }
}

/** The reader of the copy gets the same error. */
function ignore(): void {}
