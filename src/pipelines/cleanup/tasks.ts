import { z } from 'zod';
import { forgetChecks } from '#contracts';
import {
  type AnyTask,
  type CollectFolders,
  type CollectOptions,
  collectGarbage,
  defineTask,
  forgetRuns,
  type RootProvider,
  type Sink,
  value,
} from '#engine';
import { forgetPredictions } from '#ml';
import { forgetAlerts, forgetDrift, forgetRequestCounts, forgetRunCounts } from '#monitor';
import type { ArtifactDriver, Database } from '#store';
import { toCountText } from '#store';

type CollectEffects = NonNullable<CollectOptions['effects']>;

/** How long things are kept, in days; null keeps them forever. */
export interface CleanupOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  /** All tasks of the project, for the retention they declare; called when the collection starts. */
  readonly tasks: () => readonly AnyTask[];
  readonly roots: readonly RootProvider[];
  /** Stores in which tasks of the project have rows. */
  readonly sinks: readonly Sink[];
  readonly folders: CollectFolders;
  readonly runDays: number | null;
  readonly predictionDays: number | null;
  readonly checkDays: number | null;
  readonly alertDays: number | null;
  /** Since a run last made or found a result. */
  readonly unusedDays: number | null;
  readonly supersededDays: number;
  readonly graceHours: number;
  /** Removes old records that are no parts of runs, such as of the audit log. */
  readonly forgetRecords: () => Promise<number>;
  readonly effects?: CollectEffects;
}

const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 6 * HOUR_MS;
/** Records of earlier cleanups; their counts are in the log of the run too. */
const retention = { ageDaysMax: 30 };

/** The run, so that each cleanup is a separate goal. */
const run = z.string();
/** For how many days something is kept; null keeps it forever. */
const days = z.number().nullable();

/** The tasks of the cleanup. */
export function cleanupTasks(options: CleanupOptions) {
  const forgetOldRuns = defineForgetRuns(options);
  const forgetOldPredictions = defineForgetPredictions(options);
  const forgetOldChecks = defineForgetChecks(options);
  const collect = defineCollect(options, forgetOldRuns);
  return { forgetOldRuns, forgetOldPredictions, forgetOldChecks, collect };
}

function defineForgetRuns({ database, forgetRecords }: CleanupOptions) {
  return defineTask({
    name: 'forget-runs',
    version: '1',
    params: z.object({ run, runDays: days }),
    outputs: { runs: value<number>() },
    timeoutMs: TIMEOUT_MS,
    retention,
    run: async ({ params, log }) => {
      const { runDays } = params;
      const runs = runDays === null ? 0 : await forgetRuns({ database, ageDaysMax: runDays });
      if (runDays !== null) await forgetRunCounts(database, { ageDaysMax: runDays });
      const records = await forgetRecords();
      log(`forgot ${toCountText(runs, 'run')} and ${toCountText(records, 'record')}`);
      return { runs };
    },
  });
}

function defineForgetPredictions({ database }: CleanupOptions) {
  return defineTask({
    name: 'forget-predictions',
    version: '1',
    params: z.object({ run, predictionDays: days }),
    outputs: { predictions: value<number>() },
    timeoutMs: TIMEOUT_MS,
    retention,
    run: async ({ params, log }) => {
      const { predictionDays } = params;
      if (predictionDays === null) return { predictions: 0 };
      const { predictions, inUse } = await forgetPredictions(database, { ageDaysMax: predictionDays });
      const windows = await forgetDrift(database, { ageDaysMax: predictionDays });
      await forgetRequestCounts(database, { ageDaysMax: predictionDays });
      log(`forgot ${toCountText(predictions, 'prediction')} and ${toCountText(windows, 'window')} of drift`);
      if (inUse > 0)
        log(`${toCountText(inUse, 'partition')} of predictions were being read, and are left to the next cleanup`);
      return { predictions };
    },
  });
}

function defineForgetChecks({ database }: CleanupOptions) {
  return defineTask({
    name: 'forget-checks',
    version: '1',
    params: z.object({ run, checkDays: days, alertDays: days }),
    outputs: { checks: value<number>(), alerts: value<number>() },
    timeoutMs: TIMEOUT_MS,
    retention,
    run: async ({ params, log }) => {
      const { checkDays, alertDays } = params;
      const checks = checkDays === null ? 0 : await forgetChecks(database, { ageDaysMax: checkDays });
      const alerts = alertDays === null ? 0 : await forgetAlerts(database, { ageDaysMax: alertDays });
      log(`forgot ${toCountText(checks, 'check')} and ${toCountText(alerts, 'alert')}`);
      return { checks, alerts };
    },
  });
}

function defineCollect(options: CleanupOptions, forgetOldRuns: ReturnType<typeof defineForgetRuns>) {
  return defineTask({
    name: 'collect-garbage',
    version: '1',
    params: z.object({ run, unusedDays: days, supersededDays: z.number(), graceHours: z.number() }),
    // History first, so that what only it used is removed in the same run.
    reads: { forgotten: forgetOldRuns },
    outputs: { collected: value<{ id: string; versions: number; blobs: number; files: number; sizeBytes: number }>() },
    timeoutMs: TIMEOUT_MS,
    retention,
    run: async ({ params, log }) => {
      const { database, artifacts, tasks, roots, sinks, folders, effects = {} } = options;
      const { id, removed } = await collectGarbage({
        ...{ database, artifacts, tasks: tasks(), sinks, roots, folders, effects, actor: 'cleanup pipeline' },
        graceMs: params.graceHours * HOUR_MS,
        supersededDaysMax: params.supersededDays,
        ...(params.unusedDays === null ? {} : { unusedDaysMax: params.unusedDays }),
      });
      const all = Object.values(removed);
      const collected = {
        id,
        versions: removed.version.count,
        blobs: removed.blob.count,
        files:
          removed['placed-file'].count +
          removed['staged-file'].count +
          removed['attempt-folder'].count +
          removed.bundle.count,
        sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      };
      log(`collection ${id}: ${JSON.stringify(collected)}`);
      return { collected };
    },
  });
}

/** All as the registry takes them. */
export function cleanupRegistry(tasks: ReturnType<typeof cleanupTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
