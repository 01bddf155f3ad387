import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Duckdb } from '#store';
import { literal } from '../sql.ts';
import { SAMPLES_MAX } from '../sweep/samples.ts';
import type { CompiledGroup, Counts } from './compile.ts';
import { bitsOf, FLAGGED_TABLE, type Flag, firstFlaggedSql, flagReader, isFailing, isSet } from './flags.ts';

/** A row with violations, by its number from 0, and their masks. */
export interface FlaggedRow {
  readonly row: number;
  readonly masks: readonly number[];
}

/**
 * The flagged rows of a group: `bad` and `v<bit>` as counts, and the rows in order, in memory or as lines of a file.
 */
export interface FlaggedRows {
  readonly counts: Counts;
  readonly firstMask: number;
  readonly rows: readonly FlaggedRow[] | string;
  /** Of each flag that some row has, by its bit: the first rows, in order. */
  readonly firsts: ReadonlyMap<number, readonly number[]>;
}

/** A row that has a violation of severity fail, and all its violations. */
export interface BadRow {
  readonly row: number;
  readonly flags: readonly Flag[];
}

/** Up to this many rows the masks fit in memory, and one query is faster than three statements. */
const ROWS_SMALL = 20_000;

export interface FindOptions {
  readonly compiled: CompiledGroup;
  /** Rows of the file. */
  readonly rows: number;
  /** How many groups there are: a row that is bad in one group is returned with its masks of all groups. */
  readonly groups: number;
  readonly work: string;
}

/** Finds the rows of a group with violations, once its table of rows exists. */
export function findFlagged(connection: Duckdb, options: FindOptions): Promise<FlaggedRows> {
  const { compiled, rows, groups } = options;
  return rows * groups <= ROWS_SMALL ? findInMemory(connection, compiled) : findOnDisk(connection, options);
}

async function findInMemory(connection: Duckdb, { flagged, flags, masks }: CompiledGroup): Promise<FlaggedRows> {
  const firstMask = masks[0] ?? 0;
  const found = await connection.all<Readonly<Record<string, number>>>(`${flagged} order by "row"`);
  const flagsIn = flagReader(flags);
  const counts: Record<string, number> = { bad: 0 };
  const firsts = new Map<number, number[]>();
  const rows = found.map((answer): FlaggedRow => {
    const own = masks.map((mask) => answer[`m${mask}`] ?? 0);
    const violated = flagsIn(own, firstMask);
    for (const bit of violated.flatMap(bitsOf)) {
      if (isSet(own, bit, firstMask)) counts[`v${bit}`] = (counts[`v${bit}`] ?? 0) + 1;
    }
    for (const { bit } of violated) noteFirst(firsts, { bit, row: answer.row ?? -1 });
    if (violated.some(isFailing)) counts.bad = (counts.bad ?? 0) + 1;
    return { row: answer.row ?? -1, masks: own };
  });
  return { counts, firstMask, rows, firsts };
}

function noteFirst(firsts: Map<number, number[]>, { bit, row }: { readonly bit: number; readonly row: number }): void {
  const rows = firsts.get(bit);
  if (rows === undefined) firsts.set(bit, [row]);
  else if (rows.length < SAMPLES_MAX) rows.push(row);
}

async function findOnDisk(connection: Duckdb, { compiled, groups, work }: FindOptions): Promise<FlaggedRows> {
  const firstMask = compiled.masks[0] ?? 0;
  const file = path.join(work, `flagged-rows-${firstMask}`);
  await connection.run(compiled.createFlagged);
  const [counts = {}] = await connection.all<Counts>(compiled.countFlagged);
  const firsts = await findFirsts(connection, { flags: compiled.flags, counts });
  if (groups === 1 && counts.bad === 0) return { counts, firstMask, rows: [], firsts };
  const told = groups === 1 ? compiled.badRows : `select * from ${FLAGGED_TABLE} order by "row"`;
  await connection.run(`copy (${told}) to ${literal(file)} (format csv, header false)`);
  return { counts, firstMask, rows: file, firsts };
}

/** One more pass over the flagged rows, and none when there are no such rows. */
async function findFirsts(
  connection: Duckdb,
  { flags, counts }: { readonly flags: readonly Flag[]; readonly counts: Counts },
): Promise<FlaggedRows['firsts']> {
  const violated = flags.map(({ bit }) => bit).filter((bit) => (counts[`v${bit}`] ?? 0) > 0);
  if (violated.length === 0) return new Map();
  const [answer = {}] = await connection.all<Readonly<Record<string, string | null>>>(
    firstFlaggedSql(violated, SAMPLES_MAX),
  );
  return new Map(violated.map((bit) => [bit, (answer[`f${bit}`] ?? '').split(' ').map(Number)]));
}

/** Whether a row may be bad; where a tolerance covers violations, it may turn out that none is. */
export function hasBadRows(found: readonly FlaggedRows[]): boolean {
  return found.some(({ counts }) => counts.bad !== 0);
}

/** The bad rows in order, each with the masks of all groups. */
export async function* badRowsOf(
  found: readonly FlaggedRows[],
  flags: readonly Flag[],
): AsyncGenerator<BadRow, void, undefined> {
  const flagsIn = flagReader(flags);
  const sources = found.map(({ rows, firstMask }) => ({ rows: rowsIn(rows), firstMask }));
  try {
    const heads = await Promise.all(sources.map(async ({ rows }) => (await rows.next()).value));
    for (;;) {
      const row = heads.reduce((least, head) => Math.min(least, head?.row ?? least), Number.POSITIVE_INFINITY);
      if (row === Number.POSITIVE_INFINITY) return;
      const own: Flag[] = [];
      for (const [at, { rows, firstMask }] of sources.entries()) {
        const head = heads[at];
        if (head?.row !== row) continue;
        own.push(...flagsIn(head.masks, firstMask));
        heads[at] = (await rows.next()).value;
      }
      if (own.some(isFailing)) yield { row, flags: own.sort((a, b) => a.place - b.place) };
    }
  } finally {
    await Promise.all(sources.map(({ rows }) => rows.return(undefined)));
  }
}

async function* rowsIn(rows: FlaggedRows['rows']): AsyncGenerator<FlaggedRow, void, undefined> {
  if (typeof rows !== 'string') {
    yield* rows;
    return;
  }
  const file = await open(rows);
  try {
    let carried = '';
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      const lines = (carried + buffer.toString('latin1', 0, bytesRead)).split('\n');
      carried = lines.pop() ?? '';
      for (const line of lines) {
        const [row = -1, ...masks] = line.split(',').map(Number);
        yield { row, masks };
      }
    }
  } finally {
    await file.close();
  }
}
