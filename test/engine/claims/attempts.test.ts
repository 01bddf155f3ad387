import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '#store';
import { type AttemptStart, startAttempts } from '../../../src/engine/records/start-attempts.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
let other: Database;
let runId: string;
beforeAll(async () => {
  bench = await createWorkbench();
  other = connect({ url: bench.database.url });
  const [run] = await bench.database.query<{ id: string }>(
    `insert into runs (pipeline, state, trigger) values ('claims', 'running', 'manual') returning id::text`,
  );
  runId = run?.id ?? '';
});
afterAll(async () => {
  await other.close();
  await bench.close();
});

const attempt = (key: string, number = 1): AttemptStart => ({
  runId,
  goal: `goal of ${key}`,
  key,
  number,
  seenToken: '0',
});
const start = async (owner: string, ...attempts: readonly AttemptStart[]): Promise<readonly string[]> => {
  const answers = await startAttempts(bench.database, attempts, { owner, leaseMs: 60_000, executor: 'inline' });
  return answers.map(({ kind }) => kind);
};
const expire = (key: string): Promise<unknown> =>
  bench.database.query(`update claims set expires_at = clock_timestamp() - interval '1 ms' where key = $1`, [key]);

/** Holds a transaction open while `work` is done, as a process does that is stopped in its midst. */
async function whileOpen(sql: string, work: () => Promise<void>): Promise<void> {
  await other.transaction(async (tx) => {
    await tx.query(sql);
    await work();
  });
}

describe('claims of attempts that start together', () => {
  it('are given to the first who asks, and taken over once they have expired', async () => {
    expect(await start('one', attempt('a'), attempt('b'))).toEqual(['started', 'started']);
    expect(await start('two', attempt('a', 2), attempt('c'), attempt('a', 3))).toEqual(['held', 'started', 'held']);
    await expire('a');
    expect(await start('two', attempt('a', 4), attempt('b', 2), attempt('a', 5))).toEqual(['started', 'held', 'held']);
    expect(await bench.database.query('select key, owner from claims order by key')).toEqual([
      { key: 'a', owner: 'two' },
      { key: 'b', owner: 'one' },
      { key: 'c', owner: 'two' },
    ]);
  });

  it.each([
    ['takes a claim away', `delete from claims where key = 'stuck'`],
    ['holds a claim', `select 1 from claims where key = 'stuck' for update`],
  ])('do not wait for a commit that %s and hangs', async (_, sql) => {
    await bench.database.query(`delete from claims where key like '%stuck%'`);
    expect(await start('one', attempt('stuck', 10 + sql.length))).toEqual(['started']);
    await whileOpen(sql, async () => {
      expect(await start('two', attempt('beside stuck', sql.length), attempt('stuck', 200 + sql.length))).toEqual([
        'started',
        'held',
      ]);
      await bench.database.query(`delete from claims where key = 'beside stuck'`);
    });
  });

  it('do not take over an expired claim whose row is held', async () => {
    expect(await start('one', attempt('late'))).toEqual(['started']);
    await expire('late');
    await whileOpen(`select 1 from claims where key = 'late' for update`, async () => {
      expect(await start('two', attempt('late', 2))).toEqual(['held']);
    });
    expect(await start('two', attempt('late', 2))).toEqual(['started']);
  });
});
