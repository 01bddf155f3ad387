import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../src/server/plugins/token-buckets.ts';
import { sendRaw } from './send-raw.ts';
import { createWorld, parcel, type World } from './world.ts';

const worlds: World[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function listening(options: Parameters<typeof createWorld>[0]) {
  const world = await createWorld(options);
  worlds.push(world);
  const { port } = await world.server.listen({ port: 0 });
  const open = (): Socket => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  return { world, port, open, host: { host: `127.0.0.1:${port}` } };
}

const head = (port: number, lines: readonly string[]): string =>
  `${[`POST /api/predict HTTP/1.1`, `host: 127.0.0.1:${port}`, 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n`;
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()).resume());

describe('a bucket of tokens', () => {
  it('gives as many as it holds, then one at a time as it fills', () => {
    let now = 0;
    const buckets = new TokenBuckets({ perMinute: 60 }, () => now);
    for (let count = 0; count < 60; count += 1) expect(buckets.take('ada').isWithin).toBe(true);
    expect(buckets.take('ada')).toEqual({ isWithin: false, remaining: 0, waitSeconds: 1 });
    expect(buckets.take('bob').isWithin).toBe(true);
    now += 1_000;
    expect([buckets.take('ada').isWithin, buckets.take('ada').isWithin]).toEqual([true, false]);
    now += 3_600_000;
    expect(buckets.look('ada').remaining).toBe(60);
  });

  it('forgets what was used longest ago instead of growing', () => {
    const buckets = new TokenBuckets({ perMinute: 1 }, () => 0);
    expect([buckets.take('first').isWithin, buckets.take('first').isWithin]).toEqual([true, false]);
    for (let count = 0; count < 10_000; count += 1) buckets.take(`name ${count}`);
    expect(buckets.take('first').isWithin).toBe(true);
  });
});

