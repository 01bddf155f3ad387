import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { AcceptancesFlags } from './run.ts';

const ACCEPTANCES_MAX = 10_000;

/** Adds `weir acceptances`. */
export function addAcceptances(program: Command, { runInProject }: CommandContext): void {
  program
    .command('acceptances [task]')
    .description('list results that were accepted for newer code, newest first, with who and why')
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: ACCEPTANCES_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((task: string | undefined, flags: AcceptancesFlags) =>
      runInProject(flags, async (command) => {
        const { showAcceptances } = await import('./run.ts');
        return showAcceptances(task, command);
      }),
    );
}
