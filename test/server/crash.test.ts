import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { predictAnswer } from '#api';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { programFile } from '../programs/programs.ts';
import { parcel } from './parcels.ts';

const REQUESTS = 300;
const KILL_AFTER = 60;

let database: Database;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => database.close());

async function serve(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [programFile('serve-parcels'), database.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, url: String(line).trim() };
}

/** Asks once; undefined when the connection broke, so that nobody knows whether it was stored. */
async function predict(url: string, key: number) {
  try {
    const answer = await fetch(`${url}/api/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `key-${key}` },
      body: JSON.stringify({ ...parcel, weight: key % 50 }),
    });
    return predictAnswer.parse(await answer.json());
  } catch {
    return undefined;
  }
}

describe('a server that is killed in the middle of predictions', () => {
  it('has lost none and doubled none once every request was sent again', async () => {
    const first = await serve();
    let answered = 0;
    const before = await Promise.all(
      Array.from({ length: REQUESTS }, async (_, key) => {
        const answer = await predict(first.url, key);
        if (answer !== undefined) answered += 1;
        if (answered === KILL_AFTER) first.child.kill('SIGKILL');
        return answer;
      }),
    );
    expect(before.filter((answer) => answer === undefined).length).toBeGreaterThan(0);

    const second = await serve();
    const after = await Promise.all(before.map((_, key) => predict(second.url, key)));
    expect(after.every((answer) => answer !== undefined)).toBe(true);
    for (const [key, answer] of before.entries()) {
      if (answer !== undefined) expect(after[key]).toEqual(answer);
    }
    const rows = await database.query<{ request: string }>('select request from predictions order by request');
    expect(rows.map(({ request }) => request)).toEqual(
      Array.from({ length: REQUESTS }, (_, key) => `key-${key}`).sort(),
    );
  });
});
