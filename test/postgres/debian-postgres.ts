import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { canTest } from '../can-test.ts';
import { freePort } from '../free-port.ts';

const run = promisify(execFile);
const VERSIONS = '/usr/lib/postgresql';
const BOUNCER = '/usr/sbin/pgbouncer';

/** Folder of the programs of the PostgreSQL of this machine, such as that of Debian: another major than the embedded one. */
function maybePrograms(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  return readdirSync(VERSIONS)
    .map((version) => path.join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(path.join(folder, 'postgres')));
}

/** The same; throws when there is none. */
export function debianPrograms(): string {
  const programs = maybePrograms();
  if (programs !== undefined) return programs;
  throw new Error('Expected the packages "postgresql" and "pgbouncer", as CI must test on another PostgreSQL.');
}

/** Whether there is a PostgreSQL and a PgBouncer beside the embedded one, or must be, as in CI. Says so when tests are skipped. */
export function canTestDebianPostgres(): boolean {
  return canTest(
    maybePrograms() !== undefined && existsSync(BOUNCER),
    'The tests on another PostgreSQL are skipped: install the packages "postgresql" and "pgbouncer".',
  );
}

/** PostgreSQL refuses root; the package made this account. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

export interface DebianPostgres {
  /** Address of the database `postgres`, for its administrator. */
  readonly url: string;
  readonly port: number;
  /** Runs one of its programs, such as `pg_dump`. */
  program(name: string, args: readonly string[]): Promise<string>;
  /** Address of a PgBouncer in front of it that keeps a connection for each session. */
  startBouncer(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it on loopback, with data of its own that go at the end. */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  const programs = debianPrograms();
  const account = await findAccount();
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-debian-postgres-'));
  if (account.uid !== undefined) await chown(folder, account.uid, account.gid ?? account.uid);
  const data = path.join(folder, 'data');
  const initdb = path.join(programs, 'initdb');
  await run(initdb, ['--pgdata', data, '--username', 'weir', '--auth', 'trust', '--no-sync'], {
    ...account,
    cwd: folder,
  });
  const port = await freePort();
  const ends: (() => Promise<void>)[] = [];
  const start = async (command: string, args: readonly string[], isReady: RegExp): Promise<void> => {
    const child = spawn(command, args, { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    ends.unshift(async () => {
      child.kill('SIGINT');
      await ended;
    });
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      lines.push(line);
      if (isReady.test(line)) {
        child.stderr.resume();
        return;
      }
    }
    throw new Error(`${command} ended before it was ready:\n${lines.join('\n')}`);
  };
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`];
  await start(
    path.join(programs, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    /ready to accept connections/,
  );
  return {
    url: `postgres://weir@127.0.0.1:${port}/postgres`,
    port,
    program: async (name, args) => (await run(path.join(programs, name), [...args], { maxBuffer: 1e9 })).stdout,
    startBouncer: async () => {
      const listening = await freePort();
      const settingsFile = path.join(folder, 'pgbouncer.ini');
      await writeFile(settingsFile, bouncerSettings({ port, listening }));
      await chmod(settingsFile, 0o644);
      await start(BOUNCER, [settingsFile], /process up/);
      return `postgres://weir@127.0.0.1:${listening}/postgres`;
    },
    stop: async () => {
      for (const end of ends) await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function bouncerSettings({ port, listening }: { readonly port: number; readonly listening: number }): string {
  return [
    '[databases]',
    `* = host=127.0.0.1 port=${port} user=weir`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${listening}`,
    'auth_type = any',
    'pool_mode = session',
    'default_pool_size = 60',
    '',
  ].join('\n');
}

export async function findAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}
