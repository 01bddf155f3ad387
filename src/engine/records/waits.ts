import type { Database, Queryable } from '#store';

/** An attempt that waits, in its run, for a goal whose claim another run or process holds. */
export interface Wait {
  /** Key and token of the claim it holds. */
  readonly waiter: string;
  readonly token: string;
  /** Key of the claim it waits for. */
  readonly needed: string;
  /** The waiting goal in readable form. */
  readonly label: string;
}

// Waits of attempts that ended, or died with their claims, no longer count.
const SWEEP = `
delete from waits w where not exists (select 1 from claims c where c.key = w.waiter and c.token = w.token)`;

const WITHDRAW = `
delete from waits w using unnest($1::text[], $2::bigint[], $3::text[]) as u (waiter, token, needed)
where w.waiter = u.waiter and w.token = u.token and w.needed = u.needed`;

const RECORD = `
insert into waits (waiter, token, needed, label)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) on conflict do nothing`;

// An attempt whose lease has expired is about to be taken over: a wait for it becomes a wait for its successor.
const REACHED = `
with recursive live as (
  select w.waiter, w.token, w.needed, w.label from waits w
  join claims c on c.key = w.waiter and c.token = w.token and c.expires_at > clock_timestamp()),
reached (key) as (
  select unnest($1::text[]) union select l.needed from reached r join live l on l.waiter = r.key)
select l.waiter, l.token::text, l.needed, l.label from live l join reached r on r.key = l.waiter`;

/**
 * Records and withdraws waits of this process, and returns all waits that can be reached from its own. One transaction.
 */
export function exchangeWaits(
  database: Database,
  waits: { readonly all: readonly Wait[]; readonly withdrawn: readonly Wait[] },
): Promise<readonly Wait[]> {
  const { all, withdrawn } = waits;
  return database.transaction(async (tx) => {
    await sweepWaits(tx);
    if (withdrawn.length > 0)
      await tx.query(WITHDRAW, [
        withdrawn.map(({ waiter }) => waiter),
        withdrawn.map(({ token }) => token),
        withdrawn.map(({ needed }) => needed),
      ]);
    if (all.length === 0) return [];
    await tx.query(RECORD, [
      all.map(({ waiter }) => waiter),
      all.map(({ token }) => token),
      all.map(({ needed }) => needed),
      all.map(({ label }) => label),
    ]);
    return tx.query<Wait>(REACHED, [[...new Set(all.map(({ waiter }) => waiter))]]);
  });
}

async function sweepWaits(tx: Queryable): Promise<void> {
  await tx.query(SWEEP);
}

/**
 * The cycle through one waiter, from it to itself; undefined when it is in none. Each process looks for cycles
 * through its own waiters only, and only the youngest claim of a cycle gives way, so that one attempt pays and not all.
 */
export function findCycle(waits: readonly Wait[], waiter: string): readonly Wait[] | undefined {
  const from = new Map<string, Wait[]>();
  for (const wait of waits) from.set(wait.waiter, [...(from.get(wait.waiter) ?? []), wait]);
  const cameBy = new Map<string, Wait>();
  const stack = [waiter];
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    for (const wait of from.get(key) ?? []) {
      if (wait.needed === waiter) return pathTo(wait, { waiter, cameBy });
      if (cameBy.has(wait.needed)) continue;
      cameBy.set(wait.needed, wait);
      stack.push(wait.needed);
    }
  }
  return undefined;
}

function pathTo(
  last: Wait,
  walk: { readonly waiter: string; readonly cameBy: ReadonlyMap<string, Wait> },
): readonly Wait[] {
  const path = [last];
  for (let at: Wait | undefined = last; at !== undefined && at.waiter !== walk.waiter; ) {
    at = walk.cameBy.get(at.waiter);
    if (at !== undefined) path.unshift(at);
  }
  return path;
}

export const isYoungest = (cycle: readonly Wait[], waiter: string): boolean => {
  const tokens = cycle.map((wait) => BigInt(wait.token));
  const own = cycle.find((wait) => wait.waiter === waiter);
  return own !== undefined && tokens.every((token) => token <= BigInt(own.token));
};
