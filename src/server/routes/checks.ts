import type { FastifyInstance } from 'fastify';
import { type Check, type CheckDetail, reportPath, routes } from '#api';
import { getCheck, listChecks, type StoredCheck, type StoredCheckDetail } from '#contracts';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerChecks(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.checks, {
    handle: async ({ query }) => {
      const { verdict, cursor, ...others } = query;
      const { items, nextCursor } = await listChecks(database, {
        ...(verdict === undefined ? {} : { verdict }),
        ...(cursor === undefined ? {} : { cursor }),
        ...others,
      });
      return { items: items.map(toCheck), nextCursor };
    },
  });
  fulfil(app, routes.check, {
    handle: async ({ params }) => {
      const found = await getCheck(database, params.id);
      if (found === undefined) {
        throw new ServerError(
          'check_unknown',
          `There is no check ${JSON.stringify(params.id)}. The Data page lists those that exist.`,
        );
      }
      return { ...toCheck(found), violations: found.violations.map(toViolation) };
    },
  });
}

function toCheck({ reportDigest, ...check }: StoredCheck): Check {
  return { ...check, reportUrl: reportDigest === null ? null : reportPath(check.id) };
}

function toViolation({
  examples,
  ...violation
}: StoredCheckDetail['violations'][number]): CheckDetail['violations'][number] {
  return { ...violation, examples: examples.map(({ values, ...place }) => ({ ...place, values: [...values] })) };
}
