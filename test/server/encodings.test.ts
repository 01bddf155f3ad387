import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { acceptedOf } from '../../src/server/plugins/accepted.ts';
import { addChampion, createWorld, parcel, type World } from './world.ts';

const BODY_BYTES = 64 * 1024;

let world: World;
beforeAll(async () => {
  world = await createWorld({ limits: { bodyBytes: BODY_BYTES } });
  await addChampion(world);
});
afterAll(() => world.close());

const body = Buffer.from(JSON.stringify(parcel));
const predict = (payload: Buffer, encoding: string, headers: InjectOptions['headers'] = {}) =>
  world.server.inject({
    method: 'POST',
    url: routes.predict.path,
    payload,
    headers: { 'content-type': 'application/json', 'content-encoding': encoding, ...headers },
  });

describe('a body with a content encoding', () => {
  it.each([
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity', body],
  ])('is read: %s', async (encoding, payload) => {
    const answer = await predict(payload, encoding);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().predictions).toHaveLength(1);
  });

  it.each(['zstd', 'gzip, gzip', 'constructor'])('is refused, with those that are read: %s', async (encoding) => {
    const answer = await predict(body, encoding);
    expect(answer.statusCode).toBe(415);
    expect(answer.headers['accept-encoding']).toBe('gzip, deflate, br');
    expect(answer.json()).toMatchObject({ code: 'encoding_unsupported' });
  });

  it.each([
    ['is not encoded', body],
    ['is cut off', gzipSync(body).subarray(0, 20)],
  ])('is refused when it %s', async (_, payload) => {
    const answer = await predict(payload, 'gzip');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'request_invalid' });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('counts as large as it is without: %s', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(BODY_BYTES * 1000, ' '));
    expect(bomb.length).toBeLessThan(BODY_BYTES);
    const answer = await predict(bomb, encoding);
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'body_too_large' });
  });
});

describe('an answer', () => {
  const read = (url: string, accepted?: string) =>
    world.server.inject({ url, headers: accepted === undefined ? {} : { 'accept-encoding': accepted } });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('is compressed for a client that asks for it: %s', async (encoding, inflate) => {
    const plain = await read('/docs/json');
    const compressed = await read('/docs/json', encoding);
    expect(compressed.headers['content-encoding']).toBe(encoding);
    expect(compressed.headers.vary).toContain('accept-encoding');
    expect(compressed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 4);
    expect(inflate(compressed.rawPayload)).toEqual(plain.rawPayload);
  });

  it.each([undefined, 'identity', 'gzip;q=0, br;q=0', 'zstd'])('is not for one that does not: %s', async (accepted) => {
    const answer = await read('/docs/json', accepted);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers.vary).toContain('accept-encoding');
  });

  it('is not when it is short', async () => {
    expect((await read('/api/runs', 'gzip')).headers['content-encoding']).toBeUndefined();
  });

  it('of an error is compressed as well', async () => {
    const answer = await predict(Buffer.from('{'.repeat(2000)), 'identity', { 'accept-encoding': 'gzip' });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });
});

describe('what a client likes best of what there is', () => {
  it.each([
    ['gzip, br', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['*;q=0', undefined],
    ['', undefined],
    [undefined, undefined],
    ['gzip;q=nonsense', 'gzip'],
  ])('%s: %s', (header, expected) => {
    expect(acceptedOf(header, ['br', 'gzip'])).toBe(expected);
  });
});
