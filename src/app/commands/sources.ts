import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { runToEnd } from './ending.ts';
import { jsonOption, projectOption } from './file-flags.ts';

interface SourcesFlags {
  readonly project?: string;
  readonly json?: boolean;
}

/** Adds `weir sources`. */
export function addSources(program: Command, { openOptions, finish }: CommandContext): void {
  const sources = program
    .command('sources')
    .description("what is known of the project's sources, what is stale, and removals that wait to be confirmed")
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async ({ project, json }: SourcesFlags) =>
      finish(
        await runToEnd(async (signal) => {
          const { showSources } = await import('../actions/sources.ts');
          return showSources({ ...openOptions(project), signal, json });
        }),
      ),
    );
  sources
    .command('confirm <removal>')
    .description('believe a removal: its partitions are gone, and what was made from them alone is stale')
    .requiredOption('--reason <text>', 'why they are gone, for the record')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (removal: string, { project, json, reason }: SourcesFlags & { readonly reason: string }) =>
      finish(
        await runToEnd(async (signal) => {
          const { confirm } = await import('../actions/sources.ts');
          return confirm(removal, {
            ...openOptions(project ?? sources.opts<SourcesFlags>().project),
            signal,
            json,
            reason,
          });
        }),
      ),
    );
}
