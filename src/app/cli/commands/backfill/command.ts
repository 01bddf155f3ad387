import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, toMoment, wholeNumber } from '../../flags.ts';
import type { BackfillFlags } from './run.ts';

/** The engine's limit. */
const CONCURRENCY_MAX = 64;

/** Adds `weir backfill`. */
export function addBackfill(program: Command, { runInProject }: CommandContext): void {
  program
    .command('backfill <pipeline>')
    .description('run what is incomplete or stale in a span of time; exit code 0 when all of it succeeded, 1 otherwise')
    .requiredOption('--from <time>', 'intervals that start then or later', toMoment)
    .requiredOption('--to <time>', 'and before this', toMoment)
    .option('--dry-run', 'list the state of each interval, and run nothing')
    .option('--concurrency <number>', 'how many runs at a time', wholeNumber({ min: 1, max: CONCURRENCY_MAX }))
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((pipeline: string, flags: BackfillFlags) =>
      runInProject(flags, async (command) => {
        const { backfillPipeline } = await import('./run.ts');
        return backfillPipeline(pipeline, command);
      }),
    );
}
