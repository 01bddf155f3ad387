import { type Database, prepared, type Queryable } from '#store';
import { TaskError } from '../define/errors.ts';
import { toPlainArray } from '../define/plain-array.ts';
import type { Difference } from './difference.ts';
import { findRoom, insertLeases, type PoolLease } from './pools.ts';
import { RUNS_CHANNEL } from './read-runs.ts';

export interface AttemptStart {
  readonly runId: string;
  readonly goal: string;
  readonly key: string;
  readonly number: number;
  /** Newest token of a manifest under the key when it was found incomplete; `0` when there was none. */
  readonly seenToken: string;
  /** Why those manifests are not valid. */
  readonly unanswered?: Difference | undefined;
  /** Units of a pool to be held with the claim; attempts of one execution share a lease. */
  readonly lease?: PoolLease | undefined;
  /** The execution shared by the attempts of a batch. */
  readonly batch?: string | undefined;
}

/**
 * `held`: another attempt has the claim. `changed`: the goal was completed since it was resolved. `full`: its pool is
 * full. `disowned`: the run was deleted, or another process drives it now.
 */
export type StartAnswer =
  | { readonly kind: 'started'; readonly token: string }
  | { readonly kind: 'held' | 'changed' | 'full' | 'disowned' };

export interface StartOptions {
  readonly owner: string;
  readonly leaseMs: number;
  readonly executor: string;
  /** Sends those that started in the same transaction; what it returns is called when that comes to nothing. */
  readonly send?: ((tx: Queryable, answers: readonly StartAnswer[]) => Promise<() => void>) | undefined;
}

// Locked until the commit, so that a process that takes the run over sees all attempts that its former owner started.
const OWNED = prepared(
  'hold_owned_runs',
  `
select r.id::text from runs r where r.id = any($1::bigint[]) and (r.owner is null or r.owner = $2)
order by r.id for key share`,
);

// An expired claim is taken over only when nobody holds its row: a sink's transaction locks it until its commit. A key that
// stands is not inserted again: behind a commit that hangs while it takes the claim away, all of this would wait.
const CLAIM = prepared(
  'claim_keys',
  `
with wanted as (select distinct unnest($1::text[]) as key),
standing as materialized (select c.key, c.expires_at from wanted join claims c using (key)),
fresh as (
  insert into claims (key, token, owner, expires_at)
  select key, nextval('claim_tokens'), $2, clock_timestamp() + $3 * interval '1 ms'
  from wanted where key not in (select key from standing) order by key
  on conflict (key) do nothing
  returning key, token),
taken as (
  update claims set token = nextval('claim_tokens'), owner = $2, claimed_at = clock_timestamp(),
    expires_at = clock_timestamp() + $3 * interval '1 ms'
  where key in (
    select c.key from standing s join claims c using (key)
    where s.expires_at < clock_timestamp() and c.expires_at < clock_timestamp()
    order by c.key for update of c skip locked)
  returning key, token)
select key, token from fresh union all select key, token from taken`,
);

// A separate statement: its snapshot is younger than the claims, so no commit of a former holder is missed.
const NEWER = prepared(
  'newest_manifests',
  'select key, max(token)::text as token from manifests where key = any($1::text[]) group by key',
);

const BEGIN = prepared(
  'begin_attempts',
  `
with starting as (
  select * from unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::uuid[], $8::text[]) as s (run_id, goal, key, number, token, batch, unanswered)),
tried as (
  insert into attempts (run_id, goal, number, token, batch, executor, unanswered)
  select run_id, goal, number, token, batch, $7, unanswered::jsonb from starting),
changed as (
  update task_runs t set state = 'running', reason = null, key = s.key, attempts = s.number,
    started_at = coalesce(t.started_at, clock_timestamp())
  from starting s where t.run_id = s.run_id and t.goal = s.goal)
select pg_notify('${RUNS_CHANNEL}', run_id::text) from (select distinct run_id from starting) as runs`,
);

/**
 * Takes units of pools, claims keys and records the attempts that start, in one transaction; results are in the order
 * of the requests.
 */
export async function startAttempts(
  database: Database,
  items: readonly AttemptStart[],
  options: StartOptions,
): Promise<readonly StartAnswer[]> {
  let drop: (() => void) | undefined;
  try {
    return await database.transaction(
      async (tx) => {
        const answers = await claimAndRecord(tx, items, options);
        drop = await options.send?.(tx, answers);
        return answers;
      },
      { isIndexed: true },
    );
  } catch (error) {
    drop?.();
    throw error;
  }
}

