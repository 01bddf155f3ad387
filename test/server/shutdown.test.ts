import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { deferred } from '../deferred.ts';
import { addChampion, createWorld, parcel } from './world.ts';

const predict = (url: string): Promise<Response> =>
  fetch(`${url}/api/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parcel),
  });

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}

describe('closing', () => {
  it('lets a request in progress finish, and takes no new one', async () => {
    const entered = deferred<void>();
    const gate = deferred<void>();
    const world = await createWorld({
      predictor: {
        explain: async () => [],
        predict: async (rows) => {
          entered.resolve();
          await gate.promise;
          return { model: 'parcels', version: 1, predictions: rows.map(() => ({ value: 'kept' })) };
        },
      },
    });
    await addChampion(world);
    const { url } = await world.server.listen({ port: 0 });
    const answer = predict(url);
    await entered.promise;
    const closed = world.server.close();
    while (await isListening(url)) await new Promise(setImmediate);
    gate.resolve();
    expect((await answer).status).toBe(200);
    await closed;
    const rows = await world.database.query('select 1 from predictions');
    expect(rows).toHaveLength(1);
    await world.database.close();
  });

  it('tells requests on connections that stay open, in the form of all errors', async () => {
    const entered = deferred<void>();
    const gate = deferred<void>();
    const world = await createWorld({
      predictor: {
        explain: async () => [],
        predict: async () => {
          entered.resolve();
          await gate.promise;
          throw new Error('no model');
        },
      },
    });
    const { url, port } = await world.server.listen({ port: 0 });
    const socket = connect(port, '127.0.0.1');
    const body = JSON.stringify(parcel);
    const head = `host: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
    socket.write(`POST /api/predict HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    await entered.promise;
    const closed = world.server.close();
    while (await isListening(url)) await new Promise(setImmediate);
    socket.write(`POST /api/predict HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    gate.resolve();
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 500', 'HTTP/1.1 503']);
    expect(answers).toContain('"code":"server_closing"');
    await closed;
    await world.database.close();
  });

  it('cuts off what does not end within the bound', async () => {
    const entered = deferred<void>();
    const gate = deferred<void>();
    const world = await createWorld({
      limits: { closeGraceMs: 20 },
      predictor: {
        explain: async () => [],
        predict: async () => {
          entered.resolve();
          await gate.promise;
          throw new Error('too late');
        },
      },
    });
    const { url } = await world.server.listen({ port: 0 });
    const answer = predict(url);
    const failed = expect(answer).rejects.toThrow('fetch failed');
    await entered.promise;
    await world.server.close();
    await failed;
    gate.resolve();
    await world.database.close();
  });

  it('gives up an answer that takes too long', async () => {
    const gate = deferred<never>();
    const world = await createWorld({
      limits: { answerMs: 20 },
      predictor: { explain: async () => [], predict: () => gate.promise },
    });
    const answer = await world.server.inject({ method: 'POST', url: '/api/predict', payload: parcel });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'answer_timeout' });
    await world.close();
  });
});

describe('a database that is away', () => {
  it('is said to be, by health and by every answer that needs it', async () => {
    const world = await createWorld();
    await world.database.close();
    const health = await world.server.inject('/api/health');
    expect(health.statusCode).toBe(503);
    expect(health.json()).toMatchObject({ status: 'failing', checks: { database: { ok: false } } });
    expect(health.body).not.toMatch(/postgres:|ECONN/);
    expect((await world.server.inject('/api/runs')).statusCode).toBeGreaterThanOrEqual(500);
    await world.server.close();
  });
});
