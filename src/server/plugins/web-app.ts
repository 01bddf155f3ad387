import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServerError } from '../errors.ts';
import { PAGE_POLICY } from './security-headers.ts';

const INDEX = 'index.html';
// The build names these files by their content.
const HASHED_FOLDER = '/assets/';
/** Addresses that are no page of the web app, whoever asks. */
const NOT_PAGES = /^\/(?:api|docs|reports|metrics|assets)(?:\/|$)/;

/** Serves the built web app; every address that is no file and no route is a page of it. */
export async function registerWebApp(app: FastifyInstance, webFolder: string | undefined): Promise<void> {
  const folder = webFolder !== undefined && existsSync(path.join(webFolder, INDEX)) ? webFolder : undefined;
  if (folder !== undefined) {
    await app.register(fastifyStatic, {
      root: folder,
      // Routes are made from the files that are there at start: an address can name nothing else.
      wildcard: false,
      index: INDEX,
      cacheControl: false,
      setHeaders: (reply, file) => setHeaders(reply, path.relative(folder, file)),
    });
  }
  app.setNotFoundHandler((request, reply) => answerUnknown(request, reply, folder !== undefined));
}

function setHeaders(reply: FastifyReply, file: string): void {
  const isHashed = `/${file.split(path.sep).join('/')}`.startsWith(HASHED_FOLDER);
  reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  reply.header('content-security-policy', PAGE_POLICY);
}

function answerUnknown(request: FastifyRequest, reply: FastifyReply, hasWebApp: boolean): FastifyReply {
  const [address = '/'] = request.url.split('?');
  const isPage = ['GET', 'HEAD'].includes(request.method) && !NOT_PAGES.test(address);
  if (isPage && hasWebApp) return reply.sendFile(INDEX);
  if (isPage) {
    throw new ServerError(
      'page_missing',
      'The web app is not built. Run `npm run build`; the API is described at /docs.',
    );
  }
  const where = JSON.stringify(address.slice(0, 200));
  throw new ServerError(
    'route_unknown',
    `There is no route ${request.method} ${where}. All routes are listed at /docs.`,
  );
}
