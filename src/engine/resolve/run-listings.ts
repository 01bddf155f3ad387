import type { ArtifactDriver, Database, Queryable } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import type { RetryClass } from '../define/errors.ts';
import { classifyError, reasonOf } from '../define/failure.ts';
import type { Goal } from '../define/goal.ts';
import {
  digestOfListing,
  type Listing,
  type Memo,
  type Partition,
  type PartitionReader,
  toListing,
} from '../define/partitions.ts';
import type { Registry } from '../define/registry.ts';
import {
  beginListing,
  type KnownListing,
  readListing,
  readMemos,
  readNewest,
  recordListing,
  removalWarning,
  writeMemos,
} from '../records/listings.ts';
import { inputOfSource, type ListedInput } from './source-input.ts';

export type ListingAnswer =
  | { readonly kind: 'listed'; readonly input: ListedInput }
  | { readonly kind: 'refused'; readonly class: RetryClass; readonly reason: string };

/** The listing of a source that a run uses. */
export interface RunListing {
  readonly source: string;
  readonly listing: string;
  /** Why it is older, or longer, than the source's own listing. */
  readonly warning: string | null;
}

/** The listings of sources that a run uses. */
export function listRunListings(database: Queryable, runId: string): Promise<readonly RunListing[]> {
  return database.query<RunListing>(
    'select source, listing::text, warning from run_pins where run_id = $1 order by source',
    [runId],
  );
}

export interface ListingServices {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly registry: Registry;
  readonly effects: Pick<EngineEffects, 'warn'>;
}

/** Undefined where no task reads a source. */
export const createSources = (services: ListingServices): Sources | undefined =>
  services.registry.tasks.some((task) => task.source !== undefined) ? new Sources(services) : undefined;

/** What this process knows of its sources: runs with the same listing share it. */
export class Sources {
  readonly #services: ListingServices;
  readonly #newest = new Map<string, KnownListing>();
  readonly #memos = new Map<string, Map<string, Memo>>();

  constructor(services: ListingServices) {
    this.#services = services;
  }

  /**
   * The listings of one run. Listing the sources that its plan reaches starts now; a failure is thrown to the caller that
   * needs the listing.
   */
  listingsOf(runId: string, planned: readonly { readonly goal: Goal }[]): RunListings {
    const listings = new RunListings(runId, { ...this.#services, sources: this });
    for (const { goal } of planned) listings.begin(goal);
    return listings;
  }

  /** Lists the source. When that fails, the last known listing is used, with a warning. */
  async list(reader: PartitionReader): Promise<KnownListing> {
    const { database } = this.#services;
    const memos = this.#memos.get(reader.name) ?? (await readMemos(database, reader.name));
    this.#memos.set(reader.name, memos);
    const number = await beginListing(database);
    let partitions: readonly Partition[];
    let listing: Listing;
    try {
      partitions = await reader.list((name) => memos.get(name));
      listing = toListing(reader.name, partitions);
    } catch (error) {
      return this.#lastKnown(reader, error);
    }
    await writeMemos(database, { source: reader.name, partitions, known: memos });
    const newest = await readNewest(database, reader.name);
    if (newest !== undefined && newest.digest === digestOfListing(listing)) {
      const known = await this.at({ source: reader.name, number: newest.number });
      if (newest.waiting === null) return known;
      return { ...known, warning: removalWarning(reader.name, { names: newest.waiting }) };
    }
    const { removalShareMax } = reader;
    return this.#remember(await recordListing(database, { source: reader.name, number, listing, removalShareMax }));
  }

  /** A listing that was recorded earlier. */
  async at(listing: { readonly source: string; readonly number: string }): Promise<KnownListing> {
    const { source, number } = listing;
    const known = this.#newest.get(source);
    if (known?.number === number) return known;
    return this.#remember({ source, number, partitions: await readListing(this.#services.database, listing) });
  }

  async #lastKnown(reader: PartitionReader, error: unknown): Promise<KnownListing> {
    const newest = await readNewest(this.#services.database, reader.name);
    if (newest === undefined) throw error;
    const known = await this.at({ source: reader.name, number: newest.number });
    const cause = reasonOf(error);
    const warning = `Source ${reader.name} could not be listed (${cause}); its last known listing is used.`;
    return { ...known, warning };
  }

  #remember(known: KnownListing): KnownListing {
    const { source, number, partitions } = known;
    this.#newest.set(source, { source, number, partitions });
    return known;
  }
}

interface RunListingServices extends ListingServices {
  readonly sources: Sources;
}

/**
 * The listings of one run: each source is listed once, when the run first reaches it, and never again, not even after a
 * crash.
 */
export class RunListings {
  readonly #runId: string;
  readonly #services: RunListingServices;
  readonly #listings = new Map<string, Promise<KnownListing>>();

  constructor(runId: string, services: RunListingServices) {
    this.#runId = runId;
    this.#services = services;
  }

  begin(goal: Goal): void {
    const role = this.#services.registry.task(goal.task).source;
    if (role !== undefined) this.#listingOf(role.reader).catch(() => undefined);
  }

  /** The run's listing that a goal of a source reads; undefined for other goals. */
  async answer(goal: Goal): Promise<ListingAnswer | undefined> {
    const role = this.#services.registry.task(goal.task).source;
    if (role === undefined) return undefined;
    try {
      const { partitions } = await this.#listingOf(role.reader);
      const { database, artifacts } = this.#services;
      const input = await inputOfSource(goal, role, { database, artifacts, listing: partitions, isStoring: true });
      return typeof input === 'string' ? { kind: 'refused', class: 'data', reason: input } : { kind: 'listed', input };
    } catch (error) {
      const reason = `Source ${role.reader.name} could not be listed, and nothing is known of it from before: ${reasonOf(error)}`;
      return { kind: 'refused', class: classifyError(error), reason };
    }
  }

  #listingOf(reader: PartitionReader): Promise<KnownListing> {
    const known = this.#listings.get(reader.name);
    if (known !== undefined) return known;
    const listed = this.#record(reader);
    this.#listings.set(reader.name, listed);
    // The next attempt lists again.
    listed.catch(() => this.#listings.delete(reader.name));
    return listed;
  }

  async #record(reader: PartitionReader): Promise<KnownListing> {
    const { database, effects, sources } = this.#services;
    const at = { runId: this.#runId, source: reader.name };
    const before = await readRecorded(database, at);
    if (before !== undefined) return sources.at({ source: reader.name, number: before });
    const listed = await sources.list(reader);
    if (listed.warning !== undefined) effects.warn(listed.warning);
    await database.query(
      'insert into run_pins (run_id, source, listing, warning) values ($1, $2, $3, $4) on conflict do nothing',
      [at.runId, at.source, listed.number, listed.warning ?? null],
    );
    // Another process that drives the same run may have recorded it first.
    const number = await readRecorded(database, at);
    return number === undefined || number === listed.number ? listed : sources.at({ source: reader.name, number });
  }
}

async function readRecorded(
  database: Queryable,
  at: { readonly runId: string; readonly source: string },
): Promise<string | undefined> {
  const [row] = await database.query<{ listing: string }>(
    'select listing::text from run_pins where run_id = $1 and source = $2',
    [at.runId, at.source],
  );
  return row?.listing;
}
