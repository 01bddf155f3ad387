import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Clients } from './outage-clients.ts';
import type { Suite } from './suite.ts';
import { table } from './table.ts';

const CLIENTS = 150;
const OUTAGES = 5;
const LOAD_MS = 2000;
/** After an outage so many more predictions have to be answered before the next. */
const ANSWERED_AGAIN = 500;

const repository = fileURLToPath(new URL('..', import.meta.url));

/** How the database goes away. */
const ENDINGS: Readonly<Record<string, (database: pg.Client) => Promise<void>>> = {
  'its connections terminated': async (database) => {
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
  },
  'stopped fast': async (database) => void process.kill(await postmasterOf(database), 'SIGINT'),
  killed: async (database) => void process.kill(await postmasterOf(database), 'SIGKILL'),
};

/** A server of what was built, whose PostgreSQL goes away again and again while many clients predict. */
export const outagesSuite: Suite = {
  name: 'outages',
  run: async function* ({ folder, say }) {
    const rows: (readonly string[])[] = [];
    for (const [ending, end] of Object.entries(ENDINGS)) {
      say(`PostgreSQL ${ending}, ${OUTAGES} times under ${CLIENTS} clients`);
      rows.push(await suffer(ending, { end, scratch: folder }));
    }
    const header = [
      'PostgreSQL',
      'outages',
      'answered',
      'of them stored once',
      'told to come again',
      'other answers',
      'server',
    ];
    yield `### A database that goes away under ${CLIENTS} clients, half of them with idempotency keys\n\n${table(header, rows)}`;
  },
};

interface Suffering {
  readonly end: (database: pg.Client) => Promise<void>;
  readonly scratch: string;
}

async function suffer(ending: string, { end, scratch }: Suffering): Promise<readonly string[]> {
  const project = path.join(mkdtempSync(path.join(scratch, 'outages-')), 'harvest');
  cpSync(path.join(repository, 'test/fixtures/harvest'), project, { recursive: true });
  const server = await serve(project);
  try {
    const clients = new Clients(server.url, CLIENTS);
    for (let outage = 0; outage < OUTAGES; outage += 1) {
      await delay(LOAD_MS);
      await withDatabase(project, end);
      const before = clients.answered.size;
      while (clients.answered.size < before + ANSWERED_AGAIN) {
        if (server.process.exitCode !== null) break;
        await delay(50);
      }
    }
    await clients.stop();
    const once = await withDatabase(project, (database) => storedOnce(database, clients.answered));
    const { exitCode, signalCode } = server.process;
    return [
      ...[ending, String(OUTAGES), String(clients.answered.size), String(once), String(clients.refused)],
      ...[clients.others.join(', ') || 'none', exitCode === null && signalCode === null ? 'the same process' : 'ended'],
    ];
  } finally {
    server.process.kill('SIGINT');
    if (server.process.exitCode === null) await new Promise((resolve) => server.process.once('exit', resolve));
    rmSync(path.dirname(project), { recursive: true, force: true });
  }
}

async function serve(project: string): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const args = ['bin/weir.mjs', 'serve', '--project', project, '--port', '0'];
  const child = spawn(process.execPath, args, { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
      const found = /Weir is running at (http:\/\/\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`weir ended before it ran:\n${output}`)));
  });
  return { process: child, url };
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
