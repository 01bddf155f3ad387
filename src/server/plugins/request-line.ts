import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';

/** Refuses what two programs on the way could read differently: an address or a Host that is not one thing alone. */
export function registerRequestLine(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    assertOneHost(request);
    assertReadableAddress(request.url);
  });
}

function assertOneHost({ raw, headers, url }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw refusal(`Expected one Host header; got ${hosts.length}.`);
  const [, authority] = /^\w+:\/\/([^/?#]*)/.exec(url) ?? [];
  if (authority !== undefined && authority.toLowerCase() !== headers.host?.toLowerCase())
    throw refusal('Expected the Host header to be the host of the address; they differ.');
}

function assertReadableAddress(url: string): void {
  if (!url.includes('%')) return;
  if (/%00/.test(url)) throw refusal('The address holds a NUL character. Remove it.');
  try {
    decodeURIComponent(url);
  } catch {
    throw refusal(
      'The address could not be read: a percent sign must be followed by two digits of UTF-8. Write it %25.',
    );
  }
}

const refusal = (message: string): ServerError => new ServerError('request_invalid', message);
