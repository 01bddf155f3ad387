import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import {
  contractOption,
  delimiterOption,
  encodingOption,
  jsonOption,
  projectOption,
  schemaOption,
} from '../../flags.ts';
import type { ProfileFlags } from './run.ts';

/** Adds `weir profile`. */
export function addProfile(program: Command, { around, run }: CommandContext): void {
  program
    .command('profile <file>')
    .description('summarise a file: kinds, empty cells, ranges, frequent values, correlations')
    .option('--html <file>', 'write the profile as one page of HTML')
    .option('--show-values', 'show frequent values on that page; they may be personal')
    .addOption(jsonOption())
    .option('--compare <other>', 'list the differences from another file, the reference')
    .addOption(projectOption())
    .addOption(contractOption())
    .addOption(schemaOption())
    .addOption(encodingOption())
    .addOption(delimiterOption())
    .action((file: string, flags: ProfileFlags) =>
      run(async (running) => {
        const { profile } = await import('./run.ts');
        return profile(file, { flags, around, ...running });
      }),
    );
}
