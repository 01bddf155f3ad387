import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors.ts';

/**
 * An answer begins within the limit, also while the body of its request still arrives, unless that is a file. Not Fastify's `handlerTimeout`:
 * that ends when the body has arrived, so it never held for requests with a body.
 */
export function registerAnswerLimit(app: FastifyInstance, answerMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    let timer: NodeJS.Timeout;
    const end = (): void => {
      if (reply.sent || reply.raw.headersSent) return;
      // A file takes as long as it comes; a client that sends nothing is cut off by its connection.
      if (request.routeOptions.config.isStreamed === true && !request.raw.complete) {
        timer = setTimeout(end, answerMs);
        return;
      }
      // What is left of a body is not read.
      const headers: Readonly<Record<string, string>> = request.raw.complete ? {} : { connection: 'close' };
      reply.send(new ServerError('answer_timeout', undefined, { headers }));
    };
    timer = setTimeout(end, answerMs);
    reply.raw.once('finish', () => clearTimeout(timer));
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
