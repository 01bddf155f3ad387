import type { Database, Queryable } from '#store';
import { digestOfListing, type Listing, type Memo, type Partition, sortListing } from '../define/partitions.ts';
import { clearTombstones, lockSource, setTombstones } from './staleness.ts';

/** The state of a source after it was listed. */
export interface KnownListing {
  readonly source: string;
  readonly number: string;
  readonly partitions: Listing;
  /** Why it differs from what the source listed. */
  readonly warning?: string;
}

/** Takes the number of a listing that is about to start. */
export async function beginListing(database: Queryable): Promise<string> {
  const [row] = await database.query<{ number: string }>(`select nextval('source_listing_numbers')::text as number`);
  if (row === undefined) throw new Error('The sequence of listing numbers gave nothing.');
  return row.number;
}

interface Newest {
  readonly number: string;
  readonly digest: string;
  readonly waiting: readonly string[] | null;
}

/** The newest listing of a source by number alone; undefined before the first. */
export async function readNewest(database: Queryable, source: string): Promise<Newest | undefined> {
  const [row] = await database.query<Newest>(
    `select number::text, digest, (select names from source_removals r where r.source = l.source and state = 'waiting') as waiting
     from source_listings l where source = $1 order by l.number desc limit 1`,
    [source],
  );
  return row;
}

/** The partitions of one listing. */
export async function readListing(
  database: Queryable,
  listing: { readonly source: string; readonly number: string },
): Promise<Listing> {
  const rows = await database.query<{ name: string; digest: string }>(
    `select name, digest from source_partitions
     where source = $1 and since <= $2 and (until is null or until > $2)`,
    [listing.source, listing.number],
  );
  return sortListing(rows.map((row) => [row.name, row.digest]));
}

export interface Listed {
  readonly source: string;
  /** From `beginListing`, before the source was asked. */
  readonly number: string;
  readonly listing: Listing;
  readonly removalShareMax: number;
}

/** Records what a source listed, marks what was removed, and returns what is now known of it. */
export function recordListing(database: Database, listed: Listed): Promise<KnownListing> {
  const { source } = listed;
  return database.transaction(async (tx) => {
    await lockSource(tx, source);
    const newest = await readNewest(tx, source);
    // Another process listed it later and recorded it first.
    if (newest !== undefined && BigInt(newest.number) > BigInt(listed.number))
      return { source, number: newest.number, partitions: await readListing(tx, { source, number: newest.number }) };
    const before: Listing = newest === undefined ? new Map() : await readListing(tx, { source, number: newest.number });
    const change = compareListings(before, listed.listing, listed);
    await keepWaiting(tx, { source, names: change.doubted, known: before.size });
    await insertListing(tx, { source, number: listed.number, digest: digestOfListing(listed.listing) });
    await writeChange(tx, { source, number: listed.number, ...change });
    const known: KnownListing = { source, number: listed.number, partitions: change.known };
    if (change.doubted.length === 0) return known;
    return { ...known, warning: removalWarning(source, { names: change.doubted, known: before.size }) };
  });
}

const NAMES_SHOWN_MAX = 5;

/** Describes a removal that waits. */
export function removalWarning(
  source: string,
  removal: { readonly names: readonly string[]; readonly known?: number },
): string {
  const { names, known } = removal;
  const shown = names.slice(0, NAMES_SHOWN_MAX).map((name) => JSON.stringify(name));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const of = known === undefined ? '' : ` of ${known}`;
  return `Source ${source} no longer shows ${names.length}${of} partitions (${shown.join(', ')}${more}). That many may be an accident: they stay as last seen until the removal is confirmed.`;
}

/** One removal waits for each source at most: the one that the newest listing shows. */
async function keepWaiting(
  tx: Queryable,
  removal: { readonly source: string; readonly names: readonly string[]; readonly known: number },
): Promise<void> {
  const { source, names, known } = removal;
  await tx.query(
    `update source_removals set state = 'withdrawn', decided_at = clock_timestamp(), reason = 'The source was listed again, with another result.'
     where source = $1 and state = 'waiting' and names <> $2::text[]`,
    [source, names],
  );
  if (names.length === 0) return;
  await tx.query(
    `insert into source_removals (source, names, partition_count, state) values ($1, $2, $3, 'waiting')
     on conflict (source) where state = 'waiting' do nothing`,
    [source, names, known],
  );
}

