import type { Pipeline } from '#engine';
import type { Database } from '#store';
import type { Inbox } from '../folders.ts';
import { localPlaces } from '../places/local-places.ts';
import { arrivalOfRun, endArrival, retakeArrival } from './arrivals.ts';

/** How runs of a pipeline that consumes files end, and how they are retried: a file is removed after a run that succeeded. */
export function consumed(
  database: Database,
  { folder, places = localPlaces }: Omit<Inbox, 'name'>,
): Required<Pick<Pipeline, 'retake' | 'settle'>> {
  return {
    retake: async ({ runId, params, database: transaction }) =>
      typeof params.arrival === 'string'
        ? retakeArrival(transaction, { runId, arrival: params.arrival })
        : 'it never selected a file. Start a new run of its pipeline.',
    settle: async ({ id, state }) => {
      const arrival = await arrivalOfRun(database, id);
      if (arrival === undefined) return;
      if (state === 'succeeded') await places.remove(folder, arrival);
      const outcome = state === 'succeeded' ? 'ingested' : state === 'cancelled' ? 'cancelled' : 'failed';
      await endArrival(database, { runId: id, outcome });
    },
  };
}
