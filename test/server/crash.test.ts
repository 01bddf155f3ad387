import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { predictAnswer } from '#api';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { programFile } from '../programs/programs.ts';
import { parcel } from './parcels.ts';

const CLIENTS = 40;
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

function streamTo(url: string): ClientRequest {
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'stream' };
  return request(`${url}/api/predict`, { method: 'POST', headers });
}

describe('a server that is killed in the middle of predictions', () => {
  it('has lost none and doubled none once every request was sent again', async () => {
    const first = await serve();
    const before = new Map<number, Awaited<ReturnType<typeof predict>>>();
    let [asked, answered] = [0, 0];
    const askUntilItIsGone = async (): Promise<void> => {
      for (;;) {
        const key = asked++;
        const answer = await predict(first.url, key);
        before.set(key, answer);
        // One that nobody knows about for each client.
        if (answer === undefined) return;
        answered += 1;
        if (answered === KILL_AFTER) first.child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, askUntilItIsGone));
    expect(answered).toBeGreaterThanOrEqual(KILL_AFTER);

    const second = await serve();
    for (const [key, answer] of before) {
      const again = await predict(second.url, key);
      expect(again).toEqual(answer ?? expect.objectContaining({ predictions: [expect.anything()] }));
    }
    const rows = await database.query<{ request: string }>('select request from predictions order by request');
    expect(rows.map(({ request }) => request)).toEqual(Array.from(before.keys(), (key) => `key-${key}`).sort());
  });

  it('has stored every answered line of a stream, and stores none twice when it is sent again', async () => {
    const first = await serve();
    const rows = Array.from({ length: 2600 }, (_, index) => `${JSON.stringify({ ...parcel, weight: index % 50 })}\n`);
    const answered = await new Promise<readonly string[]>((resolve) => {
      const sent = streamTo(first.url);
      sent.on('error', () => undefined);
      sent.on('response', (response) => {
        response.on('error', () => undefined);
        response.setEncoding('utf8').once('data', (text: string) => {
          first.child.kill('SIGKILL');
          const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
          resolve(lines.map((line) => JSON.parse(line).predictionId));
        });
      });
      // Without its end, so that the server is in the middle of it.
      sent.write(rows.slice(0, 1700).join(''));
    });
    expect(answered.length).toBeGreaterThan(0);
    const ofStream = "select id::text from predictions where request like 'stream%' order by request, row_number";
    const ids = (await database.query<{ id: string }>(ofStream)).map(({ id }) => id);
    expect(answered.filter((id) => !ids.includes(id))).toEqual([]);

    const second = await serve();
    const lines = await new Promise<readonly string[]>((resolve, reject) => {
      const sent = streamTo(second.url);
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve(text.trim().split('\n')));
      });
      sent.end(rows.join(''));
    });
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ end: { isComplete: true, predicted: 2600, refused: 0 } });
    expect(lines.slice(0, answered.length).map((line) => JSON.parse(line).predictionId)).toEqual(answered);
    expect(await database.query(ofStream)).toHaveLength(2600);
  });
});
