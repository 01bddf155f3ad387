import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { ConfirmFlags, SourcesFlags } from './run.ts';

/** Adds `weir sources`. */
export function addSources(program: Command, { runInProject }: CommandContext): void {
  const sources = program
    .command('sources')
    .description("list the project's sources, what is stale, and removals that wait for confirmation")
    .option('--run <run>', 'only what this run saw of each source, and why that was not all of it')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: SourcesFlags) =>
      runInProject(flags, async (command) => {
        const { showSources } = await import('./run.ts');
        return showSources(command);
      }),
    );
  // What was said after "sources" holds for the subcommand too.
  const withOuter = <F extends ProjectFlags>(flags: F): F => ({ ...sources.opts<ProjectFlags>(), ...flags });
  sources
    .command('removals')
    .description('list removals of many partitions, newest first: waiting, confirmed (by whom and why), or withdrawn')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { showRemovals } = await import('./run.ts');
        return showRemovals(command);
      }),
    );
  sources
    .command('confirm <removal>')
    .description('confirm a removal: its partitions are removed, and what was made from them alone is stale')
    .requiredOption('--reason <text>', 'why they were removed, for the record')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((removal: string, flags: ConfirmFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { confirm } = await import('./run.ts');
        return confirm(removal, command);
      }),
    );
}
