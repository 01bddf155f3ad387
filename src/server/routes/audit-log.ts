import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { changesAsCsv, listChanges } from '#access';
import { routes } from '#api';
import { toPeriod } from '../period.ts';
import { attachment } from './attachment.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** Who changed what. */
export function registerAuditLog(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.auditLog, {
    handle: async ({ query: { from, to, timezone, ...others } }) => {
      const { items, nextCursor } = await listChanges(database, { ...toPeriod({ from, to, timezone }), ...others });
      return { items: [...items], nextCursor };
    },
  });
  fulfil(app, routes.auditLogFile, {
    handle: ({ query: { from, to, timezone, ...others }, reply }) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', attachment('audit-log.csv'))
        .send(Readable.from(changesAsCsv(database, { ...toPeriod({ from, to, timezone }), ...others }))),
  });
}
