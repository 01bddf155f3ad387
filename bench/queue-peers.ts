import { Logger, makeWorkerUtils, run as runGraphile } from 'graphile-worker';
import { connect } from '#store';
import { withDatabase } from './engine-durable.ts';
import { usedSeconds } from './processor-time.ts';
import type { Throughput } from './queue-ours.ts';

const CONCURRENCY = 40;

/** Its default prints a line for each job. */
const logger = new Logger(() => () => undefined);

/** graphile-worker as its documentation tunes it: bare jobs without results, in one process. */
export function measureGraphile(scratch: string, jobs: number): Promise<Throughput> {
  return withDatabase(scratch, async ({ url }) => {
    const utils = await makeWorkerUtils({ connectionString: url, logger });
    await utils.migrate();
    const own = process.cpuUsage();
    const before = usedSeconds();
    const started = performance.now();
    const database = connect({ url, poolSize: 1 });
    await database.query(
      `select graphile_worker.add_job('noop', json_build_object('n', n)) from generate_series(1, $1) as n`,
      [jobs],
    );
    await database.close();
    let ended = 0;
    let allEnded: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      allEnded = resolve;
    });
    const noop = async (): Promise<void> => {
      if (++ended === jobs) allEnded();
    };
    const running = runGraphile({
      ...{ connectionString: url, concurrency: CONCURRENCY, noHandleSignals: true, pollInterval: 100, logger },
      taskList: { noop },
    });
    await all;
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(own);
    const workers = (user + system) / 1e6;
    const used = { scheduler: 0, workers, servers: usedSeconds() - before - workers };
    // Few jobs may have ended before it says that it runs.
    await (await running).stop();
    await utils.release();
    return { goals: jobs, seconds, used };
  });
}
