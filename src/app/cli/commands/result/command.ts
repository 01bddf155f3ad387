import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, toAsOf } from '../../flags.ts';
import type { ResultFlags } from './run.ts';

/** Adds `weir result`. */
export function addResult(program: Command, { runInProject }: CommandContext): void {
  program
    .command('result <goal>')
    .description(
      "print the result of a goal, such as 'fit-model(seed=1)'; exit code 1 when there is no valid one now, with the reasons",
    )
    .option('--params <json>', 'params of the goal as one JSON object')
    .option('--name <output>', 'one output of several')
    .option('--as-of <moment>', 'an older result: a version number, a run as run:12, or a time', toAsOf)
    .option('--output <file>', 'copy the bytes of a blob or a file there')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((goal: string, flags: ResultFlags) =>
      runInProject(flags, async (command) => {
        const { showResult } = await import('./run.ts');
        return showResult(goal, command);
      }),
    );
}
