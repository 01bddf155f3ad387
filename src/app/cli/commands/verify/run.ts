import { describeGoal, verifyTask } from '#engine';
import { toCountText } from '#store';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

export interface VerifyFlags extends ProjectFlags {
  readonly sample: number;
}

/** Runs goals of a task again and compares. Exit code 1 when some differ or could not be compared. */
export async function verify(task: string, { sample, json, ...options }: InProject<VerifyFlags>): Promise<number> {
  const verification = await withProject(
    'project',
    options,
    ({ wiring: { database, artifacts, tasks, fingerprints, paths } }) =>
      options.show(`Running goals of ${task} again`, (report) =>
        verifyTask({
          ...{ database, artifacts, tasks, fingerprints, task, sample, folder: paths.attempts },
          onProgress: ({ goals, goalsMax }) => report(goals / Math.max(1, goalsMax)),
        }),
      ),
  );
  const { equal, differing, failed } = verification;
  const lines = [
    ...differing.map(({ goal, output }) => `  differs  ${describeGoal(goal)}: output ${output}\n`),
    ...failed.map(({ goal, reason }) => `  failed   ${describeGoal(goal)}: ${reason}\n`),
  ];
  options.print(
    json
      ? `${JSON.stringify({ task, ...verification })}\n`
      : printable(
          `${lines.join('')}${toCountText(equal, 'goal')} of ${task} ${equal === 1 ? 'is' : 'are'} equal to what is stored\n`,
        ),
  );
  return lines.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}
