import { z } from 'zod';
import { bySql, defineCondition } from './condition.ts';
import { intervalMinutes, windowMinutes } from './minutes.ts';

// A quarantined file's counts do not add up, so none of its rows counts as valid.
const VALID = "case when verdict = 'quarantined' then 0 else rows_good end";
const WINDOW = "checked_at > m.at - $2::float8 * interval '1 minute' and checked_at <= m.at";
/** Files whose usual distance in time is learnt. */
const RECENT_FILES = 100;

export const badFiles = defineCondition({
  kind: 'bad-files',
  title: 'Every file is bad',
  suggested: { threshold: 1, severity: 'high' },
  unit: 'share',
  firesWhen: 'at-least',
  params: z.strictObject({
    windowMinutes: windowMinutes.default(10),
    filesMin: z.int().min(1).max(100_000).default(2).meta({ description: 'With fewer files there are no data' }),
  }),
  everyMinutes: 1,
  describe: ({ windowMinutes: minutes, filesMin }) =>
    `Share of the files checked in the last ${minutes} min that have no valid row; no data with fewer than ${filesMin} files.`,
  measure: bySql(
    `select case when count(*) >= $3 then count(*) filter (where ${VALID} = 0)::float8 / count(*) end as value,
            format('%s of %s files have no valid row', count(*) filter (where ${VALID} = 0), count(*)) as detail
       from checks where ${WINDOW}`,
    ({ params }) => [params.windowMinutes, params.filesMin],
  ),
});

export const badRows = defineCondition({
  kind: 'bad-rows',
  title: 'Many rows are bad',
  suggested: { threshold: 0.2, forMinutes: 5, severity: 'medium' },
  unit: 'share',
  firesWhen: 'at-least',
  params: z.strictObject({
    windowMinutes: windowMinutes.default(30),
    rowsMin: z.int().min(1).max(1_000_000_000).default(20).meta({ description: 'With fewer rows there are no data' }),
  }),
  everyMinutes: 1,
  describe: ({ windowMinutes: minutes, rowsMin }) =>
    `Share of the rows checked in the last ${minutes} min that are bad or unreadable; no data with fewer than ${rowsMin} rows.`,
  measure: bySql(
    `select case when sum(rows_in) >= $3 then 1 - sum(${VALID})::float8 / sum(rows_in) end as value,
            format('%s of %s rows', sum(rows_in - ${VALID}), sum(rows_in)) as detail
       from checks where ${WINDOW}`,
    ({ params }) => [params.windowMinutes, params.rowsMin],
  ),
});

export const missingColumn = defineCondition({
  kind: 'missing-column',
  title: 'Files lack a required column',
  suggested: { threshold: 1, severity: 'high' },
  unit: 'count',
  firesWhen: 'at-least',
  params: z.strictObject({
    windowMinutes: windowMinutes.default(10),
    column: z
      .string()
      .max(200)
      .default('')
      .meta({ description: 'Only this column; any required one unless set', names: 'column' }),
  }),
  everyMinutes: 1,
  describe: ({ windowMinutes: minutes, column }) =>
    `Files checked in the last ${minutes} min that lack ${column === '' ? 'a required column' : `the column ${column}`}.`,
  measure: bySql(
    `select case when count(*) > 0 then count(*) filter (where lacking.columns is not null) end as value,
            string_agg(distinct lacking.columns, '; ') as detail
       from checks left join lateral (
              select string_agg(distinct column_name, ', ') as columns from check_problems
               where check_id = checks.id and category = 'missing-column' and ($3 = '' or column_name = $3)) as lacking on true
      where ${WINDOW}`,
    ({ params }) => [params.windowMinutes, params.column],
  ),
});

export const noFile = defineCondition({
  kind: 'no-file',
  title: 'No files arrive',
  suggested: { threshold: 5, severity: 'medium' },
  unit: 'intervals',
  firesWhen: 'at-least',
  params: z.strictObject({ intervalMinutes: intervalMinutes.default(1) }),
  everyMinutes: 1,
  describe: ({ intervalMinutes }) =>
    `Time since the last file, in intervals: the median time between the last ${RECENT_FILES} files, and at least ${intervalMinutes} min. No data before the first file.`,
  measure: bySql(
    `select extract(epoch from m.at - max(checked_at)) / 60
              / greatest($2::float8, percentile_cont(0.5) within group (order by gap)) as value,
            format('the last file came at %s', to_char(max(checked_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) as detail
       from (select checked_at, extract(epoch from checked_at - lag(checked_at) over (order by checked_at)) / 60 as gap
               from (select checked_at from checks where checked_at <= m.at order by checked_at desc limit ${RECENT_FILES}) as recent) as gaps`,
    ({ params }) => [params.intervalMinutes],
  ),
});
