import { z } from 'zod';
import type { Pipeline } from '#engine';
import { type SelectEffects, selectArrival, selectFile } from './arrivals.ts';
import { consumed } from './consumed.ts';
import { type IngestOptions, type ingestTasks, paramsOf } from './tasks.ts';

const ingestParams = z.strictObject({
  /** A file of raw-data; one is chosen at random unless given. */
  file: z.string().min(1).max(255).nullable().default(null),
});

/**
 * raw-data to good-data and bad-data, one file per run: the one of the param `file`, else one at random. It is selected when
 * the run is created, and removed only after all of its tasks are complete.
 */
export function ingestPipeline(
  options: IngestOptions,
  tasks: ReturnType<typeof ingestTasks>,
  effects?: SelectEffects,
): Pipeline {
  const { database, folders, contract, places } = options;
  const inbox = { folder: folders.raw, name: 'raw-data', places } as const;
  return {
    name: 'ingest',
    description: 'Takes one file from raw-data, checks it, and splits it into good-data and bad-data',
    params: ingestParams,
    plan: async ({ runId, params: { file } }) => {
      const from = { inbox, runId };
      const selection =
        typeof file === 'string'
          ? await selectFile(database, { ...from, file }, effects)
          : await selectArrival(database, from, effects);
      if (selection.kind === 'nothing') {
        const { reason, run } = selection;
        return { kind: 'skip', reason, params: run === undefined ? {} : { run } };
      }
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
