import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openSparkEngine, type SparkEngine } from '../../src/store/engines/spark/spark-engine.ts';
import { canTest } from '../can-test.ts';
import { freePort } from '../free-port.ts';

const SAIL = path.resolve('node_modules/.cache/sail/bin/sail');
const START_MS_MAX = 60_000;

/** Whether there is a server to use or a Sail to start, or must be, as in CI. Says so when tests are skipped. */
export function canTestSpark(): boolean {
  return canTest(
    process.env.WEIR_SPARK_URL !== undefined || existsSync(SAIL),
    'The tests on Spark are skipped: run "python3 -m venv node_modules/.cache/sail && node_modules/.cache/sail/bin/pip install pysail==0.7.2", or set WEIR_SPARK_URL to a server.',
  );
}

/** A server of the protocol of Spark Connect. */
export interface SparkServer {
  readonly url: string;
  readonly isSail: boolean;
  open(tag?: string): Promise<SparkEngine>;
  stop(): Promise<void>;
}

/** Starts Sail on loopback, or uses the server that WEIR_SPARK_URL names, which is how the same tests run on Spark itself. */
export async function startSpark(): Promise<SparkServer> {
  const given = process.env.WEIR_SPARK_URL;
  const { url, stop } = given === undefined ? await startSail() : { url: given, stop: async () => {} };
  return { url, isSail: given === undefined, stop, open: (tag = 'test') => openSparkEngine({ url }, { tag }) };
}

async function startSail(): Promise<Pick<SparkServer, 'url' | 'stop'>> {
  const port = await freePort();
  const url = `sc://127.0.0.1:${port}`;
  const child = spawn(SAIL, ['spark', 'server', '--ip', '127.0.0.1', '--port', String(port)], {
    env: { ...process.env, SAIL_MODE: 'local', SAIL_EXECUTION__DEFAULT_PARALLELISM: '2' },
    stdio: 'ignore',
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await untilOpen(url, child).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, stop };
}

/** Asking connects again and again by itself. */
async function untilOpen(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS_MAX;
  for (;;) {
    try {
      const engine = await openSparkEngine({ url }, { tag: 'start' });
      return await engine.close();
    } catch (error) {
      if (Date.now() > until || child.exitCode !== null) throw error;
    }
  }
}
