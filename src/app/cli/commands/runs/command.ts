import { type Command, Option } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { RunsFlags } from './run.ts';

const RUNS_MAX = 1_000;
// Same as in the engine, which would cost every command half a second to load.
const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;

/** Adds `weir runs`. */
export function addRuns(program: Command, { runInProject }: CommandContext): void {
  const runs = program
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
  runs
    .command('show')
    .argument('<id>', 'id of the run')
    .description('show a run with its task runs, named by the params that differ; by task when they are many')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((id: string, flags: ProjectFlags) =>
      // What was said after "runs" holds for this one too.
      runInProject({ ...runs.opts<ProjectFlags>(), ...flags }, async (command) =>
        (await import('./run.ts')).showRun(id, command),
      ),
    );
}
