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
import { inputOfSource, type PinnedInput } from './source-input.ts';

export type PinAnswer =
  | { readonly kind: 'pinned'; readonly input: PinnedInput }
  | { readonly kind: 'refused'; readonly class: RetryClass; readonly reason: string };

/** The listing of a source that a run uses. */
export interface RunPin {
  readonly source: string;
  readonly listing: string;
  /** Why it is older, or longer, than the source's own listing. */
  readonly warning: string | null;
}

/** The listings of sources that a run uses. */
export function listPins(database: Queryable, runId: string): Promise<readonly RunPin[]> {
  return database.query<RunPin>(
    'select source, listing::text, warning from run_pins where run_id = $1 order by source',
    [runId],
  );
}

export interface PinServices {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly registry: Registry;
  readonly effects: Pick<EngineEffects, 'warn'>;
}

/** Undefined where no task reads a source. */
export const createSources = (services: PinServices): Sources | undefined =>
  services.registry.tasks.some((task) => task.source !== undefined) ? new Sources(services) : undefined;

/** What this process knows of its sources: runs with the same listing share it. */
export class Sources {
  readonly #services: PinServices;
  readonly #newest = new Map<string, KnownListing>();
  readonly #memos = new Map<string, Map<string, Memo>>();

  constructor(services: PinServices) {
    this.#services = services;
  }

  /**
   * The pins of one run. Listing the sources that its plan reaches starts now; a failure is thrown to the caller that
   * needs the listing.
   */
  pinsOf(runId: string, planned: readonly { readonly goal: Goal }[]): RunPins {
    const pins = new RunPins(runId, { ...this.#services, sources: this });
    for (const { goal } of planned) pins.begin(goal);
    return pins;
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

interface RunPinServices extends PinServices {
  readonly sources: Sources;
}

/**
 * The listings of one run: each source is listed once, when the run first reaches it, and never again, not even after a
 * crash.
 */
export class RunPins {
  readonly #runId: string;
  readonly #services: RunPinServices;
  readonly #pins = new Map<string, Promise<KnownListing>>();

  constructor(runId: string, services: RunPinServices) {
    this.#runId = runId;
    this.#services = services;
  }

  begin(goal: Goal): void {
    const role = this.#services.registry.task(goal.task).source;
    if (role !== undefined) this.#pinOf(role.reader).catch(() => undefined);
  }

  /** The pinned listing that a goal of a source reads; undefined for other goals. */
  async answer(goal: Goal): Promise<PinAnswer | undefined> {
    const role = this.#services.registry.task(goal.task).source;
    if (role === undefined) return undefined;
    try {
      const { partitions } = await this.#pinOf(role.reader);
      const { database, artifacts } = this.#services;
      const input = await inputOfSource(goal, role, { database, artifacts, listing: partitions, isStoring: true });
      return typeof input === 'string' ? { kind: 'refused', class: 'data', reason: input } : { kind: 'pinned', input };
    } catch (error) {
      const reason = `Source ${role.reader.name} could not be listed, and nothing is known of it from before: ${reasonOf(error)}`;
      return { kind: 'refused', class: classifyError(error), reason };
    }
  }

  #pinOf(reader: PartitionReader): Promise<KnownListing> {
    const known = this.#pins.get(reader.name);
    if (known !== undefined) return known;
    const pinned = this.#pin(reader);
    this.#pins.set(reader.name, pinned);
    // The next attempt lists again.
    pinned.catch(() => this.#pins.delete(reader.name));
    return pinned;
  }

  async #pin(reader: PartitionReader): Promise<KnownListing> {
    const { database, effects, sources } = this.#services;
    const at = { runId: this.#runId, source: reader.name };
    const before = await readPin(database, at);
    if (before !== undefined) return sources.at({ source: reader.name, number: before });
    const listed = await sources.list(reader);
    if (listed.warning !== undefined) effects.warn(listed.warning);
    await database.query(
      'insert into run_pins (run_id, source, listing, warning) values ($1, $2, $3, $4) on conflict do nothing',
      [at.runId, at.source, listed.number, listed.warning ?? null],
    );
    // Another process that drives the same run may have recorded it first.
    const number = await readPin(database, at);
    return number === undefined || number === listed.number ? listed : sources.at({ source: reader.name, number });
  }
}

async function readPin(
  database: Queryable,
  at: { readonly runId: string; readonly source: string },
): Promise<string | undefined> {
  const [pin] = await database.query<{ listing: string }>(
    'select listing::text from run_pins where run_id = $1 and source = $2',
    [at.runId, at.source],
  );
  return pin?.listing;
}
