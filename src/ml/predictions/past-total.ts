import { z } from 'zod';
import { type Database, hasErrorCode, toWhere } from '#store';
import { conditionsOf, type PastConditions, type PastFilter } from './past-query.ts';

/** How many predictions a filter finds: exact, or estimated. */
export interface Total {
  readonly count: number;
  readonly isExact: boolean;
}

// Counting this many takes some milliseconds by any of the indexes.
const COUNTED_MAX = 10_000;
// Labels are looked up for each row.
const COUNTED_WITH_LABELS_MAX = 2_000;
/** A number that takes longer is not worth its page. */
const ESTIMATE_MS_MAX = 2_000;
/** Some ten million predictions, where no label is looked up. */
const EXACT_MS_MAX = 10_000;
const QUERY_CANCELED = '57014';

/**
 * How many predictions a filter finds. Up to 10,000 rows are counted; of more it is the planner's estimate of what the
 * indexes find, times the share of the newest that match. Undefined when even that takes too long.
 */
export function estimateTotal(database: Pick<Database, 'transaction'>, filter: PastFilter): Promise<Total | undefined> {
  return within(ESTIMATE_MS_MAX, database, async (queryable) => {
    const { indexed, sought, readsLabels } = conditionsOf(filter);
    const max = readsLabels ? COUNTED_WITH_LABELS_MAX : COUNTED_MAX;
    const { where, values } = toWhere(indexed);
    const all = `from predictions ${where.length === 0 ? '' : `where ${where.join(' and ')}`}`;
    const found = toWhere(sought, values.length);
    const matching = found.where.length === 0 ? '' : `filter (where ${found.where.join(' and ')})`;
    const [counted] = await queryable.query<{ looked: number; matching: number }>(
      `select count(*)::integer as looked, count(*) ${matching}::integer as matching
         from (select * ${all} order by at desc, id desc limit ${max + 1}) as predictions`,
      [...values, ...found.values],
    );
    const { looked, matching: count } = counted ?? { looked: 0, matching: 0 };
    if (looked <= max) return { count, isExact: true };
    const [explained] = await queryable.query<{ 'QUERY PLAN': unknown }>(`explain (format json) select ${all}`, values);
    const rows = PLAN.parse(explained?.['QUERY PLAN'])[0].Plan['Plan Rows'];
    return { count: Math.max(count, Math.round((rows * count) / looked)), isExact: false };
  });
}

const PLAN = z.tuple([z.object({ Plan: z.object({ 'Plan Rows': z.number() }) })]);

/** Counts all that a filter finds; undefined when that takes too long. */
export function countTotal(database: Pick<Database, 'transaction'>, filter: PastFilter): Promise<Total | undefined> {
  return within(EXACT_MS_MAX, database, async (queryable) => {
    const { where, values } = toWhere(allOf(conditionsOf(filter)));
    const [counted] = await queryable.query<{ count: string }>(
      `select count(*) as count from predictions ${where.length === 0 ? '' : `where ${where.join(' and ')}`}`,
      values,
    );
    return { count: Number(counted?.count ?? 0), isExact: true };
  });
}

const allOf = ({ indexed, sought }: PastConditions) => [...indexed, ...sought];

async function within(
  timeoutMs: number,
  database: Pick<Database, 'transaction'>,
  count: (queryable: Parameters<Parameters<Database['transaction']>[0]>[0]) => Promise<Total>,
): Promise<Total | undefined> {
  try {
    return await database.transaction(count, { readOnly: true, timeoutMs });
  } catch (error) {
    if (hasErrorCode(error, QUERY_CANCELED)) return undefined;
    throw error;
  }
}
