import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Route, routes } from '#api';
import { slackChannel, webhookChannel } from '#monitor';
import { addChampion, ask, createWorld, parcel, type World } from './world.ts';

const HOOK = 'hook-path-Zm9yZ2V0';
const SIGNING = `whsec_${Buffer.from('signing-secret-of-a-webhook-0001').toString('base64')}`;
const PASSWORD = 'database-passw0rd-7781';

const fail = (): Promise<never> => Promise.reject(new Error(`no answer of postgres://weir:${PASSWORD}@10.0.0.1/weir`));

let world: World;
/** Everything that must be nowhere but in the one answer that shows it. */
const secrets = [HOOK, SIGNING, PASSWORD];
beforeAll(async () => {
  const address = `http://127.0.0.1:1/${HOOK}`;
  world = await createWorld({
    alertChannels: [
      { ...slackChannel({ name: 'chat', url: address }), kind: 'slack' },
      { ...webhookChannel({ name: 'hook', url: address, secret: SIGNING }), kind: 'webhook' },
    ],
    predictor: { predict: fail, explain: fail },
  });
  await addChampion(world);
  const who = { by: 'Ada', reason: 'for the test' };
  const key = await ask(world, routes.createApiKey, { body: { ...who, name: 'ci', role: 'viewer', expiresAt: null } });
  const user = await ask(world, routes.createUser, { body: { ...who, name: 'bob', role: 'viewer' } });
  expect([key.status, user.status]).toEqual([200, 200]);
  secrets.push(key.json.secret, user.json.setupToken);
  // Failures of every part that holds a secret.
  await ask(world, routes.testAlertChannel, { params: { channel: 'chat' } });
  await ask(world, routes.testAlertChannel, { params: { channel: 'hook' } });
  await ask(world, routes.predict, { body: parcel });
  await ask(world, routes.startRun, { params: { name: `nowhere?password=${PASSWORD}` } });
  await world.server.inject({
    url: `/api/runs?token=${PASSWORD}`,
    headers: { authorization: `Bearer ${key.json.secret}` },
  });
});
afterAll(() => world.close());

const found = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret));

it('leaves no secret in the log', () => {
  expect(world.log.length).toBeGreaterThan(0);
  expect(found(world.log.join(''))).toEqual([]);
});

it('leaves no secret in any table of the database', async () => {
  const tables = await world.database.query<{ readonly name: string }>(
    "select tablename as name from pg_tables where schemaname = 'weir'",
  );
  expect(tables.length).toBeGreaterThan(20);
  const leaks: string[] = [];
  for (const { name } of tables) {
    const rows = await world.database.query<{ readonly row: string }>(`select t::text as row from weir."${name}" t`);
    for (const secret of found(rows.map(({ row }) => row).join('\n'))) leaks.push(`${name}: ${secret}`);
  }
  expect(leaks).toEqual([]);
});

it('answers no secret: not by any list of the API, its documentation, nor the metrics', async () => {
  const read = (Object.values(routes) as readonly Route[])
    .filter(
      ({ method, path, answerType }) => method === 'GET' && !path.includes(':') && answerType !== 'text/event-stream',
    )
    .map(({ path }) => path);
  expect(read.length).toBeGreaterThan(15);
  for (const path of [...read, '/docs/json', '/metrics'])
    expect(found((await world.server.inject(path)).body), path).toEqual([]);
});
