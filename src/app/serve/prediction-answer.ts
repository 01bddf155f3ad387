import { type ErrorBody, type RowProblem, routes } from '#api';
import { TaskError } from '#engine';
import type { PredictionAnswer } from '#pipelines';
import { toCountText } from '#store';

/** Answers that say the rows are at fault; nothing was stored, and asking again changes nothing. */
const REFUSALS: readonly number[] = [400, 413, 422];
const CONFLICT = 409;
const REASON_LENGTH_MAX = 500;

export interface RefusedPredictions {
  /** The HTTP status of the answer, and its body as text. */
  readonly status: number;
  readonly text: string;
  /** How many rows were to be predicted. */
  readonly rows: number;
  readonly cause?: unknown;
}

/** Of an error what a person needs, and first what fits into a reason. */
export function refusalText({
  code,
  detail,
  problems,
}: Pick<ErrorBody, 'code' | 'detail'> & { readonly problems?: readonly RowProblem[] | undefined }): string {
  return JSON.stringify({ code, detail, problems });
}

/**
 * What the answer of the API, which stored nothing, means to the scheduled predictions. Throws what may pass by itself,
 * as an error that the engine retries.
 */
export function toPredictionAnswer({ status, text, rows, cause }: RefusedPredictions): PredictionAnswer {
  const reason = `${routes.predict.path} answered ${status}: ${text.slice(0, REASON_LENGTH_MAX)}`;
  if (REFUSALS.includes(status)) return { kind: 'refused', reason };
  if (status === CONFLICT) return { kind: 'conflict', reason };
  throw new TaskError(`Expected ${toCountText(rows, 'prediction')} to be stored; ${reason}`, {
    class: 'infrastructure',
    cause,
  });
}
