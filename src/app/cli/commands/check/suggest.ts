import path from 'node:path';
import { type Contract, contractSource, type FoundFormat, profileFile, suggestContract } from '#contracts';
import { openDuckdbPool } from '#store';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNoProject, assertTextFlags } from '../../file-flags.ts';
import { maybeFoundFormat, suggestOptionsOf } from '../../found-format.ts';
import type { CheckCommand } from './run.ts';

/** Prints a contract that the file meets, and why its format is what it is. */
export async function suggest(file: string, command: CheckCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  assertNoProject('check --suggest', around);
  await assertTextFlags([file], flags);
  const found = await maybeFoundFormat(file, flags);
  const duckdb = openDuckdbPool({ size: 1 });
  try {
    const options = { path: file, duckdb, signal, ...(found && { found }) };
    const profile = await show(`Reading ${printable(path.basename(file))}`, (onProgress) =>
      profileFile({ ...options, provesUnique: true, onProgress }),
    );
    const contract = suggestContract(profile, found && suggestOptionsOf(found));
    print(`${contractSource(contract)}${decimalsOf(contract)}${found === undefined ? '' : reasonsOf(found)}`);
    return EXIT_CODES.done;
  } finally {
    await duckdb.close();
  }
}

/** How the file is written and why, as a comment behind the contract. */
function reasonsOf({ reasons }: FoundFormat): string {
  if (reasons.length === 0) return '';
  const lines = reasons.map(({ setting, because }) => `// ${setting}: ${printable(because)}`);
  return `\n// How the file is written, as its first lines show it:\n${lines.join('\n')}\n`;
}

/** Decimals of so many digits are checked as fast as numbers. */
const PRECISION = 18;

/** Columns of numbers that are written with few digits behind the point, such as prices. */
function decimalsOf({ columns }: Contract): string {
  const lines = Object.entries(columns).flatMap(([name, column]) => {
    const scale = column.kind === 'number' ? (column.decimals ?? 0) : 0;
    if (scale === 0) return [];
    const words = scale === 1 ? '1 digit' : `${scale} digits`;
    return [
      `// ${printable(name)}: its numbers have ${words} behind the point; decimal({ precision: ${PRECISION}, scale: ${scale} }) keeps and compares each digit exactly\n`,
    ];
  });
  return lines.join('');
}
