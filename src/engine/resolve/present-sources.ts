import type { ArtifactDriver, Queryable } from '#store';
import type { Goal } from '../define/goal.ts';
import { type Listing, type PartitionReader, type SourceRole, toListing } from '../define/partitions.ts';
import { messageOf } from '../define/thrown.ts';
import { compareListings, readListing, readMemos, readNewest } from '../records/listings.ts';
import { inputOfSource, type ListedInput } from './source-input.ts';

/** The present listings of sources, each listed at most once; nothing is recorded. */
export class PresentSources {
  readonly #database: Queryable;
  readonly #artifacts: ArtifactDriver;
  readonly #listings = new Map<string, Promise<Listing>>();

  constructor(from: { readonly database: Queryable; readonly artifacts: ArtifactDriver }) {
    this.#database = from.database;
    this.#artifacts = from.artifacts;
  }

  /** What a run that starts now would use for the goal of a source; a reason when it would be refused. */
  async listed(goal: Goal, role: SourceRole): Promise<ListedInput | string> {
    let listing: Listing;
    try {
      listing = await this.#listingOf(role.reader);
    } catch (error) {
      return `Source ${role.reader.name} could not be listed: ${messageOf(error)}`;
    }
    const from = { database: this.#database, artifacts: this.#artifacts };
    return inputOfSource(goal, role, { ...from, listing, isStoring: false });
  }

  #listingOf(reader: PartitionReader): Promise<Listing> {
    const known = this.#listings.get(reader.name);
    if (known !== undefined) return known;
    const listing = previewListing(this.#database, reader);
    this.#listings.set(reader.name, listing);
    return listing;
  }
}

/**
 * The listing of a source that a run that starts now would use; nothing is recorded. Throws when there would be none.
 */
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
