import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '#store';
import { StartWorld } from './start-world.ts';
import { eventually, type WeirProcess } from './weir-process.ts';

const CLIENTS = 16;
const ANSWERED_BETWEEN = 50;
const PAUSE_MS = 50;
const JSON_BODY = { 'content-type': 'application/json' };

let world: StartWorld;
let weir: WeirProcess;
beforeAll(async () => {
  world = await StartWorld.make();
  weir = await world.start();
});
afterAll(async () => {
  await weir?.stop();
  await world.remove();
});

/** Asks the project's database with a connection of its own, again until it is there. */
async function withDatabase<T>(ask: (database: Database) => Promise<T>): Promise<T> {
  const file = JSON.parse(await readFile(path.join(world.state, 'server.json'), 'utf8'));
  return eventually('the database', async () => {
    const database = connect({ url: file.databaseUrl, poolSize: 1 });
    try {
      return { found: await ask(database) };
    } catch {
      return undefined;
    } finally {
      await database.close();
    }
  }).then(({ found }) => found);
}

/** The server behind a connection: the parent of the process that serves it. */
function postmaster(): Promise<number> {
  return withDatabase(async (database) => {
    const [row] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
    const status = await readFile(`/proc/${row?.pid}/status`, 'utf8');
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    // 0 would be the group of this process.
    if (!(parent > 1)) throw new Error('Expected the process of PostgreSQL.');
    return parent;
  });
}

const ENDINGS: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'its connections are terminated',
    async () => {
      await withDatabase((database) =>
        database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        ),
      );
    },
  ],
  ['it is stopped fast', async () => void process.kill(await postmaster(), 'SIGINT')],
  ['it is killed', async () => void process.kill(await postmaster(), 'SIGKILL')],
];

/** Rows of all clients: each has an amount of rain that no other has. */
let rows = 0;

/** Clients that predict one row after another; every second one sends a key and asks again until it is answered. */
class Clients {
  /** The rain of each answered row: no other row has it. */
  readonly answered = new Set<number>();
  /** What was neither an answer nor a 503 that says when to come again. */
  readonly others: string[] = [];
  readonly #clients: Promise<unknown>;
  #isStopped = false;

  constructor() {
    this.#clients = Promise.all(Array.from({ length: CLIENTS }, (_, index) => this.#live(index % 2 === 0)));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#clients;
  }

  async #live(hasKey: boolean): Promise<void> {
    while (!this.#isStopped) {
      rows += 1;
      const rain = rows / 1000;
      const key = hasKey ? { 'idempotency-key': randomUUID() } : {};
      while (!(await this.#ask(rain, key))) {
        await delay(PAUSE_MS);
        if (!hasKey) break;
      }
    }
  }

  async #ask(rain: number, key: Readonly<Record<string, string>>): Promise<boolean> {
    const body = JSON.stringify({ order: 'clay', rain, irrigated: true });
    const answer = await fetch(`${weir.url}/api/predict`, { method: 'POST', headers: { ...JSON_BODY, ...key }, body });
    const text = await answer.text();
    if (answer.status === 200) this.answered.add(rain);
    else if (answer.status !== 503 || answer.headers.get('retry-after') === null)
      this.others.push(`${answer.status} ${text.slice(0, 200)}`);
    return answer.status === 200;
  }
}

async function startTraining(): Promise<string> {
  const init = { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ force: true }) };
  return eventually('a run', async () => {
    const answer = await fetch(`${weir.url}/api/pipelines/train/runs`, init);
    // As the API describes it.
    return answer.status === 200 ? ((await answer.json()) as { readonly runId: string }).runId : undefined;
  });
}

async function endOf(run: string): Promise<string> {
  return eventually(`the end of run ${run}`, async () => {
    const answer = await fetch(`${weir.url}/api/runs/${run}`);
    if (answer.status !== 200) return undefined;
    // As the API describes it.
    const { state } = (await answer.json()) as { readonly state: string };
    return ['queued', 'running'].includes(state) ? undefined : state;
  });
}

describe('a PostgreSQL that goes away under load, while a run is in progress', () => {
  it.each(ENDINGS)(
    'costs nothing but 503 when %s: answered predictions are stored once, and the run goes on by itself',
    async (_, end) => {
      const clients = new Clients();
      await eventually('answers', async () => (clients.answered.size >= ANSWERED_BETWEEN ? true : undefined));
      const run = await startTraining();
      await end();
      const before = clients.answered.size;
      await eventually('answers again', async () =>
        clients.answered.size >= before + ANSWERED_BETWEEN ? true : undefined,
      );
      await clients.stop();
      expect(await endOf(run)).toBe('succeeded');
      expect(clients.others).toEqual([]);
      const stored = await withDatabase((database) =>
        database.query<{ rain: number; count: number }>(
          `select (features ->> 'rain')::float8 as rain, count(*)::integer as count from predictions group by 1`,
        ),
      );
      const counts = new Map(stored.map((row) => [row.rain, row.count]));
      expect([...clients.answered].filter((rain) => counts.get(rain) !== 1)).toEqual([]);
      expect((await fetch(`${weir.url}/api/live`)).status).toBe(200);
      // Such as that statements overlap on one connection.
      expect(weir.output()).not.toContain('DeprecationWarning');
    },
  );
});
