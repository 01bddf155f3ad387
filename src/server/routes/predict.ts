import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { NDJSON_TYPE, routes } from '#api';
import { inTurns, jsonPieces, type Steps } from '../in-turns.ts';
import { toAskedVersion } from '../predictions/asked-version.ts';
import { coercedIn } from '../predictions/coerced-in.ts';
import { createPredictionService, type PredictionChoice } from '../predictions/prediction-service.ts';
import type { RouteContext } from './context.ts';
import { type Asked, fulfil } from './fulfil.ts';
import { predictionStreams } from './predict-stream.ts';
import { compileAllButBody } from './unparsed-body.ts';

/** Predictions of an answer that takes a millisecond to write. */
const WRITTEN_AT_ONCE = 1_000;

export function registerPredict(app: FastifyInstance, context: RouteContext): void {
  const { limits, metrics } = context;
  const service = createPredictionService(context);
  const answerStream = predictionStreams(context, service);
  const written = new WeakMap<object, string>();
  // A scope of its own, because only here a body may be a stream of lines.
  app.register(async (scope) => {
    scope.addContentTypeParser(NDJSON_TYPE, (_request, payload, done) => done(null, payload));
    fulfil(scope, routes.predict, {
      bodyLimit: limits.bodyBytes,
      validatorCompiler: compileAllButBody,
      // Stored predictions have their shape already; checking 10,000 of them again took longer than predicting.
      serializerCompiler: () => (answer: object) => written.get(answer) ?? JSON.stringify(answer),
      handle: async (asked) => {
        const choice = toChoice(asked, context.project.name);
        const body: unknown = asked.body;
        if (body instanceof Readable) {
          await answerStream({ ...asked, body }, choice);
          // Nothing reads this: the lines were the answer.
          return { modelVersion: '', isStored: false, predictions: [] };
        }
        const pieces = new AnswerPieces();
        const predictions = await service.predict({ ...choice, body, onPart: (part) => pieces.add(part) });
        const modelVersion = predictions[0]?.modelVersion ?? '';
        const seconds = asked.reply.elapsedTime / 1000;
        metrics.predicted({ source: choice.source, modelVersion, rows: predictions.length, seconds });
        const coerced = coercedIn(predictions);
        const isStored = choice.isStored !== false;
        const answer = { modelVersion, isStored, ...(coerced && { coerced }), predictions };
        const text = choice.isExplained === true ? undefined : pieces.answerOf(answer);
        if (text !== undefined) written.set(answer, text);
        else if (predictions.length > WRITTEN_AT_ONCE) written.set(answer, await inTurns(writeAnswer(answer)));
        return answer;
      },
    });
  });
}

/** The JSON of predictions that were stored in parts, written while PostgreSQL stored the part behind them. */
class AnswerPieces {
  readonly #pieces: string[] = [];
  #count = 0;

  add(predictions: readonly unknown[]): void {
    this.#pieces.push(JSON.stringify(predictions).slice(1, -1));
    this.#count += predictions.length;
  }

  /** Undefined when there are no pieces for all of its predictions, as for the answer of an earlier request. */
  answerOf({ predictions, ...answer }: { readonly predictions: readonly unknown[] }): string | undefined {
    if (this.#count === 0 || this.#count !== predictions.length) return undefined;
    return `${headOf(answer)}${this.#pieces.join()}]}`;
  }
}

const headOf = (answer: object): string => `${JSON.stringify(answer).slice(0, -1)},"predictions":[`;

/** The JSON of an answer of many predictions, written in turns with other requests. */
function* writeAnswer({ predictions, ...answer }: { readonly predictions: readonly unknown[] }): Steps<string> {
  const pieces = [headOf(answer)];
  for (const piece of jsonPieces(predictions)) {
    pieces.push(piece);
    yield;
  }
  return [...pieces, ']}'].join('');
}

function toChoice({ query, headers }: Asked<typeof routes.predict>, model: string): PredictionChoice {
  return {
    source: headers['x-weir-source'] ?? 'api',
    version: toAskedVersion(query.version, model),
    idempotencyKey: headers['idempotency-key'],
    isStored: query.store === 'true',
    isExplained: query.explain === 'true',
  };
}
