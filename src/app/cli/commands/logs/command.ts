import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { LogsFlags } from './run.ts';

/** Adds `weir logs`. */
export function addLogs(program: Command, { runInProject }: CommandContext): void {
  program
    .command('logs <run> [task-run]')
    .description(
      "what the attempts of a run have logged and printed, also while they run; of one task or goal: logs 12 'fit-model(seed=1)'",
    )
    .option('--follow', 'continue until the run has ended; with --json one object per line')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((runId: string, taskRun: string | undefined, flags: LogsFlags) =>
      runInProject(flags, async (command) => {
        const { showLogs } = await import('./run.ts');
        return showLogs({ ...command, runId, taskRun });
      }),
    );
}
