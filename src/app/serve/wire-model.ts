import path from 'node:path';
import { pages, reportPath } from '#api';
import { columnWithRole } from '#contracts';
import type { AnyTask, Pipeline } from '#engine';
import {
  arrivingContract,
  type DataPlaces,
  type FeedOptions,
  feedPipeline,
  feedRegistry,
  feedTasks,
  ingestPipeline,
  ingestRegistry,
  ingestTasks,
  type JobPredictor,
  jobPipeline,
  jobRegistry,
  jobTasks,
  labelsPipeline,
  labelsRegistry,
  labelsTasks,
  type ModelProject,
  type MonitorOptions,
  monitorPipeline,
  monitorRegistry,
  monitorTasks,
  type PredictionClient,
  predictPipeline,
  predictRegistry,
  predictTasks,
  trainPipeline,
  trainRegistry,
  trainTasks,
} from '#pipelines';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import type { Config } from '../project/config.ts';
import { lightgbmLibrary } from '../project/lightgbm-library.ts';
import type { ProjectPaths } from '../project/paths.ts';
import { alertRoutes } from './alert-routes.ts';
import { httpPredictionClient } from './http-prediction-client.ts';

/** What the pipelines of a model need. */
export interface ModelParts {
  readonly project: ModelProject;
  readonly config: Config;
  readonly paths: ProjectPaths;
  /** What reads and writes the data folders. */
  readonly places: DataPlaces;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly connections: (name: string) => Database;
  /** Address of this Weir's own API, for links. */
  readonly apiUrl: string;
}

export interface TasksAndPipelines {
  readonly tasks: readonly AnyTask[];
  readonly pipelines: readonly Pipeline[];
}

/** Weir's own tasks and pipelines for a project with a model: ingest, labels, predict, train, monitor, and feed when there is one. */
export function wireModel(parts: ModelParts): TasksAndPipelines {
  const { project, config, paths, places, database, artifacts, duckdb, apiUrl, connections } = parts;
  const incoming = arrivingContract(project.contract);
  const publicUrl = config.server.url === '' ? apiUrl : config.server.url;
  const data = { database, duckdb, folders: paths.data, places };
  const ingestOptions = {
    ...{ ...data, model: project.name, contract: incoming, references: project.references },
    alertChannels: alertRoutes(config),
    reportUrl: (checkId: string) => new URL(reportPath(checkId), publicUrl).href,
  };
  const labelOptions = {
    ...{ ...data, model: project.name, contract: project.contract },
    alertChannels: alertRoutes(config),
    runUrl: (runId: string) => new URL(pages.run.replace('$id', runId), publicUrl).href,
  };
  const predictOptions = {
    ...{ ...data, contract: incoming, artifacts, model: project.name },
    client: predictionClientOf(parts),
  };
  const trainOptions = {
    project,
    projectFolder: paths.project,
    goodFolder: paths.data.good,
    places,
    connections,
    database,
    artifacts,
    duckdb,
    lightgbm: () => lightgbmLibrary(parts),
    ...config.training,
  };
  const monitorOptions = monitorOptionsOf(parts);
  const jobs = wireJobs(parts);
  const ingest = ingestTasks(ingestOptions);
  const labels = labelsTasks(labelOptions);
  const predict = predictTasks(predictOptions);
  const train = trainTasks(trainOptions);
  const monitor = monitorTasks(monitorOptions);
  const feed = feedOptions(parts);
  const feeding = feed && feedTasks(feed);
  return {
    tasks: [
      ...ingestRegistry(ingest),
      ...labelsRegistry(labels),
      ...predictRegistry(predict),
      ...jobs.tasks,
      ...trainRegistry(train),
      ...monitorRegistry(monitor),
      ...(feeding ? feedRegistry(feeding) : []),
    ],
    pipelines: [
      ingestPipeline(ingestOptions, ingest),
      labelsPipeline(labelOptions, labels),
      predictPipeline(predictOptions, predict),
      ...jobs.pipelines,
      trainPipeline(trainOptions, train),
      monitorPipeline(monitorOptions, monitor),
      ...(feed && feeding ? [feedPipeline(feed, feeding)] : []),
    ],
  };
}

function monitorOptionsOf({ project, config, paths, places, database, artifacts, duckdb }: ModelParts): MonitorOptions {
  return {
    model: project.name,
    contract: arrivingContract(project.contract),
    label: columnWithRole(project.contract, 'label'),
    database,
    artifacts,
    duckdb,
    folders: paths.data,
    places,
    rules: config.drift,
  };
}

/** This process makes scheduled predictions itself, unless the settings name another Weir. */
function predictionClientOf({ config, project, database, artifacts }: ModelParts): PredictionClient {
  if (config.predictions.apiUrl !== '') return httpPredictionClient(config.predictions);
  let client: Promise<PredictionClient> | undefined;
  // Loaded when rows are predicted: the other tasks need none of it.
  const load = async (): Promise<PredictionClient> => {
    const { localPredictionClient } = await import('./local-prediction-client.ts');
    return localPredictionClient({ database, artifacts, model: project.name, contract: project.contract });
  };
  return {
    predict: async (request) => {
      client ??= load();
      return (await client).predict(request);
    },
  };
}

function wireJobs(parts: ModelParts): TasksAndPipelines {
  const { project, database, artifacts, duckdb } = parts;
  const options = {
    ...{ contract: arrivingContract(project.contract), database, duckdb, model: project.name },
    artifacts,
    predictor: jobPredictorOf(parts),
  };
  const tasks = jobTasks(options);
  return { tasks: jobRegistry(tasks), pipelines: [jobPipeline(options, tasks)] };
}

/** Jobs are predicted here, by whichever process runs their tasks. */
function jobPredictorOf({ project, database, artifacts }: ModelParts): JobPredictor {
  let predictor: Promise<JobPredictor> | undefined;
  const load = async (): Promise<JobPredictor> => {
    const { localJobPredictor } = await import('./local-job-predictor.ts');
    return localJobPredictor({ database, artifacts, model: project.name, contract: project.contract });
  };
  return {
    predict: async (rows) => {
      predictor ??= load();
      return (await predictor).predict(rows);
    },
  };
}

function feedOptions({ config, paths, places, project, duckdb }: ModelParts): FeedOptions | undefined {
  const { file, ...feed } = config.feed;
  if (file === '') return undefined;
  return {
    ...feed,
    file: path.resolve(paths.state, file),
    contract: project.contract,
    example: { stateFolder: paths.state, projectFolder: paths.project, training: project.training },
    partsFolder: path.join(paths.state, 'feed'),
    rawFolder: paths.data.raw,
    places,
    labelsFolder: paths.data.labels,
    duckdb,
  };
}
