import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Route, routes } from '#api';
import { connect, type Database } from '#store';
import { runWeir } from '../app/cli/commands/run-weir.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { StartWorld } from './start-world.ts';
import { eventually, type WeirProcess } from './weir-process.ts';

const planted = (name: string): string => `${name}-${randomBytes(12).toString('hex')}`;
const PASSWORDS = {
  database: planted('database'),
  user: planted('user'),
  wrong: planted('wrong'),
  mail: planted('mail'),
} as const;
const ADDRESS = planted('address');
const COLLECTOR = planted('collector');
const RECEIVER = planted('receiver');
const CLIENT = planted('client');
const SIGNING = `whsec_${Buffer.from(planted('signing')).toString('base64')}`;
/** What must be nowhere but where it was made or given, by name. */
const secrets: Record<string, string> = {
  ...PASSWORDS,
  ...{ ADDRESS, COLLECTOR, RECEIVER, CLIENT, SIGNING },
};
const ROLE = `keeper_${randomBytes(6).toString('hex')}`;
/** What the owner of the state folder alone can read, and which is made to hold an address or a key. */
const KEPT = /(?:^|\/)(?:server\.json|service-key)$/;

let database: Database;
let world: StartWorld;
let weir: WeirProcess;
let settings: Record<string, string>;
/** Everything that the processes printed. */
const printed: string[] = [];
/** Every answer, by what was asked. */
const answers: { readonly asked: string; readonly text: string }[] = [];
let key = '';

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`create role ${ROLE} superuser login password '${PASSWORDS.database}'`);
  const address = Object.assign(new URL(database.url), { username: ROLE, password: PASSWORDS.database });
  settings = {
    ...{ DATABASE_URL: address.href, WEIR_ACCESS__LOGIN: 'required' },
    ...channel('HOOK', { KIND: 'webhook', URL: `http://127.0.0.1:9/${ADDRESS}`, SECRET: SIGNING }),
    ...channel('MAIL', { KIND: 'mail', HOST: '127.0.0.1', PORT: '9', USER: 'weir', PASSWORD: PASSWORDS.mail }),
    ...channel('MAIL', { FROM: 'weir@example.com', TO: 'team@example.com' }),
    WEIR_ALERTS__PRIVATE_HOSTS: '127.0.0.1',
    ...{ WEIR_TRACING__ENDPOINT: 'http://127.0.0.1:9', WEIR_TRACING__HEADERS: `api-key=${COLLECTOR}` },
    ...{ WEIR_LINEAGE__URL: 'http://127.0.0.1:9', WEIR_LINEAGE__API_KEY: RECEIVER },
    ...{ WEIR_ACCESS__OIDC__ISSUER: 'https://127.0.0.1:9/', WEIR_ACCESS__OIDC__CLIENT_ID: 'weir' },
    WEIR_ACCESS__OIDC__CLIENT_SECRET: CLIENT,
  };
  world = await StartWorld.make();
  weir = await world.start({ env: settings });
});
afterAll(async () => {
  await weir?.stop();
  await world.remove();
  await database.close();
  const admin = elsewhere();
  await admin.query(`drop role ${ROLE}`);
  await admin.close();
});

/** A connection to the same server, and not to the database of the test. */
const elsewhere = (): Database =>
  connect({ url: Object.assign(new URL(database.url), { pathname: '/postgres' }).href, poolSize: 1 });

function channel(name: string, fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [`WEIR_ALERTS__CHANNELS__${name}__${field}`, value]),
  );
}

interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the running server, and keeps what it answers. */
async function ask(where: string, { method, body, headers = {} }: Asking = {}): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(new URL(where, weir.url), {
    ...{ method: method ?? (body === undefined ? 'GET' : 'POST') },
    headers: { authorization: `Bearer ${key}`, ...json, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.clone().text();
  answers.push({ asked: `${method ?? ''} ${where}`, text });
  return answer;
}

const command = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await runWeir(
    [...args, '--project', world.project, '--by', 'ann', '--reason', 'test'],
    '.',
    settings,
  );
  expect(code, err).toBe(0);
  printed.push(err);
  return out.trim();
};

/** The names of secrets that a text holds. */
const found = (text: string): readonly string[] =>
  Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));

