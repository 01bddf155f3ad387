import { EngineError } from './errors.ts';
import { digestOf, encodeCanonical } from './key.ts';

/** One part of a source, as its listing shows it. */
export interface Partition {
  readonly name: string;
  /** SHA-256, in lower-case hex, of the bytes that `read` gives. */
  readonly digest: string;
  /** Given back at later listings, to say that the content is the same without reading it. Leave it out when in doubt. */
  readonly memo?: string;
}

/** A digest, and what says that the content still has it. */
export interface Memo {
  readonly digest: string;
  readonly memo: string;
}

/** What a source remembered of a partition at an earlier listing, also of another process. */
export type Recall = (partition: string) => Memo | undefined;

/** What reads the outside world: everything that is there now, and the content of one part of it. */
export interface PartitionReader {
  /** Kebab-case; its tasks are named after it. */
  readonly name: string;
  /** Throwing changes nothing: the last known listing stands. */
  list(recall?: Recall): Promise<readonly Partition[]>;
  read(partition: string): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
  /** A listing that lacks a larger share of the partitions known before waits for `confirmRemoval`; 1 lets all go at once. */
  readonly removalShareMax: number;
}

/** Set on the tasks of a source only: their keys hold what the run's pin says of it. */
export interface SourceRole {
  readonly reader: PartitionReader;
  readonly reads: 'partitions' | 'partition' | 'last-partition' | 'presence';
}

/** A removal of more than this share of the partitions may be an accident, so it waits. */
export const REMOVAL_SHARE_MAX = 0.2;

/** Names of the tasks that a source brings along. */
export const sourceTaskNames = (source: string): { readonly [R in SourceRole['reads']]: string } => ({
  partitions: `${source}-partitions`,
  partition: `${source}-partition`,
  'last-partition': `${source}-last-partition`,
  presence: `${source}-presence`,
});

/** Partition name to digest, in the order of names. */
export type Listing = ReadonlyMap<string, string>;

const DIGEST = /^[0-9a-f]{64}$/;

/** What `list` gave, in order; refuses what is no listing. */
export function toListing(source: string, partitions: readonly Partition[]): Listing {
  const listing = new Map<string, string>();
  for (const { name, digest } of partitions) {
    // Refuses names that no database and no JSON could hold.
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

/** In the order of names by code units, which no database collation has to know. */
export const sortListing = (entries: Iterable<readonly [name: string, digest: string]>): Listing =>
  new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Equal listings have equal digests. */
export const digestOfListing = (listing: Listing): string => digestOf(encodeCanonical([...listing]));
