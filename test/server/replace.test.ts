import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { deferred } from '../deferred.ts';
import { createWorld, parcel } from './world.ts';

const body = JSON.stringify(parcel);

describe('the routes of a changed project', () => {
  it('answer the next request on an open connection, while the old ones finish what they began', async () => {
    const entered = deferred<void>();
    const gate = deferred<void>();
    const world = await createWorld({
      predictor: {
        explain: async () => [],
        predict: async () => {
          entered.resolve();
          await gate.promise;
          throw new Error('by the old routes');
        },
      },
    });
    const { url, port } = await world.server.listen({ port: 0 });
    const old = fetch(`${url}/api/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await entered.promise;
    const socket = connect(port, '127.0.0.1');
    const ask = (more = ''): boolean =>
      socket.write(`GET /api/project HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${more}\r\n`);
    ask();
    await new Promise((resolve) => socket.once('data', resolve));
    const replace = await world.server.prepare({
      ...world.options,
      project: { ...world.options.project, title: 'Changed' },
    });
    expect(await (await fetch(`${url}/api/project`)).json()).not.toMatchObject({ title: 'Changed' });
    const retired = replace();
    ask('connection: close\r\n');
    expect(await text(socket)).toContain('"title":"Changed"');
    gate.resolve();
    expect((await old).status).toBe(500);
    await retired;
    await world.close();
  });

  it('end the event streams of the old ones, so that pages load again', async () => {
    const world = await createWorld();
    const { url } = await world.server.listen({ port: 0 });
    const events = await fetch(`${url}/api/runs/events`);
    const replace = await world.server.prepare(world.options);
    await replace();
    expect(await events.text()).toContain('retry:');
    await world.close();
  });
});
