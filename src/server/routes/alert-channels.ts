import type { FastifyInstance } from 'fastify';
import { type AlertChannel, routes } from '#api';
import { listAttempts, listChannels, sendTest } from '#monitor';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerAlertChannels(app: FastifyInstance, context: RouteContext): void {
  const { database, alertChannels: channels = [], logger } = context;
  fulfil(app, routes.alertChannels, { handle: async () => ({ items: await describeChannels(context) }) });
  fulfil(app, routes.testAlertChannel, {
    handle: async ({ params: { channel } }) => {
      const result = await sendTest(database, { channel, channels });
      logger.info({ channel, outcome: result.outcome, reason: result.reason }, 'test message of an alert channel');
      return { ...result };
    },
  });
  fulfil(app, routes.alertAttempts, {
    handle: async ({ params: { id }, query }) => {
      const { items, nextCursor } = await listAttempts(database, id, query);
      return {
        items: items.map(({ startedAt, endedAt, ...attempt }) => ({
          ...{ ...attempt, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null },
        })),
        nextCursor,
      };
    },
  });
}

async function describeChannels({ database, alertChannels: channels = [] }: RouteContext): Promise<AlertChannel[]> {
  const states = await listChannels(database, channels);
  return states.flatMap((state) => {
    const channel = channels.find(({ name }) => name === state.name);
    if (channel === undefined) return [];
    const { kind, criticality = 'low', kinds = [] } = channel;
    return [
      {
        ...{ ...state, kind, criticality, kinds: [...kinds] },
        failingSince: state.failingSince?.toISOString() ?? null,
        openedAt: state.openedAt?.toISOString() ?? null,
        nextProbeAt: state.nextProbeAt?.toISOString() ?? null,
        lastAcceptedAt: state.lastAcceptedAt?.toISOString() ?? null,
      },
    ];
  });
}
