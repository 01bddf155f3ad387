import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Contract, checkFile, withoutDatasets, withoutFormat } from '#contracts';
import { type ArtifactDriver, type Database, type DuckdbPool, isStoreError } from '#store';
import { type CheckReceipt, maybeReceipt } from '../check-receipts.ts';
import { contractIdentity } from '../contract-identity.ts';
import { LATER_ROLES } from '../project.ts';
import type { GoodFile } from './ledger.ts';

export interface FindGoodRowsOptions {
  readonly file: GoodFile;
  /** A copy of the file that nobody changes. */
  readonly copy: string;
  /** Where files may be made. */
  readonly folder: string;
  readonly contract: Contract;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly signal: AbortSignal;
}

/** The rows of a file that keep the contract, as a file that `readGoodRows` reads, and how many rows do not. */
export interface GoodRows {
  /** Undefined when there is none. */
  readonly rows: string | undefined;
  readonly broken: number;
  readonly summary: string;
}

/**
 * Finds the good rows of a file in good-data, whose files are in the default form. What Weir checked when it placed the file is looked up; anything else, such
 * as a file that somebody put there, is checked like any that arrives.
 */
export async function findGoodRows(options: FindGoodRowsOptions): Promise<GoodRows> {
  const { database, file, contract, copy, folder, duckdb, signal } = options;
  const receipt = await maybeReceipt(database, { ...file, contract: contractIdentity(contract) });
  const rows = receipt && (await maybeCheckedRows(receipt, options));
  if (rows !== undefined) return { rows, broken: 0, summary: '' };
  const { result, files } = await checkFile({
    ...{
      path: copy,
      name: file.path,
      contract: withoutDatasets(withoutFormat(contract)),
      mayLack: LATER_ROLES,
      folder,
      duckdb,
      signal,
    },
  });
  return { rows: files.good, broken: result.rows.in - result.rows.good, summary: result.summary };
}

/** The rows that a check has written; undefined when they were removed or damaged since. */
async function maybeCheckedRows(
  { rowsDigest }: CheckReceipt,
  { file, copy, folder, artifacts }: FindGoodRowsOptions,
): Promise<string | undefined> {
  if (rowsDigest === file.digest) return copy;
  if ((await artifacts.stat(rowsDigest)) === undefined) return undefined;
  const rows = path.join(folder, 'checked-rows');
  try {
    // Compared with its digest while it is read.
    await pipeline(await artifacts.read(rowsDigest), createWriteStream(rows));
    return rows;
  } catch (error) {
    if (isStoreError(error, 'artifact_damaged') || isStoreError(error, 'artifact_missing')) return undefined;
    throw error;
  }
}
