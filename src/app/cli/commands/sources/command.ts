import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';

interface SourcesFlags {
  readonly project?: string;
  readonly json?: boolean;
}

/** Adds `weir sources`. */
export function addSources(program: Command, { openOptions, run }: CommandContext): void {
  const sources = program
    .command('sources')
    .description("what is known of the project's sources, what is stale, and removals that wait to be confirmed")
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(({ project, json }: SourcesFlags) =>
      run(async (running) => {
        const { showSources } = await import('./run.ts');
        return showSources({ ...openOptions(project), ...running, json });
      }),
    );
  sources
    .command('confirm <removal>')
    .description('believe a removal: its partitions are gone, and what was made from them alone is stale')
    .requiredOption('--reason <text>', 'why they are gone, for the record')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((removal: string, { project, json, reason }: SourcesFlags & { readonly reason: string }) =>
      run(async (running) => {
        const { confirm } = await import('./run.ts');
        return confirm(removal, {
          ...openOptions(project ?? sources.opts<SourcesFlags>().project),
          ...running,
          json,
          reason,
        });
      }),
    );
}
