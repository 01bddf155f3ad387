import type { Pipeline } from '#engine';
import type { Database } from '#store';
import { arrivalOfRun, type DrawEffects, drawArrival, endArrival, removeRawFile, retakeArrival } from './arrivals.ts';
import { type IngestOptions, type ingestTasks, paramsOf } from './tasks.ts';

/**
 * raw-data to good-data and bad-data, one file a run. The file is drawn when the run is created, and removed only after
 * all five tasks are complete.
 */
export function ingestPipeline(
  options: IngestOptions & { readonly database: Database },
  tasks: ReturnType<typeof ingestTasks>,
  effects?: DrawEffects,
): Pipeline {
  const { database, folders, contract } = options;
  return {
    name: 'ingest',
    description: 'Takes one file from raw-data, checks it, and splits it into good-data and bad-data',
    plan: async ({ runId }) => {
      const draw = await drawArrival(database, { folder: folders.raw, runId }, effects);
      if (draw.kind === 'nothing') return { kind: 'skip', reason: draw.reason, params: {} };
      const params = paramsOf(draw.arrival, contract);
      const { saveStatistics, sendAlerts, splitAndSaveData } = tasks;
      return {
        kind: 'run',
        goals: [saveStatistics.goal(params), sendAlerts.goal(params), splitAndSaveData.goal(params)],
        params: { arrival: draw.arrival.id, file: draw.arrival.file, digest: draw.arrival.digest },
      };
    },
    retake: async ({ runId, params, database: transaction }) =>
      typeof params.arrival === 'string'
        ? retakeArrival(transaction, { runId, arrival: params.arrival })
        : 'it never drew a file. Start a new run of ingest.',
    settle: async ({ id, state }) => {
      const arrival = await arrivalOfRun(database, id);
      if (arrival === undefined) return;
      if (state === 'succeeded') await removeRawFile(folders.raw, arrival);
      const outcome = state === 'succeeded' ? 'ingested' : state === 'cancelled' ? 'cancelled' : 'failed';
      await endArrival(database, { runId: id, outcome });
    },
  };
}
