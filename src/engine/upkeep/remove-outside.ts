import type { Database, Queryable } from '#store';
import { toCountText } from '#store';
import { EngineError } from '../define/errors.ts';
import type { FileDigests } from '../define/file-digests.ts';
import type { Params } from '../define/goal.ts';
import { describeGoal } from '../define/planned-goal.ts';
import type { AnyTask, Task } from '../define/task.ts';
import type { Sinks } from '../execute/sinks.ts';
import { type FoundFile, findPlaced, removePlaced } from './leftover-files.ts';

/** How many files and rows are processed at a time. */
const PAGE = 500;

export interface OutsidePlan {
  readonly id: string;
  readonly tasks: readonly AnyTask[];
  readonly sinks: Pick<Sinks, 'marker'>;
  readonly digestFile: FileDigests;
}

/**
 * Plans the removal of what the planned versions have outside the artifact store: files that no other result
 * references, rows whose marker is theirs. A version whose file or rows cannot be removed is kept, because it is the
 * only record of them.
 */
export async function planOutside(tx: Queryable, plan: OutsidePlan): Promise<void> {
  await planPlacedFiles(tx, plan);
  await planRows(tx, plan);
  await tx.query(KEEP_FOR_VERSIONS, [plan.id]);
}

// Only items that are decided later have a time of decision.
const KEEP = `
update collection_items i set state = 'kept', kept_because = k.because
from unnest($2::bigint[], $3::text[]) as k (position, because)
where i.collection_id = $1 and i.position = k.position`;

const KEEP_VERSIONS = `
update collection_items i set state = 'kept', kept_because = k.because
from unnest($2::text[], $3::text[]) as k (version, because)
where i.collection_id = $1 and i.kind = 'version' and i.version = k.version::bigint and i.state = 'planned'`;

const KEEP_FOR_VERSIONS = `
update collection_items i set state = 'kept', kept_because = 'a result that stays has it'
where i.collection_id = $1 and i.kind in ('placed-file', 'rows') and i.state = 'planned' and exists (
  select 1 from collection_items v where v.collection_id = $1 and v.kind = 'version' and v.state = 'kept'
    and i.detail -> 'versions' ? v.version::text)`;

const PLACED = `
with removed as (select version from collection_items where collection_id = $1 and kind = 'version'),
placed as (
  select o.value ->> 'path' as path, o.value ->> 'digest' as digest, (o.value ->> 'sizeBytes')::bigint as size_bytes,
    m.version, m.task || left(m.params::text, 200) as goal, m.created_at, d.version is not null as is_removed
  from manifests m left join removed d using (version) cross join lateral jsonb_each(m.outputs) o
  where o.value ->> 'kind' = 'file' and exists (select 1 from removed))
insert into collection_items (collection_id, kind, name, size_bytes, detail, reason)
select $1, 'placed-file', path, (array_agg(size_bytes order by version desc))[1],
  jsonb_build_object('digests', jsonb_agg(distinct digest), 'versions', jsonb_agg(distinct version::text), 'placedBefore', max(created_at)),
  'its result goes: ' || (array_agg(goal order by version desc))[1]
from placed group by path having bool_and(is_removed) order by path`;

/** What is needed to recognise the file later, also in another process. */
export interface PlacedDetail {
  readonly digests: readonly string[];
  readonly versions: readonly string[];
  readonly placedBefore: string;
}

async function planPlacedFiles(tx: Queryable, { id, digestFile }: OutsidePlan): Promise<void> {
  await tx.query(PLACED, [id]);
  for (let after = '0'; ; ) {
    const items = await tx.query<{ position: string; path: string; detail: PlacedDetail }>(
      `select position::text, name as path, detail from collection_items
       where collection_id = $1 and kind = 'placed-file' and position > $2 order by collection_items.position limit $3`,
      [id, after, PAGE],
    );
    const last = items.at(-1);
    if (last === undefined) return;
    after = last.position;
    const kept: [string, string][] = [];
    const barred: [string, string][] = [];
    for (const { position, path, detail } of items) {
      const found = await findPlaced({ ...detail, path }, digestFile);
      if (found.kind === 'placed') continue;
      kept.push([position, found.kind === 'gone' ? 'it no longer exists' : found.because]);
      if (found.kind === 'barred') for (const version of detail.versions) barred.push([version, found.because]);
    }
    await tx.query(KEEP, [id, kept.map(([position]) => position), kept.map(([, because]) => because)]);
    await keepVersions(tx, { id, kept: barred });
  }
}

