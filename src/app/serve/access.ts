import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isLoopback, LOCAL_IDENTITY, maybeFirstAdminLink, newProcessKey, type ProcessKey } from '#access';
import { setupPath } from '#api';
import type { ServerReach } from '#server';
import { type Database, writeFileAtomically } from '#store';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import { type ProjectPaths, serviceKeyFileOf } from '../project/paths.ts';

/** Keys that a server gives to programs of its machine, new at each start. */
export interface OwnKeys {
  readonly processKeys: readonly ProcessKey[];
  /** For commands beside the server: whoever can read the state folder may do everything there. */
  readonly ownerKey?: string;
}

const SERVICE_IDENTITY = { kind: 'key', id: 'service', name: 'service', role: 'operator' } as const;

/**
 * Whether requests need a login or a key: by default when programs of other machines can reach Weir, by its address or
 * through a proxy. Throws a UsageError when such a Weir is to have no login.
 */
export function isLoginRequired({ server, access }: Pick<Config, 'server' | 'access'>): boolean {
  const open = whyOpen(server);
  if (access.login === 'required') return true;
  if (access.login === 'auto') return open !== undefined;
  if (open === undefined) return false;
  throw new UsageError(
    'config_invalid',
    `Expected access.login to be auto or required, because ${open}; got off. Without a login everyone who reaches Weir may do everything, so it may then be reached from this machine alone: set server.host to 127.0.0.1, and leave server.url, server.hosts and server.trustProxy empty.`,
  );
}

/** By which setting others can reach Weir, if any. */
function whyOpen({ host, url, hosts, trustProxy }: Config['server']): string | undefined {
  if (!isLoopback(host)) return `server.host is ${host}, which other machines can reach`;
  if (url !== '' && !isLoopback(new URL(url).hostname)) return `people reach it at server.url, ${url}`;
  const [name] = hosts.filter((each) => !isLoopback(withoutPort(each)));
  if (name !== undefined) return `it is reached as ${name}, of server.hosts`;
  return trustProxy.length > 0 ? 'it is behind the proxy of server.trustProxy' : undefined;
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/** How others reach the server, with its certificate. */
export async function reachOf({ server }: Config, paths: ProjectPaths): Promise<ServerReach> {
  const { url, hosts, trustProxy, tls } = server;
  if ((tls.certFile === '') !== (tls.keyFile === ''))
    throw new UsageError(
      'config_invalid',
      'Expected both server.tls.certFile and server.tls.keyFile, or neither; got one of them.',
    );
  return {
    ...(url === '' ? {} : { url }),
    hosts: hosts.map((host) => host.toLowerCase()),
    trustProxy,
    ...(tls.certFile === ''
      ? {}
      : {
          tls: { cert: await read('certFile', tls.certFile, paths), key: await read('keyFile', tls.keyFile, paths) },
        }),
  };
}

async function read(setting: string, file: string, { project }: ProjectPaths): Promise<string> {
  const place = path.resolve(project, file);
  return readFile(place, 'utf8').catch((cause: unknown) => {
    throw new UsageError('config_invalid', `Could not read ${place}, the file of server.tls.${setting}.`, { cause });
  });
}

/** What people should know of how others reach Weir; undefined when there is nothing to say. */
export function maybeWarning({ server }: Config): string | undefined {
  const isEncrypted = server.tls.certFile !== '' || server.url.startsWith('https:');
  if (whyOpen(server) === undefined || isEncrypted) return undefined;
  return 'Weir can be reached from other machines without https: passwords, keys and data can be read on the way, and cookies are not marked Secure. Set server.url to the https address of a reverse proxy, or server.tls.\n';
}

/** Makes the keys of a server, and writes the one for tasks and programs of this machine into the state folder. */
export async function makeOwnKeys(config: Config, { state }: ProjectPaths): Promise<OwnKeys> {
  if (!isLoginRequired(config)) return { processKeys: [] };
  const owner = newProcessKey(LOCAL_IDENTITY);
  const service = newProcessKey(SERVICE_IDENTITY);
  await writeFileAtomically(serviceKeyFileOf(state), `${service.text}\n`, { mode: 0o600 });
  return { processKeys: [owner.key, service.key], ownerKey: owner.text };
}

/** Says once how the first admin logs in; undefined when there is one, or no login. */
export async function maybeFirstAdminText(
  config: Config,
  { database, url }: { readonly database: Database; readonly url: string },
): Promise<string | undefined> {
  if (!isLoginRequired(config)) return undefined;
  const link = await maybeFirstAdminLink(database, new Date());
  if (link === undefined) return undefined;
  const address = new URL(setupPath(link), config.server.url === '' ? url : config.server.url).href;
  return `\nThere is no admin yet. Open this link to become one; it works once, until ${link.expiresAt.toISOString()}:\n  ${address}\n`;
}
