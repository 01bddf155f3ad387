import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type Check, type CheckDetail, type CheckedPart, checkedFilePath, reportPath, routes } from '#api';
import { getCheck, hasSensitive, listChecks, type StoredCheck, type StoredCheckDetail } from '#contracts';
import type { Queryable } from '#store';
import { ServerError } from '../errors.ts';
import { toPeriod } from '../period.ts';
import { isKnown } from '../plugins/entity-tags.ts';
import { attachment } from './attachment.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

type AskedPart = { readonly id: string; readonly part: CheckedPart['part'] };

export function registerChecks(app: FastifyInstance, context: RouteContext): void {
  const { database } = context;
  fulfil(app, routes.checks, {
    handle: async ({ query }) => {
      const { verdict, cursor, from, to, timezone, ...others } = query;
      const { items, nextCursor } = await listChecks(database, {
        ...(verdict === undefined ? {} : { verdict }),
        ...(cursor === undefined ? {} : { cursor }),
        ...toPeriod({ from, to, timezone }),
        ...others,
      });
      return { items: items.map(toCheck), nextCursor };
    },
  });
  fulfil(app, routes.check, {
    handle: async ({ params }) => {
      const found = await checkOf(params.id, database);
      return { ...toCheck(found), violations: found.violations.map(toViolation), ...(await filesOf(found, context)) };
    },
  });
  fulfil(app, routes.checkedFile, {
    handle: async ({ params, request, reply }) => {
      const { file, identity, open } = await fileOf(params, context);
      if (isKnown(request, reply, identity.replaceAll('"', ''))) return reply.send();
      return reply
        .type('application/octet-stream')
        .header('content-disposition', attachment(file))
        .send(await open());
    },
  });
}

/** A check on record; one that is unknown is a 404. */
export async function checkOf(id: string, database: Queryable): Promise<StoredCheckDetail> {
  const check = await getCheck(database, id);
  if (check !== undefined) return check;
  throw new ServerError(
    'check_unknown',
    `There is no check ${JSON.stringify(id)}. The Data page and GET /api/checks list those that exist.`,
  );
}

async function filesOf(
  check: StoredCheck,
  { files, contract }: RouteContext,
): Promise<Pick<CheckDetail, 'runId' | 'parts'>> {
  const found = await files?.ofCheck(check);
  if (found === undefined) return { runId: null, parts: [] };
  const isSent = contract !== undefined && !hasSensitive(contract);
  const parts = found.parts.map(({ file: _, identity: __, ...part }) => {
    return { ...part, url: isSent ? checkedFilePath(check.id, part.part) : null };
  });
  return { runId: found.runId, parts };
}

interface FoundFile {
  readonly file: string;
  readonly identity: string;
  open(): Promise<Readable>;
}

async function fileOf({ id, part }: AskedPart, { database, files, contract }: RouteContext): Promise<FoundFile> {
  const check = await checkOf(id, database);
  const found = (await files?.ofCheck(check))?.parts.find((each) => each.part === part);
  if (files === undefined || found === undefined) {
    throw new ServerError(
      'file_missing',
      `The check ${JSON.stringify(id)} has no file of this kind (${part}), or it was moved or removed. GET /api/checks/${encodeURIComponent(id)} lists its files.`,
    );
  }
  if (contract === undefined || hasSensitive(contract)) {
    throw new ServerError(
      'file_sensitive',
      `${found.path} may hold values of sensitive columns, which Weir does not send. Open it where it is.`,
    );
  }
  return { ...found, open: () => files.open(found.file) };
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
