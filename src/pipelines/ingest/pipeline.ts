import type { Pipeline } from '#engine';
import { type SelectEffects, selectArrival } from './arrivals.ts';
import { consumed } from './consumed.ts';
import { type IngestOptions, type ingestTasks, paramsOf } from './tasks.ts';

/**
 * raw-data to good-data and bad-data, one file per run. The file is selected when the run is created, and removed only
 * after all of its tasks are complete.
 */
export function ingestPipeline(
  options: IngestOptions,
  tasks: ReturnType<typeof ingestTasks>,
  effects?: SelectEffects,
): Pipeline {
  const { database, folders, contract } = options;
  const inbox = { folder: folders.raw, name: 'raw-data' } as const;
  return {
    name: 'ingest',
    description: 'Takes one file from raw-data, checks it, and splits it into good-data and bad-data',
    plan: async ({ runId }) => {
      const selection = await selectArrival(database, { inbox, runId }, effects);
      if (selection.kind === 'nothing') return { kind: 'skip', reason: selection.reason, params: {} };
      const params = paramsOf(selection.arrival, contract);
      const { saveStatistics, sendAlerts, splitAndSaveData, saveLabels } = tasks;
      const all = [saveStatistics, sendAlerts, splitAndSaveData, ...(saveLabels === undefined ? [] : [saveLabels])];
      return {
        kind: 'run',
        goals: all.map((task) => task.goal(params)),
        params: { arrival: selection.arrival.id, file: selection.arrival.file, digest: selection.arrival.digest },
      };
    },
    ...consumed(database, inbox),
  };
}