async function keepVersions(
  tx: Queryable,
  { id, kept }: { readonly id: string; readonly kept: readonly (readonly [string, string])[] },
): Promise<void> {
  await tx.query(KEEP_VERSIONS, [id, kept.map(([version]) => version), kept.map(([, because]) => because)]);
}

// Rows belong to the newest result under their key; they are planned if that one is removed.
const WRITTEN = `
with page as (
  select position, version from collection_items
  where collection_id = $1 and kind = 'version' and state = 'planned' and position > $2 order by position limit $3)
select p.position::text, m.version::text, m.goal, m.key, m.task, m.params, o.key as output, o.value ->> 'sink' as sink,
  o.value ->> 'rowCount' as "rowCount"
from page p left join (manifests m cross join lateral jsonb_each(m.outputs) o) on m.version = p.version
  and o.value ->> 'kind' = 'rows'
  and not exists (
    select 1 from manifests n where n.goal = m.goal and n.key = m.key and (n.version > m.version or not exists (
      select 1 from collection_items j where j.collection_id = $1 and j.kind = 'version' and j.version = n.version)))
order by p.position`;

interface Page {
  readonly position: string;
  /** Null where the version wrote no rows. */
  readonly version: string | null;
}

interface WrittenRows extends Page {
  readonly version: string;
  readonly goal: string;
  readonly key: string;
  readonly task: string;
  readonly params: Params;
  readonly output: string;
  readonly sink: string | null;
  readonly rowCount: string;
}

async function planRows(tx: Queryable, plan: OutsidePlan): Promise<void> {
  const { id } = plan;
  for (let after = '0'; ; ) {
    const page = await tx.query<Page | WrittenRows>(WRITTEN, [id, after, PAGE]);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
    const written = page.filter((each): each is WrittenRows => each.version !== null);
    const checked = await Promise.all(written.map(async (rows) => [rows, await checkRows(rows, plan)] as const));
    const going = checked.flatMap(([rows, verdict]) => (verdict.kind === 'theirs' ? [toItem(rows)] : []));
    await tx.query(
      `insert into collection_items (collection_id, kind, name, detail, reason)
       select $1, 'rows', * from unnest($2::text[], $3::jsonb[], $4::text[])`,
      [id, going.map(({ name }) => name), going.map(({ detail }) => detail), going.map(({ reason }) => reason)],
    );
    const kept = checked.flatMap(([{ version }, verdict]) =>
      verdict.kind === 'barred' ? [[version, verdict.because] as const] : [],
    );
    await keepVersions(tx, { id, kept });
  }
}

/** What is needed to remove the rows later, also in another process. */
export interface RowsDetail extends Pick<WrittenRows, 'goal' | 'key' | 'task' | 'params' | 'output' | 'sink'> {
  readonly versions: readonly string[];
}

function toItem({ version, goal, key, task, params, output, sink, rowCount }: WrittenRows) {
  const detail: RowsDetail = { versions: [version], goal, key, task, params, output, sink };
  const name = `${output} of ${describeGoal({ task, params })} in ${sink ?? "Weir's own database"}`;
  return { name, detail: JSON.stringify(detail), reason: `its result goes: ${toCountText(Number(rowCount), 'row')}` };
}

type RowsVerdict = { readonly kind: 'theirs' | 'elsewhere' } | { readonly kind: 'barred'; readonly because: string };

async function checkRows(rows: WrittenRows, { tasks, sinks }: OutsidePlan): Promise<RowsVerdict> {
  const { goal, key, output, sink } = rows;
  const removal = maybeRemoval(tasks, rows);
  if (removal === 'keep') return { kind: 'elsewhere' };
  const where = `its rows of ${output} in ${sink ?? "Weir's own database"}`;
  try {
    const marker = await sinks.marker({ goal, output, sink: sink ?? undefined });
    if (marker?.key !== key) return { kind: 'elsewhere' };
  } catch (error) {
    return {
      kind: 'barred',
      because: `${where} cannot be queried: ${error instanceof Error ? error.message : error}`,
    };
  }
  if (removal !== undefined) return { kind: 'theirs' };
  const advice = `Task ${rows.task} does not say how to remove them: add "remove" to its output, rows({ remove })`;
  return { kind: 'barred', because: `${where} would stay. ${advice}` };
}

