import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Contract,
  type CorruptFile,
  type CorruptFileOptions,
  corruptFile,
  ERROR_KINDS,
  type ProfileFileOptions,
  profileFile,
  suggestContract,
} from '#contracts';
import { openDuckdbPool, toCountText } from '#store';
import { UsageError } from '../../../project/errors.ts';
import type { Surroundings } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNoProject, assertTextFlags, type ContractFlags, maybeChooseContract } from '../../file-flags.ts';
import { assertNotOverwritten } from '../../flags.ts';
import { maybeFoundFormat, suggestOptionsOf } from '../../found-format.ts';
import type { Running } from '../../terminal.ts';

export interface CorruptFlags extends ContractFlags, Pick<CorruptFileOptions, 'encoding'> {
  readonly out?: string;
  readonly share?: number;
  readonly seed?: number;
  readonly kinds?: string;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly delimiter?: string;
}

export interface CorruptCommand extends Running {
  readonly flags: CorruptFlags;
  readonly around: Surroundings;
}

const SHARE = 0.1;
const SEED = 1;
/** The format that the name of the copy implies; the copy is CSV. */
const OTHER_FORMAT = /\.(parquet|pq|ndjson|jsonl)(\.gz)?$/i;

/** Prints the kinds of errors. */
export async function list(file: string | undefined, { flags, around, print }: CorruptCommand): Promise<number> {
  if (file !== undefined)
    throw new UsageError('usage_invalid', `Expected --list or a file to corrupt; got both, --list and ${file}.`);
  assertNoProject('corrupt --list', around);
  const width = Math.max(...ERROR_KINDS.map(({ kind }) => kind.length));
  const lines = ERROR_KINDS.map(({ kind, level }) => `${kind.padEnd(width)}  ${level}`);
  print(flags.json ? `${JSON.stringify({ kinds: ERROR_KINDS })}\n` : `${lines.join('\n')}\n`);
  return EXIT_CODES.done;
}

/** Writes a copy with errors, and the list of them. */
export async function corrupt(file: string | undefined, command: CorruptCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  const { out, share = SHARE, seed = SEED, encoding } = flags;
  if (file === undefined)
    throw new UsageError('usage_invalid', 'Expected a file to corrupt: weir corrupt <file> --out <file>.');
  if (out === undefined)
    throw new UsageError('usage_invalid', 'Expected --out <file>, the copy to write; the file itself stays.');
  if (OTHER_FORMAT.test(out))
    throw new UsageError('usage_invalid', `Expected a name for CSV, such as copy.csv, after --out; got ${out}.`);
  const kinds = kindsOf(flags);
  await assertNotOverwritten(file, [out, `${out}.truth.jsonl`]);
  const chosen = await maybeChooseContract(flags, around);
  await assertTextFlags([file], flags);
  const scratch = await mkdtemp(path.join(tmpdir(), 'weir-corrupt-command-'));
  const duckdb = openDuckdbPool({ ...chosen?.duckdb, temporaryFolder: scratch, size: 1 });
  try {
    const how = { path: file, duckdb, signal, ...(encoding === undefined ? {} : { encoding }) };
    const contract = chosen?.contract ?? (await suggestedContract(file, { ...how, flags }));
    const named = flags.delimiter === undefined ? {} : { delimiter: flags.delimiter };
    const options = { ...how, ...named, out, contract, share, seed, ...(kinds === undefined ? {} : { kinds }) };
    const made = await show(`Corrupting ${printable(path.basename(file))}`, (onProgress) =>
      corruptFile({ ...options, onProgress }),
    );
    print(flags.json ? `${JSON.stringify(made)}\n` : printable(toText(made, out)));
    return EXIT_CODES.done;
  } finally {
    await duckdb.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Without a contract, an error is what the file itself never has. */
async function suggestedContract(
  file: string,
  { flags, ...how }: ProfileFileOptions & { readonly flags: CorruptFlags },
): Promise<Contract> {
  const found = await maybeFoundFormat(file, flags);
  const profile = await profileFile({ ...how, provesUnique: true, ...(found && { found }) });
  return suggestContract(profile, found && suggestOptionsOf(found));
}

function toText({ rows, errors, truth }: CorruptFile, out: string): string {
  return `${toCountText(rows, 'row')}, ${toCountText(errors, 'error')}\n  → ${out}\n  → ${truth}\n`;
}

/** The kinds that `--kinds` names; a share of rows is refused where none of them breaks rows. */
function kindsOf({ kinds: text, share }: CorruptFlags): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const kinds = text.split(',').map((kind) => kind.trim());
  const levels = kinds.map((kind) => ERROR_KINDS.find((known) => known.kind === kind)?.level);
  const unknown = kinds[levels.indexOf(undefined)];
  if (unknown !== undefined) {
    const known = ERROR_KINDS.map(({ kind }) => kind).join(', ');
    throw new UsageError('usage_invalid', `Expected kinds among ${known}; got "${unknown}".`);
  }
  if (share !== undefined && levels.every((level) => level === 'file'))
    throw new UsageError(
      'usage_invalid',
      `Expected --share with kinds that corrupt cells or rows; ${text} breaks the file as a whole.`,
    );
  return kinds;
}
