import type { Contract } from '#contracts';
import { TaskError } from '#engine';
import type { JobAnswer, JobPredictor } from '#pipelines';
import {
  createPredictionService,
  createPredictor,
  type PredictorOptions,
  rowsPredictor,
  type ServerError,
  toServerError,
} from '#server';

/** Errors of the server that may pass by themselves. */
const TRANSIENT_FROM = 500;

/** Predicts the rows of prediction jobs in this process, with what the API does to a row. */
export function localJobPredictor(options: PredictorOptions & { readonly contract: Contract }): JobPredictor {
  const service = createPredictionService({ ...options, predictor: createPredictor(options) });
  const predict = rowsPredictor({ service, contract: options.contract });
  return {
    predict: async ({ rows, version, key, signal }) => {
      signal.throwIfAborted();
      try {
        const answers = await predict(rows, {
          ...{ source: 'api', version, isStored: key !== undefined, idempotencyKey: key },
        });
        return answers.map((answer): JobAnswer => ('problem' in answer ? { problem: textOf(answer.problem) } : answer));
      } catch (cause) {
        const { status, code, message } = toServerError(cause);
        if (code === 'internal' || status < TRANSIENT_FROM) throw cause;
        throw new TaskError(message, { class: 'infrastructure', cause });
      }
    },
  };
}

/** What is wrong with a row, on one line. */
function textOf({ message, problems = [] }: ServerError): string {
  if (problems.length === 0) return message;
  return problems.map(({ field, expected, got }) => `${field}: expected ${expected}, got ${got}`).join('; ');
}