/** How the task of rows removes them; the task may no longer exist. */
export function maybeRemoval(
  tasks: readonly AnyTask[],
  rows: { readonly task: string; readonly output: string },
): Task['outputs'][string]['remove'] {
  return tasks.find(({ name, formerNames }) => name === rows.task || formerNames.includes(rows.task))?.outputs[
    rows.output
  ]?.remove;
}

/** A planned file, as just found. */
export interface FileToRemove {
  readonly position: string;
  readonly path: string;
  /** All versions that reference it. */
  readonly versions: readonly string[];
  readonly found: FoundFile;
}

/**
 * Checks the planned files of versions before any lock is held, and marks those that can be removed: after a crash, the
 * mark tells that a missing file was removed by the collection.
 */
export async function findFilesOf(
  database: Database,
  group: { readonly id: string; readonly versions: readonly string[]; readonly digestFile: FileDigests },
): Promise<readonly FileToRemove[]> {
  const { id, versions, digestFile } = group;
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
      found: isMissing ? { kind: 'other', because: 'it no longer exists' } : found,
    });
  }
  const marked = files.filter(({ found }) => found.kind === 'placed').map(({ position }) => position);
  await database.query(
    `update collection_items set state = 'removing' where collection_id = $1 and position = any($2::bigint[])`,
    [id, marked],
  );
  return files;
}

/** Versions that must stay because one of their files cannot be removed, with the reason. */
export const barredBy = (files: readonly FileToRemove[]): ReadonlyMap<string, string> =>
  new Map(
    files.flatMap(({ found, versions }) =>
      found.kind === 'barred' ? versions.map((version) => [version, found.because] as const) : [],
    ),
  );

/**
 * Removes the files that nothing references once the versions in `going` are removed, while no attempt can start to
 * rely on these: files are removed before the records of them. Returns the files that could not be removed.
 */
export async function removeFiles(
  tx: Queryable,
  group: { readonly id: string; readonly files: readonly FileToRemove[]; readonly going: ReadonlySet<string> },
): Promise<readonly FileToRemove[]> {
  const { id, files, going } = group;
  if (files.length === 0) return [];
  const positions = files.map(({ position }) => position);
  const checked = await tx.query<{ position: string; because: string }>(NEEDED, [id, positions, [...going]]);
  const needed = new Map(checked.map(({ position, because }) => [position, because]));
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

const WAITS = 'a version of a later group names it';
// Why a file stays for now, or for good. Its path is searched only in results that the plan has not seen.
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

// The token is taken while no attempt can start to write, so every later writer has a newer one.
const RELEASE = `
update collection_items i set state = 'removing', token = nextval('claim_tokens')
where i.collection_id = $1 and i.kind = 'rows' and i.state = 'planned' and i.detail -> 'versions' ?| $2 and not exists (
  select 1 from manifests m where m.goal = i.detail ->> 'goal' and m.key = i.detail ->> 'key')`;

const KEEP_ROWS = `
update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = 'a result that stays has them'
where i.collection_id = $1 and i.kind = 'rows' and i.state = 'planned' and i.detail -> 'versions' ?| $2`;

/**
 * Decides about the rows of versions that are removed in this transaction; the rows are removed after it, because their
 * store may be slow.
 */
export async function releaseRows(
  tx: Queryable,
  group: { readonly id: string; readonly going: readonly string[]; readonly spared: readonly string[] },
): Promise<void> {
  const { id, going, spared } = group;
  await tx.query(RELEASE, [id, going]);
  await tx.query(KEEP_ROWS, [id, [...going, ...spared]]);
}

/** Removes released rows. Failures are recorded with their message, and left to the next collection. */
export async function removeRows(removal: {
  readonly database: Database;
  readonly id: string;
  readonly tasks: readonly AnyTask[];
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
        throw new EngineError(
          'sink_invalid',
          `Task ${detail.task} no longer says how to remove them: rows({ remove }).`,
        );
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
