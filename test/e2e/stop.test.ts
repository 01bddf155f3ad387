import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { StartWorld } from './start-world.ts';
import { eventually, type WeirProcess } from './weir-process.ts';

const CLIENTS = 20;
const ANSWERED_BEFORE = 100;

let world: StartWorld;
let database: Database;
beforeAll(async () => {
  world = await StartWorld.make();
  database = await createTestDatabase();
});
afterAll(async () => {
  await world.remove();
  await database.close();
});

const start = (env: Readonly<Record<string, string>> = {}): Promise<WeirProcess> =>
  world.start({ env: { DATABASE_URL: database.url, ...env } });

/** Each prediction is known by an amount of rain that no other has. */
let rain = 0;

interface Answer {
  readonly rain: number;
  readonly status: number;
}

async function predict(url: string): Promise<Answer> {
  rain += 0.001;
  const row = { order: 'clay', rain, irrigated: true };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/predict`, { method: 'POST', headers, body: JSON.stringify(row) });
  // Only a whole answer is one.
  await answer.text();
  return { rain: row.rain, status: answer.status };
}

/** Predicts again and again until no server listens any more. */
async function client(url: string, answers: Answer[]): Promise<void> {
  for (;;) {
    try {
      answers.push(await predict(url));
    } catch {
      // Refused connections, and the ones that were closed between two requests.
      if (!(await isListening(url))) return;
    }
  }
}

const isListening = (url: string): Promise<boolean> =>
  fetch(`${url}/api/live`).then(
    () => true,
    () => false,
  );

async function storedOnce(answers: readonly Answer[]): Promise<number> {
  const rows = await database.query<{ rain: number; count: number }>(
    `select (features ->> 'rain')::float8 as rain, count(*)::integer as count from predictions group by 1`,
  );
  const counts = new Map(rows.map((row) => [row.rain, row.count]));
  return answers.filter((answer) => counts.get(answer.rain) === 1).length;
}

describe('a server that gets SIGTERM', () => {
  it('answers what it has accepted, refuses the rest, loses no answered prediction and ends with 0', async () => {
    const weir = await start();
    const answers: Answer[] = [];
    const clients = Array.from({ length: CLIENTS }, () => client(weir.url, answers));
    await eventually('answers', async () => (answers.length >= ANSWERED_BEFORE ? true : undefined));
    weir.signal('SIGTERM');
    expect(await weir.exited).toBe(0);
    await Promise.all(clients);
    const answered = answers.filter(({ status }) => status === 200);
    expect(answered.length).toBeGreaterThanOrEqual(ANSWERED_BEFORE);
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(await storedOnce(answered)).toBe(answered.length);
  });

  it('is not ready at once, goes on to answer for the time of the settings, and ends at once when it gets another', async () => {
    const weir = await start({ WEIR_SERVER__DRAIN_SECONDS: '600' });
    expect((await fetch(`${weir.url}/api/ready`)).status).toBe(200);
    weir.signal('SIGTERM');
    await eventually('503 of the probe', async () =>
      (await fetch(`${weir.url}/readyz`)).status === 503 ? true : undefined,
    );
    const answer = await predict(weir.url);
    expect(answer.status).toBe(200);
    expect((await fetch(`${weir.url}/livez`)).status).toBe(200);
    weir.signal('SIGTERM');
    expect(await weir.exited).toBe(130);
    expect(await storedOnce([answer])).toBe(1);
  });
});
