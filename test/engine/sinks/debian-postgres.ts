import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { connect } from '#store';
import { freePort } from '../../free-port.ts';

const ROOT = '/usr/lib/postgresql';
/** Any uid that is not root's: PostgreSQL refuses to run as root. */
const NOBODY = 65534;
const STARTED = /ready to accept connections/;

/** Folder with the programs of a PostgreSQL that Debian installed; undefined where there is none. */
export function maybeDebianPostgres(): string | undefined {
  if (!existsSync(ROOT)) return undefined;
  const folders = readdirSync(ROOT).map((version) => path.join(ROOT, version, 'bin'));
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')));
}

/** A server of another major version than the embedded one, for the tests of one file. */
export async function startDebianPostgres(
  programs: string,
): Promise<{ readonly url: string; readonly version: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'weir-debian-postgres-'));
  const password = path.join(folder, 'password');
  await writeFile(password, 'secret');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await Promise.all([folder, password].map((each) => chown(each, NOBODY, NOBODY)));
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const data = path.join(folder, 'data');
  const init = ['--pgdata', data, '--username', 'weir', '--pwfile', password, '--auth', 'scram-sha-256', '--no-sync'];
  const made = spawn(path.join(programs, 'initdb'), init, { ...user, cwd: folder, stdio: 'ignore' });
  const [code] = await once(made, 'exit');
  if (code !== 0) throw new Error(`initdb of ${programs} ended with ${code}.`);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(path.join(programs, 'postgres'), ['-D', data, ...flags], { ...user, cwd: folder });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (STARTED.test(said)) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres of ${programs} did not start: ${said}`)));
  });
  const url = `postgres://weir:secret@127.0.0.1:${port}/postgres`;
  const asked = connect({ url, poolSize: 1 });
  const [row] = await asked.query<{ version: string }>('show server_version');
  await asked.close();
  return {
    url,
    version: row?.version ?? '',
    stop: async () => {
      const exited = once(server, 'exit');
      server.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
