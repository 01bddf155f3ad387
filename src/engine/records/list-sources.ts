import type { Queryable } from '#store';
import { listRemovals, type Removal } from './removals.ts';

/** What is known of a source, without asking it. */
export interface SourceRecord {
  readonly source: string;
  readonly partitionCount: number;
  /** When it last said something else than before. */
  readonly changedAt: Date;
  /** Goals that are stale because of its removed partitions, these partitions' own among them. */
  readonly staleCount: number;
  /** A removal that waits to be confirmed. */
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
