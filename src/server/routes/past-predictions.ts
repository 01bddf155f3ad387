import type { FastifyInstance } from 'fastify';
import { type PastPredictionsQuery, routes } from '#api';
import { findPrediction, pastPredictions } from '#ml';
import { zoneName } from '../civil-time.ts';
import { ServerError } from '../errors.ts';
import { toPastFilter } from '../predictions/past-filter.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerPastPredictions(
  app: FastifyInstance,
  { database, project, contract, files }: RouteContext,
): void {
  fulfil(app, routes.pastPredictions, {
    handle: async ({ query }) => {
      const { cursor, limit, sort, total } = query;
      assertCountable(query);
      const page = await pastPredictions(database, {
        ...toPastFilter(query, { model: project.name, contract }),
        ...(cursor === undefined ? {} : { cursor }),
        ...{ limit, sort, total },
      });
      return { ...page, timezone: zoneName(query.timezone) };
    },
  });
  fulfil(app, routes.pastPrediction, {
    handle: async ({ params: { id } }) => {
      const found = await findPrediction(database, id);
      if (found === undefined)
        throw new ServerError(
          'prediction_unknown',
          `There is no prediction ${id}, or it was removed since, with its age.`,
        );
      const { at, request, labels } = found;
      const origin = request === undefined ? undefined : await files?.ofRequest?.({ request, at: new Date(at) });
      return { ...found, labels: [...labels], ...(origin === undefined ? {} : { origin }) };
    },
  });
}

function assertCountable({ total, from }: Pick<PastPredictionsQuery, 'total' | 'from'>): void {
  if (total !== 'exact' || from !== undefined) return;
  throw new ServerError(
    'request_invalid',
    'Expected from with total=exact, because only a period is counted exactly. Add the first day, or leave total out for an estimate.',
  );
}
