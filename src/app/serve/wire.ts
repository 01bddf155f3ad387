import path from 'node:path';
import { type AnyTask, GOALS_PIPELINE, type Pipeline, type Schedule, type Sink, sqlSink, withoutWatch } from '#engine';
import { type DataPlaces, localPlaces, type Project } from '#pipelines';
import { type ArtifactDriver, connect, type Database, type DuckdbPool, maybeNearestName, openDuckdbPool } from '#store';
import { withChecksOf } from '../project/checks.ts';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import type { ProjectPaths } from '../project/paths.ts';
import type { ProjectCode } from '../project/project-code.ts';
import { connectionsOf } from './connections.ts';
import { openArtifacts, openPlaces } from './open-artifacts.ts';
import { wireCleanup } from './wire-cleanup.ts';
import { type TasksAndPipelines, wireModel } from './wire-model.ts';

/** The wiring of a project: the same in the process that schedules and in those that run tasks. */
export interface Wiring {
  readonly project: Project;
  readonly config: Config;
  readonly paths: ProjectPaths;
  /** What reads and writes the data folders. */
  readonly places: DataPlaces;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly connections: (name: string) => Database;
  readonly tasks: readonly AnyTask[];
  /** Code fingerprints of tasks without an explicit version, by name. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly pipelines: readonly Pipeline[];
  /** The named connections, and what the project adds. */
  readonly sinks: readonly Sink[];
  close(): Promise<void>;
}

export interface WiringOptions {
  readonly project: Project;
  /** The project's own tasks, as they were built. */
  readonly code: ProjectCode;
  readonly paths: ProjectPaths;
  readonly config: Config;
  readonly databaseUrl: string;
  /** Address of this Weir's own API, for links. */
  readonly apiUrl: string;
}

/** Opens what the parts need and builds the project's tasks and pipelines. Starts nothing. */
export async function wire(options: WiringOptions): Promise<Wiring> {
  const { code, paths, config, databaseUrl, apiUrl } = options;
  const project = withChecksOf(options.project, config);
  const database = connect({ url: databaseUrl, poolSize: config.database.poolSize });
  const artifacts = await openArtifacts(config, paths);
  const places = project.contract === undefined ? localPlaces : await openPlaces(config, paths);
  const duckdb = openDuckdbPool({
    memoryLimitMb: config.duckdb.memoryLimitMb,
    threads: config.duckdb.threads,
    replaceAfter: config.duckdb.replaceAfter,
    temporaryFolder: path.join(paths.state, 'duckdb'),
    size: config.engine.slots,
  });
  const connections = connectionsOf(config, databaseUrl);
  const close = async (): Promise<void> => {
    await duckdb.close();
    await connections.close();
    await database.close();
  };
  const base = { config, paths, places, database, artifacts, duckdb, connections: connections.of };
  try {
    for (const source of project.sources) source.connect(connections.of);
    const sinks = [
      ...Object.keys(config.connections).map((name) => sqlSink({ name, database: connections.of(name) })),
      ...(project.sinks?.({ connection: connections.of }) ?? []),
    ];
    const built = putTogether({ ...base, project, code, apiUrl, sinks });
    return { ...base, project, ...built, sinks, fingerprints: code.fingerprints, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts extends Omit<Parameters<typeof wireModel>[0], 'project'> {
  readonly project: Project;
  readonly code: ProjectCode;
  readonly sinks: readonly Sink[];
  readonly duckdb: DuckdbPool;
}

function putTogether({ project, code, ...parts }: Parts): TasksAndPipelines {
  const ofModel = project.contract === undefined ? { tasks: [], pipelines: [] } : wireModel({ ...parts, project });
  // Strict mode is for the project's own tasks: those of Weir and of sources read folders and tables on purpose.
  const ours = [...ofModel.tasks, ...project.sources.flatMap((source) => source.tasks)].map(withoutWatch);
  const tasks = [...ours, ...code.tasks];
  const cleanup = wireCleanup({ ...parts, code, tasks });
  const pipelines = [...ofModel.pipelines, ...cleanup.pipelines, ...project.pipelines];
  const names = [GOALS_PIPELINE, ...pipelines.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new UsageError(
      'project_invalid',
      `Two pipelines of project ${project.name} are named ${twice}. Rename its own.`,
    );
  return { tasks: [...tasks, ...cleanup.tasks.map(withoutWatch)], pipelines };
}

/** Weir's own pipelines; a project without some of them need not switch their schedules off. */
const OWN_PIPELINES: readonly string[] = [
  ...['ingest', 'labels', 'predict', 'prediction-job', 'train', 'monitor', 'feed', 'cleanup'],
];

/**
 * What runs on a schedule; `off` leaves a pipeline out. Throws when the configuration names a pipeline that does not
 * exist.
 */
export function schedulesOf({ schedules }: Config, pipelines: readonly Pipeline[]): readonly Schedule[] {
  const { timeZone, ...given } = schedules;
  const names = pipelines.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name) && !OWN_PIPELINES.includes(name));
  if (unknown !== undefined) throw unknownPipeline(unknown, names);
  return Object.entries(given)
    .map(([pipeline, schedule]) => {
      const { cron, ...options } = typeof schedule === 'string' ? { cron: schedule, timeZone: undefined } : schedule;
      return { ...options, pipeline, cron, timeZone: options.timeZone ?? timeZone };
    })
    .filter(({ pipeline, cron }) => cron !== 'off' && names.includes(pipeline));
}

function unknownPipeline(given: string, names: readonly string[]): UsageError {
  const nearest = maybeNearestName(given, [...names, ...OWN_PIPELINES]);
  const hint = nearest === undefined ? '' : ` Did you mean schedules.${nearest}?`;
  return new UsageError(
    'config_invalid',
    `schedules.${given} in config/ names no pipeline of this project. Its pipelines: ${names.join(', ') || 'none'}.${hint}`,
  );
}
