import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { byOption, jsonOption, projectOption } from '../../flags.ts';
import type { DrainFlags } from './run.ts';

/** Adds `weir workers` and its subcommand. */
export function addWorkers(program: Command, { runInProject }: CommandContext): void {
  const workers = program
    .command('workers')
    .description('list the workers on the database: labels, slots, what each runs, when it was last heard of')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { showWorkers } = await import('./run.ts');
        return showWorkers(command);
      }),
    );
  workers
    .command('drain <worker>')
    .description('ask a worker, by its name or id, to take nothing new and to end when its task runs have')
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((worker: string, flags: DrainFlags) =>
      // What was said after "workers" holds for the subcommand too.
      runInProject({ ...workers.opts<ProjectFlags>(), ...flags }, async (command) => {
        const { drain } = await import('./run.ts');
        return drain(worker, command);
      }),
    );
}
