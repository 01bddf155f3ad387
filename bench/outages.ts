import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Clients } from './outage-clients.ts';
import { type ServedCopy, serveCopy } from './serve-copy.ts';
import type { Suite } from './suite.ts';
import { table } from './table.ts';

const CLIENTS = 150;
const OUTAGES = 10;
const LOAD_MS = 2000;
/** After an outage so many more predictions have to be answered before the next. */
const ANSWERED_AGAIN = 500;

type End = (server: ServedCopy) => Promise<void>;

const byDatabase =
  (end: (database: pg.Client) => Promise<void>): End =>
  ({ project }) =>
    withDatabase(project, end);

/** What ends, and how. */
const ENDINGS: Readonly<Record<string, End>> = {
  'connections of PostgreSQL terminated': byDatabase(async (database) => {
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
  }),
  'PostgreSQL stopped fast': byDatabase(async (database) => void process.kill(await postmasterOf(database), 'SIGINT')),
  'PostgreSQL killed': byDatabase(async (database) => void process.kill(await postmasterOf(database), 'SIGKILL')),
  'Weir killed': (server) => server.killAndStart(),
};

/** A server of what was built, which is killed, or whose PostgreSQL goes away, again and again while many clients predict. */
export const outagesSuite: Suite = {
  name: 'outages',
  run: async function* ({ folder, say }) {
    const rows: (readonly string[])[] = [];
    for (const [ending, end] of Object.entries(ENDINGS)) {
      say(`${ending}, ${OUTAGES} times under ${CLIENTS} clients`);
      rows.push(await suffer(ending, { end, scratch: folder }));
    }
    const header = [
      '',
      'times',
      'answered',
      'of them stored once',
      'told to come again',
      'other answers',
      'server at the end',
    ];
    yield `### What goes away under ${CLIENTS} clients, half of them with idempotency keys\n\n${table(header, rows)}`;
  },
};

interface Suffering {
  readonly end: End;
  readonly scratch: string;
}

async function suffer(ending: string, { end, scratch }: Suffering): Promise<readonly string[]> {
  const server = await serveCopy('test/fixtures/harvest', scratch);
  const { project } = server;
  try {
    const clients = new Clients(server.url, CLIENTS);
    for (let outage = 0; outage < OUTAGES; outage += 1) {
      await delay(LOAD_MS);
      await end(server);
      const before = clients.answered.size;
      while (clients.answered.size < before + ANSWERED_AGAIN) {
        if (server.process.exitCode !== null) break;
        await delay(50);
      }
    }
    await clients.stop();
    const once = await withDatabase(project, (database) => storedOnce(database, clients.answered));
    const { exitCode, signalCode } = server.process;
    const isAlive = exitCode === null && signalCode === null;
    return [
      ...[ending, String(OUTAGES), String(clients.answered.size), String(once), String(clients.refused)],
      ...[clients.others.join(', ') || 'none', isAlive ? 'running' : 'ended'],
    ];
  } finally {
    await server.remove();
  }
}

/** Asks the project's database with a connection of its own, again until it is there. */
async function withDatabase<T>(project: string, ask: (database: pg.Client) => Promise<T>): Promise<T> {
  for (;;) {
    // The server writes it, with an address that is a text.
    const { databaseUrl } = JSON.parse(readFileSync(path.join(project, '.weir', 'server.json'), 'utf8')) as {
      readonly databaseUrl: string;
    };
    const client = new pg.Client({ connectionString: databaseUrl, options: '-c search_path=weir' });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch {
      await delay(100);
      continue;
    }
    try {
      return await ask(client);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** The server behind a connection: the parent of the process that serves it. */
async function postmasterOf(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const status = readFileSync(`/proc/${rows[0]?.pid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}

/** How many of the answered predictions the database has exactly once. */
async function storedOnce(database: pg.Client, answered: ReadonlySet<number>): Promise<number> {
  const { rows } = await database.query<{ rain: number; count: number }>(
    `select (features ->> 'rain')::float8 as rain, count(*)::integer as count from predictions group by 1`,
  );
  const counts = new Map(rows.map(({ rain, count }) => [rain, count]));
  return [...answered].filter((rain) => counts.get(rain) === 1).length;
}
