import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { ServerError } from '../errors.ts';
import type { ServerFiles } from '../options.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerFiles(app: FastifyInstance, { files, limits }: RouteContext): void {
  fulfil(app, routes.files, {
    handle: async () => {
      const listed = await present(files).list();
      const items = listed.files.map((file) => ({ ...file, changedAt: file.changedAt.toISOString() }));
      return { items, count: listed.count };
    },
  });
  // A scope of its own, because only here a body is bytes, whatever its media type.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    fulfil(scope, routes.receiveFile, {
      handle: ({ query, body, request }) => {
        assertSize(Number(request.headers['content-length'] ?? 0), limits.uploadBytes);
        const content = body instanceof Readable ? body : Readable.from([]);
        return present(files).receive(query.name, bounded(content, limits.uploadBytes));
      },
    });
  });
}

function present(files: ServerFiles | undefined): ServerFiles {
  if (files === undefined) throw new ServerError('model_absent');
  return files;
}

/** The blocks of a body, up to the size that is allowed; a client may give no length, or a wrong one. */
async function* bounded(content: Readable, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  // Destroying the body would also end the connection that the refusal goes through.
  for await (const block of content.iterator({ destroyOnReturn: false })) {
    bytes += block.length;
    assertSize(bytes, bytesMax);
    yield block;
  }
}

function assertSize(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new ServerError(
    'body_too_large',
    `Expected a file of at most ${bytesMax.toLocaleString('en-US')} bytes; more came. Split it with weir split, copy it into the folder raw-data, or raise server.uploadMaxMb.`,
    // What is left of the body is not read.
    { headers: { connection: 'close' } },
  );
}
