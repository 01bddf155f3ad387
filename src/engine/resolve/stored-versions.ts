import type { Queryable } from '#store';
import type { InputRecord } from '../define/artifact.ts';
import type { Params } from '../define/goal.ts';

/** The fields of a result that explanations compare. */
export interface StoredVersion {
  readonly goal: string;
  readonly task: string;
  readonly params: Params;
  readonly code: string;
  readonly key: string;
  readonly inputs: { readonly [name: string]: InputRecord };
  readonly version: string;
  readonly acceptedFrom: string | null;
  readonly runId: string | null;
  readonly at: Date;
}

const COLUMNS = `goal, task, params, code, key, inputs, version::text, accepted_from::text as "acceptedFrom",
  run_id::text as "runId", created_at as at`;

/** The newest result of each goal that has one. */
export async function newestVersions(
  database: Queryable,
  goals: readonly string[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  const rows = await database.query<StoredVersion>(
    `select distinct on (goal) ${COLUMNS} from manifests where goal = any($1::text[]) order by goal, manifests.version desc`,
    [goals],
  );
  return new Map(rows.map((row) => [row.goal, row]));
}

/** The newest result of each goal before another of its results, or, where that is null, before a time. */
export async function newestVersionsBefore(
  database: Queryable,
  goals: readonly { readonly goal: string; readonly version: string | null; readonly at: Date | null }[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  const rows = await database.query<StoredVersion>(
    `select ${COLUMNS} from unnest($1::text[], $2::bigint[], $3::timestamptz[]) as asked (asked_goal, before, moment)
     cross join lateral (
       select * from manifests m where m.goal = asked_goal
         and case when before is null then m.created_at < moment else m.version < before end
       order by m.version desc limit 1) as found`,
    [goals.map(({ goal }) => goal), goals.map(({ version }) => version), goals.map(({ at }) => at)],
  );
  return new Map(rows.map((row) => [row.goal, row]));
}

/** Results by version number. */
export async function versionsByNumber(
  database: Queryable,
  versions: readonly string[],
): Promise<ReadonlyMap<string, StoredVersion>> {
  const rows = await database.query<StoredVersion>(
    `select ${COLUMNS} from manifests where manifests.version = any($1::bigint[])`,
    [versions],
  );
  return new Map(rows.map((row) => [row.version, row]));
}

/** Output names and digests of results, sorted, as one text each. */
export async function digestsOfVersions(
  database: Queryable,
  versions: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ version: string; digests: string }>(
    `select version::text, (
       select coalesce(string_agg(o.key || ' ' || (o.value ->> 'digest'), e'\\n' order by o.key collate "C"), '')
       from jsonb_each(outputs) o) as digests
     from manifests where manifests.version = any($1::bigint[])`,
    [versions],
  );
  return new Map(rows.map(({ version, digests }) => [version, digests]));
}

/** The newest result under a key. */
export async function maybeVersionOfKey(database: Queryable, key: string): Promise<StoredVersion | undefined> {
  const [row] = await database.query<StoredVersion>(
    `select ${COLUMNS} from manifests where key = $1 order by manifests.version desc limit 1`,
    [key],
  );
  return row;
}

const OTHERS_MAX = 100;

/** Newest results of a task, whatever its params. */
export function versionsOfTask(database: Queryable, task: string): Promise<readonly StoredVersion[]> {
  return database.query<StoredVersion>(
    `select ${COLUMNS} from manifests where task = $1 order by manifests.version desc limit ${OTHERS_MAX}`,
    [task],
  );
}
