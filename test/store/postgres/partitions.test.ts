import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, preparePartitions, removeRowsBefore } from '#store';
import { listPartitions, missingRanges } from '../../../src/store/postgres/partitions.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const EVENTS = { name: 'events', time: 'at' };
const NOON = new Date('2026-03-10T12:00:00Z');
const daysLater = (days: number): Date => new Date(NOON.getTime() + days * 86_400_000);

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('drop table if exists events');
  await database.query('create table events (id integer not null, at timestamptz not null) partition by range (at)');
  await database.query('create table events_default (id integer primary key, at timestamptz not null)');
  await database.query('alter table events attach partition events_default default');
});

const names = async () => (await listPartitions(database, EVENTS)).map(({ name }) => name);
const insert = (id: number, at: Date) => database.query('insert into events values ($1, $2)', [id, at]);
const places = () =>
  database.query('select id, tableoid::regclass::text as "in" from events order by id') as Promise<
    readonly { id: number; in: string }[]
  >;

describe('the partitions of a table', () => {
  it('are missing where none has the present or the week ahead', () => {
    const day = (date: string): Date => new Date(`${date}T00:00:00Z`);
    const known = { name: 'events_default', from: null, to: null };
    expect(missingRanges([known], { now: NOON, days: 5 })).toEqual([
      { from: day('2026-03-10'), to: day('2026-03-15') },
      { from: day('2026-03-15'), to: day('2026-03-20') },
    ]);
    const newest = { name: 'newest', from: day('2026-03-01'), to: day('2026-03-16') };
    expect(missingRanges([known, newest], { now: NOON, days: 31 })).toEqual([
      { from: day('2026-03-16'), to: day('2026-04-16') },
    ]);
    expect(missingRanges([known, { ...newest, to: day('2026-03-18') }], { now: NOON, days: 1 })).toEqual([]);
    const nextMonth = { name: 'next-month', from: day('2026-03-12'), to: day('2026-04-01') };
    expect(missingRanges([known, nextMonth], { now: NOON, days: 5 })).toEqual([
      { from: day('2026-03-10'), to: day('2026-03-12') },
    ]);
    const longAgo = { name: 'long-ago', from: null, to: day('2020-01-01') };
    expect(missingRanges([known, longAgo], { now: NOON, days: 31 })).toEqual([
      { from: day('2026-03-10'), to: day('2026-04-10') },
    ]);
  });

  it('are made once, also when many do it at the same time, each with the indexes of its own', async () => {
    await Promise.all(Array.from({ length: 8 }, () => preparePartitions(database, EVENTS, { days: 5, now: NOON })));
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    expect(await names()).toEqual(['events_20260310', 'events_20260315', 'events_default']);
    await insert(1, NOON);
    await expect(insert(1, NOON)).rejects.toThrow(/events_20260310_pkey/);
  });

  it('can be of several widths, because those that exist stay as they are', async () => {
    await preparePartitions(database, EVENTS, { days: 12, now: NOON });
    await preparePartitions(database, EVENTS, { days: 1, now: daysLater(6) });
    expect(await names()).toEqual(['events_20260310', 'events_20260322', 'events_20260323', 'events_default']);
  });

  it('take rows beyond the last of them into the default one, until theirs is made', async () => {
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    await insert(1, NOON);
    await insert(2, daysLater(30));
    await insert(3, daysLater(-300));
    expect(await places()).toEqual([
      { id: 1, in: 'events_20260310' },
      { id: 2, in: 'events_default' },
      { id: 3, in: 'events_default' },
    ]);
    await preparePartitions(database, EVENTS, { days: 5, now: daysLater(30) });
    expect(await places()).toEqual([
      { id: 1, in: 'events_20260310' },
      { id: 2, in: 'events_20260409' },
      { id: 3, in: 'events_default' },
    ]);
  });

  it('are made while rows of their times arrive, and no insert fails', async () => {
    const inserting = Array.from({ length: 30 }, (_, id) => insert(id, NOON));
    await Promise.all([...inserting, preparePartitions(database, EVENTS, { days: 5, now: NOON })]);
    expect(await places()).toEqual(Array.from({ length: 30 }, (_, id) => ({ id, in: 'events_20260310' })));
  });

  it('are as before when the connection is lost between making one and attaching it', async () => {
    await insert(1, NOON);
    const killed: Database = {
      ...database,
      transaction: (work, options) =>
        database.transaction(async (tx) => {
          const [own] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
          const query: typeof tx.query = async (statement, values) => {
            if (String(statement).includes('attach partition'))
              await database.query('select pg_terminate_backend($1)', [own?.pid]);
            return tx.query(statement, values);
          };
          return work({ ...tx, query });
        }, options),
    };
    await expect(preparePartitions(killed, EVENTS, { days: 5, now: NOON })).rejects.toThrow();
    expect(await places()).toEqual([{ id: 1, in: 'events_default' }]);
    expect(await database.query("select from pg_class where relname = 'events_20260310'")).toEqual([]);
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    expect(await places()).toEqual([{ id: 1, in: 'events_20260310' }]);
  });

  it('are made later while somebody reads the default one, and rows arrive all the same', async () => {
    await database.transaction(async (tx) => {
      await tx.query('select from events_default');
      await preparePartitions(database, EVENTS, { days: 5, now: NOON });
      await insert(1, NOON);
    });
    expect(await places()).toEqual([{ id: 1, in: 'events_default' }]);
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    expect(await places()).toEqual([{ id: 1, in: 'events_20260310' }]);
  });
});

