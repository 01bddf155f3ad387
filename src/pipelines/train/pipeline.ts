import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Json, Pipeline } from '#engine';
import { championOf } from '#ml';
import { contractIdentity } from '../contract-identity.ts';
import type { TrainOptions } from './options.ts';
import type { trainTasks } from './tasks.ts';

/** From a query to a registered model, and to a champion when it is good enough. Needs no live predictions. */
export function trainPipeline(options: TrainOptions, tasks: ReturnType<typeof trainTasks>): Pipeline {
  return {
    name: 'train',
    description:
      'Queries the training rows, checks and splits them, fits, evaluates and registers a model, promotes it if it is good enough',
    plan: async ({ runId }) => {
      const params = await fixParams(options, runId);
      return {
        kind: 'run',
        goals: [tasks.promoteModel.goal(params)],
        params: { model: params.model, champion: params.champion },
      };
    },
  };
}

/** The params of all tasks of one run, fixed when the run is created. */
async function fixParams({ project, projectFolder, database, ...settings }: TrainOptions, run: string) {
  const champion = await championOf(database, project.name);
  const { testShare, seed, tolerance } = settings;
  return {
    run,
    connection: project.training.connection,
    sql: await readFile(path.join(projectFolder, project.training.sql), 'utf8'),
    contract: contractIdentity(project.contract),
    testShare,
    seed,
    tolerance,
    // `defineFeatures` parsed them by a schema of plain JSON.
    features: project.features as Json,
    estimator: { kind: project.estimator.kind, settings: project.estimator.settings },
    model: project.name,
    champion: champion?.version ?? 0,
  };
}
