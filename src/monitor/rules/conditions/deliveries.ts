import { z } from 'zod';
import { bySql, defineCondition } from './condition.ts';

export const deliveryDead = defineCondition({
  kind: 'delivery-dead',
  title: 'Alerts are not delivered',
  suggested: { threshold: 1, severity: 'high' },
  unit: 'count',
  firesWhen: 'at-least',
  params: z.strictObject({
    windowMinutes: z
      .number()
      .min(1)
      .max(1440)
      .default(60)
      .meta({ description: 'How far back it looks', unit: 'minutes' }),
  }),
  everyMinutes: 1,
  describe: ({ windowMinutes }) =>
    `Deliveries of alerts that were given up in the last ${windowMinutes} min, over all channels.`,
  measure: bySql(
    `select count(*) as value, string_agg(distinct channel, ', ') as detail from alert_deliveries
      where state = 'failed' and updated_at > m.at - $2::float8 * interval '1 minute' and updated_at <= m.at`,
    ({ params }) => [params.windowMinutes],
  ),
});
