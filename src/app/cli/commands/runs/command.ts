import { type Command, Option } from 'commander';
import { byOption } from '../../change-flags.ts';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { CancelFlags } from '../cancel/run.ts';
import type { LogsFlags } from '../logs/run.ts';
import type { ResultFlags } from '../result/run.ts';
import type { RunsFlags } from './run.ts';

const RUNS_MAX = 1_000;
// As the engine has them; to load it would cost every command half a second.
const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;

/** Adds the commands that look at runs and at what they made: `runs`, `logs`, `cancel` and `result`. */
export function addRuns(program: Command, context: CommandContext): void {
  addLooks(program, context);
  addCancel(program, context);
  addResult(program, context);
}

function addLooks(program: Command, { openOptions, run }: CommandContext): void {
  program
    .command('runs')
    .description('list runs, newest first')
    .option('--pipeline <name>', 'of this pipeline')
    .addOption(new Option('--state <state>', 'in this state').choices(STATES))
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: RUNS_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(({ project, ...flags }: RunsFlags) =>
      run(async (running) => {
        const { showRuns } = await import('./run.ts');
        return showRuns({ ...openOptions(project), ...flags, ...running });
      }),
    );
  program
    .command('logs <run> [task-run]')
    .description(
      "what the attempts of a run have logged and printed, also while they run; of one task or goal: logs 12 'fit-model(seed=1)'",
    )
    .option('--follow', 'go on until the run has ended; with --json an object on each line')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((runId: string, taskRun: string | undefined, { project, ...flags }: LogsFlags) =>
      run(async (running) => {
        const { showLogs } = await import('../logs/run.ts');
        return showLogs({ ...openOptions(project), ...flags, ...running, runId, taskRun });
      }),
    );
}

function addCancel(program: Command, { openOptions, run }: CommandContext): void {
  program
    .command('cancel <run>')
    .description('cancel a run, whichever process works on it; exit code 1 when it had ended already')
    .option('--reason <text>', 'why, for the record')
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((runId: string, { project, ...flags }: CancelFlags) =>
      run(async (running) => {
        const { cancel } = await import('../cancel/run.ts');
        return cancel(runId, { ...openOptions(project), ...flags, ...running });
      }),
    );
}

function addResult(program: Command, { openOptions, run }: CommandContext): void {
  program
    .command('result <goal>')
    .description(
      "print the result of a goal, such as 'fit-model(seed=1)'; exit code 1 when there is none that holds now, with the reasons",
    )
    .option('--params <json>', 'params of the goal as one JSON object')
    .option('--name <output>', 'one output of several')
    .option('--as-of <version>', 'an older result, by its number in versions')
    .option('--output <file>', 'copy the bytes of a blob or a file there')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((goal: string, { project, ...flags }: ResultFlags) =>
      run(async (running) => {
        const { showResult } = await import('../result/run.ts');
        return showResult(goal, { ...openOptions(project), ...flags, ...running });
      }),
    );
}
