import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { byOption, type ChangeFlags, jsonOption, projectOption, reasonOption, wholeNumber } from '../../flags.ts';
import type { PerformanceFlags } from './performance.ts';

const DAYS = 14;
const DAYS_MAX = 90;
const VERSION_MAX = 2 ** 31 - 1;
const VERSION = 'number of a model version';
const toVersion = wholeNumber({ min: 1, max: VERSION_MAX });
const CHANGES = [
  ['promote', 'champion', 'make a version of the model champion: it answers from the next prediction on'],
  ['challenge', 'challenger', 'name a version as challenger: the pipeline monitor compares it with what was served'],
] as const;

/** Adds `weir models` and its subcommands. */
export function addModels(program: Command, { runInProject }: CommandContext): void {
  const models = program
    .command('models')
    .description('list the versions of the model, newest first, with metrics, champion and promotions')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { showModels } = await import('./run.ts');
        return showModels(command);
      }),
    );
  // What was said after "models" holds for the subcommand too.
  const withOuter = <F extends ProjectFlags>(flags: F): F => ({ ...models.opts<ProjectFlags>(), ...flags });
  models
    .command('card')
    .argument('<version>', VERSION, toVersion)
    .description('print the model card of a version, as Markdown')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((version: number, flags: ProjectFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { showCard } = await import('./run.ts');
        return showCard(version, command);
      }),
    );
  addPerformance(models, (flags, work) => runInProject(withOuter(flags), work));
  for (const [name, alias, description] of CHANGES)
    models
      .command(name)
      .argument('<version>', VERSION, toVersion)
      .description(`${description}; exit code 1 when it is already`)
      .addOption(reasonOption())
      .addOption(byOption())
      .addOption(projectOption())
      .addOption(jsonOption())
      .action((version: number, flags: ChangeFlags) =>
        runInProject(withOuter(flags), async (command) => {
          const { promoteVersion } = await import('./run.ts');
          return promoteVersion(version, { ...command, alias });
        }),
      );
  models
    .command('rollback')
    .description('make the version champion again that was before the last promotion; twice undoes it')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ChangeFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { rollBackChampion } = await import('./run.ts');
        return rollBackChampion(command);
      }),
    );
}

/** Adds `weir models performance`. */
function addPerformance(models: Command, runWithOuter: CommandContext['runInProject']): void {
  models
    .command('performance')
    .description(
      'print how good the predictions of the last days were, estimates without labels, and how soon labels come',
    )
    .option(
      '--days <days>',
      'how many days, today included, as UTC has them',
      wholeNumber({ min: 1, max: DAYS_MAX }),
      DAYS,
    )
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: PerformanceFlags) =>
      runWithOuter(flags, async (command) => {
        const { showPerformance } = await import('./performance.ts');
        return showPerformance(command);
      }),
    );
}
