import path from 'node:path';
import type { Duckdb } from '#store';
import { literal } from '../sql.ts';
import { bitsOf, type CompiledCheck, type Counts, flagsIn, isSet } from './compile.ts';

/** A row that has a violation of severity fail, by its number from 0, and the masks of all its violations. */
export interface BadRow {
  readonly row: number;
  readonly masks: readonly number[];
}

/** What violates anything: `bad` and `v<bit>` as counts, and the bad rows in order, in memory or as lines of a file. */
export interface FlaggedRows {
  readonly counts: Counts;
  readonly badRows: readonly BadRow[] | string;
}

/** Up to so many rows, what is wrong with each fits in memory, and asking once is quicker than three statements. */
const ROWS_SMALL = 20_000;

/** Finds the rows that violate anything, once the table of rows is there. */
export function findFlagged(
  connection: Duckdb,
  options: { readonly compiled: CompiledCheck; readonly rows: number; readonly work: string },
): Promise<FlaggedRows> {
  return options.rows <= ROWS_SMALL ? findInMemory(connection, options.compiled) : findOnDisk(connection, options);
}

async function findInMemory(connection: Duckdb, { flagged, flags, maskCount }: CompiledCheck): Promise<FlaggedRows> {
  const rows = await connection.all<Readonly<Record<string, number>>>(`${flagged} order by "row"`);
  const counts: Record<string, number> = {};
  const badRows: BadRow[] = [];
  for (const found of rows) {
    const masks = Array.from({ length: maskCount }, (_, mask) => found[`m${mask}`] ?? 0);
    const own = flagsIn(masks, flags);
    for (const bit of own.flatMap(bitsOf)) if (isSet(masks, bit)) counts[`v${bit}`] = (counts[`v${bit}`] ?? 0) + 1;
    if (own.some(({ expectation }) => expectation.severity === 'fail')) badRows.push({ row: found.row ?? -1, masks });
  }
  return { counts: { ...counts, bad: badRows.length }, badRows };
}

async function findOnDisk(
  connection: Duckdb,
  { compiled, work }: { readonly compiled: CompiledCheck; readonly work: string },
): Promise<FlaggedRows> {
  const badRows = path.join(work, 'bad-rows');
  await connection.run(compiled.createFlagged);
  const [counts = {}] = await connection.all<Counts>(compiled.countFlagged);
  if (counts.bad === 0) return { counts, badRows: [] };
  await connection.run(`copy (${compiled.badRows}) to ${literal(badRows)} (format csv, header false)`);
  return { counts, badRows };
}
