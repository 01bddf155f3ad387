import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '#api';
import { sendRaw } from './send-raw.ts';
import { createWorld, type World } from './world.ts';

const ADDRESSES = Object.values(pages).map((page) => page.replace('$id', '17'));

const PAGE = '<meta nonce="__CSP_NONCE__"><title>Weir</title>';
const withoutNonce = (page: string): string => page.replace(/nonce="[\w+/]{24}"/, 'nonce="__CSP_NONCE__"');

let world: World;
let folder: string;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-web-'));
  mkdirSync(path.join(folder, 'web/assets'), { recursive: true });
  writeFileSync(path.join(folder, 'web/index.html'), PAGE);
  writeFileSync(path.join(folder, 'web/weir.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(path.join(folder, 'web/assets/main-abc123.js'), 'export {};');
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  symlinkSync(path.join(folder, 'secret.txt'), path.join(folder, 'web/assets/link.txt'));
  world = await createWorld({ webFolder: path.join(folder, 'web') });
  ({ port } = await world.server.listen({ port: 0 }));
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const inject = ({ headers = {}, ...request }: InjectOptions) =>
  world.server.inject({ ...request, headers: { host: `127.0.0.1:${port}`, ...headers } });
const get = (url: string) => inject({ url });
/** As a browser asks when a person types an address. */
const visit = (url: string) => inject({ url, headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });

describe('the web app', () => {
  it.each([...ADDRESSES, '/index.html', '/runs/', '/past-predictions?from=2024-01-01'])(
    'answers a browser at %s with its page, made for this answer alone',
    async (url) => {
      const { statusCode, body, headers } = await visit(url);
      expect({ statusCode, body: withoutNonce(body) }).toEqual({ statusCode: 200, body: PAGE });
      expect(headers['cache-control']).toBe('no-store');
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      const [, nonce = ''] = /style-src 'self' 'nonce-([\w+/]{24})'/.exec(policy) ?? [];
      expect(body).toContain(`nonce="${nonce}"`);
      expect((await visit(url)).body).not.toContain(nonce);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
    },
  );

  it('gives files named by their content forever', async () => {
    const { statusCode, headers } = await get('/assets/main-abc123.js');
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch(/javascript/);
  });

  it('asks again for other files', async () => {
    expect((await get('/weir.svg')).headers['cache-control']).toBe('no-cache');
  });

  it.each(['/assets/gone-1.js', '/api/nowhere', '/docs/nowhere', '/api/checks/nowhere/rows'])(
    'has no page at %s',
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toHaveProperty('code');
    },
  );

  it('takes nothing but reading', async () => {
    for (const [method, url] of [
      ['POST', '/runs'],
      ['DELETE', '/weir.svg'],
    ] as const) {
      const answer = await inject({ method, url });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
    }
  });

  it.each(['/ready', '/openapi.json', '/.env', '/robots.txt', '/runs/17/rows', '/data/a.csv', '/Runs'])(
    'gives a program that asks for %s no page, so that a probe of a wrong address fails',
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'route_unknown', detail: expect.stringContaining('/docs') });
    },
  );

  it('tells a person at an address that does not exist so, on a page with the status 404', async () => {
    const { statusCode, body, headers } = await visit('/no/such/page');
    expect({ statusCode, body: withoutNonce(body) }).toEqual({ statusCode: 404, body: PAGE });
    expect(headers.vary).toBe('accept, accept-encoding');
  });

  it('gives a program that asks for a page nothing, and names the header that a browser sends', async () => {
    const answer = await get('/runs');
    expect(answer.statusCode).toBe(404);
    expect(answer.json().detail).toContain('accept: text/html');
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/assets/link.txt%00.js',
    '/reports/..%2f..%2fsecret.txt',
    '/docs/static/../package.json',
    '/docs/static/%2e%2e/package.json',
    '/docs/static/..%2fpackage.json',
  ])('never gives a file outside its folder: %s', async (url) => {
    const request = `GET ${url} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`;
    const { status, body } = await sendRaw(port, request);
    expect([400, 404]).toContain(status);
    expect(JSON.parse(body)).toHaveProperty('code');
  });

  it('says how to build it where it is missing', async () => {
    const bare = await createWorld({ webFolder: path.join(folder, 'nowhere') });
    const answer = await bare.server.inject('/runs');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'page_missing', detail: expect.stringContaining('npm run build') });
    await bare.close();
  });
});
