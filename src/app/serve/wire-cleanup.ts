import path from 'node:path';
import { forgetChanges } from '#access';
import { reportDigests } from '#contracts';
import { type AnyTask, type CollectFolders, codeBundleDigests, type RootProvider, type Sink } from '#engine';
import { datasetDigests, modelDigests } from '#ml';
import { cleanupPipeline, cleanupRegistry, cleanupTasks, forgetJobs, jobDigests } from '#pipelines';
import { type ArtifactDriver, type Database, isS3Address } from '#store';
import type { Config } from '../project/config.ts';
import type { ProjectPaths } from '../project/paths.ts';
import type { ProjectCode } from '../project/project-code.ts';
import type { TasksAndPipelines } from './wire-model.ts';

export interface CleanupParts {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly code: ProjectCode;
  /** All others of the project. */
  readonly tasks: readonly AnyTask[];
  readonly sinks: readonly Sink[];
}

/** Weir's own tasks and pipeline that clean up, for any project. */
export function wireCleanup(parts: CleanupParts): TasksAndPipelines {
  const { config, paths, database, artifacts, code, sinks } = parts;
  const { runDays, predictionDays, checkDays, alertDays, unusedDays, auditDays, ...rest } = config.cleanup;
  const options = {
    ...{ database, artifacts, sinks, roots: collectionRoots, folders: foldersToCollect(paths, code), ...rest },
    forgetRecords: async () =>
      (auditDays === 0 ? 0 : await forgetChanges(database, { ageDaysMax: auditDays })) +
      (predictionDays === 0 ? 0 : await forgetJobs(database, { ageDaysMax: predictionDays })),
    runDays: orNever(runDays),
    predictionDays: orNever(predictionDays),
    checkDays: orNever(checkDays),
    alertDays: orNever(alertDays),
    unusedDays: orNever(unusedDays),
    tasks: (): readonly AnyTask[] => [...parts.tasks, ...own],
  };
  const cleanup = cleanupTasks(options);
  const own = cleanupRegistry(cleanup);
  return { tasks: own, pipelines: [cleanupPipeline(options, cleanup)] };
}

/** Settings say 0 for ever. */
export const orNever = (days: number): number | null => (days === 0 ? null : days);

/** Folders of a project in which dead attempts and old code leave files. */
export function foldersToCollect(paths: ProjectPaths, code: ProjectCode): CollectFolders {
  return {
    attempts: paths.attempts,
    bundles: { folder: path.join(paths.state, 'code'), fingerprints: [...code.fingerprints.values()] },
    placed: [paths.data.good, paths.data.bad].filter((folder) => !isS3Address(folder)),
  };
}

/** Artifacts that a collection keeps although no result refers to them: model versions, and the reports of checks. */
export const collectionRoots: readonly RootProvider[] = [
  { name: 'the model registry', keeps: modelDigests },
  { name: 'the datasets', keeps: datasetDigests },
  { name: 'the reports of checks', keeps: reportDigests },
  { name: 'prediction jobs', keeps: jobDigests },
  { name: 'the code of workers', keeps: codeBundleDigests },
];
