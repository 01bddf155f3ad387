import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { delimiterOption, encodingOption, jsonOption, wholeNumber } from '../../flags.ts';
import { formatOption } from '../../format-option.ts';
import type { SplitFlags } from './run.ts';

const FILES_MAX = 10_000;

/** Adds `weir split`. */
export function addSplit(program: Command, { around, run }: CommandContext): void {
  program
    .command('split <file>')
    .description('split a file into files of the same format whose sizes differ by at most one row')
    .requiredOption('--into <folder>', 'where the files go')
    .requiredOption('--files <number>', 'how many files', wholeNumber({ min: 1, max: FILES_MAX }))
    .addOption(delimiterOption())
    .addOption(formatOption())
    .addOption(encodingOption())
    .addOption(jsonOption())
    .action((file: string, flags: SplitFlags) =>
      run(async (running) => {
        const { split } = await import('./run.ts');
        return split(file, { flags, around, ...running });
      }),
    );
}
