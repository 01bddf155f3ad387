import { type Database, HOLD_ARTIFACTS, prepared, type Queryable, toStorableText } from '#store';
import type { Artifacts, Manifest } from '../define/artifact.ts';
import type { FailureRecord } from '../define/failure.ts';
import { digestOf } from '../define/key.ts';
import { toPlainArray } from '../define/plain-array.ts';
import type { Cause, TaskRunState } from '../define/states.ts';
import { giveBackLeases } from './pools.ts';
import { RUNS_CHANNEL } from './read-runs.ts';
import { RELEASE_CLAIMS } from './start-attempts.ts';

/** The end of one attempt, with everything that is committed together. */
export interface AttemptEnd {
  readonly runId: string;
  readonly goal: string;
  readonly key: string;
  readonly number: number;
  readonly token: string;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'lost' | 'parked';
  /** The new state of the task run; `queued` when it is retried. */
  readonly state: TaskRunState;
  readonly reason?: string | undefined;
  /** Why the task run has no outputs, once that is certain. */
  readonly cause?: Cause | undefined;
  readonly error?: FailureRecord | undefined;
  readonly log: string;
  /** Units of a pool to release with this end. */
  readonly lease?: string | undefined;
  /** Present exactly when the outcome is `succeeded`. */
  readonly manifest?: Manifest | undefined;
}

// The rows are locked until the commit, in the order of keys, so two groups cannot wait for each other. Nothing is
// collected from here to the commit; the next statement's snapshot is younger than the hold, so it sees what was
// collected before.
const RELEASE = prepared(
  'release_claims',
  `
with hold as materialized (select ${HOLD_ARTIFACTS}),
released as (${RELEASE_CLAIMS} returning c.key)
select key from hold cross join released`,
);

// A collection may have removed bytes that this attempt had stored: see docs/decisions/0006-removing-artifacts.md.
const MANIFESTS = prepared(
  'insert_manifests',
  `
with collected as (
  select i.collection_id, i.position, i.digest, i.token from collection_items i
  where i.digest = any($12::text[]) and i.kind = 'blob' and i.state in ('removing', 'removed')),
closed as (
  update collection_items i set token = nextval('claim_tokens') from collected c
  where i.collection_id = c.collection_id and i.position = c.position and c.token is null)
insert into manifests (key, trace_digest, goal, task, params, code, inputs, outputs, trace, token, run_id)
select key, trace_digest, goal, task, params::jsonb, code, inputs::jsonb, outputs::jsonb, trace::jsonb, token, run_id
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::bigint[], $11::bigint[])
  as m (key, trace_digest, goal, task, params, code, inputs, outputs, trace, token, run_id)
where not exists (
  select 1 from collected c
  where (c.token is null or c.token > m.token) and c.digest in (select o.value ->> 'digest' from jsonb_each(m.outputs::jsonb) o))
returning key, version::text`,
);

// Of a task run that a successor of this process has tried again, or ended, only the attempt is recorded.
const ENDS = prepared(
  'end_attempts',
  `
with ending as (
  select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::bigint[])
    as e (run_id, goal, number, outcome, state, reason, error, log, cause, version)),
tried as (
  update attempts a set ended_at = clock_timestamp(), outcome = e.outcome, error = e.error::jsonb, log = e.log
  from ending e where a.run_id = e.run_id and a.goal = e.goal and a.number = e.number),
changed as (
  update task_runs t set state = e.state, reason = e.reason, cause = e.cause, version = e.version,
    ended_at = case when e.state in ('queued', 'running') then null else clock_timestamp() end
  from ending e where t.run_id = e.run_id and t.goal = e.goal and t.attempts = e.number
    and (t.state in ('queued', 'running') or e.outcome = 'succeeded'))
select pg_notify('${RUNS_CHANNEL}', run_id::text) from (select distinct run_id from ending) as runs`,
);

export interface CommitOptions {
  /** Records what new results were made from; absent where no task reads a source. */
  readonly recordUses?: ((tx: Queryable, items: readonly AttemptEnd[]) => Promise<void>) | undefined;
}

/**
 * Ends attempts in one transaction: claims and with them the fencing check, manifests, attempts, task runs. Returns for
 * each whether its claim was still held; an attempt without its claim is recorded as `lost` and leaves no manifest.
 */
