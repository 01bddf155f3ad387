import { EventEmitter } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey, revokeApiKey } from '#access';
import { RUN_EVENTS_PATH } from '#api';
import { DEFAULT_LIMITS } from '../../src/server/options.ts';
import { EventClients } from '../../src/server/routes/event-clients.ts';
import { createWorld, type World } from './world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function start(options: Parameters<typeof createWorld>[0] = {}): Promise<{ world: World; url: string }> {
  const started = await createWorld(options);
  world = started;
  return { world: started, url: (await started.server.listen({ port: 0 })).url };
}

/** Opens the stream and resolves once the server has answered. */
function follow(url: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${url}${RUN_EVENTS_PATH}`, { headers }, (answer) => {
      answer.setEncoding('utf8');
      resolve(answer);
    }).on('error', reject);
  });
}

/** Reads until the text holds what is waited for, or the stream ends. */
async function readUntil(answer: IncomingMessage, wanted: string): Promise<string> {
  let text = '';
  for await (const part of answer.iterator({ destroyOnReturn: false })) {
    text += part;
    if (text.includes(wanted)) return text;
  }
  throw new Error(`The stream ended before ${JSON.stringify(wanted)}: ${JSON.stringify(text)}`);
}

const notify = ({ database }: World, id: string) => database.query('select pg_notify($1, $2)', ['weir_runs', id]);

describe('events of runs', () => {
  it('reach every client, as server-sent events', async () => {
    const { world, url } = await start();
    const clients = await Promise.all([follow(url), follow(url)]);
    expect(clients[0]?.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(clients[0]?.headers['cache-control']).toBe('no-store');
    await notify(world, '42');
    for (const client of clients) {
      expect(await readUntil(client, '}\n\n')).toContain('\n\nevent: run\ndata: {"id":"42"}\n\n');
    }
  });

  it('end at once for a key that is revoked, and for no other', async () => {
    const { world, url } = await start({ access: { isLoginRequired: true } });
    const newKey = () => createApiKey(world.database, { name: 'x', role: 'viewer', by: 'test', expiresAt: null });
    const [key, other] = await Promise.all([newKey(), newKey()]);
    const followAs = (text: string) => follow(url, { authorization: `Bearer ${text}` });
    const [own, ofOther] = await Promise.all([followAs(key.text), followAs(other.text)]);
    await revokeApiKey(world.database, { key: key.apiKey.id, by: 'test' });
    await expect(readUntil(own, 'event: run')).rejects.toThrow(/stream ended/);
    await notify(world, '1');
    expect(await readUntil(ofOther, 'event: run')).toContain('event: run');
  });

  it('carry the id of the run as data that cannot break the frame', async () => {
    const { world, url } = await start();
    const client = await follow(url);
    await notify(world, '7\n\nevent: forged');
    expect(await readUntil(client, 'forged')).toContain('event: run\ndata: {"id":"7\\n\\nevent: forged"}\n\n');
  });

  it('are kept alive by lines that mean nothing', async () => {
    const { url } = await start({ limits: { heartbeatMs: 10 } });
    expect(await readUntil(await follow(url), ': still here')).toContain(': still here\n\n');
  });

  it('go to a bounded number of clients, and a place is free again when one leaves', async () => {
    const { url } = await start({ limits: { eventClients: 1 } });
    const first = await follow(url);
    const second = await follow(url);
    expect(second.statusCode).toBe(503);
    second.resume();
    first.destroy();
    let third = await follow(url);
    while (third.statusCode === 503) {
      third.resume();
      third = await follow(url);
    }
    expect(third.statusCode).toBe(200);
  });

  it('leave places for others when one client takes many', async () => {
    const { url } = await start({ limits: { eventClientsOfOne: 1 } });
    expect((await follow(url)).statusCode).toBe(200);
    const refused = await follow(url);
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('10');
    expect(JSON.parse(await readUntil(refused, '}'))).toMatchObject({ code: 'clients_exhausted' });
  });

  it('end after a while, so that no place is taken for ever', async () => {
    const { url } = await start({ limits: { eventStreamMs: 1 } });
    const client = await follow(url);
    const ended = new Promise((resolve) => client.on('end', resolve));
    client.resume();
    await ended;
  });

  it('are not sent to a client that reads nothing', async () => {
    const clients = new EventClients({ ...DEFAULT_LIMITS, heartbeatMs: 1 });
    // A response whose bytes nobody takes.
    const response = Object.assign(new EventEmitter(), { writableLength: 7, write: () => false, end: () => undefined });
    const cut = new Promise<void>((destroy) => {
      // Of a response, only these are used.
      clients.add(Object.assign(response, { destroy }) as unknown as ServerResponse, 'address ::1');
    });
    await cut;
    clients.end();
  });

  it('take no place when only their headers are asked for', async () => {
    const { url } = await start({ limits: { eventClients: 1 } });
    const head = await fetch(`${url}${RUN_EVENTS_PATH}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect((await follow(url)).statusCode).toBe(200);
  });

  it('end when the server closes', async () => {
    const { world, url } = await start();
    const client = await follow(url);
    const ended = new Promise((resolve) => client.on('end', resolve));
    client.resume();
    await world.server.close();
    await ended;
  });
});
