import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
// By its path: a global setup is loaded without the conditions that doors resolve by.
import { connect, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '../../src/store/index.ts';
import { collectDeadRuns, runFolder } from './run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgresPort: number;
  }
}

/** The database every test database is cloned from. */
const TEMPLATE = 'weir_template';
// A test database need not survive a power loss: half of the time of a clone is waiting for the disk.
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

// Once: how much room there is changes while the tests run.
const folder = runFolder();
let started: Promise<EmbeddedPostgres> | undefined;
let server: Server;

/** Answers each test file with the address of one PostgreSQL, which starts when the first file asks. */
export async function setup(project: TestProject): Promise<void> {
  server = createServer((socket) => {
    socket.on('error', () => {});
    started ??= startTemplate();
    started.then(
      ({ url }) => socket.end(url),
      (error: unknown) => socket.end(`error ${error instanceof Error ? error.message : String(error)}`),
    );
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  project.provide('postgresPort', port);
}

export async function teardown(): Promise<void> {
  server.close();
  const embedded = await started?.catch(() => undefined);
  await embedded?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function startTemplate(): Promise<EmbeddedPostgres> {
  await collectDeadRuns();
  const embedded = await startEmbeddedPostgres({
    stateFolder: path.join(folder, 'state'),
    log: () => {},
    settings: SETTINGS,
  });
  const admin = connect({ url: embedded.url, poolSize: 1 });
  await admin.query(`create database ${TEMPLATE}`);
  await admin.close();
  const template = connect({ url: toDatabase(embedded.url, TEMPLATE), poolSize: 1 });
  await migrate(template);
  await template.close();
  return embedded;
}

function toDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}
