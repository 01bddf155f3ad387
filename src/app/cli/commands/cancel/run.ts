import { cancelRun } from '#engine';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf } from '../../flags.ts';
import { type CommandChange, thenOnRecord } from '../../on-record.ts';

export interface CancelFlags extends ProjectFlags {
  readonly reason?: string;
  readonly by?: string;
}

/** Cancels a run. Exit code 1 when it had ended already. */
export async function cancel(runId: string, options: InProject<CancelFlags>): Promise<number> {
  const { by, json, print } = options;
  const reason = `cancelled by ${actorOf(by)}${options.reason === undefined ? '' : `: ${options.reason}`}`;
  const change: CommandChange<boolean> = {
    ...{ action: 'cancelRun', target: `id=${runId}`, by, reason: options.reason },
    isChange: (isCancelled) => isCancelled,
    toAfter: () => ({ reason }),
  };
  const isCancelled = await withProject('records', options, ({ database }) =>
    thenOnRecord(database, change, () => cancelRun(database, { runId, reason })),
  );
  const text = isCancelled ? `Run ${runId} is being cancelled` : `Run ${runId} had ended already`;
  print(json ? `${JSON.stringify({ runId, isCancelled, reason })}\n` : `${text}\n`);
  return isCancelled ? EXIT_CODES.done : EXIT_CODES.failed;
}
