import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { ShowFlags } from './run.ts';

/** Adds `weir show`. */
export function addShow(program: Command, { runInProject }: CommandContext): void {
  program
    .command('show <goal>')
    .description(
      "describe the newest result of a goal, such as 'fit-model(seed=1)': its state and version, the run that made it, what it read, and a preview of each output; exit code 1 when it is not complete, with the reasons",
    )
    .option('--params <json>', 'params of the goal as one JSON object')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((goal: string, flags: ShowFlags) =>
      runInProject(flags, async (command) => {
        const { showGoal } = await import('./run.ts');
        return showGoal(goal, command);
      }),
    );
}
