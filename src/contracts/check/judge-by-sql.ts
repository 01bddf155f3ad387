import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DuckdbPool } from '#store';
import type { Contract } from '../contract.ts';
import { maybeOutOfMemory } from '../out-of-memory.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { evaluatePlan, type SqlEvaluation } from './evaluate.ts';
import type { HeaderMatch } from './match-header.ts';
import type { NarrowColumns } from './narrow-columns.ts';
import type { OtherDataset } from './other-datasets.ts';
import type { CheckPlan } from './plan-groups.ts';

export interface JudgeBySqlOptions {
  readonly contract: Contract;
  /** Of the whole file. */
  readonly header: HeaderMatch;
  readonly plan: CheckPlan;
  /** The file with the columns that the plan reads, and the longest of its records. */
  readonly file: string;
  readonly narrow: NarrowColumns;
  readonly recordBytesLongest: number;
  readonly proven: ReadonlySet<string>;
  readonly others: readonly OtherDataset[];
  readonly rows: number;
  /** How many masks of bits others have. */
  readonly firstMask: number;
  readonly work: string;
  readonly duckdb: DuckdbPool;
  readonly signal?: AbortSignal | undefined;
  /** Called with the share that is evaluated, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/**
 * Asks DuckDB what only SQL decides.
 *
 * @throws UndecodableError when it takes more memory than DuckDB may have, or DuckDB read other rows than the pass.
 */
export async function judgeBySql(options: JudgeBySqlOptions): Promise<SqlEvaluation> {
  const { duckdb, signal, header, rows } = options;
  const work = path.join(options.work, 'flagged');
  await mkdir(work);
  const found = await duckdb
    .use((connection) => evaluatePlan(connection, { ...options, work }), signal === undefined ? {} : { signal })
    .catch((cause: unknown) => {
      const memory = maybeOutOfMemory(cause);
      if (memory === undefined) throw cause;
      const size = `(columns: ${header.names.length}, rows: ${rows})`;
      throw new UndecodableError(`the file ${size} takes too much memory to check: ${memory}`, { cause });
    });
  if (found.rows !== rows) {
    throw new UndecodableError(`the count does not add up: ${rows} records, ${found.rows} read`);
  }
  return found;
}
