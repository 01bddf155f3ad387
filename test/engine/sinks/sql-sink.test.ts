import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineError, type Sink, type SinkOwner, sqlSink } from '#engine';
import { connect, type Database, type Queryable } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type SinkBench, testSink } from '../../suites/sink.ts';
import { maybeDebianPostgres, startDebianPostgres } from './debian-postgres.ts';

const CREATE_ROWS = 'create table public.kept (goal text not null, number integer not null, row text not null)';

/** A sink in another database than Weir's: tables of its own, no migration of ours. */
async function benchOn(database: Database, close: () => Promise<void>): Promise<SinkBench<Queryable>> {
  await database.query(CREATE_ROWS);
  const opened: Database[] = [];
  return {
    sink: sqlSink({ name: 'warehouse', database }),
    reopen: async () => {
      const again = connect({ url: database.url, poolSize: 2 });
      opened.push(again);
      return sqlSink({ name: 'warehouse', database: again });
    },
    write: async (tx, { owner, rows }) => {
      await tx.query('delete from kept where goal = $1', [owner.goal]);
      await tx.query(
        'insert into kept select $1, number, row from unnest($2::text[]) with ordinality as r (row, number)',
        [owner.goal, rows],
      );
    },
    read: async (goal) =>
      (await database.query<{ row: string }>('select row from kept where goal = $1 order by number', [goal])).map(
        ({ row }) => row,
      ),
    crash: async () => {
      await database.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    },
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await close();
    },
  };
}

testSink('SQL', async () => {
  const database = await createTestDatabase({ isMigrated: false });
  return benchOn(database, () => database.close());
});

const programs = maybeDebianPostgres();
describe.skipIf(programs === undefined)('a PostgreSQL of another major version', () => {
  testSink(`SQL of Debian`, async () => {
    const server = await startDebianPostgres(programs ?? '');
    const database = connect({ url: server.url });
    return benchOn(database, async () => {
      await database.close();
      await server.stop();
    });
  });
});

describe('the table of markers', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createTestDatabase({ isMigrated: false });
  });
  afterAll(() => database.close());

  const ownerOf = (goal: string): SinkOwner => ({ goal, output: 'o', key: 'k', token: '1', origin: 'one' });
  const put = (sink: Sink<Queryable>, goal: string): Promise<void> =>
    sink.replace(ownerOf(goal), (place) => place.mark(0));
  const tableOf = async (schema: string): Promise<unknown> => {
    const [row] = await database.query(`select to_regclass($1) is not null as found`, [`${schema}.markers`]);
    return row?.found;
  };

  it('is made by the first write, in the schema it is told, by several at once', async () => {
    const schema = 'made_at_once';
    expect(await sqlSink({ name: 'w', database, schema }).markers([{ goal: 'g', output: 'o' }])).toEqual([undefined]);
    expect(await tableOf(schema)).toBe(false);
    const sinks = [1, 2, 3, 4].map(() => sqlSink({ name: 'w', database, schema }));
    await Promise.all(sinks.map((sink, index) => put(sink, `goal ${index}`)));
    expect(await tableOf(schema)).toBe(true);
    expect(await database.query(`select goal from ${schema}.markers`)).toHaveLength(4);
  });

  it('may be made by somebody else, for a role that may not create', async () => {
    const schema = 'given';
    await put(sqlSink({ name: 'w', database, schema }), 'first');
    const role = `weir_writer_${process.pid}`;
    await database.query(`create role ${role} login password 'secret'`);
    await database.query(`grant usage on schema ${schema} to ${role}`);
    await database.query(`grant select, insert, update on ${schema}.markers to ${role}`);
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'secret'];
    const limited = connect({ url: url.href, poolSize: 1 });
    const sink = sqlSink({ name: 'w', database: limited, schema });
    await put(sink, 'second');
    expect(await sink.markers([{ goal: 'second', output: 'o' }])).toEqual([{ key: 'k', rowCount: 0 }]);
    await expect(put(sqlSink({ name: 'w', database: limited, schema: 'refused' }), 'third')).rejects.toThrow(
      'permission denied',
    );
    await limited.close();
    await database.query(`drop owned by ${role}; drop role ${role}`);
  });

  it('is made again when somebody dropped it: then nothing is complete', async () => {
    const schema = 'dropped';
    const sink = sqlSink({ name: 'w', database, schema });
    await put(sink, 'g');
    await database.query(`drop table ${schema}.markers`);
    expect(await sink.markers([{ goal: 'g', output: 'o' }])).toEqual([undefined]);
    await put(sink, 'g');
    expect(await sink.markers([{ goal: 'g', output: 'o' }])).toEqual([{ key: 'k', rowCount: 0 }]);
  });

  it('says that a place is being written when its writer committed without a marker', async () => {
    const sink = sqlSink({ name: 'w', database, schema: 'unmarked' });
    await sink.replace(ownerOf('g'), async () => undefined);
    expect(await sink.markers([{ goal: 'g', output: 'o' }])).toEqual([{ key: 'k', rowCount: -1 }]);
  });

  it('has a schema that is a plain name', () => {
    expect(() => sqlSink({ name: 'w', database, schema: 'a"; drop table x' })).toThrow(EngineError);
  });
});
