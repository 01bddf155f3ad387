import type { Queryable } from '#store';
import { compareListings } from './compare-listings.ts';
import { readMemos } from './memos.ts';
import { type Listing, type PartitionReader, toListing } from './partitions.ts';
import { readListing, readNewest } from './record-listing.ts';

/** What a run that begins now would see of a source; nothing is recorded. Throws when it would see nothing. */
export async function previewListing(database: Queryable, reader: PartitionReader): Promise<Listing> {
  const { name: source } = reader;
  const newest = await readNewest(database, source);
  const before: Listing =
    newest === undefined ? new Map() : await readListing(database, { source, number: newest.number });
  try {
    const memos = await readMemos(database, source);
    const after = toListing(source, await reader.list((name) => memos.get(name)));
    return compareListings(before, after, reader).known;
  } catch (error) {
    if (newest === undefined) throw error;
    return before;
  }
}
