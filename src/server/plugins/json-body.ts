import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';
import { inTurns } from '../in-turns.ts';
import { readJsonBytes } from '../json/read-json.ts';
import type { Limits } from '../options.ts';

/** Bodies must be JSON. An empty body counts as none, because browsers send a content type even without a body. */
export function acceptJsonOnly(app: FastifyInstance, { bodyDepth }: Pick<Limits, 'bodyDepth'>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    ({ headers }: FastifyRequest, body: Buffer) => readJson(body, { type: headers['content-type'], bodyDepth }),
  );
}

interface ReadJsonOptions extends Pick<Limits, 'bodyDepth'> {
  readonly type: string | undefined;
}

/** The value of a body of JSON, parsed in turns with other requests; undefined for an empty one. */
export async function readJson(body: Buffer, { type, bodyDepth }: ReadJsonOptions): Promise<unknown> {
  assertCharset(type);
  return body.length === 0 ? undefined : inTurns(readJsonBytes(body, { depthMax: bodyDepth }));
}

/** JSON is UTF-8; in another charset it would be read as other words. */
function assertCharset(type = ''): void {
  const [, charset] = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(type) ?? [];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new ServerError('media_type_unsupported', `Expected application/json in UTF-8; got the charset ${charset}.`);
}
