import type { Database, Queryable } from '#store';
import type { Manifest } from '../artifact.ts';
import type { FailureRecord } from '../executors/executor.ts';
import { RUNS_CHANNEL } from '../history/read-runs.ts';
import { digestOf } from '../key.ts';
import type { TaskRunState } from '../run/states.ts';
import { giveBackLeases } from './pools.ts';

/** The end of one attempt, with everything that becomes true together. */
export interface AttemptEnd {
  readonly runId: string;
  readonly goal: string;
  readonly key: string;
  readonly number: number;
  readonly token: string;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'lost';
  /** What the task run becomes; `queued` when it is tried again. */
  readonly state: TaskRunState;
  readonly reason?: string | undefined;
  readonly error?: FailureRecord | undefined;
  readonly log: string;
  /** Units of a pool that come back with this end. */
  readonly lease?: string | undefined;
  /** Present exactly when the outcome is `succeeded`. */
  readonly manifest?: Manifest;
}

// Locked until the commit, in the order of keys, so two groups cannot wait for each other.
const HELD = `
select c.key from claims c join unnest($1::text[], $2::bigint[]) as u (key, token) on c.key = u.key and c.token = u.token
order by c.key for update of c`;

const MANIFESTS = `
insert into manifests (key, trace_digest, goal, task, params, code, inputs, outputs, trace, token, run_id)
select key, trace_digest, goal, task, params::jsonb, code, inputs::jsonb, outputs::jsonb, trace::jsonb, token, run_id
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::bigint[], $11::bigint[])
  as m (key, trace_digest, goal, task, params, code, inputs, outputs, trace, token, run_id)
on conflict (key, trace_digest) do update set outputs = excluded.outputs, trace = excluded.trace, token = excluded.token,
  run_id = excluded.run_id, created_at = excluded.created_at
where manifests.token < excluded.token`;

const ENDS = `
with ending as (
  select * from unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[]) as e (run_id, goal, key, number, token, outcome, state, reason, error, log)),
tried as (
  update attempts a set ended_at = clock_timestamp(), outcome = e.outcome, error = e.error::jsonb, log = e.log
  from ending e where a.run_id = e.run_id and a.goal = e.goal and a.number = e.number),
changed as (
  update task_runs t set state = e.state, reason = e.reason,
    ended_at = case when e.state in ('queued', 'running') then null else clock_timestamp() end
  from ending e where t.run_id = e.run_id and t.goal = e.goal),
released as (
  delete from claims c using ending e where c.key = e.key and c.token = e.token)
select pg_notify('${RUNS_CHANNEL}', run_id::text) from (select distinct run_id from ending) as runs`;

/**
 * Ends attempts in one transaction: fencing check, manifests, attempts, task runs, claims. Answers for each whether its
 * claim was still held; one that was not is recorded as `lost` and leaves no manifest.
 */
export function commitAttempts(database: Database, items: readonly AttemptEnd[]): Promise<readonly boolean[]> {
  return database.transaction(async (tx) => {
    await giveBackLeases(
      tx,
      items.flatMap(({ lease }) => lease ?? []),
    );
    const succeeded = items.filter((item) => item.manifest !== undefined);
    const held = await lockHeld(tx, succeeded);
    await insertManifests(
      tx,
      succeeded.filter((item) => held.has(item.key)),
    );
    const isKept = (item: AttemptEnd): boolean => item.manifest === undefined || held.has(item.key);
    await recordEnds(
      tx,
      items.map((item) => (isKept(item) ? item : { ...item, outcome: 'lost', state: 'queued', reason: LOST_REASON })),
    );
    return items.map(isKept);
  });
}

const LOST_REASON = 'Its claim was taken over before it could commit.';

async function lockHeld(tx: Queryable, items: readonly AttemptEnd[]): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set();
  const rows = await tx.query<{ key: string }>(HELD, [items.map((item) => item.key), items.map((item) => item.token)]);
  return new Set(rows.map((row) => row.key));
}

async function insertManifests(tx: Queryable, items: readonly AttemptEnd[]): Promise<void> {
  const rows = items.flatMap((item) => (item.manifest === undefined ? [] : [{ ...item, manifest: item.manifest }]));
  if (rows.length === 0) return;
  const json = (pick: (manifest: Manifest) => unknown): string[] =>
    rows.map((row) => JSON.stringify(pick(row.manifest)));
  await tx.query(MANIFESTS, [
    rows.map((row) => row.key),
    rows.map((row) => traceDigest(row.manifest)),
    rows.map((row) => row.goal),
    rows.map((row) => row.manifest.goal.task),
    json((manifest) => manifest.goal.params),
    rows.map((row) => row.manifest.code),
    json((manifest) => manifest.inputs),
    json((manifest) => manifest.outputs),
    json((manifest) => manifest.trace),
    rows.map((row) => row.token),
    rows.map((row) => row.runId),
  ]);
}

const traceDigest = (manifest: Manifest): string =>
  manifest.trace.length === 0 ? '' : digestOf(JSON.stringify(manifest.trace));

async function recordEnds(tx: Queryable, items: readonly AttemptEnd[]): Promise<void> {
  await tx.query(ENDS, [
    items.map((item) => item.runId),
    items.map((item) => item.goal),
    items.map((item) => item.key),
    items.map((item) => item.number),
    items.map((item) => item.token),
    items.map((item) => item.outcome),
    items.map((item) => item.state),
    items.map((item) => toStorableText(item.reason)),
    items.map((item) => (item.error === undefined ? null : toStorableJson(item.error))),
    items.map((item) => toStorableText(item.log)),
  ]);
}

// PostgreSQL's text holds no U+0000, and its jsonb neither that nor half a surrogate pair.
const toStorableText = (text: string | undefined): string | null =>
  text === undefined ? null : text.replaceAll('\0', '\uFFFD');
const toStorableJson = (error: FailureRecord): string =>
  JSON.stringify(error, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD') : value,
  );