describe('requests without valid credentials', () => {
  it('are refused with 429 after so many of one address, before the credentials are looked up', async () => {
    const { world, host } = await listening({
      access: { isLoginRequired: true },
      limits: { refusalsPerMinute: 3 },
    });
    const get = () =>
      world.server.inject({ url: '/api/runs', headers: { ...host, authorization: `Bearer weir_${'a'.repeat(43)}` } });
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await get()).statusCode);
    expect(statuses).toEqual([401, 401, 401, 429]);
    const answer = await get();
    expect(answer.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('requests of this machine without a login', () => {
  it('are not limited', async () => {
    const { world, host } = await listening({ limits: { requestsPerMinute: 1 } });
    for (let count = 0; count < 3; count += 1)
      expect((await world.server.inject({ url: '/api/runs', headers: host })).statusCode).toBe(200);
  });
});

describe('a body', () => {
  it.each([
    ['lists', '['.repeat(65)],
    ['objects', '{"a":'.repeat(65)],
  ])('with too many %s within each other is refused before it is a value', async (_, payload) => {
    const { world, host } = await listening({});
    const headers = { ...host, 'content-type': 'application/json' };
    const answer = await world.server.inject({ method: 'POST', url: '/api/predict', headers, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'json_invalid']);
    expect(answer.json().detail).toContain('64');
  });

  it('may hold brackets in its texts', async () => {
    const { world, host } = await listening({});
    const headers = { ...host, 'content-type': 'application/json' };
    const payload = JSON.stringify({ ...parcel, note: '[{"\\'.repeat(50) });
    const answer = await world.server.inject({ method: 'POST', url: '/api/predict', headers, payload });
    expect(answer.json().code).not.toBe('json_invalid');
  });

  it('waits for its place among those that are received at once, however few bytes come', async () => {
    const { port, open } = await listening({ limits: { bodyBytes: 1_000, bodyBytesAtOnce: 2_000 } });
    const holding = open();
    holding.write(`${head(port, ['content-length: 900'])}{`);
    const second = (): Promise<{ readonly status: number }> =>
      sendRaw(port, `${head(port, ['content-length: 900', 'connection: close'])}${' '.repeat(900)}`);
    await expect.poll(async () => (await second()).status, { timeout: 20_000 }).toBe(503);
    holding.destroy();
    await expect.poll(async () => (await second()).status, { timeout: 20_000 }).not.toBe(503);
  });
});

describe('a stream of rows', () => {
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const streaming = { 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' };
  const begin = (port: number, open: () => Socket): Socket => {
    const socket = open();
    const lines = Object.entries({ host: `127.0.0.1:${port}`, ...streaming }).map((each) => each.join(': '));
    socket.write(`${['POST /api/predict?store=false HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n`);
    return socket;
  };
  const read = (socket: Socket): { readonly text: () => string } => {
    let text = '';
    socket.on('data', (block) => {
      text += String(block);
    });
    return { text: () => text };
  };
  const predictor = {
    explain: async () => [],
    predict: async (rows: readonly unknown[]) => ({
      ...{ model: 'parcels', version: 1, predictions: rows.map(() => ({ value: 'kept' })) },
    }),
  };
  const row = `${JSON.stringify(parcel)}\n`;
  const limits = { bodyBytes: 1_000, bodyBytesAtOnce: 2_000 };
  /** The status of a request whose body needs half of all places, all that one client has. */
  const statusOfOther = async (port: number): Promise<number> =>
    (await sendRaw(port, `${head(port, ['content-length: 1000', 'connection: close'])}${' '.repeat(1_000)}`)).status;

  it('takes no place among bodies, however long it lasts, but for what is in memory of it', async () => {
    const { port, open } = await listening({ limits, predictor });
    const socket = begin(port, open);
    const { text } = read(socket);
    for (let count = 1; count <= 3; count += 1) {
      socket.write(chunk(row));
      await expect.poll(text, { timeout: 20_000 }).toContain(`"line":${count}`);
      expect(await statusOfOther(port)).not.toBe(503);
    }
    // A line that does not end is held until it does.
    socket.write(chunk(' '.repeat(600)));
    await expect.poll(() => statusOfOther(port), { timeout: 20_000 }).toBe(503);
    socket.write(chunk(row));
    await expect.poll(text, { timeout: 20_000 }).toContain('"line":4');
    expect(await statusOfOther(port)).not.toBe(503);
    socket.end('0\r\n\r\n');
    await expect.poll(text, { timeout: 20_000 }).toContain('"predicted":4');
  });

  it('is ended when it holds more than there is room for, and says so', async () => {
    const { port, open } = await listening({ limits, predictor });
    const first = begin(port, open);
    first.write(chunk(' '.repeat(600)));
    await expect.poll(() => statusOfOther(port), { timeout: 20_000 }).toBe(503);
    const second = begin(port, open);
    const { text } = read(second);
    second.write(chunk(' '.repeat(600)));
    await expect.poll(text, { timeout: 20_000 }).toContain('"isComplete":false');
    expect(text()).toContain('"code":"overloaded"');
    first.destroy();
    await expect.poll(() => statusOfOther(port), { timeout: 20_000 }).not.toBe(503);
  });
});

describe('a client', () => {
  it('that does not read its answers is cut off', async () => {
    const { world, port, open } = await listening({ limits: { stallMs: 300 } });
    await world.database.query(
      `insert into audit_log (actor_kind, actor, action, outcome, after)
         select 'local', 'Ada', 'large', 'done', to_jsonb(repeat('x', 4000)) from generate_series(1, 10000)`,
    );
    const socket = open();
    socket.pause();
    // More than the buffers of the system hold.
    socket.write(`GET /api/audit-log.csv HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await expect.poll(() => world.log.join(''), { timeout: 30_000 }).toContain('neither sent nor read');
    await closed(socket);
  });

  it('that stops within its request is cut off', async () => {
    const { world, port, open } = await listening({ limits: { stallMs: 300 } });
    const socket = open();
    socket.write(`${head(port, ['content-length: 900'])}{`);
    await closed(socket);
    expect(world.log.join('')).toContain('neither sent nor read');
  });

  it('beyond the number of connections is closed', async () => {
    const { port, open } = await listening({ limits: { connections: 1 } });
    const first = open();
    first.write(`GET /api/runs HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await new Promise((resolve) => first.once('data', resolve));
    await closed(open());
  });
});
