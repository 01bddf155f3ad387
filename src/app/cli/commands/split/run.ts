import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FileFormat, type FoundFormat, type SplitFile, type SplitFileOptions, splitFile } from '#contracts';
import { openDuckdbPool, toCountText } from '#store';
import type { Surroundings } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNoProject, assertTextFlags } from '../../file-flags.ts';
import { maybeFoundFormat } from '../../found-format.ts';
import type { Running } from '../../terminal.ts';

export interface SplitFlags extends Pick<SplitFileOptions, 'into' | 'files' | 'encoding'> {
  readonly delimiter?: string;
  readonly format?: FileFormat;
  readonly json?: boolean;
}

export interface SplitCommand extends Running {
  readonly flags: SplitFlags;
  readonly around: Surroundings;
}

/** Splits a file into files. */
export async function split(file: string, command: SplitCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  const { into, files } = flags;
  assertNoProject('split', around);
  await assertTextFlags([file], flags);
  const scratch = await mkdtemp(path.join(tmpdir(), 'weir-split-'));
  const written = await maybeFoundFormat(file, flags);
  // Only Parquet needs it, so it starts on demand.
  const duckdb = openDuckdbPool({ temporaryFolder: scratch, size: 1 });
  try {
    const options = {
      path: file,
      into,
      files,
      duckdb,
      ...(written === undefined ? encodingOf(flags) : readingOf(written)),
      signal,
    };
    const made = await show(`Splitting ${printable(path.basename(file))}`, (onProgress) =>
      splitFile({ ...options, onProgress }),
    );
    print(flags.json ? `${JSON.stringify(made)}\n` : printable(toText(made, into)));
    return EXIT_CODES.done;
  } finally {
    await duckdb.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

type Reading = Pick<SplitFileOptions, 'delimiter' | 'format' | 'encoding'>;

const encodingOf = ({ encoding }: Reading): Reading => (encoding === undefined ? {} : { encoding });

/** The encoding stands apart from the format: no contract expects it of the parts, which are UTF-8 without a mark. */
function readingOf({ delimiter, format = {} }: FoundFormat): Reading {
  const { encoding, ...form } = format;
  const isPlain = Object.keys(form).length === 0;
  return { delimiter, ...(isPlain ? {} : { format: form }), ...(encoding === undefined ? {} : { encoding }) };
}

function toText({ rows, files }: SplitFile, into: string): string {
  const sizes = files.map((file) => file.rows);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const each = least === most ? `${least}` : `${least} or ${most}`;
  const empty = sizes.filter((size) => size === 0).length;
  const warning = empty === 0 ? '' : `${empty} of the files have no rows: there are more files than rows\n`;
  return `${rows} rows in ${toCountText(files.length, 'file')} of ${each} rows → ${into}\n${warning}`;
}
