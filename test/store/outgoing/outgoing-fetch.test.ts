import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedLookup, hostsOf, type OutgoingPolicy, outgoingFetch, privateHostsOf } from '#store';

const seen: { readonly url: string; readonly host: string | undefined }[] = [];
let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', host: request.headers.host });
    if (request.url === '/redirect') response.writeHead(302, { location: `http://127.0.0.1:${port}/inside` }).end();
    else if (request.url === '/endless') response.write('x'.repeat(100_000));
    else if (request.url === '/silent') return;
    else if (request.url === '/nothing') response.writeHead(204).end();
    else request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A fetch whose names lead where the list says, one answer after another, and what it asked for. */
function fetchOver(answers: readonly (readonly string[])[], policy: Partial<OutgoingPolicy> = {}) {
  const asked: string[] = [];
  const fetch = outgoingFetch(
    { privateHosts: [], ...policy },
    {
      resolve: async (host) => {
        asked.push(host);
        return answers[asked.length - 1] ?? [];
      },
    },
  );
  return { fetch, asked };
}

const at = (path: string, host = 'hooks.example'): string => `http://${host}:${port}${path}`;
const refused = expect.objectContaining({ code: 'address_refused' });

describe('a request to a configured address', () => {
  it('goes to the address that was checked, though the name leads elsewhere afterwards', async () => {
    const { fetch, asked } = fetchOver([['127.0.0.1'], ['169.254.169.254']], { privateHosts: ['hooks.example'] });
    const answer = await fetch(at('/'), { method: 'POST', body: 'hello' });
    expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
    expect(asked).toEqual(['hooks.example']);
    expect(seen.at(-1)?.host).toBe(`hooks.example:${port}`);
  });

  it.each([
    ['a private address', ['127.0.0.1']],
    ['an address of IPv4 in one of IPv6', ['::ffff:127.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
  ])('is refused when the name leads to %s', async (_, addresses) => {
    const before = seen.length;
    await expect(fetchOver([addresses]).fetch(at('/'))).rejects.toEqual(refused);
    expect(seen).toHaveLength(before);
  });

  it('leaves out the refused addresses of a name that has others', async () => {
    const { fetch } = fetchOver([['169.254.169.254', '127.0.0.1']], { privateHosts: ['hooks.example'] });
    expect((await fetch(at('/'))).status).toBe(200);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '017700000001', '[::1]', '[::ffff:7f00:1]', '169.254.169.254'])(
    'is refused at the address %s itself, and nobody is asked for it',
    async (host) => {
      const { fetch, asked } = fetchOver([]);
      await expect(fetch(at('/', host))).rejects.toEqual(refused);
      expect(asked).toEqual([]);
    },
  );

  it('never goes to the metadata service, whatever the settings name', async () => {
    const { fetch } = fetchOver([['169.254.169.254']], { privateHosts: 'all' });
    await expect(fetch(at('/'))).rejects.toEqual(refused);
    await expect(fetch(at('/', '169.254.169.254'))).rejects.toEqual(refused);
  });

  it('follows no redirect', async () => {
    const { fetch } = fetchOver([['127.0.0.1']], { privateHosts: 'all' });
    expect((await fetch(at('/redirect'))).status).toBe(302);
    expect(seen.map(({ url }) => url)).not.toContain('/inside');
  });

  it('reads no more of an answer than the bound', async () => {
    const { fetch } = fetchOver([['127.0.0.1']], { privateHosts: 'all', answerBytesMax: 1_000 });
    const answer = await fetch(at('/endless'));
    await expect(answer.text()).rejects.toMatchObject({ code: 'answer_too_large' });
  });

  it('waits no longer for an answer, nor for a name, than the bound', async () => {
    const { fetch } = fetchOver([['127.0.0.1']], { privateHosts: 'all', timeoutMs: 20 });
    await expect(fetch(at('/silent'))).rejects.toMatchObject({ name: 'TimeoutError' });
    const nameless = outgoingFetch(
      { privateHosts: 'all', timeoutMs: 20 },
      { resolve: () => new Promise<never>(() => undefined) },
    );
    await expect(nameless(at('/'))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('fails as fetch does when a name is unknown, or nobody listens', async () => {
    const unknown = outgoingFetch(
      { privateHosts: 'all' },
      { resolve: () => Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' })) },
    );
    await expect(unknown(at('/'))).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
    const { fetch } = fetchOver([['127.0.0.1']], { privateHosts: 'all' });
    await expect(fetch('http://hooks.example:1/')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('gives an answer without a body', async () => {
    const { fetch } = fetchOver([['127.0.0.1']], { privateHosts: 'all' });
    expect((await fetch(at('/nothing'))).status).toBe(204);
  });
});

describe('a connection of another client', () => {
  const connect = (address: string, privateHosts: readonly string[]): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const lookup = checkedLookup({ privateHosts }, { resolve: async () => [address] });
      const sent = request(at('/'), { agent: new Agent({ lookup }) }, (answer) => resolve(answer.resume().statusCode));
      sent.once('error', reject).end();
    });

  it('goes to a private address where the policy names the host', async () => {
    expect(await connect('127.0.0.1', ['hooks.example'])).toBe(200);
    await expect(connect('127.0.0.1', [])).rejects.toEqual(refused);
    await expect(connect('169.254.169.254', ['hooks.example'])).rejects.toEqual(refused);
  });
});

describe('the private hosts of a setting', () => {
  it('are those that it lists, and an address that says itself that it is private', () => {
    expect(hostsOf(' a.lan,, b.lan ')).toEqual(['a.lan', 'b.lan']);
    expect(privateHostsOf('a.lan', 'http://127.0.0.1:4318')).toEqual(['a.lan', '127.0.0.1']);
    expect(privateHostsOf('', 'http://localhost:5000/api')).toEqual(['localhost']);
    expect(privateHostsOf('', 'http://[::1]:4318')).toEqual(['::1']);
    expect(privateHostsOf('', 'https://collector.example.com')).toEqual([]);
  });
});
