import path from 'node:path';
import type { Duckdb } from '#store';
import { literal } from '../sql.ts';
import type { CompiledGroup, Counts } from './compile.ts';
import { bitsOf, FLAGGED_TABLE, isSet } from './flags.ts';

/** A row with violations, by its number from 0, and their masks. */
export interface FlaggedRow {
  readonly row: number;
  readonly masks: readonly number[];
}

/** The flagged rows of a group: `v<bit>` as counts, and the rows in order, in memory or as lines of a file. */
export interface FlaggedRows {
  readonly counts: Counts;
  readonly firstMask: number;
  readonly rows: readonly FlaggedRow[] | string;
}

/** Up to this many rows the masks fit in memory, and one query is faster than three statements. */
const ROWS_SMALL = 20_000;

export interface FindOptions {
  readonly compiled: CompiledGroup;
  /** Rows of the file. */
  readonly rows: number;
  readonly groups: number;
  readonly work: string;
}

/** Finds the rows of a group with violations, once its table of rows exists. */
export async function findFlagged(connection: Duckdb, options: FindOptions): Promise<FlaggedRows> {
  const { compiled, rows, groups } = options;
  if (compiled.flags.length === 0) return { counts: {}, firstMask: compiled.masks[0] ?? 0, rows: [] };
  return rows * groups <= ROWS_SMALL ? findInMemory(connection, compiled) : findOnDisk(connection, options);
}

async function findInMemory(connection: Duckdb, { flagged, flags, masks }: CompiledGroup): Promise<FlaggedRows> {
  const firstMask = masks[0] ?? 0;
  const found = await connection.all<Readonly<Record<string, number>>>(`${flagged} order by "row"`);
  const counts: Record<string, number> = {};
  const bits = flags.flatMap(bitsOf);
  const rows = found.map((answer): FlaggedRow => {
    const own = masks.map((mask) => answer[`m${mask}`] ?? 0);
    for (const bit of bits) if (isSet(own, bit, firstMask)) counts[`v${bit}`] = (counts[`v${bit}`] ?? 0) + 1;
    return { row: answer.row ?? -1, masks: own };
  });
  return { counts, firstMask, rows };
}

async function findOnDisk(connection: Duckdb, { compiled, work }: FindOptions): Promise<FlaggedRows> {
  const firstMask = compiled.masks[0] ?? 0;
  const file = path.join(work, `flagged-rows-${firstMask}`);
  await connection.run(compiled.createFlagged);
  const [counts = {}] = await connection.all<Counts>(compiled.countFlagged);
  if (Object.values(counts).every((count) => count === 0)) return { counts, firstMask, rows: [] };
  await connection.run(
    `copy (select * from ${FLAGGED_TABLE} order by "row") to ${literal(file)} (format csv, header false)`,
  );
  return { counts, firstMask, rows: file };
}
