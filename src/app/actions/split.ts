import path from 'node:path';
import { type SplitCsvOptions, splitCsv } from '#contracts';
import { EXIT_CODES, printable } from '../commands/ending.ts';
import { delimiterOf } from '../commands/file-flags.ts';

import type { Running } from '../terminal.ts';

export interface SplitFlags extends Pick<SplitCsvOptions, 'into' | 'files'> {
  readonly delimiter?: ReturnType<typeof delimiterOf>;
  readonly json?: boolean;
}

/** Cuts a CSV file into files. */
export async function split(csv: string, command: SplitFlags & Running): Promise<number> {
  const { into, files, signal, print, show, ...flags } = command;
  const delimiter = delimiterOf(csv, flags.delimiter);
  const made = await show(`Splitting ${printable(path.basename(csv))}`, (onProgress) =>
    splitCsv({ path: csv, into, files, delimiter, signal, onProgress }),
  );
  const sizes = made.files.map(({ rows }) => rows);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const each = least === most ? `${least}` : `${least} or ${most}`;
  print(
    flags.json
      ? `${JSON.stringify(made)}\n`
      : printable(`${made.rows} rows in ${made.files.length} file(s) of ${each} rows → ${into}\n`),
  );
  return EXIT_CODES.done;
}
