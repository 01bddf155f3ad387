import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interruptSpark, openSparkEngine } from '../../../src/store/engines/spark/spark-engine.ts';
import { freePort } from '../../free-port.ts';
import { canTestSpark, type SparkServer, startSpark } from '../../spark/sail.ts';
import { testSqlEngine } from '../../suites/sql-engine.ts';
import { openBytesProxy } from '../bytes-proxy.ts';
import { openTlsProxy } from './grpc-proxy.ts';

/** Takes a server seconds, and tells whether all of its rows were counted. */
const SLOW = 'select count(*) as n, sum(a.id * b.id % 7) as s from range(20000) a cross join range(60000) b';
const FOUND = [{ n: 1_200_000_000, s: 3_085_525_716 }];

const portOf = ({ url }: SparkServer): number => Number(/:(\d+)$/.exec(url)?.[1]);

describe.runIf(canTestSpark())('a session of Spark Connect', () => {
  let server: SparkServer;
  beforeAll(async () => {
    server = await startSpark();
  });
  afterAll(() => server?.stop());

  it('gives rows as plain objects', async () => {
    const engine = await server.open();
    const rows = await engine.all(
      "select * from values (1, 9007199254740991, 1.5D, 'a\\'b\\n', true, cast(null as string)) t(a, b, c, d, e, f)",
    );
    expect(rows).toEqual([{ a: 1, b: Number.MAX_SAFE_INTEGER, c: 1.5, d: "a'b\n", e: true, f: null }]);
    expect(await engine.all('select 1 as a where false')).toEqual([]);
    expect(await engine.describe("select 1 as a, 'x' as b, cast(1 as decimal(5,2)) as c")).toEqual([
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'string' },
      { name: 'c', type: 'decimal(5,2)' },
    ]);
    await engine.close();
  });

  it('refuses what it cannot run, with what the server says', async () => {
    const engine = await server.open();
    const refused = { code: 'engine_statement', message: expect.stringContaining('refused a statement') };
    await expect(engine.all('selec 1')).rejects.toMatchObject(refused);
    await expect(engine.describe('select nothing from range(1)')).rejects.toMatchObject(refused);
    await expect(engine.all('select 1 / 0')).rejects.toMatchObject(refused);
    await engine.close();
  });

  it('says that nothing answers', async () => {
    const url = `sc://127.0.0.1:${await freePort()}`;
    await expect(openSparkEngine({ url }, { tag: 'a' })).rejects.toMatchObject({ code: 'engine_unreachable' });
  });

  it('goes on after the connection is lost', async () => {
    const proxy = await openBytesProxy(portOf(server));
    const engine = await openSparkEngine({ url: `sc://127.0.0.1:${proxy.port}` }, { tag: 'lost' });
    const found = engine.all(SLOW);
    // The second answer comes by a connection that is open when the statement runs.
    await engine.describe('select 1 as a');
    proxy.cut();
    expect(await found).toEqual(FOUND);
    expect(proxy.connections()).toBeGreaterThan(1);
    await engine.close();
    proxy.close();
  });

  it('ends a statement that is cancelled, that takes too long, and those of a session that is closed', async () => {
    const engine = await server.open();
    const cancelled = new AbortController();
    const found = engine.all(SLOW, { signal: cancelled.signal });
    cancelled.abort(new Error('enough'));
    await expect(found).rejects.toMatchObject({ code: 'engine_ended', message: 'The work in Spark was cancelled.' });
    const late = { code: 'engine_ended', message: expect.stringContaining('timeout of 50 ms') };
    await expect(engine.all(SLOW, { timeoutMs: 50 })).rejects.toMatchObject(late);
    const open = engine.all(SLOW);
    const ended = expect(open).rejects.toMatchObject({ code: 'engine_ended' });
    await engine.close();
    await ended;
  });

  it('ends by session and tag what another client left running', async () => {
    const engine = await server.open('goal-7');
    const open = engine.all(SLOW);
    const ended = expect(open).rejects.toMatchObject({ code: 'engine_ended' });
    const interrupt = (tag: string) => interruptSpark({ url: server.url }, { ...engine.work, tag });
    expect(await interrupt('goal-8')).toEqual([]);
    let ids: readonly string[] = [];
    // The statement may not have reached the server yet.
    while (ids.length === 0) ids = await interrupt('goal-7');
    await ended;
    expect(ids).toHaveLength(1);
    expect(
      await interruptSpark({ url: server.url }, { session: '00112233-4455-6677-8899-aabbccddeeff', tag: 'a' }),
    ).toEqual([]);
    await engine.close();
  });

  it('speaks TLS, with a token', async () => {
    const proxy = await openTlsProxy(portOf(server), 'right');
    const caFile = 'test/fixtures/smtp/certificate.pem';
    const url = `sc://localhost:${proxy.port}/;use_ssl=true`;
    const engine = await openSparkEngine({ url, caFile, token: 'right' }, { tag: 'tls' });
    expect(await engine.all('select 1 as a')).toEqual([{ a: 1 }]);
    await engine.close();
    const refused = { code: 'engine_unusable', message: expect.stringContaining('refused the token') };
    await expect(openSparkEngine({ url, caFile, token: 'wrong' }, { tag: 'tls' })).rejects.toMatchObject(refused);
    // Without the authority the server is not trusted.
    await expect(openSparkEngine({ url, token: 'right' }, { tag: 'tls' })).rejects.toMatchObject({
      code: 'engine_unreachable',
    });
    proxy.close();
  });
});

describe.runIf(canTestSpark())('the engine', () => {
  testSqlEngine('spark', async () => {
    const server = await startSpark();
    const engine = await server.open();
    return {
      engine,
      close: async () => {
        await engine.close();
        await server.stop();
      },
    };
  });
});
