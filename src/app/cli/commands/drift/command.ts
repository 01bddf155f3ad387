import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';

const VERSION_MAX = 2 ** 31 - 1;

/** Adds `weir drift`. */
export function addDrift(program: Command, { runInProject }: CommandContext): void {
  program
    .command('drift')
    .argument(
      '[version]',
      'number of a model version; the champion unless given',
      wholeNumber({ min: 1, max: VERSION_MAX }),
    )
    .description('say whether arriving rows and predictions differ from what the model was trained on')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((version: number | undefined, flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { showDrift } = await import('./run.ts');
        return showDrift(version, command);
      }),
    );
}
