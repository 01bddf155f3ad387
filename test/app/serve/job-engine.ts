import path from 'node:path';
import type { Contract } from '#contracts';
import { createEngine, type Engine, inlineExecutor } from '#engine';
import { arrivingContract, type JobPredictor, jobPipeline, jobRegistry, jobTasks } from '#pipelines';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import { localJobPredictor } from '../../../src/app/serve/local-job-predictor.ts';
import { parcels } from '../../server/parcels.ts';

export interface JobParts {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  /** Holds the attempts. */
  readonly folder: string;
  /** Of the rows; that of parcels unless set. */
  readonly contract?: Contract;
  /** Stands around the predictor of jobs. */
  readonly around?: (predictor: JobPredictor) => JobPredictor;
}

/** An engine that runs the jobs of parcels. */
export function jobEngine({
  database,
  artifacts,
  duckdb,
  folder,
  contract = parcels,
  around = (each) => each,
}: JobParts): Engine {
  const predictor = around(localJobPredictor({ database, artifacts, model: 'parcels', contract: parcels }));
  const stores = { database, artifacts, duckdb };
  const options = { model: 'parcels', contract: arrivingContract(contract), ...stores, predictor };
  const tasks = jobTasks(options);
  const registry = jobRegistry(tasks);
  return createEngine({
    ...{ database, artifacts, tasks: registry, pipelines: [jobPipeline(options, tasks)], isSoleOwner: true },
    executor: inlineExecutor({ tasks: registry, database, artifacts, slots: 2, folder: path.join(folder, 'attempts') }),
  });
}
