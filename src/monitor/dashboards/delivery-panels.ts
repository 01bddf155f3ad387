import { BUCKETS, bucketOf, countByState, countsOf, inBuckets, isChosen } from './buckets.ts';
import type { Panel } from './dashboard.ts';

/*
 * Panels about what waits for somebody: files in raw-data, files in quarantine, and alerts.
 */
export const backlogNow: Panel = {
  id: 'backlog',
  title: 'Files that wait',
  description: 'Files in raw-data at the last sample of the window; one is taken each minute. Grey without a sample.',
  kind: 'stat',
  unit: 'count',
  thresholds: [
    { from: null, color: 'green' },
    { from: 10, color: 'orange' },
    { from: 50, color: 'red' },
  ],
  width: 8,
  height: 4,
  sql: `
select (select value from weir.gauges where gauge = 'backlog' and $__timeFilter(at) order by at desc limit 1) as value`.trimStart(),
};

export const backlogOverTime: Panel = {
  id: 'backlog-over-time',
  title: 'Files that wait, over time',
  description:
    'The most files in raw-data in each time bucket. Samples are kept for two days; a gap is a time without.',
  kind: 'timeseries',
  unit: 'count',
  thresholds: [],
  width: 12,
  height: 8,
  sql: `
with buckets as (${BUCKETS}
), sampled as (
  select ${bucketOf('at')} as time, max(value) as most from weir.gauges where gauge = 'backlog' and ${inBuckets('at')} group by 1
)
select time, 'waiting' as metric, most as value from buckets left join sampled using (time) order by time`.trimStart(),
};

export const oldestQuarantined: Panel = {
  id: 'oldest-quarantined',
  title: 'Oldest file in quarantine',
  description:
    'Age of the oldest file that was quarantined in the window and whose name has not come again. Grey when there is none.',
  kind: 'stat',
  unit: 'seconds',
  thresholds: [
    { from: null, color: 'green' },
    { from: 3600, color: 'orange' },
    { from: 86_400, color: 'red' },
  ],
  width: 8,
  height: 4,
  sql: `
select (select extract(epoch from $__timeTo()::timestamptz - checked_at)
          from (select file, max(checked_at) as checked_at from weir.checks
                 where verdict = 'quarantined' and $__timeFilter(checked_at) and ${isChosen('source', 'weir.file_source(file)')}
                 group by file) as held
         where not exists (select from weir.checks as later
                            where later.file = held.file and later.checked_at > held.checked_at and later.checked_at <= $__timeTo()::timestamptz)
         order by checked_at limit 1) as value`.trimStart(),
};

export const filesAgain: Panel = {
  id: 'files-again',
  title: 'Processed again after quarantine',
  description: 'Files checked in the window whose check before, under the same name, ended in quarantine.',
  kind: 'stat',
  unit: 'count',
  thresholds: [],
  width: 8,
  height: 4,
  sql: `select coalesce(sum(files_again), 0) as value from ${countsOf('check_counts')} as counts where ${isChosen('source', 'source')}`,
};

const HAPPENED = `(
         select started_at as at, case outcome when 'accepted' then 'accepted' else 'failed' end as state
           from weir.alert_attempts where ${inBuckets('started_at')} and outcome is not null
         union all
         select created_at, 'suppressed' from weir.alerts where ${inBuckets('created_at')} and grouped_into is not null
         union all
         select at, 'suppressed' from weir.alert_rule_transitions where ${inBuckets('at')} and to_state = 'firing' and alert_id is null
       )`;

export const alertsOverTime: Panel = {
  id: 'alerts-over-time',
  title: 'Alerts sent, and held back',
  description:
    'Requests to channels that were accepted or failed: together they are what was sent. Suppressed are alerts of files that went into one notice with others, and rules that began to fire while they were muted or nobody had to hear it again.',
  kind: 'bars',
  unit: 'count',
  thresholds: [],
  stacked: true,
  colors: { accepted: 'green', failed: 'red', suppressed: 'grey' },
  width: 12,
  height: 8,
  sql: countByState({
    table: `${HAPPENED} as happened`,
    at: 'at',
    state: 'state',
    states: ['accepted', 'failed', 'suppressed'],
    isWithin: true,
  }),
};
