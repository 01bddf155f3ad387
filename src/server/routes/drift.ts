import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { assertVersion, championOf } from '#ml';
import { getDriftWindow, listDriftWindows, readDrift } from '#monitor';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerDrift(app: FastifyInstance, { database, contract, project }: RouteContext): void {
  const model = project.name;
  fulfil(app, routes.drift, {
    handle: async ({ query }) => {
      if (contract === undefined) throw new ServerError('model_absent');
      if (query.version !== undefined) await assertVersion(database, { model, version: query.version });
      const version = query.version ?? (await championOf(database, model))?.version;
      return readDrift(database, { model, version });
    },
  });
  fulfil(app, routes.driftWindows, {
    handle: ({ query }) => listDriftWindows(database, { model, ...query }),
  });
  fulfil(app, routes.driftWindow, {
    handle: async ({ params: { id } }) => {
      const found = await getDriftWindow(database, { model, id });
      if (found !== undefined) return found;
      throw new ServerError(
        'drift_window_unknown',
        `There is no window ${id} that was judged for drift. GET /api/drift/windows lists those that exist.`,
      );
    },
  });
}
