import type { Contract } from '#contracts';
import type { PredictionClient } from '#pipelines';
import { createPredictionService, createPredictor, type PredictorOptions, toServerError } from '#server';
import { traced } from '#store';
import { refusalText, toPredictionAnswer } from './prediction-answer.ts';

/**
 * Makes scheduled predictions in this process, with what the API does to a request: the same checks, the same
 * idempotency keys, the same stored rows.
 */
export function localPredictionClient(options: PredictorOptions & { readonly contract: Contract }): PredictionClient {
  const service = createPredictionService({ ...options, predictor: createPredictor(options) });
  return {
    predict: async ({ rows, version, idempotencyKey, signal }) => {
      signal.throwIfAborted();
      try {
        const asked = { body: rows, source: 'scheduled', version, idempotencyKey } as const;
        await traced('predict', () => service.predict(asked), {
          attributes: { 'weir.rows': rows.length, 'weir.model.version': version },
        });
        return { kind: 'stored' };
      } catch (cause) {
        const error = toServerError(cause);
        // Over HTTP the log has what went wrong inside; here the log of the task is the place for it.
        const text =
          error.code === 'internal'
            ? String(cause)
            : refusalText({ code: error.code, detail: error.message, problems: error.problems });
        return toPredictionAnswer({ status: error.status, text, rows: rows.length, cause });
      }
    },
  };
}
