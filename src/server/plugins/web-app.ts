import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { withNonce } from './page-nonce.ts';
import { ASSET_POLICY } from './security-headers.ts';

const INDEX = 'index.html';
// The build names these files by their content.
const HASHED_FOLDER = '/assets/';

/** Sends the page of the web app. */
export type SendPage = (reply: FastifyReply) => FastifyReply;

/** Serves the files of the built web app. Returns how its page is sent, or undefined where it is not built. */
export async function registerWebApp(
  app: FastifyInstance,
  webFolder: string | undefined,
): Promise<SendPage | undefined> {
  if (webFolder === undefined || !existsSync(path.join(webFolder, INDEX))) return undefined;
  await app.register(fastifyStatic, {
    root: webFolder,
    // Routes are created from the files that exist at the start: no path can name anything else.
    wildcard: false,
    index: false,
    globIgnore: [INDEX],
    cacheControl: false,
    setHeaders: (reply, file) => setHeaders(reply, path.relative(webFolder, file)),
  });
  const sendPage = toSendPage(readFileSync(path.join(webFolder, INDEX), 'utf8'));
  for (const url of ['/', `/${INDEX}`]) app.get(url, { schema: { hide: true } }, (_request, reply) => sendPage(reply));
  return sendPage;
}

/** The page is not kept anywhere: each answer has a nonce of its own. */
function toSendPage(page: string): SendPage {
  return (reply) => {
    const { content, policy } = withNonce(page);
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-store' })
      .send(content);
  };
}

function setHeaders(reply: FastifyReply, file: string): void {
  const isHashed = `/${file.split(path.sep).join('/')}`.startsWith(HASHED_FOLDER);
  reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  reply.header('content-security-policy', ASSET_POLICY);
}
