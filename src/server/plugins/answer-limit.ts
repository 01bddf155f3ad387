import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors.ts';

/**
 * An answer begins within the limit, also while the body of its request still arrives. A file takes as long as it comes;
 * the limit counts from its end. Not Fastify's `handlerTimeout`: that ends when the body has arrived, so it never held
 * for requests with a body.
 */
export function registerAnswerLimit(app: FastifyInstance, answerMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    const isFile = request.routeOptions.config.isStreamed === true;
    let timer: NodeJS.Timeout;
    const start = (): void => {
      clearTimeout(timer);
      timer = setTimeout(end, answerMs);
    };
    const end = (): void => {
      if (reply.sent || reply.raw.headersSent) return;
      // A client that sends nothing is cut off by its connection.
      if (isFile && !request.raw.complete) {
        start();
        return;
      }
      // What is left of a body is not read.
      const headers: Readonly<Record<string, string>> = request.raw.complete ? {} : { connection: 'close' };
      reply.send(new ServerError('answer_timeout', undefined, { headers }));
    };
    start();
    if (isFile) request.raw.once('end', () => !reply.raw.closed && start());
    reply.raw.once('finish', () => clearTimeout(timer));
    reply.raw.once('close', () => clearTimeout(timer));
  });
}
