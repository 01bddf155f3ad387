import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { type Contract, type CorruptCsv, corruptCsv, ERROR_KINDS, profileFile, suggestContract } from '#contracts';
import { openDuckdbPool } from '#store';
import { type ContractFlags, maybeChooseContract, type Surroundings } from '../choose-contract.ts';
import { UsageError } from '../errors.ts';
import { showLongWork } from '../long-work.ts';
import { EXIT_CODES, printable, runToEnd } from './ending.ts';
import { assertNotOverwritten, contractOption, delimiterOf, projectOption, wholeNumber } from './file-flags.ts';

interface CorruptFlags extends ContractFlags {
  readonly out?: string;
  readonly share: number;
  readonly seed: number;
  readonly kinds?: readonly string[];
  readonly list?: boolean;
  readonly json?: boolean;
}

/** Adds `weir corrupt`. */
export function addCorrupt(program: Command, around: Surroundings, finish: (exitCode: number) => void): void {
  program
    .command('corrupt [csv]')
    .description('write a copy with errors injected, and the list of them beside it, in <out>.truth.jsonl')
    .option('--out <file>', 'the file to write')
    .option('--kinds <names>', 'comma-separated kinds of errors; all of cells and rows when absent', toKinds)
    .option('--share <number>', 'share of rows that get an error, 0 to 1', toShare, 0.1)
    .option('--seed <number>', 'same seed, same errors', wholeNumber({ min: 0, max: 0xffff_ffff }), 1)
    .option('--list', 'print the kinds of errors, and do nothing else')
    .addOption(projectOption())
    .addOption(contractOption())
    .option('--json', 'print one JSON object')
    .action(async (csv: string | undefined, flags: CorruptFlags) =>
      finish(await runToEnd((signal) => (flags.list ? list(flags) : corrupt(csv, { flags, around, signal })))),
    );
}

async function list({ json }: CorruptFlags): Promise<number> {
  const width = Math.max(...ERROR_KINDS.map(({ kind }) => kind.length));
  const lines = ERROR_KINDS.map(({ kind, level }) => `${kind.padEnd(width)}  ${level}`);
  process.stdout.write(json ? `${JSON.stringify({ kinds: ERROR_KINDS })}\n` : `${lines.join('\n')}\n`);
  return EXIT_CODES.done;
}

interface CorruptCommand {
  readonly flags: CorruptFlags;
  readonly around: Surroundings;
  readonly signal: AbortSignal;
}

async function corrupt(csv: string | undefined, { flags, around, signal }: CorruptCommand): Promise<number> {
  const { out, share, seed, kinds } = flags;
  if (csv === undefined) throw new UsageError('Expected a CSV file to corrupt: weir corrupt <csv> --out <file>.');
  if (out === undefined) throw new UsageError('Expected --out <file>, the copy to write; the file itself stays.');
  await assertNotOverwritten(csv, [out, `${out}.truth.jsonl`]);
  const chosen = await maybeChooseContract(flags, around);
  const contract = chosen?.contract ?? (await suggestedContract(csv, signal));
  const options = { path: csv, out, contract, share, seed, ...(kinds === undefined ? {} : { kinds }) };
  const made = await showLongWork(`Corrupting ${printable(path.basename(csv))}`, () => corruptCsv(options));
  process.stdout.write(flags.json ? `${JSON.stringify(made)}\n` : printable(toText(made, out)));
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
  throw new InvalidArgumentError(`Expected kinds among ${known}; got "${unknown}".`);
}

function toShare(text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError(`Expected a share from 0 to 1; got "${text}".`);
}
