import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { IncidentsFlags } from './run.ts';

const INCIDENTS_MAX = 10_000;

/** Adds `weir incidents`. */
export function addIncidents(program: Command, { runInProject }: CommandContext): void {
  program
    .command('incidents')
    .description('list stored results that were found damaged or missing, newest first, and what was done')
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: INCIDENTS_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: IncidentsFlags) =>
      runInProject(flags, async (command) => {
        const { showIncidents } = await import('./run.ts');
        return showIncidents(command);
      }),
    );
}
