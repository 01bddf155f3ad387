import path from 'node:path';
import { type Contract, type CorruptCsv, corruptCsv, ERROR_KINDS, profileFile, suggestContract } from '#contracts';
import { openDuckdbPool } from '#store';
import { maybeChooseContract } from '../choose-contract.ts';
import { EXIT_CODES, printable } from '../commands/ending.ts';
import { assertNotOverwritten, delimiterOf } from '../commands/file-flags.ts';
import { UsageError } from '../errors.ts';
import type { ContractFlags, Surroundings } from '../surroundings.ts';
import type { Running } from '../terminal.ts';

export interface CorruptFlags extends ContractFlags {
  readonly out?: string;
  readonly share: number;
  readonly seed: number;
  readonly kinds?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

export interface CorruptCommand extends Running {
  readonly flags: CorruptFlags;
  readonly around: Surroundings;
}

/** Prints the kinds of errors. */
export async function list({ flags: { json }, print }: CorruptCommand): Promise<number> {
  const width = Math.max(...ERROR_KINDS.map(({ kind }) => kind.length));
  const lines = ERROR_KINDS.map(({ kind, level }) => `${kind.padEnd(width)}  ${level}`);
  print(json ? `${JSON.stringify({ kinds: ERROR_KINDS })}\n` : `${lines.join('\n')}\n`);
  return EXIT_CODES.done;
}

/** Writes a copy with errors, and the list of them. */
export async function corrupt(csv: string | undefined, command: CorruptCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  const { out, share, seed } = flags;
  const kinds = flags.kinds === undefined ? undefined : toKinds(flags.kinds);
  if (csv === undefined) throw new UsageError('Expected a CSV file to corrupt: weir corrupt <csv> --out <file>.');
  if (out === undefined) throw new UsageError('Expected --out <file>, the copy to write; the file itself stays.');
  await assertNotOverwritten(csv, [out, `${out}.truth.jsonl`]);
  const chosen = await maybeChooseContract(flags, around);
  const contract = chosen?.contract ?? (await suggestedContract(csv, signal));
  const options = { path: csv, out, contract, share, seed, signal, ...(kinds === undefined ? {} : { kinds }) };
  const made = await show(`Corrupting ${printable(path.basename(csv))}`, (onProgress) =>
    corruptCsv({ ...options, onProgress }),
  );
  print(flags.json ? `${JSON.stringify(made)}\n` : printable(toText(made, out)));
  return EXIT_CODES.done;
}

/** Without a contract, an error is what the file itself never does. */
async function suggestedContract(csv: string, signal: AbortSignal): Promise<Contract> {
  const duckdb = openDuckdbPool({ size: 1 });
  const delimiter = delimiterOf(csv, undefined);
  try {
    return suggestContract(await profileFile({ path: csv, duckdb, delimiter, signal }), { delimiter });
  } finally {
    await duckdb.close();
  }
}

function toText({ rows, errors, truth }: CorruptCsv, out: string): string {
  return `${rows} rows, ${errors} error(s)\n  → ${out}\n  → ${truth}\n`;
}

function toKinds(text: string): readonly string[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.find((kind) => !ERROR_KINDS.some((known) => known.kind === kind));
  if (unknown === undefined) return kinds;
  const known = ERROR_KINDS.map(({ kind }) => kind).join(', ');
  throw new UsageError(`Expected kinds among ${known}; got "${unknown}".`);
}
