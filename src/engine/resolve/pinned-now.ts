import type { Queryable } from '#store';
import { type Artifact, type Artifacts, INLINE_BYTES_MAX } from '../define/artifact.ts';
import type { Goal, Json } from '../define/goal.ts';
import { digestOf } from '../define/key.ts';
import type { Listing, SourceRole } from '../define/partitions.ts';
import { messageOf } from '../define/thrown.ts';
import { previewListing } from './preview-listing.ts';

/** What sources show now, each listed at most once, and nothing recorded. */
export class SourcesNow {
  readonly #database: Queryable;
  readonly #listings = new Map<string, Promise<Listing>>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** What a run that begins now would pin for the goal of a source; a reason when it would be refused. */
  async pinned(goal: Goal, role: SourceRole): Promise<Artifacts | string> {
    const { reader } = role;
    // The params schema of each of these tasks says so.
    const name = goal.params.name as string;
    let listing: Listing;
    try {
      listing = await this.#listingOf(role);
    } catch (error) {
      return `source ${reader.name} could not be listed: ${messageOf(error)}`;
    }
    const digest = listing.get(name);
    switch (role.reads) {
      case 'partitions':
        return { names: toValue([...listing.keys()]) };
      case 'presence':
        return { isPresent: toValue(digest !== undefined) };
      case 'partition':
        if (digest === undefined) return `partition ${JSON.stringify(name)} of source ${reader.name} is not there`;
        return { digest: toValue(digest) };
      case 'last-partition': {
        const last = digest ?? (await this.#lastDigest(reader.name, name));
        if (last === undefined) return `partition ${JSON.stringify(name)} of source ${reader.name} was never there`;
        return { digest: toValue(last) };
      }
      default:
        return role.reads satisfies never;
    }
  }

  #listingOf({ reader }: SourceRole): Promise<Listing> {
    const known = this.#listings.get(reader.name);
    if (known !== undefined) return known;
    const listing = previewListing(this.#database, reader);
    this.#listings.set(reader.name, listing);
    return listing;
  }

  async #lastDigest(source: string, name: string): Promise<string | undefined> {
    const [last] = await this.#database.query<{ digest: string }>(
      'select digest from source_partitions where source = $1 and name = $2 order by since desc limit 1',
      [source, name],
    );
    return last?.digest;
  }
}

function toValue(value: Json): Artifact {
  const bytes = Buffer.from(JSON.stringify(value));
  const base = { kind: 'value', digest: digestOf(bytes), sizeBytes: bytes.length } as const;
  return bytes.length <= INLINE_BYTES_MAX ? { ...base, value } : base;
}
