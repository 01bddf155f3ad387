import { text } from 'node:stream/consumers';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { reportChartPath, reportFilePath } from '#api';
import { getCheck, readTrends, rowsImage, trendImage, withParts, withScheme, withTrends } from '#contracts';
import { ServerError } from '../errors.ts';
import { IMAGE_POLICY, reportPolicy } from '../plugins/security-headers.ts';
import { checkOf } from './checks.ts';
import type { RouteContext } from './context.ts';

const reportQuery = z.strictObject({ scheme: z.enum(['light', 'dark']).optional() });

interface ReportRoute {
  Params: { readonly id: string };
  Querystring: z.output<typeof reportQuery>;
}

/**
 * Check reports as self-contained pages, and their charts as images. Found by the digest that the check recorded, so a
 * path can name no other file.
 */
export function registerReports(app: FastifyInstance, context: RouteContext): void {
  const { database } = context;
  const hidden = {
    config: { access: 'viewer' as const, isTagged: true },
    schema: { hide: true, querystring: reportQuery },
  };
  app.get<ReportRoute>(reportFilePath(':id'), hidden, async ({ params, query }, reply) => {
    const report = await reportOf(params.id, context);
    return sendPage(reply, query.scheme === undefined ? report : withScheme(report, query.scheme));
  });
  app.get<ReportRoute>(reportChartPath(':id', 'rows'), hidden, async ({ params, query }, reply) => {
    const { rows } = await checkOf(params.id, database);
    return sendImage(reply, rowsImage(rows, query.scheme ?? 'light'));
  });
  app.get<ReportRoute>(reportChartPath(':id', 'trend'), hidden, async ({ params, query }, reply) => {
    const { unusable } = await readTrends(database, await checkOf(params.id, database));
    return sendImage(reply, trendImage(unusable, query.scheme ?? 'light'));
  });
}

async function reportOf(id: string, { database, artifacts, files }: RouteContext): Promise<string> {
  const check = await getCheck(database, id);
  const digest = check?.reportDigest ?? undefined;
  if (check === undefined || digest === undefined || (await artifacts.stat(digest)) === undefined)
    throw new ServerError(
      'report_missing',
      `There is no report of check ${JSON.stringify(id)}: it was never written, or cleaned up. GET /api/checks lists the checks.`,
    );
  const stored = await text(await artifacts.read(digest));
  const { parts } = (await files?.ofCheck(check)) ?? { parts: [] };
  return withTrends(withParts(stored, parts), await readTrends(database, check));
}

const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  send(reply.type('text/html; charset=utf-8'), { content: page, policy: reportPolicy(page) });
const sendImage = (reply: FastifyReply, image: string): FastifyReply =>
  send(reply.type('image/svg+xml; charset=utf-8'), { content: image, policy: IMAGE_POLICY });

interface Sent {
  readonly content: string;
  readonly policy: string;
}

function send(reply: FastifyReply, { content, policy }: Sent): FastifyReply {
  return reply.header('content-security-policy', policy).header('cache-control', 'private, max-age=60').send(content);
}
