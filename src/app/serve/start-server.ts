import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Engine } from '#engine';
import { dashboardsOf } from '#monitor';
import { listWaiting, receiveFile } from '#pipelines';
import { createServer, type ServerFiles } from '#server';
import type { Environment } from '../project/config.ts';
import type { Unwinding } from './unwinding.ts';
import { schedulesOf, type Wiring } from './wire.ts';

const BYTES_PER_MB = 1024 * 1024;

export interface ServerStart {
  readonly wiring: Wiring;
  readonly engine: Engine;
  readonly log: Logger;
  readonly stack: Unwinding;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly environment: Environment;
}

/** Serves API and web app of a project until the stack unwinds. */
export async function startServer(start: ServerStart): Promise<void> {
  const { wiring, engine, log, stack, host, port, version, environment } = start;
  const { project, config, database, artifacts, pipelines } = wiring;
  const { name, title, contract } = project;
  const server = await createServer({
    ...{ database, artifacts, engine, dashboards: dashboardsOf(contract) },
    ...(contract === undefined ? {} : { contract }),
    project: {
      ...{ name, title, version, pipelines },
      environment: environment.WEIR_ENV || 'dev',
      schedules: schedulesOf(config, pipelines),
    },
    ...(contract === undefined ? {} : { files: filesOf(wiring) }),
    limits: { uploadBytes: config.server.uploadMaxMb * BYTES_PER_MB },
    webFolder: fileURLToPath(new URL('../../../dist/web', import.meta.url)),
    logger: log.child({ part: 'server' }),
  });
  await server.listen({ host, port });
  stack.push(() => server.close());
}

function filesOf({ paths, database }: Wiring): ServerFiles {
  const folder = paths.data.raw;
  return {
    receive: (name, content) => receiveFile({ folder, name, content }),
    list: () => listWaiting(database, folder),
  };
}
