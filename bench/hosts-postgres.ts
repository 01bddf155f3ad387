import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { debianPrograms, findAccount } from '../test/postgres/debian-postgres.ts';
import { type Host, onHost } from './hosts-network.ts';

const run = promisify(execFile);
const PORT = 5432;
const START_MS_MAX = 60_000;
const PAUSE_MS = 100;
/** A question is asked again, over a new connection, when it is not answered so soon: its host may be cut off. */
const ANSWER_MS_MAX = 2_000;

/** A PostgreSQL on a host, which is stopped, killed and started again over the same data. */
export interface HostPostgres {
  urlOf(database: string): string;
  /** Ends connections, not the data; resolves when it has ended. */
  stop(signal: 'SIGINT' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
}

export async function startPostgres(host: Host, scratch: string): Promise<HostPostgres> {
  const programs = debianPrograms();
  const { uid = 0, gid = uid } = await findAccount();
  const folder = path.join(scratch, 'postgres');
  await mkdir(folder, { recursive: true });
  await chown(folder, uid, gid);
  const data = path.join(folder, 'data');
  const create = ['--pgdata', data, '--username', 'weir', '--auth', 'trust', '--no-sync', '--locale', 'C.UTF-8'];
  await run(path.join(programs, 'initdb'), create, { uid, gid, cwd: folder });
  await appendFile(path.join(data, 'pg_hba.conf'), 'host all all 10.77.0.0/24 trust\n');
  const settings = ['fsync=off', 'listen_addresses=*', `port=${PORT}`, `unix_socket_directories=${folder}`];
  const urlOf = (database: string): string => `postgres://weir@${host.address}:${PORT}/${database}`;
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    const deadline = Date.now() + START_MS_MAX;
    const [program = '', ...words] = [
      ...onHost(host),
      ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', path.join(programs, 'postgres'), '-D', data],
      ...settings.flatMap((setting) => ['-c', setting]),
    ];
    const begin = (): void => {
      server = spawn(program, words, { cwd: folder, stdio: 'ignore' });
    };
    begin();
    while ((await maybeAsk(urlOf('postgres'), 'select 1')) === undefined) {
      if (Date.now() > deadline) throw new Error(`PostgreSQL did not start within ${START_MS_MAX / 1000} s.`);
      // After a kill it refuses to start until the last of its processes has noticed.
      if (server.exitCode !== null) begin();
      await delay(PAUSE_MS);
    }
  };
  await start();
  return {
    urlOf,
    start,
    stop: async (signal) => {
      const ended = once(server, 'exit');
      server.kill(signal);
      await ended;
    },
  };
}

/** The rows; undefined when the database cannot be asked now. */
export async function maybeAsk<Row extends object>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[] | undefined> {
  const times = { connectionTimeoutMillis: ANSWER_MS_MAX, query_timeout: ANSWER_MS_MAX };
  const client = new pg.Client({ connectionString: url, ...times });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql, [...values])).rows;
  } catch (error) {
    // A mistake in the question is no outage.
    if (error instanceof pg.DatabaseError && error.code?.startsWith('42')) throw error;
    return undefined;
  } finally {
    // One that hangs is dropped.
    await Promise.race([client.end().catch(() => undefined), delay(PAUSE_MS)]);
  }
}
