import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';
import type { Limits } from '../options.ts';
import { readJson } from './json-body.ts';

const JSON_TYPES: readonly string[] = ['', 'application/json'];
/** What Triton's clients and curl call their bodies when nobody names a type. */
const UNNAMED_TYPES: readonly string[] = ['application/octet-stream', 'application/x-www-form-urlencoded'];
const BINARY_HEADER = 'inference-header-content-length';

interface AcceptOptions extends Pick<Limits, 'bodyBytes' | 'bodyDepth'> {
  /** Media types whose bodies are passed on as bytes. */
  readonly asBytes?: readonly string[];
}

/** Bodies of protocols whose clients often name no type: they are JSON unless they say something else. */
export function acceptUnnamedJson(scope: FastifyInstance, { bodyBytes, bodyDepth, asBytes = [] }: AcceptOptions): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>(
    '*',
    { parseAs: 'buffer', bodyLimit: bodyBytes },
    async ({ headers }: FastifyRequest, body: Buffer) => {
      const type = headers['content-type'];
      const name = (type?.split(';')[0] ?? '').trim().toLowerCase();
      if (headers[BINARY_HEADER] !== undefined) throw binary();
      if (asBytes.includes(name)) return body;
      if (![...JSON_TYPES, ...UNNAMED_TYPES].includes(name)) throw unsupported(name, asBytes);
      return readJson(body, { type, bodyDepth });
    },
  );
}

function binary(): ServerError {
  return new ServerError(
    'request_invalid',
    'The extension for binary tensors is not supported. Send the data as JSON: with tritonclient, set_data_from_numpy(values, binary_data=False).',
  );
}

function unsupported(given: string, asBytes: readonly string[]): ServerError {
  const types = ['application/json', ...asBytes].join(' or ');
  return new ServerError('media_type_unsupported', `Expected ${types}; got ${JSON.stringify(given.slice(0, 80))}.`);
}
