import type { Queryable } from '#store';
import type { StoredCheck } from './history.ts';

/** Shares of rows in the last files of one contract, oldest first, the file of the report last. */
export interface Trends {
  readonly unusable: readonly number[];
  /** Only of expectations that some of these files violate. */
  readonly expectations: readonly {
    readonly expectation: string;
    readonly column: string | null;
    readonly shares: readonly number[];
  }[];
}

/** A trend looks back over this many files. */
const FILES_MAX = 30;

const RECENT = `
select id, case when verdict = 'quarantined' then 1 when rows_in = 0 then 0
  else (rows_bad + rows_rejected)::float8 / rows_in end as unusable
from checks
where contract = $1 and (checked_at, id) <= (select checked_at, id from checks where id = $2)
order by checks.checked_at desc, id desc limit ${FILES_MAX}`;

/** The results of the contract's files up to this check: shares of violating rows, oldest first, 0 for none. */
export async function readTrends(
  database: Queryable,
  { id, contract }: Pick<StoredCheck, 'id' | 'contract'>,
): Promise<Trends> {
  const recent = await database.query<{ id: string; unusable: number }>(RECENT, [contract, id]);
  const oldestFirst = recent.toReversed();
  const places = new Map(oldestFirst.map((check, place) => [check.id, place]));
  const problems = await database.query<{
    check_id: string;
    expectation: string;
    column: string | null;
    share: number;
  }>(
    `select check_id, expectation, column_name as "column", share from check_problems where check_id = any($1::text[])`,
    [[...places.keys()]],
  );
  const series = new Map<string, { expectation: string; column: string | null; shares: number[] }>();
  for (const { check_id, expectation, column, share } of problems) {
    const key = JSON.stringify([column, expectation]);
    const one = series.get(key) ?? { expectation, column, shares: oldestFirst.map(() => 0) };
    series.set(key, one);
    one.shares[places.get(check_id) ?? 0] = share;
  }
  return { unusable: oldestFirst.map(({ unusable }) => unusable), expectations: [...series.values()] };
}
