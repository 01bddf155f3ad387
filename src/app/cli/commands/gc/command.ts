import { type Command, Option } from 'commander';
import { byOption, type ChangeFlags, reasonOption } from '../../change-flags.ts';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { VerifyFlags } from '../verify/run.ts';
import type { VersionsFlags } from '../versions/run.ts';
import type { CollectFlags } from './run.ts';

const DAYS_MAX = 36_500;
const HOURS_MAX = 24 * DAYS_MAX;
const VERSIONS_MAX = 100;
const SAMPLE_MAX = 100_000;

/** Adds the commands about stored results: `gc`, `scrub`, `verify`, `accept` and `versions`. */
export function addResults(program: Command, context: CommandContext): void {
  addCollection(program, context);
  addScrubAndVerify(program, context);
  addHistory(program, context);
}

function addCollection(program: Command, { openOptions, run }: CommandContext): void {
  program
    .command('gc')
    .description('remove results, bytes and leftovers that nothing needs any more')
    .option('--dry-run', 'say what would go, and remove nothing; the plan is kept')
    .addOption(
      new Option('--plan <id>', 'carry out the plan of an earlier dry run, which says what goes').conflicts([
        ...['dryRun', 'graceHours', 'unusedDays'],
      ]),
    )
    .option('--grace-hours <number>', 'what is younger stays; 24', wholeNumber({ min: 0, max: HOURS_MAX }))
    .option('--unused-days <number>', 'also what no run used for so long', wholeNumber({ min: 0, max: DAYS_MAX }))
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(({ project, ...flags }: CollectFlags) =>
      run(async (running) => {
        const { collect } = await import('./run.ts');
        return collect({ ...openOptions(project), ...flags, ...running });
      }),
    );
}

function addScrubAndVerify(program: Command, { openOptions, run }: CommandContext): void {
  program
    .command('scrub')
    .description('read all that is stored and compare it with its digests; exit code 1 when something is wrong')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(({ project, ...flags }: { project?: string; json?: boolean }) =>
      run(async (running) => {
        const { scrubArtifacts } = await import('../scrub/run.ts');
        return scrubArtifacts({ ...openOptions(project), ...flags, ...running });
      }),
    );
  program
    .command('verify <task>')
    .description('run some goals of a task again, keep nothing, and compare; exit code 1 when any came out otherwise')
    .option('--sample <number>', 'how many goals', wholeNumber({ min: 1, max: SAMPLE_MAX }), 10)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((task: string, { project, ...flags }: VerifyFlags) =>
      run(async (running) => {
        const { verify } = await import('../verify/run.ts');
        return verify(task, { ...openOptions(project), ...flags, ...running });
      }),
    );
}

function addHistory(program: Command, { openOptions, run }: CommandContext): void {
  program
    .command('accept <task>')
    .description(
      'declare the newest results of a task to be what its code of now would make, without computing; exit code 1 when some were refused',
    )
    .option('--dry-run', 'say what would be accepted, and record nothing')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((task: string, { project, ...flags }: ChangeFlags & { readonly dryRun?: boolean }) =>
      run(async (running) => {
        const { accept } = await import('../accept/run.ts');
        return accept(task, { ...openOptions(project), ...flags, ...running });
      }),
    );
  program
    .command('versions <goal>')
    .description("list the results there are of a goal, such as 'fit-model(seed=1)', newest first")
    .option('--params <json>', 'params of the goal as one JSON object')
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: VERSIONS_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((goal: string, { project, ...flags }: VersionsFlags) =>
      run(async (running) => {
        const { listVersions } = await import('../versions/run.ts');
        return listVersions(goal, { ...openOptions(project), ...flags, ...running });
      }),
    );
}
