import path from 'node:path';
import { contractSource, findDelimiter, profileFile, suggestContract } from '#contracts';
import { openDuckdbPool } from '#store';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNoProject, assertTextFlags } from '../../file-flags.ts';
import type { CheckCommand } from './run.ts';

/** Prints a contract that the file meets. */
export async function suggest(file: string, command: CheckCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  assertNoProject('check --suggest', around);
  await assertTextFlags([file], flags);
  const delimiter = flags.delimiter ?? (await findDelimiter(file, flags));
  const duckdb = openDuckdbPool({ size: 1 });
  const { encoding } = flags;
  try {
    const options = { path: file, duckdb, delimiter, signal, ...(encoding === undefined ? {} : { encoding }) };
    const profile = await show(`Reading ${printable(path.basename(file))}`, (onProgress) =>
      profileFile({ ...options, provesUnique: true, onProgress }),
    );
    print(contractSource(suggestContract(profile, { delimiter })));
    return EXIT_CODES.done;
  } finally {
    await duckdb.close();
  }
}
