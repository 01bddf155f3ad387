import type { Database, Queryable } from '#store';
import { EngineError } from '../define/errors.ts';
import type { FileDigests } from '../define/file-digests.ts';
import type { Task } from '../define/task.ts';
import type { Sinks } from '../execute/sinks.ts';
import { type FoundFile, findPlaced, removePlaced } from './placed-files.ts';
import { maybeRemoval, type PlacedDetail, type RowsDetail } from './plan-outside.ts';

/** A planned file, as it was found a moment ago. */
export interface FileToRemove {
  readonly position: string;
  readonly path: string;
  /** All that name it. */
  readonly versions: readonly string[];
  readonly found: FoundFile;
}

/**
 * Looks at the planned files of versions, before anybody has to wait for it, and marks those that can go: after a crash,
 * the mark says that a file which is gone went because of it.
 */
export async function findFilesOf(
  database: Database,
  batch: { readonly id: string; readonly versions: readonly string[]; readonly digestFile: FileDigests },
): Promise<readonly FileToRemove[]> {
  const { id, versions, digestFile } = batch;
  const items = await database.query<{ position: string; path: string; state: string; detail: PlacedDetail }>(
    `select position::text, name as path, state, detail from collection_items
     where collection_id = $1 and kind = 'placed-file' and state in ('planned', 'removing') and detail -> 'versions' ?| $2
     order by collection_items.position`,
    [id, versions],
  );
  const files: FileToRemove[] = [];
  for (const { position, path, state, detail } of items) {
    const found = await findPlaced({ ...detail, path }, digestFile);
    const isMissing = found.kind === 'gone' && state === 'planned';
    files.push({
      ...{ position, path, versions: detail.versions },
      found: isMissing ? { kind: 'other', because: 'it is not there any more' } : found,
    });
  }
  const marked = files.filter(({ found }) => found.kind === 'placed').map(({ position }) => position);
  await database.query(
    `update collection_items set state = 'removing' where collection_id = $1 and position = any($2::bigint[])`,
    [id, marked],
  );
  return files;
}

/** Versions that must stay because a file of theirs cannot be removed, with the reason. */
export const barredBy = (files: readonly FileToRemove[]): ReadonlyMap<string, string> =>
  new Map(
    files.flatMap(({ found, versions }) =>
      found.kind === 'barred' ? versions.map((version) => [version, found.because] as const) : [],
    ),
  );

/**
 * Removes those of the files that nothing names once the versions in `going` are gone, while nobody can begin to rely on
 * these: files go before the records that know of them. Gives the files that could not be removed.
 */
export async function removeFiles(
  tx: Queryable,
  batch: { readonly id: string; readonly files: readonly FileToRemove[]; readonly going: ReadonlySet<string> },
): Promise<readonly FileToRemove[]> {
  const { id, files, going } = batch;
  if (files.length === 0) return [];
  const positions = files.map(({ position }) => position);
  const judged = await tx.query<{ position: string; because: string }>(NEEDED, [id, positions, [...going]]);
  const needed = new Map(judged.map(({ position, because }) => [position, because]));
  const barred: FileToRemove[] = [];
  for (const file of files) {
    const { found, path, position } = file;
    const because = needed.get(position);
    if (because === WAITS) continue;
    const left = because === undefined && found.kind === 'placed' ? await removePlaced(path, found.identity) : found;
    if (because === undefined && left.kind === 'barred') barred.push({ ...file, found: left });
    else await decide(tx, { id, position, keptBecause: because ?? (left.kind === 'other' ? left.because : null) });
  }
  return barred;
}

const WAITS = 'a version of a later batch names it';
// Why a file stays for now, or for good. Its path is looked for only in results that the plan has not seen.
const NEEDED = `
with named as (
  select distinct o.value ->> 'path' as path from manifests m cross join lateral jsonb_each(m.outputs) o
  where m.version > (select seen_version from collections where id = $1) and o.value ->> 'kind' = 'file'),
others as (
  select i.position, v.state from collection_items i
    cross join lateral jsonb_array_elements_text(i.detail -> 'versions') as n (version)
    join manifests m on m.version = n.version::bigint
    left join collection_items v on v.collection_id = $1 and v.kind = 'version' and v.version = m.version
  where i.collection_id = $1 and i.position = any($2::bigint[]) and n.version <> all($3::text[]))
select i.position::text, case
    when i.name in (select path from named) then 'a result names it since the plan'
    when exists (select 1 from others o where o.position = i.position and o.state = 'kept') then 'a result that stays names it'
    else '${WAITS}'
  end as because
from collection_items i
where i.collection_id = $1 and i.position = any($2::bigint[])
  and (i.name in (select path from named) or i.position in (select position from others))`;

async function decide(
  tx: Queryable,
  item: { readonly id: string; readonly position: string; readonly keptBecause: string | null },
): Promise<void> {
  await tx.query(
    `update collection_items set state = $3, decided_at = clock_timestamp(), kept_because = $4
     where collection_id = $1 and position = $2`,
    [item.id, item.position, item.keptBecause === null ? 'removed' : 'kept', item.keptBecause],
  );
}

// The token is drawn while nobody can begin to write: who writes there later has a newer one.
const RELEASE = `
update collection_items i set state = 'removing', token = nextval('claim_tokens')
where i.collection_id = $1 and i.kind = 'rows' and i.state = 'planned' and i.detail -> 'versions' ?| $2 and not exists (
  select 1 from manifests m where m.goal = i.detail ->> 'goal' and m.key = i.detail ->> 'key')`;

const KEEP_ROWS = `
update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = 'a result that stays has them'
where i.collection_id = $1 and i.kind = 'rows' and i.state = 'planned' and i.detail -> 'versions' ?| $2`;

/** Decides on the rows of versions that are gone in this transaction; they are removed after it, because their store may be slow. */
export async function releaseRows(
  tx: Queryable,
  batch: { readonly id: string; readonly going: readonly string[]; readonly spared: readonly string[] },
): Promise<void> {
  const { id, going, spared } = batch;
  await tx.query(RELEASE, [id, going]);
  await tx.query(KEEP_ROWS, [id, [...going, ...spared]]);
}

/** Removes released rows. What fails stays to be removed by the next collection, with what was said. */
export async function removeRows(removal: {
  readonly database: Database;
  readonly id: string;
  readonly tasks: readonly Task[];
  readonly sinks: Pick<Sinks, 'remove'>;
  readonly onDecided: () => void;
}): Promise<void> {
  const { database, id, tasks, sinks, onDecided } = removal;
  const items = await database.query<{ position: string; token: string; detail: RowsDetail }>(
    `select position::text, token::text, detail from collection_items
     where collection_id = $1 and kind = 'rows' and state = 'removing' order by collection_items.position`,
    [id],
  );
  for (const { position, token, detail } of items) {
    const { goal, key, params, output, sink } = detail;
    try {
      const remove = maybeRemoval(tasks, detail);
      if (typeof remove !== 'function')
        throw new EngineError(`Task ${detail.task} no longer says how to remove them: rows({ remove }).`);
      const ended = await sinks.remove({
        ...{ owner: { goal, key, token }, output, sink: sink ?? undefined },
        remove: (writer) => remove(writer, { params }),
      });
      const keptBecause = ended === 'removed' ? null : 'another result has written there since';
      await decide(database, { id, position, keptBecause });
      onDecided();
    } catch (error) {
      await database.query('update collection_items set kept_because = $3 where collection_id = $1 and position = $2', [
        ...[id, position],
        `could not be removed: ${error instanceof Error ? error.message : error}`,
      ]);
    }
  }
}
