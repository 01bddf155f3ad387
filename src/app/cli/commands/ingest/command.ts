import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';

/** Adds `weir ingest`. */
export function addIngest(program: Command, { runInProject }: CommandContext): void {
  program
    .command('ingest <file>')
    .description(
      'copy a file into raw-data and ingest it now; prints its verdict and where its rows are; exit code 1 when it has bad rows',
    )
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((file: string, flags: ProjectFlags) =>
      runInProject(flags, async (command) => (await import('./run.ts')).ingest(file, command)),
    );
}
