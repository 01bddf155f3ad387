import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { LoginsEffects } from '#access';
import type { Engine } from '#engine';
import { dashboardsOf, type RequestCounts } from '#monitor';
import { countWaiting, fileOfRequest, ingestedFile, listWaiting } from '#pipelines';
import {
  createServer,
  type Server,
  type ServerFiles,
  type ServerOptions,
  type ServerReach,
  type ServerReload,
} from '#server';
import { isS3Address } from '#store';
import type { Environment } from '../project/config.ts';
import { isLoginRequired, type OwnKeys } from './access.ts';
import { alertChannels } from './alert-channels.ts';
import { alertRulesOf } from './alert-rules.ts';
import { artifactBytes } from './artifact-bytes.ts';
import { diskFree } from './disk-used.ts';
import { loginsOf } from './logins.ts';
import { outputFacts } from './output-facts.ts';
import { serverJobs } from './prediction-jobs.ts';
import { serverLimits } from './server-limits.ts';
import type { Unwinding } from './unwinding.ts';
import { schedulesOf, type Wiring } from './wire.ts';

export interface ServerStart {
  readonly wiring: Wiring;
  readonly engine: Engine;
  readonly log: Logger;
  readonly version: string;
  readonly environment: Environment;
  readonly requestCounts: RequestCounts;
  readonly reload: ServerReload;
  readonly reach: ServerReach;
  readonly ownKeys: OwnKeys;
  readonly loginEffects: LoginsEffects;
}

interface Listening {
  readonly stack: Unwinding;
  readonly host: string;
  readonly port: number;
}

/** Serves API and web app of a project until the stack unwinds. */
export async function startServer(start: ServerStart & Listening): Promise<Server> {
  const { stack, host, port } = start;
  const server = await createServer(toServerOptions(start));
  await server.listen({ host, port });
  stack.push(() => server.close());
  return server;
}

/** What the server needs of a project. */
export function toServerOptions(start: ServerStart): ServerOptions {
  const { wiring, engine, log, version, environment, requestCounts, reload, reach, ownKeys, loginEffects } = start;
  const { project, config, database, artifacts, duckdb, pipelines, paths } = wiring;
  const { name, title, contract } = project;
  return {
    ...{ database, artifacts, duckdb, engine, dashboards: dashboardsOf(contract), requestCounts, reload, reach },
    access: {
      isLoginRequired: isLoginRequired(config),
      processKeys: ownKeys.processKeys,
      ...loginsOf(config, database, loginEffects),
    },
    alertRules: alertRulesOf(wiring),
    alertChannels: alertChannels(config),
    factsOf: outputFacts(wiring),
    ...(contract === undefined ? {} : { contract }),
    project: {
      ...{ name, title, version, pipelines },
      environment: environment.WEIR_ENV || 'dev',
      schedules: schedulesOf(config, pipelines),
      ...(config.database.url === '' ? { passwordFile: passwordFileOf(paths) } : {}),
    },
    ...(contract === undefined ? {} : { files: filesOf(wiring), jobs: serverJobs({ wiring, engine }) }),
    measures: {
      slots: () => engine.slots(),
      artifactBytes: artifactBytes(artifacts, {
        now: () => performance.now(),
        onError: (error) => log.warn({ err: error }, 'the size of the artifacts could not be measured'),
      }),
      ...(contract === undefined
        ? {}
        : { filesWaiting: () => countWaiting({ folder: paths.data.raw, places: wiring.places }) }),
    },
    disk: { freeBytes: () => diskFree(paths.state), freeMinMb: config.server.diskFreeMinMb },
    limits: serverLimits(config.server),
    webFolder: fileURLToPath(new URL('../../../dist/web', import.meta.url)),
    logger: log.child({ part: 'server' }),
  };
}

/** Of the embedded PostgreSQL, as people write it in the folder of the project. */
const passwordFileOf = ({ project, state }: Wiring['paths']): string =>
  path.relative(project, path.join(state, 'postgres', 'password'));

/** For people: relative to the project, or the address in a bucket. */
const toShown = (project: string, file: string): string => (isS3Address(file) ? file : path.relative(project, file));

function filesOf({ paths, places, database }: Wiring): ServerFiles {
  const folder = paths.data.raw;
  return {
    receive: (name, content) => places.receive({ folder, name, content }),
    list: () => listWaiting(database, { folder, places }),
    open: (file) => places.open(file),
    ofRequest: (request) => fileOfRequest(database, request),
    ofCheck: async ({ id, file, ...check }) => {
      const { runId, parts } = await ingestedFile(database, { folders: paths.data, places, id, file, check });
      return {
        runId,
        parts: parts.map((part) => ({ ...part, file: part.path, path: toShown(paths.project, part.path) })),
      };
    },
  };
}
