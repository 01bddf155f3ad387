import { z } from 'zod';
import { listCursor, pageSize } from './list-query.ts';
import { recordedChange } from './recorded-change.ts';

const time = z.iso.datetime();
const MUTE_DAYS_MAX = 31;
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export const ruleStateName = z
  .enum(['ok', 'pending', 'firing', 'no-data', 'resolved'])
  .meta({ description: 'resolved is ok for the first hour after it fired' });

/** What people may set of an alert rule; what is absent stays as it is. */
export const alertRuleFields = {
  kind: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .meta({
      description: 'What is measured; needed for a rule with a new name, and never changed.',
      examples: ['missing-column'],
    }),
  title: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .optional()
    .meta({ description: 'What people call the rule.', examples: ['No prices arrive'] }),
  enabled: z
    .boolean()
    .optional()
    .meta({ description: 'Whether the rule is evaluated.', examples: [false] }),
  threshold: z.number().optional().meta({ description: 'From which value the condition is met.' }),
  forMinutes: z
    .number()
    .min(0)
    .max(10_080)
    .optional()
    .meta({ description: 'How long the condition must be met before the rule fires.' }),
  severity: z.enum(['low', 'medium', 'high']).optional().meta({ description: 'How bad it is when the rule fires.' }),
  noData: z.enum(['notify', 'quiet', 'ok']).optional().meta({
    description:
      'What a rule without data does: a state with a notice, a state without one, or as if nothing is wrong.',
  }),
  owner: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Who looks after it; empty for nobody.', examples: ['data-team'] }),
  runbook: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .optional()
    .meta({
      description: 'Address of the page that says what to do; empty for none.',
      examples: ['https://wiki.example.com/no-prices'],
    }),
  group: z
    .string()
    .regex(NAME, 'a name of lower-case words joined by hyphens')
    .max(60)
    .optional()
    .meta({ description: 'Rules of a group that fire together are one notice.', examples: ['data'] }),
  params: z
    .record(
      z.string().max(60),
      z.union([z.number(), z.string().max(200)]).meta({ description: 'Value of the param.', examples: ['price'] }),
    )
    .optional()
    .meta({
      description: 'What the kind takes, such as `windowMinutes`, `column` or `pipeline`.',
      examples: [{ column: 'price' }],
    }),
};

export const alertRuleName = z
  .string()
  .regex(NAME, 'a name of lower-case words joined by hyphens')
  .max(60)
  .meta({ description: 'An alert rule', examples: ['bad-rows'] });
export const alertRulePath = z.object({ rule: alertRuleName });

export const alertRule = z
  .object({
    name: z.string(),
    title: z.string(),
    /** What is measured, in a sentence with its params. */
    description: z.string(),
    kind: z.string(),
    params: z.record(z.string(), z.union([z.number(), z.string()])),
    threshold: z.number(),
    /** Of value and threshold. */
    unit: z.enum(['count', 'share', 'minutes', 'intervals', 'number']),
    /** When the condition is met: the value is at least the threshold, or below it. */
    firesWhen: z.enum(['at-least', 'below']),
    forMinutes: z.number(),
    severity: z.enum(['low', 'medium', 'high']),
    noData: z.enum(['notify', 'quiet', 'ok']),
    owner: z.string(),
    runbook: z.string(),
    group: z.string(),
    enabled: z.boolean(),
    /** Where it is defined: by Weir from the contract and the settings, in the settings, or by people at run time. */
    origin: z.enum(['default', 'settings', 'people']),
    /** The last change by people that is still in effect. */
    changed: z.object({ at: time, by: z.string(), reason: z.string() }).nullable(),
    state: z.object({
      name: ruleStateName,
      since: time.nullable(),
      value: z.number().nullable(),
      detail: z.string().nullable(),
      measuredAt: time.nullable(),
    }),
    acknowledged: z.object({ at: time, by: z.string(), reason: z.string() }).nullable(),
    mute: z.object({ from: time, until: time, by: z.string(), reason: z.string() }).nullable(),
    /** Why it cannot be tried against the past; null when it can. */
    untriable: z.string().nullable(),
  })
  .meta({ id: 'AlertRule' });

