import type { Pipeline } from '#engine';
import {
  arrivalOfRun,
  endArrival,
  removeRawFile,
  retakeArrival,
  type SelectEffects,
  selectArrival,
} from './arrivals.ts';
import { type IngestOptions, type ingestTasks, paramsOf } from './tasks.ts';

/**
 * raw-data to good-data and bad-data, one file per run. The file is selected when the run is created, and removed only
 * after all five tasks are complete.
 */
export function ingestPipeline(
  options: IngestOptions,
  tasks: ReturnType<typeof ingestTasks>,
  effects?: SelectEffects,
): Pipeline {
  const { database, folders, contract } = options;
  return {
    name: 'ingest',
    description: 'Takes one file from raw-data, checks it, and splits it into good-data and bad-data',
    plan: async ({ runId }) => {
      const selection = await selectArrival(database, { folder: folders.raw, runId }, effects);
      if (selection.kind === 'nothing') return { kind: 'skip', reason: selection.reason, params: {} };
      const params = paramsOf(selection.arrival, contract);
      const { saveStatistics, sendAlerts, splitAndSaveData } = tasks;
      return {
        kind: 'run',
        goals: [saveStatistics.goal(params), sendAlerts.goal(params), splitAndSaveData.goal(params)],
        params: { arrival: selection.arrival.id, file: selection.arrival.file, digest: selection.arrival.digest },
      };
    },
    retake: async ({ runId, params, database: transaction }) =>
      typeof params.arrival === 'string'
        ? retakeArrival(transaction, { runId, arrival: params.arrival })
        : 'it never selected a file. Start a new run of ingest.',
    settle: async ({ id, state }) => {
      const arrival = await arrivalOfRun(database, id);
      if (arrival === undefined) return;
      if (state === 'succeeded') await removeRawFile(folders.raw, arrival);
      const outcome = state === 'succeeded' ? 'ingested' : state === 'cancelled' ? 'cancelled' : 'failed';
      await endArrival(database, { runId: id, outcome });
    },
  };
}
