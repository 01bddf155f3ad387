import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { byOption, jsonOption, projectOption, reasonOption } from '../../flags.ts';
import type { AcceptFlags } from './run.ts';

/** Adds `weir accept`. */
export function addAccept(program: Command, { runInProject }: CommandContext): void {
  program
    .command('accept <task>')
    .description(
      'accept the newest results of a task as results of its present code, without computing; exit code 1 when some were refused',
    )
    .option('--dry-run', 'list what would be accepted, and record nothing')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((task: string, flags: AcceptFlags) =>
      runInProject(flags, async (command) => {
        const { accept } = await import('./run.ts');
        return accept(task, command);
      }),
    );
}
