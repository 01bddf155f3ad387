import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../../context.ts';
import {
  contractOption,
  delimiterOption,
  encodingOption,
  jsonOption,
  projectOption,
  schemaOption,
  wholeNumber,
} from '../../flags.ts';
import { formatOption } from '../../format-option.ts';
import type { CorruptFlags } from './run.ts';

/** Adds `weir corrupt`. */
export function addCorrupt(program: Command, { around, run }: CommandContext): void {
  program
    .command('corrupt [file]')
    .description('write a copy as CSV with errors injected, and the list of them in <out>.truth.jsonl')
    .option('--out <file>', 'the file to write')
    .option('--kinds <names>', 'comma-separated kinds of errors; all of cells and rows when absent')
    .option('--share <number>', 'share of rows that get an error, 0 to 1; 0.1 by default', toShare)
    .option('--seed <number>', 'same seed, same errors; 1 by default', wholeNumber({ min: 0, max: 0xffff_ffff }))
    .addOption(
      new Option('--list', 'print the kinds of errors, and do nothing else').conflicts([
        ...['out', 'kinds', 'share', 'seed', 'contract', 'schema', 'delimiter', 'format', 'encoding'],
      ]),
    )
    .addOption(projectOption())
    .addOption(contractOption())
    .addOption(schemaOption())
    .addOption(delimiterOption())
    .addOption(formatOption())
    .addOption(encodingOption())
    .addOption(jsonOption())
    .action((file: string | undefined, flags: CorruptFlags) =>
      run(async (running) => {
        const { corrupt, list } = await import('./run.ts');
        const command = { flags, around, ...running };
        return (flags.list ? list : corrupt)(file, command);
      }),
    );
}

function toShare(text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError(`Expected a share from 0 to 1; got "${text}".`);
}
