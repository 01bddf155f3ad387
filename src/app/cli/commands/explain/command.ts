import type { Command } from 'commander';
import { UsageError } from '../../../project/errors.ts';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { ExplainFlags } from './run.ts';

/** Adds `weir explain`. */
export function addExplain(program: Command, { runInProject }: CommandContext): void {
  program
    .command('explain <goal-or-run> [task]')
    .description(
      "why a goal would be computed, such as 'fit-model(seed=1)', exit code 0 when it is complete and 1 when not; or why a task ran in a run: explain 12 fit-model",
    )
    .option('--params <json>', 'params of the goal as one JSON object')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((asked: string, task: string | undefined, flags: ExplainFlags) =>
      runInProject(flags, async (command) => {
        const { explainNow, explainPast } = await import('./run.ts');
        if (/^\d+$/.test(asked)) return explainPast(asked, { ...command, task });
        if (task === undefined) return explainNow(asked, command);
        throw new UsageError(
          'usage_invalid',
          `Expected a goal alone, or the number of a run and a task; got ${asked} and ${task}.`,
        );
      }),
    );
}
