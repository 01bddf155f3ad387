import type { Database, Queryable } from '#store';
import { EngineError } from '../define/errors.ts';
import { beginListing, insertListing, readNewest, writeChange } from './listings.ts';
import { lockSource } from './staleness.ts';

/** What is known of a source, without listing it. */
export interface SourceRecord {
  readonly source: string;
  readonly partitionCount: number;
  /** When its listing last changed. */
  readonly changedAt: Date;
  /** Goals that are stale because of its removed partitions, these partitions' own among them. */
  readonly staleCount: number;
  /** A removal that waits for confirmation. */
  readonly waiting: Removal | null;
}

/** Every source that was ever listed, by name. */
export async function listSources(database: Queryable): Promise<readonly SourceRecord[]> {
  const waiting = await listRemovals(database, { state: 'waiting' });
  const rows = await database.query<Omit<SourceRecord, 'waiting'>>(
    `select l.source, max(l.recorded_at) as "changedAt",
       (select count(*)::integer from source_partitions p where p.source = l.source and until is null) as "partitionCount",
       (select count(*)::integer from stale_goals s where s.source = l.source) as "staleCount"
     from source_listings l group by l.source order by l.source`,
  );
  return rows.map((row) => ({ ...row, waiting: waiting.find(({ source }) => source === row.source) ?? null }));
}

/** A removal that was too large to be accepted at once. */
export interface Removal {
  readonly id: string;
  readonly source: string;
  readonly names: readonly string[];
  /** How many partitions were known then. */
  readonly partitionCount: number;
  readonly state: 'waiting' | 'confirmed' | 'withdrawn';
  readonly foundAt: Date;
  readonly decidedAt: Date | null;
  readonly actor: string | null;
  readonly reason: string | null;
}

const COLUMNS = `id::text, source, names, partition_count::integer as "partitionCount", state, found_at as "foundAt",
  decided_at as "decidedAt", actor, reason`;

/** Removals, newest first; decided ones are the audit record of who confirmed what. */
export function listRemovals(
  database: Queryable,
  options: { readonly state?: Removal['state']; readonly source?: string } = {},
): Promise<readonly Removal[]> {
  return database.query<Removal>(
    `select ${COLUMNS} from source_removals
     where ($1::text is null or state = $1) and ($2::text is null or source = $2) order by source_removals.id desc`,
    [options.state ?? null, options.source ?? null],
  );
}

export interface ConfirmRemovalRequest {
  /** Of a removal that waits. */
  readonly id: string;
  readonly actor: string;
  readonly reason: string;
}

/** Confirms a removal, on record: its partitions are removed from now on, and what is made from them alone is stale. */
export function confirmRemoval(database: Database, request: ConfirmRemovalRequest): Promise<Removal> {
  return database.transaction(async (tx) => {
    const { source } = await readRemoval(tx, request.id);
    await lockSource(tx, source);
    const removal = await readRemoval(tx, request.id);
    const newest = await readNewest(tx, source);
    if (removal.state !== 'waiting' || newest === undefined)
      throw new EngineError(
        'removal_unknown',
        `Removal ${request.id} of source ${source} is not waiting for confirmation: it is ${removal.state}. List those that wait and confirm one of them.`,
      );
    const number = await beginListing(tx);
    await insertListing(tx, { source, number, digest: newest.digest });
    await writeChange(tx, { source, number, gone: removal.names, changed: [], come: [] });
    const [confirmed] = await tx.query<Removal>(
      `update source_removals set state = 'confirmed', decided_at = clock_timestamp(), actor = $2, reason = $3
       where id = $1 returning ${COLUMNS}`,
      [request.id, request.actor, request.reason],
    );
    return confirmed ?? removal;
  });
}

async function readRemoval(tx: Queryable, id: string): Promise<Removal> {
  const [removal] = /^[0-9]{1,18}$/.test(id)
    ? await tx.query<Removal>(`select ${COLUMNS} from source_removals where id = $1`, [id])
    : [];
  if (removal === undefined) throw new EngineError('removal_unknown', `There is no removal ${JSON.stringify(id)}.`);
  return removal;
}
