import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { byOption, type ChangeFlags, jsonOption, projectOption, reasonOption } from '../../flags.ts';

const CHANGES = [
  ['pause', 'pause the schedule of a pipeline, also across restarts; runs in progress continue'],
  ['resume', 'resume the schedule of a pipeline; its catch-up setting decides about the missed ticks'],
] as const;

/** Adds `weir pause` and `weir resume`. */
export function addPauseAndResume(program: Command, { runInProject }: CommandContext): void {
  for (const [action, what] of CHANGES) {
    program
      .command(`${action} <pipeline>`)
      .description(`${what}; exit code 1 when it is already`)
      .addOption(reasonOption())
      .addOption(byOption())
      .addOption(projectOption())
      .addOption(jsonOption())
      .action((pipeline: string, flags: ChangeFlags) =>
        runInProject(flags, async (command) => {
          const { changeSchedule } = await import('./run.ts');
          return changeSchedule(pipeline, { ...command, action });
        }),
      );
  }
}
