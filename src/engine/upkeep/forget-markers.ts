import type { Database } from '#store';

// A collection that has not finished may still remove rows, and finds them by their marker. A marker that is written
// meanwhile has a new time, which is read again under its lock, so it stays.
const FORGET = `
delete from sink_markers s
where s.written_at < $1
  and not exists (select 1 from manifests m where m.key = s.key)
  and not exists (
    select 1 from collections c join collection_items i on i.collection_id = c.id
    where c.finished_at is null and i.kind = 'rows' and i.state in ('planned', 'removing')
      and i.detail ->> 'goal' = s.goal and i.detail ->> 'output' = s.output)`;

/**
 * Deletes the markers in Weir's own database that no result has: their rows outlived it, as those of `remove: 'keep'` do,
 * or their attempt was never committed. A goal is complete only with a result, so none is less complete than before.
 *
 * @param writtenBefore Attempts that wrote before it have ended.
 */
export async function forgetMarkers(database: Database, writtenBefore: Date): Promise<void> {
  await database.query(FORGET, [writtenBefore]);
}
