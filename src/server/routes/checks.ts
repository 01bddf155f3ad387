import type { FastifyInstance } from 'fastify';
import { type Check, reportPath, routes } from '#api';
import { type CheckRecord, getCheck, listChecks } from '#contracts';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerChecks(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.checks, {
    handle: async ({ query }) => {
      const { items, nextCursor } = await listChecks(database, query);
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
      return {
        ...toCheck(found),
        violations: found.violations.map((violation) => ({ ...violation, column: violation.column ?? null })),
      };
    },
  });
}

function toCheck(record: CheckRecord): Check {
  const { id, file, digest, sizeBytes, rows, verdict, criticality, summary, durationMs, checkedAt, reportDigest } =
    record;
  return {
    id,
    file,
    digest,
    sizeBytes,
    rows,
    verdict,
    criticality: criticality ?? null,
    summary,
    durationMs,
    checkedAt: checkedAt.toISOString(),
    reportUrl: reportDigest === undefined || reportDigest === null ? null : reportPath(id),
  };
}
