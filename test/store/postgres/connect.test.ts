import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database, prepared } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query('create table things (id bigint primary key, word text)');
});
afterAll(() => database.close());

const words = async (): Promise<readonly string[]> =>
  (await database.query<{ word: string }>('select word from things order by id')).map(({ word }) => word);

/** Ends the server's side of a connection, as a restart of the server does. */
async function endConnections(where: string): Promise<void> {
  await database.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and ${where}`);
}

async function untilTrue(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a value from the database', () => {
  it.each([
    ['9007199254740993::bigint', '9007199254740993'],
    ['1.50::numeric', '1.50'],
    ['1.5::float8', 1.5],
    ['7::int', 7],
    ["date '2024-02-29'", '2024-02-29'],
    ["timestamp '2024-02-29 10:11:12'", '2024-02-29 10:11:12'],
    ["timestamptz '2024-02-29 10:11:12+02'", new Date('2024-02-29T08:11:12Z')],
    ['\'[1, {"a": null}]\'::jsonb', [1, { a: null }]],
    ['null::text', null],
  ])('%s is %j', async (sql, expected) => {
    expect(await database.query(`select ${sql} as value`)).toEqual([{ value: expected }]);
  });

  it('may be an array of JSON that went in as text', async () => {
    const value = [{ a: 1 }, 'b'];
    expect(await database.query('select $1::jsonb as value', [JSON.stringify(value)])).toEqual([{ value }]);
  });
});

describe('a connection', () => {
  it('finds the tables of weir without their schema, and says who it is', async () => {
    const sql = "select to_regclass('manifests')::text as manifests, current_setting('application_name') as name";
    expect(await database.query(sql)).toEqual([{ manifests: 'manifests', name: 'weir' }]);
  });

  it('is not compiled, which would take longer than most queries', async () => {
    expect(await database.query('show jit')).toEqual([{ jit: 'off' }]);
  });

  it('gives the rows of the last of many statements', async () => {
    expect(await database.query('select 1 as a; select 2 as b')).toEqual([{ b: 2 }]);
  });

  it('keeps a prepared statement, over a change of the schema and inside a transaction', async () => {
    const one = connect({ url: database.url, poolSize: 1 });
    const statement = prepared('add_note', 'insert into notes (word) values ($1) returning word');
    const kept = () => one.query(`select generic_plans + custom_plans as uses from pg_prepared_statements`);
    await one.query('create table notes (word text)');
    expect(await one.query(statement, ['a'])).toEqual([{ word: 'a' }]);
    await one.query('alter table notes add column more integer default 1');
    expect(await one.query(statement, ['b'])).toEqual([{ word: 'b' }]);
    expect(await one.transaction((tx) => tx.query(statement, ['c']))).toEqual([{ word: 'c' }]);
    expect(await kept()).toEqual([{ uses: '3' }]);
    await expect(one.query(prepared('add_note', 'select 1'))).rejects.toThrow('must be unique');
    await expect(one.transaction((tx) => tx.query(statement, ['d']), { readOnly: true })).rejects.toThrow('read-only');
    await one.close();
  });

  it('survives the end of its idle connections', async () => {
    await Promise.all([1, 2, 3].map(() => database.query('select pg_sleep(0.05)')));
    await endConnections("state = 'idle'");
    for (let query = 0; query < 3; query++) {
      await untilTrue(() =>
        database.query('select 1').then(
          () => true,
          () => false,
        ),
      );
    }
  });

  it('says where no server answers', async () => {
    const nowhere = connect({ url: 'postgres://weir:secret@127.0.0.1:1/weir' });
    await expect(nowhere.query('select 1')).rejects.toThrow('ECONNREFUSED 127.0.0.1:1');
    await nowhere.close();
  });
});

describe('a transaction', () => {
  it('commits everything together', async () => {
    await database.transaction(async (tx) => {
      await tx.query("insert into things values (1, 'one')");
      await tx.query("insert into things values (2, 'two')");
    });
    expect(await words()).toEqual(['one', 'two']);
  });

  it('leaves nothing when the work throws, and throws the same', async () => {
    const thrown = new Error('not today');
    const work = database.transaction(async (tx) => {
      await tx.query("insert into things values (3, 'three')");
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(await words()).toEqual(['one', 'two']);
  });

  it('does not pass for committed when an error in it was swallowed', async () => {
    const work = database.transaction(async (tx) => {
      await tx.query("insert into things values (4, 'four')");
      await tx.query('select 1/0').catch(() => {});
    });
    await expect(work).rejects.toThrow(/Expected the transaction to commit, but the server rolled it back/);
    expect(await words()).toEqual(['one', 'two']);
  });

  it('fails when its connection is lost, and the next one has a new connection', async () => {
    const work = database.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.query('select pg_terminate_backend($1)', [row?.pid]);
      await tx.query('select 1');
    });
    await expect(work).rejects.toThrow(/terminat/);
    expect(await database.transaction((tx) => tx.query('select 1 as n'))).toEqual([{ n: 1 }]);
  });

  it('copies rows in, whatever their texts hold, and takes them back with everything else', async () => {
    const texts = ['', 'a\tb', 'one\ntwo\r\n', '\\N', '\\.', 'C:\\new', '"', '🐟', "it's, {}"];
    const rows = texts.map((text, index) => [String(100 + index), text]);
    const many = Array.from({ length: 5_000 }, (_, index) => [
      String(1_000 + index),
      index % 2 === 0 ? null : 'x'.repeat(40),
    ]);
    const into = { table: 'things', columns: ['id', 'word'] };
    expect(await database.transaction((tx) => tx.copyIn(into, [...rows, ...many]))).toBe(5_009);
    const found = await database.query<{ word: string }>(
      'select word from things where id between 100 and 999 order by id',
    );
    expect(found.map(({ word }) => word)).toEqual(texts);
    expect(
      await database.query('select count(*)::int as rows, count(word)::int as words from things where id >= 1000'),
    ).toEqual([{ rows: 5_000, words: 2_500 }]);
    expect(await database.transaction((tx) => tx.copyIn(into, []))).toBe(0);
    await database.query('delete from things where id >= 100');
    const twice = database.transaction((tx) =>
      tx.copyIn(into, [
        ['200', 'new'],
        ['1', 'there already'],
      ]),
    );
    await expect(twice).rejects.toThrow(/duplicate key/);
    const broken = database.transaction((tx) =>
      tx.copyIn(
        into,
        (function* () {
          yield ['201', 'new'];
          throw new Error('the source broke');
        })(),
      ),
    );
    await expect(broken).rejects.toThrow('the source broke');
    expect(await words()).toEqual(['one', 'two']);
  });

  it('may be read only, also for who tries to leave it', async () => {
    const attempt = (sql: string): Promise<unknown> => database.transaction((tx) => tx.query(sql), { readOnly: true });
    await expect(attempt("insert into things values (5, 'five')")).rejects.toThrow(/read-only transaction/);
    await expect(attempt("commit; insert into things values (5, 'five')")).rejects.toThrow(/multiple commands/);
    expect(await database.transaction((tx) => tx.query('select $1::int as n', [1]), { readOnly: true })).toEqual([
      { n: 1 },
    ]);
    expect(await words()).toEqual(['one', 'two']);
  });

  it('ends a statement that takes too long, and only its own', async () => {
    const one = connect({ url: database.url, poolSize: 1 });
    const slow = one.transaction((tx) => tx.query('select pg_sleep(600)'), { timeoutMs: 50 });
    await expect(slow).rejects.toThrow('statement timeout');
    // A transaction that commits takes back nothing that it set for the session.
    await one.transaction((tx) => tx.query('select 1'), { timeoutMs: 600_000 });
    expect(await one.query("select current_setting('statement_timeout') as timeout")).toEqual([{ timeout: '0' }]);
    await one.close();
  });
});

describe('listen', () => {
  it('calls back for each notification until it is stopped', async () => {
    const [first, second, other]: [string[], string[], string[]] = [[], [], []];
    const stops = [
      await database.listen('news', (payload) => first.push(payload)),
      await database.listen('news', (payload) => second.push(payload)),
      await database.listen('Other "news"', (payload) => other.push(payload)),
    ];
    await database.query('notify news, \'one\'; notify "Other ""news"""');
    await untilTrue(() => other.length === 1);
    await stops[0]?.();
    await database.query("notify news, 'two'");
    await untilTrue(() => second.length === 2);
    expect({ first, second, other }).toEqual({ first: ['one'], second: ['one', 'two'], other: [''] });
    for (const stop of stops) await stop();
    expect(
      await database.query(`select 1 from pg_stat_activity
        where datname = current_database() and query ilike 'unlisten%' and state = 'idle'`),
    ).toHaveLength(1);
  });

  it('listens again when its connection is lost', async () => {
    const heard: string[] = [];
    const stop = await database.listen('again', (payload) => heard.push(payload));
    await endConnections("(query ilike 'listen%' or query ilike 'unlisten%')");
    await untilTrue(async () => {
      await database.query("notify again, 'back'");
      return heard.length > 0;
    });
    expect(new Set(heard)).toEqual(new Set(['back']));
    await stop();
  });

  it('fails clearly where no server answers, and closes', async () => {
    const nowhere = connect({ url: 'postgres://weir:secret@127.0.0.1:1/weir' });
    await expect(nowhere.listen('news', () => {})).rejects.toThrow('ECONNREFUSED');
    await nowhere.close();
  });
});

describe('copyToCsv', () => {
  it('streams rows exactly as they are', async () => {
    const sql = `select 1 as n, 'a "quoted", word' as word, null as nothing, '' as empty union all select 2, e'line\\nbreak', 'x', 'y' order by n -- done\n;`;
    expect(await text(database.copyToCsv(sql))).toBe(
      'n,word,nothing,empty\n1,"a ""quoted"", word",,""\n2,"line\nbreak",x,y\n',
    );
  });

  it('writes booleans and times as any reader knows them', async () => {
    const sql = `select true as b, null::boolean as n, timestamptz '2024-02-29 10:11:12.5+02' as z, date '2024-02-29' as d,
      timestamp '2024-02-29 10:11:12' as t, 'infinity'::timestamptz as i`;
    expect(await text(database.copyToCsv(sql))).toBe(
      'b,n,z,d,t,i\ntrue,,2024-02-29T08:11:12.500000Z,2024-02-29,2024-02-29T10:11:12.000000,infinity\n',
    );
  });

  it('streams many rows, and may be left early without blocking the pool', async () => {
    const single = connect({ url: database.url, poolSize: 1 });
    let sizeBytes = 0;
    for await (const chunk of single.copyToCsv('select * from generate_series(1, 300000)')) sizeBytes += chunk.length;
    expect(sizeBytes).toBeGreaterThan(1_900_000);
    for await (const chunk of single.copyToCsv('select * from generate_series(1, 300000)')) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await single.query('select 1 as n')).toEqual([{ n: 1 }]);
    await single.close();
  });

  it('passes the error of the query on, also one in the middle, and cannot write', async () => {
    await expect(text(database.copyToCsv('select * from nowhere'))).rejects.toThrow(
      'relation "nowhere" does not exist',
    );
    await expect(text(database.copyToCsv('select 1 / (100000 - n) from generate_series(1, 200000) n'))).rejects.toThrow(
      'division by zero',
    );
    await expect(text(database.copyToCsv("select nextval('claim_tokens')"))).rejects.toThrow('read-only');
    expect(await words()).toEqual(['one', 'two']);
  });
});

describe('close', () => {
  it('ends every connection', async () => {
    const closing = connect({ url: database.url });
    await closing.listen('news', () => {});
    await closing.query("set application_name = 'closing'");
    await closing.close();
    await untilTrue(
      async () =>
        (await database.query("select 1 from pg_stat_activity where application_name = 'closing'")).length === 0,
    );
    await expect(closing.query('select 1')).rejects.toThrow(/after calling end/);
  });
});