export const alertRules = z.object({ items: z.array(alertRule) }).meta({ id: 'AlertRules' });

/** A kind of alert rule, as a form for a new one needs it. */
export const alertRuleKind = z
  .object({
    kind: z.string(),
    title: z.string().meta({ description: 'What is wrong when such a rule fires' }),
    description: z.string().meta({ description: 'What is measured, with the usual params' }),
    unit: alertRule.shape.unit,
    firesWhen: alertRule.shape.firesWhen,
    everyMinutes: z.number().meta({ description: 'How often it is measured' }),
    untriable: alertRule.shape.untriable,
    suggested: z
      .object({ threshold: z.number(), forMinutes: z.number(), severity: alertRule.shape.severity })
      .meta({ description: 'What is usual' }),
    params: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        type: z.enum(['number', 'integer', 'text', 'choice']),
        usual: z
          .union([z.number(), z.string()])
          .nullable()
          .meta({ description: 'What it is unless set; null where it must be set' }),
        min: z.number().nullable(),
        max: z.number().nullable(),
        unit: z.string().nullable(),
        choices: z.array(z.string()),
        names: z.enum(['pipeline', 'column']).nullable().meta({ description: 'What a text is the name of' }),
      }),
    ),
  })
  .meta({ id: 'AlertRuleKind' });
export const alertRuleKinds = z.object({ items: z.array(alertRuleKind) }).meta({ id: 'AlertRuleKinds' });

export const alertRuleChange = z
  .strictObject({ ...recordedChange, ...alertRuleFields })
  .meta({ id: 'AlertRuleChange' });
export const recordedRuleChange = z.strictObject(recordedChange).meta({ id: 'RecordedChange' });
export const alertRuleMute = z
  .strictObject({
    ...recordedChange,
    from: time.optional().meta({ description: 'When the mute begins; now unless set.' }),
    minutes: z
      .number()
      // Less could be no time at all.
      .min(1)
      .max(60 * 24 * MUTE_DAYS_MAX)
      .meta({ description: 'How long it lasts.', examples: [60] }),
  })
  .meta({ id: 'AlertRuleMute' });

export const alertRuleTransition = z
  .object({
    id: z.string(),
    at: time,
    from: ruleStateName,
    to: ruleStateName,
    value: z.number().nullable(),
    threshold: z.number(),
    detail: z.string().nullable(),
    /** The notice that was raised with it. */
    alertId: z.string().nullable(),
  })
  .meta({ id: 'AlertRuleTransition' });
export const alertRuleHistoryQuery = z.strictObject({
  cursor: listCursor(['-at', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(200),
});
export const alertRuleHistory = z
  .object({ items: z.array(alertRuleTransition), nextCursor: z.string().nullable() })
  .meta({ id: 'AlertRuleHistory' });

export const alertRuleTryBody = z.strictObject(alertRuleFields).meta({ id: 'AlertRuleTry' });
/** What a rule would have done over the last 24 hours. */
export const alertRuleTrial = z
  .object({
    rule: z.string(),
    from: time,
    to: time,
    threshold: z.number(),
    /** Each time that it would have fired; `resolvedAt` is null when it would fire still. `peak` is the worst value. */
    firings: z.array(
      z.object({
        firedAt: time,
        resolvedAt: time.nullable(),
        value: z.number(),
        peak: z.number(),
        detail: z.string().nullable(),
      }),
    ),
    transitions: z.array(z.object({ at: time, from: ruleStateName, to: ruleStateName, value: z.number().nullable() })),
    /** What was measured, oldest first; null where there were no data. */
    values: z.array(z.object({ at: time, value: z.number().nullable() })),
  })
  .meta({ id: 'AlertRuleTrial' });

export type AlertRule = z.infer<typeof alertRule>;
export type AlertRuleTransition = z.infer<typeof alertRuleTransition>;
export type AlertRuleTrial = z.infer<typeof alertRuleTrial>;
export type AlertRuleKind = z.infer<typeof alertRuleKind>;
