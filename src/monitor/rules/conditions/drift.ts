import { z } from 'zod';
import { bySql, defineCondition } from './condition.ts';

export const drift = defineCondition({
  kind: 'drift',
  title: 'Rows or predictions drifted',
  suggested: { threshold: 1, severity: 'medium' },
  unit: 'count',
  firesWhen: 'at-least',
  params: z.strictObject({
    stream: z
      .enum(['data', 'predictions'])
      .default('data')
      .meta({ description: 'What is compared with the training rows' }),
    column: z
      .string()
      .max(200)
      .default('')
      .meta({ description: 'Only this column; all of them unless set', names: 'column' }),
  }),
  everyMinutes: 1,
  describe: ({ stream, column }) =>
    `${column === '' ? 'Comparisons' : `Comparisons of the column ${column}`} of ${stream === 'data' ? 'arriving rows' : 'predictions'} with the training rows that drifted in enough of the last windows, as the newest judged window has it.`,
  measure: bySql(
    `select (select count(*) from drift_scores where window_id = newest.id and is_sustained and ($4 = '' or column_name = $4)) as value,
            (select string_agg(format('%s (%s)', column_name, kind), ', ' order by effect desc)
               from drift_scores where window_id = newest.id and is_sustained and ($4 = '' or column_name = $4)) as detail
       from (select id from drift_windows
              where model = $2 and stream = $3 and status = 'judged' and judged_at <= m.at
              order by to_at desc limit 1) as newest`,
    ({ model, params }) => [model, params.stream, params.column],
  ),
});
