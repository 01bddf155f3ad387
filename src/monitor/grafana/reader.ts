import { type Database, hasErrorCode, type Queryable } from '#store';
import { MonitorError } from '../errors.ts';
import type { Readable } from './readable.ts';
import { scramVerifier } from './scram.ts';

/** The role that Grafana reads with. */
export const READER = 'weir_reader';

const CONNECTIONS_MAX = 20;
const TIMEOUT = '10s';

/** The SQL by which an administrator makes the role, where the user of Weir may not. */
export const READER_SQL = [
  `create role ${READER} login password '<password>' connection limit ${CONNECTIONS_MAX}`,
  `alter role ${READER} set statement_timeout = '${TIMEOUT}'`,
  `alter role ${READER} set default_transaction_read_only = on`,
  `alter role ${READER} set search_path = weir`,
  `alter role ${READER} set jit = off`,
] as const;

// An arbitrary constant that is the same in every process.
const LOCK = 7_734_919_021;
const INSUFFICIENT_PRIVILEGE = '42501';
const UNDEFINED_OBJECT = '42704';

/**
 * Brings the role and what it may read up to date: exactly what is listed. Returns false where it could not, because the
 * user of Weir may not make roles and no administrator has made this one, or does not own the tables.
 */
export async function grantReader(database: Database, readable: readonly Readable[]): Promise<boolean> {
  try {
    return await database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      if (!(await isThere(tx))) await tx.query(CREATE);
      if (!(await isThere(tx))) return false;
      await tx.query(GRANT_USAGE);
      for (const table of await readTables(tx)) await grantColumns(tx, { table, readable });
      return true;
    });
  } catch (error) {
    if (hasErrorCode(error, INSUFFICIENT_PRIVILEGE)) return false;
    throw error;
  }
}

const isThere = async (tx: Queryable): Promise<boolean> =>
  (await tx.query('select from pg_roles where rolname = $1', [READER])).length > 0;

// Roles belong to the server: another database of it may create the same one at the same time.
const CREATE = `do $$ begin
  create role ${READER} nologin connection limit ${CONNECTIONS_MAX};
  alter role ${READER} set statement_timeout = '${TIMEOUT}';
  alter role ${READER} set default_transaction_read_only = on;
  alter role ${READER} set search_path = weir;
  alter role ${READER} set jit = off;
exception when insufficient_privilege or duplicate_object or unique_violation then null;
end $$`;

const GRANT_USAGE = `do $$ begin
  if not has_schema_privilege('${READER}', 'weir', 'usage') then grant usage on schema weir to ${READER}; end if;
end $$`;

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** The columns that the role may read. */
  readonly granted: readonly string[];
}

// A partition is read through its table, by the privileges of that.
const readTables = (tx: Queryable): Promise<readonly Table[]> =>
  tx.query<Table & Record<string, unknown>>(
    `select relname as name, array_agg(attname::text order by attnum) as columns,
            coalesce(array_agg(attname::text order by attnum)
              filter (where has_column_privilege($1, attrelid, attnum, 'select')), '{}') as granted
       from pg_class join pg_attribute on attrelid = pg_class.oid
      where relnamespace = 'weir'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition
        and attnum > 0 and not attisdropped
      group by relname`,
    [READER],
  );

interface Granting {
  readonly table: Table;
  readonly readable: readonly Readable[];
}

async function grantColumns(tx: Queryable, { table, readable }: Granting): Promise<void> {
  const { name, columns, granted } = table;
  const listed = readable.find((each) => each.name === name);
  const wanted = listed === undefined ? [] : columns.filter((column) => !listed.without?.includes(column));
  if (wanted.join() === granted.join()) return;
  // Revokes what was granted for its columns, too.
  await tx.query(`revoke all on weir.${quoted(name)} from ${READER}`);
  if (wanted.length === 0) return;
  const chosen = wanted.length === columns.length ? '' : ` (${wanted.map(quoted).join(', ')})`;
  await tx.query(`grant select${chosen} on weir.${quoted(name)} to ${READER}`);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Lets the reader log in, by this password. */
export async function allowReader(database: Database, password: string): Promise<void> {
  await alterReader(database, `login password '${scramVerifier(password)}'`);
}

/** Lets the reader no longer log in, and ends its connections. */
export async function denyReader(database: Database): Promise<void> {
  await alterReader(database, 'nologin password null');
  await database.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [READER]);
}

async function alterReader(database: Database, change: string): Promise<void> {
  try {
    await database.query(`alter role ${READER} ${change}`);
  } catch (cause) {
    const isMissing = hasErrorCode(cause, UNDEFINED_OBJECT);
    if (!isMissing && !hasErrorCode(cause, INSUFFICIENT_PRIVILEGE)) throw cause;
    throw new MonitorError(
      'reader_refused',
      `Expected to change the role ${READER} of the database, but ${isMissing ? 'it does not exist' : 'this user may not'}. Ask an administrator of the database to run: ${READER_SQL.map((sql) => `${sql};`).join(' ')} Then start Weir again.`,
      { cause },
    );
  }
}
