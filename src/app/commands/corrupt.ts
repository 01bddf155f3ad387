import { type Command, InvalidArgumentError } from 'commander';
import type { CorruptFlags } from '../actions/corrupt.ts';
import type { CommandContext } from './context.ts';
import { contractOption, jsonOption, projectOption, wholeNumber } from './file-flags.ts';

/** Adds `weir corrupt`. */
export function addCorrupt(program: Command, { around, run }: CommandContext): void {
  program
    .command('corrupt [csv]')
    .description('write a copy with errors injected, and the list of them beside it, in <out>.truth.jsonl')
    .option('--out <file>', 'the file to write')
    .option('--kinds <names>', 'comma-separated kinds of errors; all of cells and rows when absent')
    .option('--share <number>', 'share of rows that get an error, 0 to 1', toShare, 0.1)
    .option('--seed <number>', 'same seed, same errors', wholeNumber({ min: 0, max: 0xffff_ffff }), 1)
    .option('--list', 'print the kinds of errors, and do nothing else')
    .addOption(projectOption())
    .addOption(contractOption())
    .addOption(jsonOption())
    .action((csv: string | undefined, flags: CorruptFlags) =>
      run(async (running) => {
        const { corrupt, list } = await import('../actions/corrupt.ts');
        const command = { flags, around, ...running };
        return flags.list ? list(command) : corrupt(csv, command);
      }),
    );
}

function toShare(text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError(`Expected a share from 0 to 1; got "${text}".`);
}
