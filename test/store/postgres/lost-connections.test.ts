import { createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database, isDatabaseUnreachable } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let admin: Database;
beforeAll(async () => {
  admin = await createTestDatabase();
  await admin.query('create table words (word text)');
});
afterAll(() => admin.close());

/** Ends the server's side of connections, as a restart of the server does. */
async function terminate(where: string): Promise<void> {
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and ${where}`);
}

const findStates = (query: string): Promise<readonly { readonly state: string }[]> =>
  admin.query(
    `select state from pg_stat_activity where pid <> pg_backend_pid()
    and datname = current_database() and query like $1`,
    [query],
  );

async function untilRuns(query: string, wanted = 'active'): Promise<void> {
  while (!(await findStates(query)).some(({ state }) => state === wanted));
}

async function untilGone(query: string): Promise<void> {
  while ((await findStates(query)).length > 0);
}

const unreachable = (work: Promise<unknown>): Promise<void> =>
  expect(work).rejects.toMatchObject({ part: 'store', code: 'database_unreachable' });

describe('a connection that is lost', () => {
  // What reaches nobody would end the process: then Vitest reports an unhandled error, and the run fails.
  it.each<[string, string, (database: Database) => Promise<unknown>]>([
    ['a query', 'select pg_sleep%', (database) => database.query('select pg_sleep(600)')],
    ['a transaction', 'select pg_sleep%', (database) => database.transaction((tx) => tx.query('select pg_sleep(600)'))],
    [
      'a read-only one',
      'select pg_sleep%',
      (database) => database.transaction((tx) => tx.query('select pg_sleep(600)'), { readOnly: true }),
    ],
    ['a copy out', 'copy%pg_sleep%', (database) => text(database.copyToCsv('select pg_sleep(600)::text'))],
  ])('fails %s as unreachable, with what the server said as the cause', async (_, statement, ask) => {
    const database = connect({ url: admin.url, poolSize: 1 });
    const asked = expect(ask(database)).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('terminating connection'),
      cause: { code: '57P01' },
    });
    await untilRuns(statement);
    await terminate(`query like '${statement}'`);
    await asked;
    expect(await database.query('select 1 as n')).toEqual([{ n: 1 }]);
    await database.close();
  });

  it('fails a copy out with what the server said while the reader was busy', async () => {
    const database = connect({ url: admin.url, poolSize: 1 });
    const read = async (): Promise<void> => {
      for await (const _ of database.copyToCsv('select 1 as n')) {
        await untilRuns('copy%select 1 as n%', 'idle in transaction');
        await terminate(`query like 'copy%select 1 as n%'`);
        await untilGone('copy%select 1 as n%');
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'database_unreachable', cause: { code: '57P01' } });
    await database.close();
  });

  it('fails a copy in as unreachable, though its source continues', async () => {
    const database = connect({ url: admin.url, poolSize: 1 });
    const copied = database.transaction(async (tx) => {
      const [backend] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await admin.query('select pg_terminate_backend($1)', [backend?.pid]);
      return tx.copyIn(
        { table: 'words', columns: ['word'] },
        Array.from({ length: 200_000 }, () => ['x'.repeat(50)]),
      );
    });
    await unreachable(copied);
    await database.close();
  });

  it('fails a transaction whose author swallowed the loss', async () => {
    const database = connect({ url: admin.url, poolSize: 1 });
    const swallowing = database.transaction(async (tx) => {
      await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
    });
    await unreachable(swallowing);
    await database.close();
  });

  it('leaves an error of the work as it is, though that looks like a lost connection', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
    await expect(admin.transaction(() => Promise.reject(refused))).rejects.toBe(refused);
  });

  it('harms nobody when the reader of a copy has left', async () => {
    const database = connect({ url: admin.url, poolSize: 1 });
    for await (const _ of database.copyToCsv('select * from generate_series(1, 300000)')) break;
    await terminate(`query like 'copy%generate_series(1, 300000)%'`);
    expect(await database.query('select 1 as n')).toEqual([{ n: 1 }]);
    await database.close();
  });

  it('is unreachable for who waits too long for one that is free', async () => {
    const database = connect({ url: admin.url, poolSize: 1, connectTimeoutMs: 200 });
    let free: (() => void) | undefined;
    // On a loaded machine even the first may come too late; then it asks again.
    const hold = (): Promise<void> =>
      database
        .transaction(() => new Promise<void>((resolve) => (free = resolve)))
        .catch((error: unknown) => (isDatabaseUnreachable(error) ? hold() : Promise.reject(error)));
    const held = hold();
    await expect.poll(() => free).toBeDefined();
    const asked = [
      database.query('select 1'),
      database.transaction((tx) => tx.query('select 1')),
      text(database.copyToCsv('select 1')),
    ];
    await Promise.all(asked.map(unreachable));
    free?.();
    await held;
    await database.close();
  });

  it('of too many is unreachable', async () => {
    const name = new URL(admin.url).pathname.slice(1);
    await admin.query(`create role crowd login password 'crowd' connection limit 0`);
    await admin.query(`grant connect on database ${name} to crowd`);
    const url = new URL(admin.url);
    [url.username, url.password] = ['crowd', 'crowd'];
    const database = connect({ url: url.href });
    await unreachable(database.query('select 1'));
    await database.close();
    await admin.query(`drop owned by crowd; drop role crowd`);
  });

  it('is told from a password or a database that is wrong', async () => {
    const wrong = new URL(admin.url);
    wrong.password = 'guessed';
    const nowhere = new URL(admin.url);
    nowhere.pathname = '/there_is_no_such_database';
    for (const { href } of [wrong, nowhere]) {
      const database = connect({ url: href });
      await expect(database.query('select 1')).rejects.not.toHaveProperty('code', 'database_unreachable');
      await database.close();
    }
  });
});

describe('where no server is', () => {
  it.each([
    ['a port nobody listens on', 'postgres://weir@127.0.0.1:1/weir'],
    ['a name with two addresses', 'postgres://weir@localhost:1/weir'],
    ['a name that is none', 'postgres://weir@no-such-host.invalid/weir'],
    ['a socket that is not there', 'postgres://weir@%2Fno%2Fsuch%2Ffolder/weir'],
  ])('everything asked is unreachable, and says why: %s', async (_, url) => {
    const database = connect({ url });
    await unreachable(database.query('select 1'));
    await unreachable(database.transaction((tx) => tx.query('select 1')));
    await unreachable(database.listen('news', () => undefined));
    await unreachable(text(database.copyToCsv('select 1')));
    await expect(database.query('select 1')).rejects.toThrow(/cannot be reached at the moment: .*\b[A-Z]{3,}/);
    await database.close();
  });
});

describe('a server that ends a connection in the packet that opens it', () => {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const FATAL = message(
    'E',
    Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
  );
  const WELCOME = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);

  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([WELCOME, FATAL])));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `postgres://weir@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/weir`;
  });
  afterAll(() => void server.close());

  it('is unreachable for all who waited, and ends no process', async () => {
    const database = connect({ url, poolSize: 2 });
    const asked = Array.from({ length: 12 }, (_, index) => {
      if (index % 3 === 0) return database.query('select 1');
      if (index % 3 === 1) return database.transaction((tx) => tx.query('select 1'));
      return text(database.copyToCsv('select 1'));
    });
    for (const question of asked) await unreachable(question);
    await unreachable(database.listen('news', () => undefined));
    await database.close();
  });
});

