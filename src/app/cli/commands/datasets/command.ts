import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { DatasetsFlags, FetchFlags } from './run.ts';

const LISTED_MAX = 1000;
const VERSION_MAX = 2_147_483_647;
const toVersion = wholeNumber({ min: 1, max: VERSION_MAX });

/** Adds `weir datasets`. */
export function addDatasets(program: Command, { runInProject }: CommandContext): void {
  const datasets = program
    .command('datasets')
    .description('list the versions of the dataset that models are trained on, newest first')
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: LISTED_MAX }), 20)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: DatasetsFlags) =>
      runInProject(flags, async (command) => (await import('./run.ts')).listVersions(command)),
    );
  // What was said after "datasets" holds for all of them.
  const withParents = <F extends ProjectFlags>(flags: F): F => ({ ...datasets.opts<ProjectFlags>(), ...flags });
  datasets
    .command('show')
    .argument('<version>', 'number of the version', toVersion)
    .description('describe a version: where its rows come from, and what each column holds')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((version: number, flags: ProjectFlags) =>
      runInProject(withParents(flags), async (command) => (await import('./run.ts')).showVersion(version, command)),
    );
  datasets
    .command('compare')
    .argument('<before>', 'number of a version', toVersion)
    .argument('<after>', 'number of another', toVersion)
    .description('say which rows two versions do not share, and which columns are distributed differently')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((before: number, after: number, flags: ProjectFlags) =>
      runInProject(withParents(flags), async (command) =>
        (await import('./run.ts')).compareVersions({ before, after }, command),
      ),
    );
  datasets
    .command('fetch')
    .argument('<version>', 'number of the version', toVersion)
    .description('write the rows of a version to a CSV file')
    .requiredOption('--out <file>', 'where to write them')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((version: number, flags: FetchFlags) =>
      runInProject(withParents(flags), async (command) => (await import('./run.ts')).fetchVersion(version, command)),
    );
}
