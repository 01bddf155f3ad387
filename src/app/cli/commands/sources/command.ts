import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { ConfirmFlags } from './run.ts';

/** Adds `weir sources`. */
export function addSources(program: Command, { runInProject }: CommandContext): void {
  const sources = program
    .command('sources')
    .description("what is known of the project's sources, what is stale, and removals that wait to be confirmed")
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { showSources } = await import('./run.ts');
        return showSources(command);
      }),
    );
  sources
    .command('confirm <removal>')
    .description('believe a removal: its partitions are gone, and what was made from them alone is stale')
    .requiredOption('--reason <text>', 'why they are gone, for the record')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((removal: string, flags: ConfirmFlags) =>
      // What was said after "sources" holds for both.
      runInProject({ ...sources.opts<ProjectFlags>(), ...flags }, async (command) => {
        const { confirm } = await import('./run.ts');
        return confirm(removal, command);
      }),
    );
}
