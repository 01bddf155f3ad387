import { request as send } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordDataset } from '#ml';
import { addChampion, createWorld, type World } from './world.ts';

let world: World;
let url: string;
beforeAll(async () => {
  world = await createWorld();
  ({ url } = await world.server.listen({ port: 0 }));
  await addChampion(world);
});
afterAll(() => world.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Through a socket, and without the cache of a browser. */
function ask(path: string, { method = 'GET', ...headers }: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = send(new URL(path, url), { method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

describe('an answer with an entity tag', () => {
  it.each(['/api/contract', '/api/models', '/docs/json'])(
    'is not sent again while it is the same: %s',
    async (path) => {
      const first = await ask(path);
      expect(first).toMatchObject({ status: 200, headers: { 'cache-control': 'private, no-cache' } });
      const tag = String(first.headers.etag);
      expect(tag).toMatch(/^"[\w-]{43}"$/);
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*'])
        expect(await ask(path, { 'if-none-match': known })).toMatchObject({
          status: 304,
          body: '',
          headers: { etag: tag },
        });
      expect(await ask(path, { 'if-none-match': '"other"' })).toMatchObject({ status: 200, body: first.body });
      expect(await ask(path, { method: 'HEAD' })).toMatchObject({ status: 200, body: '', headers: { etag: tag } });
      expect(await ask(path, { method: 'HEAD', 'if-none-match': tag })).toMatchObject({ status: 304, body: '' });
    },
  );

  it('is sent again once it has changed', async () => {
    const { etag } = (await ask('/api/models')).headers;
    await addChampion(world, { k: 5 });
    expect(await ask('/api/models', { 'if-none-match': String(etag) })).toMatchObject({ status: 200 });
  });

  it('has a weak tag where it is compressed, which still says that it is the same', async () => {
    const packed = await ask('/docs/json', { 'accept-encoding': 'gzip' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', etag: expect.stringMatching(/^W\/"/) });
    const again = await ask('/docs/json', { 'accept-encoding': 'gzip', 'if-none-match': String(packed.headers.etag) });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it('is tagged by the digest of its rows when it is a dataset', async () => {
    const { digest, sizeBytes } = await world.artifacts.put(Buffer.from('a,b\n1,2\n'));
    const counts = { unlabelled: 0, replaced: 0, added: 1, removed: 0, changed: 0 };
    const dataset = { model: 'parcels', digest, sizeBytes, contract: 'c', rows: 1, ...counts, parts: [], runId: '7' };
    await recordDataset(world.database, dataset);
    const first = await ask('/api/datasets/1/rows.csv');
    expect(first).toMatchObject({ status: 200, headers: { etag: `"${digest}"` }, body: 'a,b\n1,2\n' });
    expect(await ask('/api/datasets/1/rows.csv', { 'if-none-match': `"${digest}"` })).toMatchObject({ status: 304 });
  });

  it('is none of an error, or of what changes with each request', async () => {
    for (const path of ['/api/datasets/9/rows.csv', '/api/past-predictions', '/api/health'])
      expect([path, (await ask(path)).headers]).toEqual([
        path,
        expect.not.objectContaining({ etag: expect.anything() }),
      ]);
  });
});
