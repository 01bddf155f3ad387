import { z } from 'zod';
import { listCursor, listSort, pageSize } from './list-query.ts';
import { numberId } from './number-id.ts';

const time = z.iso.datetime();
const outcome = z
  .enum(['accepted', 'refused', 'unavailable'])
  .meta({ description: 'accepted means that the service took it; refused is final, unavailable is tried again' });

export const alertChannel = z
  .object({
    name: z.string(),
    kind: z.enum(['teams', 'slack', 'webhook', 'pagerduty', 'mail']),
    criticality: z.enum(['low', 'medium', 'high']).meta({ description: 'The least critical alerts that it gets' }),
    kinds: z.array(z.string()).meta({ description: 'Kinds of alerts that it gets; empty for all' }),
    state: z.enum(['closed', 'open', 'half-open']).meta({
      description: 'Of its circuit breaker: closed is usual, open means that it fails and alerts wait for it',
    }),
    failures: z.int().meta({ description: 'Attempts in a row that failed' }),
    failingSince: time.nullable(),
    openedAt: time.nullable(),
    nextProbeAt: time
      .nullable()
      .meta({ description: 'When it gets the next alert as a probe; null while it is closed' }),
    lastError: z.string().nullable(),
    waiting: z.int().meta({ description: 'Alerts that wait for it' }),
    lastAcceptedAt: time.nullable(),
  })
  .meta({ id: 'AlertChannel' });
export const alertChannels = z.object({ items: z.array(alertChannel) }).meta({ id: 'AlertChannels' });

export const alertChannelPath = z.object({
  channel: z
    .string()
    .min(1)
    .max(100)
    .meta({ examples: ['teams'] }),
});

/** What came of a test message. */
export const alertChannelTest = z
  .object({
    channel: z.string(),
    outcome,
    reason: z.string().nullable().meta({ description: 'Why it was not accepted' }),
    durationMs: z.number(),
  })
  .meta({ id: 'AlertChannelTest' });

export const alertPath = z.object({
  id: numberId,
});
export const alertAttemptsQuery = z.strictObject({
  sort: listSort(['started']),
  cursor: listCursor(['-started', '2026-03-01T12:00:00.000000Z', 'teams/1']),
  limit: pageSize(200),
});
export const alertAttempts = z
  .object({
    items: z.array(
      z.object({
        channel: z.string(),
        attempt: z.int(),
        startedAt: time,
        endedAt: time.nullable(),
        durationMs: z.number().nullable(),
        outcome: outcome
          .nullable()
          .meta({ description: 'Null while it is being sent, or when its process ended before the outcome was known' }),
        error: z.string().nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'AlertAttempts' });

/** The endpoints of alert channels; `routes` has them with all others. */
export const alertChannelRoutes = {
  alertChannels: {
    method: 'GET',
    path: '/api/alert-channels',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Channels of alerts: which alerts each gets, whether it works, and what waits for it',
    answer: alertChannels,
  },
  testAlertChannel: {
    method: 'POST',
    path: '/api/alert-channels/:channel/test',
    tag: 'monitoring',
    access: 'operator',
    summary: 'Send a test message through a channel, and say whether it was accepted',
    params: alertChannelPath,
    answer: alertChannelTest,
  },
  alertAttempts: {
    method: 'GET',
    path: '/api/alerts/:id/attempts',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Every attempt to send an alert: when, how long, and what the channel answered',
    params: alertPath,
    query: alertAttemptsQuery,
    answer: alertAttempts,
  },
} as const;

export type AlertChannel = z.infer<typeof alertChannel>;
export type AlertChannelTest = z.infer<typeof alertChannelTest>;
