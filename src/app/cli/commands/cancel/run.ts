import { cancelRun } from '#engine';
import { withRecords } from '../../../serve/open-records.ts';
import type { OpenOptions } from '../../../serve/open-state.ts';
import { actorOf } from '../../actor.ts';
import { EXIT_CODES } from '../../ending.ts';

export interface CancelFlags {
  readonly project?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly json?: boolean;
}

export interface CancelCommand extends OpenOptions, Omit<CancelFlags, 'project'> {}

/** Cancels a run. Exit code 1 when it had ended already. */
export async function cancel(runId: string, options: CancelCommand): Promise<number> {
  const { by, json, print } = options;
  const reason = `cancelled by ${actorOf(by)}${options.reason === undefined ? '' : `: ${options.reason}`}`;
  const isCancelled = await withRecords(options, (database) => cancelRun(database, { runId, reason }));
  const text = isCancelled ? `Run ${runId} is being cancelled` : `Run ${runId} had ended already`;
  print(json ? `${JSON.stringify({ runId, isCancelled, reason })}\n` : `${text}\n`);
  return isCancelled ? EXIT_CODES.done : EXIT_CODES.failed;
}
