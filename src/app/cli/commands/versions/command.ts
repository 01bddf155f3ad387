import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { VersionsFlags } from './run.ts';

const VERSIONS_MAX = 100;

/** Adds `weir versions`. */
export function addVersions(program: Command, { runInProject }: CommandContext): void {
  program
    .command('versions <goal>')
    .description("list the versions of a goal, such as 'fit-model(seed=1)', newest first")
    .option('--params <json>', 'params of the goal as one JSON object')
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: VERSIONS_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((goal: string, flags: VersionsFlags) =>
      runInProject(flags, async (command) => {
        const { listVersions } = await import('./run.ts');
        return listVersions(goal, command);
      }),
    );
}