export async function insertListing(
  tx: Queryable,
  listing: { readonly source: string; readonly number: string; readonly digest: string },
): Promise<void> {
  await tx.query('insert into source_listings (source, number, digest) values ($1, $2, $3)', [
    listing.source,
    listing.number,
    listing.digest,
  ]);
}

/** Records how the listing of this number differs from the one before, and marks stale goals. */
export async function writeChange(
  tx: Queryable,
  change: Pick<ListingChange, 'gone' | 'changed' | 'come'> & { readonly source: string; readonly number: string },
): Promise<void> {
  const { source, number, gone, changed, come } = change;
  const closed = [...gone, ...changed.map(([name]) => name)];
  const opened = [...changed, ...come];
  if (closed.length > 0)
    await tx.query(
      'update source_partitions set until = $2 where source = $1 and until is null and name = any($3::text[])',
      [source, number, closed],
    );
  if (opened.length > 0)
    await tx.query(
      `insert into source_partitions (source, name, digest, since)
       select $1, name, digest, $2 from unnest($3::text[], $4::text[]) as o (name, digest)`,
      [source, number, opened.map(([name]) => name), opened.map(([, digest]) => digest)],
    );
  if (gone.length > 0) await setTombstones(tx, { source, names: gone });
  if (come.length > 0) await clearTombstones(tx, { source, names: come.map(([name]) => name) });
}

/** How a listing differs from the last known one, and which part of it is accepted. */
export interface ListingChange {
  readonly gone: readonly string[];
  /** Missing as well, but not accepted as removed; either this or `gone` is empty. */
  readonly doubted: readonly string[];
  readonly changed: readonly (readonly [name: string, digest: string])[];
  readonly come: readonly (readonly [name: string, digest: string])[];
  /** What is known from now on: what was listed, and what waits for confirmation of its removal. */
  readonly known: Listing;
}

/** Compares what is known with what a source lists now. */
export function compareListings(
  before: Listing,
  after: Listing,
  options: { readonly removalShareMax: number },
): ListingChange {
  const entries = [...after];
  const missing = [...before].filter(([name]) => !after.has(name));
  // An unmounted folder looks empty, so an empty listing always waits for confirmation.
  const isBelieved = after.size > 0 && missing.length <= options.removalShareMax * before.size;
  const names = missing.map(([name]) => name);
  return {
    gone: isBelieved ? names : [],
    doubted: isBelieved ? [] : names,
    changed: entries.filter(([name, digest]) => before.has(name) && before.get(name) !== digest),
    come: entries.filter(([name]) => !before.has(name)),
    known: isBelieved ? after : sortListing([...missing, ...entries]),
  };
}

/** All that is remembered of a source. */
export async function readMemos(database: Queryable, source: string): Promise<Map<string, Memo>> {
  const rows = await database.query<Memo & { readonly name: string }>(
    'select name, digest, memo from source_memos where source = $1',
    [source],
  );
  return new Map(rows.map(({ name, digest, memo }) => [name, { digest, memo }]));
}

/**
 * Stores what a listing contained, and removes what it no longer named. `known` is what was stored before, and is
 * updated.
 */
export async function writeMemos(
  database: Database,
  listed: { readonly source: string; readonly partitions: readonly Partition[]; readonly known: Map<string, Memo> },
): Promise<void> {
  const { source, partitions, known } = listed;
  const fresh = partitions.flatMap(({ name, digest, memo }) =>
    memo === undefined || known.get(name)?.memo === memo ? [] : [{ name, digest, memo }],
  );
  const named = new Set(partitions.map(({ name }) => name));
  const gone = [...known.keys()].filter((name) => !named.has(name));
  if (fresh.length > 0)
    await database.query(
      `insert into source_memos (source, name, digest, memo)
       select $1, name, digest, memo from unnest($2::text[], $3::text[], $4::text[]) as m (name, digest, memo) order by name
       on conflict (source, name) do update set digest = excluded.digest, memo = excluded.memo`,
      [source, fresh.map(({ name }) => name), fresh.map(({ digest }) => digest), fresh.map(({ memo }) => memo)],
    );
  if (gone.length > 0)
    await database.query('delete from source_memos where source = $1 and name = any($2::text[])', [source, gone]);
  for (const { name, digest, memo } of fresh) known.set(name, { digest, memo });
  for (const name of gone) known.delete(name);
}
