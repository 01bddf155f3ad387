import { acceptResults, describeGoal } from '#engine';
import { toCountText } from '#store';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { thenOnRecord } from '../../on-record.ts';

export interface AcceptFlags extends ChangeFlags {
  readonly dryRun?: boolean;
}

type AcceptReport = Awaited<ReturnType<typeof acceptResults>>;

/** Re-keys the newest results of a task to its present code. Exit code 1 when some were refused. */
export async function accept(task: string, options: InProject<AcceptFlags>): Promise<number> {
  const { by, reason, dryRun, json, print, show } = options;
  const isChange = ({ accepted }: AcceptReport): boolean => dryRun !== true && accepted > 0;
  const change = { action: 'weir accept', target: `task=${task}`, by, reason, isChange, toAfter: countsOf } as const;
  const report = await withProject('project', options, ({ wiring }) =>
    show(`Looking at the results of ${task}`, () =>
      thenOnRecord(wiring.database, change, () =>
        acceptResults({ ...wiring, task, actor: actorOf(by), reason, isDryRun: dryRun === true }),
      ),
    ),
  );
  const { accepted, current, refused, refusals } = report;
  const lines = refusals.map(({ goal, because }) => `  refused  ${describeGoal(goal)}: ${because}\n`);
  const verb = dryRun ? 'would be accepted' : 'accepted';
  print(
    json
      ? `${JSON.stringify({ task, ...report })}\n`
      : printable(
          `${lines.join('')}${toCountText(accepted, 'result')} of ${task} ${verb}, ${current} complete as they are, ${refused} refused\n`,
        ),
  );
  return refused === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

const countsOf = ({ accepted, current, refused }: AcceptReport) => ({ accepted, current, refused });
