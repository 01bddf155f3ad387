import { randomUUID } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { connect, type Database } from '#store';

let address: Promise<string> | undefined;

/**
 * A database of its own with all migrations applied, cloned from the template of this test run in some 30 ms.
 * `close()` also drops it: `const database = await createTestDatabase(); afterAll(() => database.close());`
 */
export async function createTestDatabase({ isMigrated = true } = {}): Promise<Database> {
  address ??= askAddress();
  const url = await address;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runAsAdmin(url, `create database ${name} template ${isMigrated ? 'weir_template' : 'template1'}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const database = connect({ url: own.href });
  return {
    ...database,
    close: async () => {
      await database.close();
      await runAsAdmin(url, `drop database if exists ${name} with (force)`);
    },
  };
}

async function runAsAdmin(url: string, sql: string): Promise<void> {
  const admin = connect({ url, poolSize: 1 });
  await admin.query(sql).finally(() => admin.close());
}

async function askAddress(): Promise<string> {
  const answer = await text(connectSocket(inject('postgresPort'), '127.0.0.1'));
  if (!answer.startsWith('postgres://')) throw new Error(`The PostgreSQL of the test run did not start: ${answer}`);
  return answer;
}
