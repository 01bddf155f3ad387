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

/** Brings the schema `weir` up to date, each file in a transaction of its own, and returns the names it applied. */
export async function migrate(
  database: Database,
  { folder = DEFAULT_FOLDER }: { readonly folder?: string } = {},
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const applied: string[] = [];
  for (;;) {
    const next = await database.transaction((tx) => applyNext(tx, migrations));
    if (next === undefined) return applied;
    applied.push(next);
  }
}

// One lock for each step is enough: the second process reads again what has been applied.
async function applyNext(tx: Queryable, migrations: readonly Migration[]): Promise<string | undefined> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
  await tx.query('create schema if not exists weir');
  await tx.query(`create table if not exists weir.migrations (
    number     integer primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default clock_timestamp()
  )`);
  const rows = await tx.query<AppliedRow>('select number, name, checksum from weir.migrations order by number');
  assertUnchanged(rows, migrations);
  const next = migrations[rows.length];
  if (next === undefined) return undefined;
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
