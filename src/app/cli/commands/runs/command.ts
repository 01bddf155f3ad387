import { type Command, Option } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { RunsFlags } from './run.ts';

const RUNS_MAX = 1_000;
// Same as in the engine, which would cost every command half a second to load.
const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;

/** Adds `weir runs`. */
export function addRuns(program: Command, { runInProject }: CommandContext): void {
  program
    .command('runs')
    .description('list runs, newest first')
    .option('--pipeline <name>', 'of this pipeline')
    .addOption(new Option('--state <state>', 'in this state').choices(STATES))
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: RUNS_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: RunsFlags) =>
      runInProject(flags, async (command) => {
        const { showRuns } = await import('./run.ts');
        return showRuns(command);
      }),
    );
}
