import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import { exportPath, RUN_EVENTS_PATH } from '#api';
import { configSchema } from '../../../src/app/project/config.ts';
import { type LimitSettings, limitSettings } from '../../../src/app/project/limit-settings.ts';
import { serverLimits } from '../../../src/app/serve/server-limits.ts';
import { DEFAULT_LIMITS } from '../../../src/server/options.ts';
import { sendRaw } from '../../server/send-raw.ts';
import { createWorld, parcel, type World } from '../../server/world.ts';

const limitsOf = (limits: Partial<LimitSettings>) => serverLimits(configSchema.parse({ server: { limits } }).server);

const worlds: World[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

const predictor = {
  explain: async () => [],
  predict: async (rows: readonly unknown[]) => ({
    ...{ model: 'parcels', version: 1, predictions: rows.map(() => ({ value: 'kept' })) },
  }),
};

interface Target {
  readonly world: World;
  readonly url: string;
  readonly port: number;
  readonly open: () => Socket;
  /** Posts rows, and reads status, code and the whole answer. */
  predict(body: unknown, more?: { query?: string; headers?: Record<string, string> }): Promise<Told>;
}

interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is read by each attack by its own shape
  readonly json: any;
}

async function serve(limits: Partial<LimitSettings>, options: Parameters<typeof createWorld>[0] = {}): Promise<Target> {
  const world = await createWorld({ predictor, limits: limitsOf(limits), ...options });
  worlds.push(world);
  const { url, port } = await world.server.listen({ port: 0 });
  return {
    ...{ world, url, port },
    open: () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      return socket;
    },
    predict: async (body, { query = '', headers = {} } = {}) => {
      const answer = await fetch(`${url}/api/predict${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: answer.status, json: await answer.json() };
    },
  };
}

const codeOf = ({ status, json }: Told): readonly unknown[] => [status, json.code];
const headOf = (port: number, lines: readonly string[]): string =>
  `${['POST /api/predict?store=false HTTP/1.1', `host: 127.0.0.1:${port}`, ...lines].join('\r\n')}\r\n\r\n`;
const stream = (port: number, headers: readonly string[] = []): string =>
  headOf(port, ['content-type: application/x-ndjson', 'transfer-encoding: chunked', ...headers]);
const chunk = (line: string): string => `${line.length.toString(16)}\r\n${line}\r\n`;
const follow = async (url: string): Promise<Response> => fetch(`${url}${RUN_EVENTS_PATH}`);
// Compressed, all of it would be on its way at once.
const exported = (url: string): Promise<Response> =>
  fetch(`${url}${exportPath('csv')}`, { headers: { 'accept-encoding': 'identity' } });
const withKey = async ({ database }: World): Promise<Record<string, string>> => {
  const { text: key } = await createApiKey(database, { name: 'a', role: 'operator', by: 'test', expiresAt: null });
  return { authorization: `Bearer ${key}` };
};
const LOGIN = { access: { isLoginRequired: true } };
/** Predictions whose export is longer than what the system holds for a reader that does not read. */
const fill = ({ database }: World) =>
  database.query(
    `insert into predictions (model, model_version, source, features, prediction, row_number)
     select 'long', 1, 'api', jsonb_build_object('note', repeat(md5(n::text), 1000)), '"kept"', 0
       from generate_series(1, 1500) as n`,
  );

/** What each setting keeps clients from, with a value so low that it is met at once. */
const ATTACKS: { readonly [Name in keyof LimitSettings]: () => Promise<void> } = {
  bodyMb: async () => {
    const { predict } = await serve({ bodyMb: 0.01 });
    expect(codeOf(await predict({ ...parcel, note: 'x'.repeat(20_000) }))).toEqual([413, 'body_too_large']);
  },
  bodiesMb: async () => {
    const { port, open } = await serve({ bodyMb: 0.01, bodiesMb: 0.01 });
    open().write(`${headOf(port, ['content-type: application/json', 'content-length: 9000'])}{`);
    const other = headOf(port, ['content-type: application/json', 'content-length: 9000', 'connection: close']);
    const statusOf = async () => (await sendRaw(port, `${other}${' '.repeat(9000)}`)).status;
    await expect.poll(statusOf, { timeout: 20_000 }).toBe(503);
  },
  bodyDepth: async () => {
    const { predict } = await serve({ bodyDepth: 2 });
    expect(codeOf(await predict('[[[1]]]'))).toEqual([400, 'json_invalid']);
  },
  rows: async () => {
    const { predict } = await serve({ rows: 2 });
    expect((await predict([parcel, parcel])).status).toBe(200);
    expect(codeOf(await predict([parcel, parcel, parcel]))).toEqual([422, 'rows_invalid']);
  },
  rowsAtOnce: async () => {
    const { predict } = await serve({ rowsAtOnce: 1 });
    expect(codeOf(await predict([parcel, parcel]))).toEqual([503, 'overloaded']);
  },
  explainedRows: async () => {
    const { predict } = await serve({ explainedRows: 1 });
    expect(codeOf(await predict([parcel, parcel], { query: '?explain=true' }))).toEqual([400, 'request_invalid']);
  },
  problems: async () => {
    const { predict } = await serve({ problems: 1 });
    const { json } = await predict([{ weight: 99 }, { weight: 99 }]);
    expect(json.problems).toHaveLength(1);
  },
  streams: async () => {
    const { port, open } = await serve({ streams: 1 });
    const first = open();
    first.write(stream(port));
    await once(first, 'data');
    const second = await sendRaw(port, `${stream(port, ['connection: close'])}0\r\n\r\n`);
    expect([second.status, JSON.parse(second.body).code]).toEqual([503, 'overloaded']);
  },
  streamLineMb: async () => {
    const { port } = await serve({ streamLineMb: 0.001 });
    const long = JSON.stringify({ ...parcel, note: 'x'.repeat(2000) });
    const { body } = await sendRaw(port, `${stream(port)}${chunk(`${long}\n`)}0\r\n\r\n`);
    expect(body).toContain('"code":"body_too_large"');
  },
  streamIdleSeconds: async () => {
    const { port } = await serve({ streamIdleSeconds: 0.1 });
    // The next row never comes.
    const { body } = await sendRaw(port, `${stream(port)}${chunk(`${JSON.stringify(parcel)}\n`)}`);
    expect(body).toMatch(/"isComplete":false,"predicted":1.*"code":"request_timeout"/);
  },
  exports: async () => {
    const { world, url } = await serve({ exports: 1 });
    await fill(world);
    const first = await exported(url);
    const second = await exported(url);
    expect(codeOf({ status: second.status, json: await second.json() })).toEqual([503, 'exports_exhausted']);
    await first.body?.cancel();
  },
  exportMinutes: async () => {
    const { world, url } = await serve({ exportMinutes: 0.03 });
    await fill(world);
    const reader = (await exported(url)).body?.getReader();
    await reader?.read();
    // Then nobody reads, until it is cut off.
    const copies = `select 1 from pg_stat_activity where datname = current_database() and query like 'copy (%' and state = 'active'`;
    await expect.poll(() => world.database.query(copies), { timeout: 20_000 }).toEqual([]);
    const readAll = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    };
    await expect(readAll()).rejects.toThrow();
  },
  requestsPerMinute: async () => {
    const { world, predict } = await serve({ requestsPerMinute: 1 }, LOGIN);
    const headers = await withKey(world);
    expect((await predict(parcel, { headers })).status).toBe(200);
    expect(codeOf(await predict(parcel, { headers }))).toEqual([429, 'rate_limited']);
  },
  refusalsPerMinute: async () => {
    const { world, predict } = await serve({ refusalsPerMinute: 1 }, LOGIN);
    expect((await predict(parcel)).status).toBe(401);
    expect(codeOf(await predict(parcel, { headers: await withKey(world) }))).toEqual([429, 'rate_limited']);
  },
  connections: async () => {
    const { port, open } = await serve({ connections: 1 });
    const first = open();
    first.write(`GET /api/runs HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await once(first, 'data');
    await once(open().resume(), 'close');
  },
  eventStreams: async () => {
    const { url } = await serve({ eventStreams: 1 });
    const first = await follow(url);
    const second = await follow(url);
    expect([first.status, second.status, await second.text()]).toEqual([
      ...[200, 503, expect.stringContaining('"clients_exhausted"')],
    ]);
    await first.body?.cancel();
  },
  eventStreamsOfOne: async () => {
    const { url } = await serve({ eventStreamsOfOne: 1 });
    const first = await follow(url);
    const second = await follow(url);
    expect([first.status, await second.text()]).toEqual([200, expect.stringContaining('one client')]);
    await first.body?.cancel();
  },
  eventStreamMinutes: async () => {
    const { url } = await serve({ eventStreamMinutes: 0.01 });
    // It ends, and so there is a text.
    expect(await (await follow(url)).text()).toContain('retry:');
  },
  receiveSeconds: async () => {
    const { port, open } = await serve({ receiveSeconds: 0.1 });
    const socket = open();
    // The end of the headers never comes.
    socket.write(`GET /api/runs HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  },
  answerSeconds: async () => {
    const never = { ...predictor, predict: () => new Promise<never>(() => undefined) };
    const { predict } = await serve({ answerSeconds: 0.1 }, { predictor: never });
    expect(codeOf(await predict(parcel))).toEqual([503, 'answer_timeout']);
  },
};

describe('a limit of the server', () => {
  it.each(Object.entries(ATTACKS))('holds as it is set: %s', async (_, attack) => attack());

  it('is that of the server where nobody sets it', () => {
    const { uploadBytes: _, closeGraceMs: __, ...limits } = limitsOf({});
    expect(DEFAULT_LIMITS).toMatchObject(limits);
    expect(Object.keys(ATTACKS).sort()).toEqual(Object.keys(limitSettings.shape).sort());
  });

  it('lets a connection be silent for as long as something may be waited for', () => {
    expect(limitsOf({ streamIdleSeconds: 600 }).stallMs).toBeGreaterThan(600_000);
    expect(limitsOf({ answerSeconds: 300 }).stallMs).toBeGreaterThan(300_000);
  });
});
