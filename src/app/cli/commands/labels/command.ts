import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { LabelsFlags } from './run.ts';

/** Adds `weir labels`. */
export function addLabels(program: Command, { runInProject }: CommandContext): void {
  program
    .command('labels <file>')
    .description('store what really happened to rows: a file with the id of each row or prediction, and its label')
    .option('--skip-bad', 'store the good lines of a file that has bad ones')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((file: string, flags: LabelsFlags) =>
      runInProject(flags, async (command) => (await import('./run.ts')).storeLabels(file, command)),
    );
}
