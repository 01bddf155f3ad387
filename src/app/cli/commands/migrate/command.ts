import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { byOption, jsonOption, projectOption } from '../../flags.ts';
import type { MigrateFlags } from './run.ts';

/** Adds `weir migrate`. */
export function addMigrate(program: Command, { runInProject }: CommandContext): void {
  program
    .command('migrate')
    .description(
      'bring the schema of the database up to date, as a step of a deployment; each start does so unless database.migrate is deploy',
    )
    .option('--check', 'change nothing; exit code 1 when a migration is pending')
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: MigrateFlags) =>
      runInProject(flags, async (command) => {
        const { migrateDatabase } = await import('./run.ts');
        return migrateDatabase(command);
      }),
    );
}
