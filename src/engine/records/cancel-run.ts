import type { Database } from '#store';
import { EngineError } from '../define/errors.ts';
import { toRunId } from './read-runs.ts';
import { cancelUnownedRun, requestCancel } from './run-leases.ts';

/**
 * Cancels a run of whichever process: its owner is asked to, or it is ended when nobody drives it. Resolves once that is on
 * record; false when the run had ended before. Throws when there is none.
 */
export async function cancelRun(
  database: Database,
  request: { readonly runId: string; readonly reason: string },
): Promise<boolean> {
  const { runId } = request;
  const answer = toRunId(runId) === undefined ? 'unknown' : await requestCancel(database, request);
  if (answer === 'unknown') throw new EngineError(`There is no run ${runId}.`);
  if (answer === 'unowned') await cancelUnownedRun(database, request);
  return answer !== 'ended';
}
