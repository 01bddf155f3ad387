/**
 * SQL of all buckets of the window, to join counts to, so that a minute without rows is zero instead of interpolated.
 */
export const BUCKETS = `
  select generate_series(date_bin('$__interval', $__timeFrom()::timestamptz, 'epoch'), $__timeTo()::timestamptz, '$__interval') as time`;

/** SQL of the bucket of a moment. */
export const bucketOf = (column: string): string => `date_bin('$__interval', ${column}, 'epoch')`;

/**
 * SQL that is true inside the buckets. The first bucket is complete: cut at the window's edge, it would shrink while it
 * is shown.
 */
export const inBuckets = (column: string): string =>
  `${column} >= date_bin('$__interval', $__timeFrom()::timestamptz, 'epoch') and ${column} <= $__timeTo()::timestamptz`;

/**
 * SQL of counts of the window, of one of the functions that read hours where they can and minutes at their ends. For a
 * chart the first bucket is complete, as above, and hours are only read where buckets have whole ones.
 */
export const countsOf = (counts: CountsName, { isBucketed = false } = {}): string =>
  isBucketed
    ? `weir.${counts}_between(date_bin('$__interval', $__timeFrom()::timestamptz, 'epoch'), $__timeTo()::timestamptz, '$__interval')`
    : `weir.${counts}_between($__timeFrom()::timestamptz, $__timeTo()::timestamptz, '1 hour')`;

export type CountsName =
  | 'check_counts'
  | 'problem_counts'
  | 'column_counts'
  | 'prediction_counts'
  | 'confidence_counts'
  | 'run_counts'
  | 'request_counts'
  | 'refused_fields';

/** SQL that is true of the chosen values of a variable. */
export const isChosen = (variable: string, value: string): string =>
  `('*' in (\${${variable}:sqlstring}) or ${value} in (\${${variable}:sqlstring}))`;

/** Windows that both dashboards offer. */
export const WINDOWS = [
  { label: '10 minutes', minutes: 10 },
  { label: '30 minutes', minutes: 30 },
  { label: '1 hour', minutes: 60 },
  { label: '6 hours', minutes: 360 },
  { label: '24 hours', minutes: 1440 },
  { label: '7 days', minutes: 7 * 1440 },
  { label: '30 days', minutes: 30 * 1440 },
  { label: '90 days', minutes: 90 * 1440 },
] as const;

export interface CountByState {
  readonly table: string;
  readonly at: string;
  readonly state: string;
  readonly states: readonly string[];
  readonly where?: string;
  /** SQL of what is counted; the rows by default. */
  readonly number?: string;
  /** Whether the rows of `table` are already those of the buckets. */
  readonly isWithin?: boolean;
}

/** SQL that counts rows by bucket and state, with zeros where there are none. */
export function countByState(options: CountByState): string {
  const { table, at, state, states, where = 'true', number = 'count(*)', isWithin = false } = options;
  return `
with buckets as (${BUCKETS}
), states (state) as (
  values ${states.map((name) => `('${name}')`).join(', ')}
), counted as (
  select ${bucketOf(at)} as time, ${state} as state, ${number} as number
    from ${table}
   where ${isWithin ? 'true' : inBuckets(at)} and ${where}
   group by 1, 2
)
select time, state as metric, coalesce(counted.number, 0) as value
  from buckets cross join states left join counted using (time, state)
 order by time, array_position(array[${states.map((name) => `'${name}'`).join(', ')}], state)`.trimStart();
}
