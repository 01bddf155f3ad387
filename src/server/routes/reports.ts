import { text } from 'node:stream/consumers';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { REPORTS_PATH, reportChartPath, reportPath } from '#api';
import {
  type ColourScheme,
  getCheck,
  listChecks,
  readTrends,
  renderReportIndex,
  rowsImage,
  type StoredCheckDetail,
  trendImage,
  withTrends,
} from '#contracts';
import { ServerError } from '../errors.ts';
import { REPORT_POLICY } from '../plugins/security-headers.ts';
import type { RouteContext } from './context.ts';

interface ReportRoute {
  Params: { readonly id: string };
  Querystring: { readonly scheme?: string };
}

const INDEXED_MAX = 200;
const toRoute = (path: string): string => path.replace('%3A', ':');

/**
 * Check reports as pages, their charts as images, and an index. Found by the digest that the check recorded, so a path
 * can name no other file.
 */
export function registerReports(app: FastifyInstance, context: RouteContext): void {
  const { database } = context;
  const hidden = { schema: { hide: true } };
  app.get(REPORTS_PATH, hidden, async (_request, reply) => {
    const { items } = await listChecks(database, { limit: INDEXED_MAX });
    const reportUrl = ({ id, reportDigest }: (typeof items)[number]) =>
      reportDigest === null ? undefined : reportPath(id);
    return sendPage(reply, renderReportIndex(items, { reportUrl }));
  });
  app.get<ReportRoute>(toRoute(reportPath(':id')), hidden, async ({ params }, reply) =>
    sendPage(reply, await reportOf(params.id, context)),
  );
  app.get<ReportRoute>(toRoute(reportChartPath(':id', 'rows')), hidden, async ({ params, query }, reply) =>
    sendImage(reply, rowsImage((await checkOf(params.id, context)).rows, schemeOf(query.scheme))),
  );
  app.get<ReportRoute>(toRoute(reportChartPath(':id', 'trend')), hidden, async ({ params, query }, reply) => {
    const { unusable } = await readTrends(database, await checkOf(params.id, context));
    return sendImage(reply, trendImage(unusable, schemeOf(query.scheme)));
  });
}

const schemeOf = (scheme: string | undefined): ColourScheme => (scheme === 'dark' ? 'dark' : 'light');

async function reportOf(id: string, { database, artifacts }: RouteContext): Promise<string> {
  const check = await getCheck(database, id);
  const digest = check?.reportDigest ?? undefined;
  if (check === undefined || digest === undefined || (await artifacts.stat(digest)) === undefined)
    throw new ServerError(
      'report_missing',
      `There is no report of check ${JSON.stringify(id)}: it was never written, or cleaned up. GET /api/checks lists the checks.`,
    );
  return withTrends(await text(await artifacts.read(digest)), await readTrends(database, check));
}

async function checkOf(id: string, { database }: RouteContext): Promise<StoredCheckDetail> {
  const check = await getCheck(database, id);
  if (check !== undefined) return check;
  throw new ServerError('check_unknown', `There is no check ${JSON.stringify(id)}. GET /api/checks lists the checks.`);
}

const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  send(reply.type('text/html; charset=utf-8'), page);
const sendImage = (reply: FastifyReply, image: string): FastifyReply =>
  send(reply.type('image/svg+xml; charset=utf-8'), image);

function send(reply: FastifyReply, content: string): FastifyReply {
  return reply
    .header('content-security-policy', REPORT_POLICY)
    .header('cache-control', 'private, max-age=60')
    .send(content);
}