/** Uses everything that takes a secret, and makes it fail where it can. */
async function use(): Promise<void> {
  const invited = await fetch(new URL('/api/users', weir.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bob', role: 'operator', by: 'ann', reason: 'test' }),
  });
  // As the API describes it.
  const { setupToken } = (await invited.json()) as { readonly setupToken: string };
  secrets.setup = setupToken;
  const origin = { origin: weir.url };
  const setUp = { body: { token: setupToken, password: PASSWORDS.user }, headers: origin };
  const session = await ask('/api/session/setup', setUp);
  expect(session.status).toBe(200);
  const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  secrets.cookie = cookie.split('=')[1] ?? '';
  expect(secrets.cookie.length).toBeGreaterThan(20);
  await ask('/api/session', { headers: { cookie, authorization: '' } });
  await ask('/api/session/setup', setUp);
  for (const password of [PASSWORDS.wrong, PASSWORDS.user])
    await ask('/api/session', { body: { name: 'bob', password }, headers: origin });
  // What does not fit: the answer says so without what was sent.
  await ask('/api/session', {
    body: { name: 'bob', password: PASSWORDS.wrong, secret: PASSWORDS.wrong },
    headers: origin,
  });
  await ask('/api/session', { body: { name: 'bob', password: [PASSWORDS.wrong] }, headers: origin });
  await ask('/api/session', { body: `{"name": "bob", "password": "${PASSWORDS.wrong}"`, headers: origin });
  await ask('/api/runs', { headers: { authorization: `Bearer ${key}x` } });
  await ask(`/api/runs?token=${key}&password=${PASSWORDS.wrong}`);
  for (const name of ['hook', 'mail']) await ask(`/api/alert-channels/${name}/test`, { body: {} });
  await ask('/api/session/oidc', { headers: { authorization: '' } });
  const row = { order: 'clay', rain: 12, irrigated: true };
  const predicted = await ask('/api/predict', { body: row });
  expect(predicted.status).toBe(200);
  await ask('/api/pipelines/train/runs', { body: { params: { password: PASSWORDS.wrong } } });
  await ask('/api/pipelines/train/runs', { body: { force: true } });
}

/** Takes the database away while it is used. */
async function breakDatabase(): Promise<void> {
  const [{ name } = { name: '' }] = await database.query<{ name: string }>('select current_database() as name');
  const other = elsewhere();
  const setAllowed = (isAllowed: boolean) => other.query(`alter database ${name} with allow_connections ${isAllowed}`);
  await setAllowed(false);
  await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [name]);
  const row = { order: 'sand', rain: 1, irrigated: false };
  expect((await ask('/api/predict', { body: row })).status).toBe(503);
  for (const where of ['/api/runs', '/api/health/ready', '/metrics']) await ask(where);
  await setAllowed(true);
  await other.close();
  await eventually('the database', async () => ((await ask('/api/runs')).status === 200 ? true : undefined));
}

/** All files of the state folder, as text. */
async function stateFiles(): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const entries = await readdir(world.state, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(name, 'latin1') })));
}

describe('a server with logins, keys, channels and a database that asks for a password', () => {
  it('is used, fails, loses its database and is killed', async () => {
    key = await command('keys', 'create', 'tester', '--role', 'admin');
    secrets.key = key.split('_')[2] ?? '';
    expect(secrets.key).toMatch(/^[0-9a-f]{64}$/);
    await use();
    await breakDatabase();
    printed.push(weir.output());
    await weir.kill();
    weir = await world.start({ env: settings });
    const lists = (Object.values(routes) as readonly Route[]).filter(
      ({ method, path: where, answerType }) =>
        method === 'GET' && !where.includes(':') && answerType !== 'text/event-stream',
    );
    expect(lists.length).toBeGreaterThan(20);
    for (const { path: where } of lists) await ask(where);
    for (const where of ['/docs/json', '/metrics', '/', '/api/runs/1', '/api/models/1/card']) await ask(where);
    await weir.stop();
    printed.push(weir.output());
  });

  it('prints no secret but the link of its start, which is for that', () => {
    expect(printed.join('')).toContain('Weir is running at');
    expect(found(printed.join(''))).toEqual([]);
    expect(printed.join('')).not.toContain('DeprecationWarning');
  });

  it('answers no secret, not in an error either', () => {
    const statuses = answers.filter(({ text }) => text.includes('"code":')).length;
    expect(statuses).toBeGreaterThan(8);
    // Who logs in gets the cookie as a header, and nothing of it in a body.
    const leaks = answers.flatMap(({ asked, text }) => found(text).map((name) => `${name} in ${asked}: ${text}`));
    expect(leaks).toEqual([]);
  });

  it('keeps no secret in its log, nor in any file but those that are made for one', async () => {
    const files = await stateFiles();
    const log = files.find(({ name }) => name.endsWith('logs/weir.log'));
    expect(log?.text).toContain('"level"');
    const leaks = files
      .filter(({ name }) => !KEPT.test(name))
      .flatMap(({ name, text }) => found(text).map((secret) => `${secret} in ${name}`));
    expect(leaks).toEqual([]);
  });

  it('stores no secret in clear in any table', async () => {
    const tables = await database.query<{ readonly name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('weir', 'farm', 'public')",
    );
    expect(tables.length).toBeGreaterThan(20);
    const leaks: string[] = [];
    for (const { name } of tables) {
      const rows = await database.query<{ readonly row: string }>(`select t::text as row from ${name} t`);
      leaks.push(...found(rows.map(({ row }) => row).join('\n')).map((secret) => `${secret} in ${name}`));
    }
    expect(leaks).toEqual([]);
  });
});
