import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';

/** Adds `weir scrub`. */
export function addScrub(program: Command, { runInProject }: CommandContext): void {
  program
    .command('scrub')
    .description('read all stored bytes and compare them with their digests; exit code 1 when something is wrong')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { scrubArtifacts } = await import('./run.ts');
        return scrubArtifacts(command);
      }),
    );
}
