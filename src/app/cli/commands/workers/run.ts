import { drainWorker, listWorkers, type WorkerRecord } from '#engine';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { onRecord } from '../../on-record.ts';

export interface DrainFlags extends ProjectFlags {
  readonly by?: string;
}

/** Lists workers and what each runs. */
export async function showWorkers(options: InProject<ProjectFlags>): Promise<number> {
  const workers = await withProject('records', options, ({ database }) => listWorkers(database));
  const text = workers.map(linesOf).join('') || 'No worker runs. Start one with: weir worker\n';
  options.print(options.json ? `${JSON.stringify({ workers })}\n` : printable(text));
  return EXIT_CODES.done;
}

/** Asks a worker to drain. */
export async function drain(worker: string, options: InProject<DrainFlags>): Promise<number> {
  const { by, json, print } = options;
  const isKnown = await withProject('records', options, ({ database }) =>
    onRecord<boolean>(
      database,
      {
        ...{ action: 'weir workers drain', target: `worker=${worker}`, by },
        ...{ toAfter: () => ({ state: 'draining' }), isChange: (isFound) => isFound },
      },
      (inside) => drainWorker(inside, worker),
    ),
  );
  if (!isKnown) throw new UsageError('worker_unknown', `No worker is named ${worker}. List them with: weir workers`);
  print(json ? `${JSON.stringify({ worker, state: 'draining' })}\n` : `Worker ${worker} drains\n`);
  return EXIT_CODES.done;
}

function linesOf({ name, state, labels, slots, running, ended, seenAt, runtime }: WorkerRecord): string {
  const head = [name.padEnd(24), state.padEnd(8), `${running.length}/${slots}`.padEnd(6), labels.join(','), runtime];
  const tasks = running.map(({ task, goals, runId, since }) => {
    const many = goals === 1 ? '' : ` (${goals} goals)`;
    return `    ${task}${many} of run ${runId} since ${since}\n`;
  });
  return `  ${head.join('  ')}  ended ${ended}, seen ${seenAt.toISOString()}\n${tasks.join('')}`;
}
