import path from 'node:path';
import type { Command } from 'commander';
import { type SplitCsvOptions, splitCsv } from '#contracts';
import { showLongWork } from '../long-work.ts';
import { EXIT_CODES, printable, runToEnd } from './ending.ts';
import { delimiterOf, delimiterOption, wholeNumber } from './file-flags.ts';

const FILES_MAX = 10_000;

interface SplitFlags extends Pick<SplitCsvOptions, 'into' | 'files'> {
  readonly delimiter?: ReturnType<typeof delimiterOf>;
  readonly json?: boolean;
}

/** Adds `weir split`. */
export function addSplit(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('split <csv>')
    .description('cut a CSV file into a number of files whose sizes differ by at most one row')
    .requiredOption('--into <folder>', 'where the files go')
    .requiredOption('--files <number>', 'how many files', wholeNumber({ min: 1, max: FILES_MAX }))
    .addOption(delimiterOption())
    .option('--json', 'print one JSON object')
    .action(async (csv: string, flags: SplitFlags) => finish(await runToEnd((signal) => split(csv, flags, signal))));
}

async function split(csv: string, { into, files, ...flags }: SplitFlags, signal: AbortSignal): Promise<number> {
  const delimiter = delimiterOf(csv, flags.delimiter);
  const made = await showLongWork(`Splitting ${printable(path.basename(csv))}`, (onProgress) =>
    splitCsv({ path: csv, into, files, delimiter, signal, onProgress }),
  );
  const sizes = made.files.map(({ rows }) => rows);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const each = least === most ? `${least}` : `${least} or ${most}`;
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(made)}\n`
      : printable(`${made.rows} rows in ${made.files.length} file(s) of ${each} rows → ${into}\n`),
  );
  return EXIT_CODES.done;
}
