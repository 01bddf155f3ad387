import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { listWaiting, receiveFile } from '#pipelines';
import { ask, createWorld, type World } from './world.ts';

const UPLOAD_BYTES = 1_000;
let world: World;
let folder = '';
beforeAll(async () => {
  world = await createWorld({
    limits: { uploadBytes: UPLOAD_BYTES, bodyBytes: 10 },
    files: {
      receive: (name, content) => receiveFile({ folder, name, content }),
      list: () => listWaiting(world.database, { folder }),
      open: () => Promise.reject(new Error('Not here.')),
      ofCheck: async () => ({ runId: null, parts: [] }),
    },
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const CSV = 'id,weight\n1,2.5\n';
const upload = (name: string, payload: string, type = 'text/csv') =>
  ask(world, routes.receiveFile, { query: { name }, payload, headers: { 'content-type': type } });

describe('files over HTTP', () => {
  it.each(['text/csv', 'application/json', 'application/octet-stream', 'application/gzip'])(
    'takes a body of type %s as the bytes of a file',
    async (type) => {
      expect(await upload('a.csv', CSV, type)).toMatchObject({
        status: 200,
        json: { file: 'a.csv', wanted: 'a.csv', sizeBytes: CSV.length },
      });
      expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe(CSV);
    },
  );

  it('replaces no file, and says under which name the second one is', async () => {
    await upload('a.csv', 'first');
    expect(await upload('a.csv', 'second')).toMatchObject({ json: { file: 'a-2.csv', wanted: 'a.csv' } });
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('first');
  });

  it('refuses a file that is too large, also when the client does not say how large it is', async () => {
    const large = 'x'.repeat(UPLOAD_BYTES + 1);
    expect(await upload('a.csv', large)).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
    const chunked = await world.server.inject({
      ...{ method: 'POST', url: '/api/files?name=a.csv', headers: { 'transfer-encoding': 'chunked' } },
      payload: large,
    });
    expect(chunked.statusCode).toBe(413);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['', '../a.csv', '.hidden', 'a/b.csv', 'a\\b.csv'])('refuses the name %j', async (name) => {
    expect(await upload(name, CSV)).toMatchObject({ status: 400, json: { code: 'request_invalid' } });
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses an upload from a page of another site', async () => {
    const headers = { 'content-type': 'text/plain', origin: 'http://elsewhere.example' };
    const refused = await ask(world, routes.receiveFile, { query: { name: 'a.csv' }, payload: CSV, headers });
    expect(refused).toMatchObject({ status: 403, json: { code: 'origin_refused' } });
  });

  it('lists what waits and what is being ingested', async () => {
    for (const name of ['a.csv', 'b.csv']) await upload(name, CSV);
    const [run] = await world.database.query<{ id: string }>(
      `insert into runs (pipeline, state, trigger) values ('ingest', 'running', 'manual') returning id::text`,
    );
    await world.database.query(
      `insert into arrivals (id, path, digest, size_bytes, run_id) values ('x', 'b.csv', 'd', 1, $1)`,
      [run?.id],
    );
    const { json } = await ask(world, routes.files);
    expect(json.count).toBe(2);
    expect(
      Object.fromEntries(json.items.map((item: { file: string; runId: string }) => [item.file, item.runId])),
    ).toEqual({
      'a.csv': null,
      'b.csv': run?.id,
    });
  });
});

describe('a file that takes longer to arrive than an answer may', () => {
  it('is taken whole', async () => {
    const files = {
      receive: async (name: string, content: AsyncIterable<Uint8Array>) => {
        const blocks = [];
        for await (const block of content) blocks.push(block);
        return { file: name, wanted: name, sizeBytes: Buffer.concat(blocks).length };
      },
      list: async () => ({ files: [], count: 0 }),
      open: () => Promise.reject(new Error('Not here.')),
      ofCheck: async () => ({ runId: null, parts: [] }),
    };
    // Long enough for the answer once all has come, on a busy machine too.
    const slow = await createWorld({ files, limits: { answerMs: 4_000 } });
    const { port } = await slow.server.listen({ port: 0 });
    const begin = (address: string, type: string) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `POST ${address} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: ${type}\r\ncontent-length: 6\r\nconnection: close\r\n\r\nid\n`,
      );
      return socket;
    };
    const file = begin('/api/files?name=a.csv', 'text/csv');
    // Another one, begun after it, shows that the time is over.
    expect(await text(begin('/api/predict', 'application/json'))).toContain('"code":"answer_timeout"');
    file.write('12\n');
    expect(await text(file)).toMatch(/^HTTP\/1\.1 200 [\s\S]*"sizeBytes":6/);
    await slow.close();
  });
});
