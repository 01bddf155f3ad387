import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NDJSON_TYPE } from '#api';
import { ServerError } from '../errors.ts';
import { atOnce } from '../in-turns.ts';
import { DATA_HEADERS, SECURITY_HEADERS } from '../plugins/security-headers.ts';
import { markStreaming } from '../plugins/streaming-sockets.ts';
import { rowReader } from '../predictions/contract-rows.ts';
import { assertChoice, type PredictionChoice, type PredictionService } from '../predictions/prediction-service.ts';
import { predictionStream } from '../predictions/prediction-stream.ts';
import type { RouteContext } from './context.ts';

type AnswerStream = (
  asked: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly body: Readable },
  choice: PredictionChoice,
) => Promise<void>;

/** Answers bodies of rows line by line, for as long as they go on. */
export function predictionStreams(
  { contract, limits, metrics, predictor, bodies, streamsEnd }: RouteContext,
  service: PredictionService,
): AnswerStream {
  const readInSteps = contract && rowReader(contract, limits);
  // A line is one row.
  const read = readInSteps && ((line: unknown) => atOnce(readInSteps(line)));
  let open = 0;
  return async ({ request, reply, body }, choice) => {
    if (read === undefined) throw new ServerError('model_absent');
    assertChoice(choice);
    if (open >= limits.predictionStreams) throw tooManyStreams(open);
    // While an error can still be the whole answer.
    await predictor.predict([], { version: choice.version });
    const gone = new AbortController();
    const { raw } = reply;
    raw.once('close', () => gone.abort(new ServerError('request_timeout', 'The client is gone.')));
    const stop = (): void => gone.abort(new ServerError('server_closing'));
    streamsEnd.addEventListener('abort', stop, { once: true });
    const held = bodies.stream(request.ip);
    open += 1;
    try {
      begin(request, reply);
      const lines = predictionStream(body, {
        ...choice,
        ...{ service, read, limits, requestId: request.id, signal: gone.signal },
        onHeld: held.hold,
        monotonicMs: () => performance.now(),
        onPredicted: (batch) => metrics.predicted({ source: choice.source, ...batch }),
        onFailure: (error) => request.log.warn({ err: error }, 'stream of predictions ended early'),
      });
      const taken = takenInTime(lines, { idleMs: limits.streamIdleMs, end: () => raw.destroy() });
      await pipeline(Readable.from(taken, { highWaterMark: 1 }), raw).catch(ignore);
    } finally {
      open -= 1;
      held.release();
      streamsEnd.removeEventListener('abort', stop);
    }
  };
}

/** A client that goes away ends the stream, and gets no answer that says so. */
function ignore(): void {}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  markStreaming(request.raw.socket);
  reply.hijack();
  reply.raw.writeHead(200, {
    ...SECURITY_HEADERS,
    ...DATA_HEADERS,
    'content-type': `${NDJSON_TYPE}; charset=utf-8`,
    'x-accel-buffering': 'no',
    // A stream that ends early leaves a body that nobody reads.
    connection: 'close',
  });
  reply.raw.flushHeaders();
}

/** Ends a stream whose client takes nothing for too long. */
async function* takenInTime(
  blocks: AsyncIterable<string>,
  { idleMs, end }: { readonly idleMs: number; readonly end: () => void },
): AsyncGenerator<string> {
  for await (const block of blocks) {
    const timer = setTimeout(end, idleMs);
    try {
      yield block;
    } finally {
      clearTimeout(timer);
    }
  }
}

function tooManyStreams(open: number): ServerError {
  return new ServerError('overloaded', `${open} streams of rows are open already. Try again when one has ended.`);
}
