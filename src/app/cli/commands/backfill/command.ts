import type { Command } from 'commander';
import { byOption, type ChangeFlags, reasonOption, toMoment } from '../../change-flags.ts';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { BackfillFlags } from './run.ts';

/** The engine takes no more at a time. */
const CONCURRENCY_MAX = 64;

/** Adds `weir backfill`, `weir pause` and `weir resume`. */
export function addSchedule(program: Command, { openOptions, version, run }: CommandContext): void {
  program
    .command('backfill <pipeline>')
    .description('run what is incomplete or stale in a span of time; exit code 0 when all of it succeeded, 1 otherwise')
    .requiredOption('--from <time>', 'intervals that begin then or later', toMoment)
    .requiredOption('--to <time>', 'and before this', toMoment)
    .option('--dry-run', 'say how each interval stands, and run nothing')
    .option('--concurrency <number>', 'how many runs at a time', wholeNumber({ min: 1, max: CONCURRENCY_MAX }))
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((pipeline: string, { project, ...flags }: BackfillFlags) =>
      run(async (running) => {
        const { backfillPipeline } = await import('./run.ts');
        return backfillPipeline(pipeline, { ...openOptions(project), ...flags, ...running, version });
      }),
    );
  for (const [name, what] of [
    ['pause', 'stop the clock of a pipeline, also across restarts; runs in progress go on'],
    ['resume', 'let the clock of a pipeline go on; what came due meanwhile is for its catch-up'],
  ] as const) {
    program
      .command(`${name} <pipeline>`)
      .description(`${what}; exit code 1 when it is so already`)
      .addOption(reasonOption())
      .addOption(byOption())
      .addOption(projectOption())
      .addOption(jsonOption())
      .action((pipeline: string, { project, ...flags }: ChangeFlags) =>
        run(async (running) => {
          const { changeSchedule } = await import('../pause/run.ts');
          return changeSchedule(pipeline, { ...openOptions(project), ...flags, ...running, action: name });
        }),
      );
  }
}
