import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors.ts';
import type { Limits } from '../options.ts';
import { parseJson } from '../parse-json.ts';

/** Bodies must be JSON. An empty body counts as none, because browsers send a content type even without a body. */
export function acceptJsonOnly(app: FastifyInstance, { bodyDepth }: Pick<Limits, 'bodyDepth'>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, ({ headers }, body, done) => {
    try {
      done(null, readJson(body, { type: headers['content-type'], bodyDepth }));
    } catch (error) {
      // Only `readJson` throws here, and only this error.
      done(error as ServerError);
    }
  });
}

interface ReadJsonOptions extends Pick<Limits, 'bodyDepth'> {
  readonly type: string | undefined;
}

/** The value of a body of JSON; undefined for an empty one. */
export function readJson(body: Buffer, { type, bodyDepth }: ReadJsonOptions): unknown {
  assertCharset(type);
  assertDepth(body, bodyDepth);
  return body.length === 0 ? undefined : parseJson(toText(body));
}

/** JSON is UTF-8; in another charset it would be read as other words. */
function assertCharset(type = ''): void {
  const [, charset] = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(type) ?? [];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new ServerError('media_type_unsupported', `Expected application/json in UTF-8; got the charset ${charset}.`);
}

const [QUOTE, ESCAPE, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** What walks a value calls itself for each level of it, so its depth is bounded before there is a value. */
function assertDepth(body: Buffer, max: number): void {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === QUOTE) isText = !isText;
    else if (isText) index += byte === ESCAPE ? 1 : 0;
    else if (byte === LIST || byte === OBJECT) depth += 1;
    else if (byte === LIST_END || byte === OBJECT_END) depth -= 1;
    if (depth > max)
      throw new ServerError('json_invalid', `Expected at most ${max} lists and objects within each other; got more.`);
  }
}

function toText(body: Buffer): string {
  // `toString` would replace what is no UTF-8, and a changed value would be stored.
  if (!isUtf8(body)) throw new ServerError('json_invalid', 'Expected the body to be JSON in UTF-8; its bytes are not.');
  return body.toString();
}
