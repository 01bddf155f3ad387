import { z } from 'zod';
import { bySql, defineCondition } from './condition.ts';

/** A sample older than this says nothing of the present. */
const FRESH_MINUTES = 10;

export const backlog = defineCondition({
  kind: 'backlog',
  title: 'The backlog of files rises',
  suggested: { threshold: 5, severity: 'medium' },
  unit: 'count',
  firesWhen: 'at-least',
  params: z.strictObject({
    windowMinutes: z
      .number()
      .min(4)
      .max(1440)
      .default(30)
      .meta({ description: 'How far back it looks', unit: 'minutes' }),
  }),
  everyMinutes: 1,
  describe: ({ windowMinutes }) =>
    `By how many the files that wait in raw-data grew over the last ${windowMinutes} min: the fewest in the second half less the most in the first.`,
  measure: bySql(
    `select greatest(0, min(value) filter (where at > m.at - $2::float8 * interval '30 seconds')
              - max(value) filter (where at <= m.at - $2::float8 * interval '30 seconds')) as value,
            format('%s files wait', (array_agg(value order by at desc))[1]) as detail
       from gauges where gauge = 'backlog' and at > m.at - $2::float8 * interval '1 minute' and at <= m.at
     having count(*) filter (where at > m.at - $2::float8 * interval '30 seconds') > 0
        and count(*) filter (where at <= m.at - $2::float8 * interval '30 seconds') > 0`,
    ({ params }) => [params.windowMinutes],
  ),
});

export const diskFull = defineCondition({
  kind: 'disk-full',
  title: 'A disk is nearly full',
  suggested: { threshold: 0.9, forMinutes: 5, severity: 'high' },
  unit: 'share',
  firesWhen: 'at-least',
  params: z.strictObject({}),
  everyMinutes: 1,
  describe: () => 'Used share of the fullest disk that holds the state or the data folders.',
  measure: bySql(
    `select value, null::text as detail from gauges
      where gauge = 'disk-used' and at > m.at - interval '${FRESH_MINUTES} minutes' and at <= m.at
      order by at desc limit 1`,
    () => [],
  ),
});
