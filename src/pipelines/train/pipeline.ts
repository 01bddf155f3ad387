import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Json, Pipeline, Plan } from '#engine';
import { championOf } from '#ml';
import { contractIdentity } from '../contract-identity.ts';
import type { TrainOptions } from './options.ts';
import type { trainTasks } from './tasks.ts';

/** From sources of rows to a registered model, and to a champion when it is good enough. Needs no live predictions. */
export function trainPipeline(options: TrainOptions, tasks: ReturnType<typeof trainTasks>): Pipeline {
  const planOf = async (of: RunToPlan): Promise<Plan> => {
    const params = await fixParams(options, of);
    return {
      kind: 'run',
      goals: [tasks.promoteModel.goal(params)],
      params: { model: params.model, champion: params.champion },
    };
  };
  return {
    name: 'train',
    description:
      'Collects the rows to train on, checks and splits them, fits, evaluates and registers a model, promotes it if it is good enough',
    plan: ({ runId, at }) => planOf({ run: runId, at }),
    preview: (at) => planOf({ run: '', at }),
  };
}

interface RunToPlan {
  /** Id of the run; empty for a preview. */
  readonly run: string;
  readonly at: Date;
}

/** The params of all tasks of one run, fixed when the run is created. */
async function fixParams(
  { project, projectFolder, database, testShare, seed, tolerance, parts }: TrainOptions,
  { run, at }: RunToPlan,
) {
  const champion = await championOf(database, project.name);
  return {
    run,
    at: at.toISOString(),
    sources: [...project.training],
    queries: await queriesOf(project.training, projectFolder),
    contract: contractIdentity(project.contract),
    testShare,
    seed,
    tolerance,
    parts: project.estimator.trainsTogether === true ? parts : 1,
    // `defineFeatures` parsed them by a schema of plain JSON.
    features: project.features as Json,
    estimator: { kind: project.estimator.kind, settings: project.estimator.settings },
    model: project.name,
    champion: champion?.version ?? 0,
  };
}

/** The SQL of the sources that are queries, as it is in its file when the run is created. */
async function queriesOf(sources: TrainOptions['project']['training'], folder: string) {
  const queries: { readonly source: number; readonly connection: string; readonly sql: string }[] = [];
  for (const [source, each] of sources.entries())
    if (each.kind === 'sql')
      queries.push({ source, connection: each.connection, sql: await readFile(path.join(folder, each.sql), 'utf8') });
  return queries;
}
