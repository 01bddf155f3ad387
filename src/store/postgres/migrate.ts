import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { StoreError } from '../errors.ts';
import type { Database, Queryable } from './database.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

// The same depth below the package in src and in dist.
const DEFAULT_FOLDER = fileURLToPath(new URL('../../../database/migrations', import.meta.url));
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
// An arbitrary constant that is the same in every process.
const LOCK = 7_734_919_011;

// PostgreSQL's code for a statement that waited as long for a lock as it may.
const LOCK_NOT_AVAILABLE = '55P03';

export interface MigrateOptions {
  readonly folder?: string;
  /**
   * How long a statement may wait for the lock of a table: whoever asks for the table meanwhile waits too. 10 seconds by
   * default.
   */
  readonly lockTimeoutMs?: number;
}

/**
 * Brings the schema `weir` up to date, each file in a transaction of its own, and returns the names it applied. Processes
 * that migrate at the same time take turns. Throws `migration_blocked` when another session keeps a table locked.
 */
export async function migrate(
  database: Database,
  { folder = DEFAULT_FOLDER, lockTimeoutMs = 10_000 }: MigrateOptions = {},
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const applied: string[] = [];
  for (;;) {
    const next = await database
      .transaction((tx) => applyNext(tx, { migrations, lockTimeoutMs }))
      .catch(async (error) => {
        throw isBlocked(error) ? blockedBy(error, await holdersOfLocks(database)) : error;
      });
    if (next === undefined) return applied;
    applied.push(next);
  }
}

/** Names of the migrations that the database lacks, in their order; throws when it has others than this version of Weir. */
export async function pendingMigrations(
  database: Queryable,
  { folder = DEFAULT_FOLDER }: MigrateOptions = {},
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const [found] = await database.query<{ exists: boolean }>(
    "select to_regclass('weir.migrations') is not null as exists",
  );
  const applied = found?.exists === true ? await readApplied(database) : [];
  assertUnchanged(applied, migrations);
  return migrations.slice(applied.length).map(({ name }) => name);
}

/** Throws `migrations_pending` when the database lacks a migration, where a process may use it but not change it. */
export async function assertMigrated(database: Queryable, options: MigrateOptions = {}): Promise<void> {
  const pending = await pendingMigrations(database, options);
  const [first] = pending;
  if (first === undefined) return;
  const which = pending.length === 1 ? first : `${first} and ${pending.length - 1} after it`;
  throw new StoreError(
    'migrations_pending',
    `The database lacks migration ${which}. Run "weir migrate" with this version of Weir; with database.migrate: start, each start does so itself.`,
  );
}

interface Applying {
  readonly migrations: readonly Migration[];
  readonly lockTimeoutMs: number;
}

// One lock for each step is enough: the second process reads again what has been applied.
async function applyNext(tx: Queryable, { migrations, lockTimeoutMs }: Applying): Promise<string | undefined> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
  await tx.query('create schema if not exists weir');
  await tx.query(`create table if not exists weir.migrations (
    number     integer primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default clock_timestamp()
  )`);
  const rows = await readApplied(tx);
  assertUnchanged(rows, migrations);
  const next = migrations[rows.length];
  if (next === undefined) return undefined;
  await tx.query(`set local lock_timeout = ${Math.ceil(lockTimeoutMs)}`);
  await runFile(tx, next);
  await tx.query('insert into weir.migrations (number, name, checksum) values ($1, $2, $3)', [
    next.number,
    next.name,
    next.checksum,
  ]);
  return next.name;
}

interface AppliedRow {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

function readApplied(database: Queryable): Promise<readonly AppliedRow[]> {
  return database.query<AppliedRow>('select number, name, checksum from weir.migrations order by number');
}

function assertUnchanged(rows: readonly AppliedRow[], migrations: readonly Migration[]): void {
  for (const [index, row] of rows.entries()) {
    const file = migrations[index];
    if (file === undefined) {
      throw new StoreError(
        'migration_mismatch',
        `The database has migration ${row.name}, which this version of Weir does not know; start the newer version that applied it.`,
      );
    }
    if (file.name !== row.name) {
      throw new StoreError(
        'migration_mismatch',
        `Expected migration ${row.name} as number ${index + 1}, as the database has it, but the folder has ${file.name}; migrations are only ever added at the end.`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new StoreError(
        'migration_mismatch',
        `Migration ${row.name} was changed after it had been applied; restore the file and put the change into a new one.`,
      );
    }
  }
}

async function runFile(tx: Queryable, { name, sql }: Migration): Promise<void> {
  try {
    await tx.query(sql);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('migration_failed', `Migration ${name} failed and left nothing behind: ${reason}`, { cause });
  }
}

function isBlocked(error: unknown): error is StoreError {
  if (!(error instanceof StoreError) || error.code !== 'migration_failed') return false;
  return (error.cause as { readonly code?: unknown }).code === LOCK_NOT_AVAILABLE;
}

interface Holder {
  readonly pid: number;
  readonly application: string;
  readonly since: Date | null;
}

/** Other sessions that hold locks on tables of Weir, those with the oldest transactions first. */
function holdersOfLocks(database: Queryable): Promise<readonly Holder[]> {
  return database.query<Holder>(
    `select a.pid, a.application_name as application, a.xact_start as since
     from pg_stat_activity a
     where a.pid <> pg_backend_pid() and a.datname = current_database() and exists (
       select from pg_locks l join pg_class c on c.oid = l.relation
       where l.pid = a.pid and l.granted and c.relnamespace = 'weir'::regnamespace)
     order by a.xact_start nulls last limit 5`,
  );
}

function blockedBy(cause: StoreError, holders: readonly Holder[]): StoreError {
  const list = holders.map(
    ({ pid, application, since }) =>
      `pid ${pid}${application === '' ? '' : ` (${application})`}${since === null ? '' : ` since ${since.toISOString()}`}`,
  );
  const who = list.length === 0 ? 'it has ended meanwhile' : list.join(', ');
  return new StoreError(
    'migration_blocked',
    `${cause.message}. Another session kept a table locked: ${who}. Let it end, or end it with pg_terminate_backend, and run the migrations again.`,
    { cause },
  );
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map((name, index) => readMigration(path.join(folder, name), { name, number: index + 1 })));
}

async function readMigration(
  file: string,
  { name, number }: { readonly name: string; readonly number: number },
): Promise<Migration> {
  if (Number(FILE_NAME.exec(name)?.[1]) !== number) {
    throw new StoreError(
      'migration_invalid',
      `Expected migration number ${number} to be named ${String(number).padStart(4, '0')}-some-words.sql, but the folder has ${name}.`,
    );
  }
  // A checkout on Windows may change line ends, which does not affect the schema.
  const sql = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
  return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
