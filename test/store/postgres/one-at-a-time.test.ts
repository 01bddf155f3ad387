import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

// The client warns once in a process, of the first third statement that waits in its own queue.
const warnings: string[] = [];
const note = ({ message }: Error): void => void warnings.push(message);
let database: Database;
beforeAll(async () => {
  process.on('warning', note);
  database = await createTestDatabase();
  await database.query('create table numbers (number integer primary key)');
});
afterAll(async () => {
  process.off('warning', note);
  await database.close();
});

const AT_ONCE = [1, 2, 3, 4, 5, 6];

/** Warnings are emitted after the present work of the process. */
async function warned(): Promise<readonly string[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return warnings;
}

describe('a connection', () => {
  it('gets the next statement of a transaction when the one before has ended, in the order of the calls', async () => {
    const answers = await database.transaction((tx) =>
      Promise.all(AT_ONCE.map((number) => tx.query('insert into numbers values ($1) returning number', [number]))),
    );
    expect(answers).toEqual(AT_ONCE.map((number) => [{ number }]));
    expect(await warned()).toEqual([]);
  });

  it('rolls back after the statements that were asked before, when one of them fails', async () => {
    const failing = database.transaction((tx) =>
      Promise.all([7, 1, 8, 9, 10].map((number) => tx.query('insert into numbers values ($1)', [number]))),
    );
    await expect(failing).rejects.toThrow(/duplicate key/);
    expect(await database.query('select count(*)::integer as count from numbers')).toEqual([{ count: AT_ONCE.length }]);
    expect(await warned()).toEqual([]);
  });

  it('listens to one channel after the other', async () => {
    const heard: string[] = [];
    const stops = await Promise.all(
      AT_ONCE.map((number) => database.listen(`channel-${number}`, (payload) => heard.push(payload))),
    );
    for (const number of AT_ONCE) await database.query('select pg_notify($1, $2)', [`channel-${number}`, `${number}`]);
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(AT_ONCE.map(String)));
    await Promise.all(stops.map((stop) => stop()));
    expect(await warned()).toEqual([]);
  });
});
