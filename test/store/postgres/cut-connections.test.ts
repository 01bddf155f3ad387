import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type BytesProxy, openBytesProxy } from '../bytes-proxy.ts';

const POLL = { timeout: 60_000 };
const LOCK = 4_711;

let admin: Database;
beforeAll(async () => {
  admin = await createTestDatabase();
});
afterAll(() => admin.close());

/** A database behind something that can go silent, whose client soon asks whether its server is there. */
async function behindProxy(): Promise<{ readonly proxy: BytesProxy; readonly database: Database }> {
  const url = new URL(admin.url);
  const proxy = await openBytesProxy(Number(url.port));
  [url.hostname, url.port] = ['127.0.0.1', String(proxy.port)];
  return { proxy, database: connect({ url: url.href, askAfterMs: 50 }) };
}

async function untilWaits(count: number): Promise<void> {
  const waiting = async (): Promise<number> => {
    const found = await admin.query(
      `select 1 from pg_locks where locktype = 'advisory' and objid = $1 and not granted
       and database = (select oid from pg_database where datname = current_database())`,
      [LOCK],
    );
    return found.length;
  };
  await expect.poll(waiting, POLL).toBe(count);
}

describe('a connection whose server went silent', () => {
  it('is given up, whatever waits on it', async () => {
    const { proxy, database } = await behindProxy();
    await admin.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      const asked = [
        database.query('select pg_advisory_xact_lock($1)', [LOCK]),
        database.transaction((own) => own.query('select pg_advisory_xact_lock($1)', [LOCK])),
      ].map((work) => expect(work).rejects.toMatchObject({ code: 'database_unreachable' }));
      await untilWaits(2);
      proxy.stall();
      await Promise.all(asked);
    });
    proxy.close();
    await database.close();
  });

  it('is kept, however long a query takes, while its server can be reached', async () => {
    const { proxy, database } = await behindProxy();
    const asked = await admin.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      const waiting = database.query(`select 'at last' as said from pg_advisory_xact_lock($1)`, [LOCK]);
      await untilWaits(1);
      // One is its own, the others only look whether the server is there.
      await expect.poll(() => proxy.connections(), POLL).toBeGreaterThan(5);
      return { waiting };
    });
    expect(await asked.waiting).toEqual([{ said: 'at last' }]);
    await database.close();
    proxy.close();
  });
});

describe('what a client holds that went silent', () => {
  it.each(['weir', 'role'] as const)('is released soon, with names of the %s', async (names) => {
    const database = connect({ url: admin.url, names });
    const settings = ['tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout'];
    const shown = await database.transaction((tx) =>
      Promise.all(
        [...settings, 'idle_in_transaction_session_timeout'].map(
          async (name) => (await tx.query<{ set: string }>('select current_setting($1) as set', [name]))[0]?.set,
        ),
      ),
    );
    expect(shown).toEqual(['6', '2', '3', '12000', '15s']);
    await database.close();
  });

  it('is released when it does nothing in a transaction, which fails as one that was cut off', async () => {
    const silent = admin.transaction(async (tx) => {
      const [own] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await tx.query('set local idle_in_transaction_session_timeout = 1');
      const isThere = async () =>
        (await admin.query('select 1 from pg_stat_activity where pid = $1', [own?.pid])).length === 1;
      await expect.poll(isThere, POLL).toBe(false);
      await tx.query('select 1');
    });
    await expect(silent).rejects.toMatchObject({ code: 'database_unreachable', cause: { code: '25P03' } });
  });
});
