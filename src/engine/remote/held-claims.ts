import { type Database, prepared } from '#store';
import type { Assignment } from '../execute/executor.ts';

const LOST = prepared(
  'find_lost_claims',
  `
select u.key from unnest($1::text[], $2::bigint[]) as u (key, token)
where not exists (select 1 from claims c where c.key = u.key and c.token = u.token)`,
);

/** Keys whose claims another attempt has by now, or none: the work of these is refused when it ends. */
export async function findLostClaims(
  database: Database,
  held: readonly Pick<Assignment, 'key' | 'token'>[],
): Promise<ReadonlySet<string>> {
  if (held.length === 0) return new Set();
  const keys = held.map(({ key }) => key);
  const lost = await database.query<{ key: string }>(LOST, [keys, held.map(({ token }) => token)]);
  return new Set(lost.map(({ key }) => key));
}
