import { WORKER_LABEL } from '#api';
import {
  type Executor,
  noteCodeBundle,
  pgBossTransport,
  remoteExecutor,
  type Transport,
  temporalTransport,
} from '#engine';
import type { Database } from '#store';
import type { Config } from '../project/config.ts';
import { runtimeOf } from '../project/project-code.ts';
import { storeCode } from './code-bundle.ts';
import type { OpenedProject } from './start-project.ts';

/** The code of a server that runs for months stays stored. */
const CODE_NOTED_EVERY_MS = 3_600_000;

export interface TransportStart {
  readonly database: Database;
  readonly config: Config;
  readonly runtime: string;
  readonly warn: (message: string, error: unknown) => void;
}

/** What brings task runs to workers, by the settings. */
export async function openTransport({ database, config, runtime, warn }: TransportStart): Promise<Transport> {
  const { transport, temporal } = config.engine.remote;
  if (transport === 'temporal') {
    const { loadTemporal } = await import('./temporal-packages.ts');
    return temporalTransport({ ...temporal, runtime, warn }, await loadTemporal());
  }
  const mayMigrate = config.database.migrate === 'start';
  return pgBossTransport({ database, runtime, mayMigrate, warn });
}

/** Labels that a worker serves unless it is given some: every pool, and tasks without one. */
export const labelsOf = ({ engine }: Config): readonly string[] => [WORKER_LABEL, ...Object.keys(engine.pools)];

/** An executor whose task runs go to workers, which fetch the code of this load of the project. */
export async function openRemoteExecutor(started: OpenedProject): Promise<Executor> {
  const { wiring, projectModule, code, version, log, own } = started;
  const { config, database, artifacts, tasks, paths } = wiring;
  const warn = (message: string, error: unknown): void => log.warn({ err: error }, message);
  const digest = await storeCode({ projectModule, codeIndex: code.index }, { database, artifacts, paths });
  const noting = setInterval(() => {
    noteCodeBundle(database, digest).catch((error: unknown) => warn('The code of workers could not be kept', error));
  }, CODE_NOTED_EVERY_MS);
  noting.unref();
  own.push(async () => clearInterval(noting));
  const runtime = await runtimeOf(paths.project, version);
  const labels = new Map(tasks.map(({ name, pool }) => [name, pool?.name ?? WORKER_LABEL]));
  return remoteExecutor({
    transport: await openTransport({ database, config, runtime, warn }),
    ...{ database, warn, code: digest, slots: config.engine.remote.inFlight },
    labels: [...new Set(labels.values()), WORKER_LABEL],
    labelOf: (task) => labels.get(task) ?? WORKER_LABEL,
  });
}
