import type { Queryable } from '#store';
import { type Listing, type PartitionReader, toListing } from '../define/partitions.ts';
import { compareListings } from '../records/compare-listings.ts';
import { readMemos } from '../records/memos.ts';
import { readListing, readNewest } from '../records/record-listing.ts';

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
