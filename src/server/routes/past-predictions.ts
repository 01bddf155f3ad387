import type { FastifyInstance } from 'fastify';
import { type PastPredictionsQuery, routes } from '#api';
import { pastPredictions, toRowId } from '#ml';
import { nextDay, startOfDay, zoneName } from '../civil-time.ts';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerPastPredictions(app: FastifyInstance, { database, project, contract }: RouteContext): void {
  fulfil(app, routes.pastPredictions, {
    handle: async ({ query }) => {
      const { source, model, rowId, cursor, limit, sort, search } = query;
      const page = await pastPredictions(database, {
        ...toPeriod(query),
        ...(source === 'all' ? {} : { source }),
        ...(model === undefined ? {} : { model }),
        ...(rowId === undefined
          ? {}
          : { row: { model: project.name, id: contract === undefined ? rowId : toRowId(contract, rowId) } }),
        ...(cursor === undefined ? {} : { cursor }),
        limit,
        sort,
        search,
      });
      return { ...page, timezone: zoneName(query.timezone) };
    },
  });
}

const BARE_DATE = /^\d{4}-\d\d-\d\d$/;

/** Inclusive: a date is its whole day in the zone, a time its whole millisecond, as in responses. */
export function toPeriod({ from, to, timezone }: Pick<PastPredictionsQuery, 'from' | 'to' | 'timezone'>): {
  readonly from?: Date;
  readonly toExclusive?: Date;
} {
  const start = from === undefined ? undefined : startOf(from, timezone);
  const end = to === undefined ? undefined : endOf(to, timezone);
  if (start !== undefined && end !== undefined && start >= end) {
    throw new ServerError(
      'period_invalid',
      `Expected from to lie before to; got from ${from} and to ${to}. Swap them.`,
    );
  }
  return { ...(start === undefined ? {} : { from: start }), ...(end === undefined ? {} : { toExclusive: end }) };
}

function startOf(text: string, timezone: string): Date {
  return BARE_DATE.test(text) ? startOfDay(text, timezone) : new Date(text);
}

function endOf(text: string, timezone: string): Date {
  return BARE_DATE.test(text) ? startOfDay(nextDay(text), timezone) : new Date(Date.parse(text) + 1);
}