export function commitAttempts(
  database: Database,
  items: readonly AttemptEnd[],
  options: CommitOptions = {},
): Promise<readonly boolean[]> {
  return database.transaction(
    async (tx) => {
      await giveBackLeases(
        tx,
        items.flatMap(({ lease }) => lease ?? []),
      );
      const held = await releaseHeld(tx, items);
      const kept = items.filter((item) => item.manifest !== undefined && held.has(item.key));
      const versions = await insertManifests(tx, kept);
      const recorded = kept.filter(({ key }) => versions.has(key));
      if (options.recordUses !== undefined && recorded.length > 0) await options.recordUses(tx, recorded);
      const isKept = (item: AttemptEnd): boolean => item.manifest === undefined || versions.has(item.key);
      const lost = (item: AttemptEnd): AttemptEnd => {
        const reason = held.has(item.key) ? COLLECTED_REASON : LOST_REASON;
        return { ...item, outcome: 'lost', state: 'queued', reason };
      };
      const ends = items.map((item) => (isKept(item) ? item : lost(item)));
      await recordEnds(tx, ends, versions);
      return items.map(isKept);
    },
    { isIndexed: true },
  );
}

const LOST_REASON = 'Its claim was taken over before it could commit.';
const COLLECTED_REASON = 'A collection removed bytes that it had stored while it ran.';

/** Returns the keys whose claims were held until now. */
async function releaseHeld(tx: Queryable, items: readonly AttemptEnd[]): Promise<ReadonlySet<string>> {
  const sorted = items.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const rows = await tx.query<{ key: string }>(RELEASE, [
    toPlainArray(sorted.map((item) => item.key)),
    toPlainArray(sorted.map((item) => item.token)),
  ]);
  return new Set(rows.map((row) => row.key));
}

/** Returns the version of each key that was recorded. */
async function insertManifests(tx: Queryable, items: readonly AttemptEnd[]): Promise<ReadonlyMap<string, string>> {
  const rows = items.flatMap((item) => (item.manifest === undefined ? [] : [{ ...item, manifest: item.manifest }]));
  if (rows.length === 0) return new Map();
  const json = (pick: (manifest: Manifest) => unknown): string[] =>
    rows.map((row) => JSON.stringify(pick(row.manifest)));
  const inserted = await tx.query<{ key: string; version: string }>(MANIFESTS, [
    toPlainArray(rows.map((row) => row.key)),
    rows.map((row) => traceDigest(row.manifest)),
    toPlainArray(rows.map((row) => row.goal)),
    rows.map((row) => row.manifest.goal.task),
    json((manifest) => manifest.goal.params),
    rows.map((row) => row.manifest.code),
    json((manifest) => manifest.inputs),
    json((manifest) => manifest.outputs),
    json((manifest) => manifest.trace),
    toPlainArray(rows.map((row) => row.token)),
    toPlainArray(rows.map((row) => row.runId)),
    rows.flatMap((row) => blobsOf(row.manifest.outputs)),
  ]);
  return new Map(inserted.map(({ key, version }) => [key, version]));
}

/** Digests of outputs whose bytes lie in the artifact store. */
const blobsOf = (outputs: Artifacts): readonly string[] =>
  Object.values(outputs).flatMap((artifact) =>
    artifact.kind === 'blob' || (artifact.kind === 'value' && artifact.value === undefined) ? [artifact.digest] : [],
  );

const traceDigest = (manifest: Manifest): string =>
  manifest.trace.length === 0 ? '' : digestOf(JSON.stringify(manifest.trace));

async function recordEnds(
  tx: Queryable,
  items: readonly AttemptEnd[],
  versions: ReadonlyMap<string, string>,
): Promise<void> {
  await tx.query(ENDS, [
    toPlainArray(items.map((item) => item.runId)),
    toPlainArray(items.map((item) => item.goal)),
    items.map((item) => item.number),
    items.map((item) => item.outcome),
    items.map((item) => item.state),
    items.map(({ reason }) => (reason === undefined ? null : toStorableText(reason))),
    items.map((item) => (item.error === undefined ? null : toStorableJson(item.error))),
    items.map((item) => toStorableText(item.log)),
    items.map((item) => item.cause ?? null),
    items.map((item) => (item.outcome === 'succeeded' ? (versions.get(item.key) ?? null) : null)),
  ]);
}

const toStorableJson = (error: FailureRecord): string =>
  JSON.stringify(error, (_, value: unknown) => (typeof value === 'string' ? toStorableText(value) : value));
