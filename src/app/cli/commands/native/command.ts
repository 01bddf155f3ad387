import { Argument, type Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';

/** Adds `weir native` and its subcommand. */
export function addNative(program: Command, { runInProject }: CommandContext): void {
  const native = program.command('native').description('native libraries that training engines load');
  native
    .command('add')
    .addArgument(new Argument('<library>', 'which library').choices(['lightgbm']))
    .description(
      'fetch the pinned release of a library from the package index of Python, by uv or pip, into the state folder, and compare its digest',
    )
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((_: string, flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { addLightgbm } = await import('./run.ts');
        return addLightgbm(command);
      }),
    );
}
