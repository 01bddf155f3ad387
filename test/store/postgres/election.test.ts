import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, type Election, openElection } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { forkProgram } from '../../programs/programs.ts';

const POLL = { timeout: 60_000 };

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

function stand(name: string, said: string[], as: string): Election {
  return openElection({
    ...{ url: database.url, name },
    lead: () => void said.push(`${as} leads`),
    yieldLead: async () => void said.push(`${as} yields`),
    warn: () => undefined,
  });
}

describe('an election', () => {
  it('has one leader, and the next when that one leaves', async () => {
    const said: string[] = [];
    const one = stand('leave', said, 'one');
    expect(await one.first).toBe(true);
    const two = stand('leave', said, 'two');
    expect(await two.first).toBe(false);
    await one.close();
    await expect.poll(() => said, POLL).toEqual(['one leads', 'one yields', 'two leads']);
    await two.close();
    expect(said.at(-1)).toBe('two yields');
  });

  it('has the next leader when the process of the first is killed', async () => {
    const name = randomUUID();
    const leader = forkProgram('elected', [database.url, name]);
    expect((await once(leader, 'message'))[0]).toBe('leads');
    const said: string[] = [];
    const two = stand(name, said, 'two');
    expect(await two.first).toBe(false);
    leader.kill('SIGKILL');
    await expect.poll(() => said, POLL).toEqual(['two leads']);
    await two.close();
  });

  it('has a leader yield whose connection is lost, and somebody lead again', async () => {
    const said: string[] = [];
    const one = stand('lost', said, 'one');
    expect(await one.first).toBe(true);
    await database.query(`
      select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`);
    await expect.poll(() => said, POLL).toEqual(['one leads', 'one yields', 'one leads']);
    await one.close();
  });

  it('is another one under another name', async () => {
    const [one, two] = [stand('a', [], 'one'), stand('b', [], 'two')];
    expect(await Promise.all([one.first, two.first])).toEqual([true, true]);
    await Promise.all([one.close(), two.close()]);
  });

  it('leads nothing while the database cannot be reached', async () => {
    const election = openElection({
      ...{ url: 'postgres://nobody@127.0.0.1:1/none', name: 'none' },
      lead: () => expect.unreachable(),
      yieldLead: async () => expect.unreachable(),
      warn: () => undefined,
    });
    expect(await election.first).toBe(false);
    await election.close();
  });
});
