import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { ServerError } from '../errors.ts';
import type { ServerFiles } from '../options.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { receivedBytes, registerBytes } from './received-bytes.ts';

const ADVICE = 'Split it with weir split, copy it into the folder raw-data, or raise server.uploadMaxMb.';

export function registerFiles(app: FastifyInstance, { files, limits }: RouteContext): void {
  fulfil(app, routes.files, {
    handle: async () => {
      const listed = await present(files).list();
      const items = listed.files.map((file) => ({ ...file, changedAt: file.changedAt.toISOString() }));
      return { items, count: listed.count };
    },
  });
  registerBytes(app, (scope) =>
    fulfil(scope, routes.receiveFile, {
      handle: ({ query, body, request }) => {
        const content = receivedBytes({ request, body, bytesMax: limits.uploadBytes, advice: ADVICE });
        return present(files).receive(query.name, content);
      },
    }),
  );
}

function present(files: ServerFiles | undefined): ServerFiles {
  if (files === undefined) throw new ServerError('model_absent');
  return files;
}
