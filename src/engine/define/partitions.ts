import { EngineError } from './errors.ts';
import { digestOf, encodeCanonical } from './key.ts';

/** One partition of a source, as its listing shows it. */
export interface Partition {
  /** Name of the partition, unique in its source: `2026-01-31`. */
  readonly name: string;
  /** SHA-256, in lower-case hex, of the bytes that `read` returns. */
  readonly digest: string;
  /** Passed back at later listings, to detect unchanged content without reading it. Leave it out when in doubt. */
  readonly memo?: string;
}

/** A digest, and the evidence that the content still has it. */
export interface Memo {
  readonly digest: string;
  readonly memo: string;
}

/** What was remembered of a partition at an earlier listing, possibly of another process. */
export type Recall = (partition: string) => Memo | undefined;

/** Reads external data: lists all partitions that exist now, and reads the content of one. */
export interface PartitionReader {
  /** Kebab-case; its tasks are named after it. */
  readonly name: string;
  /** When it throws, the last known listing stays in use. */
  list(recall?: Recall): Promise<readonly Partition[]>;
  /** Gives the content of a partition, whole or in chunks: the bytes that its digest is of. */
  read(partition: string): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
  /**
   * A listing that lacks a larger share of the partitions known before waits for `weir sources confirm`; 1 never waits.
   * 0.2 unless set.
   */
  readonly removalShareMax: number;
}

/** Set on the tasks of a source only: their keys hold the run's listing of it. */
export interface SourceRole {
  readonly reader: PartitionReader;
  readonly reads: 'partitions' | 'partition' | 'last-partition' | 'presence';
}

/** A removal of more than this share of the partitions may be an accident, so it waits for confirmation. */
export const REMOVAL_SHARE_MAX = 0.2;

/** Names of the tasks that a source defines. */
export const sourceTaskNames = (source: string): { readonly [R in SourceRole['reads']]: string } => ({
  partitions: `${source}-partitions`,
  partition: `${source}-partition`,
  'last-partition': `${source}-last-partition`,
  presence: `${source}-presence`,
});

/** Partition name to digest, in the order of names. */
export type Listing = ReadonlyMap<string, string>;

const DIGEST = /^[0-9a-f]{64}$/;

/** What `list` returned, in order; refuses an invalid listing. */
export function toListing(source: string, partitions: readonly Partition[]): Listing {
  const listing = new Map<string, string>();
  for (const { name, digest } of partitions) {
    // Refuses names that the database or JSON cannot hold.
    encodeCanonical(name, `a partition name of source ${source}`);
    if (name === '')
      throw new EngineError('partition_invalid', `Source ${source} listed a partition without a name. Leave it out.`);
    if (listing.has(name))
      throw new EngineError(
        'partition_invalid',
        `Source ${source} listed partition ${JSON.stringify(name)} twice. Names must differ.`,
      );
    if (!DIGEST.test(digest))
      throw new EngineError(
        'partition_invalid',
        `Source ${source} listed partition ${JSON.stringify(name)} with ${JSON.stringify(digest)}; expected the SHA-256 of its content in lower-case hex.`,
      );
    listing.set(name, digest);
  }
  return sortListing(listing);
}

/** Sorted by code units, independent of any database collation. */
export const sortListing = (entries: Iterable<readonly [name: string, digest: string]>): Listing =>
  new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Equal listings have equal digests. */
export const digestOfListing = (listing: Listing): string => digestOf(encodeCanonical([...listing]));
