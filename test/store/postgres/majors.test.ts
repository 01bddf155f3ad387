import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database, migrate } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { canTestDebianPostgres, type DebianPostgres, startDebianPostgres } from '../../postgres/debian-postgres.ts';

describe.skipIf(!canTestDebianPostgres())('a PostgreSQL of another major', () => {
  let server: DebianPostgres;
  let embedded: Database;
  beforeAll(async () => {
    [server, embedded] = await Promise.all([startDebianPostgres(), createTestDatabase()]);
  });
  afterAll(async () => {
    await embedded?.close();
    await server?.stop();
  });

  it('takes the whole schema, with the same tables, columns, constraints and indexes', async () => {
    const database = connect({ url: server.url });
    await migrate(database);
    const [older, newer] = await Promise.all([schemaOf(database), schemaOf(embedded)]);
    await database.close();
    expect(older.length).toBeGreaterThan(100);
    expect(older).toEqual(newer);
  });

  it('is reached through PgBouncer, which keeps a connection for each session', async () => {
    const database = connect({ url: await server.startBouncer() });
    const heard = new Promise<string>((resolve) => {
      void database.listen('word', resolve).then(() => database.query("select pg_notify('word', 'heard')"));
    });
    expect(await heard).toBe('heard');
    const settings = "select current_setting('search_path') as path, current_setting('jit') as jit";
    expect(await database.query(settings)).toEqual([{ path: 'weir, public', jit: 'off' }]);
    expect(await database.transaction((tx) => tx.query(settings))).toEqual([{ path: 'weir, public', jit: 'off' }]);
    await database.close();
  });
});

/** What the schema has, but not-null constraints, which only newer majors list. */
async function schemaOf(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ line: string }>(
    `select 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull as line
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'weir'::regnamespace and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
     union all
     select 'index ' || pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
     where c.relnamespace = 'weir'::regnamespace
     union all
     select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
     where connamespace = 'weir'::regnamespace and contype <> 'n'
     order by 1`,
  );
  return rows.map(({ line }) => line);
}
