import { BUCKETS, bucketOf, countByState, countsOf, isChosen, WINDOWS } from './buckets.ts';
import { missingValues } from './column-panels.ts';
import { defineDashboard } from './define-dashboard.ts';
import { alertsOverTime, backlogNow, backlogOverTime, filesAgain, oldestQuarantined } from './delivery-panels.ts';

const FILES = countsOf('check_counts');
const FILES_IN_BUCKETS = countsOf('check_counts', { isBucketed: true });
const RUNS_IN_BUCKETS = countsOf('run_counts', { isBucketed: true });
const PROBLEMS = countsOf('problem_counts');
const PROBLEMS_IN_BUCKETS = countsOf('problem_counts', { isBucketed: true });

const OF_SOURCE = isChosen('source', 'source');
const OF_FILE = isChosen('source', 'weir.file_source(file)');
// A problem of a file as a whole has no column.
const OF_COLUMN = `(column_name = '' or ${isChosen('column', 'column_name')})`;

const INVALID_THRESHOLDS = [
  { from: null, color: 'green' },
  { from: 5, color: 'orange' },
  { from: 20, color: 'red' },
] as const;

const SOME_IS_BAD = [
  { from: null, color: 'green' },
  { from: 1, color: 'red' },
] as const;

/** For data operations: what arrives, its problems, and whether alerts were delivered. */
export const ingestedData = defineDashboard({
  id: 'ingested-data',
  title: 'Ingested data',
  audience: 'data operations',
  windows: WINDOWS,
  defaultWindowMinutes: 30,
  refreshSeconds: 15,
  variables: [
    {
      name: 'source',
      title: 'File source',
      sql: `select source from (select source, sum(files) as files from ${FILES} as counts group by 1) as sources where files > 0 order by files desc, source`,
    },
    {
      name: 'column',
      title: 'Column',
      sql: `select distinct column_name from ${countsOf('column_counts')} as counts order by 1`,
    },
  ],
  panels: [
    {
      id: 'invalid-share-now',
      title: 'Invalid rows',
      description:
        'Share of the rows checked in the window that are bad or unreadable. Green below 5 %, red from 20 %.',
      kind: 'stat',
      unit: 'percent',
      thresholds: INVALID_THRESHOLDS,
      width: 6,
      height: 4,
      sql: `select 100.0 * sum(rows_invalid) / nullif(sum(rows_in), 0) as value from ${FILES} as counts where ${OF_SOURCE}`,
    },
    {
      id: 'since-last-file',
      title: 'Since the last file',
      description: 'Time since a file was last checked, whatever the window. Grey when there has never been one.',
      kind: 'stat',
      unit: 'seconds',
      thresholds: [
        { from: null, color: 'green' },
        { from: 120, color: 'orange' },
        { from: 300, color: 'red' },
      ],
      width: 6,
      height: 4,
      sql: `select extract(epoch from $__timeTo()::timestamptz - max(checked_at)) as value from weir.checks where checked_at <= $__timeTo()::timestamptz and ${OF_FILE}`,
    },
    {
      id: 'files-missing-column',
      title: 'Files without a required column',
      description: 'Files checked in the window that lack a column the contract asks for.',
      kind: 'stat',
      unit: 'count',
      thresholds: SOME_IS_BAD,
      width: 6,
      height: 4,
      sql: `
select case when (select sum(files) from ${FILES} as counts where ${OF_SOURCE}) > 0
            then (select coalesce(sum(files), 0) from ${PROBLEMS} as counts where category = 'missing-column' and ${OF_SOURCE}) end as value`.trimStart(),
    },
    {
      id: 'undelivered-alerts',
      title: 'Alerts that could not be delivered',
      description:
        'Deliveries of alerts raised in the window that ended as failed. Grey when no alert had to be delivered.',
      kind: 'stat',
      unit: 'count',
      thresholds: SOME_IS_BAD,
      width: 6,
      height: 4,
      sql: `
select case when count(*) > 0 then count(*) filter (where alert_deliveries.state = 'failed') end as value
  from weir.alert_deliveries join weir.alerts on alerts.id = alert_deliveries.alert_id
 where $__timeFilter(created_at)`.trimStart(),
    },
    {
      id: 'file-count',
      title: 'Files',
      description: 'Files checked in the window.',
      kind: 'stat',
      unit: 'count',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select coalesce(sum(files), 0) as value from ${FILES} as counts where ${OF_SOURCE}`,
    },
    {
      id: 'row-count',
      title: 'Rows',
      description: 'Rows of the files checked in the window.',
      kind: 'stat',
      unit: 'count',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select coalesce(sum(rows_in), 0) as value from ${FILES} as counts where ${OF_SOURCE}`,
    },
    {
      id: 'quarantined-files',
      title: 'Quarantined files',
      description:
        'Files of the window that were kept whole because they could not be read or lack what the contract asks for.',
      kind: 'stat',
      unit: 'count',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select coalesce(sum(files), 0) as value from ${FILES} as counts where verdict = 'quarantined' and ${OF_SOURCE}`,
    },
    {
      id: 'quarantined-bytes',
      title: 'Size of quarantined files',
      description: 'What they take in bad-data.',
      kind: 'stat',
      unit: 'bytes',
      thresholds: [],
      width: 6,
      height: 4,
      sql: `select coalesce(sum(size_bytes), 0) as value from ${FILES} as counts where verdict = 'quarantined' and ${OF_SOURCE}`,
    },
    backlogNow,
    oldestQuarantined,
    filesAgain,
    {
      id: 'files',
      title: 'Files by verdict',
      description: 'Files checked in each time bucket.',
      kind: 'bars',
      unit: 'count',
      link: { list: 'files', metric: 'verdict' },
      thresholds: [],
      stacked: true,
      colors: { pass: 'green', warn: 'orange', fail: 'red', quarantined: 'grey' },
      width: 12,
      height: 8,
      sql: countByState({
        table: `${FILES_IN_BUCKETS} as counts`,
        at: 'at',
        number: 'sum(files)',
        state: 'verdict',
        states: ['pass', 'warn', 'fail', 'quarantined'],
        where: OF_SOURCE,
        isWithin: true,
      }),
    },
    {
      id: 'rows',
      title: 'Rows, valid and invalid',
      kind: 'bars',
      unit: 'count',
      link: { list: 'files' },
      thresholds: [],
      stacked: true,
      colors: { valid: 'green', invalid: 'red' },
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, sum(rows_valid) as valid, sum(rows_invalid) as invalid
    from ${FILES_IN_BUCKETS} as counts
   where ${OF_SOURCE}
   group by 1
)
select time, metric, value
  from buckets left join counted using (time),
       lateral (values ('valid', coalesce(valid, 0)), ('invalid', coalesce(invalid, 0))) as sums (metric, value)
 order by time, metric desc`.trimStart(),
    },
    {
      id: 'invalid-share',
      title: 'Invalid rows over time',
      description: 'Share of rows that are bad or unreadable. A gap is a time in which no row was checked.',
      kind: 'timeseries',
      unit: 'percent',
      thresholds: INVALID_THRESHOLDS,
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, 100.0 * sum(rows_invalid) / nullif(sum(rows_in), 0) as share
    from ${FILES_IN_BUCKETS} as counts
   where ${OF_SOURCE}
   group by 1
)
select time, 'invalid' as metric, share as value from buckets left join counted using (time) order by time`.trimStart(),
    },
    {
      id: 'problem-categories',
      title: 'Problems per category',
      description: 'Unmet expectations; one expectation counts once for each file that breaks it.',
      kind: 'bars',
      unit: 'count',
      link: { list: 'files' },
      thresholds: [],
      stacked: true,
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, category, sum(problems) as number
    from ${PROBLEMS_IN_BUCKETS} as counts
   where ${OF_SOURCE} and ${OF_COLUMN}
   group by 1, 2
  having sum(problems) > 0
)
select time, category as metric, coalesce(number, 0) as value
  from buckets cross join (select distinct category from counted) as seen left join counted using (time, category)
 order by time, category`.trimStart(),
    },
    {
      id: 'missing-column',
      title: 'Files that lack a required feature',
      description: 'Files in each time bucket, by the column that is missing.',
      kind: 'bars',
      unit: 'count',
      link: { list: 'files' },
      thresholds: [],
      stacked: true,
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, coalesce(nullif(column_name, ''), 'unnamed') as column_name, sum(problems) as number
    from ${PROBLEMS_IN_BUCKETS} as counts
   where category = 'missing-column' and ${OF_SOURCE} and ${OF_COLUMN}
   group by 1, 2
  having sum(problems) > 0
), seen (column_name) as (
  select distinct column_name from counted
  union
  select 'none' where not exists (select from counted)
                  and (select sum(files) from ${FILES_IN_BUCKETS} as counts where ${OF_SOURCE}) > 0
)
select time, column_name as metric, coalesce(number, 0) as value
  from buckets cross join seen left join counted using (time, column_name)
 order by time, column_name`.trimStart(),
    },
    missingValues(`${OF_SOURCE} and ${isChosen('column', 'column_name')}`),
    {
      id: 'criticality',
      title: 'Files by criticality',
      kind: 'categories',
      unit: 'count',
      thresholds: [],
      colors: { high: 'red', medium: 'orange', low: 'blue', none: 'green' },
      width: 8,
      height: 8,
      sql: `
with counted as (
  select criticality as level, sum(files) as files from ${FILES} as counts where ${OF_SOURCE} group by 1
)
select level as category, coalesce(files, 0) as value
  from (values (1, 'high'), (2, 'medium'), (3, 'low'), (4, 'none')) as levels (place, level)
  left join counted using (level)
 order by place`.trimStart(),
    },
    {
      id: 'alert-deliveries',
      title: 'Alerts by state of delivery',
      description:
        'Accepted means that the channel took the message, which is all it tells. Alerts of no channel are only shown here.',
      kind: 'categories',
      unit: 'count',
      thresholds: [],
      colors: { accepted: 'green', waiting: 'orange', failed: 'red', 'no channel': 'grey' },
      width: 8,
      height: 8,
      sql: `
select states.state as category, count(owed.id) as value
  from (values (1, 'accepted'), (2, 'waiting'), (3, 'failed'), (4, 'no channel')) as states (place, state)
  left join (
         select alerts.id, coalesce(alert_deliveries.state, 'no channel') as state
           from weir.alerts left join weir.alert_deliveries on alert_deliveries.alert_id = alerts.id
          where $__timeFilter(created_at)
       ) as owed using (state)
 group by place, states.state
 order by place`.trimStart(),
    },
    {
      id: 'ingest-runs',
      title: 'Ingestion runs',
      description: 'A run is skipped when there was no file to take.',
      kind: 'bars',
      unit: 'count',
      thresholds: [],
      stacked: true,
      colors: { succeeded: 'green', failed: 'red', skipped: 'grey', cancelled: 'orange' },
      width: 8,
      height: 8,
      sql: countByState({
        table: `${RUNS_IN_BUCKETS} as counts`,
        at: 'at',
        number: 'sum(runs)',
        state: 'state',
        states: ['succeeded', 'failed', 'skipped', 'cancelled'],
        where: "pipeline = 'ingest'",
        isWithin: true,
      }),
    },
    {
      id: 'ingest-duration',
      title: 'Duration of an ingestion',
      description:
        'From start to end of runs that did some work: half of them and 95 of 100 took at most so long, of eight bounds in a decade.',
      kind: 'timeseries',
      unit: 'milliseconds',
      thresholds: [],
      width: 12,
      height: 8,
      sql: `
with buckets as (${BUCKETS}
), quantiles (place, metric, quantile) as (
  values (1, 'median', 0.5), (2, '95 of 100', 0.95)
), counted as (
  select ${bucketOf('at')} as time, duration_ms, sum(runs) as runs
    from ${RUNS_IN_BUCKETS} as counts
   where pipeline = 'ingest' and duration_ms >= 0
   group by 1, 2
  having sum(runs) > 0
), cumulated as (
  select time, duration_ms, sum(runs) over (partition by time order by duration_ms) / sum(runs) over (partition by time) as share
    from counted
), measured as (
  select time, place, min(duration_ms) as value from cumulated join quantiles on share >= quantile group by 1, 2
)
select time, metric, value
  from buckets cross join quantiles left join measured using (time, place)
 order by time, place`.trimStart(),
    },
    backlogOverTime,
    {
      id: 'expectations-over-time',
      title: 'Broken expectations over time',
      description: 'Files that break an expectation, for the twelve that are broken most. No cell means none.',
      kind: 'heatmap',
      unit: 'count',
      thresholds: [],
      width: 24,
      height: 10,
      sql: `
with buckets as (${BUCKETS}
), counted as (
  select ${bucketOf('at')} as time, expectation, column_name, max(sentence) as sentence, sum(problems) as number
    from ${PROBLEMS_IN_BUCKETS} as counts
   where ${OF_SOURCE} and ${OF_COLUMN}
   group by 1, 2, 3
), worst as (
  select expectation, column_name, max(sentence) as sentence, sum(number) as number
    from counted group by 1, 2 having sum(number) > 0 order by sum(number) desc, max(sentence) limit 12
)
select time, worst.sentence as metric, coalesce(counted.number, 0) as value
  from buckets cross join worst left join counted using (time, expectation, column_name)
 order by time, worst.number desc, worst.sentence`.trimStart(),
    },
    {
      id: 'broken-expectations',
      title: 'Expectations broken most',
      description: 'Trend compares the files of the later half of the window with the earlier half.',
      kind: 'table',
      unit: 'none',
      thresholds: [],
      colors: { warn: 'orange', fail: 'red' },
      width: 12,
      height: 8,
      sql: `
with broken as (
  select counts.*, at >= $__timeFrom()::timestamptz + ($__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 2 as is_late
    from ${PROBLEMS} as counts
   where ${OF_SOURCE} and ${OF_COLUMN}
)
select max(sentence) as expectation, severity, sum(problems) as files, sum(rows) as rows,
       case sign(coalesce(sum(problems) filter (where is_late), 0) - coalesce(sum(problems) filter (where not is_late), 0))
         when 1 then '↑' when -1 then '↓' else '→' end as trend,
       min(first_at) as "first seen", max(last_at) as "last seen"
  from broken
 group by broken.expectation, column_name, severity
having sum(problems) > 0
 order by files desc, rows desc, max(sentence)
 limit 20`.trimStart(),
    },
    alertsOverTime,
    {
      id: 'latest-files',
      title: 'Latest files',
      kind: 'table',
      unit: 'none',
      thresholds: [],
      colors: {
        pass: 'green',
        warn: 'orange',
        fail: 'red',
        quarantined: 'grey',
        high: 'red',
        medium: 'orange',
        low: 'blue',
      },
      width: 24,
      height: 10,
      sql: `
select checked_at as "checked at", file, verdict, coalesce(criticality, '') as criticality,
       case when verdict <> 'quarantined' then rows_in end as rows, case when verdict <> 'quarantined' then rows_good end as valid,
       case when verdict <> 'quarantined' then rows_bad + rows_rejected end as invalid, summary, '/reports/' || id as link
  from weir.checks
 where $__timeFilter(checked_at) and ${OF_FILE}
 order by checked_at desc, id
 limit 50`.trimStart(),
    },
  ],
});
