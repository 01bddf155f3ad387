import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { callApi } from '../../../src/app/cli/api-client.ts';
import { type Config, configSchema } from '../../../src/app/project/config.ts';
import { pathsOf } from '../../../src/app/project/paths.ts';
import {
  isLoginRequired,
  makeOwnKeys,
  maybeFirstAdminText,
  maybeWarning,
  type OwnKeys,
} from '../../../src/app/serve/access.ts';
import { createWorld, type World } from '../../server/world.ts';

const configOf = (given: object): Config => configSchema.parse(given);

describe('a login', () => {
  it.each([
    ['on the loopback address', {}, false],
    ['on the loopback address when it is asked for', { access: { login: 'required' } }, true],
    ['on an address that other machines can reach', { server: { host: '0.0.0.0' } }, true],
    ['on any IPv6 address', { server: { host: '::' } }, true],
    ['behind a proxy', { server: { url: 'https://weir.example.com' } }, true],
    ['at another port of this machine', { server: { url: 'http://localhost:9000' } }, false],
    ['under a further name', { server: { hosts: ['localhost:9000', 'weir.internal'] } }, true],
    ['where proxies are trusted', { server: { trustProxy: ['127.0.0.1'] } }, true],
  ])('%s is decided by the settings', (_, settings, isRequired) => {
    expect(isLoginRequired(configOf(settings))).toBe(isRequired);
  });

  it.each([
    [{ host: '0.0.0.0' }, 'server.host is 0.0.0.0'],
    [{ url: 'https://weir.example.com' }, 'server.url, https://weir.example.com'],
  ])('cannot be switched off with %o', (server, reason) => {
    expect(() => isLoginRequired(configOf({ server, access: { login: 'off' } }))).toThrow(reason);
  });

  it('may be switched off on the loopback address', () => {
    expect(isLoginRequired(configOf({ access: { login: 'off' } }))).toBe(false);
  });
});

describe('the settings of proxies', () => {
  it('are addresses and networks', () => {
    for (const trustProxy of [['10.0.0.0/8'], ['::1', 'fd00::/8']]) configOf({ server: { trustProxy } });
    for (const entry of ['10.0.0.0/33', 'proxy.internal', '', '10.0.0.0/'])
      expect(() => configOf({ server: { trustProxy: [entry] } }), entry).toThrow('expected an IP address');
  });
});

describe('a Weir that others reach', () => {
  it('without https is warned of what can be read on the way', () => {
    expect(maybeWarning(configOf({ server: { host: '0.0.0.0' } }))).toMatch(/without https/);
    expect(maybeWarning(configOf({ server: { host: '0.0.0.0', url: 'https://weir.example.com' } }))).toBeUndefined();
    expect(maybeWarning(configOf({}))).toBeUndefined();
  });
});

describe('the keys of a server', () => {
  const config = configOf({ access: { login: 'required' } });
  let folder: string;
  let keys: OwnKeys;
  let world: World;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-keys-'));
    keys = await makeOwnKeys(config, { ...pathsOf(folder, config), state: folder });
    world = await createWorld({ access: { isLoginRequired: true, processKeys: keys.processKeys } });
    ({ url } = await world.server.listen({ port: 0 }));
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  it('let commands of the owner of the state folder do everything, under the name of who runs them', async () => {
    const { ownerKey: key } = keys;
    await expect(callApi({ url }, routes.project)).rejects.toThrow(/Expected a login, or an API key/);
    expect((await callApi({ url, key }, routes.project)).name).toBe('parcels');
    const body = { by: 'Ada', reason: 'test', name: 'n', role: 'viewer', expiresAt: null };
    expect((await callApi({ url, key }, routes.createApiKey, { body })).apiKey.createdBy).toBe('Ada');
  });

  it('let tasks work as an operator, by a file that only its user reads', async () => {
    const file = path.join(folder, 'service-key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const key = (await readFile(file, 'utf8')).trim();
    await callApi({ url, key }, routes.startRun, { params: { name: 'ingest' }, body: {} });
    expect(world.engine.started).toEqual(['ingest']);
    await expect(callApi({ url, key }, routes.apiKeys)).rejects.toThrow(/service has the role operator/);
  });

  it('are others at the next start', async () => {
    const next = await makeOwnKeys(config, { ...pathsOf(folder, config), state: folder });
    expect(next.ownerKey).not.toBe(keys.ownerKey);
    const key = (await readFile(path.join(folder, 'service-key'), 'utf8')).trim();
    await expect(callApi({ url, key }, routes.project)).rejects.toThrow(/API key of this server/);
  });

  it('are none where no login is required', async () => {
    const open = configOf({});
    expect(await makeOwnKeys(open, pathsOf(folder, open))).toEqual({ processKeys: [] });
  });

  it('come with a link for the first admin, once, whose token is not stored', async () => {
    const { database } = world;
    const text = await maybeFirstAdminText(config, { database, url });
    const [, token = ''] = /\/setup#token=(\w+)\n$/.exec(text ?? '') ?? [];
    expect(token).toHaveLength(64);
    await maybeFirstAdminText(config, { database, url });
    const stored = await database.query<{ row: string }>('select setup_tokens::text as row from setup_tokens');
    expect(stored).toHaveLength(1);
    expect(stored[0]?.row).not.toContain(token);
    await database.query("insert into users (name, role, password_hash) values ('Ada', 'admin', 'x')");
    expect(await maybeFirstAdminText(config, { database, url })).toBeUndefined();
    expect(await maybeFirstAdminText(configOf({}), { database, url })).toBeUndefined();
  });
});