async function claimAndRecord(
  tx: Queryable,
  items: readonly AttemptStart[],
  options: StartOptions,
): Promise<readonly StartAnswer[]> {
  const room = await findRoom(
    tx,
    items.flatMap(({ lease }) => lease ?? []),
  );
  const isFull = ({ lease }: AttemptStart): boolean => lease !== undefined && !room.has(lease.id);
  const runIds = [...new Set(items.map((item) => item.runId))];
  const owned = new Set((await tx.query<{ id: string }>(OWNED, [runIds, options.owner])).map(({ id }) => id));
  const keys = items.filter((item) => !isFull(item) && owned.has(item.runId)).map((item) => item.key);
  const claimed = await tx.query<{ key: string; token: string }>(CLAIM, [
    toPlainArray(keys),
    options.owner,
    options.leaseMs,
  ]);
  const tokens = new Map(claimed.map((row) => [row.key, row.token]));
  const newer = await tx.query<{ key: string; token: string }>(NEWER, [toPlainArray([...tokens.keys()])]);
  const newest = new Map(newer.map((row) => [row.key, row.token]));
  const answers = items.map((item): StartAnswer => {
    if (!owned.has(item.runId)) return { kind: 'disowned' };
    if (isFull(item)) return { kind: 'full' };
    const token = tokens.get(item.key);
    if (token === undefined) return { kind: 'held' };
    // Two items of one group may request one key: the first gets it.
    tokens.delete(item.key);
    if ((newest.get(item.key) ?? '0') !== item.seenToken) return { kind: 'changed' };
    return { kind: 'started', token };
  });
  await recordStarts(tx, { items, answers, options });
  const given = new Map(claimed.map((row) => [row.key, row.token]));
  const unused = items.filter((_, index) => answers[index]?.kind === 'changed').map((item) => item.key);
  if (unused.length > 0)
    await releaseClaims(
      tx,
      unused.map((key) => ({ key, token: given.get(key) ?? '0' })),
    );
  return answers;
}

async function recordStarts(
  tx: Queryable,
  starts: {
    readonly items: readonly AttemptStart[];
    readonly answers: readonly StartAnswer[];
    readonly options: StartOptions;
  },
): Promise<void> {
  const started = starts.items.flatMap((item, index) => {
    const answer = starts.answers[index];
    return answer?.kind === 'started' ? [{ ...item, token: answer.token }] : [];
  });
  if (started.length === 0) return;
  await tx.query(BEGIN, [
    toPlainArray(started.map((item) => item.runId)),
    toPlainArray(started.map((item) => item.goal)),
    toPlainArray(started.map((item) => item.key)),
    started.map((item) => item.number),
    toPlainArray(started.map((item) => item.token)),
    started.map((item) => item.batch ?? null),
    starts.options.executor,
    started.map((item) => (item.unanswered === undefined ? null : JSON.stringify(item.unanswered))),
  ]);
  await insertLeases(
    tx,
    started.flatMap(({ lease }) => lease ?? []),
    starts.options,
  );
}

export interface Claim {
  readonly key: string;
  readonly token: string;
}

/** Takes keys and tokens; a claim that another attempt has by now stays. */
export const RELEASE_CLAIMS =
  'delete from claims c using unnest($1::text[], $2::bigint[]) as u (key, token) where c.key = u.key and c.token = u.token';

/** Releases claims without a result. */
async function releaseClaims(database: Queryable, claims: readonly Claim[]): Promise<void> {
  await database.query(RELEASE_CLAIMS, [claims.map((claim) => claim.key), claims.map((claim) => claim.token)]);
}

/**
 * Extends leases that are still ours. A row that a sink's transaction holds is left for the next time: no other attempt
 * can take it until then.
 */
export async function renewClaims(database: Queryable, claims: readonly Claim[], leaseMs: number): Promise<void> {
  await database.query(
    `update claims c set expires_at = clock_timestamp() + $3 * interval '1 ms'
     where c.key in (
       select h.key from claims h join unnest($1::text[], $2::bigint[]) as u (key, token)
         on h.key = u.key and h.token = u.token
       order by h.key for update of h skip locked)`,
    [claims.map((claim) => claim.key), claims.map((claim) => claim.token), leaseMs],
  );
}

/**
 * Locks the claim until the transaction ends and returns whether it is still this one; later writes in the transaction
 * are fenced.
 */
async function isClaimHeld(tx: Queryable, claim: Claim): Promise<boolean> {
  const found = await tx.query('select 1 from claims where key = $1 and token = $2 for update', [
    claim.key,
    claim.token,
  ]);
  return found.length === 1;
}

/** Like `isClaimHeld`, but throws. */
export async function assertClaimHeld(tx: Queryable, claim: Claim): Promise<void> {
  if (await isClaimHeld(tx, claim)) return;
  throw new TaskError('The claim of this attempt was taken over while it ran; its writes are refused.', {
    code: 'claim_lost',
    class: 'infrastructure',
  });
}

/** Releases what other owners left; safe even if they still run, because their tokens no longer commit. */
export async function expireClaimsOfOthers(database: Queryable, owner: string): Promise<void> {
  await database.query('update claims set expires_at = clock_timestamp() where owner <> $1', [owner]);
}
