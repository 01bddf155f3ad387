import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { byOption, jsonOption, projectOption } from '../../flags.ts';
import type { CancelFlags } from './run.ts';

/** Adds `weir cancel`. */
export function addCancel(program: Command, { runInProject }: CommandContext): void {
  program
    .command('cancel <run>')
    .description('cancel a run of any process; exit code 1 when it had ended already')
    .option('--reason <text>', 'why, for the record')
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((runId: string, flags: CancelFlags) =>
      runInProject(flags, async (command) => {
        const { cancel } = await import('./run.ts');
        return cancel(runId, command);
      }),
    );
}