describe('removing old rows', () => {
  const refuseDeletes = async (): Promise<void> => {
    await database.query(
      `create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'deleted row by row'; end $$`,
    );
    await database.query('create trigger refuse before delete on events for each row execute function refuse()');
  };
  const left = async () => (await database.query('select id from events order by id')).map(({ id }) => id);

  it('drops whole partitions and deletes no row, so what lies in one with newer rows stays', async () => {
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    await refuseDeletes();
    for (const [id, days] of [0, 4, 5, 9].entries()) await insert(id, daysLater(days));
    expect(await removeRowsBefore(database, EVENTS, daysLater(6))).toEqual({
      rows: 2,
      inUse: 0,
      keptFrom: new Date('2026-03-15T00:00:00Z'),
    });
    expect(await left()).toEqual([2, 3]);
    expect(await names()).toEqual(['events_20260315', 'events_default']);
  });

  it('deletes from the default one exactly what is older', async () => {
    for (const [id, days] of [-2, -1, 1].entries()) await insert(id, daysLater(days));
    expect(await removeRowsBefore(database, EVENTS, NOON)).toEqual({ rows: 2, inUse: 0, keptFrom: NOON });
    expect(await left()).toEqual([2]);
  });

  it('deletes rows from before partitions were introduced exactly, and drops theirs once it is over', async () => {
    await database.query(`create table events_before (like events_default including all)`);
    await database.query(`insert into events_before values (1, $1), (2, $2)`, [daysLater(-9), daysLater(-3)]);
    await database.query(
      `alter table events attach partition events_before for values from (minvalue) to ('2026-03-11Z')`,
    );
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    await insert(3, daysLater(2));
    expect(await removeRowsBefore(database, EVENTS, daysLater(-5))).toEqual({
      rows: 1,
      inUse: 0,
      keptFrom: daysLater(-5),
    });
    expect(await left()).toEqual([2, 3]);
    expect(await removeRowsBefore(database, EVENTS, daysLater(1))).toMatchObject({ rows: 1 });
    expect(await names()).toEqual(['events_20260311', 'events_20260316', 'events_default']);
  });

  it('waits for who reads the table', async () => {
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    await insert(1, NOON);
    let removing: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      await tx.query('select from events');
      removing = removeRowsBefore(database, EVENTS, daysLater(20));
      await expect
        .poll(() => database.query(`select from pg_locks where not granted and relation = 'events'::regclass`))
        .toHaveLength(1);
    });
    expect(await removing).toMatchObject({ rows: 1 });
    expect(await names()).toEqual(['events_default']);
  });

  it('leaves a partition that somebody goes on reading to the next time, and says so', async () => {
    await preparePartitions(database, EVENTS, { days: 5, now: NOON });
    await insert(1, NOON);
    await database.transaction(async (tx) => {
      await tx.query('select from events_20260310');
      expect(await removeRowsBefore(database, EVENTS, daysLater(7))).toEqual({
        ...{ rows: 0, inUse: 1 },
        keptFrom: new Date('2026-03-10T00:00:00Z'),
      });
    });
    expect(await left()).toEqual([1]);
    expect(await removeRowsBefore(database, EVENTS, daysLater(7))).toMatchObject({ rows: 1, inUse: 0 });
  });
});
