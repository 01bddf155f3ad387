import path from 'node:path';
import { reportPath } from '#api';
import { withoutRoles } from '#contracts';
import type { Pipeline, Schedule, Task } from '#engine';
import {
  type FeedOptions,
  feedPipeline,
  feedRegistry,
  feedTask,
  ingestPipeline,
  ingestRegistry,
  ingestTasks,
  type Project,
  predictPipeline,
  predictRegistry,
  predictTasks,
  trainPipeline,
  trainRegistry,
  trainTasks,
} from '#pipelines';
import { type ArtifactDriver, connect, type Database, type DuckdbPool, fsArtifacts, openDuckdbPool } from '#store';
import type { Config } from './config.ts';
import { connectionsOf } from './connections.ts';
import type { ProjectPaths } from './paths.ts';
import { httpPredictionClient } from './prediction-client.ts';

/** One project put together: the same in the process that schedules and in those that run tasks. */
export interface Wiring {
  readonly project: Project;
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly connections: (name: string) => Database;
  readonly tasks: readonly Task[];
  readonly pipelines: readonly Pipeline[];
  close(): Promise<void>;
}

export interface WiringOptions {
  readonly project: Project;
  readonly paths: ProjectPaths;
  readonly config: Config;
  readonly databaseUrl: string;
  /** Address of this Weir's own API, for scheduled predictions. */
  readonly apiUrl: string;
}

/** Opens what the parts stand on and builds the project's tasks and pipelines. Starts nothing. */
export async function wire({ project, paths, config, databaseUrl, apiUrl }: WiringOptions): Promise<Wiring> {
  const database = connect({ url: databaseUrl });
  const artifacts = await fsArtifacts({ folder: paths.artifacts });
  const duckdb = openDuckdbPool({
    memoryLimitMb: config.duckdb.memoryLimitMb,
    threads: config.duckdb.threads,
    temporaryFolder: path.join(paths.state, 'duckdb'),
    size: config.engine.slots,
  });
  const connections = connectionsOf(config, database);
  const built = buildPipelines({
    project,
    config,
    paths,
    database,
    artifacts,
    duckdb,
    apiUrl,
    connections: connections.of,
  });
  return {
    project,
    config,
    paths,
    database,
    artifacts,
    connections: connections.of,
    ...built,
    close: async () => {
      await duckdb.close();
      await connections.close();
      await database.close();
    },
  };
}

interface Parts {
  readonly project: Project;
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly connections: (name: string) => Database;
  readonly apiUrl: string;
}

function buildPipelines(parts: Parts): { readonly tasks: readonly Task[]; readonly pipelines: readonly Pipeline[] } {
  const { project, config, paths, database, artifacts, duckdb, apiUrl, connections } = parts;
  const incoming = withoutRoles(project.contract, ['label']);
  const publicUrl = config.server.publicUrl === '' ? apiUrl : config.server.publicUrl;
  const ingestOptions = {
    contract: incoming,
    duckdb,
    database,
    folders: paths.data,
    alertChannels: alertChannelNames(config),
    reportUrl: (checkId: string) => new URL(reportPath(checkId), publicUrl).href,
  };
  const predictOptions = {
    contract: incoming,
    database,
    duckdb,
    folders: paths.data,
    client: httpPredictionClient(apiUrl),
    model: project.name,
  };
  const trainOptions = {
    project,
    projectFolder: paths.project,
    connections,
    database,
    artifacts,
    duckdb,
    ...config.training,
  };
  const ingest = ingestTasks(ingestOptions);
  const predict = predictTasks(predictOptions);
  const train = trainTasks(trainOptions);
  const feed = feedOptions({ config, paths, project });
  const feedOne = feed && feedTask(feed);
  return {
    tasks: [
      ...ingestRegistry(ingest),
      ...predictRegistry(predict),
      ...trainRegistry(train),
      ...(feedOne ? feedRegistry(feedOne) : []),
    ],
    pipelines: [
      ingestPipeline(ingestOptions, ingest),
      predictPipeline(predictOptions, predict),
      trainPipeline(trainOptions, train),
      ...(feed && feedOne ? [feedPipeline(feed, feedOne)] : []),
    ],
  };
}

function feedOptions({ config, paths, project }: Pick<Parts, 'config' | 'paths' | 'project'>): FeedOptions | undefined {
  const { file, ...feed } = config.feed;
  if (file === '') return undefined;
  return {
    ...feed,
    file: path.resolve(paths.state, file),
    contract: withoutRoles(project.contract, ['label']),
    partsFolder: path.join(paths.state, 'feed'),
    rawFolder: paths.data.raw,
  };
}

/** Channels that have an address, by the names deliveries are recorded under. */
export function alertChannelNames({ alerts }: Config): readonly string[] {
  return [...(alerts.teamsUrl === '' ? [] : ['teams']), ...(alerts.webhookUrl === '' ? [] : ['webhook'])];
}

/** What runs by the clock; `off` leaves a pipeline out. */
export function schedulesOf({ schedules }: Config, pipelines: readonly Pipeline[]): readonly Schedule[] {
  const { timeZone, ...crons } = schedules;
  return Object.entries(crons)
    .filter(([pipeline, cron]) => cron !== 'off' && pipelines.some(({ name }) => name === pipeline))
    .map(([pipeline, cron]) => ({ pipeline, cron, timeZone }));
}
