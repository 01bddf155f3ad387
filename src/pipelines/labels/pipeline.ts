import type { Pipeline } from '#engine';
import { type SelectEffects, selectArrival } from '../ingest/arrivals.ts';
import { consumed } from '../ingest/consumed.ts';
import type { LabelsOptions, labelsTasks } from './tasks.ts';

/** Files of labels to the database, one for each run. */
export function labelsPipeline(
  options: Pick<LabelsOptions, 'database' | 'folders' | 'places'>,
  tasks: ReturnType<typeof labelsTasks>,
  effects?: SelectEffects,
): Pipeline {
  const { database, folders, places } = options;
  const inbox = { folder: folders.labels, name: 'label-data', places } as const;
  return {
    name: 'labels',
    description: 'Takes one file from label-data, and stores what really happened to its rows',
    plan: async ({ runId }) => {
      const selection = await selectArrival(database, { inbox, runId }, effects);
      if (selection.kind === 'nothing') return { kind: 'skip', reason: selection.reason, params: {} };
      const { id: arrival, file, digest } = selection.arrival;
      return {
        kind: 'run',
        goals: [tasks.storeLabels.goal({ arrival, file, digest })],
        params: { arrival, file, digest },
      };
    },
    ...consumed(database, inbox),
  };
}
