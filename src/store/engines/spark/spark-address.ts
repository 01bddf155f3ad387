import { isIP } from 'node:net';
import { StoreError } from '../../errors.ts';

/** Where a server of Spark Connect is, and as whom it is spoken to. */
export interface SparkAddress {
  /** `host:port`. */
  readonly target: string;
  readonly isSecure: boolean;
  /** Sent with each request; empty for none. */
  readonly token: string;
  readonly userId: string;
  /** More headers of each request, as some services need to find their cluster. */
  readonly headers: Readonly<Record<string, string>>;
}

const FORM = /^sc:\/\/(\[[0-9a-fA-F:.]+\]|[^/:;[\]\s]+)(?::(\d{1,5}))?(?:\/;?([^/\s]*))?$/;
const PORT = 15002;
const PORT_MAX = 65_535;
const USER = 'weir';

/**
 * Reads an address as the clients of Spark write it: `sc://host:port/;token=…;use_ssl=true`. Other parameters are headers.
 *
 * @throws StoreError `engine_unusable`: it is none, or its token would cross a network in clear text.
 */
export function toSparkAddress(url: string, { token }: { readonly token?: string } = {}): SparkAddress {
  const [, host, port = String(PORT), given = ''] = FORM.exec(url) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > PORT_MAX) {
    const got = JSON.stringify(url.replace(/token=[^;]*/g, 'token=…').slice(0, 100));
    throw unusable(`Expected sc://<host>:<port>/;use_ssl=true, the address of a server of Spark Connect; got ${got}.`);
  }
  const { use_ssl: secure, token: ownToken, user_id: userId = USER, user_agent: _, ...headers } = parametersOf(given);
  if (secure !== undefined && secure !== 'true' && secure !== 'false') {
    throw unusable(`Expected use_ssl=true or use_ssl=false in the address of Spark; got use_ssl=${secure}.`);
  }
  if ('session_id' in headers)
    throw unusable('Expected no session_id in the address of Spark: each piece of work has its own.');
  const secret = token !== undefined && token !== '' ? token : (ownToken ?? '');
  const isSecure = secure === undefined ? secret !== '' && !isLoopback(host) : secure === 'true';
  if (secret !== '' && !isSecure && !isLoopback(host)) {
    throw unusable(`A token crosses the network to ${host} over TLS only; write use_ssl=true, or leave the token out.`);
  }
  return { target: `${host}:${port}`, isSecure, token: secret, userId, headers };
}

function parametersOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(';').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const value = at < 1 ? undefined : maybeDecoded(pair.slice(at + 1));
      if (value === undefined || value === '') {
        throw unusable(
          `Expected name=value between semicolons in the address of Spark; got one of another form (${pair.slice(0, Math.max(0, at))}).`,
        );
      }
      return [pair.slice(0, at), value] as const;
    }),
  );
}

function maybeDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

const unusable = (message: string): StoreError => new StoreError('engine_unusable', message);
