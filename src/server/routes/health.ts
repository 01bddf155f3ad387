import type { FastifyInstance } from 'fastify';
import { type HealthAnswer, routes } from '#api';
import { championOf } from '#ml';
import { listAlerts, listDeadChannels } from '#monitor';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** How many of the newest alerts are checked for their deliveries. */
const ALERTS_LOOKED_AT = 20;
const ANSWER_MS = 3_000;

type HealthCheck = HealthAnswer['checks'][string];

/**
 * `failing`: the database does not answer. `starting`: it does, and nothing can be predicted yet. `/api/health` is 503
 * only when failing, so that a server that trains its first model is not restarted; `/api/ready` is 503 until
 * predictions are possible.
 */
export function registerHealth(app: FastifyInstance, context: RouteContext): void {
  fulfil(app, routes.health, {
    handle: async ({ reply }) => {
      const health = await healthOf(context);
      reply.code(health.status === 'failing' ? 503 : 200);
      return health;
    },
  });
  fulfil(app, routes.ready, {
    handle: async ({ reply }) => {
      const health = await healthOf(context);
      reply.code(health.status === 'ok' ? 200 : 503);
      return health;
    },
  });
}

async function healthOf(context: RouteContext): Promise<HealthAnswer> {
  const { database, project, contract, logger, alertChannels: channels = [] } = context;
  const look = async (name: string, work: () => Promise<HealthCheck>): Promise<HealthCheck> => {
    try {
      return await withinTime(work());
    } catch (error) {
      logger.warn({ err: error, check: name }, 'health check failed');
      return { ok: false, detail: 'No answer; the log says why.' };
    }
  };
  const [reached, champion, delivery] = await Promise.all([
    look('database', async () => {
      await database.query('select 1');
      return { ok: true };
    }),
    look('champion', async () => {
      if (contract === undefined) return { ok: true, detail: 'This project has no model.' };
      const found = await championOf(database, project.name);
      return found === undefined
        ? { ok: false, detail: 'No model version is champion yet; train one.' }
        : { ok: true, detail: `${project.name}@${found.version}` };
    }),
    look('delivery', async () => {
      const dead = (await listDeadChannels(database)).map(({ channel }) => channel);
      // What is known of a channel stays when it is taken out of the settings.
      const names = dead.filter((channel) => channels.some(({ name }) => name === channel));
      if (names.length > 0) return { ok: false, detail: `No alert reaches ${names.join(', ')}; see Alerts.` };
      const { items } = await listAlerts(database, { limit: ALERTS_LOOKED_AT });
      const failed = items.filter(({ deliveries }) => deliveries.some(({ state }) => state === 'failed')).length;
      return failed === 0
        ? { ok: true }
        : { ok: false, detail: `${failed} of the newest ${items.length} alerts could not be delivered; see Alerts.` };
    }),
  ]);
  const status = reached.ok ? (champion.ok ? 'ok' : 'starting') : 'failing';
  return { status, checks: { database: reached, champion, delivery } };
}

/** A database that hangs must not make the health check hang. */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected an answer within ${ANSWER_MS} ms.`)), ANSWER_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
