import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Engine } from '#engine';
import { dashboards } from '#monitor';
import { createServer } from '#server';
import type { Environment } from '../project/config.ts';
import type { Unwinding } from './unwinding.ts';
import { schedulesOf, type Wiring } from './wire.ts';

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
    ...{ database, artifacts, engine, dashboards },
    ...(contract === undefined ? {} : { contract }),
    project: {
      ...{ name, title, version, pipelines },
      environment: environment.WEIR_ENV || 'dev',
      schedules: schedulesOf(config, pipelines),
    },
    webFolder: fileURLToPath(new URL('../../../dist/web', import.meta.url)),
    logger: log.child({ part: 'server' }),
  });
  await server.listen({ host, port });
  stack.push(() => server.close());
}
