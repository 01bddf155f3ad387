import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey, createKeyCheck, type KeyCheck, revokeApiKey } from '#access';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const DAY_MS = 86_400_000;
const FOR_EVER_MS = 1_000 * DAY_MS;

let database: Database;
const checks: KeyCheck[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const check of checks) await check.close();
  await database.close();
});

const newKey = (expiresAt: Date | null = null) =>
  createApiKey(database, { name: 'x', role: 'viewer', by: 'test', expiresAt });

/** A check of keys as one server has it, with a clock and a count of its look-ups. */
async function newCheck(believedMs: number) {
  const clock = { now: new Date('2030-01-01T00:00:00Z'), lookUps: 0, onError: [] as unknown[] };
  const counted: Database = {
    ...database,
    listen: database.listen.bind(database),
    query: (statement, values) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      if (/from api_keys where prefix/.test(text)) clock.lookUps += 1;
      return database.query(statement, values);
    },
  };
  const check = await createKeyCheck(
    counted,
    {},
    { believedMs, now: () => clock.now, onError: (error) => clock.onError.push(error) },
  );
  checks.push(check);
  return { check, clock };
}

describe('the check of a key', () => {
  it('looks a busy key up once a second', async () => {
    const { text } = await newKey();
    const { check, clock } = await newCheck(1_000);
    for (let count = 0; count < 10; count += 1) expect((await check.check(text)).kind).toBe('valid');
    expect(clock.lookUps).toBe(1);
    clock.now = new Date(clock.now.getTime() + 1_000);
    await check.check(text);
    expect(clock.lookUps).toBe(2);
  });

  it('learns of a revocation at once, from any server, however long it believes a record', async () => {
    const { apiKey, text } = await newKey();
    const { check } = await newCheck(FOR_EVER_MS);
    expect((await check.check(text)).kind).toBe('valid');
    await revokeApiKey(database, { key: apiKey.prefix, by: 'test' });
    await expect.poll(async () => (await check.check(text)).kind).toBe('revoked');
  });

  it('learns of a change that nobody announced when it looks the key up again', async () => {
    const { apiKey, text } = await newKey();
    const { check, clock } = await newCheck(1_000);
    await check.check(text);
    await database.query('delete from api_keys where id = $1', [apiKey.id]);
    clock.now = new Date(clock.now.getTime() + 1_000);
    expect((await check.check(text)).kind).toBe('unknown');
  });

  it('ends a key at its end, also one whose record it has kept', async () => {
    const { check, clock } = await newCheck(FOR_EVER_MS);
    const { text } = await newKey(new Date(clock.now.getTime() + 1));
    expect((await check.check(text)).kind).toBe('valid');
    clock.now = new Date(clock.now.getTime() + 1);
    expect((await check.check(text)).kind).toBe('expired');
  });

  it('writes the last use once a minute, and answers all the same when it cannot', async () => {
    const { apiKey, text } = await newKey();
    const { check, clock } = await newCheck(0);
    const lastUse = async () =>
      (await database.query('select last_used_at as at from api_keys where id = $1', [apiKey.id]))[0]?.at;
    const begin = clock.now;
    await check.check(text);
    await expect.poll(lastUse).toEqual(begin);
    clock.now = new Date(begin.getTime() + 59_999);
    await check.check(text);
    clock.now = new Date(begin.getTime() + 60_000);
    await check.check(text);
    await expect.poll(lastUse).toEqual(clock.now);
    expect(clock.onError).toEqual([]);
  });
});
