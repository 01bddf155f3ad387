import { stat } from 'node:fs/promises';
import { readCsv } from '../check/compile.ts';
import { matchHeader } from '../check/match-header.ts';
import { RECORD_BYTES_MAX, readHeader } from '../check/read-good-rows.ts';
import { columnWithRole } from '../column-with-role.ts';
import type { Contract } from '../contract.ts';
import { typedSql } from '../kinds/typed-sql.ts';
import { identifier } from '../sql.ts';

/** A file of good rows, or a dataset, as SQL reads it. */
export interface ReadableFile {
  /** What stands after `from`. */
  readonly source: string;
  /** Position of each column of the contract that the file has. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Reads the header of a file that `checkFile` or `collectRows` wrote. */
export async function readable(contract: Contract, file: string): Promise<ReadableFile> {
  const header = matchHeader(contract, await readHeader(file, contract.delimiter));
  const recordBytesLongest = Math.min((await stat(file)).size, RECORD_BYTES_MAX);
  return { source: readCsv(contract, { header, file, recordBytesLongest }), positions: header.positions };
}

const WHOLE_MAX = 1e15;

/** One spelling for each id, so that 7 and 07 are one. */
export function idSql(contract: Contract, positions: ReadonlyMap<string, number>): string {
  const id = columnWithRole(contract, 'id');
  const position = positions.get(id);
  if (position === undefined) return 'null';
  const kind = contract.columns[id]?.kind ?? 'text';
  const value = typedSql(kind, rawColumn(position));
  if (kind !== 'number') return `(${value})::varchar`;
  // DuckDB writes 7 as 7.0, and JSON, from which labels and predictions have it, as 7.
  return `case when abs(${value}) < ${WHOLE_MAX} and (${value}) = trunc(${value}) then (${value})::bigint::varchar else (${value})::varchar end`;
}

/** The text of a column, by its position. */
export const rawColumn = (position: number): string => identifier(`weir_raw_${position}`);
