import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withoutFormat } from '../define-contract.ts';
import { ContractError } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import { type ProfileFileOptions, profileFile } from '../profile/profile-file.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import type { CheckPartitionsOptions } from './check-partitions-options.ts';
import { digestOfParts } from './digest-of-parts.ts';
import { joinPartitions } from './join-partitions.ts';

/** What to profile, and how to read it. */
export interface ProfilePartitionsOptions
  extends Omit<ProfileFileOptions, 'path' | 'name' | 'found'>,
    Pick<CheckPartitionsOptions, 'name' | 'partitions'> {}

/** The share of the work that joining the rows is. */
const JOINED_SHARE = 0.5;

/**
 * Summarises a partitioned dataset as the one file with all rows of its files, which it needs room for in its temporary folder:
 * quantiles, different values and correlations do not add up from file to file.
 *
 * @throws ContractError as `profileFile`.
 */
export async function profilePartitions(options: ProfilePartitionsOptions): Promise<Profile> {
  const { name, partitions, contract, encoding, delimiter, onProgress, ...profiling } = options;
  const folder = path.join(options.folder ?? tmpdir(), `.weir-profile-${randomBytes(8).toString('hex')}`);
  const copies = path.join(folder, 'copies');
  const file = path.join(folder, 'joined.csv');
  await mkdir(copies, { recursive: true });
  try {
    const joined = await joinPartitions({
      ...{ partitions, duckdb: options.duckdb, contract, into: file, folder: copies },
      ...(encoding === undefined ? {} : { encoding }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(options.signal && { signal: options.signal }),
      onProgress: (share) => onProgress?.(share * JOINED_SHARE),
    });
    const profile = await profileFile({
      ...{ ...profiling, path: file, name, delimiter: ',', folder },
      // Cells are in the default form once they are joined.
      ...(contract === undefined ? {} : { contract: withoutFormat(contract) }),
      onProgress: (share) => onProgress?.(JOINED_SHARE + (1 - JOINED_SHARE) * share),
    });
    return {
      ...profile,
      digest: digestOfParts(joined.digests),
      sizeBytes: joined.sizeBytes,
      rejected: joined.rejected,
    };
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    const message = `${JSON.stringify(name)} cannot be profiled: ${error.message}`;
    throw new ContractError('file_unreadable', message, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
