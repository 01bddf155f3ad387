import { type Command, Option } from 'commander';
import type { CommandContext } from '../../context.ts';
import { byOption, jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { CollectFlags } from './run.ts';

const DAYS_MAX = 36_500;
const HOURS_MAX = 24 * DAYS_MAX;

/** Adds `weir gc`. */
export function addGc(program: Command, { runInProject }: CommandContext): void {
  program
    .command('gc')
    .description('remove results, bytes and leftovers that are no longer needed')
    .option('--dry-run', 'list what would be removed, and remove nothing; the plan is kept')
    .addOption(
      new Option('--plan <id>', 'execute the plan of an earlier dry run').conflicts([
        ...['dryRun', 'graceHours', 'unusedDays'],
      ]),
    )
    .option('--grace-hours <number>', 'keep what is younger; 24 by default', wholeNumber({ min: 0, max: HOURS_MAX }))
    .option(
      '--unused-days <number>',
      'also remove what no run used for so long',
      wholeNumber({ min: 0, max: DAYS_MAX }),
    )
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: CollectFlags) =>
      runInProject(flags, async (command) => {
        const { collect } = await import('./run.ts');
        return collect(command);
      }),
    );
}
