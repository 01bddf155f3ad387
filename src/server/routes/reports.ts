import type { FastifyInstance } from 'fastify';
import { reportPath } from '#api';
import { getCheck } from '#contracts';
import { ServerError } from '../errors.ts';
import { REPORT_POLICY } from '../plugins/security-headers.ts';
import type { RouteContext } from './context.ts';

interface ReportRoute {
  Params: { readonly id: string };
}

/** Check reports as pages: found by the digest that the check recorded, so an address can name no other file. */
export function registerReports(app: FastifyInstance, { database, artifacts }: RouteContext): void {
  app.get<ReportRoute>(reportPath(':id').replace('%3A', ':'), { schema: { hide: true } }, async (request, reply) => {
    const { id } = request.params;
    const digest = (await getCheck(database, id))?.reportDigest ?? undefined;
    const blob = digest === undefined ? undefined : await artifacts.stat(digest);
    if (digest === undefined || blob === undefined) {
      throw new ServerError(
        'report_missing',
        `There is no report of check ${JSON.stringify(id)}: it was never written, or cleaned up. GET /api/checks lists the checks.`,
      );
    }
    return reply
      .header('content-security-policy', REPORT_POLICY)
      .header('cache-control', 'private, max-age=60')
      .header('content-length', blob.sizeBytes)
      .type('text/html; charset=utf-8')
      .send(await artifacts.read(digest));
  });
}