describe('an error of anybody’s PostgreSQL client', () => {
  const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('is known though it has no code', async () => {
    const client = new pg.Client(admin.url);
    client.on('error', () => undefined);
    await client.connect();
    const sleeping = thrownBy(client.query(`select pg_sleep(600)`));
    client.connection.stream.destroy();
    const errors = [await sleeping, await thrownBy(client.query('select 1'))];
    const ended = new pg.Client(admin.url);
    await ended.connect();
    await ended.end();
    errors.push(await thrownBy(ended.query('select 1')));
    const pool = new pg.Pool({ connectionString: admin.url, max: 1 });
    const held = await pool.connect();
    pool.options.connectionTimeoutMillis = 20;
    errors.push(await thrownBy(pool.query('select 1')));
    held.release();
    await pool.end();
    expect(errors.map((error) => [error instanceof Error && !('code' in error), isDatabaseUnreachable(error)])).toEqual(
      errors.map(() => [true, true]),
    );
  });

  it.each([
    ['08006', true],
    ['53300', true],
    ['57P01', true],
    ['57P03', true],
    ['ECONNRESET', true],
    ['EPIPE', true],
    ['EAI_AGAIN', true],
    // Cancelled by a timeout of its own, wrong password, syntax, no such file, and a code that only looks like a state.
    ['57014', false],
    ['28P01', false],
    ['42601', false],
    ['ENOENT', false],
    ['08006-like', false],
  ])('with code %s: %s', (code, expected) => {
    expect(isDatabaseUnreachable(Object.assign(new Error('no'), { code }))).toBe(expected);
  });

  it('is what a database says that accepts no connections, and not a statement that does not fit', () => {
    const refused = Object.assign(new Error('no'), { code: '55000', severity: 'ERROR' });
    expect(isDatabaseUnreachable(refused)).toBe(false);
    expect(isDatabaseUnreachable(Object.assign(refused, { severity: 'FATAL' }))).toBe(true);
  });

  it('is not guessed from words that only resemble those of the client', () => {
    expect(isDatabaseUnreachable(new Error('The supplier said: Connection terminated'))).toBe(false);
  });
});
