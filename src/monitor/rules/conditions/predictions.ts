import { z } from 'zod';
import { bySql, defineCondition } from './condition.ts';

export const constantPrediction = defineCondition({
  kind: 'constant-prediction',
  title: 'The model says the same of everything',
  suggested: { threshold: 1, severity: 'high' },
  unit: 'share',
  firesWhen: 'at-least',
  params: z.strictObject({
    windowMinutes: z
      .number()
      .min(1)
      .max(10_080)
      .default(30)
      .meta({ description: 'How far back it looks', unit: 'minutes' }),
    predictionsMin: z
      .int()
      .min(2)
      .max(1_000_000_000)
      .default(50)
      .meta({ description: 'With fewer predictions there are no data' }),
  }),
  everyMinutes: 1,
  describe: ({ windowMinutes, predictionsMin }) =>
    `Share of the most frequent answer among the predictions of the last ${windowMinutes} min, such as the same class or zero; no data with fewer than ${predictionsMin} predictions.`,
  // Without the answer itself, which may be a value of a sensitive column.
  measure: bySql(
    `select case when sum(number) >= $4 then max(number) / sum(number) end as value,
            format('%s of %s predictions are equal', max(number), sum(number)) as detail
       from (select prediction, sum(number) as number from prediction_counts
              where model = $2 and minute >= date_trunc('minute', m.at) - $3::float8 * interval '1 minute'
                and minute < date_trunc('minute', m.at)
              group by prediction) as answers`,
    ({ model, params }) => [model, params.windowMinutes, params.predictionsMin],
  ),
});
